//! A frame's header as bytes.
//!
//! Beside tick, length and checksums it carries the *life* of its segment, so that
//! bytes left over from what a recycled file held before can never pass for frames of
//! now; it also says up to where the segment was already synced when the frame was
//! written. The latter tells rot from a torn tail: a broken frame that a later one
//! calls synced was once whole.
use crate::bytes::Reader;
use crate::{FRAME_BYTES_MAX, Tick};

/// Bytes of a header.
pub(super) const HEADER_BYTES: usize = 40;

/// Frames begin at multiples of this, so that one can be looked for behind a broken one.
pub(super) const ALIGNMENT_BYTES: u64 = 8;

// Three letters and the version of the format.
const FRAME: u32 = u32::from_le_bytes(*b"TMF\x01");
const END: u32 = u32::from_le_bytes(*b"TME\x01");

/// What follows a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A frame's body.
    Frame,
    /// Nothing: the log was closed in good order.
    End,
}

/// What stands before a frame's body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) kind: Kind,
    /// The life of the segment that the frame was written into.
    pub(super) life: u64,
    pub(super) tick: Tick,
    /// All bytes of the segment before this offset were durable when this was written.
    pub(super) synced: u64,
    pub(super) length: u32,
    pub(super) body_checksum: u32,
}

impl Header {
    pub(super) fn encode(&self) -> [u8; HEADER_BYTES] {
        let magic = match self.kind {
            Kind::Frame => FRAME,
            Kind::End => END,
        };
        let mut bytes = [0; HEADER_BYTES];
        let fields = [
            &magic.to_le_bytes()[..],
            &self.length.to_le_bytes(),
            &self.life.to_le_bytes(),
            &self.tick.to_le_bytes(),
            &self.synced.to_le_bytes(),
            &self.body_checksum.to_le_bytes(),
        ];
        let mut rest = &mut bytes[..];
        for field in fields {
            let Some((head, tail)) = rest.split_at_mut_checked(field.len()) else { break };
            head.copy_from_slice(field);
            rest = tail;
        }
        let (fields, checksum) = bytes.split_at_mut(HEADER_BYTES - 4);
        checksum.copy_from_slice(&crc32c::crc32c(fields).to_le_bytes());
        bytes
    }

    /// The header at the start of `bytes`, if there is one of this `life`.
    pub(super) fn decode(bytes: &[u8], life: u64) -> Option<Self> {
        let mut reader = Reader::new(bytes);
        let kind = match reader.u32()? {
            FRAME => Kind::Frame,
            END => Kind::End,
            _ => return None,
        };
        let length = reader.u32()?;
        if reader.u64()? != life || length as usize > FRAME_BYTES_MAX {
            return None;
        }
        let (tick, synced, body_checksum) = (reader.u64()?, reader.u64()?, reader.u32()?);
        let fields = bytes.get(..HEADER_BYTES - 4)?;
        (reader.u32()? == crc32c::crc32c(fields)).then_some(Self {
            kind,
            life,
            tick,
            synced,
            length,
            body_checksum,
        })
    }
}

/// Bytes that a frame with a body of that length takes in its segment.
pub(super) fn space(body_bytes: usize) -> u64 {
    (HEADER_BYTES as u64 + body_bytes as u64).next_multiple_of(ALIGNMENT_BYTES)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: Header =
        Header { kind: Kind::Frame, life: 7, tick: 3, synced: 80, length: 5, body_checksum: 9 };

    #[test]
    fn a_header_reads_back() {
        for kind in [Kind::Frame, Kind::End] {
            let header = Header { kind, ..HEADER };
            assert_eq!(Header::decode(&header.encode(), 7), Some(header));
        }
    }

    #[test]
    fn no_header_passes_for_one_of_another_life_or_with_a_bit_changed() {
        let bytes = HEADER.encode();
        assert_eq!(Header::decode(&bytes, 8), None);
        assert_eq!(Header::decode(&bytes[..39], 7), None);
        for bit in 0..8 * HEADER_BYTES {
            let mut bytes = bytes;
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(Header::decode(&bytes, 7), None, "bit {bit}");
        }
    }
}
