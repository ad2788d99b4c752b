//! `scale`, `min_scale` and `trim_scale`: digits behind the point.
//!
//! The scale of a numeric is its type's; PostgreSQL keeps one with each value.
use arrow::array::ArrayRef;
use engine::Result;

use crate::functions::Overload;
use crate::functions::kernel::{Arguments, Fallible, map1, overload};
use crate::functions::operator::numeric_value::rescaled;
use crate::types::Type;

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
    map1(arguments, |value: i128| rescaled(value, from, to))
}

/// The overloads of these functions.
pub(super) fn overloads() -> Vec<Overload> {
    vec![
        overload!("scale", [BareNumeric] -> Int4, |arguments| {
            let (scale, bare) = (arguments.scale(0), arguments.kind(0) == &Type::BareNumeric);
            map1(arguments, |value: i128| if bare { needed(value, scale) } else { scale.max(0) })
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
