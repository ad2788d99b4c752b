//! One value read from the wire's binary format.
use std::sync::Arc;

use arrow::array::{ArrayRef, ListArray};
use arrow::buffer::{OffsetBuffer, ScalarBuffer};
use arrow::datatypes::{Field, IntervalMonthDayNano};
use datafusion::common::ScalarValue;

use super::writer::JSONB_VERSION;
use super::{array, numeric};
use crate::types::calendar::{
    DATE_MAX, DATE_MIN, DAY, WIRE_EPOCH_DAYS, WIRE_EPOCH_MICROS, in_range,
};
use crate::types::decimal::{to_bare, to_numeric};
use crate::types::{BARE_NUMERIC_SCALE, NUMERIC_PRECISION_MAX, TextStyle, Type, parse_text};
use crate::{Error, Result};

/// Reads the bytes of a value, which is not NULL, of the type `ty`.
///
/// # Errors
/// 22P03 if they have a wrong length or form, 22021 for text that is not UTF-8, 22003 for a
/// numeric with more digits than it holds, 22008 for a time out of range.
pub fn read_binary(bytes: &[u8], ty: &Type) -> Result<ScalarValue> {
    Ok(match ty {
        Type::Rounded(moment, digits) => {
            moment.rounded_value(read_binary(bytes, ty.plain())?, *digits)
        }
        Type::Bool => ScalarValue::Boolean(Some(u8::from_be_bytes(fixed(bytes, ty)?) != 0)),
        Type::Int2 => ScalarValue::Int16(Some(i16::from_be_bytes(fixed(bytes, ty)?))),
        Type::Int4 => ScalarValue::Int32(Some(i32::from_be_bytes(fixed(bytes, ty)?))),
        Type::Int8 => ScalarValue::Int64(Some(i64::from_be_bytes(fixed(bytes, ty)?))),
        Type::Oid | Type::Reg(_) => {
            ScalarValue::Int64(Some(i64::from(u32::from_be_bytes(fixed(bytes, ty)?))))
        }
        Type::Float4 => ScalarValue::Float32(Some(f32::from_be_bytes(fixed(bytes, ty)?))),
        Type::Float8 => ScalarValue::Float64(Some(f64::from_be_bytes(fixed(bytes, ty)?))),
        Type::Numeric(precision, scale) => {
            let (value, given) = numeric::read(bytes)?;
            let value = to_numeric(value, given, *precision, *scale)?;
            ScalarValue::Decimal128(Some(value), *precision, *scale)
        }
        Type::Quotient(..) => read_binary(bytes, &ty.held())?,
        Type::BareNumeric => {
            let (value, given) = numeric::read(bytes)?;
            let value = to_bare(value, given)?;
            ScalarValue::Decimal128(Some(value), NUMERIC_PRECISION_MAX, BARE_NUMERIC_SCALE)
        }
        Type::Text
        | Type::Varchar(_)
        | Type::Char(_)
        | Type::Name
        | Type::Json
        | Type::Void
        | Type::Unknown => parse_text(text(bytes)?, ty, &TextStyle::default())?,
        Type::ByteChar => match fixed::<1>(bytes, ty)? {
            [0] => ScalarValue::Utf8(Some(String::new())),
            letter => ScalarValue::Utf8(Some(text(&letter)?.to_owned())),
        },
        Type::Jsonb => match bytes.split_first() {
            Some((&JSONB_VERSION, rest)) => parse_text(text(rest)?, ty, &TextStyle::default())?,
            Some((version, _)) => {
                let message = format!("unsupported jsonb version number {version}");
                return Err(Error::new("22P03", message));
            }
            None => return Err(wrong(ty)),
        },
        Type::Bytea => ScalarValue::Binary(Some(bytes.to_vec())),
        Type::Uuid => ScalarValue::FixedSizeBinary(16, Some(fixed::<16>(bytes, ty)?.to_vec())),
        Type::Date => ScalarValue::Date32(Some(date(i32::from_be_bytes(fixed(bytes, ty)?))?)),
        Type::Time => {
            let micros = i64::from_be_bytes(fixed(bytes, ty)?);
            if !(0..=DAY).contains(&micros) {
                return Err(Error::new("22008", "time out of range"));
            }
            ScalarValue::Time64Microsecond(Some(micros))
        }
        Type::Timestamp => {
            let micros = timestamp(i64::from_be_bytes(fixed(bytes, ty)?))?;
            ScalarValue::TimestampMicrosecond(Some(micros), None)
        }
        Type::TimestampTz => {
            let micros = timestamp(i64::from_be_bytes(fixed(bytes, ty)?))?;
            ScalarValue::TimestampMicrosecond(Some(micros), Some("UTC".into()))
        }
        Type::Interval => ScalarValue::IntervalMonthDayNano(Some(interval(bytes, ty)?)),
        Type::Vector(vector) => return read_binary(bytes, &vector.array()),
        Type::Array(item) => {
            let parts = array::read(bytes)?;
            ScalarValue::List(Arc::new(list(&parts.lengths, &parts.items, item)?))
        }
    })
}

fn fixed<const LENGTH: usize>(bytes: &[u8], ty: &Type) -> Result<[u8; LENGTH]> {
    bytes.try_into().map_err(|_| wrong(ty))
}

fn wrong(ty: &Type) -> Error {
    Error::new("22P03", format!("incorrect binary data format for type {ty}"))
}

fn text(bytes: &[u8]) -> Result<&str> {
    let invalid = |byte: u8| {
        Error::new("22021", format!("invalid byte sequence for encoding \"UTF8\": 0x{byte:02x}"))
    };
    let text = str::from_utf8(bytes)
        .map_err(|error| invalid(bytes.get(error.valid_up_to()).copied().unwrap_or_default()))?;
    if text.contains('\0') { Err(invalid(0)) } else { Ok(text) }
}

fn date(days: i32) -> Result<i32> {
    if matches!(days, i32::MAX | i32::MIN) {
        return Ok(days);
    }
    days.checked_add(WIRE_EPOCH_DAYS)
        .filter(|days| (DATE_MIN..=DATE_MAX).contains(days))
        .ok_or_else(|| Error::new("22008", "date out of range"))
}

fn timestamp(micros: i64) -> Result<i64> {
    if matches!(micros, i64::MAX | i64::MIN) {
        return Ok(micros);
    }
    micros
        .checked_add(WIRE_EPOCH_MICROS)
        .filter(|micros| in_range(*micros))
        .ok_or_else(|| Error::new("22008", "timestamp out of range"))
}

fn interval(bytes: &[u8], ty: &Type) -> Result<IntervalMonthDayNano> {
    let (time, rest) = bytes.split_first_chunk::<8>().ok_or_else(|| wrong(ty))?;
    let (days, months) = rest.split_first_chunk::<4>().ok_or_else(|| wrong(ty))?;
    let nanoseconds = i64::from_be_bytes(*time)
        .checked_mul(1_000)
        .ok_or_else(|| Error::new("22008", "interval out of range"))?;
    Ok(IntervalMonthDayNano {
        months: i32::from_be_bytes(fixed(months, ty)?),
        days: i32::from_be_bytes(*days),
        nanoseconds,
    })
}

/// The one-row column of an array, whose dimensions are as many as the type's.
fn list(lengths: &[usize], items: &[Option<&[u8]>], item: &Type) -> Result<ListArray> {
    let Some((length, inner)) = lengths.split_first() else {
        let empty = arrow::array::new_empty_array(&item.arrow());
        return one_row(item, empty);
    };
    match item {
        Type::Array(deeper) if !inner.is_empty() => {
            let size = items.len().checked_div(*length).unwrap_or(0).max(1);
            let rows: Vec<ListArray> = items
                .chunks(size)
                .map(|items| list(inner, items, deeper))
                .collect::<Result<_>>()?;
            let rows: Vec<&dyn arrow::array::Array> =
                rows.iter().map(|row| row as &dyn arrow::array::Array).collect();
            one_row(item, arrow::compute::concat(&rows)?)
        }
        Type::Array(_) => Err(dimensions()),
        _ if !inner.is_empty() => Err(dimensions()),
        _ => {
            let null = ScalarValue::try_from(&item.arrow())?;
            let values = items
                .iter()
                .map(|bytes| bytes.map_or(Ok(null.clone()), |bytes| read_binary(bytes, item)))
                .collect::<Result<Vec<_>>>()?;
            if values.is_empty() {
                return one_row(item, arrow::array::new_empty_array(&item.arrow()));
            }
            one_row(item, ScalarValue::iter_to_array(values)?)
        }
    }
}

fn one_row(item: &Type, values: ArrayRef) -> Result<ListArray> {
    let end = i32::try_from(values.len()).map_err(|_| dimensions())?;
    let offsets = OffsetBuffer::new(ScalarBuffer::from(vec![0, end]));
    let field = Arc::new(Field::new("item", item.arrow(), true));
    Ok(ListArray::try_new(field, offsets, values, None)?)
}

fn dimensions() -> Error {
    Error::unsupported("an array with other dimensions than its type")
}
