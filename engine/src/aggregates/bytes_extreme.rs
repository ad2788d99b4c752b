//! `min`, `max` of strings of bytes, by their bytes (C collation).
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BinaryBuilder, FixedSizeBinaryBuilder, StringBuilder,
};
use arrow::datatypes::DataType;

use super::accumulator::{Accumulator, Chunk, Picks};
use super::choose::mismatch;
use crate::state::ordered::Ordered;
use crate::state::table::{Cells, Touch};
use crate::{Error, Result};

/// Two words: which set is the group's own, and which value it shows, both from 1.
pub(crate) struct BytesExtreme {
    least: bool,
    data_type: DataType,
    append_only: bool,
    sets: Slab<Ordered<Arc<[u8]>>>,
    shown: Slab<Option<Arc<[u8]>>>,
    /// Values that old words still refer to, until the next tick.
    retired: Vec<u64>,
}

impl BytesExtreme {
    pub(crate) fn new(least: bool, data_type: DataType, append_only: bool) -> Self {
        Self {
            least,
            data_type,
            append_only,
            sets: Slab::default(),
            shown: Slab::default(),
            retired: vec![],
        }
    }

    fn value(&self, words: &[u64]) -> Option<&Arc<[u8]>> {
        self.shown.get(*words.get(1)?)?.as_ref()
    }

    /// Of input that is only appended, one value is enough.
    fn keep_one(&self, set: &mut Ordered<Arc<[u8]>>, value: &[u8]) -> bool {
        let better = match set.first() {
            Some(kept) if self.least => value < &**kept,
            Some(kept) => value > &**kept,
            None => true,
        };
        if better {
            *set = Ordered::default();
        }
        better
    }
}

impl Accumulator for BytesExtreme {
    fn words(&self) -> usize {
        2
    }

    fn fold(
        &mut self,
        argument: Option<&ArrayRef>,
        chunk: &Chunk<'_>,
        mut cells: Cells<'_>,
    ) -> Result<()> {
        let array = argument.ok_or_else(mismatch)?;
        let bytes = bytes_of(array)?;
        let mut retracted = false;
        chunk.present(array, |row, slot, weight| {
            let [handle, _] = cells.get::<2>(slot);
            if *handle == 0 {
                *handle = self.sets.insert(Ordered::default());
            }
            let value = bytes(row as usize);
            let mut set = std::mem::take(self.sets.get_mut(*handle));
            retracted |= weight < 0;
            if !self.append_only || self.keep_one(&mut set, value) {
                set.add(value.into(), weight);
            }
            *self.sets.get_mut(*handle) = set;
        });
        match self.append_only && retracted {
            true => Err(Error::internal("a row was retracted from input that is only appended")),
            false => Ok(()),
        }
    }

    fn same(&self, old: &[u64], new: &[u64]) -> bool {
        self.value(old) == self.value(new)
    }

    fn settle(&mut self, touched: &[Touch], mut cells: Cells<'_>) {
        self.retired.drain(..).for_each(|handle| self.shown.remove(handle));
        for touch in touched {
            let [set, shown] = cells.get::<2>(touch.slot);
            let values = self.sets.get(*set);
            let value =
                values.and_then(|values| if self.least { values.first() } else { values.last() });
            if value != self.shown.get(*shown).and_then(Option::as_ref) {
                if *shown != 0 {
                    self.retired.push(*shown);
                }
                *shown = value.map_or(0, |value| self.shown.insert(Some(Arc::clone(value))));
            }
            if values.is_some_and(Ordered::is_empty) {
                self.sets.remove(*set);
                *set = 0;
            }
        }
    }

    fn read(&self, picks: &Picks<'_>) -> Result<ArrayRef> {
        let values = picks.words().map(|words| self.value(words).map(AsRef::as_ref));
        array_of(values, &self.data_type)
    }

    fn release(&mut self, words: &[u64]) {
        if let [set, shown, ..] = *words {
            self.sets.remove(set);
            if shown != 0 {
                self.retired.push(shown);
            }
        }
    }

    fn bytes(&self) -> usize {
        let value = |value: &Arc<[u8]>| value.len() + 2 * size_of::<usize>();
        let sets = self
            .sets
            .items
            .iter()
            .map(|set| set.bytes() + set.iter().map(|(bytes, _)| value(bytes)).sum::<usize>());
        sets.sum::<usize>()
            + self.sets.items.capacity() * size_of::<Ordered<Arc<[u8]>>>()
            + self.shown.items.capacity() * size_of::<Option<Arc<[u8]>>>()
    }
}

/// Things under numbers from 1; numbers of what was removed are used again.
struct Slab<T> {
    items: Vec<T>,
    free: Vec<u64>,
    none: T,
}

impl<T: Default> Default for Slab<T> {
    fn default() -> Self {
        Self { items: vec![], free: vec![], none: T::default() }
    }
}

impl<T: Default> Slab<T> {
    fn insert(&mut self, item: T) -> u64 {
        if let Some(handle) = self.free.pop() {
            *self.get_mut(handle) = item;
            return handle;
        }
        self.items.push(item);
        self.items.len() as u64
    }

    fn get(&self, handle: u64) -> Option<&T> {
        self.items.get((handle as usize).checked_sub(1)?)
    }

    fn get_mut(&mut self, handle: u64) -> &mut T {
        let place = (handle as usize).checked_sub(1);
        place.and_then(|place| self.items.get_mut(place)).unwrap_or(&mut self.none)
    }

    fn remove(&mut self, handle: u64) {
        if self.get(handle).is_some() {
            *self.get_mut(handle) = T::default();
            self.free.push(handle);
        }
    }
}

/// The bytes of an array's values, by row.
fn bytes_of<'a>(array: &'a ArrayRef) -> Result<Box<dyn Fn(usize) -> &'a [u8] + 'a>> {
    Ok(match array.data_type() {
        DataType::Utf8 => {
            let values = array.as_string::<i32>();
            Box::new(|row| values.value(row).as_bytes())
        }
        DataType::Binary => {
            let values = array.as_binary::<i32>();
            Box::new(|row| values.value(row))
        }
        DataType::FixedSizeBinary(_) => {
            let values = array.as_fixed_size_binary();
            Box::new(|row| values.value(row))
        }
        _ => return Err(mismatch()),
    })
}

fn array_of<'a>(
    values: impl Iterator<Item = Option<&'a [u8]>>,
    data_type: &DataType,
) -> Result<ArrayRef> {
    Ok(match data_type {
        DataType::Utf8 => {
            let mut builder = StringBuilder::new();
            for value in values {
                let text = value.map(std::str::from_utf8).transpose();
                builder.append_option(text.map_err(|_| Error::internal("text is not UTF-8"))?);
            }
            Arc::new(builder.finish())
        }
        DataType::Binary => {
            let mut builder = BinaryBuilder::new();
            values.for_each(|value| builder.append_option(value));
            Arc::new(builder.finish())
        }
        DataType::FixedSizeBinary(width) => {
            let mut builder = FixedSizeBinaryBuilder::new(*width);
            for value in values {
                match value {
                    Some(value) => builder.append_value(value)?,
                    None => builder.append_null(),
                }
            }
            Arc::new(builder.finish())
        }
        _ => return Err(mismatch()),
    })
}
