//! What a number means among the pieces of a date: year, month, day, or several run together.
use super::clock::{Clock, digits, fraction_micros};
use super::fields::{Expected, Fields};
use super::reading::{Day, Fault, Kind};
use super::word::{Word, meaning};
use crate::types::calendar::DAY;

/// Parts of a date, of which those past the third are wrong in one way or another.
const PARTS_MAX: usize = 25;

/// Days from the begin of the Julian count to 1970.
const JULIAN_EPOCH: i64 = 2_440_588;

impl Fields {
    /// A number that stands alone.
    pub(super) fn take_number(&mut self, text: &str) -> Result<(), Fault> {
        let whole = text.split_once('.').map(|(whole, _)| whole.len());
        match (self.expected, whole) {
            (Expected::JulianDay, _) => {
                self.expected = Expected::Anything;
                self.take_julian(text)
            }
            (Expected::Time, _) => {
                self.expected = Expected::Anything;
                self.take_time_run(text)
            }
            (_, Some(_)) if !self.has_some_date() && self.kind != Kind::Time => {
                self.take_date_parts(text)
            }
            (_, Some(3..)) => self.take_run(text),
            (_, None) if text.len() >= 6 && !(self.has_date() && self.clock.is_some()) => {
                self.take_run(text)
            }
            _ if self.kind == Kind::Time => self.take_run(text),
            _ => self.take_field(text),
        }
    }

    fn has_some_date(&self) -> bool {
        self.has_year() || self.has_month() || self.has_day()
    }

    /// A date whose parts are separated.
    pub(super) fn take_date_parts(&mut self, text: &str) -> Result<(), Fault> {
        if self.has_more_than_date() {
            return Err(Fault::Format);
        }
        let parts = parts(text)?;
        for part in &parts {
            if part.starts_with(|letter: char| letter.is_ascii_digit()) {
                continue;
            }
            match meaning(part) {
                Some(Word::Ignored) => {}
                Some(Word::Month(month)) => {
                    self.set_month(month)?;
                    self.month_is_word = true;
                }
                _ => return Err(Fault::Format),
            }
        }
        for part in &parts {
            if part.starts_with(|letter: char| letter.is_ascii_digit()) {
                // A part behind a whole date would be a time, which cannot stand here.
                if self.has_date() || part.contains('.') {
                    return Err(Fault::Format);
                }
                self.take_field(part)?;
            }
        }
        if self.has_date() && self.clock.is_none() { Ok(()) } else { Err(Fault::Format) }
    }

    /// A number whose meaning follows from what is there already, in the order month, day, year.
    fn take_field(&mut self, text: &str) -> Result<(), Fault> {
        if let Some((whole, _)) = text.split_once('.') {
            return if whole.len() > 2 { self.take_time_run(text) } else { Err(Fault::Format) };
        }
        let value = digits(text)?;
        let length = text.len();
        if length == 3
            && self.has_year()
            && !self.has_month()
            && !self.has_day()
            && (1..=366).contains(&value)
        {
            self.day_of_year = Some(value);
            return Ok(());
        }
        match (self.has_year(), self.has_month(), self.has_day()) {
            (false, false, false) if length >= 3 => self.set_year(value, length),
            (false, false, false) => self.set_month(value),
            (true, false, false) | (false, false, true) => self.set_month(value),
            (false, true, false) if self.month_is_word && length >= 3 => {
                self.set_year(value, length)
            }
            (false, true, false) => self.set_day(value),
            (true, true, false) if self.month_is_word && length >= 3 && self.short_year => {
                // What was taken for the year, as 08 of 08-Jan-1999, was the day.
                self.day = self.year.replace(value);
                self.short_year = false;
                Ok(())
            }
            (true, true, false) => self.set_day(value),
            (false, true, true) => self.set_year(value, length),
            (true, true, true) => self.take_run(text),
            (true, false, true) => Err(Fault::Format),
        }
    }

    /// Digits run together: `20011225`, or `040506.789` where there is a date already.
    pub(super) fn take_run(&mut self, text: &str) -> Result<(), Fault> {
        let date_is_open = !self.has_date() && self.kind != Kind::Time;
        if text.contains('.') || !date_is_open {
            return self.take_time_run(text);
        }
        if text.len() < 6 {
            return self.take_time_run(text);
        }
        let (rest, day) = text.split_at_checked(text.len() - 2).ok_or(Fault::Format)?;
        let (year, month) = rest.split_at_checked(rest.len() - 2).ok_or(Fault::Format)?;
        self.set_year(digits(year)?, year.len())?;
        self.set_month(digits(month)?)?;
        self.set_day(digits(day)?)
    }

    /// `hhmm`, `hhmmss` or `hhmmss.fff`.
    fn take_time_run(&mut self, text: &str) -> Result<(), Fault> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let pair = |place: usize| whole.get(place..place + 2).ok_or(Fault::Format).and_then(digits);
        let second = match whole.len() {
            4 => 0,
            6 => pair(4)?,
            _ => return Err(Fault::Format),
        };
        self.set_clock(Clock {
            hour: pair(0)?,
            minute: pair(2)?,
            second,
            micros: fraction_micros(fraction)?,
        })
    }

    /// The number of a Julian day, with the time as its fraction.
    fn take_julian(&mut self, text: &str) -> Result<(), Fault> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        self.set_special(Day::Date(digits(whole)? - JULIAN_EPOCH))?;
        if fraction.is_empty() {
            return Ok(());
        }
        let part: f64 = format!("0.{fraction}").parse().map_err(|_| Fault::Format)?;
        let micros = (part * DAY as f64).round_ties_even() as i64;
        self.set_clock(Clock { micros, ..Clock::default() })
    }
}

/// The runs of digits or of letters in a date.
fn parts(text: &str) -> Result<Vec<&str>, Fault> {
    let mut parts = Vec::with_capacity(3);
    let mut rest = text;
    while !rest.is_empty() && parts.len() < PARTS_MAX {
        rest = rest.trim_start_matches(|letter: char| !letter.is_ascii_alphanumeric());
        let first = rest.chars().next().ok_or(Fault::Format)?;
        let end = rest
            .find(|letter: char| {
                letter.is_ascii_digit() != first.is_ascii_digit() || !letter.is_ascii_alphanumeric()
            })
            .unwrap_or(rest.len());
        let (part, after) = rest.split_at_checked(end).ok_or(Fault::Format)?;
        parts.push(part);
        // The separator itself is not looked at.
        let mut letters = after.chars();
        letters.next();
        rest = letters.as_str();
    }
    Ok(parts)
}
