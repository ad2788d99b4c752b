//! A time of day, or the time part of an interval, written with colons.
use super::reading::Fault;
use crate::types::calendar::{DAY, HOUR, MINUTE, SECOND};

/// Hours, minutes, seconds and their fraction as written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Clock {
    pub(crate) hour: i64,
    pub(crate) minute: i64,
    pub(crate) second: i64,
    pub(crate) micros: i64,
}

impl Clock {
    /// All of it in microseconds; none if an i64 does not hold them.
    pub(crate) fn total(&self) -> Option<i64> {
        self.hour
            .checked_mul(HOUR)?
            .checked_add(self.minute * MINUTE + self.second * SECOND + self.micros)
    }

    /// Whether a day has such a time; 24:00:00 is one.
    pub(crate) fn is_of_a_day(&self) -> bool {
        self.hour >= 0 && self.hour <= 24 && self.total().is_some_and(|total| total <= DAY)
    }
}

/// Reads `hh:mm`, `hh:mm:ss` and `hh:mm:ss.fff`; `mm:ss.fff` has no hours.
pub(crate) fn read_clock(text: &str) -> Result<Clock, Fault> {
    let (first, rest) = text.split_once(':').ok_or(Fault::Format)?;
    let (first, second) = (digits(first)?, rest);
    let (clock, fraction) = match second.split_once([':', '.']) {
        None => (Clock { hour: first, minute: digits_or_none(second)?, ..Clock::default() }, ""),
        Some((middle, last)) if second.as_bytes().get(middle.len()) == Some(&b'.') => {
            let clock =
                Clock { minute: first, second: digits_or_none(middle)?, ..Clock::default() };
            (clock, last)
        }
        Some((middle, last)) => {
            let (seconds, fraction) = last.split_once('.').unwrap_or((last, ""));
            let clock = Clock {
                hour: first,
                minute: digits_or_none(middle)?,
                second: digits_or_none(seconds)?,
                micros: 0,
            };
            (clock, fraction)
        }
    };
    let clock = Clock { micros: fraction_micros(fraction)?, ..clock };
    if clock.minute > 59 || clock.second > 60 {
        return Err(Fault::Range);
    }
    Ok(clock)
}

/// The digits after a point as microseconds, rounded.
pub(crate) fn fraction_micros(digits: &str) -> Result<i64, Fault> {
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Fault::Format);
    }
    if digits.is_empty() {
        return Ok(0);
    }
    let fraction: f64 = format!("0.{digits}").parse().map_err(|_| Fault::Format)?;
    Ok((fraction * 1e6).round_ties_even() as i64)
}

/// A number of digits alone; none at all count as zero, as in `1:`.
fn digits_or_none(text: &str) -> Result<i64, Fault> {
    if text.is_empty() { Ok(0) } else { digits(text) }
}

/// A number of digits alone.
pub(crate) fn digits(text: &str) -> Result<i64, Fault> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Fault::Format);
    }
    text.parse::<i32>().map(i64::from).map_err(|_| Fault::Range)
}
