//! Float arithmetic: IEEE's, but a finite result is never silently lost.
//!
//! As in PostgreSQL: an infinity from finite operands is an overflow, a zero from operands that
//! are not zero an underflow, a divisor of zero an error (also of infinities; not of NaN).
use engine::{Error, Result};

use super::integer::division_by_zero;
use crate::functions::Overload;
use crate::functions::kernel::{Fallible, map1, map2, overload};

/// The error of an infinity that no operand has.
pub(crate) fn overflow() -> Error {
    Error::data("22003", "value out of range: overflow")
}

/// The error of a zero that no operand has.
pub(crate) fn underflow() -> Error {
    Error::data("22003", "value out of range: underflow")
}

macro_rules! floats {
    ($($module:ident, $native:ty;)*) => {$(
        pub(crate) mod $module {
            //! Checked operations of one width.
            use super::{Result, division_by_zero, overflow, underflow};

            pub(crate) fn add(a: $native, b: $native) -> Result<$native> {
                finite(a + b, a, b)
            }

            pub(crate) fn subtract(a: $native, b: $native) -> Result<$native> {
                finite(a - b, a, b)
            }

            pub(crate) fn multiply(a: $native, b: $native) -> Result<$native> {
                let result = a * b;
                if result == 0.0 && a != 0.0 && b != 0.0 {
                    return Err(underflow());
                }
                finite(result, a, b)
            }

            pub(crate) fn divide(a: $native, b: $native) -> Result<$native> {
                if b == 0.0 && !a.is_nan() {
                    return Err(division_by_zero());
                }
                let result = a / b;
                if result == 0.0 && a != 0.0 && !b.is_infinite() {
                    return Err(underflow());
                }
                if result.is_infinite() && !a.is_infinite() {
                    return Err(overflow());
                }
                Ok(result)
            }

            fn finite(result: $native, a: $native, b: $native) -> Result<$native> {
                match result.is_infinite() && !a.is_infinite() && !b.is_infinite() {
                    true => Err(overflow()),
                    false => Ok(result),
                }
            }
        }
    )*};
}

floats! {
    single, f32;
    double, f64;
}

macro_rules! operators {
    ($overloads:ident; $($symbol:literal, $operation:ident;)*) => {$(
        $overloads.push(overload!($symbol, [Float8, Float8] -> Float8,
            |arguments| map2(arguments, double::$operation)));
        $overloads.push(overload!($symbol, [Float4, Float4] -> Float4,
            |arguments| map2(arguments, single::$operation)));
        $overloads.push(overload!($symbol, [Float4, Float8] -> Float8,
            |arguments| map2(arguments, |a: f32, b: f64| double::$operation(f64::from(a), b))));
        $overloads.push(overload!($symbol, [Float8, Float4] -> Float8,
            |arguments| map2(arguments, |a: f64, b: f32| double::$operation(a, f64::from(b)))));
    )*};
}

/// Overloads of `+ - * /`, unary `+ -` and `@` over floats, of mixed width too.
pub(super) fn overloads() -> Vec<Overload> {
    let mut overloads = vec![
        overload!("-", [Float4] -> Float4, |arguments| map1(arguments, |a: f32| -a),
            fallible: Fallible::Never),
        overload!("-", [Float8] -> Float8, |arguments| map1(arguments, |a: f64| -a),
            fallible: Fallible::Never),
        overload!("+", [Float4] -> Float4, |arguments| map1(arguments, |a: f32| a),
            fallible: Fallible::Never),
        overload!("+", [Float8] -> Float8, |arguments| map1(arguments, |a: f64| a),
            fallible: Fallible::Never),
        overload!("@", [Float4] -> Float4, |arguments| map1(arguments, f32::abs),
            fallible: Fallible::Never),
        overload!("@", [Float8] -> Float8, |arguments| map1(arguments, f64::abs),
            fallible: Fallible::Never),
        overload!("abs", [Float4] -> Float4, |arguments| map1(arguments, f32::abs),
            fallible: Fallible::Never),
        overload!("abs", [Float8] -> Float8, |arguments| map1(arguments, f64::abs),
            fallible: Fallible::Never),
    ];
    operators! { overloads;
        "+", add;
        "-", subtract;
        "*", multiply;
        "/", divide;
    }
    overloads
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::{check, check_errors};

    #[test]
    fn floats_are_ieee() {
        check(&[
            ("0.1::float8 + 0.2::float8", "0.30000000000000004"),
            ("1::float8 / 3::float8", "0.3333333333333333"),
            ("0.1::float4 + 0.2::float8", "0.30000000149011613"),
            ("'Infinity'::float8 + 1::float8", "Infinity"),
            ("'Infinity'::float8 - 'Infinity'::float8", "NaN"),
            ("'NaN'::float8 / 0::float8", "NaN"),
            ("1::float8 / 'Infinity'::float8", "0"),
            ("0::float8 * 'Infinity'::float8", "NaN"),
            ("- 0::float8", "-0"),
            ("abs(-1.5::float8)", "1.5"),
            ("@ (-1.5)::float4", "1.5"),
            ("1.5::float4 * 2::float4", "3"),
        ]);
    }

    #[test]
    fn a_lost_result_is_an_error() {
        check_errors(&[
            ("'1e308'::float8 * 10::float8", "22003 value out of range: overflow"),
            ("'1e308'::float8 + '1e308'::float8", "22003 value out of range: overflow"),
            ("'1e-300'::float8 * '1e-300'::float8", "22003 value out of range: underflow"),
            ("'1e-300'::float8 / '1e300'::float8", "22003 value out of range: underflow"),
            ("'1e300'::float8 / '1e-300'::float8", "22003 value out of range: overflow"),
            ("'3e38'::float4 * 10::float4", "22003 value out of range: overflow"),
            ("1::float8 / 0::float8", "22012 division by zero"),
            ("'Infinity'::float8 / 0::float8", "22012 division by zero"),
        ]);
    }
}
