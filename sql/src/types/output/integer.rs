//! An integer in decimal digits.
#![expect(clippy::indexing_slicing, reason = "places are below the buffers' constant lengths")]

/// The digits of 00 to 99.
const PAIRS: [[u8; 2]; 100] = {
    let mut pairs = [[b'0'; 2]; 100];
    let mut index = 0;
    while index < pairs.len() {
        pairs[index] = [b'0' + (index / 10) as u8, b'0' + (index % 10) as u8];
        index += 1;
    }
    pairs
};

/// Digits of the largest u128.
const DIGITS_MAX: usize = 39;

/// What a u128 above 64 bits is cut by: 10^18, an even number of digits.
const CUT: u128 = 1_000_000_000_000_000_000;

/// The decimal digits of a number, without allocation.
pub(crate) struct Digits {
    bytes: [u8; DIGITS_MAX + 1],
    start: usize,
}

impl Digits {
    /// The digits of `value`; of 0 the one digit 0.
    pub(crate) fn of(value: u128) -> Self {
        let mut digits = Self { bytes: [b'0'; DIGITS_MAX + 1], start: DIGITS_MAX + 1 };
        let mut rest = value;
        while rest > u128::from(u64::MAX) {
            let end = digits.start;
            digits.push((rest % CUT) as u64);
            digits.start = end - 18;
            rest /= CUT;
        }
        digits.push(rest as u64);
        digits
    }

    /// The digits of a number of 64 bits.
    pub(crate) fn of_u64(value: u64) -> Self {
        let mut digits = Self { bytes: [b'0'; DIGITS_MAX + 1], start: DIGITS_MAX + 1 };
        digits.push(value);
        digits
    }

    /// The digits as ASCII.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.bytes[self.start..]
    }

    /// Puts the digits of `value` before those that are there.
    fn push(&mut self, mut value: u64) {
        while value >= 10 {
            self.start -= 2;
            self.bytes[self.start..self.start + 2].copy_from_slice(&PAIRS[(value % 100) as usize]);
            value /= 100;
        }
        if self.bytes[self.start..].is_empty() || value > 0 {
            self.start -= 1;
            self.bytes[self.start] = b'0' + value as u8;
        }
    }
}

/// Appends an integer.
pub(crate) fn write_i64(value: i64, out: &mut Vec<u8>) {
    if value < 0 {
        out.push(b'-');
    }
    out.extend_from_slice(Digits::of_u64(value.unsigned_abs()).as_bytes());
}

/// Appends two digits; `value` is below 100.
pub(crate) fn write_pair(value: i64, out: &mut Vec<u8>) {
    out.extend_from_slice(&PAIRS[(value % 100).unsigned_abs() as usize]);
}

/// Appends at least `width` digits.
pub(crate) fn write_padded(value: u64, width: usize, out: &mut Vec<u8>) {
    let digits = Digits::of_u64(value);
    for _ in digits.as_bytes().len()..width {
        out.push(b'0');
    }
    out.extend_from_slice(digits.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_those_of_the_standard_library() {
        let mut value = 1_u128;
        for step in 0..400_u128 {
            for value in [value, value - 1, value + step, u128::MAX - value] {
                assert_eq!(Digits::of(value).as_bytes(), value.to_string().as_bytes());
                let small = value as u64;
                assert_eq!(Digits::of_u64(small).as_bytes(), small.to_string().as_bytes());
            }
            value = value.wrapping_mul(7).max(1);
        }
        for value in 0..2_000_u64 {
            assert_eq!(Digits::of_u64(value).as_bytes(), value.to_string().as_bytes());
        }
    }

    #[test]
    fn signs_and_padding_are_written() {
        let mut out = Vec::new();
        write_i64(i64::MIN, &mut out);
        write_pair(7, &mut out);
        write_padded(42, 4, &mut out);
        assert_eq!(out, b"-9223372036854775808070042");
    }
}
