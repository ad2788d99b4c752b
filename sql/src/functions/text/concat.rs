//! `||`, `concat` and `concat_ws`: texts one behind the other.
use arrow::array::ArrayRef;
use engine::Result;

use super::written::{Written, text_of};
use crate::functions::Overload;
use crate::functions::kernel::{Arguments, Fallible, Write, map2, overload};
use crate::types::Type;

/// All arguments, nulls left out.
fn concat(arguments: &Arguments<'_>) -> Result<ArrayRef> {
    let written = Written::new(arguments, 0)?;
    String::collect(arguments.rows(), &arguments.result().arrow(), |row| {
        let mut out = vec![];
        for index in 0..written.len() {
            written.write(index, row, &mut out);
        }
        text_of(out).map(Some)
    })
}

/// All arguments but the first, which stands between them, nulls left out.
fn concat_with(arguments: &Arguments<'_>) -> Result<ArrayRef> {
    let separators = arguments.reader::<&str>(0)?;
    let written = Written::new(arguments, 1)?;
    String::collect(arguments.rows(), &arguments.result().arrow(), |row| {
        let Some(separator) = separators.get(row) else { return Ok(None) };
        let mut out = vec![];
        let mut first = true;
        for index in 0..written.len() {
            let start = out.len();
            if !first {
                out.extend_from_slice(separator.as_bytes());
            }
            match written.write(index, row, &mut out) {
                true => first = false,
                false => out.truncate(start),
            }
        }
        text_of(out).map(Some)
    })
}

/// Two operands, of which one may be of any type.
fn joined(arguments: &Arguments<'_>) -> Result<ArrayRef> {
    let written = Written::cast(arguments)?;
    String::collect(arguments.rows(), &arguments.result().arrow(), |row| {
        let mut out = vec![];
        match written.write(0, row, &mut out) && written.write(1, row, &mut out) {
            true => text_of(out).map(Some),
            false => Ok(None),
        }
    })
}

/// The kinds that `||` joins with text though they are none.
fn joinable() -> Vec<Type> {
    vec![
        Type::Bool,
        Type::Int2,
        Type::Int4,
        Type::Int8,
        Type::Float4,
        Type::Float8,
        Type::BareNumeric,
        Type::Bytea,
        Type::Date,
        Type::Time,
        Type::Timestamp,
        Type::TimestampTz,
        Type::Interval,
        Type::Uuid,
        Type::Oid,
        Type::Json,
        Type::Jsonb,
    ]
}

/// The overloads of these functions.
pub(super) fn overloads() -> Vec<Overload> {
    let mut overloads = vec![
        overload!("||", [Text, Text] -> Text,
            |arguments| map2(arguments, |left: &str, right: &str| [left, right].concat()),
            fallible: Fallible::Never),
        overload!("||", [Bytea, Bytea] -> Bytea,
            |arguments| map2(arguments, |left: &[u8], right: &[u8]| [left, right].concat()),
            fallible: Fallible::Never),
        overload!("concat", [Unknown] -> Text, concat,
            fallible: Fallible::Never, variadic: true, strict: false, zoned: true),
        overload!("concat_ws", [Text, Unknown] -> Text, concat_with,
            fallible: Fallible::Never, variadic: true, strict: false, zoned: true),
    ];
    let any = overload!("||", [Text, Text] -> Text, joined,
        fallible: Fallible::Never, zoned: true);
    for kind in joinable() {
        let left = Overload { arguments: vec![Type::Text, kind.clone()], ..any.clone() };
        let right = Overload { arguments: vec![kind, Type::Text], ..any.clone() };
        overloads.extend([left, right]);
    }
    overloads
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::check;

    #[test]
    fn cases() {
        check(&[
            ("'Post' || 'greSQL'", "PostgreSQL"),
            ("'a'::text || NULL", "NULL"),
            ("'' || ''", ""),
            ("'Value: '::text || 42", "Value: 42"),
            ("1.50 || 'x'::text", "1.50x"),
            ("'a'::text || true", "atrue"),
            ("'a'::text || '2024-01-01'::date", "a2024-01-01"),
            ("concat('abcde', 2, NULL, 22)", "abcde222"),
            ("concat(NULL)", ""),
            ("concat(true, 1.5, '1 day'::interval)", "t1.51 day"),
            ("concat_ws(',', 'abcde', 2, NULL, 22)", "abcde,2,22"),
            ("concat_ws(',', NULL, 'a')", "a"),
            ("concat_ws(NULL, 'a', 'b')", "NULL"),
            ("concat_ws(',', '', 'b')", ",b"),
        ]);
    }
}
