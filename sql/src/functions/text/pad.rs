//! `lpad`, `rpad`, `repeat` and `reverse`.
use engine::{Error, Result};

use crate::functions::Overload;
use crate::functions::kernel::{Fallible, map1, map2, map3, overload};

/// The longest text that these functions make, in bytes, as in PostgreSQL.
const TEXT_BYTES_MAX: usize = 1 << 30;

fn too_large() -> Error {
    Error::data("54000", "requested length too large")
}

/// `length` characters of `fill` over and over, or `text` cut to `length`.
fn padding(text: &str, length: i32, fill: &str) -> Result<(String, usize)> {
    let length = usize::try_from(length).unwrap_or(0);
    let own = text.chars().count();
    let missing = if fill.is_empty() { 0 } else { length.saturating_sub(own) };
    if missing.saturating_mul(fill.len()) > TEXT_BYTES_MAX {
        return Err(too_large());
    }
    let end = text.char_indices().nth(length).map_or(text.len(), |(byte, _)| byte);
    Ok((fill.chars().cycle().take(missing).collect(), end))
}

fn left(text: &str, length: i32, fill: &str) -> Result<String> {
    let (padding, end) = padding(text, length, fill)?;
    Ok(padding + text.get(..end).unwrap_or(text))
}

fn right(text: &str, length: i32, fill: &str) -> Result<String> {
    let (padding, end) = padding(text, length, fill)?;
    Ok([text.get(..end).unwrap_or(text), &padding].concat())
}

fn repeat(text: &str, count: i32) -> Result<String> {
    let count = usize::try_from(count).unwrap_or(0);
    match text.len().saturating_mul(count) > TEXT_BYTES_MAX {
        true => Err(too_large()),
        false => Ok(text.repeat(count)),
    }
}

/// The overloads of these functions.
pub(super) fn overloads() -> Vec<Overload> {
    macro_rules! pad {
        ($name:literal, $function:ident) => {
            [
                overload!($name, [Text, Int4] -> Text,
                    |arguments| map2(arguments, |text: &str, length| $function(text, length, " "))),
                overload!($name, [Text, Int4, Text] -> Text,
                    |arguments| map3(arguments, $function)),
            ]
        };
    }
    let others = [
        overload!("repeat", [Text, Int4] -> Text, |arguments| map2(arguments, repeat)),
        overload!("reverse", [Text] -> Text,
            |arguments| map1(arguments, |text: &str| text.chars().rev().collect::<String>()),
            fallible: Fallible::Never),
    ];
    [pad!("lpad", left), pad!("rpad", right), others].concat()
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::{check, check_errors};

    #[test]
    fn cases() {
        check(&[
            ("lpad('hi', 5)", "   hi"),
            ("lpad('hi', 5, 'xy')", "xyxhi"),
            ("lpad('hello', 2)", "he"),
            ("lpad('hi', -1, 'x')", ""),
            ("lpad('hi', 5, '')", "hi"),
            ("lpad('é', 3, '日')", "日日é"),
            ("rpad('hi', 5, 'xy')", "hixyx"),
            ("rpad('hello', 2)", "he"),
            ("rpad('hi', 4)", "hi  "),
            ("repeat('Pg', 4)", "PgPgPgPg"),
            ("repeat('Pg', 0)", ""),
            ("repeat('Pg', -4)", ""),
            ("reverse('abé')", "éba"),
            ("repeat(NULL, 3)", "NULL"),
        ]);
        check_errors(&[
            ("repeat('0123456789', 2000000000)", "54000 requested length too large"),
            ("lpad('x', 2000000000)", "54000 requested length too large"),
        ]);
    }
}
