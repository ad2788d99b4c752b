//! `round`, `trunc`, `ceil` and `floor`.
//!
//! Numerics round halves away from zero, floats to the even neighbour. With places a numeric
//! keeps as many digits behind the point as a literal says; where the places vary by row
//! it keeps those it had, zeros at the end.
use arrow::array::ArrayRef;
use datafusion::common::ScalarValue;
use datafusion::logical_expr::{Expr, Volatility};
use engine::Result;

use crate::functions::Overload;
use crate::functions::kernel::{
    Arguments, Definition, Fallible, call, call_as, map1, map2, overload,
};
use crate::functions::operator::numeric_value::{
    Digits, Rounding, checked, out_of_range, power_of_ten, rescaled, shortened,
};
use crate::types::{NUMERIC_PRECISION_MAX, Type};

/// The type of a numeric of `types` without digits behind the point.
fn whole(types: &[Type]) -> crate::Result<Type> {
    let digits = Digits::of(types.first().unwrap_or(&Type::BareNumeric));
    Ok(Digits { whole: digits.whole + 1, scale: 0, bare: false }.to_type())
}

fn to_whole(arguments: &Arguments<'_>, rounding: Rounding) -> Result<ArrayRef> {
    let places = arguments.scale(0) - arguments.result_scale();
    match places {
        // A negative scale has no digits behind the point.
        ..0 => map1(arguments, |value: i128| rescaled(value, places, 0)),
        _ => map1(arguments, |value: i128| checked(shortened(value, places, rounding))),
    }
}

/// `value` of `from` digits behind the point, rounded at the digit `places`, with `to` digits.
fn at_place(value: i128, from: i32, to: i32, places: i32, rounding: Rounding) -> Result<i128> {
    let kept = places.clamp(-NUMERIC_DIGITS, NUMERIC_DIGITS);
    if kept >= from {
        return rescaled(value, from, to);
    }
    let short = shortened(value, from - kept, rounding);
    let rounded = match short {
        0 => return Ok(0),
        _ => power_of_ten(to - kept).and_then(|unit| short.checked_mul(unit)),
    };
    checked(rounded.ok_or_else(out_of_range)?)
}

const NUMERIC_DIGITS: i32 = NUMERIC_PRECISION_MAX as i32;

fn to_places(arguments: &Arguments<'_>, rounding: Rounding) -> Result<ArrayRef> {
    let (from, to) = (arguments.scale(0), arguments.result_scale());
    map2(arguments, |value: i128, places: i32| at_place(value, from, to, places.min(to), rounding))
}

/// A literal number of places decides the type; varying ones leave it as it is.
fn build_places(
    definition: &'static Definition,
    arguments: Vec<Expr>,
    types: &[Type],
) -> crate::Result<Expr> {
    let Some(Expr::Literal(ScalarValue::Int32(Some(places)), _)) = arguments.get(1) else {
        return call(definition, arguments, types);
    };
    let digits = Digits::of(types.first().unwrap_or(&Type::BareNumeric));
    let scale = (*places).clamp(0, NUMERIC_DIGITS - digits.whole.clamp(0, NUMERIC_DIGITS - 1));
    let result = Digits { whole: digits.whole + 1, scale, bare: false }.to_type();
    Ok(call_as(definition, arguments, types, result))
}

fn with_places(
    definition: &'static Definition,
    build: fn(Vec<Expr>, &[Type]) -> crate::Result<Expr>,
) -> Overload {
    Overload {
        name: definition.name,
        arguments: vec![Type::BareNumeric, Type::Int4],
        variadic: false,
        result: definition.result,
        fallible: true,
        volatility: Volatility::Immutable,
        build,
    }
}

static ROUND: Definition = Definition {
    fallible: Fallible::Unless(places_fit),
    ..Definition::new("round", grown, |arguments| to_places(arguments, Rounding::Nearest))
};

static TRUNC: Definition = Definition {
    fallible: Fallible::Unless(places_fit),
    ..Definition::new("trunc", grown, |arguments| to_places(arguments, Rounding::Truncate))
};

/// Room for a carry.
fn grown(types: &[Type]) -> crate::Result<Type> {
    let digits = Digits::of(types.first().unwrap_or(&Type::BareNumeric));
    Ok(Digits { whole: digits.whole + 1, ..digits }.to_type())
}

/// Whether the rounded number always has room.
fn whole_fits(_: &[Expr], types: &[Type]) -> bool {
    let digits = Digits::of(types.first().unwrap_or(&Type::BareNumeric));
    digits.whole < NUMERIC_DIGITS
}

/// Whether the number rounded to a literal number of places always has room.
fn places_fit(arguments: &[Expr], types: &[Type]) -> bool {
    let Some(Expr::Literal(ScalarValue::Int32(Some(places)), _)) = arguments.get(1) else {
        return false;
    };
    let digits = Digits::of(types.first().unwrap_or(&Type::BareNumeric));
    digits.whole + 1 + (*places).clamp(0, NUMERIC_DIGITS) <= NUMERIC_DIGITS
}

/// The overloads of `round`, `trunc`, `ceil`, `ceiling` and `floor`.
pub(super) fn overloads() -> Vec<Overload> {
    macro_rules! both {
        ($name:literal, $rounding:ident, $float:expr) => {
            [
                overload!($name, [BareNumeric] => whole,
                    |arguments| to_whole(arguments, Rounding::$rounding),
                    fallible: Fallible::Unless(whole_fits)),
                overload!($name, [Float8] -> Float8, |arguments| map1(arguments, $float),
                    fallible: Fallible::Never),
            ]
        };
    }
    let places = vec![
        with_places(&ROUND, |arguments, types| build_places(&ROUND, arguments, types)),
        with_places(&TRUNC, |arguments, types| build_places(&TRUNC, arguments, types)),
    ];
    [
        both!("round", Nearest, f64::round_ties_even),
        both!("trunc", Truncate, f64::trunc),
        both!("ceil", Up, f64::ceil),
        both!("ceiling", Up, f64::ceil),
        both!("floor", Down, f64::floor),
    ]
    .into_iter()
    .flatten()
    .chain(places)
    .collect()
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::{check, check_types};

    #[test]
    fn numerics_round_halves_away_from_zero() {
        check(&[
            ("round(42.4382, 2)", "42.44"),
            ("round(2.5)", "3"),
            ("round(-2.5)", "-3"),
            ("round(2.45, 1)", "2.5"),
            ("round(-2.45, 1)", "-2.5"),
            ("round(1234.56, -2)", "1200"),
            ("round(1250.00, -2)", "1300"),
            ("round(50.0, -2)", "100"),
            ("round(49.9, -2)", "0"),
            ("round(5.0, -1)", "10"),
            ("round(9.99, 1)", "10.0"),
            ("round(1.5, 3)", "1.500"),
            ("round(42, 2)", "42.00"),
            ("round(NULL::numeric, 2)", "NULL"),
            ("trunc(42.4382, 2)", "42.43"),
            ("trunc(-42.8)", "-42"),
            ("trunc(1299.9, -2)", "1200"),
            ("ceil(-42.8)", "-42"),
            ("ceil(42.2)", "43"),
            ("ceiling(42.0)", "42"),
            ("floor(-42.8)", "-43"),
            ("floor(42.8)", "42"),
        ]);
    }

    #[test]
    fn floats_round_to_the_even_neighbour() {
        check(&[
            ("round(2.5::float8)", "2"),
            ("round(3.5::float8)", "4"),
            ("round(-0.5::float8)", "-0"),
            ("trunc(-42.8::float8)", "-42"),
            ("ceil(42.2::float8)", "43"),
            ("floor(-42.8::float8)", "-43"),
            ("round(5)", "5"),
        ]);
        check_types(&[("round(5)", "double precision"), ("ceil(5)", "double precision")]);
    }
}
