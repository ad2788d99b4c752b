//! Arithmetic of intervals: `+ -` with each other, `* /` with a number.
use engine::{Error, Result};

use crate::functions::Overload;
use crate::functions::kernel::{Interval, map1, map2, overload};
use crate::functions::operator::integer::division_by_zero;
use crate::types::calendar::{DAY_SECONDS, SECOND};

/// Days that a part of a month counts.
const MONTH_DAYS: f64 = 30.0;

/// The error of an interval that cannot be.
pub(super) fn out_of_range() -> Error {
    Error::data("22008", "interval out of range")
}

fn plus(one: Interval, other: Interval) -> Option<Interval> {
    Some(Interval {
        months: one.months.checked_add(other.months)?,
        days: one.days.checked_add(other.days)?,
        micros: one.micros.checked_add(other.micros)?,
    })
}

fn minus(one: Interval, other: Interval) -> Option<Interval> {
    Some(Interval {
        months: one.months.checked_sub(other.months)?,
        days: one.days.checked_sub(other.days)?,
        micros: one.micros.checked_sub(other.micros)?,
    })
}

fn negated(of: Interval) -> Option<Interval> {
    minus(Interval { months: 0, days: 0, micros: 0 }, of)
}

/// Rounded to microseconds.
fn rounded(seconds: f64) -> f64 {
    (seconds * SECOND as f64).round_ties_even() / SECOND as f64
}

fn integer(value: f64) -> Option<i32> {
    let fits = value > f64::from(i32::MIN) - 1.0 && value < f64::from(i32::MAX) + 1.0;
    fits.then_some(value as i32)
}

/// Each field scaled by itself; parts of months go to days, parts of days to the time.
fn scaled(of: Interval, scale: impl Fn(f64) -> f64) -> Option<Interval> {
    let (months, days) = (f64::from(of.months), f64::from(of.days));
    let whole_months = integer(scale(months))?;
    let mut whole_days = integer(scale(days))?;
    let month_days = rounded((scale(months) - f64::from(whole_months)) * MONTH_DAYS);
    let part = scale(days) - f64::from(whole_days) + month_days - month_days.trunc();
    let mut seconds = rounded(part * DAY_SECONDS as f64);
    if seconds.abs() >= DAY_SECONDS as f64 {
        let more = (seconds / DAY_SECONDS as f64).trunc();
        whole_days = whole_days.checked_add(integer(more)?)?;
        seconds -= more * DAY_SECONDS as f64;
    }
    let micros = (scale(of.micros as f64) + seconds * SECOND as f64).round_ties_even();
    // 2^63 is a float, its predecessor as an integer is not.
    let fits = micros >= i64::MIN as f64 && micros < -(i64::MIN as f64);
    fits.then_some(Interval {
        months: whole_months,
        days: whole_days.checked_add(integer(month_days)?)?,
        micros: micros as i64,
    })
}

fn times(of: Interval, factor: f64) -> Result<Interval> {
    scaled(of, |field| field * factor).ok_or_else(out_of_range)
}

/// Each field divided by itself.
pub(in crate::functions) fn divided(of: Interval, divisor: f64) -> Result<Interval> {
    match divisor {
        0.0 => Err(division_by_zero()),
        _ => scaled(of, |field| field / divisor).ok_or_else(out_of_range),
    }
}

/// The overloads of these operators.
pub(super) fn overloads() -> Vec<Overload> {
    vec![
        overload!("+", [Interval, Interval] -> Interval,
            |arguments| map2(arguments, |a, b| plus(a, b).ok_or_else(out_of_range))),
        overload!("-", [Interval, Interval] -> Interval,
            |arguments| map2(arguments, |a, b| minus(a, b).ok_or_else(out_of_range))),
        overload!("-", [Interval] -> Interval,
            |arguments| map1(arguments, |a| negated(a).ok_or_else(out_of_range))),
        overload!("*", [Interval, Float8] -> Interval, |arguments| map2(arguments, times)),
        overload!("*", [Float8, Interval] -> Interval,
            |arguments| map2(arguments, |factor, of| times(of, factor))),
        overload!("/", [Interval, Float8] -> Interval, |arguments| map2(arguments, divided)),
    ]
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::{check, check_errors};

    #[test]
    fn cases() {
        check(&[
            ("'1 day'::interval + '1 hour'::interval", "1 day 01:00:00"),
            ("'1 day'::interval - '1 hour'::interval", "1 day -01:00:00"),
            ("- '23 hours'::interval", "-23:00:00"),
            ("900 * '1 second'::interval", "00:15:00"),
            ("21 * '1 day'::interval", "21 days"),
            ("3.5::float8 * '1 hour'::interval", "03:30:00"),
            ("'1 hour'::interval / 1.5::float8", "00:40:00"),
            ("'1 mon'::interval * 0.5::float8", "15 days"),
            ("'1 mon'::interval * 1.1::float8", "1 mon 3 days"),
            ("'1 year'::interval / 7", "1 mon 21 days 10:17:08.5344"),
            ("'1 mon 1 day'::interval / 2", "15 days 12:00:00"),
            ("'1 day'::interval / 3", "08:00:00"),
            ("'-1 mon'::interval * 0.3::float8", "-9 days"),
        ]);
        check_errors(&[
            ("'1 day'::interval / 0", "22012 division by zero"),
            ("'1 mon'::interval * '1e20'::float8", "22008 interval out of range"),
            (
                "'100000000 years'::interval + '100000000 years'::interval",
                "22008 interval out of range",
            ),
        ]);
    }
}
