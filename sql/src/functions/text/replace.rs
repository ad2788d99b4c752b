//! `replace` and `translate`: other characters in place of some.
use std::borrow::Cow;

use crate::functions::Overload;
use crate::functions::kernel::{Fallible, map3, overload};

/// All of `from` in `text` become `to`; an empty `from` is nowhere.
fn replace<'a>(text: &'a str, from: &str, to: &str) -> Cow<'a, str> {
    match from.is_empty() || !text.contains(from) {
        true => Cow::Borrowed(text),
        false => Cow::Owned(text.replace(from, to)),
    }
}

/// Each character that stands in `from` becomes the one at its place in `to`, or nothing.
fn translate(text: &str, from: &str, to: &str) -> String {
    let translated =
        text.chars().filter_map(|one| match from.chars().position(|candidate| candidate == one) {
            Some(place) => to.chars().nth(place),
            None => Some(one),
        });
    translated.collect()
}

/// The overloads of `replace` and `translate`.
pub(super) fn overloads() -> Vec<Overload> {
    vec![
        overload!("replace", [Text, Text, Text] -> Text,
        |arguments| map3(arguments, |text: &str, from: &str, to: &str| {
            replace(text, from, to).into_owned()
        })),
        overload!("translate", [Text, Text, Text] -> Text,
            |arguments| map3(arguments, translate), fallible: Fallible::Never),
    ]
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::check;

    #[test]
    fn cases() {
        check(&[
            ("replace('abcdefabcdef', 'cd', 'XX')", "abXXefabXXef"),
            ("replace('aaa', 'aa', 'b')", "ba"),
            ("replace('abc', '', 'x')", "abc"),
            ("replace('abc', 'b', '')", "ac"),
            ("replace('abc', NULL, 'x')", "NULL"),
            ("translate('12345', '143', 'ax')", "a2x5"),
            ("translate('aab', 'aa', 'xy')", "xxb"),
            ("translate('héllo', 'é', 'e')", "hello"),
        ]);
    }
}
