//! `min`, `max` of values of fixed width.
//!
//! Over input that is only appended one value is kept. Otherwise all are, in order,
//! so that a retracted extreme gives way to the next.
use arrow::array::ArrayRef;
use arrow::datatypes::DataType;

use super::accumulator::{Accumulator, Captured, Chunk, Emit, Picks};
use super::changed::Changed;
use super::choose::mismatch;
use super::slab::Slab;
use super::value::Value;
use crate::state::ordered::Ordered;
use crate::state::record::{Reader, Writer};
use crate::state::table::{Cells, Touch};
use crate::{Error, Result};

/// Whether a group shows a value (bit 0), and which of `sets` is its own, from 1.
const SHOWN: u64 = 1;

/// `W` words (one more than a value's `N`): a word of marks, then the value that is shown.
pub(crate) struct Extreme<V, const N: usize, const W: usize> {
    least: bool,
    data_type: DataType,
    append_only: bool,
    sets: Slab<Ordered<V>>,
    changed: Changed<V>,
}

impl<V: Value<N>, const N: usize, const W: usize> Extreme<V, N, W> {
    pub(crate) fn new(least: bool, data_type: DataType, append_only: bool) -> Self {
        Self { least, data_type, append_only, sets: Slab::default(), changed: Changed::default() }
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
        let (sets, changed) = (&mut self.sets, &mut self.changed);
        V::each(array, chunk, |slot, value, weight| {
            let [mark, ..] = cells.get::<W>(slot).as_mut_slice() else { return };
            if *mark >> 1 == 0 {
                *mark |= sets.insert(Ordered::default()) << 1;
            }
            sets.get_mut(*mark >> 1).add(value, weight);
            changed.push(slot, || value);
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
            let Some(set) = self.sets.get(handle) else { continue };
            let value = if self.least { set.first() } else { set.last() };
            Self::show(words, value.copied());
            if set.is_empty() {
                self.sets.remove(handle);
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
        self.sets.remove(words.first().map_or(0, |mark| mark >> 1));
    }

    fn capture(&mut self, groups: &Captured<'_>, whole: bool, each: &mut Emit<'_>) {
        let changed = self.changed.take();
        let mut emit = |slot, value: V, count| {
            let mut writer = Writer::default();
            writer.words(&value.words());
            writer.signed(count);
            each(slot, &writer.finish());
        };
        let set = |slot| groups.words(slot).first().and_then(|mark| self.sets.get(mark >> 1));
        if whole {
            for slot in groups.slots {
                let values = set(*slot).into_iter().flat_map(Ordered::iter);
                values.for_each(|(value, count)| emit(*slot, *value, count));
            }
        } else {
            for (slot, value) in changed.into_iter().filter(|(slot, _)| groups.contains(*slot)) {
                emit(slot, value, set(slot).map_or(0, |set| set.count(&value)));
            }
        }
    }

    fn restore(&mut self, words: &mut [u64], captured: &[u64], beside: &[&[u8]]) -> Result<()> {
        let mut handle = words.first().map_or(0, |mark| mark >> 1);
        words.copy_from_slice(captured);
        for record in beside {
            let mut reader = Reader::new(record);
            let mut value = [0; N];
            for word in &mut value {
                *word = reader.word()?;
            }
            if handle == 0 {
                handle = self.sets.insert(Ordered::default());
            }
            self.sets.get_mut(handle).set(V::of_words(value), reader.signed()?);
        }
        if self.sets.get(handle).is_some_and(Ordered::is_empty) {
            self.sets.remove(handle);
            handle = 0;
        }
        if let Some(mark) = words.first_mut() {
            *mark = *mark & SHOWN | handle << 1;
        }
        Ok(())
    }

    fn bytes(&self) -> usize {
        let sets = self.sets.iter().map(Ordered::bytes).sum::<usize>();
        self.sets.bytes() + sets + self.changed.bytes()
    }
}
