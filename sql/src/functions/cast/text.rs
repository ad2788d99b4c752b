//! Values as strings, or back.
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, StringArray, StringBuilder};
use arrow::buffer::{Buffer, OffsetBuffer, ScalarBuffer};

use super::conversion::Conversion;
use crate::types::column::mismatch;
use crate::types::input::{byte_char, fit_char, fit_varchar, name};
use crate::types::{ColumnBuilder, Reg, TextStyle, TextWriter, Type};
use crate::{Error, Result};

/// Writes a column as one of the string types.
pub(super) fn to_text(
    column: &ArrayRef,
    conversion: &Conversion,
    style: &TextStyle,
) -> Result<ArrayRef> {
    let texts = match &conversion.from {
        Type::Bool => booleans(column)?,
        from if matches!(column.data_type(), arrow::datatypes::DataType::Utf8) => {
            let values = strings(column, from)?;
            // Blanks at the end of a character(n) are only its padding.
            if matches!(from, Type::Char(_)) && !matches!(conversion.to, Type::Char(_)) {
                map(values, |text| Ok(text.trim_end_matches(' ').into()))?
            } else {
                values.clone()
            }
        }
        Type::Reg(reg) if *reg != Reg::Type && style.names.is_none() => {
            return Err(Error::unsupported(format!("{} as text here", conversion.from)));
        }
        from => written(&TextWriter::new(column, from, style)?)?,
    };
    let fit = conversion.fit;
    Ok(Arc::new(match &conversion.to {
        Type::Varchar(Some(length)) => {
            map(&texts, |text| fit_varchar(text, *length, fit).map(Into::into))?
        }
        Type::Char(length) => map(&texts, |text| fit_char(text, *length, fit))?,
        Type::Name => map(&texts, |text| Ok(name(text).into()))?,
        Type::ByteChar => map(&texts, |text| Ok(byte_char(text).into()))?,
        _ => texts,
    }))
}

/// Reads every string as a value of `to`.
pub(super) fn parse(column: &ArrayRef, to: &Type, style: &TextStyle) -> Result<ArrayRef> {
    let values = strings(column, &Type::Text)?;
    let mut builder = ColumnBuilder::with_capacity(to, style, values.len());
    for value in values {
        match value {
            Some(text) => builder.append_text(text)?,
            None => builder.append_null(),
        }
    }
    Ok(builder.finish())
}

fn strings<'a>(column: &'a ArrayRef, ty: &Type) -> Result<&'a StringArray> {
    column.as_string_opt::<i32>().ok_or_else(|| mismatch(column.data_type(), ty))
}

fn booleans(column: &ArrayRef) -> Result<StringArray> {
    let values =
        column.as_boolean_opt().ok_or_else(|| mismatch(column.data_type(), &Type::Bool))?;
    let word = |value: bool| if value { "true" } else { "false" };
    Ok(values.iter().map(|value| value.map(word)).collect())
}

/// All values of a column in one buffer.
fn written(writer: &TextWriter) -> Result<StringArray> {
    let mut bytes = Vec::with_capacity(writer.len() * 8);
    let mut ends = Vec::with_capacity(writer.len() + 1);
    ends.push(0);
    for row in 0..writer.len() {
        if !writer.is_null(row) {
            writer.write(row, &mut bytes);
        }
        ends.push(i32::try_from(bytes.len()).map_err(|_| too_long())?);
    }
    let offsets = OffsetBuffer::new(ScalarBuffer::from(ends));
    Ok(StringArray::try_new(offsets, Buffer::from_vec(bytes), writer.nulls())?)
}

fn map<'a>(
    values: &'a StringArray,
    change: impl Fn(&'a str) -> Result<std::borrow::Cow<'a, str>>,
) -> Result<StringArray> {
    let mut builder = StringBuilder::with_capacity(values.len(), values.value_data().len());
    for value in values {
        match value {
            Some(text) => builder.append_value(change(text)?),
            None => builder.append_null(),
        }
    }
    Ok(builder.finish())
}

fn too_long() -> Error {
    Error::new("54000", "the texts of one batch exceed 2 GiB")
}
