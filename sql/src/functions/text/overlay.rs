//! `overlay`: a run of a text's characters replaced.
//!
//! `overlay(t PLACING n FROM s FOR l)` is called as `overlay(t, n, s, l)`.
use engine::{Error, Result};

use crate::functions::Overload;
use crate::functions::kernel::{map3, map4, overload};

fn overlay(text: &str, new: &str, start: i32, length: i32) -> Result<String> {
    if start <= 0 {
        return Err(Error::data("22011", "negative substring length not allowed"));
    }
    let Some(end) = start.checked_add(length) else {
        return Err(Error::data("22003", "integer out of range"));
    };
    let before = text.chars().take(start.unsigned_abs() as usize - 1);
    let skipped = usize::try_from(end - 1).unwrap_or(0);
    Ok(before.chain(new.chars()).chain(text.chars().skip(skipped)).collect())
}

/// The overloads of `overlay`.
pub(super) fn overloads() -> Vec<Overload> {
    vec![
        overload!("overlay", [Text, Text, Int4] -> Text,
        |arguments| map3(arguments, |text: &str, new: &str, start| {
            overlay(text, new, start, new.chars().count() as i32)
        })),
        overload!("overlay", [Text, Text, Int4, Int4] -> Text,
            |arguments| map4(arguments, overlay)),
    ]
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::{check, check_errors};

    #[test]
    fn cases() {
        check(&[
            ("overlay('Txxxxas', 'hom', 2, 4)", "Thomas"),
            ("overlay('abcdef', 'XY', 3)", "abXYef"),
            ("overlay('abc', 'XY', 10)", "abcXY"),
            ("overlay('abcdef', 'X', 3, 0)", "abXcdef"),
            ("overlay('abcdef', 'X', 3, -2)", "abXabcdef"),
            ("overlay('日本語', 'é', 2, 1)", "日é語"),
        ]);
        check_errors(&[(
            "overlay('abc', 'X', 0, 1)",
            "22011 negative substring length not allowed",
        )]);
    }
}
