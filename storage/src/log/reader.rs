//! A segment read frame by frame.
use super::frame::{HEADER_BYTES, Header, Kind};
use crate::Result;
use crate::files::File;

/// Bytes read at once where frames are smaller.
const WINDOW_BYTES: usize = 1 << 20;

/// A segment's file with the part of it that was read last.
pub(super) struct SegmentReader<'a> {
    file: &'a dyn File,
    length: u64,
    life: u64,
    start: u64,
    window: Vec<u8>,
}

impl<'a> SegmentReader<'a> {
    pub(super) fn new(file: &'a dyn File, life: u64) -> Result<Self> {
        Ok(Self { file, length: file.length()?, life, start: 0, window: Vec::new() })
    }

    /// The file's length in bytes.
    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// The header at `offset`, if there is a sound one.
    pub(super) fn header(&mut self, offset: u64) -> Result<Option<Header>> {
        let life = self.life;
        Ok(self.bytes(offset, HEADER_BYTES)?.and_then(|bytes| Header::decode(bytes, life)))
    }

    /// The frame at `offset` with its body, if it is whole.
    pub(super) fn frame(&mut self, offset: u64) -> Result<Option<(Header, &[u8])>> {
        let Some(header) = self.header(offset)?.filter(|header| header.kind == Kind::Frame) else {
            return Ok(None);
        };
        let frame = self.bytes(offset, HEADER_BYTES + header.length as usize)?;
        let body = frame.and_then(|frame| frame.get(HEADER_BYTES..));
        Ok(body
            .filter(|body| crc32c::crc32c(body) == header.body_checksum)
            .map(|body| (header, body)))
    }

    /// `length` bytes at `offset`, unless the file ends before.
    fn bytes(&mut self, offset: u64, length: usize) -> Result<Option<&[u8]>> {
        if offset.saturating_add(length as u64) > self.length {
            return Ok(None);
        }
        let end = self.start + self.window.len() as u64;
        if offset < self.start || offset + length as u64 > end {
            let wanted = length.max(WINDOW_BYTES).min((self.length - offset) as usize);
            self.window.resize(wanted, 0);
            self.start = offset;
            let read = self.file.read_at(&mut self.window, offset)?;
            self.window.truncate(read);
        }
        let begin = (offset - self.start) as usize;
        Ok(self.window.get(begin..begin + length))
    }
}
