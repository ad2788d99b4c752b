//! Values of fixed width as numbers in PostgreSQL's order.
//!
//! NaN is the greatest float, the zeros are equal, the infinities of dates and times
//! stand at their ends. Intervals of equal length are told apart only to be exact.
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, Float32Type, Float64Type, Int16Type, Int32Type,
    Int64Type, IntervalMonthDayNano, IntervalMonthDayNanoType, Time64MicrosecondType, TimeUnit,
    TimestampMicrosecondType,
};

use super::accumulator::{Chunk, array_of};
use super::choose::mismatch;
use crate::Result;
use crate::state::normal::{float32, float64, interval_nanos};

/// A value that fits in `N` words and is ordered as PostgreSQL orders it.
pub(crate) trait Value<const N: usize>: Copy + Ord + Send {
    /// Its words.
    fn words(self) -> [u64; N];

    /// The value of these words.
    fn of_words(words: [u64; N]) -> Self;

    /// Calls `each` with slot, value and weight of the rows of an array that are not null.
    fn each(array: &ArrayRef, chunk: &Chunk<'_>, each: impl FnMut(u32, Self, i64)) -> Result<()>;

    /// The array of these values, of a type that [`Value::each`] takes.
    fn array(values: impl Iterator<Item = Option<Self>>, data_type: &DataType) -> Result<ArrayRef>;
}

impl Value<1> for i64 {
    fn words(self) -> [u64; 1] {
        [self as u64]
    }

    fn of_words([word]: [u64; 1]) -> Self {
        word as i64
    }

    fn each(
        array: &ArrayRef,
        chunk: &Chunk<'_>,
        mut each: impl FnMut(u32, Self, i64),
    ) -> Result<()> {
        match array.data_type() {
            DataType::Int64 => chunk.values(array.as_primitive::<Int64Type>(), each),
            DataType::Int32 => {
                chunk.values(array.as_primitive::<Int32Type>(), |s, v, w| each(s, v.into(), w));
            }
            DataType::Int16 => {
                chunk.values(array.as_primitive::<Int16Type>(), |s, v, w| each(s, v.into(), w));
            }
            DataType::Date32 => {
                chunk.values(array.as_primitive::<Date32Type>(), |s, v, w| each(s, v.into(), w));
            }
            DataType::Float64 => {
                chunk.values(array.as_primitive::<Float64Type>(), |s, v, w| each(s, rank(v), w));
            }
            DataType::Float32 => {
                let each = |s, v, w| each(s, rank(f64::from(float32(v))), w);
                chunk.values(array.as_primitive::<Float32Type>(), each);
            }
            DataType::Time64(TimeUnit::Microsecond) => {
                chunk.values(array.as_primitive::<Time64MicrosecondType>(), each);
            }
            DataType::Timestamp(TimeUnit::Microsecond, _) => {
                chunk.values(array.as_primitive::<TimestampMicrosecondType>(), each);
            }
            _ => return Err(mismatch()),
        }
        Ok(())
    }

    fn array(values: impl Iterator<Item = Option<Self>>, data_type: &DataType) -> Result<ArrayRef> {
        Ok(match data_type {
            DataType::Int64 => Arc::new(array_of::<Int64Type>(values)),
            DataType::Int32 => Arc::new(array_of::<Int32Type>(values.map(|v| v.map(|v| v as i32)))),
            DataType::Int16 => Arc::new(array_of::<Int16Type>(values.map(|v| v.map(|v| v as i16)))),
            DataType::Date32 => {
                Arc::new(array_of::<Date32Type>(values.map(|v| v.map(|v| v as i32))))
            }
            DataType::Float64 => Arc::new(array_of::<Float64Type>(values.map(|v| v.map(unrank)))),
            DataType::Float32 => {
                Arc::new(array_of::<Float32Type>(values.map(|v| v.map(|v| unrank(v) as f32))))
            }
            DataType::Time64(TimeUnit::Microsecond) => {
                Arc::new(array_of::<Time64MicrosecondType>(values))
            }
            DataType::Timestamp(TimeUnit::Microsecond, zone) => {
                let times = array_of::<TimestampMicrosecondType>(values);
                Arc::new(times.with_timezone_opt(zone.clone()))
            }
            _ => return Err(mismatch()),
        })
    }
}

impl Value<2> for i128 {
    fn words(self) -> [u64; 2] {
        [self as u64, (self >> 64) as u64]
    }

    fn of_words([low, high]: [u64; 2]) -> Self {
        (u128::from(high) << 64 | u128::from(low)) as i128
    }

    fn each(array: &ArrayRef, chunk: &Chunk<'_>, each: impl FnMut(u32, Self, i64)) -> Result<()> {
        let values = array.as_primitive_opt::<Decimal128Type>().ok_or_else(mismatch)?;
        chunk.values(values, each);
        Ok(())
    }

    fn array(values: impl Iterator<Item = Option<Self>>, data_type: &DataType) -> Result<ArrayRef> {
        let DataType::Decimal128(precision, scale) = data_type else { return Err(mismatch()) };
        let values = array_of::<Decimal128Type>(values);
        Ok(Arc::new(values.with_precision_and_scale(*precision, *scale)?))
    }
}

/// An interval: its length in nanoseconds, then its months and days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Length(i128, i32, i32);

impl Value<3> for Length {
    fn words(self) -> [u64; 3] {
        let [low, high] = self.0.words();
        [low, high, u64::from(self.1 as u32) << 32 | u64::from(self.2 as u32)]
    }

    fn of_words([low, high, parts]: [u64; 3]) -> Self {
        Self(i128::of_words([low, high]), (parts >> 32) as i32, parts as i32)
    }

    fn each(
        array: &ArrayRef,
        chunk: &Chunk<'_>,
        mut each: impl FnMut(u32, Self, i64),
    ) -> Result<()> {
        let values = array.as_primitive_opt::<IntervalMonthDayNanoType>().ok_or_else(mismatch)?;
        chunk.values(values, |slot, value, weight| {
            each(slot, Self(interval_nanos(value), value.months, value.days), weight);
        });
        Ok(())
    }

    fn array(values: impl Iterator<Item = Option<Self>>, _: &DataType) -> Result<ArrayRef> {
        let intervals = values.map(|value| {
            value.map(|Self(nanos, months, days)| {
                let whole = interval_nanos(IntervalMonthDayNano::new(months, days, 0));
                IntervalMonthDayNano::new(months, days, (nanos - whole) as i64)
            })
        });
        Ok(Arc::new(array_of::<IntervalMonthDayNanoType>(intervals)))
    }
}

/// A float as an integer in the same order.
#[inline]
fn rank(value: f64) -> i64 {
    let bits = float64(value).to_bits() as i64;
    bits ^ ((bits >> 63) as u64 >> 1) as i64
}

#[inline]
fn unrank(rank: i64) -> f64 {
    f64::from_bits((rank ^ ((rank >> 63) as u64 >> 1) as i64) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_are_ranked_as_postgresql_orders_them() {
        let ascending = [
            f64::NEG_INFINITY,
            -1.0,
            -f64::MIN_POSITIVE,
            0.0,
            5e-324,
            1.0,
            f64::INFINITY,
            f64::NAN,
        ];
        assert!(ascending.map(rank).is_sorted());
        assert!(ascending.iter().all(|v| unrank(rank(*v)).to_bits() == v.to_bits()));
        assert_eq!(rank(-0.0), rank(0.0));
        assert_eq!(rank(-f64::NAN), rank(f64::NAN));
    }

    #[test]
    fn a_value_is_its_words() {
        for value in [i128::MIN, -1, 0, i128::MAX] {
            assert_eq!(i128::of_words(value.words()), value);
        }
        let length = Length(-5, -1, i32::MIN);
        assert_eq!(Length::of_words(length.words()), length);
    }
}
