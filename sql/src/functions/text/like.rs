//! LIKE and ILIKE: `~~ !~~ ~~* !~~*`.
//!
//! The escape character of a pattern is a backslash; `x LIKE p ESCAPE e` is called
//! as `x ~~ like_escape(p, e)`. ILIKE compares the lower-case forms.
use std::borrow::Cow;

use arrow::array::ArrayRef;
use datafusion::common::ScalarValue;
use datafusion::logical_expr::Expr;
use engine::{Error, Result};

use super::case::lower;
use super::pattern::Pattern;
use crate::functions::Overload;
use crate::functions::kernel::{Arguments, Fallible, map2, overload};
use crate::types::Type;

fn like(arguments: &Arguments<'_>, insensitive: bool, wanted: bool) -> Result<ArrayRef> {
    let mut last: Option<(String, Pattern)> = None;
    map2(arguments, |text: &str, pattern: &str| -> Result<bool> {
        let known = last.as_ref().is_some_and(|(known, _)| known == pattern);
        if !known {
            let form = fold(pattern, insensitive);
            last = Some((pattern.to_owned(), Pattern::new(&form, Some('\\'))?));
        }
        let matches = |(_, read): &(String, Pattern)| read.matches(&fold(text, insensitive));
        Ok(last.as_ref().is_some_and(matches) == wanted)
    })
}

fn fold(text: &str, insensitive: bool) -> Cow<'_, str> {
    match insensitive {
        true => Cow::Owned(lower(text)),
        false => Cow::Borrowed(text),
    }
}

/// A literal pattern that can be read never fails.
fn pattern_is_harmless(arguments: &[Expr], _: &[Type]) -> bool {
    match arguments.get(1) {
        Some(Expr::Literal(ScalarValue::Utf8(Some(pattern)), _)) => {
            Pattern::new(pattern, Some('\\')).is_ok()
        }
        _ => false,
    }
}

/// `pattern` with a backslash wherever `escape` stood.
fn like_escape(pattern: &str, escape: &str) -> Result<String> {
    let mut characters = escape.chars();
    let (first, more) = (characters.next(), characters.next());
    if more.is_some() {
        return Err(Error::data("22025", "invalid escape string")
            .with_hint("Escape string must be empty or one character."));
    }
    let mut out = String::with_capacity(pattern.len());
    let mut escaped = false;
    for one in pattern.chars() {
        match one {
            _ if Some(one) == first && !escaped => {
                out.push('\\');
                escaped = true;
            }
            '\\' if !escaped => out.push_str("\\\\"),
            _ => {
                out.push(one);
                escaped = false;
            }
        }
    }
    Ok(out)
}

/// The overloads of `~~ !~~ ~~* !~~*` and `like_escape`.
pub(super) fn overloads() -> Vec<Overload> {
    macro_rules! like {
        ($symbol:literal, $insensitive:literal, $wanted:literal) => {
            overload!($symbol, [Text, Text] -> Bool,
                |arguments| like(arguments, $insensitive, $wanted),
                fallible: Fallible::Unless(pattern_is_harmless))
        };
    }
    vec![
        like!("~~", false, true),
        like!("!~~", false, false),
        like!("~~*", true, true),
        like!("!~~*", true, false),
        overload!("like_escape", [Text, Text] -> Text, |arguments| map2(arguments, like_escape)),
    ]
}

#[cfg(test)]
mod tests {
    use super::super::pattern::Pattern;
    use super::like_escape;

    fn check(text: &str, pattern: &str, expected: bool) {
        let read = Pattern::new(pattern, Some('\\')).unwrap();
        assert_eq!(read.matches(text), expected, "{text} LIKE {pattern}: {read:?}");
    }

    #[test]
    fn patterns_match_as_in_postgresql() {
        check("abc", "abc", true);
        check("abc", "a%", true);
        check("abc", "_b_", true);
        check("abc", "c", false);
        check("abc", "%c", true);
        check("abc", "%b%", true);
        check("abc", "%", true);
        check("", "%", true);
        check("", "", true);
        check("", "_", false);
        check("a", "", false);
        check("aXbXc", "a%b%c", true);
        check("aXbXcX", "a%b%c", false);
        check("aab", "%ab", true);
        check("abab", "%a%ab", true);
        check("日本語", "_本_", true);
        check("10%", "10\\%", true);
        check("10x", "10\\%", false);
        check("a_c", "a\\_c", true);
        check("abc", "a\\bc", true);
        check("abc", "%%%c", true);
        check("mississippi", "%iss%ip%", true);
        check("mississippi", "%iss%x%", false);
    }

    #[test]
    fn another_escape_becomes_a_backslash() {
        assert_eq!(like_escape("10!%", "!").unwrap(), "10\\%");
        assert_eq!(like_escape("a!!b", "!").unwrap(), "a\\!b");
        assert_eq!(like_escape("a\\b", "!").unwrap(), "a\\\\b");
        assert_eq!(like_escape("a\\b", "").unwrap(), "a\\\\b");
        assert_eq!(like_escape("a", "ab").unwrap_err().code(), "22025");
    }
}
