//! `substring` with a regular expression, `regexp_substr` and `regexp_instr`.
use arrow::array::ArrayRef;
use engine::{Error, Result};

use super::expression::{Expression, Group, Last};
use super::matches::{pattern_is_harmless, single, start_of};
use super::options::Options;
use crate::functions::Overload;
use crate::functions::kernel::Write;
use crate::functions::kernel::{Arguments, Fallible, map2, overload};

/// What matches the first group, or all of the expression if it has none.
fn substring<'a>(text: &'a str, expression: &Expression) -> Option<&'a str> {
    let groups = expression.find(text, 0)?;
    let group = if expression.groups() > 0 { 1 } else { 0 };
    text.get(groups.get(group)?.clone()?)
}

/// Arguments behind text and pattern: start, number of the match, end, flags, group.
struct Place {
    start: i32,
    number: usize,
    behind: bool,
    options: Options,
    group: usize,
}

/// The named group's place, counted in bytes from the text's start.
fn found(expression: &Expression, text: &str, place: &Place) -> Result<Group> {
    let start = start_of("start", text, place.start)?;
    let rest = text.get(start..).unwrap_or("");
    let group = expression
        .find_all(rest)
        .nth(place.number - 1)
        .and_then(|groups| groups.get(place.group).cloned().flatten());
    Ok(group.map(|group| group.start + start..group.end + start))
}

fn positive(name: &str, value: i32, least: i32) -> Result<usize> {
    let wrong = || Error::data("22023", format!("invalid value for parameter \"{name}\": {value}"));
    usize::try_from(value).ok().filter(|_| value >= least).ok_or_else(wrong)
}

/// Reads the arguments of a row; those that are not given have their defaults.
fn place(name: &str, with_end: bool, row: usize, arguments: &Arguments<'_>) -> Result<Place> {
    let integer = |index: usize, default: i32| match arguments.len() > index {
        true => arguments.reader::<i32>(index).map(|reader| reader.at(row)),
        false => Ok(default),
    };
    let shift = usize::from(with_end);
    let behind = match with_end {
        true => integer(4, 0)?,
        false => 0,
    };
    if !matches!(behind, 0 | 1) {
        let message = format!("invalid value for parameter \"endoption\": {behind}");
        return Err(Error::data("22023", message));
    }
    let options = match arguments.len() > 4 + shift {
        true => single(name, arguments.reader::<&str>(4 + shift)?.at(row))?,
        false => Options::default(),
    };
    Ok(Place {
        start: integer(2, 1)?,
        number: positive("n", integer(3, 1)?, 1)?,
        behind: behind == 1,
        options,
        group: positive("subexpr", integer(5 + shift, 0)?, 0)?,
    })
}

fn each<T: Write>(
    name: &str,
    with_end: bool,
    arguments: &Arguments<'_>,
    result: impl Fn(&str, Group, bool) -> Option<T>,
) -> Result<ArrayRef> {
    let (texts, patterns) = (arguments.reader::<&str>(0)?, arguments.reader::<&str>(1)?);
    let nulls = arguments.nulls();
    let mut last = Last::default();
    T::collect(arguments.rows(), &arguments.result().arrow(), |row| {
        if nulls.as_ref().is_some_and(|nulls| nulls.is_null(row)) {
            return Ok(None);
        }
        let place = place(name, with_end, row, arguments)?;
        let expression = last.of(patterns.at(row), place.options)?;
        let text = texts.at(row);
        Ok(result(text, found(expression, text, &place)?, place.behind))
    })
}

fn regexp_substr(arguments: &Arguments<'_>) -> Result<ArrayRef> {
    each("regexp_substr", false, arguments, |text, group, _| text.get(group?).map(str::to_owned))
}

/// The character, from 1, at which a match begins or behind which it ends; 0 if there is none.
fn regexp_instr(arguments: &Arguments<'_>) -> Result<ArrayRef> {
    each("regexp_instr", true, arguments, |text, group, behind| {
        let Some(group) = group else { return Some(0) };
        let byte = if behind { group.end } else { group.start };
        Some(1 + text.get(..byte).unwrap_or("").chars().count() as i32)
    })
}

/// The overloads of these functions.
pub(super) fn overloads() -> Vec<Overload> {
    vec![
        overload!("substring", [Text, Text] -> Text, |arguments| {
            let mut last = Last::default();
            map2(arguments, |text: &str, pattern: &str| {
                let expression = last.of(pattern, Options::default())?;
                Ok(substring(text, expression).map(str::to_owned))
            })
        }, fallible: Fallible::Unless(pattern_is_harmless)),
        overload!("regexp_substr", [Text, Text] -> Text, regexp_substr),
        overload!("regexp_substr", [Text, Text, Int4] -> Text, regexp_substr),
        overload!("regexp_substr", [Text, Text, Int4, Int4] -> Text, regexp_substr),
        overload!("regexp_substr", [Text, Text, Int4, Int4, Text] -> Text, regexp_substr),
        overload!("regexp_substr", [Text, Text, Int4, Int4, Text, Int4] -> Text, regexp_substr),
        overload!("regexp_instr", [Text, Text] -> Int4, regexp_instr),
        overload!("regexp_instr", [Text, Text, Int4] -> Int4, regexp_instr),
        overload!("regexp_instr", [Text, Text, Int4, Int4] -> Int4, regexp_instr),
        overload!("regexp_instr", [Text, Text, Int4, Int4, Int4] -> Int4, regexp_instr),
        overload!("regexp_instr", [Text, Text, Int4, Int4, Int4, Text] -> Int4, regexp_instr),
        overload!("regexp_instr", [Text, Text, Int4, Int4, Int4, Text, Int4] -> Int4,
            regexp_instr),
    ]
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::check;

    #[test]
    fn cases() {
        check(&[
            ("substring('foobar', 'o.b')", "oob"),
            ("substring('foobar', 'o(.)b')", "o"),
            ("substring('foobar', 'x')", "NULL"),
            ("substring('foobar', 'x|o(b)?')", "NULL"),
            ("substring('XY1234Z', 'Y*([0-9]{1,3})')", "123"),
            ("substring('XY1234Z', 'Y*?([0-9]{1,3})')", "1"),
            ("substring('abcd', 'a|ab|abc')", "abc"),
            ("regexp_substr('ABCABCAXYaxy', 'A.C', 1, 2)", "ABC"),
            ("regexp_substr('number of your street, town zip, FR', '[^,]+', 1, 2)", " town zip"),
            ("regexp_substr('ABCDEFGHI', '(c..)(...)', 1, 1, 'i', 2)", "FGH"),
            ("regexp_instr('number of your street, town zip, FR', '[^,]+', 1, 2)", "23"),
            ("regexp_instr('ABCDEFGHI', '(c..)(...)', 1, 1, 0, 'i', 2)", "6"),
            ("regexp_instr('abc', 'x')", "0"),
            ("regexp_instr('ééb', 'b', 1, 1, 1)", "4"),
        ]);
    }
}
