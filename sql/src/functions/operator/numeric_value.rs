//! Numerics as integers times a power of ten: rescaled, rounded, kept within 38 digits.
use arrow::datatypes::i256;
use engine::{Beginning, Error, Result};

use crate::types::{BARE_NUMERIC_SCALE, NUMERIC_PRECISION_MAX, Type};

/// The first integer of 39 digits.
pub(crate) const LIMIT: i128 = 10_i128.pow(NUMERIC_PRECISION_MAX as u32);

/// Digits before and after the point that a type has room for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Digits {
    /// Before the point; negative if there are zeros behind it always.
    pub(crate) whole: i32,
    /// Behind the point.
    pub(crate) scale: i32,
    /// Whether trailing zeros mean nothing.
    pub(crate) bare: bool,
}

impl Digits {
    /// Those of `kind`; of other types than numerics those of their integers.
    pub(crate) fn of(kind: &Type) -> Self {
        let (precision, scale) = match kind {
            Type::Numeric(precision, scale) => (*precision, *scale),
            Type::Quotient(scale, _) => (NUMERIC_PRECISION_MAX, *scale),
            Type::Int2 => (5, 0),
            Type::Int4 => (10, 0),
            Type::Int8 => (19, 0),
            _ => (NUMERIC_PRECISION_MAX, BARE_NUMERIC_SCALE),
        };
        let scale = i32::from(scale);
        let bare = matches!(kind, Type::BareNumeric);
        Self { whole: i32::from(precision) - scale, scale, bare }
    }

    /// The type with room for these digits; for 38 of them, if they are more.
    ///
    /// A result of bare operands stays bare while its scale is that of bare numerics.
    pub(crate) fn to_type(self) -> Type {
        if self.bare && self.scale == i32::from(BARE_NUMERIC_SCALE) {
            return Type::BareNumeric;
        }
        let most = i32::from(NUMERIC_PRECISION_MAX);
        let scale = self.scale.clamp(0, most);
        let precision = (self.whole + scale).clamp(scale.max(1), most);
        let narrow = |value: i32| u8::try_from(value).unwrap_or(NUMERIC_PRECISION_MAX);
        Type::Numeric(narrow(precision), i8::try_from(scale).unwrap_or(0))
    }

    /// A quotient's type: with twenty digits behind the point where there is room for them,
    /// which those below one are shown with; with nineteen at least, so that there is room for
    /// every bigint before them.
    pub(crate) fn to_quotient(self, least: i32) -> Type {
        const SHOWN: std::ops::RangeInclusive<i32> = 19..=20;
        let room = i32::from(NUMERIC_PRECISION_MAX) - self.whole;
        let scale = room.clamp(*SHOWN.start(), *SHOWN.end()).max(self.scale);
        Self { scale, ..self }.loose(least)
    }

    /// The type of a quotient that is held with these digits behind the point, as far as there
    /// are so many, and has `least` of them at least.
    pub(crate) fn loose(self, least: i32) -> Type {
        let scale = self.scale.clamp(0, i32::from(NUMERIC_PRECISION_MAX));
        let narrow = |value: i32| i8::try_from(value).unwrap_or_default();
        Type::Quotient(narrow(scale), narrow(least.clamp(0, scale)))
    }

    /// Digits behind the point, as a type has them.
    pub(crate) fn narrow_scale(self) -> i8 {
        i8::try_from(self.scale).unwrap_or_default()
    }

    /// Whether every such number has at most 38 digits.
    pub(crate) fn fit(self) -> bool {
        self.scale <= i32::from(NUMERIC_PRECISION_MAX)
            && self.whole + self.scale <= i32::from(NUMERIC_PRECISION_MAX)
    }

    /// Digits that hold the numbers of both.
    pub(crate) fn union(self, other: Self) -> Self {
        Self {
            whole: self.whole.max(other.whole),
            scale: self.scale.max(other.scale).max(0),
            bare: self.bare || other.bare,
        }
    }
}

/// The error of a number of more than 38 digits.
pub(crate) fn out_of_range() -> Error {
    Error::data("22003", "value overflows numeric format")
        .with_detail("A numeric has at most 38 digits, those behind the point included.")
}

/// The error of a number with more digits behind the point than its type keeps.
pub(crate) fn inexact() -> Error {
    Error::data("22003", "value overflows numeric format")
        .with_detail("The exact result has more digits behind the point than its type holds.")
        .with_hint("Round an operand, or cast it to a numeric with precision and scale.")
}

/// Ten to the power of `exponent`, if it fits.
pub(crate) fn power_of_ten(exponent: i32) -> Option<i128> {
    10_i128.checked_pow(u32::try_from(exponent).ok()?)
}

/// The same in 256 bits.
pub(crate) fn wide_power_of_ten(exponent: i32) -> Option<i256> {
    let ten = i256::from_i128(10);
    (0..exponent).try_fold(i256::ONE, |power, _| power.checked_mul(ten))
}

/// `value`, if it has at most 38 digits.
pub(crate) fn checked(value: i128) -> Result<i128> {
    match value.unsigned_abs() < LIMIT.unsigned_abs() {
        true => Ok(value),
        false => Err(out_of_range()),
    }
}

/// `value`, if it has at most 38 digits.
pub(crate) fn narrowed(value: Option<i256>) -> Result<i128> {
    value.and_then(i256::to_i128).ok_or_else(out_of_range).and_then(checked)
}

/// `value` times ten to the power of `places`, in 256 bits; zero may be moved any distance.
pub(crate) fn widened(value: i128, places: i32) -> Option<i256> {
    match value {
        0 => Some(i256::ZERO),
        _ => i256::from_i128(value).checked_mul(wide_power_of_ten(places)?),
    }
}

/// `dividend / divisor`, rounded to the nearest integer, halves away from zero.
pub(crate) fn rounded_quotient(dividend: i256, divisor: i256) -> Option<i256> {
    let quotient = dividend.checked_div(divisor)?;
    let rest = dividend.checked_rem(divisor)?.wrapping_abs();
    if rest >= divisor.wrapping_abs().checked_sub(rest)? {
        let negative = dividend.is_negative() != divisor.is_negative();
        let step = if negative { i256::MINUS_ONE } else { i256::ONE };
        return quotient.checked_add(step);
    }
    Some(quotient)
}

/// Where `value`, of `scale` digits behind the point, begins.
pub(crate) fn beginning(value: i256, scale: i32) -> Beginning {
    const DROPPED: i32 = 16;
    let (mut value, mut scale) = (value.wrapping_abs(), scale);
    loop {
        match value.to_i128() {
            Some(narrow) => return Beginning::of(narrow.unsigned_abs(), scale),
            None => {
                let unit = wide_power_of_ten(DROPPED).unwrap_or(i256::ONE);
                value = value.checked_div(unit).unwrap_or(i256::ZERO);
                scale -= DROPPED;
            }
        }
    }
}

/// How digits that fall away are treated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rounding {
    /// To the nearest, halves away from zero.
    Nearest,
    /// Towards zero.
    Truncate,
    /// Towards the greater.
    Up,
    /// Towards the smaller.
    Down,
}

/// `value` in units of ten to the power of `places`, rounded; `places` is positive.
pub(crate) fn shortened(value: i128, places: i32, rounding: Rounding) -> i128 {
    let Some(unit) = power_of_ten(places) else {
        // The unit is beyond any value: less than half of it, as 10^39 / 2 > 10^38.
        return match rounding {
            Rounding::Up if value > 0 => 1,
            Rounding::Down if value < 0 => -1,
            _ => 0,
        };
    };
    let (quotient, rest) = (value / unit, value % unit);
    let step = match rounding {
        Rounding::Nearest if rest.abs() >= unit - rest.abs() => rest.signum(),
        Rounding::Up if rest > 0 => 1,
        Rounding::Down if rest < 0 => -1,
        _ => 0,
    };
    quotient + step
}

/// `value` with `to` digits behind the point instead of `from`; fails where it is not exact.
pub(crate) fn rescaled(value: i128, from: i32, to: i32) -> Result<i128> {
    if to >= from {
        return match value {
            0 => Ok(0),
            _ => power_of_ten(to - from)
                .and_then(|power| value.checked_mul(power))
                .ok_or_else(out_of_range)
                .and_then(checked),
        };
    }
    match power_of_ten(from - to) {
        Some(unit) if value % unit == 0 => Ok(value / unit),
        None if value == 0 => Ok(0),
        _ => Err(inexact()),
    }
}
