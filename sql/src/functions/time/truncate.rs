//! `date_trunc`: a timestamp or interval without the parts below a unit.
//!
//! Of a timestamp with a zone: as the clocks of the session, or of the zone that is named, show it.
use engine::{Error, ErrorKind, Result};

use super::civil::{Civil, finite};
use super::parts::monday;
use super::unit::{LastUnit, Unit, unrecognized, unsupported};
use super::zone::zone_of;
use crate::functions::Overload;
use crate::functions::kernel::{Interval, Timestamp, map2, map3, overload};
use crate::types::Zone;
use crate::types::calendar::{DAY, HOUR, MINUTE, SECOND, split};

/// The first moment of the unit that holds `local`; None if timestamps have no such unit.
fn truncated(unit: Unit, local: Timestamp) -> Option<Result<Timestamp>> {
    if let Some(step) = fixed(unit) {
        return Some(finite(i128::from(local.0) - i128::from(local.0.rem_euclid(step))));
    }
    let civil = Civil::of(local);
    let first = |year, month| Civil { year, month, day: 1, micros: 0 }.timestamp();
    // Of periods of several years the first begins with the year 1, of decades with the year 0.
    let period = |years: i64| first((civil.year - 1).div_euclid(years) * years + 1, 1);
    Some(match unit {
        Unit::Week => {
            let (days, _) = split(local.0);
            finite(i128::from(monday(days)) * i128::from(DAY))
        }
        Unit::Month => first(civil.year, civil.month),
        Unit::Quarter => first(civil.year, (civil.month - 1) / 3 * 3 + 1),
        Unit::Year => first(civil.year, 1),
        Unit::Decade => first(civil.year.div_euclid(10) * 10, 1),
        Unit::Century => period(100),
        Unit::Millennium => period(1000),
        _ => return None,
    })
}

/// Microseconds of a unit that all have one length.
fn fixed(unit: Unit) -> Option<i64> {
    Some(match unit {
        Unit::Microsecond => 1,
        Unit::Millisecond => SECOND / 1000,
        Unit::Second => SECOND,
        Unit::Minute => MINUTE,
        Unit::Hour => HOUR,
        Unit::Day => DAY,
        _ => return None,
    })
}

fn of_timestamp(unit: Unit, name: &str, local: Timestamp, of: &str) -> Result<Timestamp> {
    if !local.is_finite() {
        return Ok(local);
    }
    truncated(unit, local).unwrap_or_else(|| Err(refused(unit, name, of)))
}

/// The error of a unit that nothing can be cut to.
fn refused(unit: Unit, name: &str, of: &str) -> Error {
    match unit {
        Unit::Zone | Unit::ZoneHour | Unit::ZoneMinute => unsupported(name, of),
        _ => unrecognized(name, of),
    }
}

const ZONED: &str = "timestamp with time zone";

fn in_zone(unit: Unit, name: &str, moment: Timestamp, zone: &Zone) -> Result<Timestamp> {
    if !moment.is_finite() {
        return Ok(moment);
    }
    let local = moment.to_local(zone)?;
    let truncated = of_timestamp(unit, name, local, ZONED)?;
    // Below a day the zone's offset stays, so that a repeated hour keeps its own.
    match fixed(unit) {
        Some(step) if step < DAY => {
            finite(i128::from(moment.0) - (i128::from(local.0) - i128::from(truncated.0)))
        }
        _ => truncated.to_utc(zone),
    }
}

fn of_interval(unit: Unit, name: &str, of: Interval) -> Result<Interval> {
    let time = |step: i64| Interval { micros: of.micros - of.micros % step, ..of };
    let months = |step: i32| Interval { months: of.months - of.months % step, days: 0, micros: 0 };
    Ok(match unit {
        Unit::Microsecond | Unit::Millisecond | Unit::Second | Unit::Minute | Unit::Hour => {
            time(fixed(unit).unwrap_or(1))
        }
        Unit::Day => Interval { micros: 0, ..of },
        Unit::Month => months(1),
        Unit::Quarter => months(3),
        Unit::Year => months(12),
        Unit::Decade => months(120),
        Unit::Century => months(1200),
        Unit::Millennium => months(12_000),
        Unit::Week => {
            let message =
                format!("unit \"{}\" not supported for type interval", name.to_lowercase());
            return Err(Error::new(ErrorKind::Invalid, "0A000", message)
                .with_detail("Months usually have fractional weeks."));
        }
        _ => return Err(refused(unit, name, "interval")),
    })
}

/// The overloads of `date_trunc`.
pub(super) fn overloads() -> Vec<Overload> {
    const PLAIN: &str = "timestamp without time zone";
    vec![
        overload!("date_trunc", [Text, Timestamp] -> Timestamp, |arguments| {
            let mut last = LastUnit::default();
            map2(arguments, |name: &str, local| {
                of_timestamp(last.of(name, PLAIN)?, name, local, PLAIN)
            })
        }),
        overload!("date_trunc", [Text, TimestampTz] -> TimestampTz, |arguments| {
            let zone = arguments.zone();
            let mut last = LastUnit::default();
            map2(arguments, |name: &str, moment| {
                in_zone(last.of(name, ZONED)?, name, moment, &zone)
            })
        }, zoned: true),
        overload!("date_trunc", [Text, TimestampTz, Text] -> TimestampTz, |arguments| {
            let mut last = LastUnit::default();
            map3(arguments, |name: &str, moment, zone: &str| {
                in_zone(last.of(name, ZONED)?, name, moment, &zone_of(zone)?)
            })
        }),
        overload!("date_trunc", [Text, Interval] -> Interval, |arguments| {
            let mut last = LastUnit::default();
            map2(arguments, |name: &str, of| of_interval(last.of(name, "interval")?, name, of))
        }),
    ]
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::{check, check_errors};

    #[test]
    fn cases() {
        check(&[
            (
                "date_trunc('microseconds', '2001-02-16 20:38:40.123456'::timestamp)",
                "2001-02-16 20:38:40.123456",
            ),
            (
                "date_trunc('milliseconds', '2001-02-16 20:38:40.123456'::timestamp)",
                "2001-02-16 20:38:40.123",
            ),
            ("date_trunc('second', '2001-02-16 20:38:40.5'::timestamp)", "2001-02-16 20:38:40"),
            ("date_trunc('minute', '2001-02-16 20:38:40'::timestamp)", "2001-02-16 20:38:00"),
            ("date_trunc('HOUR', '2001-02-16 20:38:40'::timestamp)", "2001-02-16 20:00:00"),
            ("date_trunc('day', '1969-12-31 20:38:40'::timestamp)", "1969-12-31 00:00:00"),
            ("date_trunc('week', '2001-02-18 20:38:40'::timestamp)", "2001-02-12 00:00:00"),
            ("date_trunc('week', '2006-01-01'::timestamp)", "2005-12-26 00:00:00"),
            ("date_trunc('month', '2001-02-16'::timestamp)", "2001-02-01 00:00:00"),
            ("date_trunc('quarter', '2001-06-16'::timestamp)", "2001-04-01 00:00:00"),
            ("date_trunc('year', '2001-02-16'::timestamp)", "2001-01-01 00:00:00"),
            ("date_trunc('decade', '2009-02-16'::timestamp)", "2000-01-01 00:00:00"),
            ("date_trunc('century', '2000-02-16'::timestamp)", "1901-01-01 00:00:00"),
            ("date_trunc('millennium', '2001-02-16'::timestamp)", "2001-01-01 00:00:00"),
            ("date_trunc('century', '0044-03-15 BC'::timestamp)", "0100-01-01 00:00:00 BC"),
            ("date_trunc('decade', '0004-12-25 BC'::timestamp)", "0011-01-01 00:00:00 BC"),
            ("date_trunc('day', 'infinity'::timestamp)", "infinity"),
            (
                "date_trunc('day', '2001-02-16 20:38:40+00'::timestamptz, 'Australia/Sydney')",
                "2001-02-16 13:00:00+00",
            ),
            (
                "date_trunc('hour', '2023-11-05 06:30:00+00'::timestamptz, 'America/New_York')",
                "2023-11-05 06:00:00+00",
            ),
            (
                "date_trunc('hour', '2023-11-05 05:30:00+00'::timestamptz, 'America/New_York')",
                "2023-11-05 05:00:00+00",
            ),
            ("date_trunc('day', '2001-02-16 20:38:40'::timestamptz)", "2001-02-16 00:00:00+00"),
            ("date_trunc('hour', '3 days 02:47:33'::interval)", "3 days 02:00:00"),
            ("date_trunc('quarter', '14 mons 5 days'::interval)", "1 year"),
            ("date_trunc('day', '-3 days -02:47:33'::interval)", "-3 days"),
        ]);
        check_errors(&[
            (
                "date_trunc('foo', '2001-02-16'::timestamp)",
                "22023 unit \"foo\" not recognized for type timestamp without time zone",
            ),
            (
                "date_trunc('dow', '2001-02-16'::timestamptz)",
                "22023 unit \"dow\" not recognized for type timestamp with time zone",
            ),
            (
                "date_trunc('week', '1 day'::interval)",
                "0A000 unit \"week\" not supported for type interval",
            ),
            (
                "date_trunc('day', '2001-02-16'::timestamptz, 'Nowhere')",
                "22023 time zone \"Nowhere\" not recognized",
            ),
        ]);
    }
}
