//! `scale`, `min_scale` and `trim_scale`: digits behind the point.
//!
//! The scale of a numeric is its type's; PostgreSQL keeps one with each value.
use arrow::array::ArrayRef;
use engine::Result;

use crate::functions::Overload;
use crate::functions::kernel::{Arguments, Fallible, map1, overload};
use crate::functions::operator::numeric_value::{Rounding, checked, rescaled, shortened};
use crate::types::Type;
use crate::types::decimal::quotient;

/// Digits behind the point that are needed to write `value`.
fn needed(mut value: i128, scale: i32) -> i32 {
    let mut needed = scale.max(0);
    if value == 0 {
        return 0;
    }
    while needed > 0 && value % 10 == 0 {
        value /= 10;
        needed -= 1;
    }
    needed
}

fn trimmed(arguments: &Arguments<'_>) -> Result<ArrayRef> {
    let (from, to) = (arguments.scale(0), arguments.result_scale());
    map1(arguments, |value: i128| match arguments.kind(0) {
        // Digits that only a quotient has are rounded away, as where one is stored.
        Type::Quotient(..) => checked(shortened(value, (from - to).max(0), Rounding::Nearest))
            .and_then(|value| rescaled(value, from.min(to), to)),
        _ => rescaled(value, from, to),
    })
}

fn shown(kind: &Type, value: i128, scale: i32) -> i32 {
    match kind {
        Type::BareNumeric => needed(value, scale),
        Type::Quotient(held, least) => i32::from(quotient(value, [*held, *least]).1),
        _ => scale.max(0),
    }
}

/// The overloads of these functions.
pub(super) fn overloads() -> Vec<Overload> {
    vec![
        overload!("scale", [BareNumeric] -> Int4, |arguments| {
            let (kind, scale) = (arguments.kind(0), arguments.scale(0));
            map1(arguments, |value: i128| shown(kind, value, scale))
        }, fallible: Fallible::Never),
        overload!("min_scale", [BareNumeric] -> Int4, |arguments| {
            let scale = arguments.scale(0);
            map1(arguments, |value: i128| needed(value, scale))
        }, fallible: Fallible::Never),
        overload!("trim_scale", [BareNumeric] -> BareNumeric, trimmed),
    ]
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::check;

    #[test]
    fn cases() {
        check(&[
            ("scale(8.4100)", "4"),
            ("min_scale(8.4100)", "2"),
            ("min_scale(0.00)", "0"),
            ("min_scale(100)", "0"),
            ("trim_scale(8.4100)", "8.41"),
        ]);
    }
}
