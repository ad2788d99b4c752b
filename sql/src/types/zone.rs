//! A time zone as PostgreSQL names them: of the tz database, POSIX text, or an offset.
//!
//! Promised: a local time that exists twice is the later one, one that a clock skipped is read
//! with the offset before. Absent: POSIX rules for daylight saving; such zones have names.
use std::fmt;

use chrono::{DateTime, MappedLocalTime, NaiveDateTime, Offset, TimeZone};
use chrono_tz::{TZ_VARIANTS, Tz};

use super::abbreviation::minutes_of;
use super::calendar::DAY_SECONDS;

/// The farthest that a zone can be from UTC, in seconds.
const OFFSET_SECONDS_MAX: i32 = 168 * 3_600;

/// The last second that the tz database is asked about: the end of the year 9999.
/// Later times have the offset of that year.
const ASKED_SECONDS_MAX: i64 = 253_402_300_799;

/// A time zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Zone {
    /// A zone of the tz database.
    Named(Tz),
    /// Seconds east of UTC.
    Fixed(i32),
}

impl Default for Zone {
    fn default() -> Self {
        Self::Named(Tz::UTC)
    }
}

impl Zone {
    /// The zone of a name in any case (`Europe/Paris`, `est5edt`), an abbreviation (`pst`), or a
    /// POSIX text without
    /// daylight saving, whose sign points west (`UTC+3`, `<+05>-5`).
    pub fn parse(name: &str) -> Option<Zone> {
        if let Ok(zone) = name.parse::<Tz>() {
            return Some(Self::Named(zone));
        }
        let found = TZ_VARIANTS.iter().find(|zone| zone.name().eq_ignore_ascii_case(name));
        let minutes = || minutes_of(&name.to_ascii_lowercase());
        found
            .map(|zone| Self::Named(*zone))
            .or_else(|| minutes().map(|minutes| Self::Fixed(minutes * 60)))
            .or_else(|| posix(name).map(Self::Fixed))
    }

    /// The zone of `SET TimeZone TO 5.5`: hours east of UTC.
    pub fn of_hours(hours: f64) -> Option<Zone> {
        let seconds = hours * 3_600.0;
        (seconds.abs() <= f64::from(OFFSET_SECONDS_MAX)).then_some(Self::Fixed(seconds as i32))
    }

    /// Seconds east of UTC at a second since 1970.
    pub fn offset_at(&self, seconds: i64) -> i32 {
        match self {
            Self::Fixed(offset) => *offset,
            Self::Named(Tz::UTC) => 0,
            Self::Named(zone) => {
                zone.offset_from_utc_datetime(&asked(seconds)).fix().local_minus_utc()
            }
        }
    }

    /// Seconds since 1970 at which the zone's clocks show `local` (seconds as if in UTC).
    pub fn to_utc(&self, local: i64) -> i64 {
        let offset = match self {
            Self::Fixed(offset) => *offset,
            Self::Named(Tz::UTC) => 0,
            Self::Named(zone) => match zone.offset_from_local_datetime(&asked(local)) {
                MappedLocalTime::Single(offset) => offset.fix().local_minus_utc(),
                MappedLocalTime::Ambiguous(_, later) => later.fix().local_minus_utc(),
                MappedLocalTime::None => self.offset_at(local - DAY_SECONDS),
            },
        };
        local - i64::from(offset)
    }

    /// The abbreviation in use at a second since 1970, such as `CEST`.
    pub fn abbreviation_at(&self, seconds: i64) -> String {
        match self {
            Self::Fixed(offset) => iso(*offset),
            Self::Named(zone) => zone.offset_from_utc_datetime(&asked(seconds)).to_string(),
        }
    }
}

/// As `SHOW TimeZone` shows it; [`Zone::parse`] reads it back.
impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Named(zone) => f.write_str(zone.name()),
            Self::Fixed(offset) => write!(f, "<{}>{}", iso(*offset), iso(-*offset)),
        }
    }
}

fn iso(offset: i32) -> String {
    let sign = if offset < 0 { '-' } else { '+' };
    let (hours, rest) = (offset.abs() / 3_600, offset.abs() % 3_600);
    match (rest / 60, rest % 60) {
        (0, 0) => format!("{sign}{hours:02}"),
        (minutes, 0) => format!("{sign}{hours:02}:{minutes:02}"),
        (minutes, seconds) => format!("{sign}{hours:02}:{minutes:02}:{seconds:02}"),
    }
}

fn asked(seconds: i64) -> NaiveDateTime {
    let seconds = seconds.clamp(-ASKED_SECONDS_MAX, ASKED_SECONDS_MAX);
    DateTime::from_timestamp(seconds, 0).map(|time| time.naive_utc()).unwrap_or_default()
}

/// Seconds east of UTC of a POSIX zone without daylight saving.
fn posix(name: &str) -> Option<i32> {
    let rest = match name.strip_prefix('<') {
        Some(quoted) => quoted.split_once('>')?.1,
        None => name.trim_start_matches(|letter: char| letter.is_ascii_alphabetic()),
    };
    let (sign, digits) = match rest.strip_prefix('-') {
        Some(digits) => (1, digits),
        None => (-1, rest.strip_prefix('+').unwrap_or(rest)),
    };
    let mut parts = digits.split(':');
    let mut seconds = 0;
    for unit in [3_600, 60, 1] {
        let Some(part) = parts.next() else { break };
        if part.is_empty() || part.len() > 3 || !part.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        seconds += part.parse::<i32>().ok()? * unit;
    }
    (parts.next().is_none() && seconds <= OFFSET_SECONDS_MAX).then_some(sign * seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_in_any_case_and_posix_points_west() {
        let shown = |name: &str| Zone::parse(name).map(|zone| zone.to_string());
        assert_eq!(shown("europe/PARIS").as_deref(), Some("Europe/Paris"));
        assert_eq!(Zone::parse("UTC+3"), Some(Zone::Fixed(-10_800)));
        assert_eq!(Zone::parse("<+05>-5"), Some(Zone::Fixed(18_000)));
        assert_eq!(Zone::parse("+05:30"), Some(Zone::Fixed(-19_800)));
        assert_eq!(Zone::parse("Nowhere/City"), None);
        assert_eq!(Zone::parse(""), None);
        let fixed = Zone::of_hours(-5.5).expect("in range");
        assert_eq!(Zone::parse(&fixed.to_string()), Some(fixed));
    }

    #[test]
    fn a_skipped_hour_has_the_offset_before_and_a_repeated_one_the_later() {
        let zone = Zone::parse("America/New_York").expect("a zone");
        // 2023-03-12 02:30 does not exist, 2023-11-05 01:30 exists twice.
        assert_eq!(zone.to_utc(1_678_588_200), 1_678_588_200 + 5 * 3_600);
        assert_eq!(zone.to_utc(1_699_147_800), 1_699_147_800 + 5 * 3_600);
    }
}
