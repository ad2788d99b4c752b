//! The keys of a batch, packed into integers where they are of fixed width.
//!
//! Keys that are wider, or text, are bytes of Arrow's row format. Equal keys have
//! equal words or bytes, NULL equal to NULL; see [`super::normal`] for the rest.
use arrow::array::{Array, ArrayRef, AsArray, PrimitiveArray};
use arrow::datatypes::{
    ArrowPrimitiveType, DataType, Date32Type, Float32Type, Float64Type, Int16Type, Int32Type,
    Int64Type, Time64MicrosecondType, TimeUnit, TimestampMicrosecondType,
};
use arrow::row::{RowConverter, Rows, SortField};

use super::hash::Hash;
use super::normal::normalised;
use crate::{Error, Result};

/// The most words that a packed key takes; what needs more is kept as bytes.
const KEY_WORDS_MAX: usize = 4;

/// Makes keys of columns of given types.
#[derive(Debug)]
pub(crate) struct KeyEncoder {
    shape: Shape,
    hash: Hash,
}

#[derive(Debug)]
enum Shape {
    Packed(Vec<Place>, usize),
    Bytes(RowConverter),
}

/// Where a column's value stands in a packed key: its word and the first of its bits.
#[derive(Clone, Copy, Debug)]
struct Place {
    word: usize,
    shift: u32,
}

/// The keys of a batch's rows, in order.
#[derive(Debug)]
pub(crate) struct Keys {
    encoded: Encoded,
    hashes: Vec<u64>,
    /// The hashes that decide on key groups, where those are not of the keys themselves.
    routes: Option<Vec<u64>>,
}

#[derive(Debug)]
enum Encoded {
    Packed { words: Vec<u64>, width: usize },
    Bytes(Rows),
}

/// One key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Key<'a> {
    /// In words, always as many.
    Words(&'a [u64]),
    /// In the row format.
    Bytes(&'a [u8]),
}

impl Key<'_> {
    /// Whether it is the same key. Words are few: to compare them is less than a call.
    #[inline]
    pub(crate) fn is(self, other: Key<'_>) -> bool {
        match (self, other) {
            (Key::Words(own), Key::Words(other)) => {
                own.len() == other.len() && own.iter().zip(other).all(|(own, other)| own == other)
            }
            (Key::Bytes(own), Key::Bytes(other)) => own == other,
            _ => false,
        }
    }
}

impl KeyEncoder {
    pub(crate) fn new(types: &[DataType], seed: u64) -> Result<Self> {
        let hash = Hash::new(seed);
        if let Some((places, width)) = pack(types) {
            return Ok(Self { shape: Shape::Packed(places, width), hash });
        }
        let fields = types.iter().map(|kind| SortField::new(kind.clone())).collect();
        Ok(Self { shape: Shape::Bytes(RowConverter::new(fields)?), hash })
    }

    /// How many words a key takes; `None` where keys are bytes.
    pub(crate) fn width(&self) -> Option<usize> {
        match &self.shape {
            Shape::Packed(_, width) => Some(*width),
            Shape::Bytes(_) => None,
        }
    }

    /// The hash it uses.
    pub(crate) fn hasher(&self) -> Hash {
        self.hash
    }

    /// The keys of `columns`, which [`normalised`] has passed, each with `rows` values.
    pub(crate) fn encode(&self, columns: &[ArrayRef], rows: usize) -> Result<Keys> {
        match &self.shape {
            Shape::Packed(places, width) => {
                let mut words = vec![0; rows * width];
                for (number, (column, place)) in columns.iter().zip(places).enumerate() {
                    pack_column(column, *place, number as u32, &mut words, *width)?;
                }
                let hashes = match width {
                    0 => vec![self.hash.words(&[]); rows],
                    _ => words.chunks_exact(*width).map(|key| self.hash.words(key)).collect(),
                };
                Ok(Keys { encoded: Encoded::Packed { words, width: *width }, hashes, routes: None })
            }
            Shape::Bytes(converter) => {
                let encoded = converter.convert_columns(columns)?;
                let hashes = encoded.iter().map(|row| self.hash.bytes(row.data())).collect();
                Ok(Keys { encoded: Encoded::Bytes(encoded), hashes, routes: None })
            }
        }
    }
}

impl Keys {
    /// The same keys, in the key groups of other hashes, one for each row.
    pub(crate) fn routed(self, routes: Vec<u64>) -> Self {
        Self { routes: Some(routes), ..self }
    }

    pub(crate) fn hashes(&self) -> &[u64] {
        &self.hashes
    }

    /// The hash that decides on the key group of a row.
    pub(crate) fn route(&self, row: u32) -> u64 {
        let hashes = self.routes.as_ref().unwrap_or(&self.hashes);
        hashes.get(row as usize).copied().unwrap_or_default()
    }

    /// The key of a row, and its hash.
    #[inline]
    pub(crate) fn get(&self, row: u32) -> (Key<'_>, u64) {
        let row = row as usize;
        let hash = self.hashes.get(row).copied().unwrap_or_default();
        let key = match &self.encoded {
            Encoded::Packed { words, width } => {
                Key::Words(words.get(row * width..(row + 1) * width).unwrap_or_default())
            }
            Encoded::Bytes(rows) => Key::Bytes(rows.row(row).data()),
        };
        (key, hash)
    }
}

/// The columns with these numbers, in their normal form.
pub(crate) fn key_columns(columns: &[ArrayRef], numbers: &[usize]) -> Result<Vec<ArrayRef>> {
    let found = numbers.iter().map(|number| columns.get(*number).map(normalised));
    found.collect::<Option<_>>().ok_or_else(|| Error::internal("a key is of no column"))
}

/// Finds a place for each column behind the bits that say which are null.
fn pack(types: &[DataType]) -> Option<(Vec<Place>, usize)> {
    let mut used: Vec<u32> = match types.len() {
        0 => vec![],
        columns @ 1..=32 => vec![columns as u32],
        _ => return None,
    };
    let mut places = vec![];
    for data_type in types {
        let bits = width_bits(data_type)?;
        let room = used.iter().position(|taken| taken + bits <= 64);
        let word = room.unwrap_or(used.len());
        if room.is_none() {
            used.push(0);
        }
        let taken = used.get_mut(word)?;
        places.push(Place { word, shift: *taken });
        *taken += bits;
    }
    (used.len() <= KEY_WORDS_MAX).then_some((places, used.len()))
}

fn width_bits(data_type: &DataType) -> Option<u32> {
    Some(match data_type {
        DataType::Boolean => 1,
        DataType::Int16 => 16,
        DataType::Int32 | DataType::Date32 | DataType::Float32 => 32,
        DataType::Int64
        | DataType::Float64
        | DataType::Time64(TimeUnit::Microsecond)
        | DataType::Timestamp(TimeUnit::Microsecond, _) => 64,
        _ => return None,
    })
}

fn pack_column(
    column: &ArrayRef,
    place: Place,
    number: u32,
    words: &mut [u64],
    width: usize,
) -> Result<()> {
    let mut target = Target { place, null: 1 << number, words, width };
    match column.data_type() {
        DataType::Boolean => {
            let values = column.as_boolean();
            target.fill(column, values.values().iter().map(u64::from));
        }
        DataType::Int16 => target.primitive::<Int16Type>(column, |v| u64::from(v as u16)),
        DataType::Int32 => target.primitive::<Int32Type>(column, |v| u64::from(v as u32)),
        DataType::Date32 => target.primitive::<Date32Type>(column, |v| u64::from(v as u32)),
        DataType::Float32 => target.primitive::<Float32Type>(column, |v| u64::from(v.to_bits())),
        DataType::Int64 => target.primitive::<Int64Type>(column, |v| v as u64),
        DataType::Float64 => target.primitive::<Float64Type>(column, f64::to_bits),
        DataType::Time64(TimeUnit::Microsecond) => {
            target.primitive::<Time64MicrosecondType>(column, |v| v as u64);
        }
        DataType::Timestamp(TimeUnit::Microsecond, _) => {
            target.primitive::<TimestampMicrosecondType>(column, |v| v as u64);
        }
        other => return Err(Error::internal(format!("a key of type {other} is not packed"))),
    }
    Ok(())
}

/// The words of a batch's keys, and where in them one column goes.
struct Target<'a> {
    place: Place,
    null: u64,
    words: &'a mut [u64],
    width: usize,
}

impl Target<'_> {
    fn primitive<T: ArrowPrimitiveType>(
        &mut self,
        column: &ArrayRef,
        bits: impl Fn(T::Native) -> u64,
    ) {
        let values: &PrimitiveArray<T> = column.as_primitive();
        self.fill(column, values.values().iter().map(|value| bits(*value)));
    }

    fn fill(&mut self, column: &ArrayRef, values: impl Iterator<Item = u64>) {
        let Place { word, shift } = self.place;
        let keys = self.words.chunks_exact_mut(self.width);
        let Some(nulls) = column.nulls().filter(|nulls| nulls.null_count() > 0) else {
            for (key, value) in keys.zip(values) {
                if let Some(word) = key.get_mut(word) {
                    *word |= value << shift;
                }
            }
            return;
        };
        for ((key, value), valid) in keys.zip(values).zip(nulls.iter()) {
            let (word, bits) = if valid { (word, value << shift) } else { (0, self.null) };
            if let Some(word) = key.get_mut(word) {
                *word |= bits;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{BooleanArray, Float64Array, Int32Array, Int64Array, StringArray};

    use super::*;

    fn keys(columns: Vec<ArrayRef>) -> Keys {
        let types: Vec<_> = columns.iter().map(|c| c.data_type().clone()).collect();
        let columns = columns.iter().map(normalised).collect::<Vec<_>>();
        let rows = columns.first().map_or(3, |column| column.len());
        KeyEncoder::new(&types, 1).unwrap().encode(&columns, rows).unwrap()
    }

    fn check(columns: Vec<ArrayRef>, words: Option<usize>, expected: &[usize]) {
        let keys = keys(columns);
        if let (Key::Words(key), Some(words)) = (keys.get(0).0, words) {
            assert_eq!(key.len(), words);
        } else {
            assert_eq!(words, None);
        }
        let firsts: Vec<usize> = (0..keys.hashes().len())
            .map(|row| (0..=row).find(|other| keys.get(*other as u32) == keys.get(row as u32)))
            .map(Option::unwrap)
            .collect();
        assert_eq!(firsts, expected);
    }

    #[test]
    fn fixed_widths_pack_and_nulls_equal_nulls_only() {
        let long = Int64Array::from(vec![Some(0), None, Some(0), None, Some(-1)]);
        check(vec![Arc::new(long.clone())], Some(2), &[0, 1, 0, 1, 4]);
        let int = Int32Array::from(vec![Some(0), None, Some(0), Some(0), Some(-1)]);
        check(vec![Arc::new(int.clone())], Some(1), &[0, 1, 0, 0, 4]);
        let bit = BooleanArray::from(vec![true, true, false, false, true]);
        let all: Vec<ArrayRef> = vec![Arc::new(long), Arc::new(int), Arc::new(bit)];
        check(all, Some(2), &[0, 1, 2, 3, 4]);
    }

    #[test]
    fn no_columns_make_one_key() {
        check(vec![], Some(0), &[0, 0, 0]);
    }

    #[test]
    fn text_is_bytes() {
        let text = StringArray::from(vec![Some("a"), None, Some(""), Some("a"), None]);
        check(vec![Arc::new(text)], None, &[0, 1, 2, 0, 1]);
    }

    #[test]
    fn equal_floats_are_equal_keys() {
        let floats = Float64Array::from(vec![0.0, -0.0, f64::NAN, -f64::NAN, 1.0]);
        check(vec![Arc::new(floats)], Some(2), &[0, 0, 2, 2, 4]);
    }
}
