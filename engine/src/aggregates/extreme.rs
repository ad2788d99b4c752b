//! `min`, `max` of values of fixed width.
//!
//! Over input that is only appended one value is kept. Otherwise all are, in order,
//! so that a retracted extreme gives way to the next.
use arrow::array::ArrayRef;
use arrow::datatypes::DataType;

use super::accumulator::{Accumulator, Chunk, Picks};
use super::choose::mismatch;
use super::value::Value;
use crate::state::ordered::Ordered;
use crate::state::table::{Cells, Touch};
use crate::{Error, Result};

/// Whether a group shows a value (bit 0), and which of `sets` is its own, from 1.
const SHOWN: u64 = 1;

/// `W` words (one more than a value's `N`): a word of marks, then the value that is shown.
pub(crate) struct Extreme<V, const N: usize, const W: usize> {
    least: bool,
    data_type: DataType,
    append_only: bool,
    sets: Vec<Ordered<V>>,
    free: Vec<u64>,
}

impl<V: Value<N>, const N: usize, const W: usize> Extreme<V, N, W> {
    pub(crate) fn new(least: bool, data_type: DataType, append_only: bool) -> Self {
        Self { least, data_type, append_only, sets: vec![], free: vec![] }
    }

    fn value(words: &[u64]) -> Option<V> {
        let (mark, value) = words.split_first()?;
        let value = value.first_chunk::<N>()?;
        (mark & SHOWN == SHOWN).then(|| V::of_words(*value))
    }

    fn show(words: &mut [u64; W], value: Option<V>) {
        let [mark, rest @ ..] = words.as_mut_slice() else { return };
        match value {
            Some(value) => {
                *mark |= SHOWN;
                rest.copy_from_slice(&value.words());
            }
            None => {
                *mark &= !SHOWN;
                rest.fill(0);
            }
        }
    }

    fn fold_appended(
        &self,
        array: &ArrayRef,
        chunk: &Chunk<'_>,
        mut cells: Cells<'_>,
    ) -> Result<()> {
        let mut retracted = false;
        V::each(array, chunk, |slot, value, weight| {
            retracted |= weight < 0;
            let words = cells.get::<W>(slot);
            let better = match Self::value(words) {
                Some(shown) if self.least => value < shown,
                Some(shown) => value > shown,
                None => true,
            };
            if better {
                Self::show(words, Some(value));
            }
        })?;
        match retracted {
            true => Err(Error::internal("a row was retracted from input that is only appended")),
            false => Ok(()),
        }
    }
}

impl<V: Value<N>, const N: usize, const W: usize> Accumulator for Extreme<V, N, W> {
    fn words(&self) -> usize {
        W
    }

    fn fold(
        &mut self,
        argument: Option<&ArrayRef>,
        chunk: &Chunk<'_>,
        mut cells: Cells<'_>,
    ) -> Result<()> {
        let array = argument.ok_or_else(mismatch)?;
        if self.append_only {
            return self.fold_appended(array, chunk, cells);
        }
        let (sets, free) = (&mut self.sets, &mut self.free);
        V::each(array, chunk, |slot, value, weight| {
            let [mark, ..] = cells.get::<W>(slot).as_mut_slice() else { return };
            if *mark >> 1 == 0 {
                let handle = free.pop().unwrap_or_else(|| {
                    sets.push(Ordered::default());
                    sets.len() as u64
                });
                *mark |= handle << 1;
            }
            if let Some(set) = sets.get_mut((*mark >> 1) as usize - 1) {
                set.add(value, weight);
            }
        })
    }

    fn same(&self, old: &[u64], new: &[u64]) -> bool {
        Self::value(old) == Self::value(new)
    }

    fn settle(&mut self, touched: &[Touch], mut cells: Cells<'_>) {
        if self.append_only {
            return;
        }
        for touch in touched {
            let words = cells.get::<W>(touch.slot);
            let handle = words.first().map_or(0, |mark| mark >> 1);
            let set = (handle as usize).checked_sub(1).and_then(|place| self.sets.get(place));
            let Some(set) = set else { continue };
            let value = if self.least { set.first() } else { set.last() };
            Self::show(words, value.copied());
            if set.is_empty() {
                self.free.push(handle);
                if let Some(mark) = words.first_mut() {
                    *mark &= SHOWN;
                }
            }
        }
    }

    fn read(&self, picks: &Picks<'_>) -> Result<ArrayRef> {
        V::array(picks.words().map(Self::value), &self.data_type)
    }

    fn release(&mut self, words: &[u64]) {
        let handle = words.first().map_or(0, |mark| mark >> 1);
        let place = (handle as usize).checked_sub(1);
        if let Some(set) = place.and_then(|place| self.sets.get_mut(place)) {
            *set = Ordered::default();
            self.free.push(handle);
        }
    }

    fn bytes(&self) -> usize {
        let own = self.sets.capacity() * size_of::<Ordered<V>>();
        own + self.sets.iter().map(Ordered::bytes).sum::<usize>()
            + self.free.capacity() * size_of::<u64>()
    }
}
