//! A value of a row, as a kernel wants it: a Rust type for each Arrow array.
use std::any::type_name;

use arrow::array::{
    Array, ArrayRef, BinaryArray, BooleanArray, Date32Array, Decimal128Array, FixedSizeBinaryArray,
    Float32Array, Float64Array, Int16Array, Int32Array, Int64Array, IntervalMonthDayNanoArray,
    ListArray, StringArray, Time64MicrosecondArray, TimestampMicrosecondArray,
};
use arrow::datatypes::IntervalMonthDayNano;
use engine::{Error, Result};

/// A type that rows of an array are read as.
pub(crate) trait Read<'a>: Copy {
    /// The array.
    type Array: Array + 'static;

    /// The value in `row`, which is not null and within the array.
    fn read(array: &'a Self::Array, row: usize) -> Self;
}

/// Days since 1970-01-01.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Date(pub(crate) i32);

/// Microseconds since midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Time(pub(crate) i64);

/// Microseconds since 1970-01-01 00:00, with or without a zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Timestamp(pub(crate) i64);

/// Months, days and microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Interval {
    pub(crate) months: i32,
    pub(crate) days: i32,
    pub(crate) micros: i64,
}

/// Sixteen bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Uuid(pub(crate) [u8; 16]);

macro_rules! read {
    ($($value:ty, $array:ty, $from:expr;)*) => {$(
        impl<'a> Read<'a> for $value {
            type Array = $array;

            #[inline]
            fn read(array: &'a $array, row: usize) -> Self {
                let from = $from;
                from(array.value(row))
            }
        }
    )*};
}

read! {
    bool, BooleanArray, |value| value;
    i16, Int16Array, |value| value;
    i32, Int32Array, |value| value;
    i64, Int64Array, |value| value;
    i128, Decimal128Array, |value| value;
    f32, Float32Array, |value| value;
    f64, Float64Array, |value| value;
    &'a str, StringArray, |value| value;
    &'a [u8], BinaryArray, |value| value;
    Date, Date32Array, Date;
    Time, Time64MicrosecondArray, Time;
    Timestamp, TimestampMicrosecondArray, Timestamp;
    Interval, IntervalMonthDayNanoArray, Interval::of_arrow;
    Uuid, FixedSizeBinaryArray, |value: &[u8]| Uuid(value.try_into().unwrap_or_default());
}

/// The items of a list are read from its values at `start..end`.
#[derive(Clone, Copy)]
pub(crate) struct List<'a> {
    pub(crate) values: &'a ArrayRef,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

impl<'a> Read<'a> for List<'a> {
    type Array = ListArray;

    fn read(array: &'a ListArray, row: usize) -> Self {
        let offsets = array.value_offsets();
        let at = |index: usize| offsets.get(index).map_or(0, |offset| *offset as usize);
        List { values: array.values(), start: at(row), end: at(row + 1) }
    }
}

/// The rows of one argument.
pub(crate) struct Reader<'a, T: Read<'a>> {
    array: &'a T::Array,
    /// 0 for a constant, so that every row reads its one value.
    step: usize,
}

impl<'a, T: Read<'a>> Reader<'a, T> {
    pub(crate) fn new(array: &'a ArrayRef, constant: bool) -> Result<Self> {
        match array.as_any().downcast_ref::<T::Array>() {
            Some(array) => Ok(Self { array, step: usize::from(!constant) }),
            None => Err(Error::internal(format!(
                "a function was given an argument of type {} for {}",
                array.data_type(),
                type_name::<T>()
            ))),
        }
    }

    /// The value in `row`, which is not null.
    #[inline]
    pub(crate) fn at(&self, row: usize) -> T {
        T::read(self.array, row * self.step)
    }

    /// The value in `row`, if it is not null.
    #[inline]
    pub(crate) fn get(&self, row: usize) -> Option<T> {
        match self.array.is_null(row * self.step) {
            true => None,
            false => Some(self.at(row)),
        }
    }
}

impl Interval {
    fn of_arrow(value: IntervalMonthDayNano) -> Self {
        Self { months: value.months, days: value.days, micros: value.nanoseconds / 1000 }
    }

    /// In Arrow's form. PostgreSQL's microseconds may exceed Arrow's nanoseconds.
    pub(crate) fn into_arrow(self) -> Option<IntervalMonthDayNano> {
        let nanoseconds = self.micros.checked_mul(1000)?;
        Some(IntervalMonthDayNano { months: self.months, days: self.days, nanoseconds })
    }
}
