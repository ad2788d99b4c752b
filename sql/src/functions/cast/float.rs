//! Floats as other numbers.
//!
//! Halves are rounded to the even number, unlike those of numerics. As a numeric a float has 15
//! digits that count, a real 6; of these a bare numeric keeps what its scale holds.
use std::fmt::LowerExp;

use arrow::array::{ArrayRef, ArrowPrimitiveType};
use arrow::datatypes::{Decimal128Type, Float32Type, Float64Type, Int16Type, Int32Type, Int64Type};

use super::conversion::Conversion;
use super::number::out_of_range;
use crate::types::Type;
use crate::types::decimal::{bare_overflow, overflow};
use crate::types::input::{numeric_text, rounded_bare};
use crate::{Error, Result};

/// Digits that count of a double precision, less the first.
const FLOAT8_DIGITS: usize = 14;
/// Digits that count of a real, less the first.
const FLOAT4_DIGITS: usize = 5;

/// Converts a column of floats.
pub(super) fn convert(column: &ArrayRef, conversion: &Conversion) -> Result<ArrayRef> {
    match (&conversion.from, &conversion.to) {
        (Type::Float4, Type::Float8) => {
            conversion.map::<Float32Type, Float64Type>(column, f64::from)
        }
        (Type::Float8, Type::Float4) => {
            conversion.try_map::<Float64Type, Float32Type>(column, narrow)
        }
        (Type::Float4, _) => of::<Float32Type>(column, conversion, FLOAT4_DIGITS),
        _ => of::<Float64Type>(column, conversion, FLOAT8_DIGITS),
    }
}

fn of<I>(column: &ArrayRef, conversion: &Conversion, digits: usize) -> Result<ArrayRef>
where
    I: ArrowPrimitiveType,
    I::Native: Into<f64> + LowerExp,
{
    let to = &conversion.to;
    let whole = |value: I::Native, limit: f64| whole(value.into(), limit, to);
    match to {
        Type::Int2 => conversion.try_map::<I, Int16Type>(column, |value| {
            whole(value, 32_768.0).map(|value| value as i16)
        }),
        Type::Int4 => conversion.try_map::<I, Int32Type>(column, |value| {
            whole(value, 2_147_483_648.0).map(|value| value as i32)
        }),
        Type::Int8 => conversion.try_map::<I, Int64Type>(column, |value| {
            whole(value, 9_223_372_036_854_775_808.0).map(|value| value as i64)
        }),
        Type::Numeric(..) | Type::BareNumeric => {
            conversion.try_map::<I, Decimal128Type>(column, |value| numeric(value, digits, to))
        }
        _ => Err(conversion.unknown()),
    }
}

/// The nearest whole number, from -`limit` to below `limit`.
fn whole(value: f64, limit: f64, to: &Type) -> Result<f64> {
    let rounded = value.round_ties_even();
    if rounded >= -limit && rounded < limit { Ok(rounded) } else { Err(out_of_range(to)) }
}

fn narrow(value: f64) -> Result<f32> {
    let narrow = value as f32;
    if narrow.is_infinite() && value.is_finite() {
        return Err(Error::new("22003", "value out of range: overflow"));
    }
    if narrow == 0.0 && value != 0.0 {
        return Err(Error::new("22003", "value out of range: underflow"));
    }
    Ok(narrow)
}

fn numeric<N: Into<f64> + LowerExp + Copy>(value: N, digits: usize, to: &Type) -> Result<i128> {
    let float: f64 = value.into();
    if float.is_nan() {
        return Err(Error::unsupported("numeric \"NaN\""));
    }
    if float.is_infinite() {
        return Err(match to {
            Type::Numeric(precision, scale) => overflow(*precision, *scale),
            _ => Error::unsupported("numeric \"Infinity\""),
        });
    }
    let text = format!("{value:.digits$e}");
    match to {
        Type::Numeric(precision, scale) => numeric_text(&text, *precision, *scale),
        _ => rounded_bare(&text).map_err(|_| bare_overflow()),
    }
}
