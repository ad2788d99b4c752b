//! `sum`, `avg` of integers, decimals.
//!
//! The sum is wider than any result, so what is out of range comes back into range
//! when rows are retracted, in whatever order they came.
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{DataType, Decimal128Type, Int16Type, Int32Type, Int64Type};

use super::accumulator::{Accumulator, Chunk, Picks, array_of};
use super::choose::mismatch;
use super::mean::Mean;
use super::wide::Wide;
use crate::state::table::Cells;
use crate::{Error, Result};

/// How many values, then their sum: 128 bits of integers, 256 of decimals.
pub(crate) struct Sum {
    decimal: bool,
    result: Total,
}

/// What is shown of a sum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Total {
    /// The sum as int8.
    Int8,
    /// The sum as a decimal of this precision and scale.
    Numeric(u8, i8),
    /// The mean as a decimal of this precision.
    Mean(u8, Mean),
}

impl Sum {
    pub(crate) fn new(decimal: bool, result: Total) -> Self {
        Self { decimal, result }
    }

    fn load(&self, words: &[u64]) -> (u64, Wide) {
        match *words {
            [count, low, high, more, most, ..] if self.decimal => {
                (count, Wide::of_words([low, high, more, most]))
            }
            [count, low, high, ..] => (count, Wide::of(join(low, high))),
            _ => (0, Wide::default()),
        }
    }

    /// The shown value; the outer `None` where it is out of range, the inner over nothing.
    #[inline]
    fn value(&self, words: &[u64]) -> Option<Option<i128>> {
        if let (Total::Int8, [count, low, high, ..]) = (self.result, words) {
            let sum = join(*low, *high);
            let there = *count as i64 > 0;
            return (!there || i64::try_from(sum).is_ok()).then_some(there.then_some(sum));
        }
        let (count, sum) = self.load(words);
        if count as i64 <= 0 {
            return Some(None);
        }
        match self.result {
            Total::Int8 => sum.numeric().filter(|sum| i64::try_from(*sum).is_ok()),
            Total::Numeric(..) => sum.numeric(),
            Total::Mean(_, mean) => mean.of_wide(sum, count),
        }
        .map(Some)
    }
}

impl Accumulator for Sum {
    fn words(&self) -> usize {
        if self.decimal { 5 } else { 3 }
    }

    fn fold(
        &mut self,
        argument: Option<&ArrayRef>,
        chunk: &Chunk<'_>,
        mut cells: Cells<'_>,
    ) -> Result<()> {
        let array = argument.ok_or_else(mismatch)?;
        let mut integer = |slot, value: i64, weight: i64| {
            let [count, low, high] = cells.get::<3>(slot);
            *count = count.wrapping_add(weight as u64);
            let product = i128::from(value) * i128::from(weight);
            let sum = join(*low, *high).wrapping_add(product);
            (*low, *high) = (sum as u64, (sum >> 64) as u64);
        };
        match array.data_type() {
            DataType::Int16 => chunk
                .values(array.as_primitive::<Int16Type>(), |s, v, w| integer(s, i64::from(v), w)),
            DataType::Int32 => chunk
                .values(array.as_primitive::<Int32Type>(), |s, v, w| integer(s, i64::from(v), w)),
            DataType::Int64 => chunk.values(array.as_primitive::<Int64Type>(), integer),
            DataType::Decimal128(..) => {
                chunk.values(array.as_primitive::<Decimal128Type>(), |slot, value, weight| {
                    let [count, words @ ..] = cells.get::<5>(slot);
                    *count = count.wrapping_add(weight as u64);
                    let mut sum = Wide::of_words(*words);
                    sum.add_product(value, weight);
                    *words = sum.words();
                });
            }
            _ => return Err(mismatch()),
        }
        Ok(())
    }

    fn same(&self, old: &[u64], new: &[u64]) -> bool {
        let words = self.words();
        old.get(..words) == new.get(..words) || self.value(old) == self.value(new)
    }

    fn is_fallible(&self) -> bool {
        true
    }

    #[inline]
    fn is_shown(&self, words: &[u64]) -> bool {
        match (self.result, words) {
            // A sum of 64 bits has only its sign above them.
            (Total::Int8, [count, low, high, ..]) => {
                *count as i64 <= 0 || *high as i64 == (*low as i64) >> 63
            }
            _ => self.value(words).is_some(),
        }
    }

    fn check(&self, words: &[u64]) -> Option<Error> {
        match (self.value(words), self.result) {
            (Some(_), _) => None,
            (None, Total::Int8) => Some(Error::data("22003", "bigint out of range")),
            (None, _) => Some(Error::data("22003", "numeric field overflow")),
        }
    }

    fn read(&self, picks: &Picks<'_>) -> Result<ArrayRef> {
        Ok(match self.result {
            // What is shown is in range, so that the upper half is but the sign.
            Total::Int8 => {
                Arc::new(array_of::<Int64Type>(picks.words().map(|words| match words {
                    [count, low, ..] if *count as i64 > 0 => Some(*low as i64),
                    _ => None,
                })))
            }
            Total::Numeric(precision, scale)
            | Total::Mean(precision, Mean { result: scale, .. }) => {
                let values = picks.words().map(|words| self.value(words).flatten());
                let values = array_of::<Decimal128Type>(values);
                Arc::new(values.with_precision_and_scale(precision, scale)?)
            }
        })
    }
}

#[inline]
fn join(low: u64, high: u64) -> i128 {
    (u128::from(high) << 64 | u128::from(low)) as i128
}
