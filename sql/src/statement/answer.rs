//! Small answers that are made here: rows of text.
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray};
use arrow::datatypes::Schema;

use crate::Result;
use crate::response::{OutputColumn, Rows, Tag};
use crate::types::Type;

/// Columns of text with these names.
pub(crate) fn text_columns(names: &[&str]) -> Arc<[OutputColumn]> {
    let column =
        |name: &&str| OutputColumn { name: (*name).to_owned(), ty: Type::Text, origin: None };
    names.iter().map(column).collect()
}

/// Rows of text under these columns, which are as many as each row's values.
pub(crate) fn text_rows(
    columns: Arc<[OutputColumn]>,
    rows: &[Vec<Option<String>>],
    tag: Tag,
) -> Result<Rows> {
    let fields: Vec<_> = columns.iter().map(|column| column.ty.field(&column.name, true)).collect();
    let values = (0..columns.len()).map(|place| {
        let cells = rows.iter().map(|row| row.get(place).and_then(Option::as_deref));
        Arc::new(cells.collect::<StringArray>()) as ArrayRef
    });
    let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), values.collect())?;
    Ok(Rows::ready(columns, vec![batch], tag))
}
