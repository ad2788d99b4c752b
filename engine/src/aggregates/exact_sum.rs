//! The exact sum of floats as a value by itself, for SELECTs that run once.
//!
//! It gives the same bits as the `sum` and `avg` of a view: nothing is rounded before the end.
use super::float_round::{DOUBLE, Magnitude, SINGLE};
use super::limbs::{All, Window, parts};
use crate::state::record::{Reader, Writer};
use crate::{Error, Result};

/// Floats added up, and how many there were.
#[derive(Clone, Debug, Default)]
pub struct ExactSum {
    count: i64,
    window: Window,
    /// In place of the window, where values lie too far apart or are no finite numbers.
    spilled: Option<Box<All>>,
}

impl ExactSum {
    /// Adds `value` so many times; takes it away if `weight` is negative.
    pub fn add(&mut self, value: f64, weight: i64) {
        self.count += weight;
        if self.spilled.is_none() && value.is_finite() {
            let mut window = self.window;
            let mut fits = true;
            parts(value, weight, |part| fits = fits && window.add(part));
            if fits {
                self.window = window;
                return;
            }
        }
        let all = self.spill();
        match value.is_finite() {
            true => parts(value, weight, |part| all.add(part)),
            false => all.count(value, weight),
        }
    }

    fn spill(&mut self) -> &mut All {
        let window = self.window;
        self.spilled.get_or_insert_with(|| Box::new(window.spread()))
    }

    /// Adds all that `other` has added.
    pub fn merge(&mut self, other: &Self) {
        self.count += other.count;
        let all = self.spill();
        match &other.spilled {
            Some(other) => all.merge(other),
            None => all.merge(&other.window.spread()),
        }
    }

    /// The sum in double precision; none over no values.
    ///
    /// # Errors
    /// 22003 if it is too large.
    pub fn double(&self) -> Result<Option<f64>> {
        self.rounded(|magnitude| f64::from_bits(magnitude.round(DOUBLE)))
    }

    /// The sum as real; none over no values.
    ///
    /// # Errors
    /// 22003 if it is too large.
    pub fn single(&self) -> Result<Option<f32>> {
        let rounded = |magnitude: Magnitude| f32::from_bits(magnitude.round(SINGLE) as u32);
        Ok(self.rounded(|magnitude| f64::from(rounded(magnitude)))?.map(|value| value as f32))
    }

    /// The mean in double precision; none over no values.
    ///
    /// # Errors
    /// 22003 if it is too large, which it cannot be.
    pub fn mean(&self) -> Result<Option<f64>> {
        let count = self.count.unsigned_abs();
        self.rounded(|magnitude| f64::from_bits(magnitude.divided(count).round(DOUBLE)))
    }

    fn rounded(&self, round: impl Fn(Magnitude) -> f64) -> Result<Option<f64>> {
        if self.count <= 0 {
            return Ok(None);
        }
        let (negative, magnitude) = match &self.spilled {
            None => self.window.value(),
            Some(all) => match all.special() {
                Some(special) => return Ok(Some(special)),
                None => all.value(),
            },
        };
        match round(magnitude) {
            value if value.is_infinite() => {
                Err(Error::data("22003", "value out of range: overflow"))
            }
            value => Ok(Some(if negative { -value } else { value })),
        }
    }

    /// Bytes it owns elsewhere.
    pub fn size(&self) -> usize {
        self.spilled.as_ref().map_or(0, |_| size_of::<All>())
    }

    /// Itself as bytes, which [`ExactSum::decode`] reads.
    pub fn encode(&self) -> Vec<u8> {
        let mut all = match &self.spilled {
            Some(all) => all.as_ref().clone(),
            None => self.window.spread(),
        };
        let mut writer = Writer::default();
        writer.signed(self.count);
        all.write(&mut writer);
        writer.finish()
    }

    /// What [`ExactSum::encode`] wrote.
    ///
    /// # Errors
    /// XX001 if it did not.
    pub fn decode(bytes: &[u8]) -> Result<Self> {
        let mut reader = Reader::new(bytes);
        let count = reader.signed()?;
        let spilled = Some(Box::new(All::read(&mut reader)?));
        Ok(Self { count, window: Window::default(), spilled })
    }
}

#[cfg(test)]
mod tests {
    use super::super::exact::rounded;
    use super::super::float_sum::FloatTotal;
    use super::*;

    fn sum(values: &[f64]) -> ExactSum {
        let mut sum = ExactSum::default();
        values.iter().for_each(|value| sum.add(*value, 1));
        sum
    }

    #[test]
    fn parts_add_up_to_the_whole() {
        let values = [0.1, 1e300, 5e-324, -1e300, 7.25, -0.3, 1e16, 1.0];
        let weighted: Vec<(f64, i64)> = values.iter().map(|value| (*value, 1)).collect();
        let expected = rounded(&weighted, FloatTotal::Double);
        for split in 0..=values.len() {
            let (left, right) = values.split_at(split);
            let mut whole = sum(left);
            whole.merge(&ExactSum::decode(&sum(right).encode()).unwrap());
            assert_eq!(whole.double().unwrap().unwrap().to_bits(), expected);
            let mean = whole.mean().unwrap().unwrap().to_bits();
            assert_eq!(mean, rounded(&weighted, FloatTotal::Mean));
        }
    }

    #[test]
    fn what_is_taken_away_leaves_no_trace() {
        let mut total = sum(&[1e16, 0.1]);
        total.add(1e16, -1);
        assert_eq!(total.double().unwrap(), Some(0.1));
        total.add(f64::NAN, 1);
        assert!(total.double().unwrap().unwrap().is_nan());
        total.add(f64::NAN, -1);
        assert_eq!(total.single().unwrap(), Some(0.1_f32));
        total.add(0.1, -1);
        assert_eq!(total.double().unwrap(), None);
    }

    #[test]
    fn a_sum_that_is_too_large_is_an_error() {
        let total = sum(&[f64::MAX, f64::MAX]);
        assert_eq!(total.double().unwrap_err().code(), "22003");
        assert_eq!(total.mean().unwrap(), Some(f64::MAX));
        assert_eq!(sum(&[3e38, 3e38]).single().unwrap_err().code(), "22003");
    }
}
