//! Integer arithmetic: exact, or an error.
//!
//! Addition, subtraction and multiplication compute all rows with wrapping
//! operations and look for the row that overflowed only if one did.
use std::sync::Arc;

use arrow::array::{ArrayRef, ArrowPrimitiveType, PrimitiveArray, new_null_array};
use arrow::datatypes::{Int16Type, Int32Type, Int64Type};
use datafusion::common::ScalarValue;
use datafusion::logical_expr::Expr;
use engine::{Error, Result};

use crate::functions::Overload;
use crate::functions::kernel::{Arguments, Fallible, Slice, map1, map2, overload};
use crate::types::Type;

/// An integer's arithmetic.
pub(crate) trait Integer: ArrowPrimitiveType {
    /// As PostgreSQL names it.
    const NAME: &'static str;
}

impl Integer for Int16Type {
    const NAME: &'static str = "smallint";
}

impl Integer for Int32Type {
    const NAME: &'static str = "integer";
}

impl Integer for Int64Type {
    const NAME: &'static str = "bigint";
}

/// The error of a result that does not fit.
pub(crate) fn out_of_range<T: Integer>() -> Error {
    Error::data("22003", format!("{} out of range", T::NAME))
}

/// The error of a divisor of zero.
pub(crate) fn division_by_zero() -> Error {
    Error::data("22012", "division by zero")
}

fn checked<T: Integer>(
    arguments: &Arguments<'_>,
    operation: impl Fn(T::Native, T::Native) -> (T::Native, bool),
) -> Result<ArrayRef> {
    let rows = arguments.rows();
    let (Some(left), Some(right)) = (arguments.slice::<T>(0)?, arguments.slice::<T>(1)?) else {
        return Ok(new_null_array(&T::DATA_TYPE, rows));
    };
    let mut overflow = false;
    let mut apply = |a, b| {
        let (value, over) = operation(a, b);
        overflow |= over;
        value
    };
    let values: Vec<T::Native> = match (&left, &right) {
        (Slice::Column(left), Slice::Column(right)) => {
            left.iter().zip(right.iter()).map(|(a, b)| apply(*a, *b)).collect()
        }
        (Slice::Column(left), Slice::Constant(b)) => left.iter().map(|a| apply(*a, *b)).collect(),
        (Slice::Constant(a), Slice::Column(right)) => right.iter().map(|b| apply(*a, *b)).collect(),
        (Slice::Constant(a), Slice::Constant(b)) => vec![apply(*a, *b)],
    };
    let nulls = arguments.nulls();
    if overflow {
        let overflows = |row| operation(left.at(row), right.at(row)).1;
        let valid = |row| nulls.as_ref().is_none_or(|nulls| nulls.is_valid(row));
        if (0..rows).any(|row| valid(row) && overflows(row)) {
            return Err(out_of_range::<T>());
        }
    }
    Ok(Arc::new(PrimitiveArray::<T>::new(values.into(), nulls)))
}

/// A quotient or remainder can only fail if its divisor is 0 or -1 for some row.
fn divisor_is_harmless(arguments: &[Expr], _: &[Type]) -> bool {
    let Some(Expr::Literal(divisor, _)) = arguments.get(1) else { return false };
    match divisor {
        ScalarValue::Int16(Some(value)) => !matches!(value, 0 | -1),
        ScalarValue::Int32(Some(value)) => !matches!(value, 0 | -1),
        ScalarValue::Int64(Some(value)) => !matches!(value, 0 | -1),
        _ => false,
    }
}

macro_rules! integers {
    ($($kind:ident, $arrow:ty, $native:ty;)*) => {
        /// Overloads of `+ - * / %`, unary `+ -` and `@` over integers.
        pub(super) fn overloads() -> Vec<Overload> {
            vec![$(
                overload!("+", [$kind, $kind] -> $kind,
                    |arguments| checked::<$arrow>(arguments, <$native>::overflowing_add)),
                overload!("-", [$kind, $kind] -> $kind,
                    |arguments| checked::<$arrow>(arguments, <$native>::overflowing_sub)),
                overload!("*", [$kind, $kind] -> $kind,
                    |arguments| checked::<$arrow>(arguments, <$native>::overflowing_mul)),
                overload!("/", [$kind, $kind] -> $kind,
                    |arguments| map2(arguments, |a: $native, b: $native| match b {
                        0 => Err(division_by_zero()),
                        _ => a.checked_div(b).ok_or_else(out_of_range::<$arrow>),
                    }), fallible: Fallible::Unless(divisor_is_harmless)),
                remainder!("%", $kind, $native),
                remainder!("mod", $kind, $native),
                overload!("-", [$kind] -> $kind, |arguments| {
                    map1(arguments, |a: $native| {
                        a.checked_neg().ok_or_else(out_of_range::<$arrow>)
                    })
                }),
                overload!("+", [$kind] -> $kind,
                    |arguments| map1(arguments, |a: $native| a),
                    fallible: Fallible::Never),
                absolute!("@", $kind, $arrow, $native),
                absolute!("abs", $kind, $arrow, $native),
            )*]
        }
    };
}

macro_rules! remainder {
    ($name:expr, $kind:ident, $native:ty) => {
        overload!($name, [$kind, $kind] -> $kind,
            |arguments| map2(arguments, |a: $native, b: $native| match b {
                0 => Err(division_by_zero()),
                _ => Ok(a.wrapping_rem(b)),
            }), fallible: Fallible::Unless(divisor_is_harmless))
    };
}

macro_rules! absolute {
    ($name:expr, $kind:ident, $arrow:ty, $native:ty) => {
        overload!($name, [$kind] -> $kind, |arguments| {
            map1(arguments, |a: $native| {
                a.checked_abs().ok_or_else(out_of_range::<$arrow>)
            })
        })
    };
}

integers! {
    Int2, Int16Type, i16;
    Int4, Int32Type, i32;
    Int8, Int64Type, i64;
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::{check, check_errors};

    #[test]
    fn arithmetic_is_exact() {
        check(&[
            ("1 + 2", "3"),
            ("1 - 2", "-1"),
            ("3 * -4", "-12"),
            ("7 / 2", "3"),
            ("-7 / 2", "-3"),
            ("7 % -3", "1"),
            ("-7 % 3", "-1"),
            ("mod(-7, 3)", "-1"),
            ("(-2147483648)::int4 % (-1)::int4", "0"),
            ("2147483647 + 1::int8", "2147483648"),
            ("1::int2 + 1::int4", "2"),
            ("NULL::int4 / 0", "NULL"),
            ("1 + NULL::int4", "NULL"),
            ("@ -5", "5"),
            ("abs(-5::int8)", "5"),
            ("- 5::int2", "-5"),
            ("+ 5::int2", "5"),
        ]);
    }

    #[test]
    fn what_does_not_fit_is_an_error() {
        check_errors(&[
            ("2147483647 + 1", "22003 integer out of range"),
            ("32767::int2 + 1::int2", "22003 smallint out of range"),
            ("9223372036854775807 + 1", "22003 bigint out of range"),
            ("(-2147483648)::int4 - 1", "22003 integer out of range"),
            ("65536 * 65536", "22003 integer out of range"),
            ("- (-32768)::int2", "22003 smallint out of range"),
            ("abs((-2147483648)::int4)", "22003 integer out of range"),
            ("(-2147483648)::int4 / (-1)", "22003 integer out of range"),
            ("1 / 0", "22012 division by zero"),
            ("1 % 0", "22012 division by zero"),
            ("mod(1::int8, 0::int8)", "22012 division by zero"),
        ]);
    }
}
