//! A table's rows as the open frame leaves them, over the rows as last published.
//!
//! The overlay holds the keys that the frame has touched, with their row before the
//! frame and now, so that a commit sees those before it in the same frame, a commit that
//! fails is undone, and the frame's delta is one −old +new per key however often the key
//! changed. For a table without a key every distinct row is a key, and copies are counted:
//! rows that are equal but look different, such as −0 and 0, are two there. Keys of columns
//! are compared as PostgreSQL compares, so those are one.
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch};
use arrow::compute::interleave_record_batch;
use arrow::datatypes::SchemaRef;
use arrow::row::{RowConverter, SortField};
use hashbrown::HashMap;

use crate::state::normal::normalised;
use crate::{Delta, Error, Result};

/// A row of one of the overlay's batches.
pub(crate) type RowRef = (usize, usize);

/// What is known of one key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Slot {
    /// The row that stands for the key, if any copy of it is there.
    pub(crate) row: Option<RowRef>,
    /// How many copies there are; at most one where the table has a key.
    pub(crate) copies: i64,
}

/// The slot of a key that is not there.
pub(crate) const ABSENT: Slot = Slot { row: None, copies: 0 };

/// Tells the published slots of some rows of a batch, given their numbers.
pub(crate) type Fetch<'a> = dyn FnMut(&mut Overlay, &[u32]) -> Result<Vec<Slot>> + 'a;

/// When two rows have the same key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Identity {
    /// Their values are equal.
    Equal,
    /// Their values also look the same.
    Alike,
}

struct Touched {
    before: Slot,
    now: Slot,
}

/// The touched keys of one table.
pub(crate) struct Overlay {
    schema: SchemaRef,
    converter: RowConverter,
    columns: Vec<usize>,
    identity: Identity,
    numbers: HashMap<Box<[u8]>, usize>,
    touched: Vec<Touched>,
    batches: Vec<RecordBatch>,
    undo: Vec<(usize, Slot)>,
}

impl Overlay {
    /// An overlay over rows of `schema` that are known apart by `columns`.
    pub(crate) fn new(schema: SchemaRef, columns: Vec<usize>, identity: Identity) -> Result<Self> {
        let converter = RowConverter::new(sort_fields(&schema, &columns)?)?;
        Ok(Self {
            schema,
            converter,
            columns,
            identity,
            numbers: HashMap::new(),
            touched: vec![],
            batches: vec![],
            undo: vec![],
        })
    }

    /// Keeps a batch so that [`RowRef`]s can point into it.
    pub(crate) fn keep(&mut self, rows: &RecordBatch) -> usize {
        self.batches.push(rows.clone());
        self.batches.len() - 1
    }

    /// The numbers of the keys of `rows`; `fetch` tells the published slots of those that
    /// the frame has not touched before, given their places in `rows`.
    pub(crate) fn touch(
        &mut self,
        rows: &RecordBatch,
        fetch: &mut Fetch<'_>,
    ) -> Result<Vec<usize>> {
        let mut keys = project(rows, &self.columns)?;
        if self.identity == Identity::Equal {
            keys.iter_mut().for_each(|column| *column = normalised(column));
        }
        let keys = self.converter.convert_columns(&keys)?;
        let mut numbers = Vec::with_capacity(rows.num_rows());
        let mut unknown = vec![];
        for (place, key) in keys.iter().enumerate() {
            let next = self.touched.len() + unknown.len();
            let number = match self.numbers.get(key.as_ref()) {
                Some(number) => *number,
                None => {
                    self.numbers.insert(key.as_ref().into(), next);
                    unknown.push(u32::try_from(place).unwrap_or(u32::MAX));
                    next
                }
            };
            numbers.push(number);
        }
        if !unknown.is_empty() {
            let slots = fetch(self, &unknown)?;
            if slots.len() != unknown.len() {
                return Err(Error::internal("a probe lost a key"));
            }
            self.touched.extend(slots.into_iter().map(|slot| Touched { before: slot, now: slot }));
        }
        Ok(numbers)
    }

    /// What a key holds now.
    pub(crate) fn slot(&self, number: usize) -> Slot {
        self.touched.get(number).map_or(ABSENT, |touched| touched.now)
    }

    /// Lets a key hold something else until [`Overlay::undo`] or [`Overlay::keep_changes`].
    pub(crate) fn set(&mut self, number: usize, slot: Slot) {
        if let Some(touched) = self.touched.get_mut(number) {
            self.undo.push((number, touched.now));
            touched.now = slot;
        }
    }

    /// Takes back what was set since the last commit that stayed.
    pub(crate) fn undo(&mut self) {
        while let Some((number, slot)) = self.undo.pop() {
            if let Some(touched) = self.touched.get_mut(number) {
                touched.now = slot;
            }
        }
    }

    /// A commit stays: there is nothing to take back any more.
    pub(crate) fn keep_changes(&mut self) {
        self.undo.clear();
    }

    /// The row at `place`.
    pub(crate) fn row(&self, place: RowRef) -> Option<RecordBatch> {
        self.batches.get(place.0).map(|batch| batch.slice(place.1, 1))
    }

    /// What the frame makes of the table: retractions first, in the order of first touch.
    pub(crate) fn delta(&self) -> Result<Delta> {
        let (mut out, mut into) = (vec![], vec![]);
        for Touched { before, now } in &self.touched {
            if before.row == now.row {
                let copies = now.copies - before.copies;
                let side = if copies < 0 { &mut out } else { &mut into };
                let row = now.row.into_iter();
                side.extend(
                    row.flat_map(|row| std::iter::repeat_n(row, copies.unsigned_abs() as usize)),
                );
                continue;
            }
            out.extend(before.row.iter().flat_map(|row| {
                std::iter::repeat_n(*row, usize::try_from(before.copies).unwrap_or(0))
            }));
            into.extend(now.row.iter().flat_map(|row| {
                std::iter::repeat_n(*row, usize::try_from(now.copies).unwrap_or(0))
            }));
        }
        let removed = self.gather(&out)?;
        let added = self.gather(&into)?;
        match (out.is_empty(), into.is_empty()) {
            (true, _) => Ok(Delta::inserted(added)),
            (_, true) => Ok(Delta::retracted(removed)),
            _ => Delta::concat(&self.schema, &[Delta::retracted(removed), Delta::inserted(added)]),
        }
    }

    fn gather(&self, rows: &[RowRef]) -> Result<RecordBatch> {
        if rows.is_empty() {
            return Ok(RecordBatch::new_empty(Arc::clone(&self.schema)));
        }
        let batches: Vec<&RecordBatch> = self.batches.iter().collect();
        Ok(interleave_record_batch(&batches, rows)?)
    }
}

/// How arrow's row format is to encode `columns`.
pub(crate) fn sort_fields(schema: &SchemaRef, columns: &[usize]) -> Result<Vec<SortField>> {
    columns
        .iter()
        .map(|column| {
            let field = schema.fields().get(*column);
            let field = field.ok_or_else(|| Error::internal("a key column is not there"))?;
            Ok(SortField::new(field.data_type().clone()))
        })
        .collect()
}

/// Some columns of a batch.
pub(crate) fn project(rows: &RecordBatch, columns: &[usize]) -> Result<Vec<ArrayRef>> {
    columns
        .iter()
        .map(|column| {
            let array = rows.columns().get(*column);
            array.cloned().ok_or_else(|| Error::internal("a column is not there"))
        })
        .collect()
}
