//! Differences and sums of dates, times and timestamps that need no calendar.
use engine::{Error, Result};

use super::civil::{finite, finite_date};
use crate::functions::Overload;
use crate::functions::kernel::{Date, Interval, Time, Timestamp, map2, overload};
use crate::types::calendar::DAY;

/// Days and time between; there are no months in a difference.
pub(super) fn difference(one: Timestamp, other: Timestamp) -> Result<Interval> {
    if !one.is_finite() || !other.is_finite() {
        return Err(Error::data("22008", "cannot subtract infinite timestamps"));
    }
    let micros = i128::from(one.0) - i128::from(other.0);
    let days = i32::try_from(micros / i128::from(DAY));
    let rest = i64::try_from(micros % i128::from(DAY));
    match (days, rest) {
        (Ok(days), Ok(micros)) => Ok(Interval { months: 0, days, micros }),
        _ => Err(Error::data("22008", "interval out of range")),
    }
}

fn days_between(one: Date, other: Date) -> Result<i32> {
    if !one.is_finite() || !other.is_finite() {
        return Err(Error::data("22008", "cannot subtract infinite dates"));
    }
    one.0.checked_sub(other.0).ok_or_else(|| Error::data("22003", "integer out of range"))
}

fn plus_days(date: Date, days: i32) -> Result<Date> {
    match date.is_finite() {
        true => finite_date(i64::from(date.0) + i64::from(days)),
        false => Ok(date),
    }
}

fn minus_days(date: Date, days: i32) -> Result<Date> {
    match date.is_finite() {
        true => finite_date(i64::from(date.0) - i64::from(days)),
        false => Ok(date),
    }
}

fn at_time(date: Date, time: Time) -> Result<Timestamp> {
    let midnight = date.midnight()?;
    match midnight.is_finite() {
        true => finite(i128::from(midnight.0) + i128::from(time.0)),
        false => Ok(midnight),
    }
}

/// A time of day moved by the time of an interval, around midnight.
fn around(time: Time, micros: i64) -> Time {
    Time((i128::from(time.0) + i128::from(micros)).rem_euclid(i128::from(DAY)) as i64)
}

/// The overloads of these `+` and `-`.
pub(super) fn overloads() -> Vec<Overload> {
    use crate::functions::kernel::Fallible;
    vec![
        overload!("-", [Timestamp, Timestamp] -> Interval,
            |arguments| map2(arguments, difference)),
        overload!("-", [TimestampTz, TimestampTz] -> Interval,
            |arguments| map2(arguments, difference)),
        overload!("-", [Date, Date] -> Int4, |arguments| map2(arguments, days_between)),
        overload!("+", [Date, Int4] -> Date, |arguments| map2(arguments, plus_days)),
        overload!("+", [Int4, Date] -> Date,
            |arguments| map2(arguments, |days, date| plus_days(date, days))),
        overload!("-", [Date, Int4] -> Date, |arguments| map2(arguments, minus_days)),
        overload!("+", [Date, Time] -> Timestamp, |arguments| map2(arguments, at_time)),
        overload!("+", [Time, Date] -> Timestamp,
            |arguments| map2(arguments, |time, date| at_time(date, time))),
        overload!("+", [Time, Interval] -> Time,
            |arguments| map2(arguments, |time, by: Interval| around(time, by.micros)),
            fallible: Fallible::Never),
        overload!("+", [Interval, Time] -> Time,
            |arguments| map2(arguments, |by: Interval, time| around(time, by.micros)),
            fallible: Fallible::Never),
        overload!("-", [Time, Interval] -> Time,
            |arguments| map2(arguments, |time, by: Interval| {
                around(time, by.micros.saturating_neg())
            }), fallible: Fallible::Never),
        overload!("-", [Time, Time] -> Interval,
            |arguments| map2(arguments, |one: Time, other: Time| {
                Interval { months: 0, days: 0, micros: one.0 - other.0 }
            }), fallible: Fallible::Never),
    ]
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::{check, check_errors};

    #[test]
    fn cases() {
        check(&[
            ("'2024-03-01'::date - '2024-02-01'::date", "29"),
            ("'2024-03-01'::date + 31", "2024-04-01"),
            ("31 + '2024-03-01'::date", "2024-04-01"),
            ("'2024-03-01'::date - 1", "2024-02-29"),
            ("'infinity'::date - 1", "infinity"),
            ("'2024-03-01 12:00'::timestamp - '2024-02-28 18:00'::timestamp", "1 day 18:00:00"),
            ("'2024-02-28 18:00'::timestamp - '2024-03-01 12:00'::timestamp", "-1 days -18:00:00"),
            (
                "'2024-03-01 12:00'::timestamptz - '2024-03-01 11:59:59.5'::timestamptz",
                "00:00:00.5",
            ),
            ("'2024-03-01'::date + '01:30'::time", "2024-03-01 01:30:00"),
            ("'01:30'::time + '2024-03-01'::date", "2024-03-01 01:30:00"),
            ("'23:30'::time + '1 hour'::interval", "00:30:00"),
            ("'00:30'::time - '1 hour'::interval", "23:30:00"),
            ("'10:00'::time - '11:30'::time", "-01:30:00"),
        ]);
        check_errors(&[
            ("'infinity'::date - '2024-01-01'::date", "22008 cannot subtract infinite dates"),
            ("'5874897-12-31'::date + 1", "22008 date out of range"),
            (
                "'infinity'::timestamp - '2024-01-01'::timestamp",
                "22008 cannot subtract infinite timestamps",
            ),
        ]);
    }
}
