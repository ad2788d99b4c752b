//! A column as bytes: a flag, a bitmap where there are NULLs, then the other cells' values.
//!
//! Numbers are little-endian and raw, booleans are bits, strings are all lengths and
//! then all bytes, lists are all lengths and then one column of items. NULL cells take
//! one bit of the bitmap and nothing else. Many cells that are all the same are one.
#![expect(clippy::indexing_slicing, reason = "cell numbers come from the column's own length")]
use std::ops::{Range, RangeInclusive};

use arrow::array::BooleanBufferBuilder;
use arrow::datatypes::{DataType, IntervalMonthDayNano, ToByteSlice};

use super::integer::{corrupt, get_u8, get_u64, put_u64, take};
use crate::Result;
use crate::columns::{Builder, Cells, Vectors, View};

/// Raw values are copied as they lie in memory.
const _: () = assert!(cfg!(target_endian = "little"), "the codec copies little-endian values");

/// The flags that a column begins with.
const NO_NULLS: u8 = 0;
const NULLS: u8 = 1;
const SAME: u8 = 2;

/// How many cells are looked at whether they are all the same.
const SAME_ROWS: RangeInclusive<usize> = 16..=1 << 20;

/// Bytes that cells which are all the same have together at most.
const SAME_BYTES_MAX: usize = 16 << 20;

/// Appends the cells `rows`.
pub(super) fn write_column(column: &View<'_>, rows: Range<usize>, output: &mut Vec<u8>) {
    if is_same(column, &rows) {
        output.push(SAME);
        return write_column(column, rows.start..rows.start + 1, output);
    }
    if column.valid.is_some_and(|valid| valid.count(&rows) < rows.len()) {
        let rows: Vec<usize> = rows.collect();
        return write_picked(column, &rows, output);
    }
    output.push(NO_NULLS);
    match column.cells {
        Cells::Boolean(bits) => write_bits(rows.map(|row| bits.get(row)), output),
        Cells::Int16(values) => output.extend_from_slice(values[rows].to_byte_slice()),
        Cells::Int32(values) => output.extend_from_slice(values[rows].to_byte_slice()),
        Cells::Int64(values) => output.extend_from_slice(values[rows].to_byte_slice()),
        Cells::Float32(values) => output.extend_from_slice(values[rows].to_byte_slice()),
        Cells::Float64(values) => output.extend_from_slice(values[rows].to_byte_slice()),
        Cells::Int128(values) => output.extend_from_slice(values[rows].to_byte_slice()),
        Cells::Interval(values) => output.extend_from_slice(values[rows].to_byte_slice()),
        Cells::Fixed16(values) => output.extend_from_slice(values[rows].as_flattened()),
        Cells::Bytes { offsets, bytes } => {
            let all = span_of(offsets, &rows);
            rows.for_each(|row| put_u64(output, length(offsets, row)));
            output.extend_from_slice(&bytes[all]);
        }
        Cells::List { offsets, items } => {
            let all = span_of(offsets, &rows);
            rows.for_each(|row| put_u64(output, length(offsets, row)));
            write_column(&items.view(), all, output);
        }
    }
}

/// Whether the cells are many and all the same, such as where rows came from.
fn is_same(column: &View<'_>, rows: &Range<usize>) -> bool {
    let first = rows.start;
    SAME_ROWS.contains(&rows.len())
        && !matches!(column.cells, Cells::Boolean(_) | Cells::List { .. })
        && rows.clone().skip(1).all(|row| column.identical(row, column, first))
        && column.varying(rows.clone()) <= SAME_BYTES_MAX
}

/// Appends the cells `rows`, some of which may be NULL.
fn write_picked(column: &View<'_>, rows: &[usize], output: &mut Vec<u8>) {
    let nulls = rows.iter().any(|row| column.is_null(*row));
    output.push(if nulls { NULLS } else { NO_NULLS });
    if nulls {
        write_bits(rows.iter().map(|row| !column.is_null(*row)), output);
    }
    let rows = rows.iter().copied().filter(|row| !column.is_null(*row));
    match column.cells {
        Cells::Boolean(bits) => write_bits(rows.map(|row| bits.get(row)), output),
        Cells::Int16(values) => write_values(values, rows, output),
        Cells::Int32(values) => write_values(values, rows, output),
        Cells::Int64(values) => write_values(values, rows, output),
        Cells::Float32(values) => write_values(values, rows, output),
        Cells::Float64(values) => write_values(values, rows, output),
        Cells::Int128(values) => write_values(values, rows, output),
        Cells::Interval(values) => write_values(values, rows, output),
        Cells::Fixed16(values) => rows.for_each(|row| output.extend_from_slice(&values[row])),
        Cells::Bytes { offsets, .. } => {
            rows.clone().for_each(|row| put_u64(output, length(offsets, row)));
            rows.for_each(|row| output.extend_from_slice(column.cells.bytes_at(row)));
        }
        Cells::List { offsets, items } => {
            rows.clone().for_each(|row| put_u64(output, length(offsets, row)));
            let items_of = |row| span_of(offsets, &(row..row + 1));
            let picked: Vec<usize> = rows.flat_map(items_of).collect();
            write_picked(&items.view(), &picked, output);
        }
    }
}

fn write_values<T>(values: &[T], rows: impl Iterator<Item = usize>, output: &mut Vec<u8>)
where
    [T]: ToByteSlice,
{
    rows.for_each(|row| output.extend_from_slice(values[row..=row].to_byte_slice()));
}

fn write_bits(bits: impl Iterator<Item = bool>, output: &mut Vec<u8>) {
    let mut byte = 0;
    let mut count = 0;
    for bit in bits {
        byte |= u8::from(bit) << (count % 8);
        count += 1;
        if count % 8 == 0 {
            output.push(byte);
            byte = 0;
        }
    }
    if count % 8 != 0 {
        output.push(byte);
    }
}

/// The range of bytes or items of a range of cells.
fn span_of(offsets: &[i32], rows: &Range<usize>) -> Range<usize> {
    offsets[rows.start] as usize..offsets[rows.end] as usize
}

fn length(offsets: &[i32], row: usize) -> u64 {
    (offsets[row + 1] - offsets[row]) as u64
}

/// Takes a column of `rows` cells off the front of `input`.
pub(super) fn read_column(data_type: &DataType, rows: usize, input: &mut &[u8]) -> Result<Builder> {
    let flag = get_u8(input)?;
    // No other cell takes less than a bit, so that memory is bounded by what is there.
    if flag != SAME && rows / 8 > input.len() {
        return Err(corrupt("an encoded column ends too early"));
    }
    let valid = match flag {
        NO_NULLS => None,
        NULLS => Some(read_bits(rows, input)?),
        SAME => return read_same(data_type, rows, input),
        flag => return Err(corrupt(format!("an encoded column has the unknown flag {flag}"))),
    };
    let mut column = Builder::new(data_type, 0)?;
    let cells = Present { rows, valid: valid.as_ref() };
    match column.vectors_mut() {
        Vectors::Boolean(to) => {
            let bits = read_bits(cells.count(), input)?;
            cells.spread((0..bits.len()).map(|bit| bits.get_bit(bit)), |bit| to.append(bit));
        }
        Vectors::Int16(to) => *to = cells.read(input, i16::from_le_bytes)?,
        Vectors::Int32(to) => *to = cells.read(input, i32::from_le_bytes)?,
        Vectors::Int64(to) => *to = cells.read(input, i64::from_le_bytes)?,
        Vectors::Float32(to) => *to = cells.read(input, f32::from_le_bytes)?,
        Vectors::Float64(to) => *to = cells.read(input, f64::from_le_bytes)?,
        Vectors::Int128(to) => *to = cells.read(input, i128::from_le_bytes)?,
        Vectors::Interval(to) => *to = cells.read(input, interval)?,
        Vectors::Fixed16(to) => *to = cells.read(input, |bytes: [u8; 16]| bytes)?,
        Vectors::Bytes(offsets, to) => {
            *offsets = cells.read_offsets(input)?;
            let length = offsets.last().copied().unwrap_or_default();
            *to = take(input, length as u64)?.to_vec();
        }
        Vectors::List(offsets, items) => {
            *offsets = cells.read_offsets(input)?;
            let length = offsets.last().copied().unwrap_or_default();
            let item = items.data_type().clone();
            **items = read_column(&item, length as usize, input)?;
        }
    }
    column.set_rows(rows, valid);
    Ok(column)
}

fn read_same(data_type: &DataType, rows: usize, input: &mut &[u8]) -> Result<Builder> {
    if !SAME_ROWS.contains(&rows) || input.first() == Some(&SAME) {
        return Err(corrupt("an encoded column of equal cells is of no such length"));
    }
    let one = read_column(data_type, 1, input)?;
    if one.varying().saturating_mul(rows) > SAME_BYTES_MAX {
        return Err(corrupt("an encoded column of equal cells is too long"));
    }
    let mut column = Builder::new(data_type, rows)?;
    (0..rows).try_for_each(|_| column.push(&one.view(), 0))?;
    Ok(column)
}

/// Which cells have a value that was written.
struct Present<'a> {
    rows: usize,
    valid: Option<&'a BooleanBufferBuilder>,
}

impl Present<'_> {
    fn count(&self) -> usize {
        match self.valid {
            None => self.rows,
            Some(valid) => (0..self.rows).filter(|row| valid.get_bit(*row)).count(),
        }
    }

    /// Hands on a value for each cell, the default for NULLs.
    fn spread<T: Default>(&self, mut values: impl Iterator<Item = T>, mut push: impl FnMut(T)) {
        match self.valid {
            None => values.for_each(push),
            Some(valid) => (0..self.rows).for_each(|row| {
                let value = if valid.get_bit(row) { values.next() } else { None };
                push(value.unwrap_or_default());
            }),
        }
    }

    fn read<const WIDTH: usize, T: Default>(
        &self,
        input: &mut &[u8],
        value: impl Fn([u8; WIDTH]) -> T,
    ) -> Result<Vec<T>> {
        let count = self.count();
        let (raw, _) = take(input, count as u64 * WIDTH as u64)?.as_chunks::<WIDTH>();
        let mut values = Vec::with_capacity(self.rows);
        self.spread(raw.iter().map(|bytes| value(*bytes)), |value| values.push(value));
        Ok(values)
    }

    fn read_offsets(&self, input: &mut &[u8]) -> Result<Vec<i32>> {
        let count = self.count();
        if count > input.len() {
            return Err(corrupt("an encoded column ends too early"));
        }
        let lengths = (0..count).map(|_| get_u64(input)).collect::<Result<Vec<u64>>>()?;
        let total = lengths.iter().try_fold(0u64, |total, length| total.checked_add(*length));
        if total.is_none_or(|total| i32::try_from(total).is_err()) {
            return Err(corrupt("an encoded column claims more than 2147483647 bytes"));
        }
        let mut offsets = Vec::with_capacity(self.rows + 1);
        let mut end = 0;
        offsets.push(end);
        self.spread(lengths.into_iter(), |length| {
            end += length as i32;
            offsets.push(end);
        });
        Ok(offsets)
    }
}

fn read_bits(count: usize, input: &mut &[u8]) -> Result<BooleanBufferBuilder> {
    let bytes = take(input, count.div_ceil(8) as u64)?;
    let mut bits = BooleanBufferBuilder::new(count);
    bits.append_packed_range(0..count, bytes);
    Ok(bits)
}

fn interval(bytes: [u8; 16]) -> IntervalMonthDayNano {
    let value = u128::from_le_bytes(bytes);
    IntervalMonthDayNano::new(value as i32, (value >> 32) as i32, (value >> 64) as i64)
}
