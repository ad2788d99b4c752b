//! A float in the fewest digits that read back as the same float.
//!
//! Like PostgreSQL, and unlike the standard library, digits that stand exactly half-way to the
//! neighbouring float are not taken, though they would be read back: 1e23 is written
//! 9.999999999999999e+22. Of two texts of equal length and distance the even one is taken.
use std::fmt::{self, LowerExp, Write};
use std::str::FromStr;

/// Characters of the longest float in scientific notation.
const WIDTH_MAX: usize = 32;

/// A float's text before it is laid out, without allocation.
#[derive(Default)]
struct Scratch {
    bytes: [u8; WIDTH_MAX],
    length: usize,
}

impl Scratch {
    fn text(&self) -> &str {
        self.bytes.get(..self.length).and_then(|text| str::from_utf8(text).ok()).unwrap_or("")
    }
}

impl Write for Scratch {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = self.length + text.len();
        self.bytes.get_mut(self.length..end).ok_or(fmt::Error)?.copy_from_slice(text.as_bytes());
        self.length = end;
        Ok(())
    }
}

/// Appends a double precision.
pub(crate) fn write_f64(value: f64, out: &mut Vec<u8>) {
    if write_special(value, out) {
        return;
    }
    let bits = value.to_bits();
    let parts = Parts {
        mantissa: bits & ((1 << 52) - 1) | 1 << 52,
        exponent: ((bits >> 52) & 0x7ff) as i32 - 1_075,
        digits_max: 17,
    };
    lay_out(shortest(value, &parts).text(), 15, out);
}

/// Appends a real.
pub(crate) fn write_f32(value: f32, out: &mut Vec<u8>) {
    if write_special(f64::from(value), out) {
        return;
    }
    let bits = u64::from(value.to_bits());
    let parts = Parts {
        mantissa: bits & ((1 << 23) - 1) | 1 << 23,
        exponent: ((bits >> 23) & 0xff) as i32 - 150,
        digits_max: 9,
    };
    lay_out(shortest(value, &parts).text(), 6, out);
}

/// A float as `mantissa` · 2^`exponent`.
struct Parts {
    mantissa: u64,
    exponent: i32,
    digits_max: usize,
}

impl Parts {
    /// Whether the half-way to a neighbour can have as few digits as a float is written with.
    fn can_be_half_way(&self) -> bool {
        self.mantissa.is_multiple_of(2) && self.exponent > 0 && self.exponent < 90
    }

    /// Digits after the point of the exact value.
    fn decimals(&self) -> i32 {
        let zeros = i32::try_from(self.mantissa.trailing_zeros()).unwrap_or(0);
        -(self.exponent + zeros)
    }
}

/// The digits of a finite float in scientific notation.
fn shortest<F>(value: F, parts: &Parts) -> Scratch
where
    F: LowerExp + FromStr + PartialEq,
{
    let mut found = Scratch::default();
    let _ = write!(found, "{value:e}");
    let rounded = |precision: usize| {
        let mut candidate = Scratch::default();
        let _ = write!(candidate, "{value:.precision$e}");
        let same = candidate.text().parse::<F>().is_ok_and(|read| read == value);
        same.then_some(candidate)
    };
    if parts.can_be_half_way() {
        if !is_half_way(found.text(), parts) {
            return found;
        }
        let longer = (0..parts.digits_max).filter_map(rounded);
        let mut inside = longer.filter(|candidate| !is_half_way(candidate.text(), parts));
        return inside.next().unwrap_or(found);
    }
    // Of two texts of equal length and distance the even one is taken.
    let decimals = parts.decimals();
    match digits_of(found.text()) {
        Some((digits, power)) if decimals > 0 && -power == decimals - 1 => {
            let precision = digits.checked_ilog10().and_then(|count| usize::try_from(count).ok());
            precision.and_then(rounded).unwrap_or(found)
        }
        _ => found,
    }
}

fn write_special(value: f64, out: &mut Vec<u8>) -> bool {
    let text: &[u8] = if value.is_nan() {
        b"NaN"
    } else if value == f64::INFINITY {
        b"Infinity"
    } else if value == f64::NEG_INFINITY {
        b"-Infinity"
    } else {
        return false;
    };
    out.extend_from_slice(text);
    true
}

/// Whether `text` is exactly in the middle between a float, whose exponent is above zero, and
/// a neighbour.
///
/// All is taken modulo 2^128: it differs by at most a unit of the mantissa, so that is exact.
fn is_half_way(text: &str, parts: &Parts) -> bool {
    let Some((digits, power)) = digits_of(text) else { return false };
    if power < 0 {
        return false;
    }
    let shift = |value: u128, by: u32| if by < 128 { value << by } else { 0 };
    let written = (0..power).fold(digits, |value, _| value.wrapping_mul(10));
    let (mantissa, exponent) = (u128::from(parts.mantissa), parts.exponent.unsigned_abs());
    // Everything is doubled, so that the half-way below a power of two, where the neighbour is
    // half as far, is a whole number.
    let (written, value) = (written.wrapping_mul(2), shift(mantissa, exponent + 1));
    let half = shift(1, exponent);
    let below = if mantissa.is_power_of_two() { half / 2 } else { half };
    written == value.wrapping_add(half) || written == value.wrapping_sub(below)
}

/// The digits as one number, with the power of ten that follows them.
fn digits_of(text: &str) -> Option<(u128, i32)> {
    let (number, exponent) = text.trim_start_matches('-').split_once('e')?;
    let fraction = number.split_once('.').map_or(0, |(_, fraction)| fraction.len());
    let digits = number
        .bytes()
        .filter(u8::is_ascii_digit)
        .fold(0_u128, |value, digit| value * 10 + u128::from(digit - b'0'));
    Some((digits, exponent.parse::<i32>().ok()? - i32::try_from(fraction).ok()?))
}

/// Appends `d.ddde-n`: plainly, or scientifically from 10^`plain_digits` on and below 10^-4.
fn lay_out(text: &str, plain_digits: i32, out: &mut Vec<u8>) {
    let (sign, text) = match text.strip_prefix('-') {
        Some(text) => (true, text),
        None => (false, text),
    };
    if sign {
        out.push(b'-');
    }
    let (number, exponent) = text.split_once('e').unwrap_or((text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let (first, rest) = number.split_once('.').unwrap_or((number, ""));
    if exponent < -4 || exponent >= plain_digits {
        out.extend_from_slice(number.as_bytes());
        out.extend_from_slice(if exponent < 0 { b"e-" } else { b"e+" });
        super::integer::write_padded(u64::from(exponent.unsigned_abs()), 2, out);
        return;
    }
    let zeros = |count: usize| std::iter::repeat_n(b'0', count);
    let places = usize::try_from(exponent.unsigned_abs()).unwrap_or(0);
    if exponent < 0 {
        out.extend_from_slice(b"0.");
        out.extend(zeros(places - 1));
        out.extend_from_slice(first.as_bytes());
        out.extend_from_slice(rest.as_bytes());
        return;
    }
    out.extend_from_slice(first.as_bytes());
    match rest.split_at_checked(places) {
        Some((whole, fraction)) => {
            out.extend_from_slice(whole.as_bytes());
            if !fraction.is_empty() {
                out.push(b'.');
                out.extend_from_slice(fraction.as_bytes());
            }
        }
        None => {
            out.extend_from_slice(rest.as_bytes());
            out.extend(zeros(places - rest.len()));
        }
    }
}
