//! A text read by a template: `to_timestamp`, `to_date`.
use engine::Result;

use super::super::civil::finite_date;
use super::pattern::LastPattern;
use super::reader::read;
use crate::functions::Overload;
use crate::functions::kernel::{Date, Timestamp, map2, overload};
use crate::types::calendar::days_of;

/// The overloads of these functions.
pub(super) fn overloads() -> Vec<Overload> {
    vec![
        overload!("to_timestamp", [Text, Text] -> TimestampTz, |arguments| {
            let zone = arguments.zone();
            let mut last = LastPattern::default();
            map2(arguments, |text: &str, template: &str| -> Result<Timestamp> {
                read(last.of(template), text)?.timestamp(text, &zone)
            })
        }, zoned: true),
        overload!("to_date", [Text, Text] -> Date, |arguments| {
            let mut last = LastPattern::default();
            map2(arguments, |text: &str, template: &str| -> Result<Date> {
                let civil = read(last.of(template), text)?.civil(text)?;
                finite_date(days_of(civil.year, civil.month, civil.day))
            })
        }),
    ]
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::{check, check_errors};

    #[test]
    fn cases() {
        check(&[
            ("to_timestamp('05 Dec 2000', 'DD Mon YYYY')", "2000-12-05 00:00:00+00"),
            ("to_date('2024-03-05', 'YYYY-MM-DD')", "2024-03-05"),
            (
                "to_timestamp('2024-03-05 14:07:09.123', 'YYYY-MM-DD HH24:MI:SS.MS')",
                "2024-03-05 14:07:09.123+00",
            ),
            ("to_timestamp('20240305140709', 'YYYYMMDDHH24MISS')", "2024-03-05 14:07:09+00"),
            ("to_timestamp('12:00', 'HH24:MI')", "0001-01-01 12:00:00+00 BC"),
            ("to_date('24', 'YY')", "2024-01-01"),
            ("to_date('95', 'YY')", "1995-01-01"),
            ("to_date('1,999', 'Y,YYY')", "1999-01-01"),
            ("to_date('2024 65', 'YYYY DDD')", "2024-03-05"),
            ("to_date('2024-10-2', 'IYYY-IW-ID')", "2024-03-05"),
            ("to_date('2460375', 'J')", "2024-03-05"),
            ("to_timestamp('2:05 PM', 'HH12:MI AM')", "0001-01-01 14:05:00+00 BC"),
            ("to_timestamp('12 am', 'HH am')", "0001-01-01 00:00:00+00 BC"),
            ("to_date('March 5, 2024', 'FMMonth DD, YYYY')", "2024-03-05"),
            (
                "to_timestamp('2024-03-05 14:07:09+02', 'YYYY-MM-DD HH24:MI:SSTZH')",
                "2024-03-05 12:07:09+00",
            ),
            ("to_date('20', 'YYYY')", "0020-01-01"),
            ("to_date('202', 'YYY')", "2202-01-01"),
            ("to_date('0001-01-01 BC', 'YYYY-MM-DD BC')", "0001-01-01 BC"),
            ("to_date('21 5', 'CC YY')", "2005-01-01"),
            ("to_date('2024-3', 'YYYY-Q')", "2024-01-01"),
            ("to_date(' 2024   03', 'YYYY MM')", "2024-03-01"),
            ("to_date('2024/03', 'YYYY-MM')", "2024-03-01"),
            ("to_date('2024', 'YYYY-MM')", "2024-01-01"),
            ("to_date('2024WW10', 'YYYY\"WW\"WW')", "2024-03-04"),
            ("to_timestamp('50829', 'SSSS')", "0001-01-01 14:07:09+00 BC"),
            ("to_date('2024 1 2', 'YYYY D DD')", "2024-01-02"),
            ("to_date('III 2024', 'RM YYYY')", "2024-03-01"),
            ("to_date('Tuesday 05 2024', 'Day DD YYYY')", "2024-01-05"),
            ("to_timestamp('1.5', 'SS.MS')", "0001-01-01 00:00:01.5+00 BC"),
            ("to_timestamp('1.25', 'SS.US')", "0001-01-01 00:00:01.25+00 BC"),
            ("to_timestamp('1.12', 'SS.FF3')", "0001-01-01 00:00:01.12+00 BC"),
            ("to_date('', 'YYYY')", "0001-01-01 BC"),
            ("to_date('-2024-01-02', 'YYYY-MM-DD')", "2024-01-02 BC"),
            ("to_date('2024 2024', 'YYYY YYY')", "2024-01-01"),
        ]);
    }

    #[test]
    fn what_does_not_fit_is_an_error() {
        check_errors(&[
            (
                "to_date('2024-13-01', 'YYYY-MM-DD')",
                "22008 date/time field value out of range: \"2024-13-01\"",
            ),
            (
                "to_date('2024-02-30', 'YYYY-MM-DD')",
                "22008 date/time field value out of range: \"2024-02-30\"",
            ),
            (
                "to_timestamp('25:00', 'HH24:MI')",
                "22008 date/time field value out of range: \"25:00\"",
            ),
            (
                "to_timestamp('2024-03-05 24:00:00', 'YYYY-MM-DD HH24:MI:SS')",
                "22008 date/time field value out of range: \"2024-03-05 24:00:00\"",
            ),
            (
                "to_timestamp('13:00 PM', 'HH12:MI AM')",
                "22007 hour \"13\" is invalid for the 12-hour clock",
            ),
            ("to_date('abc', 'YYYY')", "22007 invalid value \"abc\" for \"YYYY\""),
            ("to_date('2024-xx', 'YYYY-MM')", "22007 invalid value \"xx\" for \"MM\""),
            ("to_date('Foo 2024', 'Mon YYYY')", "22007 invalid value \"Foo\" for \"Mon\""),
            (
                "to_timestamp('2024 TZ', 'YYYY TZ')",
                "0A000 formatting field \"TZ\" is only supported in to_char",
            ),
            ("to_date('2024 10 3', 'YYYY IW DD')", "22007 invalid combination of date conventions"),
        ]);
    }
}
