//! What JSON holds: `@>`, `<@` for parts; `?`, `?|`, `?&` for keys.
use engine::Result;

use super::access::keys;
use super::scan::{Kind, elements, members, unquoted};
use super::value::{Value, parsed};
use crate::functions::Overload;
use crate::functions::kernel::{Fallible, List, map2, overload};
use crate::types::Type;

/// Whether all of `part` is in `whole`; at the top an array contains a scalar too.
fn contains(whole: &str, part: &str) -> Result<bool> {
    let (whole, part) = (parsed(whole)?, parsed(part)?);
    Ok(match (&whole, &part) {
        (Value::Array(elements), Value::Scalar(_)) => {
            elements.iter().any(|element| within(element, &part))
        }
        _ => within(&whole, &part),
    })
}

fn within(whole: &Value<'_>, part: &Value<'_>) -> bool {
    match (whole, part) {
        (Value::Scalar(one), Value::Scalar(other)) => same(one, other),
        (Value::Array(all), Value::Array(some)) => {
            some.iter().all(|part| all.iter().any(|element| within(element, part)))
        }
        (Value::Object(all), Value::Object(some)) => some
            .iter()
            .all(|(key, part)| all.iter().any(|(name, value)| name == key && within(value, part))),
        _ => false,
    }
}

/// Whether two scalars are equal: numbers by their value.
fn same(one: &str, other: &str) -> bool {
    let number = |text: &str| Kind::of(text) == Kind::Number;
    match number(one) && number(other) {
        true => plain(one) == plain(other),
        false => one == other,
    }
}

/// A number without zeros at its end.
fn plain(number: &str) -> &str {
    match number.contains('.') {
        true => number.trim_end_matches('0').trim_end_matches('.'),
        false => number,
    }
}

/// Whether `key` is a key of an object, a string of an array, or the string itself.
fn has(json: &str, key: &str) -> bool {
    let is_key = |quoted: &str| Kind::of(quoted) == Kind::String && unquoted(quoted) == key;
    match Kind::of(json) {
        Kind::Object => {
            members(json).is_some_and(|mut members| members.any(|(name, _)| is_key(name)))
        }
        Kind::Array => elements(json).is_some_and(|mut elements| elements.any(is_key)),
        _ => is_key(json.trim()),
    }
}

/// The keys of a list that are not null.
fn known<'a>(list: &List<'a>) -> Vec<&'a str> {
    (list.start..list.end)
        .filter_map(|place| keys(&List { start: place, end: place + 1, ..*list }))
        .flatten()
        .collect()
}

/// The overloads of these operators.
pub(super) fn overloads() -> Vec<Overload> {
    let texts = || Type::Array(Box::new(Type::Text));
    vec![
        overload!("@>", [Jsonb, Jsonb] -> Bool, |arguments| map2(arguments, contains)),
        overload!("<@", [Jsonb, Jsonb] -> Bool,
            |arguments| map2(arguments, |part: &str, whole: &str| contains(whole, part))),
        overload!("?", [Jsonb, Text] -> Bool, |arguments| map2(arguments, has),
            fallible: Fallible::Never),
        overload!("?|", [Jsonb, texts()] -> Bool,
            |arguments| map2(arguments, |json: &str, list: List<'_>| {
                known(&list).into_iter().any(|key| has(json, key))
            }), fallible: Fallible::Never),
        overload!("?&", [Jsonb, texts()] -> Bool,
            |arguments| map2(arguments, |json: &str, list: List<'_>| {
                known(&list).into_iter().all(|key| has(json, key))
            }), fallible: Fallible::Never),
    ]
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::check;

    #[test]
    fn cases() {
        check(&[
            (r#"'{"a": [1, 2, {"b": 3}]}'::jsonb @> '{"a": [{"b": 3}]}'::jsonb"#, "t"),
            (r#"'{"a": 1, "b": 2}'::jsonb @> '{"b": 2}'::jsonb"#, "t"),
            (r#"'{"b": 2}'::jsonb @> '{"a": 1, "b": 2}'::jsonb"#, "f"),
            (r#"'{"b": 2}'::jsonb <@ '{"a": 1, "b": 2}'::jsonb"#, "t"),
            ("'[1, 2]'::jsonb @> '1'::jsonb", "t"),
            ("'1'::jsonb @> '[1]'::jsonb", "f"),
            ("'[1, [2]]'::jsonb @> '[[2]]'::jsonb", "t"),
            ("'[1, [2]]'::jsonb @> '[2]'::jsonb", "f"),
            ("'[1, 2, 2]'::jsonb @> '[2, 2, 2]'::jsonb", "t"),
            (r#"'{"a": 1.0}'::jsonb @> '{"a": 1}'::jsonb"#, "t"),
            ("'[]'::jsonb @> '{}'::jsonb", "f"),
            ("'[]'::jsonb @> '[]'::jsonb", "t"),
            (r#"'{"a": 1}'::jsonb ? 'a'"#, "t"),
            (r#"'{"a": 1}'::jsonb ? 'b'"#, "f"),
            (r#"'["a", 1]'::jsonb ? 'a'"#, "t"),
            (r#"'["a", 1]'::jsonb ? '1'"#, "f"),
            (r#"'"foo"'::jsonb ? 'foo'"#, "t"),
            (r#"'{"a": 1, "b": 2}'::jsonb ?| '{b,c}'::text[]"#, "t"),
            (r#"'{"a": 1, "b": 2}'::jsonb ?& '{b,c}'::text[]"#, "f"),
            (r#"'{"a": 1, "b": 2}'::jsonb ?& '{}'::text[]"#, "t"),
        ]);
    }
}
