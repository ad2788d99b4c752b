//! Timestamps, dates moved by intervals: `+`, `-`.
//!
//! Months are added first, the day kept within its month; then days; then the time. With a zone,
//! months and days are those of the session's clocks.
use engine::Result;

use super::civil::{Civil, finite};
use crate::functions::Overload;
use crate::functions::kernel::{Date, Interval, Timestamp, map2, overload};
use crate::types::Zone;
use crate::types::calendar::days_in_month;

/// `timestamp` moved by `interval`.
pub(in crate::functions) fn shifted(timestamp: Timestamp, interval: Interval) -> Result<Timestamp> {
    if !timestamp.is_finite() {
        return Ok(timestamp);
    }
    let days = by_days(timestamp, interval)?;
    finite(i128::from(days.0) + i128::from(interval.micros))
}

fn by_days(timestamp: Timestamp, interval: Interval) -> Result<Timestamp> {
    if interval.months == 0 && interval.days == 0 {
        return Ok(timestamp);
    }
    let mut civil = Civil::of(timestamp);
    if interval.months != 0 {
        let months = civil.year * 12 + civil.month - 1 + i64::from(interval.months);
        civil.year = months.div_euclid(12);
        civil.month = months.rem_euclid(12) + 1;
        civil.day = civil.day.min(days_in_month(civil.year, civil.month));
    }
    civil.day += i64::from(interval.days);
    civil.timestamp()
}

/// A moment moved by `interval` as the clocks of `zone` show it.
pub(in crate::functions) fn shifted_in(
    moment: Timestamp,
    interval: Interval,
    zone: &Zone,
) -> Result<Timestamp> {
    if !moment.is_finite() {
        return Ok(moment);
    }
    let moment = match interval.months == 0 && interval.days == 0 {
        true => moment,
        false => by_days(moment.to_local(zone)?, interval)?.to_utc(zone)?,
    };
    finite(i128::from(moment.0) + i128::from(interval.micros))
}

fn shifted_date(date: Date, interval: Interval) -> Result<Timestamp> {
    shifted(date.midnight()?, interval)
}

impl Interval {
    /// The interval the other way. Nothing overflows that PostgreSQL would not refuse later.
    pub(super) fn reversed(self) -> Self {
        Self {
            months: self.months.saturating_neg(),
            days: self.days.saturating_neg(),
            micros: self.micros.saturating_neg(),
        }
    }
}

/// The overloads of `+` and `-` between timestamps or dates and intervals.
pub(super) fn overloads() -> Vec<Overload> {
    vec![
        overload!("+", [Timestamp, Interval] -> Timestamp,
            |arguments| map2(arguments, shifted)),
        overload!("+", [Interval, Timestamp] -> Timestamp,
            |arguments| map2(arguments, |by, timestamp| shifted(timestamp, by))),
        overload!("-", [Timestamp, Interval] -> Timestamp,
        |arguments| map2(arguments, |timestamp, by: Interval| {
            shifted(timestamp, by.reversed())
        })),
        overload!("+", [TimestampTz, Interval] -> TimestampTz, |arguments| {
            let zone = arguments.zone();
            map2(arguments, |moment, by| shifted_in(moment, by, &zone))
        }, zoned: true),
        overload!("+", [Interval, TimestampTz] -> TimestampTz, |arguments| {
            let zone = arguments.zone();
            map2(arguments, |by, moment| shifted_in(moment, by, &zone))
        }, zoned: true),
        overload!("-", [TimestampTz, Interval] -> TimestampTz, |arguments| {
            let zone = arguments.zone();
            map2(arguments, |moment, by: Interval| shifted_in(moment, by.reversed(), &zone))
        }, zoned: true),
        overload!("+", [Date, Interval] -> Timestamp, |arguments| map2(arguments, shifted_date)),
        overload!("+", [Interval, Date] -> Timestamp,
            |arguments| map2(arguments, |by, date| shifted_date(date, by))),
        overload!("-", [Date, Interval] -> Timestamp,
            |arguments| map2(arguments, |date, by: Interval| shifted_date(date, by.reversed()))),
    ]
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::{check, check_errors};

    #[test]
    fn cases() {
        check(&[
            ("'2024-01-31'::timestamp + '1 month'::interval", "2024-02-29 00:00:00"),
            ("'2024-03-31'::timestamp - '1 month'::interval", "2024-02-29 00:00:00"),
            ("'2023-12-31 23:00:00'::timestamp + '2 hours'::interval", "2024-01-01 01:00:00"),
            ("'2024-01-31'::date + '1 month 1 day'::interval", "2024-03-01 00:00:00"),
            ("'1 day'::interval + '2024-02-28'::timestamp", "2024-02-29 00:00:00"),
            ("'infinity'::timestamp + '1 day'::interval", "infinity"),
            ("'2024-01-01'::timestamptz + '1 day'::interval", "2024-01-02 00:00:00+00"),
            ("'2024-02-29'::date - '1 year'::interval", "2023-02-28 00:00:00"),
            ("'0001-01-01'::timestamp - '1 month'::interval", "0001-12-01 00:00:00 BC"),
        ]);
        check_errors(&[
            ("'2024-01-01'::timestamp + '300000 years'::interval", "22008 timestamp out of range"),
            ("'2024-01-01'::timestamp - '8000 years'::interval", "22008 timestamp out of range"),
        ]);
    }
}
