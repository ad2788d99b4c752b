//! The parts of a date or timestamp, as integers of some scale.
use super::civil::Civil;
use super::unit::Unit;
use crate::types::calendar::{DAY, HOUR, MINUTE, SECOND, days_of};

/// Days from the beginning of the Julian period to 1970-01-01.
const JULIAN_OF_1970: i64 = 2_440_588;

/// A number with digits behind the point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part {
    /// The number times ten to the power of the scale.
    pub(super) value: i128,
    /// Digits behind the point.
    pub(super) scale: u32,
}

impl Part {
    /// A whole number.
    pub(super) fn whole(value: i64) -> Self {
        Self { value: value.into(), scale: 0 }
    }

    /// The nearest float.
    pub(super) fn float(self) -> f64 {
        self.value as f64 / 10_f64.powi(self.scale as i32)
    }
}

/// The day of the week from Sunday, 0.
pub(super) fn day_of_week(days: i64) -> i64 {
    (days + 4).rem_euclid(7)
}

/// The Monday of the week that holds the day.
pub(super) fn monday(days: i64) -> i64 {
    days - (days + 3).rem_euclid(7)
}

/// The ISO year of the day, and the Monday with which it begins.
pub(super) fn iso_year(days: i64) -> (i64, i64) {
    let thursday = monday(days) + 3;
    let (year, ..) = crate::types::calendar::date_of(thursday);
    (year, iso_year_start(year))
}

/// The Monday with which an ISO year begins: that of the week with January 4th.
pub(super) fn iso_year_start(year: i64) -> i64 {
    monday(days_of(year, 1, 4))
}

/// A year as calendars number it: there is no year 0.
pub(super) fn shown_year(year: i64) -> i64 {
    if year > 0 { year } else { year - 1 }
}

/// The number of a period of `years` years, the first beginning with year 1.
pub(super) fn period(year: i64, years: i64) -> i64 {
    match year > 0 {
        true => (year + years - 1) / years,
        false => -((years - 1 - (year - 1)) / years),
    }
}

/// A part of a time of day.
pub(super) fn of_time(unit: Unit, micros: i64) -> Option<Part> {
    let second = micros.rem_euclid(MINUTE);
    Some(match unit {
        Unit::Microsecond => Part::whole(second),
        Unit::Millisecond => Part { value: second.into(), scale: 3 },
        Unit::Second => Part { value: second.into(), scale: 6 },
        Unit::Minute => Part::whole(micros / MINUTE % 60),
        Unit::Hour => Part::whole(micros / HOUR),
        Unit::Epoch => Part { value: micros.into(), scale: 6 },
        _ => return None,
    })
}

/// A part of a date. The epoch is that of its first moment, the Julian day that of all of it.
pub(super) fn of_date(unit: Unit, civil: Civil) -> Option<Part> {
    let days = days_of(civil.year, civil.month, civil.day);
    Some(Part::whole(match unit {
        Unit::Day => civil.day,
        Unit::Week => {
            let (_, start) = iso_year(days);
            (days - start) / 7 + 1
        }
        Unit::Month => civil.month,
        Unit::Quarter => (civil.month - 1) / 3 + 1,
        Unit::Year => shown_year(civil.year),
        Unit::Decade => civil.year.div_euclid(10),
        Unit::Century => period(civil.year, 100),
        Unit::Millennium => period(civil.year, 1000),
        Unit::Julian => days + JULIAN_OF_1970,
        Unit::IsoYear => shown_year(iso_year(days).0),
        Unit::DayOfWeek => day_of_week(days),
        Unit::IsoDayOfWeek => (day_of_week(days) + 6) % 7 + 1,
        Unit::DayOfYear => days - days_of(civil.year, 1, 1) + 1,
        Unit::Epoch => days * (DAY / SECOND),
        _ => return None,
    }))
}
