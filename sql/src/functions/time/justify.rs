//! `justify_hours`, `justify_days`, `justify_interval` and `isfinite`.
use engine::Result;

use super::interval::out_of_range;
use crate::functions::Overload;
use crate::functions::kernel::{Date, Fallible, Interval, Timestamp, map1, overload};
use crate::types::calendar::DAY;

const MONTH_DAYS: i32 = 30;

/// Whole days out of the time.
fn justify_hours(of: Interval) -> Result<Interval> {
    let days = i32::try_from(of.micros / DAY).ok().and_then(|days| of.days.checked_add(days));
    let mut result = Interval { days: days.ok_or_else(out_of_range)?, ..of };
    result.micros = of.micros % DAY;
    if result.days > 0 && result.micros < 0 {
        result.micros += DAY;
        result.days -= 1;
    } else if result.days < 0 && result.micros > 0 {
        result.micros -= DAY;
        result.days += 1;
    }
    Ok(result)
}

/// Whole months out of the days.
fn justify_days(of: Interval) -> Result<Interval> {
    let months = of.months.checked_add(of.days / MONTH_DAYS).ok_or_else(out_of_range)?;
    let mut result = Interval { months, days: of.days % MONTH_DAYS, ..of };
    if result.months > 0 && result.days < 0 {
        result.days += MONTH_DAYS;
        result.months -= 1;
    } else if result.months < 0 && result.days > 0 {
        result.days -= MONTH_DAYS;
        result.months += 1;
    }
    Ok(result)
}

/// Both, and all fields of one sign.
fn justify_interval(of: Interval) -> Result<Interval> {
    let days = i32::try_from(of.micros / DAY).ok().and_then(|days| of.days.checked_add(days));
    let days = days.ok_or_else(out_of_range)?;
    let mut result = Interval { days, micros: of.micros % DAY, ..of };
    result.months = of.months.checked_add(days / MONTH_DAYS).ok_or_else(out_of_range)?;
    result.days = days % MONTH_DAYS;
    let (months, days, micros) = (result.months, result.days, result.micros);
    if months > 0 && (days < 0 || (days == 0 && micros < 0)) {
        result.days += MONTH_DAYS;
        result.months -= 1;
    } else if months < 0 && (days > 0 || (days == 0 && micros > 0)) {
        result.days -= MONTH_DAYS;
        result.months += 1;
    }
    if result.days > 0 && result.micros < 0 {
        result.micros += DAY;
        result.days -= 1;
    } else if result.days < 0 && result.micros > 0 {
        result.micros -= DAY;
        result.days += 1;
    }
    Ok(result)
}

/// The overloads of these functions.
pub(super) fn overloads() -> Vec<Overload> {
    vec![
        overload!("justify_hours", [Interval] -> Interval,
            |arguments| map1(arguments, justify_hours)),
        overload!("justify_days", [Interval] -> Interval,
            |arguments| map1(arguments, justify_days)),
        overload!("justify_interval", [Interval] -> Interval,
            |arguments| map1(arguments, justify_interval)),
        overload!("isfinite", [Date] -> Bool,
            |arguments| map1(arguments, Date::is_finite), fallible: Fallible::Never),
        overload!("isfinite", [Timestamp] -> Bool,
            |arguments| map1(arguments, Timestamp::is_finite), fallible: Fallible::Never),
        overload!("isfinite", [TimestampTz] -> Bool,
            |arguments| map1(arguments, Timestamp::is_finite), fallible: Fallible::Never),
        overload!("isfinite", [Interval] -> Bool,
            |arguments| map1(arguments, |_: Interval| true), fallible: Fallible::Never),
    ]
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::check;

    #[test]
    fn cases() {
        check(&[
            ("justify_hours('27 hours'::interval)", "1 day 03:00:00"),
            ("justify_hours('-27 hours'::interval)", "-1 days -03:00:00"),
            ("justify_hours('1 day -2 hours'::interval)", "22:00:00"),
            ("justify_days('35 days'::interval)", "1 mon 5 days"),
            ("justify_days('1 mon -5 days'::interval)", "25 days"),
            ("justify_interval('1 mon -1 hour'::interval)", "29 days 23:00:00"),
            ("justify_interval('-1 mon 1 hour'::interval)", "-29 days -23:00:00"),
            ("justify_interval('40 days 50 hours'::interval)", "1 mon 12 days 02:00:00"),
            ("isfinite('infinity'::date)", "f"),
            ("isfinite('2024-01-01'::timestamp)", "t"),
            ("isfinite('4 hours'::interval)", "t"),
        ]);
    }
}
