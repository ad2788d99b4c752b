//! `extract`, whose result is a numeric, and `date_part`, whose result is a float.
//!
//! `EXTRACT(unit FROM x)` is called as `extract('unit', x)`. Its literal unit decides how many
//! digits there are behind the point, as PostgreSQL shows them; a unit that varies by row gives a
//! bare numeric. Of an infinity the parts that come round are null, and the others infinite: a
//! numeric cannot be, which is an error.
use arrow::array::ArrayRef;
use datafusion::common::ScalarValue;
use datafusion::logical_expr::{Expr, Volatility};
use engine::{Error, Result};

use super::civil::Civil;
use super::interval_parts::of_interval;
use super::parts::{Part, of_date, of_time};
use super::unit::{LastUnit, Unit, unsupported};
use crate::functions::Overload;
use crate::functions::kernel::{
    Arguments, Date, Definition, Fallible, Interval, Outcome, Read, Time, Timestamp, call, call_as,
    map2,
};
use crate::functions::operator::numeric_value::{power_of_ten, rescaled};
use crate::types::calendar::{DAY, HOUR, MINUTE, SECOND};
use crate::types::{Type, Zone};

/// What is known of a part of a value.
enum Found {
    Part(Part),
    /// This infinity: 1 or -1.
    Infinite(i8),
    Null,
}

/// A part of a timestamp, whose zone is `offset` microseconds east of UTC if it has one.
fn of_timestamp(unit: Unit, local: Timestamp, offset: Option<i64>) -> Option<Found> {
    if !local.is_finite() {
        return infinite(unit, local.0 > 0, offset.is_some());
    }
    let zone = |value: i64| offset.map(|_| Part::whole(value));
    let east = offset.unwrap_or(0);
    let civil = Civil::of(local);
    let part = match unit {
        Unit::Zone => zone(east / SECOND)?,
        Unit::ZoneHour => zone(east / HOUR)?,
        Unit::ZoneMinute => zone(east % HOUR / MINUTE)?,
        Unit::Epoch => Part { value: i128::from(local.0) - i128::from(east), scale: 6 },
        Unit::Julian => {
            let day = of_date(unit, civil)?.value * i128::from(DAY) + i128::from(civil.micros);
            // PostgreSQL divides as numerics do, to 16 significant digits and more.
            let scale = JULIAN_SCALE;
            let unit = power_of_ten(scale as i32)?;
            Part { value: (day * unit + i128::from(DAY / 2)) / i128::from(DAY), scale }
        }
        _ => match of_date(unit, civil) {
            Some(part) => part,
            None => of_time(unit, civil.micros)?,
        },
    };
    Some(Found::Part(part))
}

/// Digits behind the point of a Julian day with a time.
const JULIAN_SCALE: u32 = 16;

/// Parts that grow without end are infinite, those that come round are null.
fn infinite(unit: Unit, positive: bool, zoned: bool) -> Option<Found> {
    match unit {
        Unit::Year
        | Unit::Decade
        | Unit::Century
        | Unit::Millennium
        | Unit::Julian
        | Unit::IsoYear
        | Unit::Epoch => Some(Found::Infinite(if positive { 1 } else { -1 })),
        Unit::Zone | Unit::ZoneHour | Unit::ZoneMinute if !zoned => None,
        _ => Some(Found::Null),
    }
}

fn of_day(unit: Unit, date: Date) -> Option<Found> {
    let midnight_only = matches!(
        unit,
        Unit::Microsecond | Unit::Millisecond | Unit::Second | Unit::Minute | Unit::Hour
    );
    match date.is_finite() {
        _ if midnight_only => None,
        true => of_date(unit, Civil::of_date(date)).map(Found::Part),
        false => infinite(unit, date.0 > 0, false),
    }
}

/// Finds a part of each row's value, and hands it to `result`.
fn each<'a, T: Read<'a>, O: Outcome>(
    arguments: &'a Arguments<'_>,
    find: impl Fn(Unit, T) -> Result<Option<Found>>,
    result: impl Fn(Found) -> O,
) -> Result<ArrayRef>
where
    Result<Option<O::Value>>: Outcome<Value = O::Value>,
{
    let of = arguments.kind(1).to_string();
    let mut last = LastUnit::default();
    map2(arguments, |name: &str, value: T| -> Result<Option<O::Value>> {
        let unit = last.of(name, &of)?;
        match find(unit, value)? {
            Some(found) => result(found).outcome(),
            None => Err(unsupported(name, &of)),
        }
    })
}

/// The same for the type of the second argument.
fn parts<O: Outcome>(arguments: &Arguments<'_>, result: impl Fn(Found) -> O) -> Result<ArrayRef>
where
    Result<Option<O::Value>>: Outcome<Value = O::Value>,
{
    match arguments.kind(1) {
        Type::Date => each(arguments, |unit, date| Ok(of_day(unit, date)), result),
        Type::Time => {
            each(arguments, |unit, time: Time| Ok(of_time(unit, time.0).map(Found::Part)), result)
        }
        Type::Interval => each(
            arguments,
            |unit, interval: Interval| Ok(of_interval(unit, interval).map(Found::Part)),
            result,
        ),
        Type::TimestampTz => {
            let zone: Zone = arguments.zone();
            each(
                arguments,
                |unit, moment: Timestamp| {
                    let offset = if moment.is_finite() { moment.offset(&zone) } else { 0 };
                    Ok(of_timestamp(unit, moment.to_local(&zone)?, Some(offset)))
                },
                result,
            )
        }
        _ => each(arguments, |unit, local| Ok(of_timestamp(unit, local, None)), result),
    }
}

fn extract(arguments: &Arguments<'_>) -> Result<ArrayRef> {
    let scale = arguments.result_scale();
    parts(arguments, |found| match found {
        Found::Part(part) => rescaled(part.value, part.scale as i32, scale).map(Some),
        Found::Null => Ok(None),
        Found::Infinite(_) => Err(Error::data("22003", "a numeric cannot be infinite")
            .with_hint("Use date_part, whose result is double precision.")),
    })
}

fn date_part(arguments: &Arguments<'_>) -> Result<ArrayRef> {
    parts(arguments, |found| match found {
        Found::Part(part) => Some(part.float()),
        Found::Null => None,
        Found::Infinite(sign) => Some(f64::INFINITY.copysign(sign.into())),
    })
}

/// The digits of a part of a value of the type `of`.
fn digits(unit: Unit, of: &Type) -> Type {
    match (unit, of) {
        (Unit::Second, _) => Type::Numeric(8, 6),
        (Unit::Millisecond, _) => Type::Numeric(8, 3),
        (Unit::Epoch, Type::Date) => Type::Numeric(20, 0),
        (Unit::Epoch, _) => Type::Numeric(26, 6),
        (Unit::Julian, Type::Date) => Type::Numeric(10, 0),
        (Unit::Julian, _) => Type::Numeric(26, JULIAN_SCALE as i8),
        _ => Type::Numeric(10, 0),
    }
}

fn literal_unit(arguments: &[Expr], of: &Type) -> Option<Unit> {
    match arguments.first()? {
        Expr::Literal(ScalarValue::Utf8(Some(name)), _) => Unit::parse(name, &of.to_string()).ok(),
        _ => None,
    }
}

static EXTRACT: Definition = Definition {
    zoned: true,
    fallible: Fallible::Unless(unit_is_harmless),
    ..Definition::new("extract", |_| Ok(Type::BareNumeric), extract)
};

static DATE_PART: Definition = Definition {
    zoned: true,
    fallible: Fallible::Unless(part_is_harmless),
    ..Definition::new("date_part", |_| Ok(Type::Float8), date_part)
};

/// A literal unit that every value of the type has, be it infinite.
fn part_is_harmless(arguments: &[Expr], types: &[Type]) -> bool {
    let Some(of) = types.get(1) else { return false };
    let Some(unit) = literal_unit(arguments, of) else { return false };
    let midnight = Date(0);
    match of {
        Type::Date => of_day(unit, midnight).is_some(),
        Type::Time => of_time(unit, 0).is_some(),
        Type::Timestamp => of_timestamp(unit, Timestamp(0), None).is_some(),
        Type::Interval => of_interval(unit, Interval { months: 0, days: 0, micros: 0 }).is_some(),
        // The last moments have no local time in zones to the east.
        _ => false,
    }
}

/// The same of `extract`, which fails on infinities.
fn unit_is_harmless(arguments: &[Expr], types: &[Type]) -> bool {
    let of = types.get(1).unwrap_or(&Type::Unknown);
    let bounded = literal_unit(arguments, of)
        .is_some_and(|unit| matches!(infinite(unit, true, true), Some(Found::Null)));
    let finite = matches!(of, Type::Time | Type::Interval);
    part_is_harmless(arguments, types) && (bounded || finite)
}

fn build_extract(arguments: Vec<Expr>, types: &[Type]) -> crate::Result<Expr> {
    let of = types.get(1).unwrap_or(&Type::Unknown);
    match literal_unit(&arguments, of) {
        Some(unit) => Ok(call_as(&EXTRACT, arguments, types, digits(unit, of))),
        None => call(&EXTRACT, arguments, types),
    }
}

/// The overloads of `extract` and `date_part`.
pub(super) fn overloads() -> Vec<Overload> {
    let kinds = [Type::Date, Type::Time, Type::Timestamp, Type::TimestampTz, Type::Interval];
    let overload = |definition: &'static Definition, kind: &Type, build| Overload {
        name: definition.name,
        arguments: vec![Type::Text, kind.clone()],
        variadic: false,
        result: definition.result,
        fallible: true,
        volatility: Volatility::Immutable,
        build,
    };
    kinds
        .iter()
        .flat_map(|kind| {
            [
                overload(&EXTRACT, kind, build_extract),
                overload(&DATE_PART, kind, |arguments, types| call(&DATE_PART, arguments, types)),
            ]
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::{check, check_errors};

    #[test]
    fn parts_of_timestamps() {
        check(&[
            ("extract('second', '2001-02-16 20:38:40.5'::timestamp)", "40.500000"),
            ("extract('milliseconds', '2001-02-16 20:38:40.5'::timestamp)", "40500.000"),
            ("extract('microseconds', '2001-02-16 20:38:40.5'::timestamp)", "40500000"),
            ("extract('minute', '2001-02-16 20:38:40'::timestamp)", "38"),
            ("extract('hour', '2001-02-16 20:38:40'::timestamp)", "20"),
            ("extract('day', '2001-02-16 20:38:40'::timestamp)", "16"),
            ("extract('week', '2006-01-01'::timestamp)", "52"),
            ("extract('isoyear', '2006-01-01'::timestamp)", "2005"),
            ("extract('isoyear', '2006-01-02'::timestamp)", "2006"),
            ("extract('month', '2001-02-16'::timestamp)", "2"),
            ("extract('quarter', '2001-02-16'::timestamp)", "1"),
            ("extract('year', '2001-02-16'::timestamp)", "2001"),
            ("extract('year', '0044-03-15 BC'::timestamp)", "-44"),
            ("extract('decade', '2001-02-16'::timestamp)", "200"),
            ("extract('century', '2000-12-31'::timestamp)", "20"),
            ("extract('century', '2001-01-01'::timestamp)", "21"),
            ("extract('century', '0001-12-31 BC'::timestamp)", "-1"),
            ("extract('millennium', '2001-02-16'::timestamp)", "3"),
            ("extract('dow', '2001-02-16'::timestamp)", "5"),
            ("extract('isodow', '2001-02-18'::timestamp)", "7"),
            ("extract('doy', '2001-02-16'::timestamp)", "47"),
            ("extract('epoch', '2001-02-16 20:38:40.12'::timestamp)", "982355920.120000"),
            ("extract('EPOCH', '2001-02-16 20:38:40.12+00'::timestamptz)", "982355920.120000"),
            ("extract('timezone', '2001-02-16'::timestamptz)", "0"),
            ("extract('julian', '2006-01-01'::date)", "2453737"),
            ("extract('epoch', '1970-01-02'::date)", "86400"),
            ("extract('day', 'infinity'::timestamp)", "NULL"),
            ("date_part('year', 'infinity'::timestamp)", "Infinity"),
            ("date_part('epoch', '-infinity'::timestamptz)", "-Infinity"),
            ("date_part('second', '2001-02-16 20:38:40.5'::timestamp)", "40.5"),
            ("date_part('hour', '17:30'::time)", "17"),
            ("extract('epoch', '17:30:01.5'::time)", "63001.500000"),
        ]);
    }

    #[test]
    fn parts_of_intervals() {
        check(&[
            ("extract('hour', '4 hours 3 minutes'::interval)", "4"),
            ("extract('minute', '-4 hours -3 minutes'::interval)", "-3"),
            ("extract('second', '-1.5 seconds'::interval)", "-1.500000"),
            ("extract('month', '2 years 3 months'::interval)", "3"),
            ("extract('year', '-14 mons'::interval)", "-1"),
            ("extract('quarter', '8 mons'::interval)", "3"),
            ("extract('day', '40 days 1 minute'::interval)", "40"),
            ("extract('epoch', '5 days 3 hours'::interval)", "442800.000000"),
            ("extract('epoch', '1 year 1 mon'::interval)", "34149600.000000"),
            ("extract('epoch', '-1 year'::interval)", "-31557600.000000"),
        ]);
    }

    #[test]
    fn unknown_units_are_errors() {
        check_errors(&[
            (
                "extract('foo', '2001-02-16'::timestamp)",
                "22023 unit \"foo\" not recognized for type timestamp without time zone",
            ),
            (
                "extract('hour', '2001-02-16'::date)",
                "0A000 unit \"hour\" not supported for type date",
            ),
            (
                "extract('day', '17:30'::time)",
                "0A000 unit \"day\" not supported for type time without time zone",
            ),
            (
                "extract('week', '1 day'::interval)",
                "0A000 unit \"week\" not supported for type interval",
            ),
            (
                "extract('timezone', '2001-02-16'::timestamp)",
                "0A000 unit \"timezone\" not supported for type timestamp without time zone",
            ),
        ]);
    }
}
