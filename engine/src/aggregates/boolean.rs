//! `bool_and`, `bool_or`.
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, BooleanArray};

use super::accumulator::{Accumulator, Chunk, Picks};
use crate::Result;
use crate::state::table::Cells;

/// Two words: how many are true, how many false.
pub(crate) struct Boolean {
    all: bool,
}

impl Boolean {
    /// Whether all are true.
    pub(crate) fn and() -> Self {
        Self { all: true }
    }

    /// Whether any is.
    pub(crate) fn or() -> Self {
        Self { all: false }
    }

    fn value(&self, words: &[u64]) -> Option<bool> {
        let [trues, falses, ..] = *words else { return None };
        match (trues as i64 > 0, falses as i64 > 0) {
            (false, false) => None,
            (any, none) => Some(if self.all { !none } else { any }),
        }
    }
}

impl Accumulator for Boolean {
    fn words(&self) -> usize {
        2
    }

    fn fold(
        &mut self,
        argument: Option<&ArrayRef>,
        chunk: &Chunk<'_>,
        mut cells: Cells<'_>,
    ) -> Result<()> {
        let Some(values) = argument.and_then(|array| array.as_boolean_opt()) else {
            return Err(super::choose::mismatch());
        };
        chunk.present(values, |row, slot, weight| {
            let [trues, falses] = cells.get::<2>(slot);
            let count = if values.value(row as usize) { trues } else { falses };
            *count = count.wrapping_add(weight as u64);
        });
        Ok(())
    }

    fn same(&self, old: &[u64], new: &[u64]) -> bool {
        self.value(old) == self.value(new)
    }

    fn read(&self, picks: &Picks<'_>) -> Result<ArrayRef> {
        let values: BooleanArray = picks.words().map(|words| self.value(words)).collect();
        Ok(Arc::new(values))
    }
}
