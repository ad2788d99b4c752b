//! Arrays, element by element.
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, ListArray};
use arrow::buffer::OffsetBuffer;
use arrow::datatypes::Field;

use super::conversion::Conversion;
use crate::Result;
use crate::types::TextStyle;
use crate::types::column::mismatch;

/// Converts a column of arrays by the conversion of their elements.
pub(super) fn convert(
    column: &ArrayRef,
    items: &Conversion,
    style: &TextStyle,
) -> Result<ArrayRef> {
    let lists: &ListArray =
        column.as_list_opt().ok_or_else(|| mismatch(column.data_type(), &items.from))?;
    // Elements outside of a sliced column must not fail.
    let bound =
        |offset: Option<&i32>| offset.and_then(|offset| usize::try_from(*offset).ok()).unwrap_or(0);
    let offsets = lists.value_offsets();
    let (start, end) = (bound(offsets.first()), bound(offsets.last()));
    let values = items.apply(&lists.values().slice(start, end - start), style)?;
    let lengths = OffsetBuffer::from_lengths(lists.offsets().lengths());
    let field = Arc::new(Field::new("item", items.to.arrow(), true));
    Ok(Arc::new(ListArray::try_new(field, lengths, values, lists.nulls().cloned())?))
}
