//! Pages: bytes as a disk takes them without a copy, whole and aligned in memory.

/// The unit in which disks are written; a page is never torn by the writing of another.
pub(crate) const PAGE_BYTES: u64 = 4096;

const BYTES: usize = PAGE_BYTES as usize;

/// Bytes that begin at a page of memory.
pub(crate) struct Pages {
    bytes: Vec<u8>,
    start: usize,
}

impl Pages {
    /// No bytes, with room for so many.
    pub(crate) fn with_room(length: usize) -> Self {
        let mut bytes = Vec::<u8>::with_capacity(length.next_multiple_of(BYTES) + BYTES);
        let start = Some(bytes.as_ptr().align_offset(BYTES)).filter(|start| *start < BYTES);
        let start = start.unwrap_or_default();
        bytes.resize(start, 0);
        Self { bytes, start }
    }

    /// Appends bytes, no more than there is room for.
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// All bytes, with zeroes up to the end of the last page.
    pub(crate) fn padded(&mut self) -> &[u8] {
        let length = (self.bytes.len() - self.start).next_multiple_of(BYTES);
        self.bytes.resize(self.start + length, 0);
        self.bytes.get(self.start..).unwrap_or_default()
    }
}

/// Whether bytes are whole pages of memory, that go to pages of a file.
pub(crate) fn are_pages(bytes: &[u8], offset: u64) -> bool {
    offset.is_multiple_of(PAGE_BYTES)
        && bytes.len().is_multiple_of(BYTES)
        && bytes.as_ptr().align_offset(BYTES) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_whole_and_aligned_whatever_they_hold() {
        for length in [0, 1, 24, 4095, 4096, 4097, 70_000, 1 << 20] {
            let mut pages = Pages::with_room(length);
            let bytes: Vec<u8> = (0..length).map(|number| number as u8 | 1).collect();
            let (one, two) = bytes.split_at(length / 3);
            pages.push(one);
            pages.push(two);
            let padded = pages.padded();
            assert!(are_pages(padded, 8192), "{length}");
            assert_eq!(padded.len(), length.next_multiple_of(4096));
            assert_eq!(&padded[..length], bytes);
            assert!(padded[length..].iter().all(|byte| *byte == 0));
        }
    }
}
