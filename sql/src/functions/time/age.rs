//! `age`: the difference of two timestamps in years, months, days and time.
use engine::{Error, Result};

use super::civil::Civil;
use crate::functions::Overload;
use crate::functions::kernel::{Interval, Timestamp, map2, overload};
use crate::types::calendar::{DAY, days_in_month};

fn age(one: Timestamp, other: Timestamp) -> Result<Interval> {
    if !one.is_finite() || !other.is_finite() {
        return Err(Error::data("22008", "timestamp out of range"));
    }
    match one >= other {
        true => elapsed(Civil::of(one), Civil::of(other)),
        false => elapsed(Civil::of(other), Civil::of(one)).map(Interval::reversed),
    }
}

/// Field by field; a day is borrowed for the time, the length of the earlier month for the days.
fn elapsed(late: Civil, early: Civil) -> Result<Interval> {
    let mut months = (late.year - early.year) * 12 + late.month - early.month;
    let mut days = late.day - early.day;
    let mut micros = late.micros - early.micros;
    if micros < 0 {
        micros += DAY;
        days -= 1;
    }
    if days < 0 {
        days += days_in_month(early.year, early.month);
        months -= 1;
    }
    let narrow = |field: i64| {
        i32::try_from(field).map_err(|_| Error::data("22008", "interval out of range"))
    };
    Ok(Interval { months: narrow(months)?, days: narrow(days)?, micros })
}

/// The overloads of `age` of two timestamps.
pub(super) fn overloads() -> Vec<Overload> {
    vec![
        overload!("age", [Timestamp, Timestamp] -> Interval, |arguments| map2(arguments, age)),
        overload!("age", [TimestampTz, TimestampTz] -> Interval, |arguments| {
            let zone = arguments.zone();
            map2(arguments, |one: Timestamp, other: Timestamp| {
                age(one.to_local(&zone)?, other.to_local(&zone)?)
            })
        }, zoned: true),
    ]
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::check;

    #[test]
    fn cases() {
        check(&[
            ("age('2001-04-10'::timestamp, '1957-06-13'::timestamp)", "43 years 9 mons 27 days"),
            ("age('1957-06-13'::timestamp, '2001-04-10'::timestamp)", "-43 years -9 mons -27 days"),
            ("age('2024-03-01'::timestamp, '2024-01-31'::timestamp)", "1 mon 1 day"),
            ("age('2024-03-31'::timestamp, '2024-02-29'::timestamp)", "1 mon 2 days"),
            ("age('2024-03-01 01:00'::timestamp, '2024-02-29 02:00'::timestamp)", "23:00:00"),
            ("age('2024-01-01'::timestamptz, '2024-01-01'::timestamptz)", "00:00:00"),
        ]);
    }
}
