//! A numeric on the wire: digits of base 10000 behind a weight, a sign, a scale.
#![expect(clippy::indexing_slicing, reason = "places are below the buffer's constant length")]

use crate::types::decimal::{power, round, trimmed};
use crate::{Error, Result};

/// Decimal digits of one digit of the wire.
const DIGITS: i32 = 4;
const BASE: u128 = 10_000;
const POSITIVE: u16 = 0;
const NEGATIVE: u16 = 0x4000;
const NOT_A_NUMBER: u16 = 0xc000;
const PLUS_INFINITY: u16 = 0xd000;
const MINUS_INFINITY: u16 = 0xf000;

/// Digits of the wire that an i128 has at most, one more for the alignment of the point.
const PLACES_MAX: usize = 12;

/// Appends `value` · 10^-`scale`, shown with `shown` digits after the point.
pub(super) fn write(value: i128, scale: i8, shown: i8, out: &mut Vec<u8>) {
    let negative = value < 0;
    let (mut rest, mut fraction) = (value.unsigned_abs(), i32::from(scale));
    // The point must stand between two digits of base 10000.
    let mut digits = [0_u16; PLACES_MAX];
    let mut count = 0;
    let partial = fraction.rem_euclid(DIGITS);
    if partial != 0 {
        let divisor = 10_u128.pow(partial.unsigned_abs());
        let digit = rest % divisor * 10_u128.pow((DIGITS - partial).unsigned_abs());
        digits[0] = digit as u16;
        count = 1;
        rest /= divisor;
        fraction = fraction - partial + DIGITS;
    }
    while rest > 0 && count < PLACES_MAX {
        digits[count] = (rest % BASE) as u16;
        count += 1;
        rest /= BASE;
    }
    let weight = i32::try_from(count).unwrap_or(0) - 1 - fraction / DIGITS;
    let found = &digits[..count];
    let first = found.iter().position(|digit| *digit != 0).unwrap_or(count);
    let last = found.iter().rposition(|digit| *digit != 0).map_or(count, |place| place + 1);
    let written = &found[first..last.max(first)];
    let zeros_above = count - last.max(first);
    let weight =
        if written.is_empty() { 0 } else { weight - i32::try_from(zeros_above).unwrap_or(0) };
    let length = written.len() as u16;
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(&(weight as i16).to_be_bytes());
    let sign = if negative { NEGATIVE } else { POSITIVE };
    out.extend_from_slice(&sign.to_be_bytes());
    out.extend_from_slice(&i16::from(shown.max(0)).to_be_bytes());
    for digit in written.iter().rev() {
        out.extend_from_slice(&digit.to_be_bytes());
    }
}

/// Appends a bare numeric: no zeros at the end of its fraction.
pub(super) fn write_trimmed(value: i128, scale: i8, out: &mut Vec<u8>) {
    let (value, scale) = trimmed(value, scale);
    write(value, scale, scale, out);
}

/// The value with its scale: the digits shown, and more where there are more.
pub(super) fn read(bytes: &[u8]) -> Result<(i128, i8)> {
    let mut words = bytes.chunks_exact(2).map(|pair| match pair {
        [high, low] => u16::from_be_bytes([*high, *low]),
        _ => 0,
    });
    let wrong = || Error::new("22P03", "invalid length in external \"numeric\" value");
    let mut next = || words.next().ok_or_else(wrong);
    let (count, weight, sign, shown) = (next()?, next()? as i16, next()?, next()?);
    if bytes.len() != 8 + 2 * usize::from(count) {
        return Err(wrong());
    }
    match sign {
        POSITIVE | NEGATIVE => {}
        NOT_A_NUMBER | PLUS_INFINITY | MINUS_INFINITY => {
            return Err(Error::unsupported("numeric \"NaN\" or \"Infinity\"")
                .with_hint("Use double precision, which holds it."));
        }
        _ => return Err(Error::new("22P03", "invalid sign in external \"numeric\" value")),
    }
    // The scale of the last digit on the wire, which may be filled up with zeros. They are
    // dropped beforehand, since the number may have no room for them.
    let mut scale = (i32::from(count) - 1 - i32::from(weight)) * DIGITS;
    let mut value = 0_i128;
    for place in 1..=count {
        let (mut digit, mut base) = (i128::from(next()?), BASE as i128);
        if digit >= base {
            return Err(Error::new("22P03", "invalid digit in external \"numeric\" value"));
        }
        while place == count && base > 1 && digit % 10 == 0 && scale > i32::from(shown) {
            (digit, base, scale) = (digit / 10, base / 10, scale - 1);
        }
        value = value
            .checked_mul(base)
            .and_then(|value| value.checked_add(digit))
            .ok_or_else(too_long)?;
    }
    let (value, scale) = align(value, scale, i32::from(shown))?;
    Ok((if sign == NEGATIVE { -value } else { value }, scale))
}

/// Drops the zeros that only fill up a digit of base 10000.
fn align(mut value: i128, mut scale: i32, shown: i32) -> Result<(i128, i8)> {
    if value == 0 {
        return Ok((0, i8::try_from(shown).unwrap_or(0)));
    }
    while scale > shown && value % 10 == 0 {
        value = round(value, 1);
        scale -= 1;
    }
    if scale < 0 {
        let factor = power(scale.unsigned_abs()).ok_or_else(too_long)?;
        value = value.checked_mul(factor).ok_or_else(too_long)?;
        scale = 0;
    }
    Ok((value, i8::try_from(scale).map_err(|_| too_long())?))
}

fn too_long() -> Error {
    Error::new("22003", "value overflows numeric format")
        .with_detail("A numeric holds at most 38 digits.")
}
