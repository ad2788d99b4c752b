//! A column that grows at its end.
//!
//! It is plain vectors, readable while it grows; [`Builder::finish`] hands them to an Arrow
//! array without a copy. NULL cells hold zeros or nothing.
#![expect(clippy::indexing_slicing, reason = "ranges are within the column that is read")]
use std::ops::Range;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BinaryArray, BooleanArray, BooleanBufferBuilder, FixedSizeBinaryArray, ListArray,
    PrimitiveArray, StringArray,
};
use arrow::buffer::{Buffer, NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow::datatypes::{
    ArrowPrimitiveType, DataType, Date32Type, Decimal128Type, Float32Type, Float64Type, Int16Type,
    Int32Type, Int64Type, IntervalMonthDayNano, IntervalMonthDayNanoType, IntervalUnit,
    Time64MicrosecondType, TimeUnit, TimestampMicrosecondType,
};

use super::cells::{Bits, Cells, Items, View, span};
use super::column::unsupported;
use crate::{Error, Result};

/// A growing column.
#[derive(Debug)]
pub(crate) struct Builder {
    data_type: DataType,
    vectors: Vectors,
    /// Set where a cell is not NULL; absent until the first NULL.
    valid: Option<BooleanBufferBuilder>,
    len: usize,
}

/// The values, by physical kind; see [`Cells`].
#[derive(Debug)]
pub(crate) enum Vectors {
    Boolean(BooleanBufferBuilder),
    Int16(Vec<i16>),
    Int32(Vec<i32>),
    Int64(Vec<i64>),
    Float32(Vec<f32>),
    Float64(Vec<f64>),
    Int128(Vec<i128>),
    Interval(Vec<IntervalMonthDayNano>),
    Bytes(Vec<i32>, Vec<u8>),
    Fixed16(Vec<[u8; 16]>),
    List(Vec<i32>, Box<Builder>),
}

impl Builder {
    /// An empty column with room for `rows`. Fails for types that no relation has.
    pub(crate) fn new(data_type: &DataType, rows: usize) -> Result<Self> {
        let offsets = || {
            let mut offsets = Vec::with_capacity(rows + 1);
            offsets.push(0);
            offsets
        };
        let vectors = match data_type {
            DataType::Boolean => Vectors::Boolean(BooleanBufferBuilder::new(rows)),
            DataType::Int16 => Vectors::Int16(Vec::with_capacity(rows)),
            DataType::Int32 | DataType::Date32 => Vectors::Int32(Vec::with_capacity(rows)),
            DataType::Int64
            | DataType::Time64(TimeUnit::Microsecond)
            | DataType::Timestamp(TimeUnit::Microsecond, _) => {
                Vectors::Int64(Vec::with_capacity(rows))
            }
            DataType::Float32 => Vectors::Float32(Vec::with_capacity(rows)),
            DataType::Float64 => Vectors::Float64(Vec::with_capacity(rows)),
            DataType::Decimal128(..) => Vectors::Int128(Vec::with_capacity(rows)),
            DataType::Interval(IntervalUnit::MonthDayNano) => {
                Vectors::Interval(Vec::with_capacity(rows))
            }
            DataType::Utf8 | DataType::Binary => Vectors::Bytes(offsets(), Vec::new()),
            DataType::FixedSizeBinary(16) => Vectors::Fixed16(Vec::with_capacity(rows)),
            DataType::List(item) => {
                Vectors::List(offsets(), Box::new(Builder::new(item.data_type(), 0)?))
            }
            other => return Err(unsupported(other)),
        };
        Ok(Self { data_type: data_type.clone(), vectors, valid: None, len: 0 })
    }

    /// The type of its cells.
    pub(crate) fn data_type(&self) -> &DataType {
        &self.data_type
    }

    /// The values, to be filled by who decodes them; [`Builder::set_rows`] must follow.
    pub(crate) fn vectors_mut(&mut self) -> &mut Vectors {
        &mut self.vectors
    }

    /// Says how many cells the vectors hold, and which are not NULL.
    pub(crate) fn set_rows(&mut self, rows: usize, valid: Option<BooleanBufferBuilder>) {
        self.len = rows;
        self.valid = valid;
    }

    /// How many cells.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// The bytes of all values, whose length varies from cell to cell; else zero.
    pub(crate) fn varying(&self) -> usize {
        match &self.vectors {
            Vectors::Bytes(_, bytes) => bytes.len(),
            Vectors::List(_, items) => items.len().max(items.varying()),
            _ => 0,
        }
    }

    /// The bytes of memory held.
    pub(crate) fn bytes(&self) -> usize {
        let valid = self.valid.as_ref().map_or(0, |valid| valid.capacity() / 8);
        valid
            + match &self.vectors {
                Vectors::Boolean(bits) => bits.capacity() / 8,
                Vectors::Int16(values) => values.capacity() * 2,
                Vectors::Int32(values) => values.capacity() * 4,
                Vectors::Int64(values) => values.capacity() * 8,
                Vectors::Float32(values) => values.capacity() * 4,
                Vectors::Float64(values) => values.capacity() * 8,
                Vectors::Int128(values) => values.capacity() * 16,
                Vectors::Interval(values) => values.capacity() * 16,
                Vectors::Bytes(offsets, bytes) => offsets.capacity() * 4 + bytes.capacity(),
                Vectors::Fixed16(values) => values.capacity() * 16,
                Vectors::List(offsets, items) => offsets.capacity() * 4 + items.bytes(),
            }
    }

    /// The cells so far.
    #[inline]
    pub(crate) fn view(&self) -> View<'_> {
        let cells = match &self.vectors {
            Vectors::Boolean(bits) => Cells::Boolean(Bits { bytes: bits.as_slice(), offset: 0 }),
            Vectors::Int16(values) => Cells::Int16(values),
            Vectors::Int32(values) => Cells::Int32(values),
            Vectors::Int64(values) => Cells::Int64(values),
            Vectors::Float32(values) => Cells::Float32(values),
            Vectors::Float64(values) => Cells::Float64(values),
            Vectors::Int128(values) => Cells::Int128(values),
            Vectors::Interval(values) => Cells::Interval(values),
            Vectors::Bytes(offsets, bytes) => Cells::Bytes { offsets, bytes },
            Vectors::Fixed16(values) => Cells::Fixed16(values),
            Vectors::List(offsets, items) => Cells::List { offsets, items: Items::Builder(items) },
        };
        let valid = self.valid.as_ref().map(|bits| Bits { bytes: bits.as_slice(), offset: 0 });
        View { cells, valid }
    }

    /// Appends the cell `row` of `from`, which must be of the same type.
    #[inline]
    pub(crate) fn push(&mut self, from: &View<'_>, row: usize) -> Result<()> {
        let null = from.is_null(row);
        self.note_validity(null);
        match (&mut self.vectors, &from.cells) {
            (Vectors::Int64(to), Cells::Int64(from)) => to.push(if null { 0 } else { from[row] }),
            (Vectors::Int32(to), Cells::Int32(from)) => to.push(if null { 0 } else { from[row] }),
            (Vectors::Bytes(offsets, bytes), cells @ Cells::Bytes { .. }) => {
                if !null {
                    bytes.extend_from_slice(cells.bytes_at(row));
                }
                offsets.push(offset(bytes.len())?);
            }
            (Vectors::Int128(to), Cells::Int128(from)) => {
                to.push(if null { 0 } else { from[row] });
            }
            (Vectors::Boolean(to), Cells::Boolean(from)) => to.append(!null && from.get(row)),
            (Vectors::Float64(to), Cells::Float64(from)) => {
                to.push(if null { 0.0 } else { from[row] });
            }
            (Vectors::Float32(to), Cells::Float32(from)) => {
                to.push(if null { 0.0 } else { from[row] });
            }
            (Vectors::Int16(to), Cells::Int16(from)) => to.push(if null { 0 } else { from[row] }),
            (Vectors::Interval(to), Cells::Interval(from)) => {
                to.push(if null { IntervalMonthDayNano::ZERO } else { from[row] });
            }
            (Vectors::Fixed16(to), Cells::Fixed16(from)) => {
                to.push(if null { [0; 16] } else { from[row] });
            }
            (Vectors::List(to, items), Cells::List { offsets, items: from }) => {
                if !null {
                    let (start, end) = span(offsets, row);
                    items.extend(&from.view(), start..end)?;
                }
                to.push(offset(items.len())?);
            }
            _ => return Err(mixed(&self.data_type)),
        }
        self.len += 1;
        Ok(())
    }

    /// Appends the cells with these numbers of `from`, which must be of the same type.
    pub(crate) fn gather(&mut self, from: &View<'_>, rows: &[u32]) -> Result<()> {
        let picked = rows.iter().map(|row| *row as usize);
        match (&mut self.vectors, &from.cells, &mut self.valid, from.valid) {
            (Vectors::Int64(to), Cells::Int64(from), None, None) => {
                to.extend(picked.map(|row| from[row]));
            }
            (Vectors::Int32(to), Cells::Int32(from), None, None) => {
                to.extend(picked.map(|row| from[row]));
            }
            (Vectors::Int128(to), Cells::Int128(from), None, None) => {
                to.extend(picked.map(|row| from[row]));
            }
            _ => return picked.into_iter().try_for_each(|row| self.push(from, row)),
        }
        self.len += rows.len();
        Ok(())
    }

    /// Appends the cells `rows` of `from`, which must be of the same type.
    pub(crate) fn extend(&mut self, from: &View<'_>, rows: Range<usize>) -> Result<()> {
        let count = rows.len();
        if count == 0 {
            return Ok(());
        }
        match from.valid.map(|valid| valid.count(&rows)) {
            Some(0) => return self.extend_nulls(count),
            Some(some) if some < count => {
                return rows.into_iter().try_for_each(|row| self.push(from, row));
            }
            _ => {}
        }
        match (&mut self.vectors, &from.cells) {
            (Vectors::Int16(to), Cells::Int16(from)) => to.extend_from_slice(&from[rows]),
            (Vectors::Int32(to), Cells::Int32(from)) => to.extend_from_slice(&from[rows]),
            (Vectors::Int64(to), Cells::Int64(from)) => to.extend_from_slice(&from[rows]),
            (Vectors::Float32(to), Cells::Float32(from)) => to.extend_from_slice(&from[rows]),
            (Vectors::Float64(to), Cells::Float64(from)) => to.extend_from_slice(&from[rows]),
            (Vectors::Int128(to), Cells::Int128(from)) => to.extend_from_slice(&from[rows]),
            (Vectors::Interval(to), Cells::Interval(from)) => to.extend_from_slice(&from[rows]),
            (Vectors::Fixed16(to), Cells::Fixed16(from)) => to.extend_from_slice(&from[rows]),
            (Vectors::Boolean(to), Cells::Boolean(from)) => {
                to.append_packed_range(
                    from.offset + rows.start..from.offset + rows.end,
                    from.bytes,
                );
            }
            (Vectors::Bytes(offsets, to), Cells::Bytes { offsets: ends, bytes }) => {
                let (start, end) = (ends[rows.start] as usize, ends[rows.end] as usize);
                // Checked once: all offsets before the last are smaller.
                offset(to.len() + end - start)?;
                let shift = to.len() as i64 - start as i64;
                offsets.extend(
                    ends[rows.start + 1..=rows.end]
                        .iter()
                        .map(|end| (i64::from(*end) + shift) as i32),
                );
                to.extend_from_slice(&bytes[start..end]);
            }
            _ => return rows.into_iter().try_for_each(|row| self.push(from, row)),
        }
        if let Some(valid) = &mut self.valid {
            valid.append_n(count, true);
        }
        self.len += count;
        Ok(())
    }

    fn extend_nulls(&mut self, count: usize) -> Result<()> {
        let (before, after) = (self.len, self.len + count);
        match &mut self.vectors {
            Vectors::Boolean(bits) => bits.append_n(count, false),
            Vectors::Int16(values) => values.resize(after, 0),
            Vectors::Int32(values) => values.resize(after, 0),
            Vectors::Int64(values) => values.resize(after, 0),
            Vectors::Float32(values) => values.resize(after, 0.0),
            Vectors::Float64(values) => values.resize(after, 0.0),
            Vectors::Int128(values) => values.resize(after, 0),
            Vectors::Interval(values) => values.resize(after, IntervalMonthDayNano::ZERO),
            Vectors::Fixed16(values) => values.resize(after, [0; 16]),
            Vectors::Bytes(offsets, _) | Vectors::List(offsets, _) => {
                let end = offsets.last().copied().unwrap_or_default();
                offsets.resize(after + 1, end);
            }
        }
        let valid = self.valid.get_or_insert_with(|| {
            let mut valid = BooleanBufferBuilder::new(after);
            valid.append_n(before, true);
            valid
        });
        valid.append_n(count, false);
        self.len = after;
        Ok(())
    }

    #[inline]
    fn note_validity(&mut self, null: bool) {
        match &mut self.valid {
            Some(valid) => valid.append(!null),
            None if null => {
                let mut valid = BooleanBufferBuilder::new(self.len + 1);
                valid.append_n(self.len, true);
                valid.append(false);
                self.valid = Some(valid);
            }
            None => {}
        }
    }

    /// The column as an Arrow array, with the vectors as its buffers.
    pub(crate) fn finish(self) -> Result<ArrayRef> {
        let nulls = self.valid.map(|valid| NullBuffer::new(valid.build()));
        let data_type = self.data_type;
        Ok(match self.vectors {
            Vectors::Boolean(bits) => Arc::new(BooleanArray::new(bits.build(), nulls)),
            Vectors::Int16(values) => primitive::<Int16Type>(values, nulls, data_type)?,
            Vectors::Int32(values) => match data_type {
                DataType::Date32 => primitive::<Date32Type>(values, nulls, data_type)?,
                _ => primitive::<Int32Type>(values, nulls, data_type)?,
            },
            Vectors::Int64(values) => match data_type {
                DataType::Time64(_) => {
                    primitive::<Time64MicrosecondType>(values, nulls, data_type)?
                }
                DataType::Timestamp(..) => {
                    primitive::<TimestampMicrosecondType>(values, nulls, data_type)?
                }
                _ => primitive::<Int64Type>(values, nulls, data_type)?,
            },
            Vectors::Float32(values) => primitive::<Float32Type>(values, nulls, data_type)?,
            Vectors::Float64(values) => primitive::<Float64Type>(values, nulls, data_type)?,
            Vectors::Int128(values) => primitive::<Decimal128Type>(values, nulls, data_type)?,
            Vectors::Interval(values) => {
                primitive::<IntervalMonthDayNanoType>(values, nulls, data_type)?
            }
            Vectors::Bytes(offsets, mut bytes) => {
                // Its length was not known when it began: up to half of it is room.
                bytes.shrink_to_fit();
                let (offsets, bytes) = (offsets_of(offsets), Buffer::from_vec(bytes));
                match data_type {
                    DataType::Utf8 => Arc::new(StringArray::try_new(offsets, bytes, nulls)?),
                    _ => Arc::new(BinaryArray::try_new(offsets, bytes, nulls)?),
                }
            }
            Vectors::Fixed16(values) => {
                let bytes = Buffer::from_vec(values.into_flattened());
                Arc::new(FixedSizeBinaryArray::try_new(16, bytes, nulls)?)
            }
            Vectors::List(offsets, items) => {
                let DataType::List(item) = data_type else { return Err(mixed(&data_type)) };
                let items = items.finish()?;
                Arc::new(ListArray::try_new(item, offsets_of(offsets), items, nulls)?)
            }
        })
    }
}

fn primitive<T: ArrowPrimitiveType>(
    values: Vec<T::Native>,
    nulls: Option<NullBuffer>,
    data_type: DataType,
) -> Result<ArrayRef> {
    let array = PrimitiveArray::<T>::try_new(ScalarBuffer::from(values), nulls)?;
    Ok(Arc::new(array.with_data_type(data_type)))
}

fn offsets_of(offsets: Vec<i32>) -> OffsetBuffer<i32> {
    OffsetBuffer::new(ScalarBuffer::from(offsets))
}

fn offset(bytes: usize) -> Result<i32> {
    i32::try_from(bytes)
        .map_err(|_| Error::data("54000", "a column of one batch holds more than 2147483647 bytes"))
}

fn mixed(data_type: &DataType) -> Error {
    Error::internal(format!("cells of another type were put into a column of type {data_type}"))
}

#[cfg(test)]
mod tests {
    use arrow::array::{Array, Int64Array, StringArray};

    use super::*;
    use crate::columns::Column;

    /// Appends ranges of a column at once, which must give what cell by cell gives.
    fn check(array: &dyn Array, ranges: &[Range<usize>]) {
        let column = Column::of(array).unwrap();
        let mut at_once = Builder::new(array.data_type(), 0).unwrap();
        let mut one_by_one = Builder::new(array.data_type(), 0).unwrap();
        for range in ranges {
            at_once.extend(&column.view(), range.clone()).unwrap();
            for row in range.clone() {
                one_by_one.push(&column.view(), row).unwrap();
            }
        }
        let (at_once, one_by_one) = (at_once.finish().unwrap(), one_by_one.finish().unwrap());
        assert_eq!((&at_once, at_once.null_count()), (&one_by_one, one_by_one.null_count()));
    }

    #[test]
    fn cells_come_at_once_as_they_come_one_by_one() {
        let some = |n: i64| (!(20..90).contains(&n)).then_some(n);
        let numbers: Int64Array = (0..130).map(some).collect();
        let texts: StringArray = (0..130).map(|n| some(n).map(|n| n.to_string())).collect();
        let (whole, nulls, some) = (0..130, 20..90, 0..20);
        for ranges in [&[some, nulls][..], &[3..7, 30..80, 91..130], &[whole, 40..40, 85..95]] {
            check(&numbers, ranges);
            check(&numbers.slice(3, 120), &[0..9, 17..80, 100..120]);
            check(&texts, ranges);
        }
    }
}
