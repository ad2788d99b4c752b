//! A batch as bytes: version, number of rows, number of columns, then the columns.
//!
//! The schema is not written: who reads must know it. Equal batches give the same
//! bytes, however their arrays are sliced and whatever stands under their NULLs.
use arrow::array::{RecordBatch, RecordBatchOptions};
use arrow::datatypes::SchemaRef;

use super::column::{read_column, write_column};
use super::integer::{corrupt, get_u8, get_u64, put_u64};
use crate::Result;
use crate::columns::Column;

/// The format's version, its first byte.
const VERSION: u8 = 1;

/// More rows than any batch has.
const BATCH_ROWS_MAX: u64 = i32::MAX as u64;

/// Appends `batch`. Fails with 0A000 for a type that no relation has.
pub fn write_batch(batch: &RecordBatch, output: &mut Vec<u8>) -> Result<()> {
    output.push(VERSION);
    put_u64(output, batch.num_rows() as u64);
    put_u64(output, batch.num_columns() as u64);
    for array in batch.columns() {
        let column = Column::of(array)?;
        write_column(&column.view(), 0..batch.num_rows(), output);
    }
    Ok(())
}

/// Takes a batch of `schema` off the front of `input`. Fails with
/// [`crate::ErrorKind::Corrupt`] if the bytes are not one.
pub fn read_batch(schema: &SchemaRef, input: &mut &[u8]) -> Result<RecordBatch> {
    let version = get_u8(input)?;
    if version != VERSION {
        return Err(corrupt(format!("an encoded batch has the unknown version {version}")));
    }
    let rows = get_u64(input)?;
    let columns = get_u64(input)?;
    if rows > BATCH_ROWS_MAX {
        return Err(corrupt(format!("an encoded batch claims {rows} rows")));
    }
    if columns != schema.fields().len() as u64 {
        return Err(corrupt(format!(
            "an encoded batch has {columns} columns instead of {}",
            schema.fields().len()
        )));
    }
    let arrays = schema
        .fields()
        .iter()
        .map(|field| read_column(field.data_type(), rows as usize, input)?.finish())
        .collect::<Result<Vec<_>>>();
    let arrays = arrays.map_err(|error| match error.kind() {
        crate::ErrorKind::Corrupt | crate::ErrorKind::Invalid => error,
        _ => corrupt(error.message()),
    })?;
    let options = RecordBatchOptions::new().with_row_count(Some(rows as usize));
    RecordBatch::try_new_with_options(schema.clone(), arrays, &options)
        .map_err(|error| corrupt(format!("an encoded batch does not fit its schema: {error}")))
}
