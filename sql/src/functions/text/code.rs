//! `ascii`, `chr` and `to_hex`: characters and numbers.
use engine::{Error, Result};

use crate::functions::Overload;
use crate::functions::kernel::{Fallible, map1, overload};

/// The code point of the first character; 0 of an empty text.
fn ascii(text: &str) -> i32 {
    text.chars().next().map_or(0, |first| u32::from(first) as i32)
}

fn chr(code: i32) -> Result<String> {
    let wrong = |message: String| Err(Error::data("54000", message));
    match u32::try_from(code) {
        Err(_) => Err(Error::data("22023", "character number must be positive")),
        Ok(0) => wrong("null character not permitted".to_owned()),
        Ok(code) => match char::from_u32(code) {
            Some(character) => Ok(character.to_string()),
            None if code > 0x10_ffff => {
                wrong(format!("requested character too large for encoding: {code}"))
            }
            None => wrong(format!("requested character not valid for encoding: {code}")),
        },
    }
}

/// The overloads of these functions.
pub(super) fn overloads() -> Vec<Overload> {
    vec![
        overload!("ascii", [Text] -> Int4, |arguments| map1(arguments, ascii),
            fallible: Fallible::Never),
        overload!("chr", [Int4] -> Text, |arguments| map1(arguments, chr)),
        overload!("to_hex", [Int4] -> Text,
            |arguments| map1(arguments, |value: i32| format!("{value:x}")),
            fallible: Fallible::Never),
        overload!("to_hex", [Int8] -> Text,
            |arguments| map1(arguments, |value: i64| format!("{value:x}")),
            fallible: Fallible::Never),
    ]
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::{check, check_errors};

    #[test]
    fn cases() {
        check(&[
            ("ascii('x')", "120"),
            ("ascii('é')", "233"),
            ("ascii('')", "0"),
            ("chr(65)", "A"),
            ("chr(8364)", "€"),
            ("to_hex(2147483647)", "7fffffff"),
            ("to_hex(-1)", "ffffffff"),
            ("to_hex(255::int8)", "ff"),
        ]);
        check_errors(&[
            ("chr(0)", "54000 null character not permitted"),
            ("chr(-1)", "22023 character number must be positive"),
            ("chr(55296)", "54000 requested character not valid for encoding: 55296"),
            ("chr(1114112)", "54000 requested character too large for encoding: 1114112"),
        ]);
    }
}
