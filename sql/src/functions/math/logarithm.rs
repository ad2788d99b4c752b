//! `ln`, `log`, `log10` and `exp` of floats.
use engine::{Error, Result};

use super::error::proper;
use crate::functions::Overload;
use crate::functions::kernel::{map1, map2, overload};

fn logarithm(of: f64, function: fn(f64) -> f64) -> Result<f64> {
    match of {
        0.0 => Err(Error::data("2201E", "cannot take logarithm of zero")),
        _ if of < 0.0 => Err(Error::data("2201E", "cannot take logarithm of a negative number")),
        _ => Ok(function(of)),
    }
}

fn exponential(of: f64) -> Result<f64> {
    match of.is_finite() {
        true => proper(of.exp()),
        false => Ok(of.exp()),
    }
}

/// The overloads of these functions.
pub(super) fn overloads() -> Vec<Overload> {
    macro_rules! logarithm {
        ($name:literal, $function:expr) => {
            overload!($name, [Float8] -> Float8,
                |arguments| map1(arguments, |of| logarithm(of, $function)))
        };
    }
    vec![
        logarithm!("ln", f64::ln),
        logarithm!("log", f64::log10),
        logarithm!("log10", f64::log10),
        overload!("log", [Float8, Float8] -> Float8, |arguments| {
            map2(arguments, |base: f64, of: f64| {
                let base = logarithm(base, f64::ln)?;
                let quotient = logarithm(of, f64::ln)? / base;
                // The quotient of two rounded logarithms may miss a whole number by a step.
                let whole = quotient.round();
                let is_whole = (quotient - whole).abs() <= f64::EPSILON * whole.abs();
                match base == 0.0 {
                    true => Err(Error::data("22012", "division by zero")),
                    false => Ok(if is_whole { whole } else { quotient }),
                }
            })
        }),
        overload!("exp", [Float8] -> Float8, |arguments| map1(arguments, exponential)),
    ]
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::{check, check_errors};

    #[test]
    fn cases() {
        check(&[
            ("ln(2::float8)", "0.6931471805599453"),
            ("log(100::float8)", "2"),
            ("log10(1000::float8)", "3"),
            ("exp(1::float8)", "2.718281828459045"),
            ("exp('-Infinity'::float8)", "0"),
            ("ln('Infinity'::float8)", "Infinity"),
            ("ln('NaN'::float8)", "NaN"),
            ("ln(2)", "0.6931471805599453"),
            ("log(2, 8)", "3"),
            ("log(10, 2)", "0.30102999566398114"),
        ]);
        check_errors(&[
            ("ln(0::float8)", "2201E cannot take logarithm of zero"),
            ("log(-1::float8)", "2201E cannot take logarithm of a negative number"),
            ("exp(1000::float8)", "22003 value out of range: overflow"),
            ("exp(-1000::float8)", "22003 value out of range: underflow"),
        ]);
    }
}
