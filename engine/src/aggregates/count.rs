//! `count`: how many rows, or how many that are not null.
use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array};

use super::accumulator::{Accumulator, Chunk, Picks};
use crate::Result;
use crate::state::table::Cells;

/// One word; none of its own where it counts all rows, since the group does that.
pub(crate) struct Count {
    all_rows: bool,
}

impl Count {
    /// Counts rows whose argument is not null, or rows that pass a filter.
    pub(crate) fn new() -> Self {
        Self { all_rows: false }
    }

    /// Reads the group's own count of rows, which stands where this accumulator is put.
    pub(crate) fn of_group() -> Self {
        Self { all_rows: true }
    }
}

impl Accumulator for Count {
    fn words(&self) -> usize {
        usize::from(!self.all_rows)
    }

    fn fold(
        &mut self,
        argument: Option<&ArrayRef>,
        chunk: &Chunk<'_>,
        mut cells: Cells<'_>,
    ) -> Result<()> {
        if self.all_rows {
            return Ok(());
        }
        let mut add = |slot, weight: i64| {
            let [count] = cells.get::<1>(slot);
            *count = count.wrapping_add(weight as u64);
        };
        match argument {
            Some(array) => chunk.present(array, |_, slot, weight| add(slot, weight)),
            None => chunk.each(add),
        }
        Ok(())
    }

    fn same(&self, old: &[u64], new: &[u64]) -> bool {
        old.first() == new.first()
    }

    fn read(&self, picks: &Picks<'_>) -> Result<ArrayRef> {
        let counts = picks.words().map(|words| words.first().copied().unwrap_or_default() as i64);
        Ok(Arc::new(Int64Array::from_iter_values(counts)))
    }
}
