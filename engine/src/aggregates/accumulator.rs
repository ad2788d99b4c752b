//! What one aggregate does with its words in the rows of a state table.
use arrow::array::{Array, ArrayRef, ArrowPrimitiveType, BooleanBufferBuilder, PrimitiveArray};
use arrow::buffer::NullBuffer;

use crate::state::record::{Reader, Writer};
use crate::state::table::{Cells, StateTable, Touch};
use crate::{Error, Result};

/// An aggregate over every group of one shard. A group's words are zero at first;
/// what does not fit in them the accumulator keeps itself and refers to.
pub(crate) trait Accumulator: Send {
    /// How many words it has in a group's row.
    fn words(&self) -> usize;

    /// Folds the arguments of some rows into their groups.
    fn fold(
        &mut self,
        argument: Option<&ArrayRef>,
        chunk: &Chunk<'_>,
        cells: Cells<'_>,
    ) -> Result<()>;

    /// Whether two states of a group show the same value.
    fn same(&self, old: &[u64], new: &[u64]) -> bool;

    /// The values that these states show; none of them fails [`Accumulator::check`].
    fn read(&self, picks: &Picks<'_>) -> Result<ArrayRef>;

    /// Puts the value that touched groups show now into their words, where those alone
    /// do not tell; what the old words refer to stays until the next call.
    fn settle(&mut self, _touched: &[Touch], _cells: Cells<'_>) {}

    /// Whether [`Accumulator::check`] can find anything.
    fn is_fallible(&self) -> bool {
        false
    }

    /// Why this state has no value, if it has none.
    fn check(&self, _words: &[u64]) -> Option<Error> {
        None
    }

    /// Whether this state has a value, or shows that it is over nothing.
    fn is_shown(&self, words: &[u64]) -> bool {
        self.check(words).is_none()
    }

    /// Lets go of what a group's words refer to: the group is gone.
    fn release(&mut self, _words: &[u64]) {}

    /// From now on notes which values change of those kept beside the words; what is there
    /// counts as written, or is to be.
    fn track(&mut self, _written: bool) {}

    /// Writes what is kept beside the words of one group and is little.
    fn write(&mut self, _words: &[u64], _writer: &mut Writer) {}

    /// Makes a group's words what they were, with what was written beside them.
    fn restore(
        &mut self,
        words: &mut [u64],
        written: &[u64],
        _reader: &mut Reader<'_>,
    ) -> Result<()> {
        words.copy_from_slice(written);
        Ok(())
    }

    /// Writes a value that has changed since it was written, if the next one has, and says
    /// of which slot it is; `None` if there is no more.
    fn write_value(&mut self, _all: &Words<'_>, _writer: &mut Writer) -> Option<Option<u32>> {
        None
    }

    /// Takes back what [`Accumulator::write_value`] wrote.
    fn restore_value(&mut self, _words: &mut [u64], _reader: &mut Reader<'_>) -> Result<()> {
        Err(Error::internal("an aggregate without values was given one"))
    }

    /// How many values are to be written, of groups in so many slots.
    fn unwritten(&self, _slots: usize) -> usize {
        0
    }

    /// Bytes of what is kept beside the words.
    fn bytes(&self) -> usize {
        0
    }
}

/// The array of these values: quick where none or few of them are null.
pub(crate) fn array_of<T: ArrowPrimitiveType>(
    values: impl Iterator<Item = Option<T::Native>>,
) -> PrimitiveArray<T> {
    let mut all = Vec::with_capacity(values.size_hint().0);
    let mut nulls: Vec<usize> = vec![];
    for (place, value) in values.enumerate() {
        if value.is_none() {
            nulls.push(place);
        }
        all.push(value.unwrap_or_default());
    }
    let valid = (!nulls.is_empty()).then(|| {
        let mut valid = BooleanBufferBuilder::new(all.len());
        valid.append_n(all.len(), true);
        nulls.iter().for_each(|place| valid.set_bit(*place, false));
        NullBuffer::new(valid.finish())
    });
    PrimitiveArray::new(all.into(), valid)
}

/// Some rows of a batch, each with the slot of its group and its weight.
pub(crate) struct Chunk<'a> {
    /// Numbers of rows.
    pub(crate) rows: &'a [u32],
    /// As many slots.
    pub(crate) slots: &'a [u32],
    /// As many weights; absent when all are +1.
    pub(crate) weights: Option<&'a [i64]>,
}

impl Chunk<'_> {
    /// Calls `each` with row, slot and weight of those rows that are not null in `array`.
    #[inline]
    pub(crate) fn present(&self, array: &dyn Array, mut each: impl FnMut(u32, u32, i64)) {
        let places = self.rows.iter().zip(self.slots);
        let nulls = array.nulls().filter(|nulls| nulls.null_count() > 0);
        match (self.weights, nulls) {
            (None, None) => places.for_each(|(row, slot)| each(*row, *slot, 1)),
            (Some(weights), None) => {
                places.zip(weights).for_each(|((row, slot), weight)| each(*row, *slot, *weight));
            }
            (None, Some(nulls)) => places
                .filter(|(row, _)| nulls.is_valid(**row as usize))
                .for_each(|(row, slot)| each(*row, *slot, 1)),
            (Some(weights), Some(nulls)) => places
                .zip(weights)
                .filter(|((row, _), _)| nulls.is_valid(**row as usize))
                .for_each(|((row, slot), weight)| each(*row, *slot, *weight)),
        }
    }

    /// Calls `each` with slot, value and weight of those rows that are not null in `array`.
    #[inline]
    pub(crate) fn values<T: ArrowPrimitiveType>(
        &self,
        array: &PrimitiveArray<T>,
        mut each: impl FnMut(u32, T::Native, i64),
    ) {
        let values = array.values();
        self.present(array, |row, slot, weight| {
            if let Some(value) = values.get(row as usize) {
                each(slot, *value, weight);
            }
        });
    }

    /// Calls `each` with slot and weight of all rows.
    #[inline]
    pub(crate) fn each(&self, mut each: impl FnMut(u32, i64)) {
        match self.weights {
            None => self.slots.iter().for_each(|slot| each(*slot, 1)),
            Some(weights) => {
                self.slots.iter().zip(weights).for_each(|(slot, weight)| each(*slot, *weight));
            }
        }
    }
}

/// The words of one accumulator in all rows of a table, to be read.
pub(crate) struct Words<'a> {
    /// Where they are.
    pub(crate) table: &'a StateTable,
    /// Where the accumulator's words begin among the owner's.
    pub(crate) offset: usize,
}

impl Words<'_> {
    /// The words of a slot, from the accumulator's first one on.
    pub(crate) fn of(&self, slot: u32) -> &[u64] {
        self.table.row(slot).get(self.offset..).unwrap_or_default()
    }
}

/// A state of a group that was touched.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Pick {
    /// As it was before, by its place among the touched.
    Old(u32),
    /// As it is now, by its slot.
    New(u32),
}

/// The words of one accumulator in some states of groups.
pub(crate) struct Picks<'a> {
    /// Where the states are.
    pub(crate) table: &'a StateTable,
    /// Which.
    pub(crate) list: &'a [Pick],
    /// Where the accumulator's words begin among the owner's.
    pub(crate) offset: usize,
}

impl Picks<'_> {
    /// The words of each state, from the accumulator's first one on.
    #[inline]
    pub(crate) fn words(&self) -> impl Iterator<Item = &[u64]> {
        self.list.iter().map(|pick| {
            let words = match pick {
                Pick::Old(touch) => self.table.old(*touch as usize),
                Pick::New(slot) => self.table.row(*slot),
            };
            words.get(self.offset..).unwrap_or_default()
        })
    }
}
