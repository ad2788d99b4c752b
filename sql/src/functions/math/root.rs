//! `sqrt`, `cbrt`, also written `|/` and `||/`.
//!
//! The root of a numeric has 15 digits behind the point, or as many as the numeric; PostgreSQL
//! gives it 16 significant ones. That of a quotient is rounded to as many as the quotient has.
use arrow::array::ArrayRef;
use arrow::datatypes::i256;
use engine::{Error, Result};

use crate::functions::Overload;
use crate::functions::kernel::{Arguments, Fallible, map1, overload};
use crate::functions::operator::numeric_value::{
    Digits, narrowed, out_of_range, rescaled, widened,
};
use crate::functions::operator::{QUOTIENT_SCALE, shown_scale};
use crate::types::Type;

/// Digits behind the point that the root of a numeric has at least.
const ROOT_SCALE: i32 = 15;

fn negative() -> Error {
    Error::data("2201F", "cannot take square root of a negative number")
}

fn square_root(of: f64) -> Result<f64> {
    match of < 0.0 {
        true => Err(negative()),
        false => Ok(of.sqrt()),
    }
}

fn numeric_root(types: &[Type]) -> crate::Result<Type> {
    let of = types.first().unwrap_or(&Type::BareNumeric);
    if let Type::Quotient(scale, least) = of {
        return Ok(Digits::of(of).loose(QUOTIENT_SCALE.max((*least).min(*scale).into())));
    }
    let digits = Digits::of(of);
    let whole = digits.whole.max(0) / 2 + 1;
    Ok(Digits { whole, scale: digits.scale.max(ROOT_SCALE), bare: false }.to_type())
}

fn numeric_square_root(arguments: &Arguments<'_>) -> Result<ArrayRef> {
    let (own, held) = (arguments.scale(0), arguments.result_scale());
    let root = |of: i128, scale: i32| match of < 0 {
        true => Err(negative()),
        false => {
            narrowed(Some(rounded_root(widened(of, 2 * scale - own).ok_or_else(out_of_range)?)))
        }
    };
    let kind = arguments.kind(0);
    map1(arguments, |of: i128| match kind {
        Type::Quotient(..) => {
            let scale = shown_scale(kind, of).max(ROOT_SCALE).min(held);
            rescaled(root(of, scale)?, scale, held)
        }
        _ => root(of, held),
    })
}

/// The integer nearest to the root of `of`, by Newton's method from above.
pub(in crate::functions) fn rounded_root(of: i256) -> i256 {
    if of <= i256::ZERO {
        return i256::ZERO;
    }
    let bits = 256 - of.leading_zeros();
    let two = i256::from_i128(2);
    let mut root = i256::ONE << (bits.div_ceil(2) as u8);
    while let Some(quotient) = of.checked_div(root) {
        let next = root.wrapping_add(quotient).checked_div(two).unwrap_or(root);
        if next >= root {
            break;
        }
        root = next;
    }
    let rest = of.wrapping_sub(root.wrapping_mul(root));
    if rest > root { root.wrapping_add(i256::ONE) } else { root }
}

/// The overloads of `sqrt`, `cbrt`, `|/` and `||/`.
pub(super) fn overloads() -> Vec<Overload> {
    macro_rules! roots {
        ($square:literal, $cube:literal) => {
            [
                overload!($square, [Float8] -> Float8,
                    |arguments| map1(arguments, square_root)),
                overload!($cube, [Float8] -> Float8,
                    |arguments| map1(arguments, f64::cbrt), fallible: Fallible::Never),
            ]
        };
    }
    let numeric = [overload!("sqrt", [BareNumeric] => numeric_root, numeric_square_root)];
    roots!("sqrt", "cbrt").into_iter().chain(roots!("|/", "||/")).chain(numeric).collect()
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::{check, check_errors};

    #[test]
    fn cases() {
        check(&[
            ("sqrt(2)", "1.4142135623730951"),
            ("sqrt(2.0)", "1.414213562373095"),
            ("sqrt(16.0)", "4.000000000000000"),
            ("sqrt(3.0)", "1.732050807568877"),
            ("sqrt(0.0)", "0.000000000000000"),
            ("sqrt(0.123456789012345678)", "0.351364182882014424"),
            ("|/ 25.0::float8", "5"),
            ("||/ 64::float8", "4"),
            ("cbrt(-8)", "-2"),
            ("sqrt('Infinity'::float8)", "Infinity"),
        ]);
        check_errors(&[
            ("sqrt(-1)", "2201F cannot take square root of a negative number"),
            ("sqrt(-1.0)", "2201F cannot take square root of a negative number"),
        ]);
    }
}
