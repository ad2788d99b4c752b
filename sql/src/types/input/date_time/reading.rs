//! What a text says about time, before a session's zone or clock makes it a value.
use super::fields::Fields;
use super::iso;
use crate::types::calendar::{DATE_MAX, DATE_MIN, DAY, SECOND, join, split};
use crate::types::input::fault::invalid;
use crate::types::{TextStyle, Zone};
use crate::{Error, Result};

/// Characters of the longest text that is looked at.
const LETTERS_MAX: usize = 128;

/// What type a text is read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Date,
    Time,
    Timestamp,
    TimestampTz,
}

/// What is wrong with a text.
#[derive(Clone, Debug)]
pub(crate) enum Fault {
    /// It is not written as such a value.
    Format,
    /// A field has no such number.
    Range,
    /// A month or day has no such number: day and month may be exchanged.
    DayOrMonth,
    /// An interval's field is too large.
    Interval,
    /// An interval's fields are, taken together.
    WholeInterval,
    /// A zone cannot be so far from UTC.
    Offset,
    /// No zone has this name.
    Zone(String),
}

/// The day that a text names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Day {
    /// Days since 1970.
    Date(i64),
    /// None, in a text that has a time only.
    Missing,
    Epoch,
    Infinity,
    MinusInfinity,
    /// This very moment.
    Now,
    /// So many days from the session's today.
    FromToday(i64),
}

/// A zone or offset that a text names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// Seconds east of UTC.
    Offset(i32),
    Zone(Zone),
}

/// What a text says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reading {
    pub(crate) day: Day,
    /// Microseconds into the day; 24:00 is a whole day.
    pub(crate) time: i64,
    pub(crate) place: Option<Place>,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Date => "date",
            Self::Time => "time",
            Self::Timestamp => "timestamp",
            Self::TimestampTz => "timestamp with time zone",
        }
    }
}

/// Reads a text as a value of `kind`, without asking for zone or clock.
///
/// # Errors
/// 22007 if it is not written so, 22008 if a field is out of range, 22023 for an unknown zone.
pub(crate) fn read(text: &str, kind: Kind) -> Result<Reading> {
    if let Some(reading) = iso::read(text, kind) {
        return Ok(reading);
    }
    let fields = if text.len() > LETTERS_MAX {
        Err(Fault::Format)
    } else {
        Fields::read(&text.to_ascii_lowercase(), kind).and_then(Fields::finish)
    };
    fields.map_err(|fault| fault.error(kind.name(), text))
}

impl Fault {
    /// The error that a client is told.
    pub(crate) fn error(self, type_name: &str, text: &str) -> Error {
        let range = || format!("date/time field value out of range: \"{text}\"");
        match self {
            Self::Format => Error::new("22007", invalid(type_name, text).message()),
            Self::Range => Error::new("22008", range()),
            Self::DayOrMonth => Error::new("22008", range())
                .with_hint("Perhaps you need a different \"datestyle\" setting."),
            Self::Interval => {
                Error::new("22015", format!("interval field value out of range: \"{text}\""))
            }
            Self::WholeInterval => Error::new("22008", "interval out of range"),
            Self::Offset => {
                Error::new("22009", format!("time zone displacement out of range: \"{text}\""))
            }
            Self::Zone(name) => Error::new("22023", format!("time zone \"{name}\" not recognized")),
        }
    }
}

impl Reading {
    /// Whether the value as `kind` depends on the session's zone or clock.
    pub(crate) fn needs_session(&self, kind: Kind) -> bool {
        match self.day {
            Day::Now | Day::FromToday(_) => true,
            Day::Date(_) => kind == Kind::TimestampTz && self.place.is_none(),
            _ => false,
        }
    }

    /// The value as a date.
    pub(crate) fn date(&self, text: &str, style: &TextStyle) -> Result<i32> {
        let days = match self.day {
            Day::Infinity => return Ok(i32::MAX),
            Day::MinusInfinity => return Ok(i32::MIN),
            Day::Date(days) => days,
            Day::Epoch => 0,
            Day::Missing => return Err(Fault::Format.error(Kind::Date.name(), text)),
            Day::Now => split(local_now(text, style)?).0,
            Day::FromToday(days) => split(local_now(text, style)?).0 + days,
        };
        i32::try_from(days)
            .ok()
            .filter(|days| (DATE_MIN..=DATE_MAX).contains(days))
            .ok_or_else(|| Error::new("22008", format!("date out of range: \"{text}\"")))
    }

    /// The value as a time of day in microseconds.
    pub(crate) fn time(&self, text: &str, style: &TextStyle) -> Result<i64> {
        match self.day {
            Day::Now => Ok(split(local_now(text, style)?).1),
            _ => Ok(self.time),
        }
    }

    /// The value as a timestamp without time zone.
    pub(crate) fn timestamp(&self, text: &str, style: &TextStyle) -> Result<i64> {
        let days = match self.day {
            Day::Infinity => return Ok(i64::MAX),
            Day::MinusInfinity => return Ok(i64::MIN),
            Day::Epoch => return Ok(0),
            Day::Now => return local_now(text, style),
            Day::FromToday(days) => split(local_now(text, style)?).0 + days,
            Day::Date(days) => days,
            Day::Missing => return Err(Fault::Format.error(Kind::Timestamp.name(), text)),
        };
        join(days, self.time).ok_or_else(|| out_of_range(text))
    }

    /// The value as a timestamp with time zone.
    pub(crate) fn timestamptz(&self, text: &str, style: &TextStyle) -> Result<i64> {
        if let Day::Now = self.day {
            return clock(text, style);
        }
        let local = self.timestamp(text, style)?;
        if !matches!(self.day, Day::Date(_) | Day::FromToday(_)) {
            return Ok(local);
        }
        let (seconds, micros) = (local.div_euclid(SECOND), local.rem_euclid(SECOND));
        let seconds = match self.place {
            Some(Place::Offset(offset)) => seconds - i64::from(offset),
            Some(Place::Zone(zone)) => zone.to_utc(seconds),
            None => style.zone.to_utc(seconds),
        };
        let days = seconds.div_euclid(DAY / SECOND);
        join(days, seconds.rem_euclid(DAY / SECOND) * SECOND + micros)
            .ok_or_else(|| out_of_range(text))
    }
}

fn out_of_range(text: &str) -> Error {
    Error::new("22008", format!("timestamp out of range: \"{text}\""))
}

fn clock(text: &str, style: &TextStyle) -> Result<i64> {
    style.now.ok_or_else(|| {
        Error::unsupported(format!("\"{text}\" in a text that is read later"))
            .with_hint("Use now() or current_date.")
    })
}

fn local_now(text: &str, style: &TextStyle) -> Result<i64> {
    let now = clock(text, style)?;
    Ok(now + i64::from(style.zone.offset_at(now.div_euclid(SECOND))) * SECOND)
}
