//! The units that EXTRACT, `date_part` and `date_trunc` know by name.
use engine::{Error, ErrorKind, Result};

/// A part of a date or time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    Microsecond,
    Millisecond,
    Second,
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Quarter,
    Year,
    Decade,
    Century,
    Millennium,
    Julian,
    IsoYear,
    DayOfWeek,
    IsoDayOfWeek,
    DayOfYear,
    Epoch,
    Zone,
    ZoneHour,
    ZoneMinute,
}

impl Unit {
    /// The unit called `name`, in any case, of a value of the type `of`.
    pub(super) fn parse(name: &str, of: &str) -> Result<Self> {
        Self::named(&name.to_lowercase()).ok_or_else(|| unrecognized(name, of))
    }

    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "us" | "usec" | "usecs" | "usecond" | "useconds" | "microsecon" | "microsecond"
            | "microseconds" => Self::Microsecond,
            "ms" | "msec" | "msecs" | "mseconds" | "msecond" | "millisecon" | "millisecond"
            | "milliseconds" => Self::Millisecond,
            "s" | "sec" | "secs" | "second" | "seconds" => Self::Second,
            "m" | "min" | "mins" | "minute" | "minutes" => Self::Minute,
            "h" | "hr" | "hrs" | "hour" | "hours" => Self::Hour,
            "d" | "day" | "days" => Self::Day,
            "w" | "week" | "weeks" => Self::Week,
            "mon" | "mons" | "month" | "months" => Self::Month,
            "qtr" | "quarter" => Self::Quarter,
            "y" | "yr" | "yrs" | "year" | "years" => Self::Year,
            "dec" | "decs" | "decade" | "decades" => Self::Decade,
            "c" | "cent" | "century" | "centuries" => Self::Century,
            "mil" | "mils" | "millennium" | "millennia" => Self::Millennium,
            "j" | "jd" | "julian" => Self::Julian,
            "isoyear" => Self::IsoYear,
            "dow" => Self::DayOfWeek,
            "isodow" => Self::IsoDayOfWeek,
            "doy" => Self::DayOfYear,
            "epoch" => Self::Epoch,
            "timezone" => Self::Zone,
            "timezone_h" | "timezone_hour" => Self::ZoneHour,
            "timezone_m" | "timezone_minute" => Self::ZoneMinute,
            _ => return None,
        })
    }
}

/// The error of a name that means no unit.
pub(super) fn unrecognized(name: &str, of: &str) -> Error {
    let message = format!("unit \"{}\" not recognized for type {of}", name.to_lowercase());
    Error::data("22023", message)
}

/// The error of a unit that the type `of` does not have.
pub(super) fn unsupported(name: &str, of: &str) -> Error {
    let message = format!("unit \"{}\" not supported for type {of}", name.to_lowercase());
    Error::new(ErrorKind::Invalid, "0A000", message)
}

/// The unit last parsed, for most calls have one for all rows.
#[derive(Default)]
pub(super) struct LastUnit(Option<(String, Unit)>);

impl LastUnit {
    /// The unit called `name` of a value of the type `of`.
    pub(super) fn of(&mut self, name: &str, of: &str) -> Result<Unit> {
        match &self.0 {
            Some((known, unit)) if known == name => Ok(*unit),
            _ => {
                let unit = Unit::parse(name, of)?;
                self.0 = Some((name.to_owned(), unit));
                Ok(unit)
            }
        }
    }
}
