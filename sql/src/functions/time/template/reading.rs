//! What a template read, field by field, with the timestamp that it makes.
use engine::{Error, Result};

use super::super::civil::Civil;
use super::super::parts::iso_year_start;
use super::field::Field;
use crate::functions::kernel::Timestamp;
use crate::types::Zone;
use crate::types::calendar::{DAY, HOUR, MINUTE, SECOND, date_of, days_in_month, days_of, is_leap};

/// Days from the beginning of the Julian period to 1970-01-01.
const JULIAN_OF_1970: i64 = 2_440_588;

/// The fields that a text gave; the same field twice must say the same.
#[derive(Debug, Default)]
pub(super) struct Reading {
    fields: Vec<(Field, i64)>,
    /// Digits of the year that were asked for.
    year_digits: usize,
    pub(super) afternoon: Option<bool>,
    pub(super) before_christ: bool,
    pub(super) zone_hour: Option<i64>,
    pub(super) zone_negative: bool,
    /// Microseconds below the second.
    fraction: i64,
}

/// Whether a field belongs to weeks of ISO, or to the Gregorian calendar; None to both.
fn is_iso(field: Field) -> Option<bool> {
    match field {
        Field::IsoYear(_) | Field::IsoWeek | Field::IsoDayOfWeek | Field::IsoDayOfYear => {
            Some(true)
        }
        Field::Year(_)
        | Field::YearWithComma
        | Field::Month
        | Field::DayOfMonth
        | Field::DayOfYear
        | Field::DayOfWeek
        | Field::WeekOfYear
        | Field::WeekOfMonth
        | Field::Century
        | Field::Quarter => Some(false),
        _ => None,
    }
}

impl Reading {
    fn get(&self, field: Field) -> Option<i64> {
        self.fields.iter().find(|(known, _)| *known == field).map(|(_, value)| *value)
    }

    /// Sets a field.
    pub(super) fn set(&mut self, field: Field, value: i64) -> Result<()> {
        let mixed = |(known, _): &(Field, i64)| {
            is_iso(*known).zip(is_iso(field)).is_some_and(|(one, other)| one != other)
        };
        if self.fields.iter().any(mixed) {
            return Err(Error::data("22007", "invalid combination of date conventions").with_hint(
                "Do not mix Gregorian and ISO week date conventions in a formatting template.",
            ));
        }
        match self.get(field) {
            Some(known) if known != value => {
                let message =
                    format!("conflicting values for \"{field:?}\" field in formatting string");
                Err(Error::data("22007", message).with_detail(
                    "This value contradicts a previous setting for the same field type.",
                ))
            }
            Some(_) => Ok(()),
            None => {
                self.fields.push((field, value));
                Ok(())
            }
        }
    }

    /// Sets the year, of which so many digits were asked for.
    pub(super) fn set_year(&mut self, field: Field, value: i64, digits: usize) -> Result<()> {
        self.year_digits = digits;
        match field {
            Field::IsoYear(_) => self.set(Field::IsoYear(4), value),
            _ => self.set(Field::Year(4), value),
        }
    }

    /// Sets a numeric field that was written with so many digits.
    pub(super) fn set_number(&mut self, field: Field, value: i64, digits: usize) -> Result<()> {
        let scaled = |most: usize| value * 10_i64.pow(most.saturating_sub(digits) as u32);
        match field {
            Field::Millisecond => self.fraction += scaled(3) * 1000,
            Field::Microsecond => self.fraction += scaled(6),
            Field::Fraction(_) => self.fraction += scaled(6),
            Field::Hour12 => {
                self.afternoon.get_or_insert(false);
                return self.set(Field::Hour12, value);
            }
            Field::Quarter => {}
            _ => return self.set(field, value),
        }
        Ok(())
    }

    /// The year, counted astronomically.
    fn year(&self) -> i64 {
        let year = match (self.get(Field::Year(4)), self.get(Field::Century)) {
            (Some(year), Some(century)) if self.year_digits <= 2 => {
                // Of the year's last digits in a century that ends with its number.
                let last = year % 100;
                match (last, century) {
                    (0, century @ 0..) => century * 100,
                    (last, century @ 0..) => (century - 1) * 100 + last,
                    (last, century) => (century + 1) * 100 - last + 1,
                }
            }
            (Some(year), _) => match self.before_christ || year < 0 {
                true if year < 0 && self.before_christ => return year.abs(),
                true => return 1 - year.abs(),
                false => year,
            },
            (None, Some(century)) => match century {
                0.. => (century - 1) * 100 + 1,
                _ => century * 100 + 1,
            },
            (None, None) => 0,
        };
        match self.before_christ && year > 0 {
            true => 1 - year,
            false => year,
        }
    }

    /// The day, from whichever fields say it.
    fn day(&self) -> Result<Option<(i64, i64, i64)>> {
        if let Some(julian) = self.get(Field::JulianDay) {
            return Ok(Some(date_of(julian - JULIAN_OF_1970)));
        }
        if let Some(year) = self.get(Field::IsoYear(4)).or(self.iso_without_year()) {
            let start = iso_year_start(if self.before_christ { 1 - year } else { year });
            let day = match (self.get(Field::IsoWeek), self.get(Field::IsoDayOfYear)) {
                (Some(week), _) => {
                    let day = self.get(Field::IsoDayOfWeek).unwrap_or(1);
                    start + (week - 1) * 7 + day - 1
                }
                (None, Some(day)) => start + day - 1,
                (None, None) => return Ok(None),
            };
            return Ok(Some(date_of(day)));
        }
        let year = self.year();
        let given = (self.get(Field::Month), self.get(Field::DayOfMonth));
        if let (Some(week), (None, None)) = (self.get(Field::WeekOfYear), given) {
            return Ok(Some(date_of(days_of(year, 1, 1) + (week - 1) * 7)));
        }
        if let (Some(day), (None, _) | (_, None)) = (self.get(Field::DayOfYear), given) {
            if self.get(Field::Year(4)).is_none() && self.get(Field::Century).is_none() {
                let message = "cannot calculate day of year without year information";
                return Err(Error::data("22007", message));
            }
            let length = if is_leap(year) { 366 } else { 365 };
            return Ok((1..=length).contains(&day).then(|| date_of(days_of(year, 1, 1) + day - 1)));
        }
        let month = given.0.unwrap_or(1);
        let day = match (given.1, self.get(Field::WeekOfMonth)) {
            (Some(day), _) => day,
            (None, Some(week)) => (week - 1) * 7 + 1,
            (None, None) => 1,
        };
        let within = (1..=12).contains(&month) && day >= 1 && day <= days_in_month(year, month);
        Ok(within.then_some((year, month, day)))
    }

    /// Fields of an ISO week without a year are of the year 0.
    fn iso_without_year(&self) -> Option<i64> {
        let some = self.get(Field::IsoWeek).or(self.get(Field::IsoDayOfYear));
        some.map(|_| 0)
    }

    /// Microseconds since midnight; None if there is no such time.
    fn time(&self) -> Result<Option<i64>> {
        if let Some(second) = self.get(Field::SecondsOfDay) {
            let within = (0..DAY / SECOND).contains(&second);
            return Ok(within.then_some(second * SECOND + self.fraction));
        }
        let hour = match self.get(Field::Hour12) {
            Some(hour) if !(1..=12).contains(&hour) => {
                let message = format!("hour \"{hour}\" is invalid for the 12-hour clock");
                return Err(Error::data("22007", message)
                    .with_hint("Use the 24-hour clock, or give an hour between 1 and 12."));
            }
            Some(hour) => hour % 12 + if self.afternoon == Some(true) { 12 } else { 0 },
            None => match (self.get(Field::Hour24), self.afternoon) {
                (Some(hour), Some(true)) if hour < 12 => hour + 12,
                (Some(12), Some(false)) => 0,
                (hour, _) => hour.unwrap_or(0),
            },
        };
        let minute = self.get(Field::Minute).unwrap_or(0);
        let second = self.get(Field::Second).unwrap_or(0);
        let within =
            (0..24).contains(&hour) && (0..60).contains(&minute) && (0..60).contains(&second);
        Ok(within.then_some(hour * HOUR + minute * MINUTE + second * SECOND + self.fraction))
    }

    /// The date and time.
    pub(super) fn civil(&self, text: &str) -> Result<Civil> {
        let wrong =
            || Error::data("22008", format!("date/time field value out of range: \"{text}\""));
        let (year, month, day) = self.day()?.ok_or_else(wrong)?;
        let micros = self.time()?.ok_or_else(wrong)?;
        Ok(Civil { year, month, day, micros })
    }

    /// The moment, in the zone that the text names or else in the session's.
    pub(super) fn timestamp(&self, text: &str, zone: &Zone) -> Result<Timestamp> {
        let local = self.civil(text)?.timestamp()?;
        let Some(hours) = self.zone_hour else { return local.to_utc(zone) };
        let minutes = self.get(Field::ZoneMinute).unwrap_or(0);
        let east = (hours * 60 + minutes) * 60;
        let east = if self.zone_negative { -east } else { east };
        let seconds = i32::try_from(east).unwrap_or(0);
        local.to_utc(&Zone::Fixed(seconds))
    }
}
