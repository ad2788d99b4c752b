//! Numerics from text.
//!
//! Absent: `NaN` and `Infinity`, which a numeric here does not hold.
use super::fault::{invalid, trimmed};
use crate::types::decimal::{bare_overflow, fits, overflow, power, rescale, to_bare, to_numeric};
use crate::types::{BARE_NUMERIC_SCALE, NUMERIC_PRECISION_MAX};
use crate::{Error, Result};

/// The most digits that a numeric of PostgreSQL has before its point.
const WHOLE_DIGITS_MAX: i64 = 131_072;

/// Exponents from here on overflow, whatever the digits are.
const EXPONENT_MAX: i64 = 1 << 30;

/// A number as it is written: digits, and the power of ten that they are multiplied by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Written<'a> {
    negative: bool,
    whole: &'a str,
    fraction: &'a str,
    exponent: i64,
}

/// Reads a numeric(precision, scale), rounding half away from zero.
pub(crate) fn numeric(text: &str, precision: u8, scale: i8) -> Result<i128> {
    let written = Written::parse(text)?;
    if let Some((value, held)) = written.exactly() {
        return to_numeric(value, held, precision, scale);
    }
    written
        .rounded(i64::from(scale))
        .and_then(|value| to_numeric(value, scale, precision, scale).ok())
        .ok_or_else(|| overflow(precision, scale))
}

/// Reads a bare numeric; more digits than it holds are refused.
pub(crate) fn bare(text: &str) -> Result<i128> {
    let (value, scale) = Written::parse(text)?.exactly().ok_or_else(bare_overflow)?;
    to_bare(value, scale)
}

/// Reads a bare numeric, rounding away the digits that it does not hold.
///
/// For floats only, whose digits that far back mean little.
pub(crate) fn rounded_bare(text: &str) -> Result<i128> {
    Written::parse(text)?
        .rounded(i64::from(BARE_NUMERIC_SCALE))
        .filter(|value| fits(*value, NUMERIC_PRECISION_MAX))
        .ok_or_else(bare_overflow)
}

/// Reads a number as its digits and their scale; none if they are too many.
pub(crate) fn numeric_digits(text: &str) -> Result<Option<(i128, i8)>> {
    Ok(Written::parse(text)?.exactly())
}

impl<'a> Written<'a> {
    /// Splits a number, without looking at how many digits it has.
    fn parse(text: &'a str) -> Result<Self> {
        let wrong = || invalid("numeric", text);
        let number = trimmed(text);
        let (negative, number) = match number.strip_prefix('-') {
            Some(number) => (true, number),
            None => (false, number.strip_prefix('+').unwrap_or(number)),
        };
        refuse_special(number)?;
        let (digits, exponent) = match number.split_once(['e', 'E']) {
            Some((digits, exponent)) => {
                let exponent = exponent_of(exponent).ok_or_else(wrong)?;
                if exponent.abs() >= EXPONENT_MAX {
                    return Err(Error::new("22003", "value overflows numeric format"));
                }
                (digits, exponent)
            }
            None => (number, 0),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let plain = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if (whole.is_empty() && fraction.is_empty()) || !plain(whole) || !plain(fraction) {
            return Err(wrong());
        }
        let fraction = fraction.trim_end_matches('0');
        let written = Self { negative, whole, fraction, exponent };
        if written.places_before_point() > WHOLE_DIGITS_MAX {
            return Err(Error::new("22003", "value overflows numeric format"));
        }
        Ok(written)
    }

    /// The number as digits and their scale; none if an i128 does not hold it.
    fn exactly(&self) -> Option<(i128, i8)> {
        let mut value = 0_i128;
        for byte in self.digits() {
            value = value.checked_mul(10)?.checked_add(i128::from(byte - b'0'))?;
        }
        let mut scale = i64::try_from(self.fraction.len()).ok()? - self.exponent;
        while scale > 38 && value % 10 == 0 {
            if value == 0 {
                return Some((0, 0));
            }
            value /= 10;
            scale -= 1;
        }
        if scale < 0 {
            let factor = power(u32::try_from(-scale).ok()?);
            value = if value == 0 { 0 } else { value.checked_mul(factor?)? };
            scale = 0;
        }
        let value = if self.negative { -value } else { value };
        Some((value, i8::try_from(scale).ok()?))
    }

    /// The number at a scale, of which later digits are rounded half away from zero.
    fn rounded(&self, scale: i64) -> Option<i128> {
        let kept = i64::try_from(self.whole.len()).ok()? + self.exponent + scale;
        let mut value = 0_i128;
        let mut place = 0_i64;
        for byte in self.digits() {
            if place == kept {
                value = value.checked_add(i128::from(byte >= b'5'))?;
                break;
            }
            if place > kept {
                break;
            }
            value = value.checked_mul(10)?.checked_add(i128::from(byte - b'0'))?;
            place += 1;
        }
        let missing = (kept - place).max(0);
        if missing > 0 && value != 0 {
            value = rescale(value, 0, i8::try_from(missing).ok()?)?;
        }
        Some(if self.negative { -value } else { value })
    }

    fn digits(&self) -> impl Iterator<Item = u8> {
        self.whole.bytes().chain(self.fraction.bytes())
    }

    /// Digits before the point once the exponent is applied, leading zeros left out.
    fn places_before_point(&self) -> i64 {
        let zeros = self.digits().take_while(|byte| *byte == b'0').count();
        if zeros == self.whole.len() + self.fraction.len() {
            return 0;
        }
        let places = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        places(self.whole.len()) - places(zeros) + self.exponent
    }
}

fn exponent_of(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some(text.parse().unwrap_or(EXPONENT_MAX))
}

fn refuse_special(number: &str) -> Result<()> {
    let special = ["nan", "inf", "infinity"];
    if special.iter().any(|word| number.eq_ignore_ascii_case(word)) {
        return Err(Error::unsupported(format!("numeric \"{number}\""))
            .with_hint("Use double precision, which holds it."));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_past_the_scale_are_rounded_and_past_the_precision_refused() {
        let read = |text| numeric(text, 5, 2).map_err(|error| error.code());
        assert_eq!(read("1.005"), Ok(101));
        assert_eq!(read("-1.005"), Ok(-101));
        assert_eq!(read("1.00499999999999999999999999999999999999999999999999"), Ok(100));
        assert_eq!(read("999.994"), Ok(99_999));
        assert_eq!(read("999.995"), Err("22003"));
        assert_eq!(read("1e2"), Ok(10_000));
        assert_eq!(read("0.000000000000000000000000000000000000000000000001e47"), Ok(10));
        assert_eq!(read("0e9999"), Ok(0));
        assert_eq!(read("5e-3"), Ok(1));
        assert_eq!(read("5e-4"), Ok(0));
        assert_eq!(read("1e200000"), Err("22003"));
        assert_eq!(read("."), Err("22P02"));
    }
}
