//! A column whose values are written in binary format.
use arrow::array::{
    Array, ArrayRef, AsArray, BinaryArray, BooleanArray, Decimal128Array, FixedSizeBinaryArray,
    ListArray, PrimitiveArray, StringArray,
};
use arrow::datatypes::{
    Date32Type, Decimal128Type, Float32Type, Float64Type, Int16Type, Int32Type, Int64Type,
    IntervalMonthDayNanoType, Time64MicrosecondType, TimestampMicrosecondType,
};

use super::{array, numeric};
use crate::Result;
use crate::types::Type;
use crate::types::calendar::{WIRE_EPOCH_DAYS, WIRE_EPOCH_MICROS};
use crate::types::column::{held_as, mismatch};
use crate::types::decimal::quotient;
use crate::types::output::primitive;

/// The version before a jsonb's text.
pub(super) const JSONB_VERSION: u8 = 1;

/// Writes the values of one column in the wire's binary format, without their lengths.
pub struct BinaryWriter {
    column: Column,
}

enum Column {
    Bool(BooleanArray),
    Int2(PrimitiveArray<Int16Type>),
    Int4(PrimitiveArray<Int32Type>),
    Int8(PrimitiveArray<Int64Type>),
    Oid(PrimitiveArray<Int64Type>),
    Float4(PrimitiveArray<Float32Type>),
    Float8(PrimitiveArray<Float64Type>),
    Numeric(Decimal128Array, i8),
    BareNumeric(Decimal128Array, i8),
    Quotient(Decimal128Array, [i8; 2]),
    Text(StringArray),
    ByteChar(StringArray),
    Jsonb(StringArray),
    Bytea(BinaryArray),
    Date(PrimitiveArray<Date32Type>),
    Time(PrimitiveArray<Time64MicrosecondType>),
    Timestamp(PrimitiveArray<TimestampMicrosecondType>),
    Interval(PrimitiveArray<IntervalMonthDayNanoType>),
    Uuid(FixedSizeBinaryArray),
    Array(ListArray, array::Elements),
}

impl BinaryWriter {
    /// Prepares a column of the type `ty`.
    ///
    /// # Errors
    /// XX000 if the column cannot hold that type.
    pub fn new(array: &ArrayRef, ty: &Type) -> Result<Self> {
        let array = held_as(array, ty)?;
        let wrong = || mismatch(array.data_type(), ty);
        let text = || array.as_string_opt().cloned().ok_or_else(wrong);
        let column = match ty {
            Type::Rounded(..) => return Self::new(&array, ty.plain()),
            Type::Bool => Column::Bool(array.as_boolean_opt().ok_or_else(wrong)?.clone()),
            Type::Int2 => Column::Int2(primitive(&array, ty)?),
            Type::Int4 => Column::Int4(primitive(&array, ty)?),
            Type::Int8 => Column::Int8(primitive(&array, ty)?),
            Type::Oid | Type::Reg(_) => Column::Oid(primitive(&array, ty)?),
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
            Type::ByteChar => Column::ByteChar(text()?),
            Type::Jsonb => Column::Jsonb(text()?),
            Type::Text
            | Type::Varchar(_)
            | Type::Char(_)
            | Type::Name
            | Type::Json
            | Type::Void
            | Type::Unknown => Column::Text(text()?),
            Type::Bytea => Column::Bytea(array.as_binary_opt().ok_or_else(wrong)?.clone()),
            Type::Date => Column::Date(primitive(&array, ty)?),
            Type::Time => Column::Time(primitive(&array, ty)?),
            Type::Timestamp | Type::TimestampTz => Column::Timestamp(primitive(&array, ty)?),
            Type::Interval => Column::Interval(primitive(&array, ty)?),
            Type::Uuid => Column::Uuid(array.as_fixed_size_binary_opt().ok_or_else(wrong)?.clone()),
            Type::Array(item) => {
                let list: &ListArray = array.as_list_opt().ok_or_else(wrong)?;
                Column::Array(list.clone(), array::Elements::new(list, item, 1)?)
            }
            Type::Vector(vector) => {
                let list: &ListArray = array.as_list_opt().ok_or_else(wrong)?;
                Column::Array(list.clone(), array::Elements::new(list, &vector.item(), 0)?)
            }
        };
        Ok(Self { column })
    }

    /// Whether the value of `row` is NULL.
    pub fn is_null(&self, row: usize) -> bool {
        self.array().is_null(row)
    }

    /// Rows of the column.
    pub fn len(&self) -> usize {
        self.array().len()
    }

    /// Whether the column has no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Appends the value of `row`, which is below [`BinaryWriter::len`] and not NULL.
    pub fn write(&self, row: usize, out: &mut Vec<u8>) {
        match &self.column {
            Column::Bool(values) => out.push(u8::from(values.value(row))),
            Column::Int2(values) => out.extend_from_slice(&values.value(row).to_be_bytes()),
            Column::Int4(values) => out.extend_from_slice(&values.value(row).to_be_bytes()),
            Column::Int8(values) => out.extend_from_slice(&values.value(row).to_be_bytes()),
            Column::Oid(values) => {
                out.extend_from_slice(&(values.value(row) as u32).to_be_bytes());
            }
            Column::Float4(values) => out.extend_from_slice(&values.value(row).to_be_bytes()),
            Column::Float8(values) => out.extend_from_slice(&values.value(row).to_be_bytes()),
            Column::Numeric(values, scale) => {
                numeric::write(values.value(row), *scale, *scale, out);
            }
            Column::Quotient(values, scales) => {
                let (value, scale) = quotient(values.value(row), *scales);
                numeric::write(value, scale, scale, out);
            }
            Column::BareNumeric(values, scale) => {
                numeric::write_trimmed(values.value(row), *scale, out);
            }
            Column::Text(values) => out.extend_from_slice(values.value(row).as_bytes()),
            Column::ByteChar(values) => {
                out.push(values.value(row).bytes().next().unwrap_or(0));
            }
            Column::Jsonb(values) => {
                out.push(JSONB_VERSION);
                out.extend_from_slice(values.value(row).as_bytes());
            }
            Column::Bytea(values) => out.extend_from_slice(values.value(row)),
            Column::Date(values) => {
                let days = match values.value(row) {
                    infinite @ (i32::MAX | i32::MIN) => infinite,
                    days => days.saturating_sub(WIRE_EPOCH_DAYS),
                };
                out.extend_from_slice(&days.to_be_bytes());
            }
            Column::Time(values) => out.extend_from_slice(&values.value(row).to_be_bytes()),
            Column::Timestamp(values) => {
                let micros = match values.value(row) {
                    infinite @ (i64::MAX | i64::MIN) => infinite,
                    micros => micros.saturating_sub(WIRE_EPOCH_MICROS),
                };
                out.extend_from_slice(&micros.to_be_bytes());
            }
            Column::Interval(values) => {
                let value = values.value(row);
                out.extend_from_slice(&(value.nanoseconds / 1_000).to_be_bytes());
                out.extend_from_slice(&value.days.to_be_bytes());
                out.extend_from_slice(&value.months.to_be_bytes());
            }
            Column::Uuid(values) => out.extend_from_slice(values.value(row)),
            Column::Array(_, elements) => elements.write(row, out),
        }
    }

    fn array(&self) -> &dyn Array {
        match &self.column {
            Column::Bool(values) => values,
            Column::Int2(values) => values,
            Column::Int4(values) => values,
            Column::Int8(values) | Column::Oid(values) => values,
            Column::Float4(values) => values,
            Column::Float8(values) => values,
            Column::Numeric(values, _)
            | Column::BareNumeric(values, _)
            | Column::Quotient(values, _) => values,
            Column::Text(values) | Column::ByteChar(values) | Column::Jsonb(values) => values,
            Column::Bytea(values) => values,
            Column::Date(values) => values,
            Column::Time(values) => values,
            Column::Timestamp(values) => values,
            Column::Interval(values) => values,
            Column::Uuid(values) => values,
            Column::Array(list, ..) => list,
        }
    }
}
