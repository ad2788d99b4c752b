//! `sum`, `avg` of floats, exact, rounded once.
//!
//! So the order of rows makes no difference, and neither does a row that came and
//! went. As in PostgreSQL a sum of finite numbers that is too large is an error.
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Float32Array, Float64Array};
use arrow::datatypes::{DataType, Float32Type, Float64Type};

use super::accumulator::{Accumulator, Chunk, Picks};
use super::choose::mismatch;
use super::float_round::{DOUBLE, SINGLE};
use super::limbs::{All, WINDOW_LIMBS, Window, parts};
use super::slab::Slab;
use crate::state::record::{Reader, Writer};
use crate::state::table::{Cells, Touch};
use crate::{Error, Result};

/// Words of a group: count, shown value, place, limbs.
const WORDS: usize = 3 + WINDOW_LIMBS;

/// Shown in place of a value that is too large: a NaN that no input has.
const OVERFLOW: u64 = 0x7ff8_0000_0000_0001;

/// The bit of the place that says that limbs are in the slab, under the number above it.
const SPILLED: u64 = 1 << 63;

/// What is shown of a sum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FloatTotal {
    /// The sum in double precision.
    Double,
    /// The sum as real.
    Single,
    /// The mean in double precision.
    Mean,
}

/// A window of limbs in the group's row; all of them in `spilled` where values lie too
/// far apart, or are no finite numbers.
pub(crate) struct FloatSum {
    result: FloatTotal,
    spilled: Slab<Option<Box<All>>>,
}

impl FloatSum {
    pub(crate) fn new(result: FloatTotal) -> Self {
        Self { result, spilled: Slab::default() }
    }

    #[inline]
    fn add(&mut self, words: &mut [u64; WORDS], value: f64, weight: i64) {
        words[0] = words[0].wrapping_add(weight as u64);
        if words[2] & SPILLED != 0 || !value.is_finite() {
            return self.add_spilled(words, value, weight);
        }
        let mut window = load(words);
        let before = window;
        let mut fits = true;
        parts(value, weight, |part| fits = fits && window.add(part));
        match fits {
            true => store(words, &window),
            false => {
                store(words, &before);
                self.add_spilled(words, value, weight);
            }
        }
    }

    #[cold]
    fn add_spilled(&mut self, words: &mut [u64; WORDS], value: f64, weight: i64) {
        if words[2] & SPILLED == 0 {
            let all = load(words).spread();
            let handle = self.spilled.insert(Some(Box::new(all)));
            store(words, &Window::default());
            words[2] = SPILLED | handle;
        }
        if let Some(all) = self.spilled.get_mut(words[2] & !SPILLED) {
            match value.is_finite() {
                true => parts(value, weight, |part| all.add(part)),
                false => all.count(value, weight),
            }
        }
    }

    /// The bits of what is shown of a group with rows.
    fn rounded(&self, words: &[u64; WORDS]) -> u64 {
        let (negative, magnitude) = match words[2] & SPILLED {
            0 => load(words).value(),
            _ => {
                let Some(Some(all)) = self.spilled.get(words[2] & !SPILLED) else { return 0 };
                if let Some(special) = all.special() {
                    return special.to_bits();
                }
                all.value()
            }
        };
        let value = match self.result {
            FloatTotal::Double => f64::from_bits(magnitude.round(DOUBLE)),
            FloatTotal::Single => f64::from(f32::from_bits(magnitude.round(SINGLE) as u32)),
            FloatTotal::Mean => f64::from_bits(magnitude.divided(words[0]).round(DOUBLE)),
        };
        match value.is_infinite() {
            true => OVERFLOW,
            false if negative => (-value).to_bits(),
            false => value.to_bits(),
        }
    }

    fn value(words: &[u64]) -> Option<f64> {
        match *words {
            [count, shown, ..] if count as i64 > 0 => Some(f64::from_bits(shown)),
            _ => None,
        }
    }
}

impl Accumulator for FloatSum {
    fn words(&self) -> usize {
        WORDS
    }

    fn fold(
        &mut self,
        argument: Option<&ArrayRef>,
        chunk: &Chunk<'_>,
        mut cells: Cells<'_>,
    ) -> Result<()> {
        let array = argument.ok_or_else(mismatch)?;
        match array.data_type() {
            DataType::Float64 => {
                chunk.values(array.as_primitive::<Float64Type>(), |slot, value, weight| {
                    self.add(cells.get(slot), value, weight);
                });
            }
            DataType::Float32 => {
                chunk.values(array.as_primitive::<Float32Type>(), |slot, value, weight| {
                    self.add(cells.get(slot), f64::from(value), weight);
                });
            }
            _ => return Err(mismatch()),
        }
        Ok(())
    }

    fn same(&self, old: &[u64], new: &[u64]) -> bool {
        Self::value(old).map(f64::to_bits) == Self::value(new).map(f64::to_bits)
    }

    fn settle(&mut self, touched: &[Touch], mut cells: Cells<'_>) {
        for touch in touched {
            let words = cells.get::<WORDS>(touch.slot);
            if words[0] == 0 {
                self.release(words);
                words.fill(0);
            } else {
                words[1] = self.rounded(words);
            }
        }
    }

    fn is_fallible(&self) -> bool {
        true
    }

    fn check(&self, words: &[u64]) -> Option<Error> {
        let overflows = Self::value(words).is_some_and(|value| value.to_bits() == OVERFLOW);
        overflows.then(|| Error::data("22003", "value out of range: overflow"))
    }

    fn read(&self, picks: &Picks<'_>) -> Result<ArrayRef> {
        let values = picks.words().map(Self::value);
        Ok(match self.result {
            FloatTotal::Single => {
                Arc::new(values.map(|v| v.map(|v| v as f32)).collect::<Float32Array>())
            }
            _ => Arc::new(values.collect::<Float64Array>()),
        })
    }

    fn release(&mut self, words: &[u64]) {
        if let Some(place) = words.get(2).filter(|place| **place & SPILLED != 0) {
            self.spilled.remove(place & !SPILLED);
        }
    }

    fn write(&mut self, words: &[u64], writer: &mut Writer) {
        let place = words.get(2).filter(|place| **place & SPILLED != 0);
        if let Some(all) = place.and_then(|place| self.spilled.get_mut(place & !SPILLED).as_mut()) {
            all.write(writer);
        }
    }

    fn restore(
        &mut self,
        words: &mut [u64],
        written: &[u64],
        reader: &mut Reader<'_>,
    ) -> Result<()> {
        self.release(words);
        words.copy_from_slice(written);
        if let Some(place) = words.get_mut(2).filter(|place| **place & SPILLED != 0) {
            *place = SPILLED | self.spilled.insert(Some(Box::new(All::read(reader)?)));
        }
        Ok(())
    }

    fn bytes(&self) -> usize {
        self.spilled.bytes() + self.spilled.len() * size_of::<All>()
    }
}

#[inline]
fn load(words: &[u64; WORDS]) -> Window {
    let [_, _, place, limbs @ ..] = words;
    Window {
        first: *place as u32,
        pending: (place >> 32) as u32,
        limbs: limbs.map(|limb| limb as i64),
    }
}

#[inline]
fn store(words: &mut [u64; WORDS], window: &Window) {
    let [_, _, place, limbs @ ..] = words;
    *place = u64::from(window.pending) << 32 | u64::from(window.first);
    *limbs = window.limbs.map(|limb| limb as u64);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sums in random order and division, with retractions, one by one and in weights.
    fn check(values: &[(f64, i64)], expected: &[FloatTotal]) {
        for result in expected {
            let mut sum = FloatSum::new(*result);
            let mut words = [0; WORDS];
            for (value, weight) in values {
                sum.add(&mut words, *value, *weight);
            }
            let bits = sum.rounded(&words);
            assert_eq!(bits, super::super::exact::rounded(values, *result), "{values:?}");
            let mut other = FloatSum::new(*result);
            let mut again = [0; WORDS];
            for (value, weight) in values.iter().rev() {
                other.add(&mut again, 1e300, 1);
                other.add(&mut again, *value, weight + 1);
                other.add(&mut again, *value, -1);
                other.add(&mut again, 1e300, -1);
            }
            assert_eq!(other.rounded(&again), bits, "{values:?}");
        }
    }

    const ALL: &[FloatTotal] = &[FloatTotal::Double, FloatTotal::Mean];

    #[test]
    fn sums_are_correctly_rounded() {
        check(&[(0.1, 1), (0.2, 1), (0.3, 1)], ALL);
        check(&[(1e300, 1), (1.0, 1), (-1e300, 1)], ALL);
        check(&[(1e308, 1), (1e308, 1), (-1e308, 1)], ALL);
        check(&[(5e-324, 3), (f64::MIN_POSITIVE, 1)], ALL);
        check(&[(5e-324, 1), (5e-324, 1), (0.0, 1)], ALL);
        check(&[(1.0, 1), (f64::EPSILON / 2.0, 1)], ALL);
        check(&[(1.0 + f64::EPSILON, 1), (f64::EPSILON / 2.0, 1)], ALL);
        check(&[(1.0, 1), (f64::EPSILON / 2.0, 1), (5e-324, 1)], ALL);
        check(&[(-1.0, 1), (-f64::EPSILON / 2.0, 1), (-5e-324, 1)], ALL);
        check(&[(0.1, 1 << 40), (-0.3, 7)], ALL);
        check(&[(f64::MAX, 1), (-f64::MAX, 1), (2.0, 1)], ALL);
        check(&[(f64::MAX, 3)], &[FloatTotal::Mean]);
    }

    #[test]
    fn random_sums_are_correctly_rounded() {
        let mut state = 1_u64;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            state ^ state >> 29
        };
        for round in 0..600 {
            let count = 1 + next() % 12;
            let mut value = || match round % 4 {
                0 => (next() % 100_000) as f64 / 100.0,
                1 => f64::from_bits(next() & !(0x7ff << 52) | (990 + next() % 60) << 52),
                2 => f64::from_bits(next() & !(0x7ff << 52) | (next() % 2040) << 52),
                _ => f64::from_bits(next() & !(0x7ff << 52) | (next() % 4) << 52),
            };
            let values: Vec<f64> = (0..count).map(|_| value()).collect();
            let mut weight = || if next() % 4 == 0 { (next() % 1000) as i64 - 500 } else { 1 };
            let mut values: Vec<(f64, i64)> = values.into_iter().map(|v| (v, weight())).collect();
            values.retain(|(_, weight)| *weight != 0);
            if values.iter().map(|(_, weight)| weight).sum::<i64>() > 0 {
                check(&values, ALL);
                let narrow: Vec<(f64, i64)> =
                    values.iter().map(|(v, w)| (f64::from(*v as f32), *w)).collect();
                if narrow.iter().all(|(value, _)| value.is_finite()) {
                    check(&narrow, &[FloatTotal::Single]);
                }
            }
        }
    }

    #[test]
    fn what_is_no_number_is_counted() {
        let mut sum = FloatSum::new(FloatTotal::Double);
        let mut words = [0; WORDS];
        let mut add = |sum: &mut FloatSum, value, weight| {
            sum.add(&mut words, value, weight);
            f64::from_bits(sum.rounded(&words))
        };
        assert_eq!(add(&mut sum, 1.5, 1), 1.5);
        assert_eq!(add(&mut sum, f64::INFINITY, 1), f64::INFINITY);
        assert!(add(&mut sum, f64::NEG_INFINITY, 1).is_nan());
        assert_eq!(add(&mut sum, f64::INFINITY, -1), f64::NEG_INFINITY);
        assert!(add(&mut sum, f64::NAN, 1).is_nan());
        add(&mut sum, f64::NAN, -1);
        assert_eq!(add(&mut sum, f64::NEG_INFINITY, -1), 1.5);
        assert_eq!(add(&mut sum, f64::MAX, 2).to_bits(), OVERFLOW);
        assert_eq!(add(&mut sum, f64::MAX, -1), f64::MAX);
    }

    #[test]
    fn a_long_sum_keeps_its_window() {
        let mut sum = FloatSum::new(FloatTotal::Double);
        let mut words = [0; WORDS];
        for cents in 0..1_000_000_u32 {
            sum.add(&mut words, f64::from(cents) / 100.0, 1);
        }
        assert_eq!(words[2] & SPILLED, 0);
        assert_eq!(f64::from_bits(sum.rounded(&words)), 4_999_995_000.0);
    }
}
