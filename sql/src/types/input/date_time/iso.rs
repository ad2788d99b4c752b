//! A date or timestamp in plain ISO form, read without cutting it into pieces.
//!
//! What is not exactly `yyyy-mm-dd[ hh:mm[:ss[.ffffff]]][Z|±hh[:mm]]` is left to the general
//! reader, which also finds the right error.
use super::reading::{Day, Kind, Place, Reading};
use crate::types::calendar::{DAY, HOUR, MINUTE, SECOND, days_in_month, days_of};

/// Digits of microseconds.
const FRACTION_DIGITS: usize = 6;

/// Reads the plain form; none for any other.
pub(super) fn read(text: &str, kind: Kind) -> Option<Reading> {
    let mut rest = text.as_bytes();
    if kind == Kind::Time {
        let time = time(&mut rest)?;
        return rest.is_empty().then_some(Reading { day: Day::Missing, time, place: None });
    }
    let year = pair(&mut rest)? * 100 + pair(&mut rest)?;
    mark(&mut rest, b'-')?;
    let month = pair(&mut rest)?;
    mark(&mut rest, b'-')?;
    let day = pair(&mut rest)?;
    if year == 0 || !(1..=12).contains(&month) || day == 0 || day > days_in_month(year, month) {
        return None;
    }
    let day = Day::Date(days_of(year, month, day));
    let [separator, after @ ..] = rest else {
        return Some(Reading { day, time: 0, place: None });
    };
    if !matches!(separator, b' ' | b'T') || kind == Kind::Date {
        return None;
    }
    rest = after;
    let time = time(&mut rest)?;
    let place = place(&mut rest)?;
    rest.is_empty().then_some(Reading { day, time, place })
}

/// Timestamps in plain ISO form, one after the other, the next mostly of the last one's day.
#[derive(Debug, Default)]
pub(crate) struct IsoDays {
    date: [u8; 10],
    days: Option<i64>,
}

impl IsoDays {
    /// Microseconds since 1970; none for what is written in any other way.
    #[inline]
    pub(crate) fn timestamp(&mut self, text: &str) -> Option<i64> {
        let (date, mut rest) = text.as_bytes().split_first_chunk()?;
        if self.days.is_none() || self.date != *date {
            let Day::Date(days) = read(text.get(..date.len())?, Kind::Date)?.day else {
                return None;
            };
            (self.date, self.days) = (*date, Some(days));
        }
        let midnight = self.days? * DAY;
        let [separator, after @ ..] = rest else { return Some(midnight) };
        rest = after;
        let time = if matches!(separator, b' ' | b'T') { time(&mut rest) } else { None }?;
        rest.is_empty().then_some(midnight + time)
    }
}

fn time(rest: &mut &[u8]) -> Option<i64> {
    let hour = pair(rest)?;
    mark(rest, b':')?;
    let minute = pair(rest)?;
    let mut second = 0;
    let mut micros = 0;
    if mark(rest, b':').is_some() {
        second = pair(rest)?;
        if mark(rest, b'.').is_some() {
            micros = fraction(rest)?;
        }
    }
    (hour < 24 && minute < 60 && second < 60)
        .then_some(hour * HOUR + minute * MINUTE + second * SECOND + micros)
}

fn fraction(rest: &mut &[u8]) -> Option<i64> {
    let count = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if count == 0 || count > FRACTION_DIGITS {
        return None;
    }
    let (digits, after) = rest.split_at_checked(count)?;
    *rest = after;
    let zeros = std::iter::repeat_n(&b'0', FRACTION_DIGITS - count);
    Some(digits.iter().chain(zeros).fold(0, |value, byte| value * 10 + i64::from(byte - b'0')))
}

/// The offset of a zone, if there is one; none if what follows is something else.
fn place(rest: &mut &[u8]) -> Option<Option<Place>> {
    if rest.is_empty() {
        return Some(None);
    }
    if mark(rest, b'Z').is_some() {
        return Some(Some(Place::Offset(0)));
    }
    let sign = if mark(rest, b'-').is_some() { -1 } else { mark(rest, b'+').map(|()| 1)? };
    let hours = pair(rest)?;
    let minutes = if mark(rest, b':').is_some() { pair(rest)? } else { 0 };
    if hours > 15 || minutes > 59 {
        return None;
    }
    let seconds = i32::try_from(hours * 3_600 + minutes * 60).ok()?;
    Some(Some(Place::Offset(sign * seconds)))
}

fn pair(rest: &mut &[u8]) -> Option<i64> {
    let [high @ b'0'..=b'9', low @ b'0'..=b'9', after @ ..] = *rest else { return None };
    *rest = after;
    Some(i64::from(high - b'0') * 10 + i64::from(low - b'0'))
}

fn mark(rest: &mut &[u8], wanted: u8) -> Option<()> {
    let (first, after) = rest.split_first()?;
    if *first != wanted {
        return None;
    }
    *rest = after;
    Some(())
}
