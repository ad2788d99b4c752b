//! Integers as other types; booleans, oids alike.
use std::sync::Arc;

use arrow::array::{ArrayRef, ArrowPrimitiveType, AsArray, BooleanArray, StringArray};
use arrow::datatypes::{Decimal128Type, Float32Type, Float64Type, Int16Type, Int32Type, Int64Type};

use super::conversion::Conversion;
use super::number::{numeric_of, out_of_range};
use crate::types::Type;
use crate::types::column::mismatch;
use crate::types::output::primitive;
use crate::{Error, Result};

/// Converts a column of integers, booleans, oids or `"char"`.
pub(super) fn convert(column: &ArrayRef, conversion: &Conversion) -> Result<ArrayRef> {
    match conversion.from {
        Type::Int2 => of::<Int16Type>(column, conversion),
        Type::Int4 => of::<Int32Type>(column, conversion),
        Type::Int8 => of::<Int64Type>(column, conversion),
        Type::Oid | Type::Reg(_) => of_oid(column, conversion),
        Type::Bool => {
            let values = column
                .as_boolean_opt()
                .ok_or_else(|| mismatch(column.data_type(), &conversion.from))?;
            let numbers = values.iter().map(|value| value.map(i32::from));
            Ok(Arc::new(numbers.collect::<arrow::array::Int32Array>()))
        }
        _ => of_byte_char(column, conversion),
    }
}

fn of<I>(column: &ArrayRef, conversion: &Conversion) -> Result<ArrayRef>
where
    I: ArrowPrimitiveType,
    I::Native: Into<i64>,
{
    let to = &conversion.to;
    let range = || out_of_range(to);
    match to {
        Type::Int2 => conversion.try_map::<I, Int16Type>(column, |value| {
            i16::try_from(value.into()).map_err(|_| range())
        }),
        Type::Int4 => conversion.try_map::<I, Int32Type>(column, |value| {
            i32::try_from(value.into()).map_err(|_| range())
        }),
        Type::Int8 => conversion.map::<I, Int64Type>(column, Into::into),
        Type::Float4 => conversion.map::<I, Float32Type>(column, |value| value.into() as f32),
        Type::Float8 => conversion.map::<I, Float64Type>(column, |value| value.into() as f64),
        Type::Numeric(..) | Type::BareNumeric => conversion
            .try_map::<I, Decimal128Type>(column, |value| {
                numeric_of(i128::from(value.into()), 0, to)
            }),
        Type::Oid | Type::Reg(_) => {
            let wide = conversion.from == Type::Int8;
            conversion.try_map::<I, Int64Type>(column, |value| oid(value.into(), wide))
        }
        Type::Bool => {
            let values = primitive::<I>(column, &conversion.from)?;
            Ok(Arc::new(BooleanArray::from_unary(&values, |value| value.into() != 0)))
        }
        Type::ByteChar => {
            let values = primitive::<I>(column, &conversion.from)?;
            let letters =
                values.iter().map(|value| value.map(|value| letter(value.into())).transpose());
            Ok(Arc::new(letters.collect::<Result<StringArray>>()?))
        }
        _ => Err(conversion.unknown()),
    }
}

/// The oid of a number; negative ones of four bytes count down from 2^32.
fn oid(value: i64, wide: bool) -> Result<i64> {
    match (u32::try_from(value), i32::try_from(value)) {
        (Ok(oid), _) => Ok(i64::from(oid)),
        (Err(_), Ok(negative)) if !wide => Ok(i64::from(negative as u32)),
        _ => Err(Error::new("22003", "OID out of range")),
    }
}

fn of_oid(column: &ArrayRef, conversion: &Conversion) -> Result<ArrayRef> {
    match conversion.to {
        // An oid beyond 2^31 has the bits of a negative integer.
        Type::Int4 => conversion.map::<Int64Type, Int32Type>(column, |value| value as u32 as i32),
        Type::Int8 | Type::Oid | Type::Reg(_) => Ok(column.clone()),
        _ => Err(conversion.unknown()),
    }
}

/// The character of a number, of which only ASCII is held here.
fn letter(value: i64) -> Result<String> {
    match u8::try_from(value) {
        Ok(0) => Ok(String::new()),
        Ok(byte) if byte.is_ascii() => Ok(char::from(byte).to_string()),
        _ => Err(Error::new("22003", "\"char\" out of range")),
    }
}

fn of_byte_char(column: &ArrayRef, conversion: &Conversion) -> Result<ArrayRef> {
    let values = column
        .as_string_opt::<i32>()
        .ok_or_else(|| mismatch(column.data_type(), &conversion.from))?;
    let first = |text: &str| i32::from(text.bytes().next().unwrap_or(0) as i8);
    let numbers = values.iter().map(|value| value.map(first));
    Ok(Arc::new(numbers.collect::<arrow::array::Int32Array>()))
}
