//! The tail: the chunk that still grows.
use std::ops::Range;
use std::sync::Arc;

use arrow::datatypes::SchemaRef;

use super::chunk::{Chunk, Sealed};
use super::live::Live;
use super::{CHUNK_BYTES_MAX, CHUNK_ROWS};
use crate::Result;
use crate::columns::{Builder, View};

/// Column builders, filled up to `rows`.
#[derive(Debug)]
pub(super) struct Tail {
    schema: SchemaRef,
    pub(super) builders: Vec<Builder>,
    pub(super) live: Live,
    rows: usize,
}

/// Room that a new tail has at once; it doubles from there.
const TAIL_ROWS_MIN: usize = 16;

impl Tail {
    /// An empty tail. Fails for types that no relation has.
    pub(super) fn new(schema: &SchemaRef, capacity: usize) -> Result<Self> {
        let capacity = capacity.clamp(TAIL_ROWS_MIN, CHUNK_ROWS);
        let builders = schema
            .fields()
            .iter()
            .map(|field| Builder::new(field.data_type(), capacity))
            .collect::<Result<_>>()?;
        Ok(Self { schema: schema.clone(), builders, live: Live::none(), rows: 0 })
    }

    /// How many rows it has, dead ones included.
    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// How many of the next rows it can take; none: it must be sealed first.
    pub(super) fn room(&self) -> usize {
        let varying = self.builders.iter().map(Builder::varying).max().unwrap_or(0);
        if varying >= CHUNK_BYTES_MAX { 0 } else { CHUNK_ROWS - self.rows }
    }

    /// Appends rows `range` of `columns`, no more than there is room for.
    pub(super) fn extend(&mut self, columns: &[View<'_>], range: Range<usize>) -> Result<()> {
        for (builder, column) in self.builders.iter_mut().zip(columns) {
            builder.extend(column, range.clone())?;
        }
        self.grow(range.len());
        Ok(())
    }

    /// Appends `rows` of `columns`, no more than there is room for.
    pub(super) fn push(&mut self, columns: &[View<'_>], rows: &[u32]) -> Result<()> {
        for (builder, column) in self.builders.iter_mut().zip(columns) {
            builder.gather(column, rows)?;
        }
        self.grow(rows.len());
        Ok(())
    }

    fn grow(&mut self, rows: usize) {
        self.live.insert_range(self.rows, self.rows + rows);
        self.rows += rows;
    }

    /// The bytes of memory held.
    pub(super) fn bytes(&self) -> usize {
        self.builders.iter().map(Builder::bytes).sum()
    }

    /// The whole tail as a chunk, without a copy.
    pub(super) fn seal(self) -> Result<Chunk> {
        let arrays = self.builders.into_iter().map(Builder::finish).collect::<Result<_>>()?;
        let sealed = Sealed::new(&self.schema, arrays, self.rows)?;
        Ok(Chunk { sealed: Arc::new(sealed), live: self.live })
    }

    /// A copy of the rows from `from` on.
    pub(super) fn copy(&self, from: usize) -> Result<Sealed> {
        let arrays = self
            .builders
            .iter()
            .map(|builder| {
                let mut copy = Builder::new(builder.data_type(), self.rows - from)?;
                copy.extend(&builder.view(), from..self.rows)?;
                copy.finish()
            })
            .collect::<Result<_>>()?;
        Sealed::new(&self.schema, arrays, self.rows - from)
    }
}
