//! `to_char`: timestamps or intervals written by a template.
use engine::{Error, Result};

use super::super::parts::{iso_year, shown_year};
use super::field::{Case, Field};
use super::moment::Moment;
use super::names::{DAYS, MONTHS, NAME_WIDTH, ROMAN, SHORT, ordinal};
use super::pattern::{LastPattern, Named, Pattern, Piece};
use crate::functions::Overload;
use crate::functions::kernel::{Interval, Timestamp, map2, overload};

/// Days from the beginning of the Julian period to 1970-01-01.
const JULIAN_OF_1970: i64 = 2_440_588;

/// The error of a field that only dates have.
fn no_date() -> Error {
    Error::data("22007", "invalid format specification for an interval value")
        .with_hint("Intervals are not tied to specific calendar dates.")
}

/// `moment` as the pattern says.
fn written(pattern: &Pattern, moment: &Moment) -> Result<String> {
    let mut out = String::new();
    for piece in &pattern.pieces {
        match piece {
            Piece::Blank(one) | Piece::Separator(one) | Piece::Text(one) => out.push(*one),
            Piece::Field(named) => write(named, moment, &mut out)?,
        }
    }
    Ok(out)
}

fn write(named: &Named, moment: &Moment, out: &mut String) -> Result<()> {
    match named.field.is_number() {
        false => word(named, moment, out),
        true => {
            let Some((number, width)) = number(named.field, moment)? else { return Ok(()) };
            let start = out.len();
            match named.field {
                Field::YearWithComma => {
                    out.push_str(&format!("{},{:03}", number / 1000, number % 1000));
                }
                Field::ZoneHour => {
                    let sign = if number < 0 { '-' } else { '+' };
                    out.push_str(&format!("{sign}{:02}", number.abs()));
                }
                // Fractions are filled always.
                Field::Millisecond | Field::Microsecond | Field::Fraction(_) => {
                    out.push_str(&format!("{number:0width$}"));
                }
                _ if named.bare => out.push_str(&number.to_string()),
                _ => {
                    let width = width + usize::from(number < 0 && signed(named.field));
                    out.push_str(&format!("{number:0width$}"));
                }
            }
            if let Some(case) = named.ordinal {
                let suffix = ordinal(out.get(start..).unwrap_or(""));
                out.push_str(&cased(suffix, case));
            }
            Ok(())
        }
    }
}

/// Whether a sign has room of its own, beside the digits.
fn signed(field: Field) -> bool {
    use Field::{Century, Hour12, Hour24, Minute, Month, Second, Year};
    matches!(field, Hour12 | Hour24 | Minute | Second | Month | Century | Year(_))
}

/// A numeric field and its digits; None where nothing is written.
fn number(field: Field, moment: &Moment) -> Result<Option<(i64, usize)>> {
    let days = || moment.days.ok_or_else(no_date);
    let iso = || Ok::<_, Error>(iso_year(moment.days.unwrap_or(0)));
    Ok(Some(match field {
        Field::Hour12 => match moment.hour % 12 {
            0 => (12, 2),
            hour => (hour, 2),
        },
        Field::Hour24 => (moment.hour, 2),
        Field::Minute => (moment.minute, 2),
        Field::Second => (moment.second, 2),
        Field::Fraction(digits) => (moment.micros / 10_i64.pow(6 - digits.min(6)), digits as usize),
        Field::Millisecond => (moment.micros / 1000, 3),
        Field::Microsecond => (moment.micros, 6),
        Field::SecondsOfDay => (moment.second_of_day(), 1),
        Field::Month => (moment.month, 2),
        Field::DayOfYear => (moment.day_of_year(), 3),
        Field::DayOfMonth => (moment.day, 2),
        Field::DayOfWeek => (moment.weekday().ok_or_else(no_date)? + 1, 1),
        Field::IsoDayOfWeek => ((days()? + 3).rem_euclid(7) + 1, 1),
        Field::IsoDayOfYear => (days()? - iso()?.1 + 1, 3),
        Field::WeekOfYear => ((moment.day_of_year() - 1) / 7 + 1, 2),
        Field::IsoWeek => ((days()? - iso()?.1) / 7 + 1, 2),
        Field::WeekOfMonth => ((moment.day - 1) / 7 + 1, 1),
        Field::Quarter if moment.month == 0 => return Ok(None),
        Field::Quarter => ((moment.month - 1) / 3 + 1, 1),
        Field::Century => (century(moment), 2),
        Field::Year(digits) => (moment.shown_year() % last(digits), digits),
        Field::YearWithComma => (moment.shown_year(), 1),
        Field::IsoYear(digits) => {
            let year = match moment.is_interval() {
                true => moment.year,
                false => shown_year(iso()?.0).abs(),
            };
            (year % last(digits), digits)
        }
        Field::JulianDay => (days()? + JULIAN_OF_1970, 1),
        Field::ZoneHour => (zone(moment)? / 3600, 2),
        Field::ZoneMinute => (zone(moment)?.abs() / 60 % 60, 2),
        _ => return Ok(None),
    }))
}

/// The power of ten that leaves so many digits; all of a year of four.
fn last(digits: usize) -> i64 {
    match digits {
        1 => 10,
        2 => 100,
        3 => 1000,
        _ => i64::MAX,
    }
}

fn century(moment: &Moment) -> i64 {
    match moment.year {
        year if moment.is_interval() => year / 100,
        year @ 1.. => (year - 1) / 100 + 1,
        year => year / 100 - 1,
    }
}

fn zone(moment: &Moment) -> Result<i64> {
    match moment.is_interval() {
        true => Err(no_date()),
        false => Ok(moment.zone.as_ref().map_or(0, |(offset, _)| *offset)),
    }
}

/// A field that is a word.
fn word(named: &Named, moment: &Moment, out: &mut String) -> Result<()> {
    let of_name = |name: &str, full: bool, out: &mut String| {
        let shown = if full { name } else { name.get(..SHORT).unwrap_or(name) };
        let width = if full && !named.bare { NAME_WIDTH } else { 0 };
        out.push_str(&format!("{:<width$}", cased(shown, named.case)));
    };
    match named.field {
        Field::Meridiem { points } => {
            let word = match (moment.is_afternoon(), points) {
                (true, true) => "P.M.",
                (true, false) => "PM",
                (false, true) => "A.M.",
                (false, false) => "AM",
            };
            out.push_str(&cased(word, named.case));
        }
        Field::Era { points } => {
            if moment.is_interval() {
                return Err(no_date());
            }
            let word = match (moment.year <= 0, points) {
                (true, true) => "B.C.",
                (true, false) => "BC",
                (false, true) => "A.D.",
                (false, false) => "AD",
            };
            out.push_str(&cased(word, named.case));
        }
        Field::DayName { full } => {
            let place = moment.weekday().ok_or_else(no_date)?;
            of_name(pick(&DAYS, place), full, out);
        }
        Field::MonthName { full } => {
            if moment.is_interval() {
                return Err(no_date());
            }
            of_name(pick(&MONTHS, moment.month - 1), full, out);
        }
        Field::RomanMonth => {
            if moment.month == 0 && moment.year == 0 {
                return Ok(());
            }
            let roman = pick(&ROMAN, (moment.month - 1).rem_euclid(12));
            let width = if named.bare { 0 } else { 4 };
            out.push_str(&format!("{:<width$}", cased(roman, named.case)));
        }
        Field::ZoneName => {
            if moment.is_interval() {
                return Err(no_date());
            }
            let name = moment.zone.as_ref().map_or("", |(_, name)| name.as_str());
            let case = if named.case == Case::Lower { Case::Lower } else { Case::Title };
            out.push_str(&cased(name, case));
        }
        Field::ZoneOffset => {
            let offset = zone(moment)?;
            let sign = if offset < 0 { '-' } else { '+' };
            let hours = offset.abs() / 3600;
            match named.bare {
                true => out.push_str(&format!("{sign}{hours}")),
                false => out.push_str(&format!("{sign}{hours:02}")),
            }
            if offset.abs() / 60 % 60 != 0 {
                out.push_str(&format!(":{:02}", offset.abs() / 60 % 60));
            }
        }
        _ => {}
    }
    Ok(())
}

fn pick<'a>(names: &[&'a str], place: i64) -> &'a str {
    usize::try_from(place).ok().and_then(|place| names.get(place)).copied().unwrap_or("")
}

fn cased(word: &str, case: Case) -> String {
    match case {
        Case::Upper => word.to_uppercase(),
        Case::Lower => word.to_lowercase(),
        Case::Title => word.to_owned(),
    }
}

/// The overloads of `to_char` of times.
pub(super) fn overloads() -> Vec<Overload> {
    vec![
        overload!("to_char", [Timestamp, Text] -> Text, |arguments| {
            let mut last = LastPattern::default();
            map2(arguments, |local: Timestamp, template: &str| {
                match local.is_finite() && !template.is_empty() {
                    true => written(last.of(template), &Moment::of_timestamp(local, None)).map(Some),
                    false => Ok(None),
                }
            })
        }),
        overload!("to_char", [TimestampTz, Text] -> Text, |arguments| {
            let zone = arguments.zone();
            let mut last = LastPattern::default();
            map2(arguments, |moment: Timestamp, template: &str| {
                match moment.is_finite() && !template.is_empty() {
                    true => written(last.of(template), &Moment::in_zone(moment, &zone)?).map(Some),
                    false => Ok(None),
                }
            })
        }, zoned: true),
        overload!("to_char", [Interval, Text] -> Text, |arguments| {
            let mut last = LastPattern::default();
            map2(arguments, |interval: Interval, template: &str| match template.is_empty() {
                true => Ok(None),
                false => written(last.of(template), &Moment::of_interval(interval)).map(Some),
            })
        }),
    ]
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::{check, check_errors};

    #[test]
    fn timestamps() {
        check(&[
            (
                "to_char('2024-03-05 14:07:09.123456'::timestamp, 'YYYY-MM-DD HH24:MI:SS.MS US FF3')",
                "2024-03-05 14:07:09.123 123456 123",
            ),
            (
                "to_char('2024-03-05'::timestamp, 'FMDay, FMDD FMMonth YYYY')",
                "Tuesday, 5 March 2024",
            ),
            (
                "to_char('2024-03-05'::timestamp, 'Day|Month|DY|Mon|mon|MONTH|dy')",
                "Tuesday  |March    |TUE|Mar|mar|MARCH    |tue",
            ),
            (
                "to_char('2024-03-05 14:07:09'::timestamp, '\"quoted\" HH12 AM p.m. Q WW IW IYYY')",
                "quoted 02 PM p.m. 1 10 10 2024",
            ),
            (
                "to_char('2024-03-05 14:07:09'::timestamp, 'IDDD ID D DDD J CC W RM| rm| SSSS')",
                "065 2 3 065 2460375 21 1 III | iii | 50829",
            ),
            (
                "to_char('2024-03-05'::timestamp, 'Y,YYY YYY YY Y TZ OF IYY IY I')",
                "2,024 024 24 4  +00 024 24 4",
            ),
            ("to_char('2024-03-01'::timestamp, 'DDth DDTH FMDDth MMth')", "01st 01ST 1st 03rd"),
            (
                "to_char('0044-01-01 BC'::timestamp, 'YYYY BC AD b.c. YY CC')",
                "0044 BC BC b.c. 44 -01",
            ),
            (
                "to_char('2024-03-05 14:07:09+00'::timestamptz, 'TZ tz OF TZH:TZM')",
                "UTC utc +00 +00:00",
            ),
            ("to_char('2024-01-01 00:00'::timestamp, 'HH HH12 FMHH24 am')", "12 12 0 am"),
            ("to_char('infinity'::timestamp, 'YYYY')", "NULL"),
            ("to_char('2024-01-01'::timestamp, '')", "NULL"),
            ("to_char('2024-01-01'::timestamp, 'xYYYYy zz')", "x20244 zz"),
            ("to_char('2024-01-01'::timestamp, 'TMMonth|')", "January|"),
            ("to_char('12024-01-01'::timestamp, 'YYYY Y,YYY')", "12024 12,024"),
            ("to_char('2005-01-01'::timestamp, 'IYYY-IW-ID')", "2004-53-6"),
            ("to_char('2024-03-05'::timestamp, 'YYYY\"T\"MM\\\"DD')", "2024T03\"05"),
        ]);
    }

    #[test]
    fn intervals() {
        check(&[
            (
                "to_char('1 year 2 mons 3 days 28:05:06.7'::interval, 'YYYY MM DD HH24:MI:SS MS HH')",
                "0001 02 03 28:05:06 700 04",
            ),
            ("to_char('1 year 2 mons 3 days'::interval, 'DDD Y CC Q W')", "423 1 00 1 1"),
            ("to_char('-1 days -02:00'::interval, 'DD HH24:MI')", "-1 -02:00"),
            ("to_char('15:02:12'::interval, 'HH24:MI:SS')", "15:02:12"),
        ]);
        check_errors(&[
            (
                "to_char('1 day'::interval, 'MON')",
                "22007 invalid format specification for an interval value",
            ),
            (
                "to_char('1 day'::interval, 'DY')",
                "22007 invalid format specification for an interval value",
            ),
        ]);
    }
}
