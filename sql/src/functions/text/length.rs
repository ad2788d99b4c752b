//! `length` and its relatives, in characters, bytes or bits.
use crate::functions::Overload;
use crate::functions::kernel::{Fallible, map1, overload};

/// Lengths fit, as a column has less than 2 GiB.
fn characters(text: &str) -> i32 {
    match text.is_ascii() {
        true => text.len() as i32,
        false => text.chars().count() as i32,
    }
}

fn bits(bytes: usize) -> engine::Result<i32> {
    i32::try_from(bytes.saturating_mul(8))
        .map_err(|_| engine::Error::data("22003", "integer out of range"))
}

macro_rules! characters {
    ($name:literal) => {
        overload!($name, [Text] -> Int4, |arguments| map1(arguments, characters),
            fallible: Fallible::Never)
    };
}

/// The overloads of `length`, `char_length`, `octet_length` and `bit_length`.
pub(super) fn overloads() -> Vec<Overload> {
    vec![
        characters!("length"),
        characters!("char_length"),
        characters!("character_length"),
        overload!("length", [Bytea] -> Int4,
            |arguments| map1(arguments, |bytes: &[u8]| bytes.len() as i32),
            fallible: Fallible::Never),
        overload!("octet_length", [Text] -> Int4,
            |arguments| map1(arguments, |text: &str| text.len() as i32),
            fallible: Fallible::Never),
        overload!("octet_length", [Char(1)] -> Int4,
            |arguments| map1(arguments, |text: &str| text.len() as i32),
            fallible: Fallible::Never),
        overload!("octet_length", [Bytea] -> Int4,
            |arguments| map1(arguments, |bytes: &[u8]| bytes.len() as i32),
            fallible: Fallible::Never),
        overload!("bit_length", [Text] -> Int4,
            |arguments| map1(arguments, |text: &str| bits(text.len()))),
        overload!("bit_length", [Bytea] -> Int4,
            |arguments| map1(arguments, |bytes: &[u8]| bits(bytes.len()))),
    ]
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::check;

    #[test]
    fn cases() {
        check(&[
            ("length('jose')", "4"),
            ("length('josé')", "4"),
            ("length('')", "0"),
            ("char_length('日本')", "2"),
            ("character_length('ab '::text)", "3"),
            ("octet_length('josé')", "5"),
            ("octet_length('ab'::char(4))", "4"),
            ("bit_length('jose')", "32"),
            ("length(NULL)", "NULL"),
        ]);
    }
}
