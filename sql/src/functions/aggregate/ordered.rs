//! A value that `min` and `max` keep, with PostgreSQL's order.
use std::cmp::Ordering;

use arrow::array::ArrayRef;
use arrow::datatypes::DataType;
use engine::Result;

use crate::functions::kernel::{Date, Interval, Read, Time, Timestamp, Write};

/// A value that is kept as long as it is the least or greatest.
pub(super) trait Ordered: Write + Clone + Send + Sync + 'static {
    /// The same as it is read from a row.
    type Given<'a>: Read<'a>;

    /// Keeps what was read.
    fn kept(given: Self::Given<'_>) -> Self;

    /// What was read.
    fn lend(&self) -> Self::Given<'_>;

    /// PostgreSQL's order.
    fn order(one: Self::Given<'_>, other: Self::Given<'_>) -> Ordering;

    /// Appends itself.
    fn encode(&self, bytes: &mut Vec<u8>);

    /// Reads what [`Ordered::encode`] wrote.
    fn decode(bytes: &[u8]) -> Option<Self>;

    /// Bytes it owns elsewhere.
    fn size(&self) -> usize {
        0
    }
}

macro_rules! fixed {
    ($($held:ty, $order:expr, $bytes:expr, $value:expr;)*) => {$(
        impl Ordered for $held {
            type Given<'a> = $held;

            fn kept(given: $held) -> Self {
                given
            }

            fn lend(&self) -> $held {
                *self
            }

            fn order(one: $held, other: $held) -> Ordering {
                $order(&one, &other)
            }

            fn encode(&self, bytes: &mut Vec<u8>) {
                bytes.extend($bytes(*self));
            }

            fn decode(bytes: &[u8]) -> Option<Self> {
                Some($value(bytes.try_into().ok()?))
            }
        }
    )*};
}

fixed! {
    i16, i16::cmp, i16::to_le_bytes, i16::from_le_bytes;
    i32, i32::cmp, i32::to_le_bytes, i32::from_le_bytes;
    i64, i64::cmp, i64::to_le_bytes, i64::from_le_bytes;
    i128, i128::cmp, i128::to_le_bytes, i128::from_le_bytes;
    f32, single, f32::to_le_bytes, f32::from_le_bytes;
    f64, double, f64::to_le_bytes, f64::from_le_bytes;
    Date, Date::cmp, |value: Date| value.0.to_le_bytes(), |bytes| Date(i32::from_le_bytes(bytes));
    Time, Time::cmp, |value: Time| value.0.to_le_bytes(), |bytes| Time(i64::from_le_bytes(bytes));
    Timestamp, Timestamp::cmp, |value: Timestamp| value.0.to_le_bytes(),
        |bytes| Timestamp(i64::from_le_bytes(bytes));
    Interval, |one: &Interval, other: &Interval| one.span().cmp(&other.span()),
        interval_bytes, interval_of;
}

/// NaN equals NaN, is greater than all else; zeros of both signs are equal.
fn double(one: &f64, other: &f64) -> Ordering {
    one.partial_cmp(other).unwrap_or_else(|| one.is_nan().cmp(&other.is_nan()))
}

fn single(one: &f32, other: &f32) -> Ordering {
    double(&f64::from(*one), &f64::from(*other))
}

fn interval_bytes(value: Interval) -> [u8; 16] {
    let high = (i128::from(value.months) << 96) | ((i128::from(value.days) & 0xffff_ffff) << 64);
    (high | (i128::from(value.micros) & 0xffff_ffff_ffff_ffff)).to_le_bytes()
}

fn interval_of(bytes: [u8; 16]) -> Interval {
    let bits = i128::from_le_bytes(bytes);
    Interval { months: (bits >> 96) as i32, days: (bits >> 64) as i32, micros: bits as i64 }
}

impl Ordered for String {
    type Given<'a> = &'a str;

    fn kept(given: &str) -> Self {
        given.to_owned()
    }

    fn lend(&self) -> &str {
        self
    }

    fn order(one: &str, other: &str) -> Ordering {
        one.cmp(other)
    }

    fn encode(&self, bytes: &mut Vec<u8>) {
        bytes.extend(self.as_bytes());
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        String::from_utf8(bytes.to_vec()).ok()
    }

    fn size(&self) -> usize {
        self.capacity()
    }
}

/// A `character(n)`: its trailing blanks mean nothing.
#[derive(Clone)]
pub(super) struct Padded(String);

impl Write for Padded {
    fn collect(
        rows: usize,
        target: &DataType,
        mut value: impl FnMut(usize) -> Result<Option<Self>>,
    ) -> Result<ArrayRef> {
        String::collect(rows, target, |row| Ok(value(row)?.map(|value| value.0)))
    }
}

impl Ordered for Padded {
    type Given<'a> = &'a str;

    fn kept(given: &str) -> Self {
        Self(given.to_owned())
    }

    fn lend(&self) -> &str {
        &self.0
    }

    fn order(one: &str, other: &str) -> Ordering {
        one.trim_end_matches(' ').cmp(other.trim_end_matches(' '))
    }

    fn encode(&self, bytes: &mut Vec<u8>) {
        bytes.extend(self.0.as_bytes());
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        String::decode(bytes).map(Self)
    }

    fn size(&self) -> usize {
        self.0.capacity()
    }
}
