//! A sum in 256 bits, so that no order of additions overflows it.
//!
//! It holds any sum of 2⁶³ values of 128 bits, in two's complement, least word first.
use super::mean::Beginning;

/// A signed integer of 256 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) struct Wide([u64; 4]);

impl Wide {
    /// The number in these words.
    pub(crate) fn of_words(words: [u64; 4]) -> Self {
        Self(words)
    }

    /// The same number.
    pub(crate) fn of(value: i128) -> Self {
        let sign = (value >> 127) as u64;
        Self([value as u64, (value >> 64) as u64, sign, sign])
    }

    pub(crate) fn words(self) -> [u64; 4] {
        self.0
    }

    /// Adds `value` taken `weight` times.
    #[inline]
    pub(crate) fn add_product(&mut self, value: i128, weight: i64) {
        match weight {
            1 => self.add(Self::of(value)),
            -1 => self.add(Self::of(value).negated()),
            _ => {
                let product = Self::of_magnitude(value.unsigned_abs()).times(weight.unsigned_abs());
                let negative = (value < 0) != (weight < 0);
                self.add(
                    product.map_or(Self::default(), |p| if negative { p.negated() } else { p }),
                );
            }
        }
    }

    /// The number divided by `count`, times ten to `power`, rounded half away from
    /// zero; `None` where that has more digits than a numeric holds.
    pub(crate) fn mean(self, power: u32, count: u64) -> Option<i128> {
        let mut magnitude = self.magnitude();
        let mut left = power;
        while left > 0 {
            let step = left.min(19);
            magnitude = magnitude.times(10_u64.pow(step))?;
            left -= step;
        }
        let (quotient, rest) = magnitude.divided(count)?;
        let up = u128::from(rest) * 2 >= u128::from(count);
        quotient.small()?.checked_add(u128::from(up)).and_then(|m| signed(m, self.is_negative()))
    }

    /// The same number of the scale `scale` without zeros at the end of its fraction, and the
    /// scale that it then has.
    pub(crate) fn trimmed(self, scale: i32) -> (Self, i32) {
        let (mut magnitude, mut scale) = (self.magnitude(), scale);
        for step in [16_u32, 8, 4, 2, 1] {
            while let Some((quotient, 0)) = magnitude.divided(10_u64.pow(step))
                && scale >= step as i32
            {
                magnitude = quotient;
                scale -= step as i32;
            }
        }
        (if self.is_negative() { magnitude.negated() } else { magnitude }, scale)
    }

    /// Where it begins, taken as one of the scale `scale`.
    #[inline]
    pub(crate) fn beginning(self, scale: i32) -> Beginning {
        const DROPPED: u32 = 16;
        let (mut magnitude, mut scale) = (self.magnitude(), scale);
        loop {
            match magnitude.small() {
                Some(small) => return Beginning::of(small, scale),
                None => {
                    let shorter = magnitude.divided(10_u64.pow(DROPPED));
                    magnitude = shorter.map_or(Self::default(), |(shorter, _)| shorter);
                    scale -= DROPPED as i32;
                }
            }
        }
    }

    /// The number, if a numeric holds it (38 digits).
    pub(crate) fn numeric(self) -> Option<i128> {
        signed(self.magnitude().small()?, self.is_negative())
    }

    fn is_negative(self) -> bool {
        self.0[3] >> 63 == 1
    }

    fn of_magnitude(value: u128) -> Self {
        Self([value as u64, (value >> 64) as u64, 0, 0])
    }

    #[inline]
    fn add(&mut self, other: Self) {
        let mut carry = false;
        for (word, more) in self.0.iter_mut().zip(other.0) {
            let (sum, first) = word.overflowing_add(more);
            let (sum, second) = sum.overflowing_add(u64::from(carry));
            *word = sum;
            carry = first || second;
        }
    }

    #[inline]
    fn negated(self) -> Self {
        let mut flipped = Self(self.0.map(|word| !word));
        flipped.add(Self([1, 0, 0, 0]));
        flipped
    }

    fn magnitude(self) -> Self {
        if self.is_negative() { self.negated() } else { self }
    }

    /// A magnitude times a factor; `None` above 255 bits.
    fn times(self, factor: u64) -> Option<Self> {
        let mut carry = 0_u64;
        let words = self.0.map(|word| {
            let product = u128::from(word) * u128::from(factor) + u128::from(carry);
            carry = (product >> 64) as u64;
            product as u64
        });
        let product = Self(words);
        (carry == 0 && !product.is_negative()).then_some(product)
    }

    /// A magnitude divided, and the rest.
    fn divided(self, divisor: u64) -> Option<(Self, u64)> {
        let mut rest = 0_u64;
        let mut words = self.0;
        for word in words.iter_mut().rev() {
            let dividend = u128::from(rest) << 64 | u128::from(*word);
            *word = dividend.checked_div(u128::from(divisor))? as u64;
            rest = (dividend % u128::from(divisor)) as u64;
        }
        Some((Self(words), rest))
    }

    /// A magnitude in 128 bits.
    fn small(self) -> Option<u128> {
        let [low, high, 0, 0] = self.0 else { return None };
        Some(u128::from(high) << 64 | u128::from(low))
    }
}

/// A numeric's digits with their sign, at most 38.
fn signed(magnitude: u128, negative: bool) -> Option<i128> {
    let value = i128::try_from(magnitude).ok().filter(|value| *value < 10_i128.pow(38))?;
    Some(if negative { -value } else { value })
}

#[cfg(test)]
mod tests {
    use super::*;

    const GREATEST: i128 = 10_i128.pow(38) - 1;

    #[test]
    fn a_sum_out_of_range_comes_back() {
        let mut sum = Wide::default();
        (0..1000).for_each(|_| sum.add_product(GREATEST, 1));
        sum.add_product(GREATEST, i64::MAX);
        assert_eq!(sum.numeric(), None);
        sum.add_product(GREATEST, -i64::MAX);
        (0..999).for_each(|_| sum.add_product(GREATEST, -1));
        assert_eq!(sum.numeric(), Some(GREATEST));
        sum.add_product(-GREATEST, 3);
        assert_eq!(sum.numeric(), None);
        sum.add_product(GREATEST, 1);
        assert_eq!(sum.numeric(), Some(-GREATEST));
    }

    fn mean(values: &[i128], power: u32, expected: Option<i128>) {
        let mut sum = Wide::default();
        values.iter().for_each(|value| sum.add_product(*value, 1));
        assert_eq!(sum.mean(power, values.len() as u64), expected, "{values:?}");
    }

    #[test]
    fn a_mean_is_rounded_half_away_from_zero() {
        mean(&[1, 2], 0, Some(2));
        mean(&[-1, -2], 0, Some(-2));
        mean(&[1, 1, 2], 0, Some(1));
        mean(&[1, 1, 2], 3, Some(1333));
        mean(&[-1, -1, -3], 3, Some(-1667));
        mean(&[GREATEST; 7], 0, Some(GREATEST));
        mean(&[GREATEST, -GREATEST], 16, Some(0));
        mean(&[GREATEST], 1, None);
        mean(&[1], 60, None);
    }
}
