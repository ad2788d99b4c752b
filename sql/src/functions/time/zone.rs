//! `timezone`: AT TIME ZONE.
//!
//! `x AT TIME ZONE z` is called as `timezone(z, x)`. A zone is a name of the tz database, an
//! abbreviation that PostgreSQL knows, or a POSIX text; or an interval east of UTC.
use engine::{Error, Result};

use super::civil::finite;
use crate::functions::Overload;
use crate::functions::kernel::{Interval, Timestamp, map2, overload};
use crate::types::Zone;

/// The zone of a name.
pub(super) fn zone_of(name: &str) -> Result<Zone> {
    Zone::parse(name)
        .ok_or_else(|| Error::data("22023", format!("time zone \"{name}\" not recognized")))
}

/// The zone last named, for most calls have one for all rows.
#[derive(Default)]
struct LastZone(Option<(String, Zone)>);

impl LastZone {
    fn of(&mut self, name: &str) -> Result<Zone> {
        match &self.0 {
            Some((known, zone)) if known == name => Ok(*zone),
            _ => {
                let zone = zone_of(name)?;
                self.0 = Some((name.to_owned(), zone));
                Ok(zone)
            }
        }
    }
}

/// Microseconds that an interval is east of UTC.
fn east(of: Interval) -> Result<i64> {
    match of.months == 0 && of.days == 0 {
        true => Ok(of.micros),
        false => Err(Error::data("22023", "interval time zone must not include months or days")),
    }
}

fn moved(timestamp: Timestamp, by: i64) -> Result<Timestamp> {
    match timestamp.is_finite() {
        true => finite(i128::from(timestamp.0) + i128::from(by)),
        false => Ok(timestamp),
    }
}

/// The overloads of `timezone`.
pub(super) fn overloads() -> Vec<Overload> {
    vec![
        overload!("timezone", [Text, Timestamp] -> TimestampTz, |arguments| {
            let mut last = LastZone::default();
            map2(arguments, |zone: &str, local: Timestamp| local.to_utc(&last.of(zone)?))
        }),
        overload!("timezone", [Text, TimestampTz] -> Timestamp, |arguments| {
            let mut last = LastZone::default();
            map2(arguments, |zone: &str, moment: Timestamp| moment.to_local(&last.of(zone)?))
        }),
        overload!("timezone", [Interval, Timestamp] -> TimestampTz,
            |arguments| map2(arguments, |zone, local| moved(local, -east(zone)?))),
        overload!("timezone", [Interval, TimestampTz] -> Timestamp,
            |arguments| map2(arguments, |zone, moment| moved(moment, east(zone)?))),
    ]
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::{check, check_errors};

    #[test]
    fn cases() {
        check(&[
            (
                "timezone('America/Denver', '2001-02-16 20:38:40'::timestamp)",
                "2001-02-17 03:38:40+00",
            ),
            (
                "timezone('America/Denver', '2001-02-16 20:38:40-05'::timestamptz)",
                "2001-02-16 18:38:40",
            ),
            ("timezone('UTC', '2001-02-16 20:38:40'::timestamp)", "2001-02-16 20:38:40+00"),
            ("timezone('europe/paris', '2024-07-01 12:00+00'::timestamptz)", "2024-07-01 14:00:00"),
            (
                "timezone('America/New_York', '2023-03-12 02:30'::timestamp)",
                "2023-03-12 07:30:00+00",
            ),
            (
                "timezone('America/New_York', '2023-11-05 01:30'::timestamp)",
                "2023-11-05 06:30:00+00",
            ),
            (
                "timezone('-05:00'::interval, '2001-02-16 20:38:40'::timestamp)",
                "2001-02-17 01:38:40+00",
            ),
            (
                "timezone('02:00'::interval, '2001-02-16 20:38:40+00'::timestamptz)",
                "2001-02-16 22:38:40",
            ),
            ("timezone('UTC', 'infinity'::timestamp)", "infinity"),
        ]);
        check_errors(&[(
            "timezone('Nowhere', '2001-02-16'::timestamp)",
            "22023 time zone \"Nowhere\" not recognized",
        )]);
    }
}
