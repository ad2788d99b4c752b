//! Numerics as whole numbers of 10^-scale: their powers, their rounding, their limits.
use crate::types::{BARE_NUMERIC_SCALE, NUMERIC_PRECISION_MAX};
use crate::{Error, Result};

/// The powers of ten that an i128 holds.
#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler")]
const POWERS: [i128; 39] = {
    let mut powers = [1_i128; 39];
    let mut index = 1;
    while index < powers.len() {
        powers[index] = powers[index - 1] * 10;
        index += 1;
    }
    powers
};

/// 10 to the `exponent`; none above 10^38.
pub(crate) fn power(exponent: u32) -> Option<i128> {
    POWERS.get(usize::try_from(exponent).ok()?).copied()
}

/// `value` divided by 10^`digits`, rounded half away from zero.
pub(crate) fn round(value: i128, digits: u32) -> i128 {
    let Some(divisor) = power(digits) else { return 0 };
    let quotient = value / divisor;
    let remainder = (value % divisor).unsigned_abs();
    if remainder >= divisor.unsigned_abs().div_ceil(2) && divisor > 1 {
        quotient + value.signum()
    } else {
        quotient
    }
}

/// `value` of the scale `from` as one of the scale `to`, rounded half away from zero;
/// none if an i128 does not hold it.
pub(crate) fn rescale(value: i128, from: i8, to: i8) -> Option<i128> {
    let shift = i32::from(to) - i32::from(from);
    if shift <= 0 {
        return Some(round(value, shift.unsigned_abs()));
    }
    if value == 0 {
        return Some(0);
    }
    value.checked_mul(power(shift.unsigned_abs())?)
}

/// The same number without zeros at the end of its fraction.
pub(crate) fn trimmed(value: i128, scale: i8) -> (i128, i8) {
    if let Ok(small) = i64::try_from(value) {
        let (mut small, mut scale) = (small, scale);
        while scale > 0 && small % 10 == 0 {
            small /= 10;
            scale -= 1;
        }
        return (i128::from(small), scale);
    }
    let (mut value, mut scale) = (value, scale);
    for step in [8_i8, 4, 2, 1] {
        // Divisions of 128 bits are slow, so that large steps are tried first.
        while let Some(divisor) = power(u32::from(step.unsigned_abs()))
            && scale >= step
            && value % divisor == 0
        {
            value /= divisor;
            scale -= step;
        }
    }
    (value, scale)
}

/// Decimal digits in one of PostgreSQL's digits of a numeric.
const STEP: i8 = 4;
/// Digits that mean something in a quotient, at least.
const QUOTIENT_DIGITS: i8 = 16;

/// A quotient with the digits that PostgreSQL shows of one, and how many of them are behind
/// the point: sixteen that mean something at least, counted in steps of four.
///
/// `scales` are those that it is held with and that it has at least; where the latter is sixteen
/// or more, it is all that is shown. Further digits are shown where they are not zeros. What
/// PostgreSQL shows depends on dividend and divisor, which are gone: where they begin with the
/// same digits and the quotient is not endless, it shows four zeros more. Of those only
/// quotients of one are told.
pub(crate) fn quotient(value: i128, scales: [i8; 2]) -> (i128, i8) {
    let [scale, least] = scales;
    let (short, needed) = trimmed(value, scale);
    let mut shown = match least >= QUOTIENT_DIGITS {
        true => least,
        false => least.max(meaningful(short, needed)),
    };
    while shown < needed {
        shown += STEP;
    }
    let shown = shown.clamp(0, scale);
    (rescale(value, scale, shown).unwrap_or(value), shown)
}

/// Digits behind the point with which a quotient has sixteen that mean something; it is given
/// without zeros at its end.
fn meaningful(value: i128, scale: i8) -> i8 {
    let digits = value.unsigned_abs().checked_ilog10().map_or(0, |digits| digits as i32);
    // The place of the first digit: 0 for units, -1 for tenths.
    let first = digits - i32::from(scale);
    let step = i32::from(STEP);
    let is_power = value.abs() == 1 && first.rem_euclid(step) == 0;
    let place = match value {
        0 => -1,
        _ => first.div_euclid(step) - i32::from(is_power),
    };
    i8::try_from(i32::from(QUOTIENT_DIGITS) - place * step).unwrap_or(i8::MAX).max(0)
}

/// Whether `value` has at most `precision` digits.
pub(crate) fn fits(value: i128, precision: u8) -> bool {
    power(u32::from(precision)).is_none_or(|limit| value.unsigned_abs() < limit.unsigned_abs())
}

/// `value` of the scale `from` as a `numeric(precision, scale)`.
///
/// # Errors
/// 22003 if it has more digits before the point.
pub(crate) fn to_numeric(value: i128, from: i8, precision: u8, scale: i8) -> Result<i128> {
    rescale(value, from, scale)
        .filter(|value| fits(*value, precision))
        .ok_or_else(|| overflow(precision, scale))
}

/// `value` of the scale `from` as a bare `numeric`.
///
/// # Errors
/// 22003 if it has digits that a bare numeric does not hold: none is rounded away.
pub(crate) fn to_bare(value: i128, from: i8) -> Result<i128> {
    let lost = u32::try_from(i32::from(from) - i32::from(BARE_NUMERIC_SCALE)).unwrap_or(0);
    if lost > 0 && power(lost).is_none_or(|divisor| value % divisor != 0) && value != 0 {
        return Err(bare_overflow());
    }
    rescale(value, from, BARE_NUMERIC_SCALE)
        .filter(|value| fits(*value, NUMERIC_PRECISION_MAX))
        .ok_or_else(bare_overflow)
}

/// The error of a value that `numeric(precision, scale)` does not hold.
pub(crate) fn overflow(precision: u8, scale: i8) -> Error {
    let whole = i32::from(precision) - i32::from(scale);
    let limit = if whole == 0 { "1".to_owned() } else { format!("10^{whole}") };
    Error::new("22003", "numeric field overflow").with_detail(format!(
        "A field with precision {precision}, scale {scale} must round to an absolute value \
         less than {limit}."
    ))
}

/// The error of a value that a bare numeric does not hold.
pub(crate) fn bare_overflow() -> Error {
    let whole = i32::from(NUMERIC_PRECISION_MAX) - i32::from(BARE_NUMERIC_SCALE);
    Error::new("22003", "numeric field overflow")
        .with_detail(format!(
            "A numeric without precision holds {whole} digits before the point, \
             {BARE_NUMERIC_SCALE} after it."
        ))
        .with_hint("Give it the digits it needs, as in numeric(38,20).")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_are_rounded_away_from_zero() {
        let cases = [(25, 1, 3), (24, 1, 2), (-25, 1, -3), (-24, 1, -2), (5, 1, 1), (4, 1, 0)];
        for (value, digits, expected) in cases {
            assert_eq!(round(value, digits), expected, "{value}");
        }
        assert_eq!(round(i128::MAX, 38), 2);
        assert_eq!(round(i128::MAX, 39), 0);
        assert_eq!(round(7, 0), 7);
    }

    #[test]
    fn zeros_at_the_end_of_a_fraction_are_dropped() {
        assert_eq!(trimmed(15_000, 3), (15, 0));
        assert_eq!(trimmed(15_000, 2), (150, 0));
        assert_eq!(trimmed(-1_050, 2), (-105, 1));
        assert_eq!(trimmed(0, 5), (0, 0));
        assert_eq!(trimmed(POWERS[30] * 1_230, 33), (123, 2));
        assert_eq!(trimmed(POWERS[38] - 1, 16), (POWERS[38] - 1, 16));
    }

    #[test]
    fn a_bare_numeric_loses_no_digit() {
        assert_eq!(to_bare(10, 17).map_err(|error| error.code()), Ok(1));
        assert_eq!(to_bare(1, 17).map_err(|error| error.code()), Err("22003"));
        assert_eq!(to_bare(1, 0).ok(), power(16));
        assert!(to_bare(POWERS[22], 0).is_err());
    }

    #[test]
    fn a_quotient_shows_sixteen_digits_that_mean_something() {
        let unit = 10_i128.pow(20);
        for (value, scales, expected) in [
            (0, [20, 0], (0, 20)),
            (unit / 2, [20, 0], (unit / 2, 20)),
            (unit * 5 / 2, [20, 0], (25 * 10_i128.pow(15), 16)),
            (unit, [20, 0], (unit, 20)),
            (-unit, [20, 2], (-unit, 20)),
            (unit * 24_691 / 2, [20, 0], (123_455 * 10_i128.pow(11), 12)),
            (10_i128.pow(36), [19, 18], (10_i128.pow(35), 18)),
            (unit / 30_000, [20, 0], (unit / 30_000, 20)),
            (unit + 1, [20, 0], (unit + 1, 20)),
            (unit * 3 / 2, [20, 16], (15 * 10_i128.pow(15), 16)),
            (unit / 2, [20, 18], (5 * 10_i128.pow(17), 18)),
            (unit / 3, [20, 18], (unit / 3, 20)),
        ] {
            assert_eq!(quotient(value, scales), expected, "{value}");
        }
    }
}
