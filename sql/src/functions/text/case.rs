//! `lower`, `upper` and `initcap`.
//!
//! As in PostgreSQL's `C.UTF-8`: each character by itself, so a text keeps its number
//! of characters (`ß` has no upper case).
use crate::functions::Overload;
use crate::functions::kernel::{Fallible, map1, overload};

/// The lower-case form of a character, if it is one character.
pub(super) fn lower_char(from: char) -> char {
    // The dotted capital I has two in Unicode, one in C.
    if from == 'İ' { 'i' } else { single(from.to_lowercase(), from) }
}

fn upper_char(from: char) -> char {
    // Greek letters with a small iota below have two letters in Unicode, a title in C.
    match from {
        '\u{1f80}'..='\u{1f87}' | '\u{1f90}'..='\u{1f97}' | '\u{1fa0}'..='\u{1fa7}' => {
            after(from, 8)
        }
        'ᾳ' | 'ῃ' | 'ῳ' => after(from, 9),
        _ => single(from.to_uppercase(), from),
    }
}

fn after(from: char, by: u32) -> char {
    char::from_u32(u32::from(from) + by).unwrap_or(from)
}

fn single(mut mapped: impl Iterator<Item = char>, from: char) -> char {
    match (mapped.next(), mapped.next()) {
        (Some(only), None) => only,
        _ => from,
    }
}

pub(super) fn lower(text: &str) -> String {
    match text.is_ascii() {
        true => text.to_ascii_lowercase(),
        false => text.chars().map(lower_char).collect(),
    }
}

fn upper(text: &str) -> String {
    match text.is_ascii() {
        true => text.to_ascii_uppercase(),
        false => text.chars().map(upper_char).collect(),
    }
}

/// The first letter of each word in upper case, the rest in lower case.
fn initcap(text: &str) -> String {
    let mut inside = false;
    let cased = text.chars().map(|from| {
        let to = if inside { lower_char(from) } else { upper_char(from) };
        inside = from.is_alphanumeric();
        to
    });
    cased.collect()
}

/// The overloads of `lower`, `upper` and `initcap`.
pub(super) fn overloads() -> Vec<Overload> {
    vec![
        overload!("lower", [Text] -> Text, |arguments| map1(arguments, lower),
            fallible: Fallible::Never),
        overload!("upper", [Text] -> Text, |arguments| map1(arguments, upper),
            fallible: Fallible::Never),
        overload!("initcap", [Text] -> Text, |arguments| map1(arguments, initcap),
            fallible: Fallible::Never),
    ]
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::check;

    #[test]
    fn cases() {
        check(&[
            ("lower('TOM')", "tom"),
            ("lower('ÄÖß')", "äöß"),
            ("upper('tom')", "TOM"),
            ("upper('straße é')", "STRAßE É"),
            ("initcap('hi THOMAS')", "Hi Thomas"),
            ("initcap('o''neil-smith 3rd x_y')", "O'Neil-Smith 3rd X_Y"),
            ("upper('ᾀᾗᾧᾳῃῳ ᾈ')", "ᾈᾟᾯᾼῌῼ ᾈ"),
            ("lower('ᾈᾟᾯᾼῌῼ')", "ᾀᾗᾧᾳῃῳ"),
            ("upper('')", ""),
            ("upper(NULL)", "NULL"),
        ]);
    }
}
