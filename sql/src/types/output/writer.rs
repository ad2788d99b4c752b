//! A column whose values are written as text.
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BinaryArray, BooleanArray, Decimal128Array, FixedSizeBinaryArray,
    ListArray, PrimitiveArray, StringArray,
};
use arrow::buffer::NullBuffer;
use arrow::datatypes::{
    ArrowPrimitiveType, Date32Type, Decimal128Type, Float32Type, Float64Type, Int16Type, Int32Type,
    Int64Type, IntervalMonthDayNanoType, Time64MicrosecondType, TimestampMicrosecondType,
};

use super::{array, bytes, date_time, decimal, float, integer, interval};
use crate::Result;
use crate::types::column::{held_as, mismatch};
use crate::types::decimal::quotient;
use crate::types::{Names, Reg, TextStyle, Type, Zone, regtype};

/// Writes the values of one column as PostgreSQL's text, without an allocation per value.
pub struct TextWriter {
    column: Column,
}

enum Column {
    Bool(BooleanArray),
    Int2(PrimitiveArray<Int16Type>),
    Int4(PrimitiveArray<Int32Type>),
    Int8(PrimitiveArray<Int64Type>),
    Float4(PrimitiveArray<Float32Type>),
    Float8(PrimitiveArray<Float64Type>),
    Numeric(Decimal128Array, i8),
    BareNumeric(Decimal128Array, i8),
    Quotient(Decimal128Array, [i8; 2]),
    Text(StringArray),
    Bytea(BinaryArray),
    Date(PrimitiveArray<Date32Type>),
    Time(PrimitiveArray<Time64MicrosecondType>),
    Timestamp(PrimitiveArray<TimestampMicrosecondType>),
    TimestampTz(PrimitiveArray<TimestampMicrosecondType>, Zone),
    Interval(PrimitiveArray<IntervalMonthDayNanoType>),
    Uuid(FixedSizeBinaryArray),
    Reg(PrimitiveArray<Int64Type>, Reg, Option<Arc<dyn Names>>),
    Array(ListArray, Box<TextWriter>, Quotes),
    Vector(ListArray, Box<TextWriter>),
}

/// Whether elements of an array may need quotes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Quotes {
    Never,
    WhereNeeded,
}

impl TextWriter {
    /// Prepares a column of the type `ty`.
    ///
    /// # Errors
    /// XX000 if the column cannot hold that type.
    pub fn new(array: &ArrayRef, ty: &Type, style: &TextStyle) -> Result<Self> {
        let array = held_as(array, ty)?;
        let wrong = || mismatch(array.data_type(), ty);
        let column = match ty {
            Type::Rounded(..) => return Self::new(&array, ty.plain(), style),
            Type::Bool => Column::Bool(array.as_boolean_opt().ok_or_else(wrong)?.clone()),
            Type::Int2 => Column::Int2(primitive(&array, ty)?),
            Type::Int4 => Column::Int4(primitive(&array, ty)?),
            Type::Int8 | Type::Oid => Column::Int8(primitive(&array, ty)?),
            Type::Float4 => Column::Float4(primitive(&array, ty)?),
            Type::Float8 => Column::Float8(primitive(&array, ty)?),
            Type::Numeric(_, scale) => {
                Column::Numeric(primitive::<Decimal128Type>(&array, ty)?, *scale)
            }
            Type::Quotient(scale, least) => {
                Column::Quotient(primitive::<Decimal128Type>(&array, ty)?, [*scale, *least])
            }
            Type::BareNumeric => {
                let values = primitive::<Decimal128Type>(&array, ty)?;
                let scale = values.scale();
                Column::BareNumeric(values, scale)
            }
            Type::Text
            | Type::Varchar(_)
            | Type::Char(_)
            | Type::ByteChar
            | Type::Name
            | Type::Jsonb
            | Type::Json
            | Type::Void
            | Type::Unknown => Column::Text(array.as_string_opt().ok_or_else(wrong)?.clone()),
            Type::Bytea => Column::Bytea(array.as_binary_opt().ok_or_else(wrong)?.clone()),
            Type::Date => Column::Date(primitive(&array, ty)?),
            Type::Time => Column::Time(primitive(&array, ty)?),
            Type::Timestamp => Column::Timestamp(primitive(&array, ty)?),
            Type::TimestampTz => Column::TimestampTz(primitive(&array, ty)?, style.zone),
            Type::Interval => Column::Interval(primitive(&array, ty)?),
            Type::Uuid => Column::Uuid(array.as_fixed_size_binary_opt().ok_or_else(wrong)?.clone()),
            Type::Reg(reg) => Column::Reg(primitive(&array, ty)?, *reg, style.names.clone()),
            Type::Array(item) => {
                let list: &ListArray = array.as_list_opt().ok_or_else(wrong)?;
                let items = Self::new(list.values(), item, style)?;
                Column::Array(list.clone(), Box::new(items), quotes_of(item))
            }
            Type::Vector(vector) => {
                let list: &ListArray = array.as_list_opt().ok_or_else(wrong)?;
                let items = Self::new(list.values(), &vector.item(), style)?;
                Column::Vector(list.clone(), Box::new(items))
            }
        };
        Ok(Self { column })
    }

    /// Whether the value of `row` is NULL.
    pub fn is_null(&self, row: usize) -> bool {
        self.array().is_null(row)
    }

    /// Which rows are NULL.
    pub(crate) fn nulls(&self) -> Option<NullBuffer> {
        self.array().nulls().cloned()
    }

    /// Rows of the column.
    pub fn len(&self) -> usize {
        self.array().len()
    }

    /// Whether the column has no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Appends the value of `row`, which is below [`TextWriter::len`] and not NULL.
    pub fn write(&self, row: usize, out: &mut Vec<u8>) {
        match &self.column {
            Column::Bool(values) => out.push(if values.value(row) { b't' } else { b'f' }),
            Column::Int2(values) => integer::write_i64(i64::from(values.value(row)), out),
            Column::Int4(values) => integer::write_i64(i64::from(values.value(row)), out),
            Column::Int8(values) => integer::write_i64(values.value(row), out),
            Column::Float4(values) => float::write_f32(values.value(row), out),
            Column::Float8(values) => float::write_f64(values.value(row), out),
            Column::Numeric(values, scale) => decimal::write(values.value(row), *scale, out),
            Column::Quotient(values, scales) => {
                let (value, scale) = quotient(values.value(row), *scales);
                decimal::write(value, scale, out);
            }
            Column::BareNumeric(values, scale) => {
                decimal::write_trimmed(values.value(row), *scale, out);
            }
            Column::Text(values) => out.extend_from_slice(values.value(row).as_bytes()),
            Column::Bytea(values) => bytes::write_bytea(values.value(row), out),
            Column::Date(values) => date_time::write_date(values.value(row), out),
            Column::Time(values) => date_time::write_time(values.value(row), out),
            Column::Timestamp(values) => date_time::write_timestamp(values.value(row), out),
            Column::TimestampTz(values, zone) => {
                date_time::write_timestamptz(values.value(row), zone, out);
            }
            Column::Interval(values) => interval::write_interval(values.value(row), out),
            Column::Uuid(values) => bytes::write_uuid(values.value(row), out),
            Column::Reg(values, reg, names) => {
                let oid = values.value(row);
                let known = names.as_ref().and_then(|names| names.name_of(*reg, oid));
                let built_in = || if *reg == Reg::Type { regtype::name_of(oid) } else { None };
                match known.or_else(built_in) {
                    Some(name) => out.extend_from_slice(name.as_bytes()),
                    None if oid == 0 => out.push(b'-'),
                    None => integer::write_i64(oid, out),
                }
            }
            Column::Array(list, items, quotes) => write_list(list, items, *quotes, row, out),
            Column::Vector(list, items) => {
                for (place, item) in range(list, row).enumerate() {
                    if place > 0 {
                        out.push(b' ');
                    }
                    items.write(item, out);
                }
            }
        }
    }

    fn array(&self) -> &dyn Array {
        match &self.column {
            Column::Bool(values) => values,
            Column::Int2(values) => values,
            Column::Int4(values) => values,
            Column::Int8(values) | Column::Reg(values, ..) => values,
            Column::Float4(values) => values,
            Column::Float8(values) => values,
            Column::Numeric(values, _)
            | Column::BareNumeric(values, _)
            | Column::Quotient(values, _) => values,
            Column::Text(values) => values,
            Column::Bytea(values) => values,
            Column::Date(values) => values,
            Column::Time(values) => values,
            Column::Timestamp(values) | Column::TimestampTz(values, _) => values,
            Column::Interval(values) => values,
            Column::Uuid(values) => values,
            Column::Array(list, ..) | Column::Vector(list, _) => list,
        }
    }
}

/// Where the elements of one row are.
fn range(list: &ListArray, row: usize) -> std::ops::Range<usize> {
    let offsets = list.value_offsets();
    let bound =
        |row: usize| offsets.get(row).and_then(|offset| usize::try_from(*offset).ok()).unwrap_or(0);
    bound(row)..bound(row + 1)
}

fn write_list(list: &ListArray, items: &TextWriter, quotes: Quotes, row: usize, out: &mut Vec<u8>) {
    out.push(b'{');
    for (index, item) in range(list, row).enumerate() {
        if index > 0 {
            out.push(b',');
        }
        if items.is_null(item) {
            out.extend_from_slice(b"NULL");
            continue;
        }
        let start = out.len();
        items.write(item, out);
        if quotes == Quotes::WhereNeeded {
            array::quote_from(start, out);
        }
    }
    out.push(b'}');
}

fn quotes_of(item: &Type) -> Quotes {
    match item.plain() {
        Type::Bool | Type::Oid | Type::Date | Type::Time | Type::Uuid | Type::Array(_) => {
            Quotes::Never
        }
        number if number.is_numeric() => Quotes::Never,
        _ => Quotes::WhereNeeded,
    }
}

/// The column as a primitive one.
pub(crate) fn primitive<T: ArrowPrimitiveType>(
    array: &ArrayRef,
    ty: &Type,
) -> Result<PrimitiveArray<T>> {
    array.as_primitive_opt::<T>().cloned().ok_or_else(|| mismatch(array.data_type(), ty))
}
