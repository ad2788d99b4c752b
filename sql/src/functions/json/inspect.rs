//! `jsonb_typeof`, `jsonb_array_length`, `jsonb_strip_nulls` and `jsonb_pretty`.
use engine::{Error, Result};

use super::scan::{Kind, elements};
use super::value::{Value, parsed};
use crate::functions::Overload;
use crate::functions::kernel::{Fallible, map1, overload};

fn array_length(text: &str) -> Result<i32> {
    let wrong =
        |what: &str| Err(Error::data("22023", format!("cannot get array length of a {what}")));
    match (Kind::of(text), elements(text)) {
        (_, Some(elements)) => Ok(elements.count() as i32),
        (Kind::Object, None) => wrong("non-array"),
        (_, None) => wrong("scalar"),
    }
}

/// Without members whose value is null, at any depth; elements stay.
fn stripped(value: Value<'_>) -> Value<'_> {
    match value {
        Value::Object(members) => Value::Object(
            members
                .into_iter()
                .filter(|(_, value)| *value != Value::Scalar("null".into()))
                .map(|(key, value)| (key, stripped(value)))
                .collect(),
        ),
        Value::Array(elements) => Value::Array(elements.into_iter().map(stripped).collect()),
        scalar => scalar,
    }
}

/// One member or element a line, four blanks deeper within each other.
fn pretty(value: &Value<'_>, depth: usize, out: &mut String) {
    let line = |depth: usize, out: &mut String| {
        out.push('\n');
        out.extend(std::iter::repeat_n("    ", depth));
    };
    match value {
        Value::Scalar(text) => out.push_str(text),
        Value::Array(elements) => {
            out.push('[');
            for (place, element) in elements.iter().enumerate() {
                out.push_str(if place > 0 { "," } else { "" });
                line(depth + 1, out);
                pretty(element, depth + 1, out);
            }
            line(depth, out);
            out.push(']');
        }
        Value::Object(members) => {
            out.push('{');
            for (place, (key, value)) in members.iter().enumerate() {
                out.push_str(if place > 0 { "," } else { "" });
                line(depth + 1, out);
                out.push_str(key);
                out.push_str(": ");
                pretty(value, depth + 1, out);
            }
            line(depth, out);
            out.push('}');
        }
    }
}

/// The overloads of these functions.
pub(super) fn overloads() -> Vec<Overload> {
    macro_rules! of {
        ($name:literal, $kind:ident) => {
            overload!($name, [$kind] -> Text,
                |arguments| map1(arguments, |text: &str| Kind::of(text).name()),
                fallible: Fallible::Never)
        };
    }
    vec![
        of!("jsonb_typeof", Jsonb),
        of!("json_typeof", Json),
        overload!("jsonb_array_length", [Jsonb] -> Int4,
            |arguments| map1(arguments, array_length)),
        overload!("json_array_length", [Json] -> Int4,
            |arguments| map1(arguments, array_length)),
        overload!("jsonb_strip_nulls", [Jsonb] -> Jsonb,
        |arguments| map1(arguments, |text: &str| {
            Ok::<_, Error>(stripped(parsed(text)?).to_string())
        })),
        overload!("jsonb_pretty", [Jsonb] -> Text,
        |arguments| map1(arguments, |text: &str| {
            let mut out = String::new();
            pretty(&parsed(text)?, 0, &mut out);
            Ok::<_, Error>(out)
        })),
    ]
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::{check, check_errors};

    #[test]
    fn cases() {
        check(&[
            ("jsonb_typeof('null'::jsonb)", "null"),
            ("jsonb_typeof('-1.5'::jsonb)", "number"),
            ("jsonb_typeof('\"x\"'::jsonb)", "string"),
            ("jsonb_typeof('true'::jsonb)", "boolean"),
            ("jsonb_typeof('[]'::jsonb)", "array"),
            ("json_typeof(' {}'::json)", "object"),
            ("jsonb_array_length('[1, [2, 3], {\"a\": 4}]'::jsonb)", "3"),
            ("jsonb_array_length('[]'::jsonb)", "0"),
            (
                "jsonb_strip_nulls('{\"a\":null,\"b\":[null,{\"c\":null}]}'::jsonb)",
                "{\"b\": [null, {}]}",
            ),
            (
                "jsonb_pretty('{\"a\":[1,{}],\"b\":{}}'::jsonb)",
                "{\n    \"a\": [\n        1,\n        {\n        }\n    ],\n    \"b\": {\n    }\n}",
            ),
        ]);
        check_errors(&[
            ("jsonb_array_length('{}'::jsonb)", "22023 cannot get array length of a non-array"),
            ("jsonb_array_length('1'::jsonb)", "22023 cannot get array length of a scalar"),
        ]);
    }
}
