//! `make_date`, `make_time`, `make_timestamp`, `make_timestamptz`, `make_interval`; `to_timestamp`
//! of seconds.
use arrow::array::ArrayRef;
use engine::{Error, Result};

use super::civil::{Civil, finite, finite_date, timestamp_out_of_range};
use super::interval::out_of_range;
use super::zone::zone_of;
use crate::functions::Overload;
use crate::functions::kernel::{
    Arguments, Date, Interval, Time, Timestamp, Write, map1, map3, overload,
};
use crate::types::calendar::{DAY, HOUR, MINUTE, SECOND, days_in_month, days_of};

/// A date; negative years are BC.
fn date(year: i32, month: i32, day: i32) -> Result<Date> {
    let wrong = || {
        Error::data("22008", format!("date field value out of range: {year}-{month:02}-{day:02}"))
    };
    let (month, day) = (i64::from(month), i64::from(day));
    let astronomical = match year {
        0 => return Err(wrong()),
        1.. => i64::from(year),
        _ => i64::from(year) + 1,
    };
    if !(1..=12).contains(&month) || day < 1 || day > days_in_month(astronomical, month) {
        return Err(wrong());
    }
    finite_date(days_of(astronomical, month, day))
        .map_err(|_| Error::data("22008", format!("date out of range: {year}-{month:02}-{day:02}")))
}

/// Microseconds since midnight; 24:00 is the last.
fn clock(hour: i32, minute: i32, second: f64) -> Result<i64> {
    let wrong = || {
        let message = format!("time field value out of range: {hour}:{minute:02}:{second:02}");
        Error::data("22008", message)
    };
    let rounded = (second * SECOND as f64).round_ties_even();
    let within = (0..=24).contains(&hour)
        && (0..60).contains(&minute)
        && (0.0..=60.0 * SECOND as f64).contains(&rounded);
    if !within {
        return Err(wrong());
    }
    let micros = i64::from(hour) * HOUR + i64::from(minute) * MINUTE + rounded as i64;
    if micros > DAY { Err(wrong()) } else { Ok(micros) }
}

/// The timestamp of a row's six numbers.
fn timestamp(arguments: &Arguments<'_>, row: usize) -> Result<Timestamp> {
    let integer = |index: usize| Ok::<_, Error>(arguments.reader::<i32>(index)?.at(row));
    let second = arguments.reader::<f64>(5)?.at(row);
    let day = date(integer(0)?, integer(1)?, integer(2)?)?;
    let micros = clock(integer(3)?, integer(4)?, second)?;
    let civil = Civil::of_date(day);
    Civil { micros, ..civil }.timestamp()
}

/// What `value` gives for each row without nulls.
fn each<T: Write>(
    arguments: &Arguments<'_>,
    value: impl Fn(usize) -> Result<T>,
) -> Result<ArrayRef> {
    let nulls = arguments.nulls();
    T::collect(arguments.rows(), &arguments.result().arrow(), |row| {
        match nulls.as_ref().is_some_and(|nulls| nulls.is_null(row)) {
            true => Ok(None),
            false => value(row).map(Some),
        }
    })
}

fn timestamps(arguments: &Arguments<'_>) -> Result<ArrayRef> {
    each(arguments, |row| timestamp(arguments, row))
}

/// In the session's zone, or in that of a seventh argument.
fn zoned_timestamps(arguments: &Arguments<'_>) -> Result<ArrayRef> {
    let session = arguments.zone();
    each(arguments, |row| {
        let zone = match arguments.len() > 6 {
            true => zone_of(arguments.reader::<&str>(6)?.at(row))?,
            false => session,
        };
        timestamp(arguments, row)?.to_utc(&zone)
    })
}

/// Years, months, weeks, days, hours, minutes, seconds: as many as are given.
fn intervals(arguments: &Arguments<'_>) -> Result<ArrayRef> {
    each(arguments, |row| {
        let integer = |index: usize| match arguments.len() > index {
            true => Ok::<_, Error>(i64::from(arguments.reader::<i32>(index)?.at(row))),
            false => Ok(0),
        };
        let seconds = match arguments.len() > 6 {
            true => arguments.reader::<f64>(6)?.at(row),
            false => 0.0,
        };
        let micros = (seconds * SECOND as f64).round_ties_even();
        if micros.is_nan() || micros.abs() >= -(i64::MIN as f64) {
            return Err(out_of_range());
        }
        let time = i128::from(integer(4)? * HOUR)
            + i128::from(integer(5)? * MINUTE)
            + i128::from(micros as i64);
        Ok(Interval {
            months: i32::try_from(integer(0)? * 12 + integer(1)?).map_err(|_| out_of_range())?,
            days: i32::try_from(integer(2)? * 7 + integer(3)?).map_err(|_| out_of_range())?,
            micros: i64::try_from(time).map_err(|_| out_of_range())?,
        })
    })
}

/// The moment so many seconds after 1970 began.
fn of_seconds(seconds: f64) -> Result<Timestamp> {
    if seconds.is_nan() {
        return Err(Error::data("22008", "timestamp cannot be NaN"));
    }
    if seconds.is_infinite() {
        return Ok(Timestamp(if seconds > 0.0 { i64::MAX } else { i64::MIN }));
    }
    let micros = (seconds * SECOND as f64).round_ties_even();
    match micros.abs() < -(i64::MIN as f64) {
        true => finite(micros as i128),
        false => Err(timestamp_out_of_range()),
    }
    .map_err(|_| Error::data("22008", format!("timestamp out of range: \"{seconds}\"")))
}

/// The overloads of these functions.
pub(super) fn overloads() -> Vec<Overload> {
    vec![
        overload!("make_date", [Int4, Int4, Int4] -> Date, |arguments| map3(arguments, date)),
        overload!("make_time", [Int4, Int4, Float8] -> Time,
        |arguments| map3(arguments, |hour, minute, second| {
            clock(hour, minute, second).map(Time)
        })),
        overload!("make_timestamp", [Int4, Int4, Int4, Int4, Int4, Float8] -> Timestamp,
            timestamps),
        overload!("make_timestamptz", [Int4, Int4, Int4, Int4, Int4, Float8] -> TimestampTz,
            zoned_timestamps, zoned: true),
        overload!("make_timestamptz", [Int4, Int4, Int4, Int4, Int4, Float8, Text] -> TimestampTz,
            zoned_timestamps),
        overload!("make_interval", [Int4] -> Interval, intervals),
        overload!("make_interval", [Int4, Int4] -> Interval, intervals),
        overload!("make_interval", [Int4, Int4, Int4] -> Interval, intervals),
        overload!("make_interval", [Int4, Int4, Int4, Int4] -> Interval, intervals),
        overload!("make_interval", [Int4, Int4, Int4, Int4, Int4] -> Interval, intervals),
        overload!("make_interval", [Int4, Int4, Int4, Int4, Int4, Int4] -> Interval, intervals),
        overload!("make_interval", [Int4, Int4, Int4, Int4, Int4, Int4, Float8] -> Interval,
            intervals),
        overload!("to_timestamp", [Float8] -> TimestampTz,
            |arguments| map1(arguments, of_seconds)),
    ]
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::{check, check_errors};

    #[test]
    fn cases() {
        check(&[
            ("make_date(2013, 7, 15)", "2013-07-15"),
            ("make_date(-44, 3, 15)", "0044-03-15 BC"),
            ("make_time(8, 15, 23.5::float8)", "08:15:23.5"),
            ("make_time(24, 0, 0)", "24:00:00"),
            ("make_timestamp(2013, 7, 15, 8, 15, 23.5::float8)", "2013-07-15 08:15:23.5"),
            ("make_timestamp(2013, 7, 15, 8, 15, 60)", "2013-07-15 08:16:00"),
            ("make_timestamptz(2013, 7, 15, 8, 15, 23.5::float8)", "2013-07-15 08:15:23.5+00"),
            (
                "make_timestamptz(2013, 7, 15, 8, 15, 23.5::float8, 'America/New_York')",
                "2013-07-15 12:15:23.5+00",
            ),
            ("make_interval(1, 2, 3, 4, 5, 6, 7.8::float8)", "1 year 2 mons 25 days 05:06:07.8"),
            ("make_interval(0, 0, 0, 10)", "10 days"),
            ("to_timestamp(1284352323)", "2010-09-13 04:32:03+00"),
            ("to_timestamp(1284352323.5)", "2010-09-13 04:32:03.5+00"),
            ("to_timestamp('Infinity'::float8)", "infinity"),
        ]);
        check_errors(&[
            ("make_date(2013, 2, 30)", "22008 date field value out of range: 2013-02-30"),
            ("make_date(0, 1, 1)", "22008 date field value out of range: 0-01-01"),
            ("make_time(25, 0, 0)", "22008 time field value out of range: 25:00:00"),
            ("to_timestamp('NaN'::float8)", "22008 timestamp cannot be NaN"),
        ]);
    }
}
