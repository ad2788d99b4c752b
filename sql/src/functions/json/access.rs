//! `->`, `->>`, `#>` and `#>>`: a part of a JSON value, as JSON or as text.
use arrow::array::{Array, ArrayRef, AsArray};
use engine::{Error, Result};

use super::scan::{Kind, elements, members, unquoted};
use crate::functions::Overload;
use crate::functions::kernel::{Arguments, Fallible, List, Write, map2, overload};
use crate::types::Type;

/// The value of a key; the last, if a `json` has several.
pub(super) fn member<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    members(text)?.filter(|(name, _)| unquoted(name) == key).last().map(|(_, value)| value)
}

/// The element at `place`, counted from the end if negative. A scalar is its own first element
/// in `jsonb`.
pub(super) fn element(text: &str, place: i64, scalars: bool) -> Option<&str> {
    if scalars && Kind::of(text).is_scalar() {
        return matches!(place, 0 | -1).then_some(text);
    }
    match usize::try_from(place) {
        Ok(place) => elements(text)?.nth(place),
        Err(_) => {
            let count = elements(text)?.count();
            let place = count.checked_sub(usize::try_from(place.unsigned_abs()).ok()?)?;
            elements(text)?.nth(place)
        }
    }
}

/// A value as text: a string without quotes, null as null.
pub(super) fn text_of(value: &str) -> Option<String> {
    match Kind::of(value) {
        Kind::String => Some(unquoted(value).into_owned()),
        Kind::Null => None,
        _ => Some(value.to_owned()),
    }
}

/// The keys of a path, None if one of them is null.
pub(super) fn keys<'a>(path: &List<'a>) -> Option<Vec<&'a str>> {
    let texts = path.values.as_string_opt::<i32>()?;
    (path.start..path.end).map(|index| texts.is_valid(index).then(|| texts.value(index))).collect()
}

fn at<'a>(text: &'a str, path: &[&str]) -> Option<&'a str> {
    path.iter().try_fold(text, |value, key| match Kind::of(value) {
        Kind::Object => member(value, key),
        Kind::Array => element(value, key.trim().parse().ok()?, false),
        _ => None,
    })
}

fn part(found: Option<&str>) -> Option<String> {
    found.map(str::to_owned)
}

/// The keys of a variadic call, from the second argument on.
fn extracted(arguments: &Arguments<'_>, text: bool) -> Result<ArrayRef> {
    let values = arguments.reader::<&str>(0)?;
    let keys = (1..arguments.len()).map(|index| arguments.reader::<&str>(index));
    let keys = keys.collect::<Result<Vec<_>>>()?;
    let nulls = arguments.nulls();
    String::collect(arguments.rows(), &arguments.result().arrow(), |row| {
        if nulls.as_ref().is_some_and(|nulls| nulls.is_null(row)) {
            return Ok(None);
        }
        let path: Vec<&str> = keys.iter().map(|key| key.at(row)).collect();
        let found = at(values.at(row), &path);
        Ok(if text { found.and_then(text_of) } else { part(found) })
    })
}

fn texts() -> Type {
    Type::Array(Box::new(Type::Text))
}

/// The error of a path that is no array of text.
pub(super) fn wrong_path() -> Error {
    Error::internal("a path is an array of text")
}

/// The overloads of these operators, and of the functions of the same meaning.
pub(super) fn overloads() -> Vec<Overload> {
    macro_rules! of {
        ($kind:ident, $scalars:literal, $path:literal, $path_text:literal) => {
            [
                overload!("->", [$kind, Text] -> $kind,
                    |arguments| map2(arguments, |json: &str, key: &str| part(member(json, key))),
                    fallible: Fallible::Never),
                overload!("->>", [$kind, Text] -> Text,
                    |arguments| map2(arguments, |json: &str, key: &str| {
                        member(json, key).and_then(text_of)
                    }), fallible: Fallible::Never),
                overload!("->", [$kind, Int4] -> $kind,
                    |arguments| map2(arguments, |json: &str, place: i32| {
                        part(element(json, place.into(), $scalars))
                    }), fallible: Fallible::Never),
                overload!("->>", [$kind, Int4] -> Text,
                    |arguments| map2(arguments, |json: &str, place: i32| {
                        element(json, place.into(), $scalars).and_then(text_of)
                    }), fallible: Fallible::Never),
                overload!("#>", [$kind, texts()] -> $kind,
                    |arguments| map2(arguments, |json: &str, path: List<'_>| {
                        part(at(json, &keys(&path)?))
                    }), fallible: Fallible::Never),
                overload!("#>>", [$kind, texts()] -> Text,
                    |arguments| map2(arguments, |json: &str, path: List<'_>| {
                        at(json, &keys(&path)?).and_then(text_of)
                    }), fallible: Fallible::Never),
                overload!($path, [$kind, Text] -> $kind,
                    |arguments| extracted(arguments, false),
                    fallible: Fallible::Never, variadic: true),
                overload!($path_text, [$kind, Text] -> Text,
                    |arguments| extracted(arguments, true),
                    fallible: Fallible::Never, variadic: true),
            ]
        };
    }
    [
        of!(Jsonb, true, "jsonb_extract_path", "jsonb_extract_path_text"),
        of!(Json, false, "json_extract_path", "json_extract_path_text"),
    ]
    .concat()
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::check;

    #[test]
    fn cases() {
        check(&[
            (r#"'{"a": {"b": "foo"}}'::jsonb -> 'a'"#, r#"{"b": "foo"}"#),
            (r#"'{"a": {"b": "foo"}}'::jsonb -> 'a' ->> 'b'"#, "foo"),
            (r#"'{"a": 1}'::jsonb -> 'x'"#, "NULL"),
            (r#"'{"a": null}'::jsonb -> 'a'"#, "null"),
            (r#"'{"a": null}'::jsonb ->> 'a'"#, "NULL"),
            (r#"'{"a": 1.50}'::jsonb ->> 'a'"#, "1.50"),
            (r#"'{"a": true}'::jsonb ->> 'a'"#, "true"),
            (r#"'{"é\"": [1, 2]}'::jsonb -> 'é"'"#, "[1, 2]"),
            (r#"'[1, "two", [3]]'::jsonb -> 2"#, "[3]"),
            (r#"'[1, "two", [3]]'::jsonb ->> 1"#, "two"),
            (r#"'[1, "two", [3]]'::jsonb -> -3"#, "1"),
            (r#"'[1, "two", [3]]'::jsonb -> 3"#, "NULL"),
            (r#"'[1]'::jsonb -> 'a'"#, "NULL"),
            (r#"'{"a": 1}'::jsonb -> 0"#, "NULL"),
            (r#"'1'::jsonb -> 0"#, "1"),
            (r#"'{"a": [{"b": 7}]}'::jsonb #> '{a,0,b}'::text[]"#, "7"),
            (r#"'{"a": [{"b": "x"}]}'::jsonb #>> '{a,-1,b}'::text[]"#, "x"),
            (r#"'{"a": 1}'::jsonb #> '{}'::text[]"#, r#"{"a": 1}"#),
            (r#"'{"a": 1}'::jsonb #> '{a,b}'::text[]"#, "NULL"),
            (r#"'{"a" :  { "b":1} }'::json -> 'a'"#, r#"{ "b":1}"#),
            (r#"'{"a": 1, "a": 2}'::json -> 'a'"#, "2"),
            (r#"'[1, 2 ]'::json ->> -1"#, "2"),
            (r#"jsonb_extract_path('{"a": {"b": [5]}}'::jsonb, 'a', 'b', '0')"#, "5"),
            (r#"jsonb_extract_path_text('{"a": {"b": "x"}}'::jsonb, 'a', 'b')"#, "x"),
        ]);
    }
}
