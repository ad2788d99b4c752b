//! `regexp_replace`: other text in place of matches.
use engine::{Error, Result};

use super::expression::{Expression, Group, Last};
use super::matches::start_of;
use super::options::Options;
use crate::functions::Overload;
use crate::functions::kernel::{Arguments, map3, map4, overload};
use arrow::array::ArrayRef;

/// Which matches are replaced.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Which {
    /// This one, from 1.
    One(usize),
    All,
}

/// `text` with matches from byte `start` on replaced.
fn replace(
    expression: &Expression,
    text: &str,
    start: usize,
    replacement: &str,
    which: Which,
) -> String {
    let (before, after) = text.split_at_checked(start).unwrap_or((text, ""));
    let mut out = before.to_owned();
    let mut done = 0;
    for (place, groups) in (1..).zip(expression.find_all(after)) {
        let wanted = which == Which::All || which == Which::One(place);
        let Some(Some(whole)) = groups.first().filter(|_| wanted) else { continue };
        out.push_str(after.get(done..whole.start).unwrap_or(""));
        expand(replacement, after, &groups, &mut out);
        done = whole.end;
        if which != Which::All {
            break;
        }
    }
    out.push_str(after.get(done..).unwrap_or(""));
    out
}

/// Appends the replacement, in which `\1` is a group and `\&` the whole match.
fn expand(replacement: &str, text: &str, groups: &[Group], out: &mut String) {
    let mut characters = replacement.chars();
    while let Some(one) = characters.next() {
        if one != '\\' {
            out.push(one);
            continue;
        }
        let group = match characters.next() {
            Some('&') => 0,
            Some(digit @ '1'..='9') => digit.to_digit(10).unwrap_or(0) as usize,
            Some('\\') | None => {
                out.push('\\');
                continue;
            }
            Some(other) => {
                out.push('\\');
                out.push(other);
                continue;
            }
        };
        if let Some(Some(range)) = groups.get(group) {
            out.push_str(text.get(range.clone()).unwrap_or(""));
        }
    }
}

/// With flags; a digit among them means that the number of a match was meant.
fn flagged(arguments: &Arguments<'_>) -> Result<ArrayRef> {
    let mut last = Last::default();
    map4(arguments, |text: &str, pattern: &str, replacement: &str, flags: &str| {
        if flags.starts_with(|first: char| first.is_ascii_digit()) {
            let first = flags.chars().next().unwrap_or('0');
            let message = format!("invalid regular expression option: \"{first}\"");
            return Err(Error::data("22023", message).with_hint(
                "If you meant to use regexp_replace() with a start parameter, cast the fourth \
                 argument to integer explicitly.",
            ));
        }
        let options = Options::parse(flags)?;
        let which = if options.global { Which::All } else { Which::One(1) };
        Ok(replace(last.of(pattern, options)?, text, 0, replacement, which))
    })
}

/// With a start, maybe the number of a match (0 means all), maybe flags.
fn from_start(arguments: &Arguments<'_>) -> Result<ArrayRef> {
    let mut last = Last::default();
    let counts = if arguments.len() > 4 { Some(arguments.reader::<i32>(4)?) } else { None };
    let flags = if arguments.len() > 5 { Some(arguments.reader::<&str>(5)?) } else { None };
    let mut row = 0;
    let nulls = arguments.nulls();
    map4(arguments, |text: &str, pattern: &str, replacement: &str, from: i32| {
        // Only rows without nulls are given.
        while nulls.as_ref().is_some_and(|nulls| row < nulls.len() && nulls.is_null(row)) {
            row += 1;
        }
        let options =
            flags.as_ref().map_or(Ok(Options::default()), |flags| Options::parse(flags.at(row)))?;
        let which = match counts.as_ref().map(|counts| counts.at(row)) {
            None if options.global => Which::All,
            None => Which::One(1),
            Some(0) => Which::All,
            Some(count) => Which::One(usize::try_from(count).map_err(|_| {
                Error::data("22023", format!("invalid value for parameter \"n\": {count}"))
            })?),
        };
        row += 1;
        let start = start_of("start", text, from)?;
        Ok(replace(last.of(pattern, options)?, text, start, replacement, which))
    })
}

/// The overloads of `regexp_replace`.
pub(super) fn overloads() -> Vec<Overload> {
    vec![
        overload!("regexp_replace", [Text, Text, Text] -> Text, |arguments| {
            let mut last = Last::default();
            map3(arguments, |text: &str, pattern: &str, replacement: &str| {
                let expression = last.of(pattern, Options::default())?;
                Ok(replace(expression, text, 0, replacement, Which::One(1)))
            })
        }, fallible: crate::functions::kernel::Fallible::Unless(
            super::matches::pattern_is_harmless)),
        overload!("regexp_replace", [Text, Text, Text, Text] -> Text, flagged),
        overload!("regexp_replace", [Text, Text, Text, Int4] -> Text, from_start),
        overload!("regexp_replace", [Text, Text, Text, Int4, Int4] -> Text, from_start),
        overload!("regexp_replace", [Text, Text, Text, Int4, Int4, Text] -> Text, from_start),
    ]
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::check;

    #[test]
    fn cases() {
        check(&[
            ("regexp_replace('foobarbaz', 'b..', 'X')", "fooXbaz"),
            ("regexp_replace('foobarbaz', 'b..', 'X', 'g')", "fooXX"),
            (r"regexp_replace('foobarbaz', 'b(..)', 'X\1Y', 'g')", "fooXarYXazY"),
            (r"regexp_replace('abc', 'b', '[\&]')", "a[b]c"),
            (r"regexp_replace('abc', 'b', '\\')", r"a\c"),
            (r"regexp_replace('abc', 'b', '\x')", r"a\xc"),
            (
                "regexp_replace('A PostgreSQL function', 'a|e|i|o|u', 'X', 1, 0, 'i')",
                "X PXstgrXSQL fXnctXXn",
            ),
            (
                "regexp_replace('A PostgreSQL function', 'a|e|i|o|u', 'X', 1, 3, 'i')",
                "A PostgrXSQL function",
            ),
            ("regexp_replace('abcabc', 'b', 'X', 3)", "abcaXc"),
            ("regexp_replace('abc', 'x*', '-', 'g')", "-a-b-c-"),
            ("regexp_replace('abab', 'a|ab', 'X', 'g')", "XX"),
            ("regexp_replace('  a  b ', '\\s+', ' ', 'g')", " a b "),
            ("regexp_replace('é1é', '[^a-z]', '', 'g')", ""),
            (r"regexp_replace('2024-01-02', '(\d+)-(\d+)-(\d+)', '\3.\2.\1')", "02.01.2024"),
        ]);
    }
}
