//! One text as a value of any type.
use std::borrow::Cow;
use std::sync::Arc;

use arrow::array::ListArray;
use datafusion::common::ScalarValue;

use super::builder::ColumnBuilder;
use super::character::{Fit, byte_char, fit_char, fit_varchar, name};
use super::date_time::{Kind, read};
use super::interval::{Plain, interval};
use super::{boolean, bytes, decimal, float, integer, json, uuid};
use crate::types::{BARE_NUMERIC_SCALE, NUMERIC_PRECISION_MAX, Reg, TextStyle, Type, regtype};
use crate::{Error, Result};

/// Reads `text` as a value of the type `ty`, held as [`Type::arrow`] says.
///
/// # Errors
/// As PostgreSQL's input functions: 22P02, 22003, 22007, 22008, 22001 and their like. Strings
/// that are too long are refused, unless blanks only are too many.
pub fn parse_text(text: &str, ty: &Type, style: &TextStyle) -> Result<ScalarValue> {
    Ok(match ty {
        Type::Rounded(moment, digits) => {
            moment.rounded_value(parse_text(text, ty.plain(), style)?, *digits)
        }
        Type::Bool => ScalarValue::Boolean(Some(boolean::boolean(text)?)),
        Type::Int2 => ScalarValue::Int16(Some(integer::int2(text)?)),
        Type::Int4 => ScalarValue::Int32(Some(integer::int4(text)?)),
        Type::Int8 => ScalarValue::Int64(Some(integer::int8(text)?)),
        Type::Oid => ScalarValue::Int64(Some(integer::oid(text)?)),
        Type::Reg(reg) => ScalarValue::Int64(Some(named_oid(text, *reg, style)?)),
        Type::Float4 => ScalarValue::Float32(Some(float::float4(text)?)),
        Type::Float8 => ScalarValue::Float64(Some(float::float8(text)?)),
        Type::Numeric(precision, scale) => ScalarValue::Decimal128(
            Some(decimal::numeric(text, *precision, *scale)?),
            *precision,
            *scale,
        ),
        Type::Quotient(..) => parse_text(text, &ty.held(), style)?,
        Type::BareNumeric => ScalarValue::Decimal128(
            Some(decimal::bare(text)?),
            NUMERIC_PRECISION_MAX,
            BARE_NUMERIC_SCALE,
        ),
        Type::Text
        | Type::Void
        | Type::Unknown
        | Type::Varchar(_)
        | Type::Char(_)
        | Type::ByteChar
        | Type::Name
        | Type::Json
        | Type::Jsonb => ScalarValue::Utf8(Some(string(text, ty)?.into_owned())),
        Type::Bytea => {
            let mut value = Vec::with_capacity(text.len() / 2);
            bytes::read_bytea(text, &mut value)?;
            ScalarValue::Binary(Some(value))
        }
        Type::Uuid => ScalarValue::FixedSizeBinary(16, Some(uuid::uuid(text)?.to_vec())),
        Type::Date => ScalarValue::Date32(Some(read(text, Kind::Date)?.date(text, style)?)),
        Type::Time => {
            ScalarValue::Time64Microsecond(Some(read(text, Kind::Time)?.time(text, style)?))
        }
        Type::Timestamp => {
            let value = read(text, Kind::Timestamp)?.timestamp(text, style)?;
            ScalarValue::TimestampMicrosecond(Some(value), None)
        }
        Type::TimestampTz => {
            let value = read(text, Kind::TimestampTz)?.timestamptz(text, style)?;
            ScalarValue::TimestampMicrosecond(Some(value), Some("UTC".into()))
        }
        Type::Interval => {
            ScalarValue::IntervalMonthDayNano(Some(interval(text, Plain::default())?))
        }
        Type::Array(_) => array(text, ty, style)?,
        Type::Vector(_) => return Err(Error::unsupported(format!("text as {ty}"))),
    })
}

/// Whether the value of `text` depends on the session's zone or clock.
pub(crate) fn needs_session(text: &str, ty: &Type) -> bool {
    let kind = match ty.plain() {
        Type::Date => Kind::Date,
        Type::Time => Kind::Time,
        Type::Timestamp => Kind::Timestamp,
        Type::TimestampTz => Kind::TimestampTz,
        Type::Array(item) => {
            return matches!(
                item.plain(),
                Type::Date | Type::Time | Type::Timestamp | Type::TimestampTz
            );
        }
        Type::Reg(reg) => return named_oid(text, *reg, &TextStyle::default()).is_err(),
        _ => return false,
    };
    read(text, kind).is_ok_and(|reading| reading.needs_session(kind))
}

/// The text that a value of a string type holds.
pub(super) fn string<'a>(text: &'a str, ty: &Type) -> Result<Cow<'a, str>> {
    Ok(match ty {
        Type::Varchar(Some(length)) => Cow::Borrowed(fit_varchar(text, *length, Fit::Refuse)?),
        Type::Char(length) => fit_char(text, *length, Fit::Refuse)?,
        Type::ByteChar => Cow::Borrowed(byte_char(text)),
        Type::Name => Cow::Borrowed(name(text)),
        Type::Jsonb => Cow::Owned(json::canonical(text)?),
        Type::Json => {
            json::check(text)?;
            Cow::Borrowed(text)
        }
        _ => Cow::Borrowed(text),
    })
}

fn array(text: &str, ty: &Type, style: &TextStyle) -> Result<ScalarValue> {
    let mut column = ColumnBuilder::with_capacity(ty, style, 1);
    column.append_text(text)?;
    let column = column.finish();
    let list = column.as_any().downcast_ref::<ListArray>();
    let list = list.ok_or_else(|| Error::internal("an array was not built as a list"))?;
    Ok(ScalarValue::List(Arc::new(list.clone())))
}

/// The oid of a name, or a number as it is.
pub(super) fn named_oid(text: &str, reg: Reg, style: &TextStyle) -> Result<i64> {
    if text == "-" {
        return Ok(0);
    }
    if text.starts_with(|letter: char| letter.is_ascii_digit()) {
        return integer::oid(text);
    }
    if let Some(oid) = regtype::oid_of(text).filter(|_| reg == Reg::Type) {
        return Ok(oid);
    }
    let Some(names) = &style.names else {
        return Err(Error::unsupported(format!("a name as {} here", Type::Reg(reg))));
    };
    names.oid_of(reg, text).ok_or_else(|| match reg {
        Reg::Class => Error::new("42P01", format!("relation \"{text}\" does not exist")),
        Reg::Type => Error::new("42704", format!("type \"{text}\" does not exist")),
        Reg::Proc => Error::new("42883", format!("function \"{text}\" does not exist")),
        Reg::Namespace => Error::new("3F000", format!("schema \"{text}\" does not exist")),
    })
}
