//! `split_part`: one of the parts between separators.
use engine::{Error, Result};

use crate::functions::Overload;
use crate::functions::kernel::{Fallible, map3, overload};
use crate::types::Type;
use datafusion::common::ScalarValue;
use datafusion::logical_expr::Expr;

/// Part `place` from 1, counted from the end if negative; empty if there is none.
fn split_part(text: &str, separator: &str, place: i32) -> Result<String> {
    let steps = place.unsigned_abs() as usize;
    if steps == 0 {
        return Err(Error::data("22023", "field position must not be zero"));
    }
    let found = match (separator.is_empty(), place > 0) {
        (true, _) => (steps == 1).then_some(text),
        (_, true) => text.split(separator).nth(steps - 1),
        (_, false) => {
            // From the front, as PostgreSQL looks for separators that overlap.
            let parts: Vec<&str> = text.split(separator).collect();
            parts.len().checked_sub(steps).and_then(|index| parts.get(index).copied())
        }
    };
    Ok(found.unwrap_or("").to_owned())
}

/// A literal place other than zero never fails.
fn place_is_harmless(arguments: &[Expr], _: &[Type]) -> bool {
    match arguments.get(2) {
        Some(Expr::Literal(ScalarValue::Int32(Some(place)), _)) => *place != 0,
        _ => false,
    }
}

/// The overloads of `split_part`.
pub(super) fn overloads() -> Vec<Overload> {
    vec![overload!("split_part", [Text, Text, Int4] -> Text,
        |arguments| map3(arguments, split_part), fallible: Fallible::Unless(place_is_harmless))]
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::{check, check_errors};

    #[test]
    fn cases() {
        check(&[
            ("split_part('abc~@~def~@~ghi', '~@~', 2)", "def"),
            ("split_part('abc,def,ghi,jkl', ',', -2)", "ghi"),
            ("split_part('abc', ',', 1)", "abc"),
            ("split_part('abc', ',', 2)", ""),
            ("split_part('abc', '', 1)", "abc"),
            ("split_part('abc', '', 2)", ""),
            ("split_part('abc', '', -1)", "abc"),
            ("split_part('', ',', 1)", ""),
            ("split_part('a,b', ',', -3)", ""),
            ("split_part('aaa', 'aa', -1)", "a"),
        ]);
        check_errors(&[("split_part('a', ',', 0)", "22023 field position must not be zero")]);
    }
}
