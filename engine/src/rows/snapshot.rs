//! A snapshot: the rows of a relation at one instant.
//!
//! It shares the chunks with [`Rows`], which copies a bitmap before it changes one that
//! a snapshot holds. Only the tail's columns are copied.
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;

use super::chunk::Chunk;
use super::rows::Rows;
use crate::Result;

/// Rows that do not change. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Snapshot {
    pub(super) schema: SchemaRef,
    /// Chunks with their numbers, ascending; the tail is the last.
    pub(super) chunks: Arc<[(u64, Arc<Chunk>)]>,
    rows: usize,
}

impl Rows {
    /// The rows as they are now.
    pub fn snapshot(&self) -> Result<Snapshot> {
        let mut chunks = Vec::with_capacity(self.store.chunks + 1);
        for (number, slot) in (self.store.first..).zip(&self.store.slots) {
            chunks.extend(slot.as_ref().map(|slot| (number, Arc::clone(&slot.chunk))));
        }
        let tail = &self.store.tail;
        if tail.live.count() > 0 {
            let number = self.store.tail_number();
            let mut frozen = self.frozen.lock();
            let sealed = match frozen.as_ref() {
                Some((same, sealed))
                    if *same == number && sealed.batch.num_rows() == tail.rows() =>
                {
                    Arc::clone(sealed)
                }
                _ => Arc::new(tail.copy(0)?),
            };
            *frozen = Some((number, Arc::clone(&sealed)));
            chunks.push((number, Arc::new(Chunk { sealed, live: tail.live.clone() })));
        }
        Ok(Snapshot {
            schema: self.store.schema.clone(),
            chunks: chunks.into(),
            rows: self.store.rows,
        })
    }
}

impl Snapshot {
    /// The columns.
    pub fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.rows
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// The rows, of these columns or of all, in batches of at most
    /// [`super::CHUNK_ROWS`], in order of their places.
    pub fn batches(&self, projection: Option<&[usize]>) -> Batches {
        Batches {
            chunks: Arc::clone(&self.chunks),
            next: 0,
            end: self.chunks.len(),
            projection: projection.map(<[usize]>::to_vec),
        }
    }

    /// The same, dealt out to `count` iterators of about equal length, in order.
    pub fn partitions(&self, projection: Option<&[usize]>, count: usize) -> Vec<Batches> {
        let chunks = self.chunks.len();
        let count = count.clamp(1, chunks.max(1));
        (0..count)
            .map(|number| Batches {
                next: chunks * number / count,
                end: chunks * (number + 1) / count,
                ..self.batches(projection)
            })
            .collect()
    }
}

/// The batches of a snapshot.
#[derive(Debug)]
pub struct Batches {
    chunks: Arc<[(u64, Arc<Chunk>)]>,
    next: usize,
    end: usize,
    projection: Option<Vec<usize>>,
}

impl Iterator for Batches {
    type Item = Result<RecordBatch>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.next < self.end {
            let (_, chunk) = self.chunks.get(self.next)?;
            self.next += 1;
            if chunk.live.count() > 0 {
                return Some(chunk.batch(self.projection.as_deref()));
            }
        }
        None
    }
}
