//! Adoption: large batches become chunks as they are, without a copy.
//!
//! The arrays may be shared: by the chunks that one batch is cut into, with another
//! relation, with whoever made them. So only rows that are never retracted singly are
//! adopted: a chunk that goes gives its memory back only when all who share it have gone.
use std::sync::Arc;

use arrow::array::{Array, ArrayData, RecordBatch, RecordBatchOptions};

use super::chunk::{Chunk, Sealed};
use super::live::Live;
use super::store::Store;
use super::{CHUNK_BYTES_MAX, CHUNK_ROWS};
use crate::Result;
use crate::columns::{View, columns_of};

/// The fewest rows of a chunk that is adopted: chunks have a cost of their own.
const ADOPTED_ROWS_MIN: usize = CHUNK_ROWS / 2;

impl Store {
    /// Takes `batch` over, if it is large enough, and adds its places to `places`. `false`:
    /// it must be copied.
    pub(super) fn adopt(
        &mut self,
        batch: &RecordBatch,
        columns: &[View<'_>],
        places: &mut Vec<u64>,
    ) -> Result<bool> {
        let rows = batch.num_rows();
        let varying = columns.iter().map(|column| column.varying(0..rows)).max().unwrap_or(0);
        let pieces = rows.div_ceil(CHUNK_ROWS).max(varying.div_ceil(CHUNK_BYTES_MAX));
        // The names of lists' items may differ, which a batch of the schema must not.
        let fields = self.schema.fields().iter().map(|field| field.data_type());
        let same = fields.eq(batch.columns().iter().map(|array| array.data_type()));
        if rows < ADOPTED_ROWS_MIN * pieces.max(1) || !same {
            return Ok(false);
        }
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        let (schema, arrays) = (self.schema.clone(), batch.columns().to_vec());
        let batch = RecordBatch::try_new_with_options(schema, arrays, &options)?;
        if self.tail.rows() > 0 {
            self.seal(0)?;
        }
        for piece in 0..pieces {
            let (start, end) = (rows * piece / pieces, rows * (piece + 1) / pieces);
            let before = self.slots.back().and_then(Option::as_ref);
            let before = before.map(|slot| &*slot.chunk.sealed);
            let sealed = Arc::new(Sealed::shared(batch.slice(start, end - start), before)?);
            self.note(end - start, places);
            self.push_chunk(Chunk { sealed, live: Live::first(end - start) });
        }
        Ok(true)
    }
}

impl Sealed {
    /// Seals a batch some of whose memory the chunk `before` may hold, and answer for.
    fn shared(batch: RecordBatch, before: Option<&Sealed>) -> Result<Self> {
        let columns = columns_of(&batch)?;
        let bytes = (0..batch.num_columns()).map(|number| {
            let before = before.map(|sealed| sealed.batch.column(number).to_data());
            unshared(&batch.column(number).to_data(), before.as_ref())
        });
        Ok(Self { bytes: bytes.sum(), batch, columns })
    }
}

/// The bytes of an array's buffers that are not those of the array `before`.
fn unshared(array: &ArrayData, before: Option<&ArrayData>) -> usize {
    let known = |buffer: &&arrow::buffer::Buffer| {
        let others = before.map_or(&[][..], ArrayData::buffers);
        others.iter().all(|other| other.data_ptr() != buffer.data_ptr())
    };
    let own: usize = array.buffers().iter().filter(known).map(|buffer| buffer.capacity()).sum();
    let children = array.child_data().iter().enumerate().map(|(number, child)| {
        unshared(child, before.and_then(|before| before.child_data().get(number)))
    });
    let nulls = array.nulls().map_or(0, |nulls| nulls.len().div_ceil(8));
    own + nulls + children.sum::<usize>()
}
