//! Sums of floats in big integers, by another way than the accumulator's: for tests.
use super::float_sum::FloatTotal;

/// A signed integer: digits of 32 bits, least first, without leading zeros.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Big {
    negative: bool,
    digits: Vec<u64>,
}

impl Big {
    fn new(negative: bool, mut digits: Vec<u64>) -> Self {
        while digits.last() == Some(&0) {
            digits.pop();
        }
        Self { negative: negative && !digits.is_empty(), digits }
    }

    /// A finite float in units of 2⁻¹⁰⁷⁴.
    fn of(value: f64) -> Self {
        let bits = value.to_bits();
        let (field, fraction) = (bits >> 52 & 0x7ff, bits & ((1 << 52) - 1));
        let significand = if field == 0 { fraction } else { fraction | 1 << 52 };
        let place = field.max(1) - 1;
        let mut digits = vec![0; place as usize / 32];
        digits.extend([significand & 0xffff_ffff, significand >> 32]);
        Self::new(value < 0.0, digits).times(1 << (place % 32))
    }

    fn times(&self, factor: u64) -> Self {
        let (mut digits, mut carry) = (vec![], 0_u128);
        for digit in &self.digits {
            carry += u128::from(*digit) * u128::from(factor);
            digits.push(carry as u64 & 0xffff_ffff);
            carry >>= 32;
        }
        while carry > 0 {
            digits.push(carry as u64 & 0xffff_ffff);
            carry >>= 32;
        }
        Self::new(self.negative, digits)
    }

    fn plus(&self, other: &Self) -> Self {
        if self.negative == other.negative {
            let (mut digits, mut carry) = (vec![], 0);
            for place in 0..self.digits.len().max(other.digits.len()) + 1 {
                carry += self.digits.get(place).unwrap_or(&0);
                carry += other.digits.get(place).unwrap_or(&0);
                digits.push(carry & 0xffff_ffff);
                carry >>= 32;
            }
            return Self::new(self.negative, digits);
        }
        let (large, small) =
            if self.magnitude_cmp(other).is_ge() { (self, other) } else { (other, self) };
        let (mut digits, mut borrow) = (vec![], 0_i64);
        for (place, digit) in large.digits.iter().enumerate() {
            let mut left = *digit as i64 - *small.digits.get(place).unwrap_or(&0) as i64 - borrow;
            borrow = i64::from(left < 0);
            left += borrow << 32;
            digits.push(left as u64);
        }
        Self::new(large.negative, digits)
    }

    fn minus(&self, other: &Self) -> Self {
        self.plus(&Self::new(!other.negative, other.digits.clone()))
    }

    fn magnitude_cmp(&self, other: &Self) -> std::cmp::Ordering {
        let lengths = self.digits.len().cmp(&other.digits.len());
        lengths.then_with(|| self.digits.iter().rev().cmp(other.digits.iter().rev()))
    }
}

/// The bits of the float nearest to the sum or mean, found by bisection over all floats.
pub(super) fn rounded(values: &[(f64, i64)], result: FloatTotal) -> u64 {
    let count: i64 = values.iter().map(|(_, weight)| weight).sum();
    let divisor = if result == FloatTotal::Mean { count as u64 } else { 1 };
    let zero = Big::new(false, vec![]);
    let sum = values.iter().fold(zero, |sum, (value, weight)| {
        let mut part = Big::of(*value).times(weight.unsigned_abs());
        part.negative = !part.digits.is_empty() && (part.negative != (*weight < 0));
        sum.plus(&part)
    });
    let target = Big::new(false, sum.digits.clone());
    let single = result == FloatTotal::Single;
    let value = |bits: u64| {
        if single { f64::from(f32::from_bits(bits as u32)) } else { f64::from_bits(bits) }
    };
    let (mut low, mut high) = (0, if single { 0x7f80_0000 } else { 0x7ff0_0000_0000_0000_u64 });
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        match Big::of(value(middle)).times(divisor).magnitude_cmp(&target).is_le() {
            true => low = middle,
            false => high = middle,
        }
    }
    // The next number above the greatest is where rounding would make infinity.
    let above = match value(high).is_finite() {
        true => Big::of(value(high)),
        false => Big::of(value(low)).plus(&Big::of(value(low)).minus(&Big::of(value(low - 1)))),
    };
    let below = target.minus(&Big::of(value(low)).times(divisor));
    let above = above.times(divisor).minus(&target);
    let bits = match below.magnitude_cmp(&above) {
        std::cmp::Ordering::Less => low,
        std::cmp::Ordering::Greater => high,
        std::cmp::Ordering::Equal => low + (low & 1),
    };
    match value(bits).is_finite() {
        false => 0x7ff8_0000_0000_0001,
        true if sum.negative => (-value(bits)).to_bits(),
        true => value(bits).to_bits(),
    }
}
