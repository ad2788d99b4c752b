//! `power`, `pow` and `^` of floats.
use engine::{Error, Result};

use crate::functions::Overload;
use crate::functions::kernel::{map2, overload};
use crate::functions::operator::float::{overflow, underflow};

fn power(base: f64, exponent: f64) -> Result<f64> {
    let undefined = |message: &str| Err(Error::data("2201F", message));
    if base == 0.0 && exponent < 0.0 {
        return undefined("zero raised to a negative power is undefined");
    }
    if base < 0.0 && exponent.is_finite() && exponent.fract() != 0.0 {
        return undefined(
            "a negative number raised to a non-integer power yields a complex result",
        );
    }
    // C's rules for infinities and NaN are PostgreSQL's.
    let result = base.powf(exponent);
    match base.is_finite() && exponent.is_finite() {
        true if result.is_infinite() => Err(overflow()),
        true if result == 0.0 && base != 0.0 => Err(underflow()),
        _ => Ok(result),
    }
}

/// The overloads of `power`, `pow` and `^`.
pub(super) fn overloads() -> Vec<Overload> {
    macro_rules! power {
        ($name:literal) => {
            overload!($name, [Float8, Float8] -> Float8, |arguments| map2(arguments, power))
        };
    }
    vec![power!("power"), power!("pow"), power!("^")]
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::{check, check_errors};

    #[test]
    fn cases() {
        check(&[
            ("power(9, 3)", "729"),
            ("2 ^ 10", "1024"),
            ("2 ^ 3 ^ 2", "64"),
            ("pow(2, 0.5::float8)", "1.4142135623730951"),
            ("power(-8, 3)", "-512"),
            ("power('NaN'::float8, 0)", "1"),
            ("power(1, 'NaN'::float8)", "1"),
            ("power('Infinity'::float8, -1)", "0"),
            ("power(0.5::float8, 'Infinity'::float8)", "0"),
            ("power(-1, 'Infinity'::float8)", "1"),
            ("power(0, 0)", "1"),
        ]);
        check_errors(&[
            ("power(0, -1)", "2201F zero raised to a negative power is undefined"),
            (
                "power(-1, 0.5::float8)",
                "2201F a negative number raised to a non-integer power yields a complex result",
            ),
            ("power(10, 400)", "22003 value out of range: overflow"),
            ("power(10, -400)", "22003 value out of range: underflow"),
        ]);
    }
}
