//! Numerics as other numbers, halves rounded away from zero.
use arrow::array::{Array, ArrayRef};
use arrow::datatypes::{
    DataType, Decimal128Type, Float32Type, Float64Type, Int16Type, Int32Type, Int64Type,
};

use super::conversion::Conversion;
use super::number::{numeric_of, out_of_range};
use crate::Result;
use crate::types::decimal::{power, rescale};
use crate::types::output::decimal;
use crate::types::{BARE_NUMERIC_SCALE, Type};

/// The largest power of ten that a double precision holds exactly.
const FLOAT8_POWER_MAX: i8 = 22;
/// The largest power of ten that a real holds exactly.
const FLOAT4_POWER_MAX: i8 = 10;

/// Converts a column of numerics.
pub(super) fn convert(column: &ArrayRef, conversion: &Conversion) -> Result<ArrayRef> {
    let scale = match column.data_type() {
        DataType::Decimal128(_, scale) => *scale,
        _ => BARE_NUMERIC_SCALE,
    };
    let to = &conversion.to;
    match to {
        Type::Int2 => conversion.try_map::<Decimal128Type, Int16Type>(column, |value| {
            whole(value, scale).ok_or_else(|| out_of_range(to))
        }),
        Type::Int4 => conversion.try_map::<Decimal128Type, Int32Type>(column, |value| {
            whole(value, scale).ok_or_else(|| out_of_range(to))
        }),
        Type::Int8 => conversion.try_map::<Decimal128Type, Int64Type>(column, |value| {
            whole(value, scale).ok_or_else(|| out_of_range(to))
        }),
        Type::Float4 => {
            conversion.map::<Decimal128Type, Float32Type>(column, |value| float4(value, scale))
        }
        Type::Float8 => {
            conversion.map::<Decimal128Type, Float64Type>(column, |value| float8(value, scale))
        }
        Type::Numeric(..) | Type::BareNumeric => conversion
            .try_map::<Decimal128Type, Decimal128Type>(column, |value| {
                numeric_of(value, scale, to)
            }),
        _ => Err(conversion.unknown()),
    }
}

fn whole<T: TryFrom<i128>>(value: i128, scale: i8) -> Option<T> {
    rescale(value, scale, 0).and_then(|value| T::try_from(value).ok())
}

/// The nearest double precision of `value` · 10^-`scale`.
pub(crate) fn float8(value: i128, scale: i8) -> f64 {
    let exact = value.unsigned_abs() < 1 << 53 && (0..=FLOAT8_POWER_MAX).contains(&scale);
    match power(u32::from(scale.unsigned_abs())) {
        // Both are held exactly, so the one division rounds once.
        Some(divisor) if exact => value as f64 / divisor as f64,
        _ => digits(value, scale).parse().unwrap_or(f64::NAN),
    }
}

fn float4(value: i128, scale: i8) -> f32 {
    let exact = value.unsigned_abs() < 1 << 24 && (0..=FLOAT4_POWER_MAX).contains(&scale);
    match power(u32::from(scale.unsigned_abs())) {
        Some(divisor) if exact => value as f32 / divisor as f32,
        _ => digits(value, scale).parse().unwrap_or(f32::NAN),
    }
}

fn digits(value: i128, scale: i8) -> String {
    let mut out = Vec::new();
    decimal::write(value, scale, &mut out);
    String::from_utf8_lossy(&out).into_owned()
}
