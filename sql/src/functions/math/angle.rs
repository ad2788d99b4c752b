//! Trigonometry, in radians; `degrees`, `radians` and `pi`.
use engine::Result;

use super::error::out_of_domain;
use crate::functions::Overload;
use crate::functions::kernel::{Fallible, map0, map1, map2, overload};
use crate::functions::operator::float::{double, overflow};

/// PostgreSQL's, with which both directions are computed.
const RADIANS_PER_DEGREE: f64 = 0.017_453_292_519_943_295;

fn finite(value: f64, function: fn(f64) -> f64) -> Result<f64> {
    match value.is_infinite() {
        true => Err(out_of_domain()),
        false => Ok(function(value)),
    }
}

fn within_one(value: f64, function: fn(f64) -> f64) -> Result<f64> {
    match !(-1.0..=1.0).contains(&value) && !value.is_nan() {
        true => Err(out_of_domain()),
        false => Ok(function(value)),
    }
}

fn cotangent(value: f64) -> Result<f64> {
    let tangent = finite(value, f64::tan)?;
    Ok(1.0 / tangent)
}

fn inverse_hyperbolic_cosine(value: f64) -> Result<f64> {
    match value < 1.0 {
        true => Err(out_of_domain()),
        false => Ok(value.acosh()),
    }
}

fn inverse_hyperbolic_tangent(value: f64) -> Result<f64> {
    match value {
        -1.0 => Ok(f64::NEG_INFINITY),
        1.0 => Ok(f64::INFINITY),
        _ => within_one(value, f64::atanh),
    }
}

/// The overloads of these functions.
pub(super) fn overloads() -> Vec<Overload> {
    macro_rules! total {
        ($name:literal, $function:expr) => {
            overload!($name, [Float8] -> Float8, |arguments| map1(arguments, $function),
                fallible: Fallible::Never)
        };
    }
    macro_rules! partial {
        ($name:literal, $function:expr) => {
            overload!($name, [Float8] -> Float8, |arguments| map1(arguments, $function))
        };
    }
    vec![
        partial!("sin", |value| finite(value, f64::sin)),
        partial!("cos", |value| finite(value, f64::cos)),
        partial!("tan", |value| finite(value, f64::tan)),
        partial!("cot", cotangent),
        partial!("asin", |value| within_one(value, f64::asin)),
        partial!("acos", |value| within_one(value, f64::acos)),
        total!("atan", f64::atan),
        overload!("atan2", [Float8, Float8] -> Float8,
            |arguments| map2(arguments, f64::atan2), fallible: Fallible::Never),
        total!("sinh", f64::sinh),
        total!("cosh", f64::cosh),
        total!("tanh", f64::tanh),
        total!("asinh", f64::asinh),
        partial!("acosh", inverse_hyperbolic_cosine),
        partial!("atanh", inverse_hyperbolic_tangent),
        partial!("degrees", |value: f64| match value / RADIANS_PER_DEGREE {
            result if result.is_infinite() && value.is_finite() => Err(overflow()),
            result => Ok(result),
        }),
        partial!("radians", |value| double::multiply(value, RADIANS_PER_DEGREE)),
        overload!("pi", [] -> Float8, |arguments| map0(arguments, || std::f64::consts::PI),
            fallible: Fallible::Never),
    ]
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::{check, check_errors};

    #[test]
    fn cases() {
        check(&[
            ("sin(1)", "0.8414709848078965"),
            ("cos(1)", "0.5403023058681398"),
            ("tan(1)", "1.5574077246549023"),
            ("cot(1)", "0.6420926159343306"),
            ("asin(0.5)", "0.5235987755982989"),
            ("acos(0.5)", "1.0471975511965979"),
            ("atan(1)", "0.7853981633974483"),
            ("atan2(1, -1)", "2.356194490192345"),
            ("sinh(1)", "1.1752011936438014"),
            ("cosh(1)", "1.5430806348152437"),
            ("tanh(1)", "0.7615941559557649"),
            ("asinh(1)", "0.881373587019543"),
            ("acosh(2)", "1.3169578969248166"),
            ("atanh(0.5)", "0.5493061443340548"),
            ("atanh(1)", "Infinity"),
            ("degrees(0.5)", "28.64788975654116"),
            ("radians(45)", "0.7853981633974483"),
            ("pi()", "3.141592653589793"),
            ("sin('NaN'::float8)", "NaN"),
            ("atan('Infinity'::float8)", "1.5707963267948966"),
        ]);
        check_errors(&[
            ("sin('Infinity'::float8)", "22003 input is out of range"),
            ("asin(2)", "22003 input is out of range"),
            ("acos(-1.5)", "22003 input is out of range"),
            ("acosh(0.5)", "22003 input is out of range"),
            ("atanh(2)", "22003 input is out of range"),
            ("degrees('1e308'::float8)", "22003 value out of range: overflow"),
        ]);
    }
}
