//! `substr`, `substring`, `left` and `right`: a run of a text's characters.
//!
//! `substring` with a regular expression stands with the regular expressions.
use engine::{Error, Result};

use crate::functions::Overload;
use crate::functions::kernel::{Fallible, map2, map3, overload};

/// The byte where character `index` (from 0) of `text` begins; its end, if it has fewer.
fn byte_of(text: &str, index: usize) -> usize {
    if text.is_ascii() {
        return index.min(text.len());
    }
    text.char_indices().nth(index).map_or(text.len(), |(byte, _)| byte)
}

/// Characters `start..end` of `text`, counted from 0.
fn characters(text: &str, start: i64, end: i64) -> &str {
    let place = |index: i64| byte_of(text, usize::try_from(index).unwrap_or(0));
    text.get(place(start)..place(end.max(start).max(0))).unwrap_or("")
}

fn from(text: &str, start: i32) -> &str {
    characters(text, i64::from(start) - 1, i64::MAX)
}

fn range(text: &str, start: i32, length: i32) -> Result<&str> {
    if length < 0 {
        return Err(Error::data("22011", "negative substring length not allowed"));
    }
    let start = i64::from(start) - 1;
    Ok(characters(text, start, start + i64::from(length)))
}

/// The first `count` characters, or all but the last `-count`.
fn left(text: &str, count: i32) -> &str {
    match count {
        0.. => characters(text, 0, i64::from(count)),
        _ => characters(text, 0, text.chars().count() as i64 + i64::from(count)),
    }
}

/// The last `count` characters, or all but the first `-count`.
fn right(text: &str, count: i32) -> &str {
    match count {
        0.. => characters(text, text.chars().count() as i64 - i64::from(count), i64::MAX),
        _ => characters(text, -i64::from(count), i64::MAX),
    }
}

/// The overloads of `substr`, `substring`, `left` and `right`.
pub(super) fn overloads() -> Vec<Overload> {
    macro_rules! substring {
        ($name:literal) => {
            [
                overload!($name, [Text, Int4] -> Text,
                    |arguments| map2(arguments, |text: &str, start| from(text, start).to_owned()),
                    fallible: Fallible::Never),
                overload!($name, [Text, Int4, Int4] -> Text,
                    |arguments| map3(arguments, |text: &str, start, length| {
                        range(text, start, length).map(str::to_owned)
                    }), fallible: Fallible::Unless(length_is_harmless)),
            ]
        };
    }
    let ends = [
        overload!("left", [Text, Int4] -> Text,
            |arguments| map2(arguments, |text: &str, count| left(text, count).to_owned()),
            fallible: Fallible::Never),
        overload!("right", [Text, Int4] -> Text,
            |arguments| map2(arguments, |text: &str, count| right(text, count).to_owned()),
            fallible: Fallible::Never),
    ];
    [substring!("substr"), substring!("substring"), ends].concat()
}

/// A literal length that is not negative never fails.
fn length_is_harmless(
    arguments: &[datafusion::logical_expr::Expr],
    _: &[crate::types::Type],
) -> bool {
    use datafusion::common::ScalarValue;
    use datafusion::logical_expr::Expr;
    matches!(arguments.get(2), Some(Expr::Literal(ScalarValue::Int32(Some(0..)), _)))
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::{check, check_errors};

    #[test]
    fn cases() {
        check(&[
            ("substr('alphabet', 3)", "phabet"),
            ("substr('alphabet', 3, 2)", "ph"),
            ("substr('alphabet', 0, 3)", "al"),
            ("substr('alphabet', -5, 3)", ""),
            ("substr('alphabet', -1)", "alphabet"),
            ("substr('alphabet', 100)", ""),
            ("substr('alphabet', 2147483647, 2147483647)", ""),
            ("substr('alphabet', -2147483647, 2147483647)", ""),
            ("substring('日本語', 2, 1)", "本"),
            ("substring('abc', 2, 0)", ""),
            ("left('abcde', 2)", "ab"),
            ("left('abcde', -2)", "abc"),
            ("left('abcde', -9)", ""),
            ("left('日本語', 1)", "日"),
            ("right('abcde', 2)", "de"),
            ("right('abcde', -2)", "cde"),
            ("right('abcde', -9)", ""),
            ("right('abcde', 9)", "abcde"),
            ("right('日本語', 1)", "語"),
            ("right('abcde', 0)", ""),
        ]);
        check_errors(&[("substr('abc', 1, -1)", "22011 negative substring length not allowed")]);
    }
}
