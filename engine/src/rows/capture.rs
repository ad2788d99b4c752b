//! A capture: what an epoch has to store of a relation's rows.
//!
//! [`Rows::capture`] freezes at the cut and costs a pointer for each chunk that changed and
//! a copy of the tail's new rows. [`Capture::write`] encodes, on any thread, while the rows
//! go on changing. Sealed columns are written once. Bitmaps and tail rows are
//! written where they changed since the image that the caller committed last; where
//! such changes have piled up, all of them are written anew. An epoch that fails costs
//! nothing: the next capture is handed the same image again.
use std::sync::Arc;

use storage::{BLOB_BYTES_MAX, BlobId};

use super::chunk::{Chunk, Sealed};
use super::image::{Changes, Image, Stored};
use super::live::Live;
use super::rows::Rows;
use crate::Result;
use crate::codec::{put_u64, write_batch};

/// The form of encoded changes, their first byte.
pub(super) const VERSION: u8 = 1;

/// Epochs whose changes an image names before all are written anew.
const CHANGES_MAX: usize = 64;

/// Bytes of changes beyond those written first, before all are written anew.
const CHANGED_BYTES_MAX: u64 = 64 << 10;

/// Rows frozen at a cut, less what is stored already.
#[derive(Debug)]
pub struct Capture {
    previous: Image,
    mark: u64,
    /// Numbers of chunks that are stored and still there.
    kept: Vec<u64>,
    /// Chunks whose columns are not stored.
    sealed: Vec<(u64, Arc<Sealed>)>,
    /// Chunks whose bitmap is not stored.
    bitmaps: Vec<(u64, Arc<Chunk>)>,
    tail: u64,
    tail_rows: usize,
    tail_live: Option<Live>,
    /// The tail's rows that are not stored, from this one on.
    fresh: Option<(usize, Sealed)>,
    /// Whether the changes stand alone, so that earlier ones can go.
    whole: bool,
}

impl Rows {
    /// Freezes what changed since `previous`, the image that was committed last.
    pub fn capture(&mut self, previous: &Image) -> Result<Capture> {
        let stored = &previous.0;
        let store = &mut self.store;
        let mark = store.mark;
        store.mark += 1;
        let whole = stored.is_piled_up();
        let mut kept = Vec::with_capacity(stored.chunks.len());
        let (mut sealed, mut bitmaps) = (Vec::new(), Vec::new());
        for (number, slot) in (store.first..).zip(&store.slots) {
            let Some(slot) = slot else { continue };
            if number < stored.tail {
                kept.push(number);
            } else {
                sealed.push((number, Arc::clone(&slot.chunk.sealed)));
            }
            if whole || number >= stored.tail || slot.changed > stored.mark {
                bitmaps.push((number, Arc::clone(&slot.chunk)));
            }
        }
        let (tail, tail_rows) = (store.tail_number(), store.tail.rows());
        let known = if whole || tail != stored.tail { 0 } else { stored.tail_rows as usize };
        let changed = tail_rows > known || (tail_rows > 0 && store.tail_changed > stored.mark);
        let fresh = match tail_rows > known {
            true => Some((known, store.tail.copy(known)?)),
            false => None,
        };
        let tail_live = changed.then(|| store.tail.live.clone());
        let previous = previous.clone();
        Ok(Capture {
            previous,
            mark,
            kept,
            sealed,
            bitmaps,
            tail,
            tail_rows,
            tail_live,
            fresh,
            whole,
        })
    }
}

impl Stored {
    /// Whether the bitmaps and tail rows should be written anew.
    fn is_piled_up(&self) -> bool {
        let Some((first, later)) = self.changes.split_first() else { return true };
        let bytes: u64 = later.iter().map(|changes| changes.bytes).sum();
        later.len() >= CHANGES_MAX || bytes > first.bytes + CHANGED_BYTES_MAX
    }
}

impl Capture {
    /// Encodes what was frozen, hands it to `put` in blobs of at most
    /// [`BLOB_BYTES_MAX`] bytes, and gives the image to commit.
    pub fn write(self, put: &mut dyn FnMut(&[u8]) -> Result<BlobId>) -> Result<Image> {
        let previous = &self.previous.0;
        let unchanged = self.sealed.is_empty()
            && self.bitmaps.is_empty()
            && self.tail_live.is_none()
            && self.kept.len() == previous.chunks.len()
            && (self.tail, self.tail_rows as u64) == (previous.tail, previous.tail_rows);
        let nothing_yet = unchanged && previous.changes.is_empty() && self.tail_rows == 0;
        if nothing_yet || (unchanged && !self.whole) {
            return Ok(self.previous);
        }
        let mut kept = self.kept.iter().copied().peekable();
        let still = |(number, _): &&(u64, Vec<BlobId>)| kept.next_if_eq(number).is_some();
        let mut chunks: Vec<_> = previous.chunks.iter().filter(still).cloned().collect();
        let mut bytes = Vec::new();
        for (number, sealed) in &self.sealed {
            bytes.clear();
            write_batch(&sealed.batch, &mut bytes)?;
            chunks.push((*number, put_all(&bytes, put)?));
        }
        bytes.clear();
        self.write_changes(&mut bytes)?;
        let mut changes = if self.whole { Vec::new() } else { previous.changes.clone() };
        let blobs = put_all(&bytes, put)?;
        changes.push(Changes { blobs, bytes: bytes.len() as u64 });
        Ok(Image(Arc::new(Stored {
            mark: self.mark,
            tail: self.tail,
            tail_rows: self.tail_rows as u64,
            chunks,
            changes,
        })))
    }

    fn write_changes(&self, output: &mut Vec<u8>) -> Result<()> {
        output.push(VERSION);
        put_u64(output, self.tail);
        put_u64(output, self.fresh.as_ref().map_or(self.tail_rows, |(from, _)| *from) as u64);
        output.push(u8::from(self.fresh.is_some()));
        if let Some((_, fresh)) = &self.fresh {
            write_batch(&fresh.batch, output)?;
        }
        put_u64(output, (self.bitmaps.len() + usize::from(self.tail_live.is_some())) as u64);
        for (number, chunk) in &self.bitmaps {
            put_u64(output, *number);
            chunk.live.write(chunk.rows(), output);
        }
        if let Some(live) = &self.tail_live {
            put_u64(output, self.tail);
            live.write(self.tail_rows, output);
        }
        Ok(())
    }
}

fn put_all(bytes: &[u8], put: &mut dyn FnMut(&[u8]) -> Result<BlobId>) -> Result<Vec<BlobId>> {
    bytes.chunks(BLOB_BYTES_MAX).map(put).collect()
}
