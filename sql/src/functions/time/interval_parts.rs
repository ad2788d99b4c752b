//! The parts of an interval.
use super::parts::{Part, of_time};
use super::unit::Unit;
use crate::functions::kernel::Interval;
use crate::types::calendar::{DAY, HOUR, MINUTE};

/// Seconds of a year of 365.25 days, times four so that it is whole.
const QUARTER_YEARS_SECONDS: i128 = 1461 * 86_400;

/// A part of an interval, if it has such a part.
pub(super) fn of_interval(unit: Unit, of: Interval) -> Option<Part> {
    let (years, months) = (i64::from(of.months / 12), i64::from(of.months % 12));
    Some(match unit {
        Unit::Millennium => Part::whole(years / 1000),
        Unit::Century => Part::whole(years / 100),
        Unit::Decade => Part::whole(years / 10),
        Unit::Year => Part::whole(years),
        Unit::Quarter => Part::whole(months / 3 + 1),
        Unit::Month => Part::whole(months),
        Unit::Day => Part::whole(of.days.into()),
        Unit::Hour => Part::whole(of.micros / HOUR),
        Unit::Minute => Part::whole(of.micros % HOUR / MINUTE),
        Unit::Microsecond | Unit::Millisecond | Unit::Second => {
            let seconds = of_time(unit, (of.micros % MINUTE).abs())?;
            match of.micros < 0 {
                true => Part { value: -seconds.value, ..seconds },
                false => seconds,
            }
        }
        Unit::Epoch => {
            // A year counts 365.25 days here, a month 30.
            let years = i128::from(years) * (QUARTER_YEARS_SECONDS * 1_000_000 / 4);
            let days = i128::from(months) * 30 + i128::from(of.days);
            Part { value: years + days * i128::from(DAY) + i128::from(of.micros), scale: 6 }
        }
        _ => return None,
    })
}
