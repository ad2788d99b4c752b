//! A piece of a stream of bytes that is stored in blobs, which it may share with others.
use std::collections::{BTreeMap, BTreeSet};

use storage::{BLOB_BYTES_MAX, BlobId, Blobs};

use crate::codec::{get_u64, put_u64};
use crate::{Error, ErrorKind, Result};

/// A part of a blob.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Extent {
    pub(super) blob: BlobId,
    from: u64,
    length: u64,
}

/// The parts of blobs that make up a piece, in order.
pub(crate) type Extents = Vec<Extent>;

/// Packs pieces into blobs, so that many small ones cost one.
pub(super) struct Packer<'a> {
    blobs: &'a dyn Blobs,
    buffer: Vec<u8>,
    /// What is in the buffer, in order: of which piece, from where on, how much.
    waiting: Vec<(u64, usize, usize)>,
    stored: BTreeMap<u64, Extents>,
}

impl<'a> Packer<'a> {
    pub(super) fn new(blobs: &'a dyn Blobs) -> Self {
        Self { blobs, buffer: vec![], waiting: vec![], stored: BTreeMap::new() }
    }

    /// Appends bytes to a piece.
    pub(super) fn add(&mut self, piece: u64, mut bytes: &[u8]) -> Result<()> {
        while !bytes.is_empty() {
            let from = self.buffer.len();
            let fits = bytes.len().min(BLOB_BYTES_MAX - from);
            let (now, later) = bytes.split_at(fits);
            self.buffer.extend_from_slice(now);
            match self.waiting.last_mut() {
                Some((last, _, length)) if *last == piece => *length += fits,
                _ => self.waiting.push((piece, from, fits)),
            }
            bytes = later;
            if self.buffer.len() == BLOB_BYTES_MAX {
                self.put()?;
            }
        }
        Ok(())
    }

    /// Stores what is still in memory, and says where each piece is.
    pub(super) fn finish(&mut self) -> Result<BTreeMap<u64, Extents>> {
        if !self.buffer.is_empty() {
            self.put()?;
        }
        Ok(std::mem::take(&mut self.stored))
    }

    fn put(&mut self) -> Result<()> {
        let blob = self.blobs.put(&self.buffer)?;
        self.buffer.clear();
        for (piece, from, length) in self.waiting.drain(..) {
            let extent = Extent { blob, from: from as u64, length: length as u64 };
            self.stored.entry(piece).or_default().push(extent);
        }
        Ok(())
    }
}

/// Reads pieces back; a blob that several pieces share is read once as long as its turn
/// comes again soon.
pub(crate) struct Unpacker<'a> {
    blobs: &'a dyn Blobs,
    read: BTreeMap<BlobId, Vec<u8>>,
}

/// Blobs that are kept in memory while pieces are read.
const BLOBS_READ_MAX: usize = 64;

impl<'a> Unpacker<'a> {
    pub(crate) fn new(blobs: &'a dyn Blobs) -> Self {
        Self { blobs, read: BTreeMap::new() }
    }

    /// The bytes of a piece; XX001 if a blob is not what it was.
    pub(crate) fn read(&mut self, extents: &[Extent]) -> Result<Vec<u8>> {
        let mut bytes = vec![];
        for extent in extents {
            if !self.read.contains_key(&extent.blob) {
                if self.read.len() >= BLOBS_READ_MAX {
                    self.read.pop_first();
                }
                self.read.insert(extent.blob, self.blobs.get(extent.blob)?);
            }
            let blob = self.read.get(&extent.blob).map(Vec::as_slice).unwrap_or_default();
            let end = extent.from.saturating_add(extent.length);
            let part = blob.get(extent.from as usize..end as usize);
            let short = || corrupt(format!("blob {} is too short", extent.blob.0));
            bytes.extend_from_slice(part.ok_or_else(short)?);
        }
        Ok(bytes)
    }
}

/// How many bytes extents have.
pub(super) fn length(extents: &[Extent]) -> u64 {
    extents.iter().map(|extent| extent.length).sum()
}

pub(super) fn write_extents(extents: &[Extent], into: &mut Vec<u8>) {
    put_u64(into, extents.len() as u64);
    for extent in extents {
        put_u64(into, extent.blob.0);
        put_u64(into, extent.from);
        put_u64(into, extent.length);
    }
}

pub(super) fn read_extents(from: &mut &[u8]) -> Result<Extents> {
    let count = get_u64(from)?;
    let extent = |_| {
        Ok(Extent { blob: BlobId(get_u64(from)?), from: get_u64(from)?, length: get_u64(from)? })
    };
    (0..count).map(extent).collect()
}

/// The blobs that extents lie in.
pub(super) fn add_blobs(extents: &[Extent], blobs: &mut BTreeSet<BlobId>) {
    blobs.extend(extents.iter().map(|extent| extent.blob));
}

fn corrupt(message: String) -> Error {
    Error::new(ErrorKind::Corrupt, "XX001", message)
}

#[cfg(test)]
mod tests {
    use storage::Memory;

    use super::*;

    #[test]
    fn pieces_share_blobs_and_read_back() {
        let blobs = Memory::new().open().blobs;
        let mut packer = Packer::new(&*blobs);
        let mut pieces: BTreeMap<u64, Vec<u8>> = BTreeMap::new();
        for step in 0..200_u64 {
            let bytes = vec![step as u8; (step * step * 7 % 40_000) as usize];
            packer.add(step % 5, &bytes).unwrap();
            pieces.entry(step % 5).or_default().extend(bytes);
        }
        let stored = packer.finish().unwrap();
        let mut used = BTreeSet::new();
        let mut unpacker = Unpacker::new(&*blobs);
        for (piece, bytes) in &pieces {
            let extents = &stored[piece];
            assert!(unpacker.read(extents).unwrap() == *bytes);
            assert_eq!(length(extents), bytes.len() as u64);
            add_blobs(extents, &mut used);
        }
        let bytes = pieces.values().map(Vec::len).sum::<usize>();
        assert_eq!(used.len(), bytes.div_ceil(BLOB_BYTES_MAX));
        let beyond = Extent { length: u64::MAX, ..stored[&0][0] };
        assert_eq!(unpacker.read(&[beyond]).unwrap_err().code(), "XX001");
    }
}
