//! `~`, `~*`, `!~`, `!~*`, `regexp_like` and `regexp_count`.
use arrow::array::ArrayRef;
use datafusion::common::ScalarValue;
use datafusion::logical_expr::Expr;
use engine::{Error, Result};

use super::expression::{Expression, Last};
use super::options::Options;
use crate::functions::Overload;
use crate::functions::kernel::{Arguments, Fallible, map2, map3, map4, overload};
use crate::types::Type;

fn matches(arguments: &Arguments<'_>, insensitive: bool, wanted: bool) -> Result<ArrayRef> {
    let options = Options { insensitive, ..Options::default() };
    let mut last = Last::default();
    map2(arguments, |text: &str, pattern: &str| {
        Ok(last.of(pattern, options)?.is_match(text) == wanted)
    })
}

/// A literal pattern that can be read never fails.
pub(super) fn pattern_is_harmless(arguments: &[Expr], _: &[Type]) -> bool {
    match arguments.get(1) {
        Some(Expr::Literal(ScalarValue::Utf8(Some(pattern)), _)) => {
            Expression::new(pattern, Options::default()).is_ok()
        }
        _ => false,
    }
}

/// Options for functions that cannot have `g`.
pub(super) fn single(name: &str, letters: &str) -> Result<Options> {
    let options = Options::parse(letters)?;
    match options.global {
        true => {
            Err(Error::data("22023", format!("{name}() does not support the \"global\" option")))
        }
        false => Ok(options),
    }
}

fn count(text: &str, from: i32, expression: &Expression) -> Result<i32> {
    let start = start_of("start", text, from)?;
    let text = text.get(start..).unwrap_or("");
    Ok(expression.find_all(text).count() as i32)
}

/// The byte at which character `from`, counted from 1, begins.
pub(super) fn start_of(name: &str, text: &str, from: i32) -> Result<usize> {
    match usize::try_from(from) {
        Ok(from) if from > 0 => {
            Ok(text.char_indices().nth(from - 1).map_or(text.len(), |(byte, _)| byte))
        }
        _ => {
            let message = format!("invalid value for parameter \"{name}\": {from}");
            Err(Error::data("22023", message))
        }
    }
}

/// The overloads of these operators and functions.
pub(super) fn overloads() -> Vec<Overload> {
    macro_rules! operator {
        ($symbol:literal, $insensitive:literal, $wanted:literal) => {
            overload!($symbol, [Text, Text] -> Bool,
                |arguments| matches(arguments, $insensitive, $wanted),
                fallible: Fallible::Unless(pattern_is_harmless))
        };
    }
    vec![
        operator!("~", false, true),
        operator!("!~", false, false),
        operator!("~*", true, true),
        operator!("!~*", true, false),
        overload!("regexp_like", [Text, Text] -> Bool,
            |arguments| matches(arguments, false, true),
            fallible: Fallible::Unless(pattern_is_harmless)),
        overload!("regexp_like", [Text, Text, Text] -> Bool, |arguments| {
            let mut last = Last::default();
            map3(arguments, |text: &str, pattern: &str, flags: &str| {
                Ok(last.of(pattern, single("regexp_like", flags)?)?.is_match(text))
            })
        }),
        overload!("regexp_count", [Text, Text] -> Int4, |arguments| {
            let mut last = Last::default();
            map2(arguments, |text: &str, pattern: &str| {
                count(text, 1, last.of(pattern, Options::default())?)
            })
        }, fallible: Fallible::Unless(pattern_is_harmless)),
        overload!("regexp_count", [Text, Text, Int4] -> Int4, |arguments| {
            let mut last = Last::default();
            map3(arguments, |text: &str, pattern: &str, from: i32| {
                count(text, from, last.of(pattern, Options::default())?)
            })
        }),
        overload!("regexp_count", [Text, Text, Int4, Text] -> Int4, |arguments| {
            let mut last = Last::default();
            map4(arguments, |text: &str, pattern: &str, from: i32, flags: &str| {
                count(text, from, last.of(pattern, single("regexp_count", flags)?)?)
            })
        }),
    ]
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::{check, check_errors};

    #[test]
    fn patterns_match_as_in_postgresql() {
        check(&[
            ("'abc' ~ 'abc'", "t"),
            ("'abc' ~ '^a'", "t"),
            ("'abc' ~ '(b|d)'", "t"),
            ("'abc' ~ '^(b|c)'", "f"),
            ("'abc' !~ 'x'", "t"),
            ("'ABC' ~* 'b'", "t"),
            ("'ABC' !~* 'b'", "f"),
            ("'ÄB' ~* 'äb'", "t"),
            (r"E'a\nb' ~ 'a.b'", "t"),
            (r"E'a\nb' ~ 'a$'", "f"),
            (r"E'a\nb' ~ '(?n)a$'", "t"),
            (r"E'a\nb' ~ '(?n)a.b'", "f"),
            (r"E'a\nb' ~ '(?n)a[^x]b'", "f"),
            (r"'foo bar' ~ '\mbar\M'", "t"),
            (r"'foobar' ~ '\mbar'", "f"),
            (r"'foo bar' ~ '\ybar\y'", "t"),
            ("'foo bar' ~ '[[:<:]]bar[[:>:]]'", "t"),
            (r"'a1_é' ~ '^\w+$'", "t"),
            (r"'x5' ~ '\d'", "t"),
            ("'a]b' ~ '[]]'", "t"),
            ("'a-b' ~ '[a-]-'", "t"),
            ("'a[b' ~ '[[]'", "t"),
            ("'a&b' ~ '[&&]'", "t"),
            ("'a{b' ~ 'a{b'", "t"),
            ("'aaa' ~ '^a{2,3}$'", "t"),
            ("'a.b' ~ '***=a.b'", "t"),
            ("'axb' ~ '***=a.b'", "f"),
            ("'ab' ~ '(?x) a  b # comment'", "t"),
            ("'X5' ~ '[[:upper:]][[:digit:]]'", "t"),
            (r"'tab' ~ '\x74\u0061b'", "t"),
            (r"'a\b' ~ 'a\\b'", "t"),
            (r"'a]' ~ 'a]'", "t"),
            ("'' ~ ''", "t"),
            ("NULL::text ~ 'a'", "NULL"),
            ("regexp_like('Hello', 'hello', 'i')", "t"),
            ("regexp_count('ABCABCAXYaxy', 'A.', 1, 'c')", "3"),
            ("regexp_count('ABCABCAXYaxy', 'A.')", "3"),
            ("regexp_count('banana', 'a', 3)", "2"),
        ]);
    }

    #[test]
    fn what_cannot_be_read_is_an_error() {
        check_errors(&[
            ("'a' ~ '('", "2201B invalid regular expression: parentheses () not balanced"),
            ("'a' ~ 'a)'", "2201B invalid regular expression: parentheses () not balanced"),
            ("'a' ~ '['", "2201B invalid regular expression: brackets [] not balanced"),
            ("'a' ~ '*a'", "2201B invalid regular expression: quantifier operand invalid"),
            ("'a' ~ 'a**'", "2201B invalid regular expression: quantifier operand invalid"),
            ("'a' ~ 'a{2,1}'", "2201B invalid regular expression: invalid repetition count(s)"),
            ("'a' ~ '[b-a]'", "2201B invalid regular expression: invalid character range"),
            ("'a' ~ '[[:foo:]]'", "2201B invalid regular expression: invalid character class"),
            (r"'a' ~ '\q'", r"2201B invalid regular expression: invalid escape \ sequence"),
            (
                "regexp_like('a', 'a', 'g')",
                r#"22023 regexp_like() does not support the "global" option"#,
            ),
            ("regexp_like('a', 'a', 'y')", r#"22023 invalid regular expression option: "y""#),
        ]);
    }
}
