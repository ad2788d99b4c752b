//! One shard of an aggregate: its groups, and what of them changed in a tick.
use arrow::array::{ArrayRef, BooleanArray, Int64Array, RecordBatch, UInt32Array};
use arrow::compute::take;

use super::distinct::Distinct;
use crate::aggregates::{Accumulator, Chunk, Pick, Picks};
use crate::expression::Failures;
use crate::state::key::Keys;
use crate::state::table::{PASS_ROWS, StateTable};
use crate::{Delta, Error, Result};

/// The groups of one shard. A group's row begins with how many rows it has.
pub(crate) struct Groups {
    pub(super) table: StateTable,
    pub(super) calls: Vec<Place>,
    pub(super) distinct: Vec<Distinct>,
    /// There is one group always, also without rows.
    keyless: bool,
    /// The calls whose results can be out of range.
    fallible: Vec<usize>,
}

/// A call's accumulator, and where it finds what it needs.
pub(crate) struct Place {
    /// What folds and reads.
    pub(crate) accumulator: Box<dyn Accumulator>,
    /// Where its words begin.
    pub(crate) offset: usize,
    /// The column of its argument.
    pub(crate) argument: Option<usize>,
    /// The boolean column of its FILTER.
    pub(crate) filter: Option<usize>,
    /// Whether it is fed by a [`Distinct`] rather than by rows.
    pub(crate) distinct: bool,
}

/// What a shard works on: one delta, as seen by all shards.
pub(crate) struct Batch<'a> {
    /// Rows and weights.
    pub(crate) delta: &'a Delta,
    /// The group keys' columns, in normal form.
    pub(crate) key_columns: &'a [ArrayRef],
    /// The keys of the groups.
    pub(crate) keys: &'a Keys,
    /// The keys of each distinct table: group, then value.
    pub(crate) distinct_keys: &'a [Keys],
    /// Which rows pass a filter, by the filter's column; other columns have none.
    pub(crate) filters: &'a [Option<BooleanArray>],
    /// The operator's number in the plan.
    pub(crate) operator: i32,
}

/// What changed in one shard.
#[derive(Default)]
pub(crate) struct Changes {
    /// One column for each key, then for each call.
    pub(crate) columns: Vec<ArrayRef>,
    pub(crate) weights: Vec<i64>,
    pub(crate) failures: Failures,
}

/// What of a group there is to see.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    Nothing,
    Row,
    Failure,
}

impl Groups {
    pub(crate) fn new(
        table: StateTable,
        calls: Vec<Place>,
        distinct: Vec<Distinct>,
        keyless: bool,
    ) -> Self {
        let can_fail =
            |number: &usize| calls.get(*number).is_some_and(|call| call.accumulator.is_fallible());
        let fallible = (0..calls.len()).filter(can_fail).collect();
        Self { table, calls, distinct, keyless, fallible }
    }

    /// Makes the one group of an aggregate without keys and shows it.
    pub(crate) fn start(&mut self, keys: &Keys) -> Result<Vec<ArrayRef>> {
        let mut slots = vec![];
        self.table.begin();
        self.table.touch(keys, &[0], &mut slots)?;
        let list: Vec<Pick> = slots.into_iter().map(Pick::New).collect();
        self.read(&list)
    }

    /// Folds some rows of a batch and says what changed.
    pub(crate) fn process(&mut self, batch: &Batch<'_>, rows: &[u32]) -> Result<Changes> {
        if rows.is_empty() {
            return Ok(Changes::default());
        }
        self.table.begin();
        let weights = batch.delta.weights().map(|weights| weights.values().as_ref());
        let mut scratch = Scratch::default();
        for pass in rows.chunks(PASS_ROWS) {
            self.table.touch(batch.keys, pass, &mut scratch.slots)?;
            scratch.weigh(weights, pass);
            let all = scratch.chunk(pass);
            let mut cells = self.table.cells(0);
            all.each(|slot, weight| {
                let [count] = cells.get::<1>(slot);
                *count = count.wrapping_add(weight as u64);
            });
            for call in self.calls.iter_mut().filter(|call| !call.distinct) {
                call.fold(&mut self.table, batch, &all)?;
            }
        }
        for distinct in &mut self.distinct {
            distinct.process(batch, rows)?;
            distinct.feed(batch, &mut self.table, &mut self.calls)?;
        }
        for call in &mut self.calls {
            self.table.with_touched(call.offset, |touched, cells| {
                call.accumulator.settle(touched, cells);
            });
        }
        let changes = self.changes(batch)?;
        self.remove_empty();
        Ok(changes)
    }

    fn shown(&self, words: &[u64]) -> Shown {
        if !self.keyless && words.first().is_none_or(|count| *count as i64 <= 0) {
            return Shown::Nothing;
        }
        let shows =
            |call: &Place| call.accumulator.is_shown(words.get(call.offset..).unwrap_or_default());
        let mut fallible = self.fallible.iter().filter_map(|number| self.calls.get(*number));
        if fallible.all(shows) { Shown::Row } else { Shown::Failure }
    }

    /// Why a group has no row, where a call has no value.
    fn failure(&self, words: &[u64]) -> Option<Error> {
        self.calls
            .iter()
            .find_map(|call| call.accumulator.check(words.get(call.offset..).unwrap_or_default()))
    }

    fn same(&self, old: &[u64], new: &[u64]) -> bool {
        self.calls.iter().all(|call| {
            let (old, new) = (old.get(call.offset..), new.get(call.offset..));
            call.accumulator.same(old.unwrap_or_default(), new.unwrap_or_default())
        })
    }

    fn changes(&self, batch: &Batch<'_>) -> Result<Changes> {
        let mut changes = Changes::default();
        let most = 2 * self.table.touched().len();
        let (mut list, mut rows) = (Vec::with_capacity(most), Vec::<u32>::with_capacity(most));
        changes.weights.reserve(most);
        for (touch, number) in self.table.touched().iter().zip(0_u32..) {
            let (old, new) = (self.table.old(number as usize), self.table.row(touch.slot));
            let states = (self.shown(old), self.shown(new));
            if states == (Shown::Row, Shown::Row) && self.same(old, new) {
                continue;
            }
            let picks =
                [(states.0, old, Pick::Old(number), -1), (states.1, new, Pick::New(touch.slot), 1)];
            for (state, words, pick, weight) in picks {
                match state {
                    Shown::Nothing => {}
                    Shown::Row => {
                        list.push(pick);
                        rows.push(touch.row);
                        changes.weights.push(weight);
                    }
                    Shown::Failure => {
                        let key = (batch.key_columns, touch.row as usize);
                        if let Some(error) = self.failure(words) {
                            changes.failures.push(batch.operator, &error, key, weight);
                        }
                    }
                }
            }
        }
        if list.is_empty() {
            return Ok(changes);
        }
        let rows = UInt32Array::from(rows);
        for column in batch.key_columns {
            changes.columns.push(take(column, &rows, None)?);
        }
        changes.columns.append(&mut self.read(&list)?);
        Ok(changes)
    }

    fn read(&self, list: &[Pick]) -> Result<Vec<ArrayRef>> {
        let columns = self.calls.iter().map(|call| {
            call.accumulator.read(&Picks { table: &self.table, list, offset: call.offset })
        });
        columns.collect()
    }

    fn remove_empty(&mut self) {
        if self.keyless {
            return;
        }
        for number in 0..self.table.touched().len() {
            let Some(slot) = self.table.touched().get(number).map(|touch| touch.slot) else {
                return;
            };
            if self.table.row(slot).first() == Some(&0) {
                self.remove(slot);
            }
        }
    }

    pub(super) fn remove(&mut self, slot: u32) {
        let words = self.table.row(slot);
        for call in &mut self.calls {
            call.accumulator.release(words.get(call.offset..).unwrap_or_default());
        }
        self.table.remove(slot);
    }

    /// Bytes of the groups, of what accumulators keep beside them, of distinct values.
    pub(crate) fn bytes(&self) -> [usize; 3] {
        let beside = self.calls.iter().map(|call| call.accumulator.bytes()).sum();
        let distinct = self.distinct.iter().map(Distinct::bytes).sum();
        [self.table.bytes(), beside, distinct]
    }
}

impl Place {
    /// Folds those rows of a chunk that pass the call's filter.
    fn fold(&mut self, table: &mut StateTable, batch: &Batch<'_>, all: &Chunk<'_>) -> Result<()> {
        let Some(filter) = self.filter else { return self.fold_all(table, batch, all) };
        let passes = batch.filters.get(filter).and_then(Option::as_ref);
        let passes = passes.ok_or_else(|| Error::internal("a FILTER is of no column"))?;
        let mut kept = Scratch::default();
        let mut rows = all.rows.iter().copied();
        all.each(|slot, weight| {
            if let Some(row) = rows.next().filter(|row| passes.value(*row as usize)) {
                kept.rows.push(row);
                kept.slots.push(slot);
                kept.weights.push(weight);
            }
        });
        let chunk = Chunk { rows: &kept.rows, slots: &kept.slots, weights: Some(&kept.weights) };
        self.fold_all(table, batch, &chunk)
    }

    /// Folds all rows of a chunk.
    pub(crate) fn fold_all(
        &mut self,
        table: &mut StateTable,
        batch: &Batch<'_>,
        chunk: &Chunk<'_>,
    ) -> Result<()> {
        let columns = batch.delta.rows().columns();
        let argument = match self.argument {
            None => None,
            Some(number) => Some(
                columns
                    .get(number)
                    .ok_or_else(|| Error::internal("an argument is of no column"))?,
            ),
        };
        self.accumulator.fold(argument, chunk, table.cells(self.offset))
    }
}

/// Lists that a pass fills.
#[derive(Default)]
pub(crate) struct Scratch {
    rows: Vec<u32>,
    slots: Vec<u32>,
    weights: Vec<i64>,
    weighted: bool,
}

impl Scratch {
    fn weigh(&mut self, weights: Option<&[i64]>, rows: &[u32]) {
        self.weights.clear();
        self.weighted = weights.is_some();
        let Some(weights) = weights else { return };
        self.weights.extend(rows.iter().filter_map(|row| weights.get(*row as usize)));
    }

    fn chunk<'a>(&'a self, rows: &'a [u32]) -> Chunk<'a> {
        let weights = self.weighted.then_some(self.weights.as_slice());
        Chunk { rows, slots: &self.slots, weights }
    }
}

impl Changes {
    /// The rows that changed, as a delta of this schema.
    pub(crate) fn delta(self, schema: &arrow::datatypes::SchemaRef) -> Result<Delta> {
        let options =
            arrow::array::RecordBatchOptions::new().with_row_count(Some(self.weights.len()));
        let schema = arrow::datatypes::SchemaRef::clone(schema);
        let rows = RecordBatch::try_new_with_options(schema, self.columns, &options)?;
        Delta::new(rows, Int64Array::from(self.weights))
    }
}
