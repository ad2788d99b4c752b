//! The fields that an interval is declared with, as in `INTERVAL '90' MINUTE`.
use arrow::datatypes::IntervalMonthDayNano;

use super::{Plain, Unit, interval};
use crate::Result;
use crate::types::calendar::{HOUR, MINUTE};

/// A field of `INTERVAL '…' first TO last`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum IntervalField {
    /// Years.
    Year,
    /// Months.
    Month,
    /// Days.
    Day,
    /// Hours.
    Hour,
    /// Minutes.
    Minute,
    /// Seconds.
    Second,
}

/// Reads the text of `INTERVAL '…' first TO last`; of one field, `first` is `last`.
///
/// A number without unit counts in `last`, and what is smaller than `last` is cut off.
///
/// # Errors
/// 22007 if the text is no interval, 22008 or 22015 if a part of it is out of range.
pub fn parse_interval(
    text: &str,
    first: IntervalField,
    last: IntervalField,
) -> Result<IntervalMonthDayNano> {
    let unit = match last {
        IntervalField::Year => Unit::Year,
        IntervalField::Month => Unit::Month,
        IntervalField::Day => Unit::Day,
        IntervalField::Hour => Unit::Hour,
        IntervalField::Minute => Unit::Minute,
        IntervalField::Second => Unit::Second,
    };
    let clock_of_minutes = (first, last) == (IntervalField::Minute, IntervalField::Second);
    let value = interval(text, Plain { unit, clock_of_minutes })?;
    Ok(cut(value, last))
}

fn cut(value: IntervalMonthDayNano, last: IntervalField) -> IntervalMonthDayNano {
    let IntervalMonthDayNano { months, days, nanoseconds } = value;
    let until = |micros: i64| nanoseconds - nanoseconds % (micros * 1_000);
    match last {
        IntervalField::Year => IntervalMonthDayNano::new(months - months % 12, 0, 0),
        IntervalField::Month => IntervalMonthDayNano::new(months, 0, 0),
        IntervalField::Day => IntervalMonthDayNano::new(months, days, 0),
        IntervalField::Hour => IntervalMonthDayNano::new(months, days, until(HOUR)),
        IntervalField::Minute => IntervalMonthDayNano::new(months, days, until(MINUTE)),
        IntervalField::Second => value,
    }
}

#[cfg(test)]
mod tests {
    use super::IntervalField::{Day, Hour, Minute, Month, Second, Year};
    use super::*;
    use crate::types::output::interval::write_interval;

    #[test]
    fn fields_are_those_of_postgresql() {
        let cases = [
            ("90", Minute, Minute, "01:30:00"),
            ("1", Year, Year, "1 year"),
            ("1-2", Year, Month, "1 year 2 mons"),
            ("1 2:03", Day, Minute, "1 day 02:03:00"),
            ("2:03", Minute, Second, "00:02:03"),
            ("1 day 2:03:04", Hour, Hour, "1 day 02:00:00"),
            ("1 2", Day, Hour, "1 day 02:00:00"),
            ("10", Second, Second, "00:00:10"),
            ("1.5", Minute, Minute, "00:01:00"),
            ("2:03", Hour, Minute, "02:03:00"),
            ("14", Month, Month, "1 year 2 mons"),
            ("14 months", Year, Year, "1 year"),
            ("1 2:03:04.5", Day, Second, "1 day 02:03:04.5"),
            ("1 day 2:03:04", Day, Day, "1 day"),
            ("-90", Second, Second, "-00:01:30"),
            ("2:03:04", Minute, Second, "02:03:04"),
            ("2:03", Day, Second, "02:03:00"),
            ("100", Hour, Hour, "100:00:00"),
            ("1 year 2 months", Month, Month, "1 year 2 mons"),
            ("2:03.5", Minute, Second, "00:02:03.5"),
            ("-2:03", Minute, Second, "-00:02:03"),
        ];
        for (text, first, last, expected) in cases {
            let value = parse_interval(text, first, last).expect("an interval");
            let mut out = Vec::new();
            write_interval(value, &mut out);
            assert_eq!(String::from_utf8_lossy(&out), expected, "{text}");
        }
    }
}
