//! The digits of a quotient of numerics, as PostgreSQL counts them.
//!
//! PostgreSQL holds a numeric in base 10000 and rounds a quotient to sixteen decimal digits that
//! mean something, or some more: how many stand behind the point follows from where dividend
//! and divisor begin. A quotient here is rounded to as many, whatever scale it is held with, so
//! that it compares, groups and rounds on as PostgreSQL's does.
use arrow::datatypes::i256;

use super::wide::Wide;

/// Decimal digits of a quotient that mean something, at least.
const DIGITS_MIN: i32 = 16;
/// Decimal digits in one of base 10000.
const STEP: i32 = 4;

/// Where a number begins in base 10000: its first digit, and the place of that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Beginning {
    digit: u128,
    place: i32,
}

impl Beginning {
    /// That of `magnitude` · 10^-`scale`. Zero begins with the digit 0 of the units.
    #[inline]
    pub fn of(magnitude: u128, scale: i32) -> Self {
        if scale == 0 && magnitude < 10_000 {
            return Self { digit: magnitude, place: 0 };
        }
        let length = match u64::try_from(magnitude) {
            Ok(small) => small.checked_ilog10(),
            Err(_) => magnitude.checked_ilog10(),
        };
        let Some(length) = length else { return Self { digit: 0, place: 0 } };
        let place = (length as i32 - scale).div_euclid(STEP);
        let below = scale + place * STEP;
        let power = 10_u128.saturating_pow(below.unsigned_abs());
        let digit = match (below < 0, u64::try_from(magnitude), u64::try_from(power)) {
            (true, ..) => magnitude * power,
            (false, Ok(magnitude), Ok(power)) => u128::from(magnitude / power),
            (false, ..) => magnitude / power,
        };
        Self { digit, place }
    }

    /// Digits behind the point that a quotient of the two is rounded to, if neither has more.
    #[inline]
    pub fn quotient_scale(self, divisor: Self) -> i32 {
        // Where both begin with the same digit, the quotient is taken to begin a place lower.
        let lower = i32::from(self.digit <= divisor.digit);
        (DIGITS_MIN - (self.place - divisor.place - lower) * STEP).max(0)
    }
}

/// How the mean of numerics comes of their sum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mean {
    /// Digits behind the point of what is summed.
    pub argument: i8,
    /// Whether zeros at the end of what is summed mean nothing.
    pub trimmed: bool,
    /// Digits behind the point that the mean is held with, no fewer than the argument's.
    pub result: i8,
}

impl Mean {
    /// `sum` divided by `count`, rounded half away from zero, and held in units of
    /// 10^-`result`; `None` where that has more than 38 digits, or over nothing.
    pub fn of(self, sum: i256, count: u64) -> Option<i128> {
        let (low, high) = sum.to_parts();
        let high = high as u128;
        self.of_wide(
            Wide::of_words([low as u64, (low >> 64) as u64, high as u64, (high >> 64) as u64]),
            count,
        )
    }

    #[inline]
    pub(super) fn of_wide(self, sum: Wide, count: u64) -> Option<i128> {
        let (sum, scale) = match self.trimmed {
            true => sum.trimmed(i32::from(self.argument)),
            false => (sum, i32::from(self.argument)),
        };
        let wanted = sum.beginning(scale).quotient_scale(Beginning::of(count.into(), 0));
        let held = i32::from(self.result);
        let rounded = wanted.max(scale).min(held);
        let mean = sum.mean(u32::try_from(rounded - scale).ok()?, count)?;
        let unit = 10_i128.checked_pow(u32::try_from(held - rounded).ok()?)?;
        mean.checked_mul(unit).filter(|mean| mean.unsigned_abs() < 10_u128.pow(38))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_begins_at_a_place_of_four_digits() {
        for (magnitude, scale, digit, place) in [
            (0, 0, 0, 0),
            (0, 5, 0, 0),
            (7, 0, 7, 0),
            (9_999, 0, 9_999, 0),
            (10_000, 0, 1, 1),
            (123_456, 2, 1_234, 0),
            (1, 1, 1_000, -1),
            (1, 4, 1, -1),
            (1, 5, 1_000, -2),
            (u128::MAX, 0, 340, 9),
            (u128::MAX, 38, 3, 0),
        ] {
            let expected = Beginning { digit, place };
            assert_eq!(Beginning::of(magnitude, scale), expected, "{magnitude} {scale}");
        }
    }

    /// Dividend and divisor as integers, and the digits PostgreSQL shows behind the point.
    #[test]
    fn a_quotient_has_sixteen_digits_that_mean_something() {
        for (dividend, divisor, expected) in [
            (10, 3, 16),
            (1, 3, 20),
            (3, 3, 20),
            (0, 3, 20),
            (0, 30_000, 24),
            (15_000, 1, 16),
            (25_000, 1, 12),
            (1, 30_000, 24),
            (10_u128.pow(20), 3, 0),
        ] {
            let scale = Beginning::of(dividend, 0).quotient_scale(Beginning::of(divisor, 0));
            assert_eq!(scale, expected, "{dividend} {divisor}");
        }
    }

    fn mean(mean: (i8, bool, i8), sum: i128, count: u64, expected: Option<i128>) {
        let (argument, trimmed, result) = mean;
        let of = Mean { argument, trimmed, result };
        assert_eq!(of.of(i256::from_i128(sum), count), expected, "{sum} {count}");
    }

    #[test]
    fn the_mean_itself_is_rounded() {
        let unit = 10_i128.pow(19);
        mean((0, false, 19), 10, 3, Some(33_333_333_333_333_333 * 1_000));
        mean((0, false, 19), 1, 3, Some(unit / 3));
        // 3074457345618258602.33…: no digit behind the point is PostgreSQL's.
        mean((0, false, 19), 9_223_372_036_854_775_807, 3, Some(3_074_457_345_618_258_602 * unit));
        mean(
            (0, false, 19),
            -1_000_000_000_001,
            2,
            Some(-500_000_000_000_500_000_000 * 10_i128.pow(10)),
        );
        // With eight digits behind the point there are eight at least.
        mean((8, false, 20), 10_i128.pow(25), 3, Some(10_i128.pow(25) / 3 * 10_i128.pow(12)));
        mean((16, true, 20), 10_i128.pow(33), 3, Some(10_i128.pow(17) / 3 * 10_i128.pow(20)));
        mean((16, false, 20), 10_i128.pow(33), 3, Some(10_i128.pow(33) / 3 * 10_i128.pow(4)));
        mean((0, false, 19), i128::from(i64::MAX), 1, Some(i128::from(i64::MAX) * unit));
        mean((0, false, 20), i128::from(i64::MAX), 1, None);
        mean((0, false, 20), 5, 0, None);
    }
}
