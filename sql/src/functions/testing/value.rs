//! Values of the tables of cases: as they are written, and printed.
use datafusion::common::ScalarValue;
use engine::{Error, Result};

use crate::types::{TextStyle, TextWriter, Type, parse_text};

/// A value with its type.
#[derive(Clone, Debug)]
pub(super) struct Typed {
    pub(super) value: ScalarValue,
    pub(super) ty: Type,
}

/// The type of a name.
pub(super) fn type_of(text: &str) -> Type {
    let text = text.to_lowercase();
    if let Some(item) = text.strip_suffix("[]") {
        return Type::Array(Box::new(type_of(item)));
    }
    let (name, digits) = match text.split_once('(') {
        Some((name, digits)) => (name, digits.trim_end_matches(')')),
        None => (text.as_str(), ""),
    };
    let digits: Vec<i32> =
        digits.split(',').filter_map(|digit| digit.trim().parse().ok()).collect();
    match name {
        "bool" | "boolean" => Type::Bool,
        "int2" | "smallint" => Type::Int2,
        "int4" | "integer" | "int" => Type::Int4,
        "int8" | "bigint" => Type::Int8,
        "float4" | "real" => Type::Float4,
        "float8" | "double precision" => Type::Float8,
        "numeric" => match digits[..] {
            [] => Type::BareNumeric,
            [precision] => Type::Numeric(precision as u8, 0),
            [precision, scale, ..] => Type::Numeric(precision as u8, scale as i8),
        },
        "text" => Type::Text,
        "varchar" => Type::Varchar(digits.first().map(|length| *length as u32)),
        "char" => Type::Char(digits.first().map_or(1, |length| *length as u32)),
        "name" => Type::Name,
        "bytea" => Type::Bytea,
        "date" => Type::Date,
        "time" => Type::Time,
        "timestamp" => Type::Timestamp,
        "timestamptz" => Type::TimestampTz,
        "interval" => Type::Interval,
        "uuid" => Type::Uuid,
        "json" => Type::Json,
        "jsonb" => Type::Jsonb,
        "oid" => Type::Oid,
        other => panic!("type {other}"),
    }
}

/// A type without its digits and length.
pub(super) fn kind(ty: &Type) -> Type {
    match ty {
        Type::Numeric(..) => Type::BareNumeric,
        Type::Varchar(_) => Type::Text,
        Type::Char(_) => Type::Char(1),
        other => other.clone(),
    }
}

/// A value as one of another type, by way of its text.
pub(super) fn cast(from: &Typed, to: &Type) -> Result<Typed> {
    let value = match from.value.is_null() {
        true => ScalarValue::try_from(&to.arrow()).unwrap(),
        false => parse(&print(from), to)?,
    };
    Ok(Typed { value, ty: to.clone() })
}

/// The value that a text is.
pub(super) fn parse(text: &str, ty: &Type) -> Result<ScalarValue> {
    parse_text(text, ty, &TextStyle::default())
        .map_err(|error| Error::data(error.code(), error.message()))
}

/// The text of a value; `NULL` is null.
pub(super) fn print(typed: &Typed) -> String {
    if typed.value.is_null() {
        return "NULL".to_owned();
    }
    let array = typed.value.to_array_of_size(1).unwrap();
    let writer = TextWriter::new(&array, &typed.ty, &TextStyle::default()).unwrap();
    let mut text = vec![];
    writer.write(0, &mut text);
    String::from_utf8(text).unwrap()
}
