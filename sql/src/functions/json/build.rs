//! `to_jsonb`, `jsonb_build_object`, `jsonb_build_array` and the same for `json`.
use arrow::array::{Array, ArrayRef, AsArray};
use engine::{Error, Result};

use super::scan::quoted;
use crate::functions::Overload;
use crate::functions::kernel::{Arguments, Fallible, Write, map0, overload};
use crate::functions::text::text_of;
use crate::types::input::json::canonical;
use crate::types::{TextStyle, TextWriter, Type};

/// Values of a column as JSON.
struct Writer<'a> {
    kind: &'a Type,
    array: ArrayRef,
    text: TextWriter,
    /// Of an array, its elements.
    items: Option<Box<Writer<'a>>>,
    constant: bool,
}

impl<'a> Writer<'a> {
    fn new(array: &ArrayRef, kind: &'a Type, style: &TextStyle) -> Result<Self> {
        let text = TextWriter::new(array, kind, style)
            .map_err(|error| Error::data(error.code(), error.message()))?;
        let items = match kind {
            Type::Array(item) => {
                let lists = array.as_list_opt::<i32>();
                let values = lists.ok_or_else(|| Error::internal("an array is no list"))?.values();
                Some(Box::new(Writer::new(values, item, style)?))
            }
            _ => None,
        };
        Ok(Self { kind, array: array.clone(), text, items, constant: false })
    }

    /// Writes the value of `row`; `null` if it is null.
    fn write(&self, row: usize, out: &mut String) -> Result<()> {
        let row = if self.constant { 0 } else { row };
        if self.array.is_null(row) {
            out.push_str("null");
            return Ok(());
        }
        if let (Some(items), Some(lists)) = (&self.items, self.array.as_list_opt::<i32>()) {
            return items.write_list(lists.value_offsets().get(row..row + 2), out);
        }
        let mut bytes = vec![];
        self.text.write(row, &mut bytes);
        let text = text_of(bytes)?;
        match self.kind {
            Type::Bool => out.push_str(if text == "t" { "true" } else { "false" }),
            Type::Json | Type::Jsonb => out.push_str(&text),
            Type::Timestamp | Type::TimestampTz => quoted(&iso(&text), out),
            kind if kind.is_numeric() && is_number(&text) => out.push_str(&text),
            _ => quoted(&text, out),
        }
        Ok(())
    }

    fn write_list(&self, bounds: Option<&[i32]>, out: &mut String) -> Result<()> {
        let &[start, end] = bounds.unwrap_or(&[0, 0]) else { return Ok(()) };
        out.push('[');
        for item in start..end {
            if item > start {
                out.push(',');
            }
            self.write(usize::try_from(item).unwrap_or(0), out)?;
        }
        out.push(']');
        Ok(())
    }
}

/// JSON has no NaN and no infinity.
fn is_number(text: &str) -> bool {
    !text.contains(['N', 'I'])
}

/// A timestamp as ISO 8601 writes it: a `T` before the time, minutes in the zone.
fn iso(text: &str) -> String {
    let mut text = text.replacen(' ', "T", 1);
    let is_short = text
        .rfind(['+', '-'])
        .is_some_and(|sign| text.contains('T') && text.len() - sign == 3 && sign > 10);
    if is_short {
        text.push_str(":00");
    }
    text
}

fn writers<'a>(arguments: &'a Arguments<'_>) -> Result<Vec<Writer<'a>>> {
    let style = TextStyle::in_zone(arguments.zone());
    (0..arguments.len())
        .map(|index| {
            let (array, constant) = arguments.array(index)?;
            Ok(Writer { constant, ..Writer::new(array, arguments.kind(index), &style)? })
        })
        .collect()
}

/// What `write` writes for each row, in the form of the result's type.
fn each(
    arguments: &Arguments<'_>,
    mut write: impl FnMut(&[Writer<'_>], usize, &mut String) -> Result<bool>,
) -> Result<ArrayRef> {
    let writers = writers(arguments)?;
    let jsonb = *arguments.result() == Type::Jsonb;
    String::collect(arguments.rows(), &arguments.result().arrow(), |row| {
        let mut out = String::new();
        if !write(&writers, row, &mut out)? {
            return Ok(None);
        }
        match jsonb {
            true => canonical(&out)
                .map(Some)
                .map_err(|error| Error::data(error.code(), error.message())),
            false => Ok(Some(out)),
        }
    })
}

/// One value.
fn single(arguments: &Arguments<'_>) -> Result<ArrayRef> {
    each(arguments, |writers, row, out| {
        let Some(writer) = writers.first() else { return Ok(false) };
        let null = writer.array.is_null(if writer.constant { 0 } else { row });
        writer.write(row, out)?;
        Ok(!null)
    })
}

fn array(arguments: &Arguments<'_>) -> Result<ArrayRef> {
    each(arguments, |writers, row, out| {
        out.push('[');
        for (place, writer) in writers.iter().enumerate() {
            out.push_str(if place > 0 { ", " } else { "" });
            writer.write(row, out)?;
        }
        out.push(']');
        Ok(true)
    })
}

/// Keys and values by turns; a key of any type is text.
fn object(arguments: &Arguments<'_>) -> Result<ArrayRef> {
    if !arguments.len().is_multiple_of(2) {
        let name = if *arguments.result() == Type::Jsonb { "jsonb" } else { "json" };
        let hint = format!(
            "The arguments of {name}_build_object() must consist of alternating keys and values."
        );
        return Err(
            Error::data("22023", "argument list must have even number of elements").with_hint(hint)
        );
    }
    each(arguments, |writers, row, out| {
        out.push('{');
        for (place, pair) in writers.chunks(2).enumerate() {
            let [key, value] = pair else { continue };
            out.push_str(if place > 0 { ", " } else { "" });
            let at = if key.constant { 0 } else { row };
            if key.array.is_null(at) {
                let message = format!("argument {}: key must not be null", 2 * place + 1);
                return Err(Error::data("22023", message));
            }
            let mut bytes = vec![];
            key.text.write(at, &mut bytes);
            quoted(&text_of(bytes)?, out);
            out.push_str(" : ");
            value.write(row, out)?;
        }
        out.push('}');
        Ok(true)
    })
}

/// The overloads of these functions.
pub(super) fn overloads() -> Vec<Overload> {
    macro_rules! of {
        ($kind:ident, $to:literal, $object:literal, $array:literal) => {
            [
                overload!($to, [Unknown] -> $kind, single,
                    fallible: Fallible::Never, zoned: true),
                overload!($object, [Unknown] -> $kind, object,
                    variadic: true, strict: false, zoned: true),
                overload!($array, [Unknown] -> $kind, array,
                    fallible: Fallible::Never, variadic: true, strict: false, zoned: true),
                overload!($object, [] -> $kind,
                    |arguments| map0(arguments, || "{}"),
                    fallible: Fallible::Never),
                overload!($array, [] -> $kind,
                    |arguments| map0(arguments, || "[]"),
                    fallible: Fallible::Never),
            ]
        };
    }
    [
        of!(Jsonb, "to_jsonb", "jsonb_build_object", "jsonb_build_array"),
        of!(Json, "to_json", "json_build_object", "json_build_array"),
    ]
    .concat()
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::{check, check_errors};

    #[test]
    fn cases() {
        check(&[
            ("to_jsonb(1.50)", "1.50"),
            ("to_jsonb('NaN'::float8)", "\"NaN\""),
            ("to_jsonb('1e30'::float8)", "1000000000000000000000000000000"),
            ("to_jsonb(true)", "true"),
            ("to_jsonb('a\"b'::text)", r#""a\"b""#),
            ("to_jsonb('2024-01-01'::date)", "\"2024-01-01\""),
            ("to_jsonb('2024-01-01 12:00:01.5'::timestamp)", "\"2024-01-01T12:00:01.5\""),
            ("to_jsonb('2024-01-01 12:00'::timestamptz)", "\"2024-01-01T12:00:00+00:00\""),
            ("to_jsonb('infinity'::timestamp)", "\"infinity\""),
            ("to_jsonb('1 day'::interval)", "\"1 day\""),
            ("to_jsonb('{1,NULL}'::int4[])", "[1, null]"),
            ("to_jsonb('{\"a b\",c}'::text[])", r#"["a b", "c"]"#),
            ("to_jsonb('{\"b\":1,\"a\":2}'::jsonb)", r#"{"a": 2, "b": 1}"#),
            ("to_jsonb(NULL::int4)", "NULL"),
            ("to_json(1.5)", "1.5"),
            ("jsonb_build_object('a', 1, 'b', NULL, 2, 'x')", r#"{"2": "x", "a": 1, "b": null}"#),
            ("json_build_object('a', 1, 'b', 'x')", r#"{"a" : 1, "b" : "x"}"#),
            ("jsonb_build_array(1, 'a', NULL)", r#"[1, "a", null]"#),
            ("jsonb_build_object()", "{}"),
            ("json_build_array(1, 2)", "[1, 2]"),
        ]);
        check_errors(&[
            ("jsonb_build_object('a')", "22023 argument list must have even number of elements"),
            ("jsonb_build_object(NULL, 1)", "22023 argument 1: key must not be null"),
        ]);
    }
}
