//! What is written: the fields of a timestamp or an interval.
use super::super::civil::Civil;
use super::super::parts::day_of_week;
use crate::functions::kernel::{Interval, Timestamp};
use crate::types::Zone;
use crate::types::calendar::{DAY, HOUR, MINUTE, SECOND, days_of};

/// A timestamp or interval, field by field.
#[derive(Clone, Debug)]
pub(super) struct Moment {
    /// Counted astronomically, or of an interval.
    pub(super) year: i64,
    pub(super) month: i64,
    pub(super) day: i64,
    /// Of the day, or of an interval: more than 23, or negative, as the rest is then too.
    pub(super) hour: i64,
    pub(super) minute: i64,
    pub(super) second: i64,
    pub(super) micros: i64,
    /// Days since 1970; none of an interval.
    pub(super) days: Option<i64>,
    /// Seconds east of UTC and abbreviation, of a timestamp with a zone.
    pub(super) zone: Option<(i64, String)>,
}

impl Moment {
    /// What a clock shows, maybe one in a zone.
    pub(super) fn of_timestamp(local: Timestamp, zone: Option<(i64, String)>) -> Self {
        let civil = Civil::of(local);
        let time = Self::of_time(civil.micros);
        let days = days_of(civil.year, civil.month, civil.day);
        Self {
            year: civil.year,
            month: civil.month,
            day: civil.day,
            days: Some(days),
            zone,
            ..time
        }
    }

    /// A moment in a zone, if the zone's clocks can show it.
    pub(super) fn in_zone(moment: Timestamp, zone: &Zone) -> engine::Result<Self> {
        let offset = moment.offset(zone) / SECOND;
        let abbreviation = zone.abbreviation_at(moment.0.div_euclid(SECOND));
        Ok(Self::of_timestamp(moment.to_local(zone)?, Some((offset, abbreviation))))
    }

    /// The fields of an interval.
    pub(super) fn of_interval(interval: Interval) -> Self {
        Self {
            year: i64::from(interval.months / 12),
            month: i64::from(interval.months % 12),
            day: i64::from(interval.days),
            ..Self::of_time(interval.micros)
        }
    }

    fn of_time(micros: i64) -> Self {
        Self {
            year: 0,
            month: 0,
            day: 0,
            hour: micros / HOUR,
            minute: micros % HOUR / MINUTE,
            second: micros % MINUTE / SECOND,
            micros: micros % SECOND,
            days: None,
            zone: None,
        }
    }

    /// Whether it is an interval.
    pub(super) fn is_interval(&self) -> bool {
        self.days.is_none()
    }

    /// The day of the week from Sunday, 0.
    pub(super) fn weekday(&self) -> Option<i64> {
        self.days.map(day_of_week)
    }

    /// The day of the year from 1; the days of an interval.
    pub(super) fn day_of_year(&self) -> i64 {
        match self.days {
            Some(days) => days - days_of(self.year, 1, 1) + 1,
            None => (self.year * 12 + self.month) * 30 + self.day,
        }
    }

    /// The year as it is shown: there is no year 0.
    pub(super) fn shown_year(&self) -> i64 {
        match self.is_interval() || self.year > 0 {
            true => self.year,
            false => 1 - self.year,
        }
    }

    /// Seconds since midnight.
    pub(super) fn second_of_day(&self) -> i64 {
        (self.hour * HOUR + self.minute * MINUTE) / SECOND + self.second
    }

    /// Whether it is afternoon.
    pub(super) fn is_afternoon(&self) -> bool {
        self.hour % (DAY / HOUR) >= 12
    }
}
