//! `min`, `max` of strings of bytes, by their bytes (C collation).
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BinaryBuilder, FixedSizeBinaryBuilder, StringBuilder,
};
use arrow::datatypes::DataType;

use super::accumulator::{Accumulator, Chunk, Picks, Words};
use super::choose::mismatch;
use super::slab::Slab;
use crate::state::changed::{Changed, Next};
use crate::state::ordered::Ordered;
use crate::state::record::{Reader, Writer};
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
    changed: Changed<Arc<[u8]>>,
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
            changed: Changed::default(),
        }
    }

    fn value(&self, words: &[u64]) -> Option<&Arc<[u8]>> {
        self.shown.get(*words.get(1)?)?.as_ref()
    }

    fn is_better(&self, set: &Ordered<Arc<[u8]>>, value: &Arc<[u8]>) -> bool {
        match set.first() {
            Some(kept) if self.least => value < kept,
            Some(kept) => value > kept,
            None => true,
        }
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
            retracted |= weight < 0;
            let value: Arc<[u8]> = bytes(row as usize).into();
            let mut set = std::mem::take(self.sets.get_mut(*handle));
            if !self.append_only {
                self.changed.push(slot, || Arc::clone(&value));
                set.add(value, weight);
            } else if self.is_better(&set, &value) {
                // Of input that is only appended, one value is enough.
                if let Some(worse) = set.first().map(Arc::clone) {
                    self.changed.push(slot, || Arc::clone(&worse));
                    set.set(worse, 0);
                }
                self.changed.push(slot, || Arc::clone(&value));
                set.add(value, 1);
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

    fn track(&mut self, written: bool) {
        self.changed.track(written);
    }

    /// The words only refer to the values, which come one by one.
    fn restore(&mut self, _: &mut [u64], _: &[u64], _: &mut Reader<'_>) -> Result<()> {
        Ok(())
    }

    fn write_value(&mut self, all: &Words<'_>, writer: &mut Writer) -> Option<Option<u32>> {
        let sets = &self.sets;
        let set = |slot| sets.get(*all.of(slot).first()?);
        let Next::Value(slot, value, count) = self.changed.next(all.table.slots(), set)? else {
            return Some(None);
        };
        writer.bytes(&value);
        writer.signed(count);
        Some(Some(slot))
    }

    fn restore_value(&mut self, words: &mut [u64], reader: &mut Reader<'_>) -> Result<()> {
        let [set, shown, ..] = words else { return Err(mismatch()) };
        if *set == 0 {
            *set = self.sets.insert(Ordered::default());
        }
        let values = self.sets.get_mut(*set);
        values.set(reader.bytes()?.into(), reader.signed()?);
        let value = if self.least { values.first() } else { values.last() };
        if self.shown.get(*shown).and_then(Option::as_ref) != value {
            self.shown.remove(*shown);
            *shown = value.map_or(0, |value| self.shown.insert(Some(Arc::clone(value))));
        }
        if values.is_empty() {
            self.sets.remove(*set);
            *set = 0;
        }
        Ok(())
    }

    fn unwritten(&self, slots: usize) -> usize {
        self.changed.len(slots)
    }

    fn bytes(&self) -> usize {
        let value = |value: &Arc<[u8]>| value.len() + 2 * size_of::<usize>();
        let sets = self
            .sets
            .iter()
            .map(|set| set.bytes() + set.iter().map(|(bytes, _)| value(bytes)).sum::<usize>());
        sets.sum::<usize>() + self.sets.bytes() + self.shown.bytes() + self.changed.bytes()
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
