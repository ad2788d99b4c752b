//! `min`, `max` of values of fixed width.
//!
//! Over input that is only appended one value is kept. Otherwise all are, in order,
//! so that a retracted extreme gives way to the next.
use arrow::array::ArrayRef;
use arrow::datatypes::DataType;

use super::accumulator::{Accumulator, Chunk, Picks, Words};
use super::choose::mismatch;
use super::slab::Slab;
use super::value::Value;
use crate::state::changed::{Changed, Next};
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

    fn track(&mut self, written: bool) {
        if !self.append_only {
            self.changed.track(written);
        }
    }

    fn restore(
        &mut self,
        words: &mut [u64],
        written: &[u64],
        _reader: &mut Reader<'_>,
    ) -> Result<()> {
        let set = words.first().map_or(0, |mark| mark & !SHOWN);
        words.copy_from_slice(written);
        if let Some(mark) = words.first_mut() {
            *mark = *mark & SHOWN | set;
        }
        Ok(())
    }

    fn write_value(&mut self, all: &Words<'_>, writer: &mut Writer) -> Option<Option<u32>> {
        let sets = &self.sets;
        let set = |slot| sets.get(all.of(slot).first()? >> 1);
        let Next::Value(slot, value, count) = self.changed.next(all.table.slots(), set)? else {
            return Some(None);
        };
        writer.words(&value.words());
        writer.signed(count);
        Some(Some(slot))
    }

    fn restore_value(&mut self, words: &mut [u64], reader: &mut Reader<'_>) -> Result<()> {
        let mut value = [0; N];
        for word in &mut value {
            *word = reader.word()?;
        }
        let [mark, ..] = words else { return Err(mismatch()) };
        if *mark >> 1 == 0 {
            *mark |= self.sets.insert(Ordered::default()) << 1;
        }
        let set = self.sets.get_mut(*mark >> 1);
        set.set(V::of_words(value), reader.signed()?);
        if set.is_empty() {
            self.sets.remove(*mark >> 1);
            *mark &= SHOWN;
        }
        Ok(())
    }

    fn unwritten(&self, slots: usize) -> usize {
        self.changed.len(slots)
    }

    fn bytes(&self) -> usize {
        let sets = self.sets.iter().map(Ordered::bytes).sum::<usize>();
        self.sets.bytes() + sets + self.changed.bytes()
    }
}
