//! Digits behind the second: how `timestamp(p)` and its like round.
use datafusion::common::ScalarValue;

use super::calendar::{SECOND, WIRE_EPOCH_MICROS};

/// A type that can be declared with digits behind the second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Moment {
    /// `time`
    Time,
    /// `timestamp`
    Timestamp,
    /// `timestamp with time zone`
    TimestampTz,
}

impl Moment {
    /// The nearest value with so many digits behind the second. Halves go away from where
    /// PostgreSQL counts from: midnight, or the year 2000. Infinities stay.
    pub(crate) fn rounded(self, micros: i64, digits: u8) -> i64 {
        let unit = i128::from(SECOND) / 10_i128.pow(u32::from(digits.min(6)));
        let start = match self {
            Moment::Time => 0,
            Moment::Timestamp | Moment::TimestampTz => i128::from(WIRE_EPOCH_MICROS),
        };
        let since = i128::from(micros) - start;
        let away = (since.abs() + unit / 2) / unit * unit * since.signum();
        match micros {
            i64::MAX | i64::MIN => micros,
            _ => i64::try_from(away + start).unwrap_or(micros),
        }
    }

    /// The same of a value of this type; NULL stays.
    pub(crate) fn rounded_value(self, value: ScalarValue, digits: u8) -> ScalarValue {
        match value {
            ScalarValue::Time64Microsecond(Some(micros)) => {
                ScalarValue::Time64Microsecond(Some(self.rounded(micros, digits)))
            }
            ScalarValue::TimestampMicrosecond(Some(micros), zone) => {
                ScalarValue::TimestampMicrosecond(Some(self.rounded(micros, digits)), zone)
            }
            other => other,
        }
    }
}
