//! A delta: rows, with a weight for each.
//!
//! Insertions and retractions are one thing: a row of weight `w` adds `w` copies of
//! itself (`w < 0` takes copies away). The rows' order has no meaning.
use arrow::array::{Array, BooleanArray, Int64Array, RecordBatch, UInt32Array};
use arrow::compute::{concat_batches, filter, filter_record_batch, take, take_record_batch};
use arrow::datatypes::SchemaRef;

use crate::{Error, Result};

/// Rows of one schema and their weights; a weight is never zero.
#[derive(Clone, Debug)]
pub struct Delta {
    rows: RecordBatch,
    /// Absent when all weights are +1.
    weights: Option<Int64Array>,
}

impl Delta {
    /// All of `rows`, inserted once.
    pub fn inserted(rows: RecordBatch) -> Self {
        Self { rows, weights: None }
    }

    /// All of `rows`, retracted once.
    pub fn retracted(rows: RecordBatch) -> Self {
        let weights = Int64Array::from_value(-1, rows.num_rows());
        Self { rows, weights: Some(weights) }
    }

    /// Rows with their weights, as many as rows and none of them null.
    pub fn new(rows: RecordBatch, weights: Int64Array) -> Result<Self> {
        if weights.len() != rows.num_rows() || weights.null_count() > 0 {
            return Err(Error::internal("a delta needs one weight per row"));
        }
        Ok(Self { rows, weights: Some(weights) })
    }

    /// No rows.
    pub fn empty(schema: SchemaRef) -> Self {
        Self::inserted(RecordBatch::new_empty(schema))
    }

    /// The rows, whatever their weights.
    pub fn rows(&self) -> &RecordBatch {
        &self.rows
    }

    /// The schema of the rows.
    pub fn schema(&self) -> SchemaRef {
        self.rows.schema()
    }

    /// How many rows, each counted once whatever its weight.
    pub fn len(&self) -> usize {
        self.rows.num_rows()
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The weights, absent when all are +1.
    pub fn weights(&self) -> Option<&Int64Array> {
        self.weights.as_ref()
    }

    /// The weights one by one, as many as rows.
    pub fn weights_iter(&self) -> impl Iterator<Item = i64> + '_ {
        let given = self.weights.as_ref().map_or(&[][..], |w| w.values());
        let ones = if self.weights.is_none() { self.len() } else { 0 };
        given.iter().copied().chain(std::iter::repeat_n(1, ones))
    }

    /// Other rows, as many, under the same weights: what a projection makes.
    pub fn with_rows(&self, rows: RecordBatch) -> Result<Self> {
        if rows.num_rows() != self.len() {
            return Err(Error::internal("a projection changed the number of rows"));
        }
        Ok(Self { rows, weights: self.weights.clone() })
    }

    /// The rows where `keep` is true, with their weights.
    pub fn filter(&self, keep: &BooleanArray) -> Result<Self> {
        let rows = filter_record_batch(&self.rows, keep)?;
        let weights = match &self.weights {
            Some(weights) => Some(int64(filter(weights, keep)?.as_ref())?),
            None => None,
        };
        Ok(Self { rows, weights })
    }

    /// The rows at `indices`, with their weights.
    pub fn take(&self, indices: &UInt32Array) -> Result<Self> {
        let rows = take_record_batch(&self.rows, indices)?;
        let weights = match &self.weights {
            Some(weights) => Some(int64(take(weights, indices, None)?.as_ref())?),
            None => None,
        };
        Ok(Self { rows, weights })
    }

    /// `length` rows from `offset`, sharing their memory.
    pub fn slice(&self, offset: usize, length: usize) -> Self {
        Self {
            rows: self.rows.slice(offset, length),
            weights: self.weights.as_ref().map(|w| w.slice(offset, length)),
        }
    }

    /// What undoes this delta.
    pub fn negate(&self) -> Self {
        let weights: Int64Array = self.weights_iter().map(i64::wrapping_neg).collect();
        Self { rows: self.rows.clone(), weights: Some(weights) }
    }

    /// The rows of all `deltas`, one after the other.
    pub fn concat(schema: &SchemaRef, deltas: &[Delta]) -> Result<Self> {
        if let [one] = deltas {
            return Ok(one.clone());
        }
        let rows = concat_batches(schema, deltas.iter().map(Delta::rows))?;
        let weights = deltas
            .iter()
            .any(|delta| delta.weights.is_some())
            .then(|| deltas.iter().flat_map(Delta::weights_iter).collect());
        Ok(Self { rows, weights })
    }
}

fn int64(array: &dyn Array) -> Result<Int64Array> {
    array
        .as_any()
        .downcast_ref::<Int64Array>()
        .cloned()
        .ok_or_else(|| Error::internal("weights are not int64"))
}
