//! A chunk: up to 8,192 rows in columns that never change, with a bitmap that does.
use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, RecordBatch, RecordBatchOptions};
use arrow::compute::filter_record_batch;
use arrow::datatypes::SchemaRef;

use super::live::Live;
use crate::Result;
use crate::columns::{Column, columns_of};

/// A chunk is sparse, so that its rows should move, if fewer than one in so many are there.
/// Each changed row moves 0.96 others where it is 2, and 0.45 where it is 3, which takes a
/// fifth more memory.
const SPARSE: usize = 3;

/// The columns of a chunk, as Arrow has them and as they are probed.
#[derive(Debug)]
pub(super) struct Sealed {
    pub(super) batch: RecordBatch,
    pub(super) columns: Vec<Column>,
    /// Bytes of memory held.
    pub(super) bytes: usize,
}

impl Sealed {
    /// Seals `arrays` of `rows` rows each.
    pub(super) fn new(schema: &SchemaRef, arrays: Vec<ArrayRef>, rows: usize) -> Result<Self> {
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        let batch = RecordBatch::try_new_with_options(schema.clone(), arrays, &options)?;
        Self::of(batch)
    }

    /// Seals a batch that shares its memory with nobody.
    pub(super) fn of(batch: RecordBatch) -> Result<Self> {
        let columns = columns_of(&batch)?;
        let bytes = batch.get_array_memory_size();
        Ok(Self { batch, columns, bytes })
    }
}

/// Sealed columns and which of their rows are there. It is cloned on write while
/// a snapshot holds it.
#[derive(Clone, Debug)]
pub(super) struct Chunk {
    pub(super) sealed: Arc<Sealed>,
    pub(super) live: Live,
}

impl Chunk {
    /// How many rows it has, dead ones included.
    pub(super) fn rows(&self) -> usize {
        self.sealed.batch.num_rows()
    }

    /// Whether so few of its rows are there that they should move.
    pub(super) fn is_sparse(&self) -> bool {
        self.live.count() < self.rows().div_ceil(SPARSE)
    }

    /// Whether it is sparse since its last row went.
    pub(super) fn became_sparse(&self) -> bool {
        self.live.count() + 1 == self.rows().div_ceil(SPARSE)
    }

    /// Its live rows, of these columns or of all.
    pub(super) fn batch(&self, projection: Option<&[usize]>) -> Result<RecordBatch> {
        self.select(&self.live, projection)
    }

    /// The rows that `rows` names, of these columns or of all.
    pub(super) fn select(&self, rows: &Live, projection: Option<&[usize]>) -> Result<RecordBatch> {
        let batch = match projection {
            Some(columns) => self.sealed.batch.project(columns)?,
            None => self.sealed.batch.clone(),
        };
        if rows.count() == self.rows() {
            return Ok(batch);
        }
        let mask = BooleanArray::new(rows.mask(self.rows()), None);
        Ok(filter_record_batch(&batch, &mask)?)
    }
}
