//! The values of one column in each group, for calls that count equal ones once.
//!
//! All distinct calls over a column share it: a row is a group and a value, and has a
//! count for each different FILTER of those calls.
use arrow::array::Array;

use super::groups::{Batch, Place};
use crate::aggregates::Chunk;
use crate::state::record::{Reader, Writer};
use crate::state::table::{PASS_ROWS, StateTable};
use crate::state::unwritten::Change;
use crate::{Error, Result};

/// Which values are there, in one shard.
pub(crate) struct Distinct {
    table: StateTable,
    /// Which of the batch's distinct keys are its own.
    number: usize,
    /// The column of the values.
    argument: usize,
    /// One for each word of a row.
    variants: Vec<Variant>,
}

/// The calls under one FILTER.
#[derive(Clone, Debug)]
pub(crate) struct Variant {
    /// The filter's column.
    pub(crate) filter: Option<usize>,
    /// Which calls of the aggregate.
    pub(crate) calls: Vec<usize>,
}

impl Distinct {
    /// A table of `variants.len()` words a row.
    pub(crate) fn new(
        table: StateTable,
        number: usize,
        argument: usize,
        variants: Vec<Variant>,
    ) -> Self {
        Self { table, number, argument, variants }
    }

    /// Counts the values of some rows.
    pub(crate) fn process(&mut self, batch: &Batch<'_>, rows: &[u32]) -> Result<()> {
        self.table.begin();
        let missing = || Error::internal("a distinct aggregate is of no column");
        let keys = batch.distinct_keys.get(self.number).ok_or_else(missing)?;
        let values = batch.delta.rows().columns().get(self.argument).ok_or_else(missing)?;
        let present: Vec<u32> =
            rows.iter().copied().filter(|row| values.is_valid(*row as usize)).collect();
        let weights = batch.delta.weights().map(|weights| weights.values().as_ref());
        let mut slots = vec![];
        for pass in present.chunks(PASS_ROWS) {
            self.table.touch(keys, pass, &mut slots)?;
            for (row, slot) in pass.iter().zip(&slots) {
                let row = *row as usize;
                let weight = weights.map_or(Some(1), |w| w.get(row).copied()).unwrap_or_default();
                for (variant, count) in self.variants.iter().zip(self.table.row_mut(*slot)) {
                    let passes = variant.filter.is_none_or(|filter| {
                        let mask = batch.filters.get(filter).and_then(Option::as_ref);
                        mask.is_some_and(|mask| mask.value(row))
                    });
                    if passes {
                        *count = count.wrapping_add(weight as u64);
                    }
                }
            }
        }
        Ok(())
    }

    /// Folds the values that came or went into the calls' groups, each once.
    pub(crate) fn feed(
        &mut self,
        batch: &Batch<'_>,
        groups: &mut StateTable,
        calls: &mut [Place],
    ) -> Result<()> {
        for (word, variant) in self.variants.iter().enumerate() {
            let there = |words: &[u64]| words.get(word).is_some_and(|count| *count as i64 > 0);
            let (mut rows, mut weights) = (vec![], vec![]);
            for (number, touch) in self.table.touched().iter().enumerate() {
                match (there(self.table.old(number)), there(self.table.row(touch.slot))) {
                    (false, true) => weights.push(1),
                    (true, false) => weights.push(-1),
                    _ => continue,
                }
                rows.push(touch.row);
            }
            let mut slots = vec![];
            for (rows, weights) in rows.chunks(PASS_ROWS).zip(weights.chunks(PASS_ROWS)) {
                groups.touch(batch.keys, rows, &mut slots)?;
                let chunk = Chunk { rows, slots: &slots, weights: Some(weights) };
                for number in &variant.calls {
                    if let Some(call) = calls.get_mut(*number) {
                        call.fold_all(groups, batch, &chunk)?;
                    }
                }
            }
        }
        let touched = self.table.touched().iter().map(|touch| touch.slot);
        let gone: Vec<u32> =
            touched.filter(|slot| self.table.row(*slot).iter().all(|count| *count == 0)).collect();
        gone.into_iter().for_each(|slot| self.table.remove(slot));
        Ok(())
    }

    /// From now on changes are noted; what is there counts as written, or is to be.
    pub(crate) fn track(&mut self, written: bool) {
        self.table.track(written);
    }

    /// How many values are to be written at most.
    pub(crate) fn unwritten(&self) -> usize {
        self.table.unwritten()
    }

    /// The value that is to be written next.
    pub(crate) fn next_change(&mut self) -> Option<Change> {
        self.table.next_change()
    }

    /// Writes a value: whether it is there, its key, its counts.
    pub(crate) fn write(&self, change: Change, writer: &mut Writer) {
        match change {
            Change::Nothing => {}
            Change::Gone(key) => {
                writer.number(0);
                writer.bytes(&key);
            }
            Change::Row(slot) => {
                writer.number(1);
                self.table.write_key(slot, writer);
                writer.words(self.table.row(slot));
            }
        }
    }

    /// Takes back what [`Distinct::write`] wrote.
    pub(crate) fn restore(&mut self, reader: &mut Reader<'_>) -> Result<()> {
        if reader.number()? == 0 {
            if let Some(slot) = self.table.find_removed(reader.bytes()?)? {
                self.table.remove(slot);
            }
            return Ok(());
        }
        let slot = self.table.read_key(reader)?;
        let words = reader.words(self.variants.len())?;
        self.table.row_mut(slot).copy_from_slice(&words);
        Ok(())
    }

    /// Bytes of the table.
    pub(crate) fn bytes(&self) -> usize {
        self.table.bytes()
    }
}
