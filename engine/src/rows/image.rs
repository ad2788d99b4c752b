//! An image: which blobs hold a relation's rows at one epoch.
use std::sync::Arc;

use storage::BlobId;

use crate::codec::{get_u8, get_u64, put_u64};
use crate::{Error, ErrorKind, Result};

/// The form of an encoded image, its first byte.
const VERSION: u8 = 1;

/// Where a relation's rows are stored. The caller keeps it in its manifest, next to the
/// relation's id and schema, keeps every blob of [`Image::blobs`] alive, and hands the last
/// image that was committed to the next [`super::Rows::capture`]. The image of new rows is
/// the default one. Cheap to clone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Image(pub(super) Arc<Stored>);

/// The blobs, by what is in them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Stored {
    /// The store's mark at the cut: what changed later has a larger one.
    pub(super) mark: u64,
    /// The number of the tail's chunk, and how many rows it had.
    pub(super) tail: u64,
    pub(super) tail_rows: u64,
    /// The columns of each sealed chunk, ascending by number; written once.
    pub(super) chunks: Vec<(u64, Vec<BlobId>)>,
    /// Bitmaps and tail rows: all of them first, then what changed, epoch by epoch.
    pub(super) changes: Vec<Changes>,
}

/// The blobs of one epoch's bitmaps and tail rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Changes {
    pub(super) blobs: Vec<BlobId>,
    pub(super) bytes: u64,
}

impl Image {
    /// Every blob that must stay alive.
    pub fn blobs(&self) -> impl Iterator<Item = BlobId> + '_ {
        let chunks = self.0.chunks.iter().flat_map(|(_, blobs)| blobs);
        let changes = self.0.changes.iter().flat_map(|changes| &changes.blobs);
        chunks.chain(changes).copied()
    }

    /// Appends the image to a manifest.
    pub fn write(&self, output: &mut Vec<u8>) {
        output.push(VERSION);
        put_u64(output, self.0.mark);
        put_u64(output, self.0.tail);
        put_u64(output, self.0.tail_rows);
        put_u64(output, self.0.chunks.len() as u64);
        for (number, blobs) in &self.0.chunks {
            put_u64(output, *number);
            write_blobs(blobs, output);
        }
        put_u64(output, self.0.changes.len() as u64);
        for changes in &self.0.changes {
            put_u64(output, changes.bytes);
            write_blobs(&changes.blobs, output);
        }
    }

    /// Takes an image off the front of a manifest.
    pub fn read(input: &mut &[u8]) -> Result<Self> {
        let version = get_u8(input)?;
        if version != VERSION {
            return Err(corrupt(format!("an image of rows has the unknown version {version}")));
        }
        let (mark, tail, tail_rows) = (get_u64(input)?, get_u64(input)?, get_u64(input)?);
        let mut stored = Stored { mark, tail, tail_rows, ..Stored::default() };
        for _ in 0..get_u64(input)? {
            let number = get_u64(input)?;
            stored.chunks.push((number, read_blobs(input)?));
        }
        for _ in 0..get_u64(input)? {
            let bytes = get_u64(input)?;
            stored.changes.push(Changes { bytes, blobs: read_blobs(input)? });
        }
        Ok(Self(Arc::new(stored)))
    }
}

fn write_blobs(blobs: &[BlobId], output: &mut Vec<u8>) {
    put_u64(output, blobs.len() as u64);
    blobs.iter().for_each(|blob| put_u64(output, blob.0));
}

fn read_blobs(input: &mut &[u8]) -> Result<Vec<BlobId>> {
    (0..get_u64(input)?).map(|_| get_u64(input).map(BlobId)).collect()
}

/// Stored rows that do not fit together.
pub(super) fn corrupt(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Corrupt, "XX001", message)
}
