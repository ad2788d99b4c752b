//! A timestamp as a clock with a calendar shows it.
use engine::{Error, Result};

use crate::functions::kernel::{Date, Timestamp};
use crate::types::Zone;
use crate::types::calendar::{DATE_MAX, DATE_MIN, DAY, SECOND, date_of, days_of, in_range, split};

/// Year, month and day, and microseconds into the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Civil {
    /// Counted astronomically: 0 is 1 BC.
    pub(super) year: i64,
    /// From 1.
    pub(super) month: i64,
    /// From 1.
    pub(super) day: i64,
    /// Microseconds since midnight.
    pub(super) micros: i64,
}

/// The error of a timestamp that cannot be.
pub(super) fn timestamp_out_of_range() -> Error {
    Error::data("22008", "timestamp out of range")
}

/// The error of a date that cannot be.
pub(super) fn date_out_of_range() -> Error {
    Error::data("22008", "date out of range")
}

impl Civil {
    /// What a clock without zone shows.
    pub(super) fn of(timestamp: Timestamp) -> Self {
        let (days, micros) = split(timestamp.0);
        let (year, month, day) = date_of(days);
        Self { year, month, day, micros }
    }

    /// The first moment of a date.
    pub(super) fn of_date(date: Date) -> Self {
        let (year, month, day) = date_of(i64::from(date.0));
        Self { year, month, day, micros: 0 }
    }

    /// The timestamp, if there is one; day and microseconds may lie beyond month and day.
    pub(super) fn timestamp(self) -> Result<Timestamp> {
        let days = i128::from(days_of(self.year, self.month, 1)) + i128::from(self.day - 1);
        finite(days * i128::from(DAY) + i128::from(self.micros))
    }
}

/// A timestamp within the range.
pub(super) fn finite(micros: i128) -> Result<Timestamp> {
    match i64::try_from(micros) {
        Ok(micros) if in_range(micros) => Ok(Timestamp(micros)),
        _ => Err(timestamp_out_of_range()),
    }
}

/// A date within the range.
pub(super) fn finite_date(days: i64) -> Result<Date> {
    match i32::try_from(days) {
        Ok(days) if (DATE_MIN..=DATE_MAX).contains(&days) => Ok(Date(days)),
        _ => Err(date_out_of_range()),
    }
}

impl Timestamp {
    /// Whether it is no infinity.
    pub(in crate::functions) fn is_finite(self) -> bool {
        !matches!(self.0, i64::MAX | i64::MIN)
    }

    /// Microseconds by which `zone` is east of UTC at this moment.
    pub(super) fn offset(self, zone: &Zone) -> i64 {
        i64::from(zone.offset_at(self.0.div_euclid(SECOND))) * SECOND
    }

    /// What the zone's clocks show at this moment.
    pub(super) fn to_local(self, zone: &Zone) -> Result<Timestamp> {
        match self.is_finite() {
            true => finite(i128::from(self.0) + i128::from(self.offset(zone))),
            false => Ok(self),
        }
    }

    /// The moment at which the zone's clocks show this.
    pub(super) fn to_utc(self, zone: &Zone) -> Result<Timestamp> {
        if !self.is_finite() {
            return Ok(self);
        }
        let seconds = zone.to_utc(self.0.div_euclid(SECOND));
        let micros = i128::from(seconds) * i128::from(SECOND);
        finite(micros + i128::from(self.0.rem_euclid(SECOND)))
    }
}

impl Date {
    /// Whether it is no infinity.
    pub(super) fn is_finite(self) -> bool {
        !matches!(self.0, i32::MAX | i32::MIN)
    }

    /// Its first moment.
    pub(super) fn midnight(self) -> Result<Timestamp> {
        match self.0 {
            i32::MAX => Ok(Timestamp(i64::MAX)),
            i32::MIN => Ok(Timestamp(i64::MIN)),
            days => finite(i128::from(days) * i128::from(DAY))
                .map_err(|_| Error::data("22008", "date out of range for timestamp")),
        }
    }
}
