//! Exact binary numbers rounded to floats: to nearest, ties to even.
//!
//! Subnormals round at their own, coarser step; what is too large becomes infinity.

/// A magnitude in digits of 32 bits, least first, times two to `exponent`.
#[derive(Clone, Debug)]
pub(super) struct Magnitude {
    digits: Vec<u32>,
    exponent: i32,
    /// Whether a part below the digits is left out.
    inexact: bool,
}

/// A binary format of IEEE 754.
#[derive(Clone, Copy, Debug)]
pub(super) struct Format {
    /// Bits of the significand, the hidden one included.
    pub(super) precision: u32,
    /// The exponent of the least subnormal.
    pub(super) least: i32,
    /// The greatest value of the exponent's field, that of infinity.
    pub(super) infinity: u64,
}

/// `double precision`.
pub(super) const DOUBLE: Format = Format { precision: 53, least: -1074, infinity: 2047 };

/// `real`.
pub(super) const SINGLE: Format = Format { precision: 24, least: -149, infinity: 255 };

impl Magnitude {
    pub(super) fn new(digits: Vec<u32>, exponent: i32) -> Self {
        Self { digits, exponent, inexact: false }
    }

    /// The magnitude divided, with more bits than any format keeps.
    pub(super) fn divided(self, divisor: u64) -> Self {
        /// Digits below the point, so that the quotient has 128 − 63 bits at least.
        const MORE: usize = 4;
        let mut digits = vec![0; MORE];
        digits.extend(self.digits);
        let mut rest = 0_u128;
        for digit in digits.iter_mut().rev() {
            let dividend = rest << 32 | u128::from(*digit);
            *digit = dividend.checked_div(u128::from(divisor)).unwrap_or_default() as u32;
            rest = dividend.checked_rem(u128::from(divisor)).unwrap_or_default();
        }
        Self { digits, exponent: self.exponent - 32 * MORE as i32, inexact: rest != 0 }
    }

    /// The bits of the nearest float, without a sign.
    pub(super) fn round(&self, format: Format) -> u64 {
        let Some(top) = self.top() else { return 0 };
        let precision = format.precision as i32;
        let step = (top + self.exponent - (precision - 1)).max(format.least);
        let dropped = step - self.exponent;
        let mut significand = match dropped <= 0 {
            true => self.bits(0) << -dropped,
            false => self.bits(dropped),
        };
        if dropped > 0 && self.bit(dropped - 1) {
            let more = self.inexact || (0..dropped - 1).rev().any(|place| self.bit(place));
            if more || significand & 1 == 1 {
                significand += 1;
            }
        }
        // A significand that grew by a bit runs over into the exponent, as it should.
        let hidden = 1 << (precision - 1);
        let field = (step - format.least) as u64;
        let bits = match significand < hidden {
            true => significand,
            false => ((field + 1) << (precision - 1)) + (significand - hidden),
        };
        bits.min(format.infinity << (precision - 1))
    }

    /// The place of the highest bit that is set.
    fn top(&self) -> Option<i32> {
        let place = self.digits.iter().rposition(|digit| *digit != 0)?;
        let digit = self.digits.get(place)?;
        Some(place as i32 * 32 + 31 - digit.leading_zeros() as i32)
    }

    fn bit(&self, place: i32) -> bool {
        let digit = self.digits.get((place / 32) as usize).copied().unwrap_or_default();
        digit >> (place % 32) & 1 == 1
    }

    /// The 64 bits from `place` on.
    fn bits(&self, place: i32) -> u64 {
        let first = (place / 32) as usize;
        let digit = |at: usize| u128::from(self.digits.get(at).copied().unwrap_or_default());
        let wide = digit(first) | digit(first + 1) << 32 | digit(first + 2) << 64;
        (wide >> (place % 32)) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(value: f64) {
        let bits = value.to_bits();
        let (field, fraction) = (bits >> 52, bits & ((1 << 52) - 1));
        let significand = if field == 0 { fraction } else { fraction | 1 << 52 };
        let digits = vec![significand as u32, (significand >> 32) as u32];
        let magnitude = Magnitude::new(digits, -1074 + field.max(1) as i32 - 1);
        assert_eq!(magnitude.round(DOUBLE), bits, "{value}");
        assert_eq!(magnitude.round(SINGLE), u64::from((value as f32).to_bits()), "{value}");
        assert_eq!(magnitude.clone().divided(3).round(DOUBLE), (value / 3.0).to_bits(), "{value}");
    }

    #[test]
    fn every_float_is_itself_and_narrows_and_divides_as_the_processor_does() {
        let special = [
            0.0,
            5e-324,
            1.5e-323,
            2e-323,
            f64::MIN_POSITIVE,
            f64::MAX,
            1.0,
            0.1,
            16_777_217.0,
            f64::from(f32::MAX),
            3.402_823_567_797_336_7e38,
            f64::from(f32::MIN_POSITIVE) / 3.0,
            7.006_492_321_624_085e-46,
            7.006_492_321_624_086e-46,
        ];
        special.into_iter().for_each(check);
        let mut state = 1_u64;
        for _ in 0..100_000 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let value = f64::from_bits((state ^ state >> 29) >> 1);
            if value.is_finite() {
                check(value);
            }
        }
    }
}
