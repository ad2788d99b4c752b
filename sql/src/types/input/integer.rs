//! Integers from text, oids among them.
use super::fault::{invalid, out_of_range, trimmed};
use crate::Result;

/// Reads a smallint.
pub(crate) fn int2(text: &str) -> Result<i16> {
    let value = digits(text, "smallint")?;
    i16::try_from(value).map_err(|_| out_of_range("smallint", text))
}

/// Reads an integer.
pub(crate) fn int4(text: &str) -> Result<i32> {
    let value = digits(text, "integer")?;
    i32::try_from(value).map_err(|_| out_of_range("integer", text))
}

/// Reads a bigint.
pub(crate) fn int8(text: &str) -> Result<i64> {
    digits(text, "bigint")
}

/// Reads an oid; negative numbers count down from 2^32.
pub(crate) fn oid(text: &str) -> Result<i64> {
    let value = digits(text, "oid")?;
    if value < 0 {
        return i32::try_from(value)
            .map(|value| i64::from(value as u32))
            .map_err(|_| out_of_range("oid", text));
    }
    u32::try_from(value).map(i64::from).map_err(|_| out_of_range("oid", text))
}

fn digits(text: &str, type_name: &str) -> Result<i64> {
    let trimmed = trimmed(text);
    let (negative, digits) = match trimmed.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, trimmed.strip_prefix('+').unwrap_or(trimmed)),
    };
    if digits.is_empty() {
        return Err(invalid(type_name, text));
    }
    let mut value = 0_i64;
    for byte in digits.bytes() {
        if !byte.is_ascii_digit() {
            return Err(invalid(type_name, text));
        }
        // Counted downwards, since there is one negative number more.
        value = value
            .checked_mul(10)
            .and_then(|value| value.checked_sub(i64::from(byte - b'0')))
            .ok_or_else(|| out_of_range(type_name, text))?;
    }
    if negative {
        return Ok(value);
    }
    value.checked_neg().ok_or_else(|| out_of_range(type_name, text))
}
