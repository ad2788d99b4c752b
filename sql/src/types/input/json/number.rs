//! A number of `jsonb`, written as PostgreSQL's numeric writes it: all its digits, no exponent.
use crate::{Error, Result};

/// Digits before and after the point that a numeric of PostgreSQL has at most.
const WHOLE_DIGITS_MAX: i64 = 131_072;
const FRACTION_DIGITS_MAX: i64 = 16_383;

/// Appends a valid number of JSON without its exponent.
pub(super) fn write(text: &str, out: &mut String) -> Result<()> {
    let (negative, number) = match text.strip_prefix('-') {
        Some(number) => (true, number),
        None => (false, text),
    };
    let zero =
        !number.split(['e', 'E']).next().unwrap_or("").contains(|digit| matches!(digit, '1'..='9'));
    if negative && !zero {
        out.push('-');
    }
    let Some((digits, exponent)) = number.split_once(['e', 'E']) else {
        out.push_str(number);
        return Ok(());
    };
    let overflow = || Error::new("22003", "value overflows numeric format");
    let exponent: i64 = exponent.parse().map_err(|_| overflow())?;
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let length = |text: &str| i64::try_from(text.len()).unwrap_or(i64::MAX);
    // Where the point stands in the run of all digits.
    let point = length(whole).saturating_add(exponent);
    let scale = length(fraction).saturating_sub(exponent).max(0);
    if (!zero && point > WHOLE_DIGITS_MAX) || scale > FRACTION_DIGITS_MAX {
        return Err(overflow());
    }
    let run = || whole.chars().chain(fraction.chars());
    let digit_at = |place: i64| match usize::try_from(place) {
        Ok(place) => run().nth(place).unwrap_or('0'),
        Err(_) => '0',
    };
    if zero || point <= 0 {
        out.push('0');
    } else {
        let places = usize::try_from(point).unwrap_or(0);
        let padded = run().chain(std::iter::repeat('0')).take(places);
        let start = out.len();
        out.extend(padded.skip_while(|digit| *digit == '0'));
        if out.len() == start {
            out.push('0');
        }
    }
    if scale > 0 {
        out.push('.');
        out.extend((point..point + scale).map(digit_at));
    }
    Ok(())
}
