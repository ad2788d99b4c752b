//! `||`, `-`, `#-` and `jsonb_set`: a JSON value changed.
use std::borrow::Cow;

use engine::{Error, Result};

use super::access::{keys, wrong_path};
use super::scan::{quoted, unquoted};
use super::value::{Value, parsed};
use crate::functions::Overload;
use crate::functions::kernel::{List, map2, map3, map4, overload};
use crate::types::Type;

fn refused(message: &str) -> Error {
    Error::data("22023", message)
}

/// Objects are merged, the right one winning; anything else becomes elements of one array.
fn joined(left: &str, right: &str) -> Result<String> {
    let joined = match (parsed(left)?, parsed(right)?) {
        (Value::Object(left), Value::Object(right)) => {
            let mut members = left;
            for (key, value) in right {
                insert(&mut members, key, value);
            }
            Value::Object(members)
        }
        (left, right) => {
            let list = |value| match value {
                Value::Array(elements) => elements,
                other => vec![other],
            };
            Value::Array(list(left).into_iter().chain(list(right)).collect())
        }
    };
    Ok(joined.to_string())
}

type Members<'a> = Vec<(Cow<'a, str>, Value<'a>)>;

/// Sets a member, in the order that `jsonb` keeps: by the keys' lengths, then their bytes.
fn insert<'a>(members: &mut Members<'a>, key: Cow<'a, str>, value: Value<'a>) {
    let rank = |key: &str| {
        let key = unquoted(key).into_owned();
        (key.len(), key)
    };
    let wanted = rank(&key);
    match members.binary_search_by(|(name, _)| rank(name).cmp(&wanted)) {
        Ok(place) => {
            if let Some((_, old)) = members.get_mut(place) {
                *old = value;
            }
        }
        Err(place) => members.insert(place, (key, value)),
    }
}

/// Without a key, or without the elements that are this string.
fn without_key(json: &str, key: &str) -> Result<String> {
    without_keys(json, &[key])
}

fn without_keys(json: &str, keys: &[&str]) -> Result<String> {
    let named = |quoted: &str| keys.iter().any(|key| unquoted(quoted) == *key);
    let left = match parsed(json)? {
        Value::Scalar(_) => return Err(refused("cannot delete from scalar")),
        Value::Object(members) => {
            Value::Object(members.into_iter().filter(|(name, _)| !named(name)).collect())
        }
        Value::Array(elements) => {
            let is_named = |value: &Value<'_>| match value {
                Value::Scalar(text) => text.starts_with('"') && named(text),
                _ => false,
            };
            Value::Array(elements.into_iter().filter(|element| !is_named(element)).collect())
        }
    };
    Ok(left.to_string())
}

/// The place of an element that is named by a number, negative from the end.
fn place_of(count: usize, index: i64) -> Option<usize> {
    match usize::try_from(index) {
        Ok(place) => Some(place),
        Err(_) => count.checked_sub(usize::try_from(index.unsigned_abs()).ok()?),
    }
}

fn without_element(json: &str, index: i32) -> Result<String> {
    match parsed(json)? {
        Value::Scalar(_) => Err(refused("cannot delete from scalar")),
        Value::Object(_) => Err(refused("cannot delete from object using integer index")),
        Value::Array(mut elements) => {
            let place = place_of(elements.len(), index.into());
            if let Some(place) = place.filter(|place| *place < elements.len()) {
                elements.remove(place);
            }
            Ok(Value::Array(elements).to_string())
        }
    }
}

/// What is done at the end of a path.
enum Change<'a> {
    Delete,
    /// Put there; whether also where nothing is.
    Set(Value<'a>, bool),
}

/// Changes what lies at `path`; nothing, if the path leads nowhere.
fn change<'a>(
    value: &mut Value<'a>,
    path: &[&str],
    depth: usize,
    change_to: &Change<'a>,
) -> Result<()> {
    let Some((key, rest)) = path.split_first() else { return Ok(()) };
    let last = rest.is_empty();
    match value {
        Value::Scalar(_) => {}
        Value::Object(members) => {
            let at = members.iter().position(|(name, _)| unquoted(name) == *key);
            match (at, change_to) {
                (Some(at), Change::Delete) if last => {
                    members.remove(at);
                }
                (None, Change::Set(new, true)) if last => {
                    let mut name = String::new();
                    quoted(key, &mut name);
                    insert(members, Cow::Owned(name), new.clone());
                }
                (Some(at), _) => {
                    step(members.get_mut(at).map(|(_, value)| value), rest, depth, change_to)?
                }
                _ => {}
            }
        }
        Value::Array(elements) => {
            let index: i64 = key.trim().parse().map_err(|_| {
                let message =
                    format!("path element at position {depth} is not an integer: \"{key}\"");
                Error::data("22P02", message)
            })?;
            let at = place_of(elements.len(), index);
            let known = at.filter(|at| *at < elements.len());
            match (known, change_to) {
                (Some(at), Change::Delete) if last => {
                    elements.remove(at);
                }
                (None, Change::Set(new, true)) if last => match at {
                    Some(_) => elements.push(new.clone()),
                    None => elements.insert(0, new.clone()),
                },
                (Some(at), _) => step(elements.get_mut(at), rest, depth, change_to)?,
                _ => {}
            }
        }
    }
    Ok(())
}

/// Goes on below, or sets what is there.
fn step<'a>(
    value: Option<&mut Value<'a>>,
    rest: &[&str],
    depth: usize,
    change_to: &Change<'a>,
) -> Result<()> {
    match (value, rest.is_empty(), change_to) {
        (Some(value), true, Change::Set(new, _)) => {
            *value = new.clone();
            Ok(())
        }
        (Some(value), false, _) => change(value, rest, depth + 1, change_to),
        _ => Ok(()),
    }
}

fn changed<'a>(json: &'a str, path: &List<'_>, to: Change<'a>) -> Result<String> {
    let path = keys(path).ok_or_else(wrong_path)?;
    let mut value = parsed(json)?;
    if let (Value::Scalar(_), false) = (&value, path.is_empty()) {
        return Err(refused(match to {
            Change::Delete => "cannot delete path in scalar",
            Change::Set(..) => "cannot set path in scalar",
        }));
    }
    change(&mut value, &path, 1, &to)?;
    Ok(value.to_string())
}

/// The overloads of these operators and functions.
pub(super) fn overloads() -> Vec<Overload> {
    let texts = || Type::Array(Box::new(Type::Text));
    vec![
        overload!("||", [Jsonb, Jsonb] -> Jsonb, |arguments| map2(arguments, joined)),
        overload!("-", [Jsonb, Text] -> Jsonb, |arguments| map2(arguments, without_key)),
        overload!("-", [Jsonb, Int4] -> Jsonb, |arguments| map2(arguments, without_element)),
        overload!("-", [Jsonb, texts()] -> Jsonb,
        |arguments| map2(arguments, |json: &str, list: List<'_>| {
            without_keys(json, &keys(&list).ok_or_else(wrong_path)?)
        })),
        overload!("#-", [Jsonb, texts()] -> Jsonb,
        |arguments| map2(arguments, |json: &str, path: List<'_>| {
            changed(json, &path, Change::Delete)
        })),
        overload!("jsonb_set", [Jsonb, texts(), Jsonb] -> Jsonb,
        |arguments| map3(arguments, |json: &str, path: List<'_>, new: &str| {
            changed(json, &path, Change::Set(parsed(new)?, true))
        })),
        overload!("jsonb_set", [Jsonb, texts(), Jsonb, Bool] -> Jsonb,
        |arguments| map4(arguments, |json: &str, path: List<'_>, new: &str, create: bool| {
            changed(json, &path, Change::Set(parsed(new)?, create))
        })),
    ]
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::{check, check_errors};

    #[test]
    fn cases() {
        check(&[
            (
                r#"'{"a": 1, "bb": 2}'::jsonb || '{"c": 3, "a": 4}'::jsonb"#,
                r#"{"a": 4, "c": 3, "bb": 2}"#,
            ),
            (r#"'{"a": 1}'::jsonb || '3'::jsonb"#, r#"[{"a": 1}, 3]"#),
            ("'[1]'::jsonb || '[2, 3]'::jsonb", "[1, 2, 3]"),
            ("'1'::jsonb || '2'::jsonb", "[1, 2]"),
            (r#"'{"a": 1, "b": 2}'::jsonb - 'a'"#, r#"{"b": 2}"#),
            (r#"'["a", "b", "a", ["a"]]'::jsonb - 'a'"#, r#"["b", ["a"]]"#),
            (r#"'{"a": 1, "b": 2}'::jsonb - '{a,b}'::text[]"#, "{}"),
            ("'[1, 2, 3]'::jsonb - 0", "[2, 3]"),
            ("'[1, 2, 3]'::jsonb - (-1)", "[1, 2]"),
            ("'[1, 2, 3]'::jsonb - 5", "[1, 2, 3]"),
            (r#"'{"a": {"b": 1, "c": 2}}'::jsonb #- '{a,b}'::text[]"#, r#"{"a": {"c": 2}}"#),
            ("'[1, 2, 3]'::jsonb #- '{-1}'::text[]", "[1, 2]"),
            (r#"jsonb_set('{"a": 1}'::jsonb, '{b}'::text[], '2'::jsonb)"#, r#"{"a": 1, "b": 2}"#),
            (
                r#"jsonb_set('{"a": [1, 2]}'::jsonb, '{a,0}'::text[], '"x"'::jsonb)"#,
                r#"{"a": ["x", 2]}"#,
            ),
            (r#"jsonb_set('[1, 2]'::jsonb, '{5}'::text[], '3'::jsonb)"#, "[1, 2, 3]"),
            (r#"jsonb_set('[1, 2]'::jsonb, '{-5}'::text[], '3'::jsonb)"#, "[3, 1, 2]"),
            (r#"jsonb_set('{"a": 1}'::jsonb, '{b}'::text[], '2'::jsonb, false)"#, r#"{"a": 1}"#),
            (r#"jsonb_set('{"a": 1}'::jsonb, '{a,b}'::text[], '2'::jsonb)"#, r#"{"a": 1}"#),
            (r#"jsonb_set('{"a": 1}'::jsonb, '{}'::text[], '2'::jsonb)"#, r#"{"a": 1}"#),
        ]);
        check_errors(&[
            ("'3'::jsonb - 'a'", "22023 cannot delete from scalar"),
            ("'{}'::jsonb - 1", "22023 cannot delete from object using integer index"),
            ("'3'::jsonb #- '{a}'::text[]", "22023 cannot delete path in scalar"),
            ("jsonb_set('3'::jsonb, '{a}'::text[], '1'::jsonb)", "22023 cannot set path in scalar"),
            (
                "'[1]'::jsonb #- '{a}'::text[]",
                "22P02 path element at position 1 is not an integer: \"a\"",
            ),
        ]);
    }
}
