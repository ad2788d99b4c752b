//! An expression's value over a whole batch.
use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, RecordBatch};
use arrow::compute::prep_null_mask_filter;
use arrow::datatypes::DataType;

use crate::plan::Expression;
use crate::{Error, Result};

/// One value for each row.
pub(crate) fn evaluate(expression: &Expression, rows: &RecordBatch) -> Result<ArrayRef> {
    Ok(expression.physical.evaluate(rows)?.into_array(rows.num_rows())?)
}

/// Whether a predicate is true of each row; null counts as false, so none is null.
pub(crate) fn evaluate_mask(predicate: &Expression, rows: &RecordBatch) -> Result<BooleanArray> {
    let mask = evaluate(predicate, rows)?;
    match mask.data_type() {
        DataType::Boolean if mask.null_count() > 0 => Ok(prep_null_mask_filter(mask.as_boolean())),
        DataType::Boolean => Ok(mask.as_boolean().clone()),
        DataType::Null => Ok(BooleanArray::from(vec![false; rows.num_rows()])),
        other => Err(Error::internal(format!("a predicate is of type {other}"))),
    }
}
