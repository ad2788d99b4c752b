//! `regexp_match`, `regexp_split_to_array`, `regexp_split_to_table`: arrays of text.
use std::sync::Arc;

use arrow::array::{ArrayRef, ListBuilder, StringBuilder};
use arrow::datatypes::{DataType, Field};
use engine::Result;

use super::expression::{Expression, Group};
use super::matches::{pattern_is_harmless, single};
use super::search::Search;
use crate::functions::Overload;
use crate::functions::kernel::{Arguments, Fallible, overload};
use crate::types::Type;

/// The elements of a row; None is null.
pub(in crate::functions::text) type Elements = Option<Vec<Option<String>>>;

/// Builds a column of arrays of text.
pub(in crate::functions::text) fn lists(
    rows: usize,
    mut elements: impl FnMut(usize) -> Result<Elements>,
) -> Result<ArrayRef> {
    let field = Field::new("item", DataType::Utf8, true);
    let mut builder = ListBuilder::new(StringBuilder::new()).with_field(Arc::new(field));
    for row in 0..rows {
        match elements(row)? {
            Some(elements) => builder.append_value(elements),
            None => builder.append_null(),
        }
    }
    Ok(Arc::new(builder.finish()))
}

pub(in crate::functions::text) fn texts() -> Type {
    Type::Array(Box::new(Type::Text))
}

/// The groups of a match, or all of it if there are no groups.
pub(super) fn parts(
    text: &str,
    expression: &Expression,
    groups: Vec<Group>,
) -> impl Iterator<Item = Option<String>> {
    let part = |range: std::ops::Range<usize>| text.get(range).map(str::to_owned);
    let skip = usize::from(expression.groups() > 0);
    groups.into_iter().skip(skip).map(move |group| group.and_then(part))
}

/// What the first match has.
fn first_match(text: &str, expression: &Expression) -> Elements {
    Some(parts(text, expression, expression.find(text, 0)?).collect())
}

/// What lies between matches. A match of nothing at the ends or behind another does not split.
fn split(text: &str, expression: &Expression) -> Elements {
    let mut parts = vec![];
    let mut from = 0;
    for groups in expression.find_all(text) {
        let Some(Some(whole)) = groups.first() else { continue };
        if whole.is_empty() && (whole.start == from || whole.end == text.len()) {
            continue;
        }
        parts.push(text.get(from..whole.start).map(str::to_owned));
        from = whole.end;
    }
    parts.push(text.get(from..).map(str::to_owned));
    Some(parts)
}

fn each(
    name: &str,
    arguments: &Arguments<'_>,
    elements: fn(&str, &Expression) -> Elements,
) -> Result<ArrayRef> {
    let mut search = Search::of(arguments)?;
    lists(arguments.rows(), |row| {
        let found = search.row(row, |letters| single(name, letters))?;
        Ok(found.and_then(|(text, _, expression)| elements(text, expression)))
    })
}

/// The overloads of these functions.
pub(super) fn overloads() -> Vec<Overload> {
    macro_rules! both {
        ($name:literal, $elements:ident) => {
            [
                overload!($name, [Text, Text] -> texts(),
                    |arguments| each($name, arguments, $elements),
                    fallible: Fallible::Unless(pattern_is_harmless)),
                overload!($name, [Text, Text, Text] -> texts(),
                    |arguments| each($name, arguments, $elements)),
            ]
        };
    }
    // What is a table is computed as an array, which the binder unfolds.
    [
        both!("regexp_match", first_match),
        both!("regexp_split_to_array", split),
        both!("regexp_split_to_table", split),
    ]
    .concat()
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::check;

    #[test]
    fn cases() {
        check(&[
            ("regexp_match('foobarbequebaz', 'bar.*que')", "{barbeque}"),
            ("regexp_match('foobarbequebaz', '(bar)(beque)')", "{bar,beque}"),
            ("regexp_match('abc', '(x)')", "NULL"),
            ("regexp_match('abc', '(a)(x)?')", "{a,NULL}"),
            ("regexp_match('ABC', 'b', 'i')", "{B}"),
            (r"regexp_match('abc01234xyz', '(.*)(\d+)(.*)')", "{abc0123,4,xyz}"),
            (r"regexp_match('abc01234xyz', '(?:(.*?)(\d+)(.*)){1,1}')", "{abc,01234,xyz}"),
            (r"regexp_split_to_array('hello world', '\s+')", "{hello,world}"),
            ("regexp_split_to_array('abc', '')", "{a,b,c}"),
            (r"regexp_split_to_array('the quick', '\s*')", "{t,h,e,q,u,i,c,k}"),
            ("regexp_split_to_array(',a,', ',')", r#"{"",a,""}"#),
        ]);
    }
}
