//! A pointer as bytes, with what the store must know beside it.
//!
//! A reader needs nothing but the record: each blob stands there with its place.
use super::container::Place;
use crate::bytes::Reader;
use crate::{BlobId, Pointer};

// Three letters and the version of the format.
const MAGIC: u32 = u32::from_le_bytes(*b"TMP\x01");

/// What a slot of the pointer holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct PointerRecord {
    /// Counts the writes of the pointer.
    pub(super) sequence: u64,
    /// Counts the starts of the store: blobs' ids begin with it, and so are never reused.
    pub(super) start: u64,
    /// The last epoch, if there is one.
    pub(super) pointer: Option<Pointer>,
    /// Where the pointer's blobs lie, in its order.
    pub(super) places: Vec<Place>,
}

impl PointerRecord {
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut body = Vec::new();
        body.extend_from_slice(&self.sequence.to_le_bytes());
        body.extend_from_slice(&self.start.to_le_bytes());
        body.extend_from_slice(&u32::from(self.pointer.is_some()).to_le_bytes());
        if let Some(pointer) = &self.pointer {
            for number in [pointer.epoch, pointer.tick, pointer.blobs.len() as u64] {
                body.extend_from_slice(&number.to_le_bytes());
            }
            for (blob, place) in pointer.blobs.iter().zip(&self.places) {
                body.extend_from_slice(&blob.0.to_le_bytes());
                for number in [place.container, place.page, place.length] {
                    body.extend_from_slice(&number.to_le_bytes());
                }
            }
            body.extend_from_slice(&pointer.manifest);
        }
        let mut bytes = Vec::with_capacity(body.len() + 16);
        bytes.extend_from_slice(&MAGIC.to_le_bytes());
        bytes.extend_from_slice(&crc32c::crc32c(&body).to_le_bytes());
        bytes.extend_from_slice(&(body.len() as u64).to_le_bytes());
        bytes.extend_from_slice(&body);
        bytes
    }

    /// The record at the start of `bytes`, if there is a sound one.
    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        let mut header = Reader::new(bytes);
        if header.u32()? != MAGIC {
            return None;
        }
        let (checksum, length) = (header.u32()?, header.u64()?);
        let body = header.take(length)?;
        if crc32c::crc32c(body) != checksum {
            return None;
        }
        let mut reader = Reader::new(body);
        let mut record = Self { sequence: reader.u64()?, start: reader.u64()?, ..Self::default() };
        if reader.u32()? == 0 {
            return Some(record);
        }
        let (epoch, tick, count) = (reader.u64()?, reader.u64()?, reader.u64()?);
        let mut blobs = Vec::new();
        for _ in 0..count {
            blobs.push(BlobId(reader.u64()?));
            let (container, page, length) = (reader.u32()?, reader.u32()?, reader.u32()?);
            record.places.push(Place { container, page, length });
        }
        let manifest = reader.rest().to_vec();
        record.pointer = Some(Pointer { epoch, tick, blobs, manifest });
        Some(record)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> PointerRecord {
        let place = |page| Place { container: 1, page, length: 100 };
        PointerRecord {
            sequence: 9,
            start: 2,
            pointer: Some(Pointer {
                epoch: 4,
                tick: 77,
                blobs: vec![BlobId(5), BlobId(6)],
                manifest: b"what counts".to_vec(),
            }),
            places: vec![place(0), place(1)],
        }
    }

    #[test]
    fn a_record_reads_back() {
        for record in [record(), PointerRecord { sequence: 1, ..PointerRecord::default() }] {
            assert_eq!(PointerRecord::decode(&record.encode()), Some(record));
        }
    }

    #[test]
    fn a_record_with_a_bit_changed_or_cut_short_is_none() {
        let bytes = record().encode();
        for bit in 0..8 * bytes.len() {
            let mut bytes = bytes.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(PointerRecord::decode(&bytes), None, "bit {bit}");
        }
        for length in 0..bytes.len() {
            assert_eq!(PointerRecord::decode(&bytes[..length]), None, "length {length}");
        }
    }
}
