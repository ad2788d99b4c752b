//! `strpos`, `position` and `starts_with`: where a text lies in another.
//!
//! `position('b' IN 'abc')` is called as `position('abc', 'b')`.
use crate::functions::Overload;
use crate::functions::kernel::{Fallible, map2, overload};

/// The character, counted from 1, where `part` first stands in `text`; 0 if nowhere.
fn position(text: &str, part: &str) -> i32 {
    match text.split_once(part) {
        Some((before, _)) => 1 + before.chars().count() as i32,
        None => 0,
    }
}

/// The overloads of `strpos`, `position`, `starts_with` and `^@`.
pub(super) fn overloads() -> Vec<Overload> {
    macro_rules! starts {
        ($name:literal) => {
            overload!($name, [Text, Text] -> Bool,
                |arguments| map2(arguments, |text: &str, part: &str| text.starts_with(part)),
                fallible: Fallible::Never)
        };
    }
    vec![
        overload!("strpos", [Text, Text] -> Int4, |arguments| map2(arguments, position),
            fallible: Fallible::Never),
        overload!("position", [Text, Text] -> Int4, |arguments| map2(arguments, position),
            fallible: Fallible::Never),
        starts!("starts_with"),
        starts!("^@"),
    ]
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::check;

    #[test]
    fn cases() {
        check(&[
            ("strpos('high', 'ig')", "2"),
            ("strpos('éa', 'a')", "2"),
            ("strpos('high', 'x')", "0"),
            ("strpos('high', '')", "1"),
            ("strpos('', '')", "1"),
            ("starts_with('alphabet', 'alph')", "t"),
            ("starts_with('alphabet', 'beta')", "f"),
        ]);
    }
}
