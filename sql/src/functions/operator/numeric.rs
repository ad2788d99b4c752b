//! Numeric arithmetic: exact, or rounded as far as PostgreSQL rounds, or an error.
//!
//! | operation | digits behind the point | |
//! |---|---|---|
//! | `+ - %` | the more of both | exact |
//! | `*` | the sum of both | exact |
//! | `/` | sixteen that mean something, or as many as both have | rounded, halves away from zero |
//!
//! A result holds 38 digits in all; one that needs more is an error, never
//! rounded. With an operand of bare `numeric` a sum, remainder or product is bare, thus has 16 digits
//! behind the point; a product that needs more of them is an error too.
//!
//! Quotients are rounded as PostgreSQL rounds them, as far as their type has digits for it
//! (twenty behind the point, nineteen where there may be more than eighteen before it). What is made
//! of a quotient is a quotient again; its product has twenty-four digits behind the point at
//! most, and is rounded to them.
use arrow::array::ArrayRef;
use arrow::datatypes::i256;
use datafusion::logical_expr::Expr;
use engine::{Beginning, Result};

use super::integer::division_by_zero;
use super::numeric_value::{
    Digits, checked, inexact, narrowed, out_of_range, power_of_ten, rounded_quotient,
    wide_power_of_ten, widened,
};
use crate::functions::Overload;
use crate::functions::kernel::{Arguments, Fallible, map1, map2, overload};
use crate::types::decimal::{quotient, trimmed};
use crate::types::{BARE_NUMERIC_SCALE, Type};

/// Digits behind the point that a quotient has at least.
pub(crate) const QUOTIENT_SCALE: i32 = 16;
/// Digits behind the point that the product of a quotient is held with at most.
const QUOTIENT_PRODUCT_SCALE_MAX: i32 = 24;

fn operands(types: &[Type]) -> (Digits, Digits) {
    let of = |index: usize| Digits::of(types.get(index).unwrap_or(&Type::BareNumeric));
    (of(0), of(1))
}

fn sum_digits(types: &[Type]) -> Digits {
    let (left, right) = operands(types);
    let both = left.union(right);
    Digits { whole: both.whole + 1, ..both }
}

fn product_digits(types: &[Type]) -> Digits {
    let (left, right) = operands(types);
    let bare = i32::from(BARE_NUMERIC_SCALE);
    let stays_bare =
        (left.bare && (right.bare || right.scale < bare)) || (right.bare && left.scale < bare);
    let exact = left.scale.max(0) + right.scale.max(0);
    let scale = match of_quotients(types) {
        true => exact.min(QUOTIENT_PRODUCT_SCALE_MAX),
        false if stays_bare => bare,
        false => exact,
    };
    Digits { whole: left.whole + right.whole, scale, bare: stays_bare }
}

fn quotient_digits(types: &[Type]) -> Digits {
    let (left, right) = operands(types);
    let scale = left.scale.max(right.scale).max(QUOTIENT_SCALE);
    Digits { whole: left.whole + right.scale, scale, bare: false }
}

/// Digits behind the point that every number of the type has.
fn least(kind: &Type) -> i32 {
    match kind {
        Type::BareNumeric => 0,
        Type::Quotient(_, least) => i32::from(*least),
        kind => Digits::of(kind).scale.max(0),
    }
}

fn quotient_type(types: &[Type]) -> crate::Result<Type> {
    let shown = types.iter().map(least).max().unwrap_or_default();
    Ok(quotient_digits(types).to_quotient(shown))
}

fn of_quotients(types: &[Type]) -> bool {
    types.iter().any(|kind| matches!(kind, Type::Quotient(..)))
}

/// The type of a sum, difference or remainder.
fn aligned_type(digits: Digits, types: &[Type]) -> Type {
    match of_quotients(types) {
        true => digits.loose(types.iter().map(least).fold(QUOTIENT_SCALE, i32::max)),
        false => digits.to_type(),
    }
}

fn product_type(types: &[Type]) -> crate::Result<Type> {
    let digits = product_digits(types);
    if !of_quotients(types) {
        return Ok(digits.to_type());
    }
    let least = types.iter().map(|kind| match kind {
        Type::Quotient(..) => least(kind).max(QUOTIENT_SCALE),
        kind => least(kind),
    });
    Ok(digits.loose(least.sum()))
}

fn remainder_digits(types: &[Type]) -> Digits {
    let (left, right) = operands(types);
    left.union(right)
}

fn sum_fits(_: &[Expr], types: &[Type]) -> bool {
    sum_digits(types).fit()
}

fn product_fits(_: &[Expr], types: &[Type]) -> bool {
    let digits = product_digits(types);
    digits.fit() && !digits.bare
}

/// Brings both operands to the result's scale, and computes there.
fn aligned(
    arguments: &Arguments<'_>,
    narrow: impl Fn(i128, i128) -> Option<i128>,
    wide: impl Fn(i256, i256) -> Option<i256>,
) -> Result<ArrayRef> {
    let scale = arguments.result_scale();
    let places = (scale - arguments.scale(0), scale - arguments.scale(1));
    let units = (power_of_ten(places.0), power_of_ten(places.1));
    let fast = |a: i128, b: i128| {
        let (Some(left), Some(right)) = units else { return None };
        narrow(a.checked_mul(left)?, b.checked_mul(right)?)
    };
    map2(arguments, |a: i128, b: i128| match fast(a, b) {
        Some(value) => checked(value),
        None => {
            let both = widened(a, places.0).zip(widened(b, places.1));
            narrowed(both.and_then(|(a, b)| wide(a, b)))
        }
    })
}

fn multiply(arguments: &Arguments<'_>) -> Result<ArrayRef> {
    let surplus = arguments.scale(0) + arguments.scale(1) - arguments.result_scale();
    if surplus == 0 {
        return map2(arguments, |a: i128, b: i128| {
            checked(a.checked_mul(b).ok_or_else(out_of_range)?)
        });
    }
    let unit = wide_power_of_ten(surplus).ok_or_else(out_of_range)?;
    let narrow_unit = power_of_ten(surplus);
    if matches!(arguments.result(), Type::Quotient(..)) {
        return map2(arguments, |a: i128, b: i128| {
            let product = i256::from_i128(a).wrapping_mul(i256::from_i128(b));
            narrowed(rounded_quotient(product, unit))
        });
    }
    map2(arguments, |a: i128, b: i128| {
        if let (Some(product), Some(unit)) = (a.checked_mul(b), narrow_unit) {
            return match product % unit {
                0 => Ok(product / unit),
                _ => Err(inexact()),
            };
        }
        let product = i256::from_i128(a).wrapping_mul(i256::from_i128(b));
        match product.checked_rem(unit) {
            Some(i256::ZERO) => narrowed(product.checked_div(unit)),
            _ => Err(inexact()),
        }
    })
}

/// Digits behind the point that PostgreSQL has of a number; zeros at its end may be among
/// those only where the type says so.
pub(crate) fn shown_scale(kind: &Type, value: i128) -> i32 {
    match kind {
        Type::BareNumeric => i32::from(trimmed(value, BARE_NUMERIC_SCALE).1),
        Type::Quotient(scale, least) => i32::from(quotient(value, [*scale, *least]).1),
        kind => Digits::of(kind).scale.max(0),
    }
}

fn divide(arguments: &Arguments<'_>) -> Result<ArrayRef> {
    let scales = (arguments.scale(0), arguments.scale(1));
    let (left, right) = (arguments.kind(0), arguments.kind(1));
    let held = arguments.result_scale();
    map2(arguments, |a: i128, b: i128| {
        if b == 0 {
            return Err(division_by_zero());
        }
        let divisor = Beginning::of(b.unsigned_abs(), scales.1);
        let scale = Beginning::of(a.unsigned_abs(), scales.0)
            .quotient_scale(divisor)
            .max(shown_scale(left, a))
            .max(shown_scale(right, b))
            .min(held);
        let value = divided(a, b, scale + scales.1 - scales.0)?;
        let unit = power_of_ten(held - scale).ok_or_else(out_of_range)?;
        checked(value.checked_mul(unit).ok_or_else(out_of_range)?)
    })
}

/// `a / b` in units of ten to the power of -`places`, rounded.
fn divided(a: i128, b: i128, places: i32) -> Result<i128> {
    let unit = power_of_ten(places.abs());
    let narrow = match places < 0 {
        false => unit.and_then(|unit| a.checked_mul(unit)).zip(Some(b)),
        true => Some(a).zip(unit.and_then(|unit| b.checked_mul(unit))),
    };
    if let Some((a, b)) = narrow {
        let (whole, rest) = (a / b, (a % b).unsigned_abs());
        let step = if (a < 0) == (b < 0) { 1 } else { -1 };
        let up = rest >= b.unsigned_abs() - rest;
        return checked(if up { whole + step } else { whole });
    }
    // A dividend beyond 256 bits has a quotient beyond 38 digits, a divisor one of nothing.
    narrowed(match places < 0 {
        false => widened(a, places).and_then(|a| rounded_quotient(a, i256::from_i128(b))),
        true => widened(b, -places)
            .map_or(Some(i256::ZERO), |b| rounded_quotient(i256::from_i128(a), b)),
    })
}

fn remainder(arguments: &Arguments<'_>) -> Result<ArrayRef> {
    let scale = arguments.result_scale();
    let places = (scale - arguments.scale(0), scale - arguments.scale(1));
    map2(arguments, |a: i128, b: i128| {
        if b == 0 {
            return Err(division_by_zero());
        }
        let both = widened(a, places.0).zip(widened(b, places.1));
        narrowed(both.and_then(|(a, b)| a.checked_rem(b)))
    })
}

/// The whole part of a quotient.
fn whole_quotient(arguments: &Arguments<'_>) -> Result<ArrayRef> {
    let scale = arguments.scale(0).max(arguments.scale(1));
    let places = (scale - arguments.scale(0), scale - arguments.scale(1));
    map2(arguments, |a: i128, b: i128| {
        if b == 0 {
            return Err(division_by_zero());
        }
        let both = widened(a, places.0).zip(widened(b, places.1));
        narrowed(both.and_then(|(a, b)| a.checked_div(b)))
    })
}

/// The type of the only argument.
pub(crate) fn same(types: &[Type]) -> crate::Result<Type> {
    Ok(types.first().cloned().unwrap_or(Type::BareNumeric))
}

/// Overloads of `+ - * / %`, unary `+ -` and `@`, and of `mod`, `div` and `abs`, over numerics.
pub(super) fn overloads() -> Vec<Overload> {
    vec![
        overload!("+", [BareNumeric, BareNumeric] => |types| Ok(aligned_type(sum_digits(types), types)),
            |arguments| aligned(arguments, i128::checked_add, i256::checked_add),
            fallible: Fallible::Unless(sum_fits)),
        overload!("-", [BareNumeric, BareNumeric] => |types| Ok(aligned_type(sum_digits(types), types)),
            |arguments| aligned(arguments, i128::checked_sub, i256::checked_sub),
            fallible: Fallible::Unless(sum_fits)),
        overload!("*", [BareNumeric, BareNumeric] => product_type, multiply,
            fallible: Fallible::Unless(product_fits)),
        overload!("/", [BareNumeric, BareNumeric] => quotient_type, divide),
        overload!("%", [BareNumeric, BareNumeric] => 
            |types| Ok(aligned_type(remainder_digits(types), types)), remainder),
        overload!("mod", [BareNumeric, BareNumeric] =>
            |types| Ok(aligned_type(remainder_digits(types), types)), remainder),
        overload!("div", [BareNumeric, BareNumeric] =>
            |types| Ok(Digits { scale: 0, ..quotient_digits(types) }.to_type()), whole_quotient),
        overload!("-", [BareNumeric] => same, |arguments| map1(arguments, |a: i128| -a),
            fallible: Fallible::Never),
        overload!("+", [BareNumeric] => same, |arguments| map1(arguments, |a: i128| a),
            fallible: Fallible::Never),
        overload!("@", [BareNumeric] => same, |arguments| map1(arguments, i128::abs),
            fallible: Fallible::Never),
        overload!("abs", [BareNumeric] => same, |arguments| map1(arguments, i128::abs),
            fallible: Fallible::Never),
    ]
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::{check, check_errors};

    #[test]
    fn digits_are_those_of_postgresql() {
        check(&[
            ("1.5 + 2.25", "3.75"),
            ("1.50 - 2.25", "-0.75"),
            ("1.5 * 2.25", "3.375"),
            ("0.10 * 0.10", "0.0100"),
            ("10 / 3.0", "3.3333333333333333"),
            ("10 / 4.0", "2.5000000000000000"),
            ("-20 / 3.0", "-6.6666666666666667"),
            ("7.5 % 2", "1.5"),
            ("-7.5 % 2", "-1.5"),
            ("mod(7.25, 0.5)", "0.25"),
            ("div(7.9, 2)", "3"),
            ("div(-7.9, 2)", "-3"),
            ("- 1.50", "-1.50"),
            ("@ -1.50", "1.50"),
            ("abs(-0.5)", "0.5"),
            ("99999999999999999999 + 1", "100000000000000000000"),
            ("12345678901234567890 * 12345678901234567", "152415787532388356514250977776253630"),
            ("1.1::numeric(4,2) * 3", "3.30"),
            ("NULL::numeric / 0", "NULL"),
        ]);
    }

    #[test]
    fn what_does_not_fit_is_an_error() {
        check_errors(&[
            ("1.0 / 0", "22012 division by zero"),
            ("1.0 % 0", "22012 division by zero"),
            ("div(1.0, 0)", "22012 division by zero"),
        ]);
    }

    #[test]
    fn a_numeric_has_38_digits() {
        let most = "99999999999999999999999999999999999999";
        let wide = "10000000000000000000";
        let overflow = "22003 value overflows numeric format";
        check_errors(&[
            (&format!("{most} + 1"), overflow),
            (&format!("-{most} - 1"), overflow),
            (&format!("{wide} * {wide}"), overflow),
            (&format!("{most} / 0.1"), overflow),
        ]);
    }
}
