//! JSON as the other JSON type, or the scalar in a `jsonb` as a value.
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, StringBuilder};

use super::conversion::Conversion;
use super::number::{base_name, out_of_range};
use crate::types::column::mismatch;
use crate::types::decimal::rescale;
use crate::types::input::{json, numeric_digits};
use crate::types::{ColumnBuilder, TextStyle, Type};
use crate::{Error, Result};

/// Converts a column of JSON texts.
pub(super) fn convert(column: &ArrayRef, conversion: &Conversion) -> Result<ArrayRef> {
    let values = column
        .as_string_opt::<i32>()
        .ok_or_else(|| mismatch(column.data_type(), &conversion.from))?;
    let to = &conversion.to;
    match to {
        Type::Json => return Ok(column.clone()),
        Type::Jsonb => {
            let mut texts = StringBuilder::with_capacity(values.len(), values.value_data().len());
            for value in values {
                texts.append_option(value.map(json::canonical).transpose()?);
            }
            return Ok(Arc::new(texts.finish()));
        }
        _ => {}
    }
    let mut builder = ColumnBuilder::with_capacity(to, &TextStyle::default(), values.len());
    for value in values {
        match value {
            Some(text) => append_scalar(&mut builder, text, to)?,
            None => builder.append_null(),
        }
    }
    Ok(builder.finish())
}

fn append_scalar(builder: &mut ColumnBuilder, text: &str, to: &Type) -> Result<()> {
    let kind = match text.bytes().next() {
        Some(b't' | b'f') => "boolean",
        Some(b'{') => "object",
        Some(b'[') => "array",
        Some(b'"') => "string",
        Some(b'n') => "null",
        _ => "numeric",
    };
    let wanted = if *to == Type::Bool { "boolean" } else { "numeric" };
    if kind != wanted {
        let message = format!("cannot cast jsonb {kind} to type {}", base_name(to));
        return Err(Error::new("22023", message));
    }
    if !matches!(to, Type::Int2 | Type::Int4 | Type::Int8) {
        return builder.append_text(text);
    }
    // Whole numbers are rounded as numerics are.
    let rounded = numeric_digits(text)?
        .and_then(|(value, scale)| rescale(value, scale, 0))
        .ok_or_else(|| out_of_range(to))?;
    builder.append_text(&rounded.to_string()).map_err(|_| out_of_range(to))
}
