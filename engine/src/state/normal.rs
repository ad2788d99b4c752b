//! The normal form of key values: one representation for all that PostgreSQL calls equal.
//!
//! −0.0 becomes 0.0, every NaN the same NaN, an interval its justified form (a day
//! has 24 hours, a month 30 days). Values inside arrays are left as they are.
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, Decimal128Array, IntervalMonthDayNanoArray, PrimitiveArray,
};
use arrow::datatypes::{
    DataType, Float32Type, Float64Type, IntervalMonthDayNano, IntervalMonthDayNanoType,
    IntervalUnit,
};

const DAY_NANOS: i128 = 86_400_000_000_000;
const MONTH_DAYS: i128 = 30;

/// The same values, equal ones in one representation.
pub fn normalised(array: &ArrayRef) -> ArrayRef {
    match array.data_type() {
        DataType::Float32 => {
            let values: &PrimitiveArray<Float32Type> = array.as_primitive();
            if values.values().iter().all(|v| v.to_bits() == float32(*v).to_bits()) {
                return Arc::clone(array);
            }
            Arc::new(values.unary::<_, Float32Type>(float32))
        }
        DataType::Float64 => {
            let values: &PrimitiveArray<Float64Type> = array.as_primitive();
            if values.values().iter().all(|v| v.to_bits() == float64(*v).to_bits()) {
                return Arc::clone(array);
            }
            Arc::new(values.unary::<_, Float64Type>(float64))
        }
        DataType::Interval(IntervalUnit::MonthDayNano) => {
            let values: &IntervalMonthDayNanoArray = array.as_primitive();
            Arc::new(values.unary::<_, IntervalMonthDayNanoType>(|v| justified(interval_nanos(v))))
        }
        _ => Arc::clone(array),
    }
}

/// Values whose order under Arrow's row format is PostgreSQL's: as [`normalised`], but
/// an interval becomes its length in nanoseconds.
pub(crate) fn ordered(array: &ArrayRef) -> ArrayRef {
    match array.data_type() {
        DataType::Interval(IntervalUnit::MonthDayNano) => {
            let values: &IntervalMonthDayNanoArray = array.as_primitive();
            let lengths: Decimal128Array = values.unary(interval_nanos);
            Arc::new(lengths)
        }
        _ => normalised(array),
    }
}

/// The type of what [`ordered`] makes of a column.
pub(crate) fn ordered_type(data_type: &DataType) -> DataType {
    match data_type {
        DataType::Interval(IntervalUnit::MonthDayNano) => DataType::Decimal128(38, 10),
        other => other.clone(),
    }
}

/// 0.0 for −0.0, one NaN for all.
#[inline]
pub(crate) fn float32(value: f32) -> f32 {
    if value.is_nan() { f32::NAN } else { value + 0.0 }
}

/// 0.0 for −0.0, one NaN for all.
#[inline]
pub(crate) fn float64(value: f64) -> f64 {
    if value.is_nan() { f64::NAN } else { value + 0.0 }
}

/// How long an interval is by PostgreSQL's rule of comparison.
pub(crate) fn interval_nanos(value: IntervalMonthDayNano) -> i128 {
    let days = i128::from(value.months) * MONTH_DAYS + i128::from(value.days);
    days * DAY_NANOS + i128::from(value.nanoseconds)
}

/// The interval of this length with as many months, then days, as go into it.
fn justified(nanos: i128) -> IntervalMonthDayNano {
    let within = |value: i128| value.clamp(i128::from(i32::MIN), i128::from(i32::MAX)) as i32;
    let months = within(nanos / (DAY_NANOS * MONTH_DAYS));
    let rest = nanos - i128::from(months) * DAY_NANOS * MONTH_DAYS;
    let days = within(rest / DAY_NANOS);
    let rest = rest - i128::from(days) * DAY_NANOS;
    IntervalMonthDayNano::new(months, days, rest as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(months: i32, days: i32, nanos: i64, expected: (i32, i32, i64)) {
        let justified = justified(interval_nanos(IntervalMonthDayNano::new(months, days, nanos)));
        assert_eq!((justified.months, justified.days, justified.nanoseconds), expected);
    }

    #[test]
    fn intervals_of_equal_length_have_one_form() {
        let hour = 3_600_000_000_000;
        check(1, 0, 0, (1, 0, 0));
        check(0, 30, 0, (1, 0, 0));
        check(0, 0, 36 * hour, (0, 1, 12 * hour));
        check(0, -1, 24 * hour, (0, 0, 0));
        check(1, -30, -hour, (0, 0, -hour));
        check(i32::MAX, i32::MAX, i64::MAX, {
            let value =
                justified(interval_nanos(IntervalMonthDayNano::new(i32::MAX, i32::MAX, i64::MAX)));
            (i32::MAX, value.days, value.nanoseconds)
        });
    }

    #[test]
    fn the_extreme_intervals_keep_their_length() {
        for value in [
            IntervalMonthDayNano::new(i32::MAX, i32::MAX, i64::MAX),
            IntervalMonthDayNano::new(i32::MIN, i32::MIN, i64::MIN),
        ] {
            assert_eq!(interval_nanos(justified(interval_nanos(value))), interval_nanos(value));
        }
    }

    #[test]
    fn zeros_and_nans_are_one() {
        assert_eq!(float64(-0.0).to_bits(), 0.0_f64.to_bits());
        assert_eq!(float64(-f64::NAN).to_bits(), f64::NAN.to_bits());
        assert_eq!(float32(-0.0).to_bits(), 0.0_f32.to_bits());
    }
}
