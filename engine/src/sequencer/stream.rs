//! The hidden columns of a stream's rows, which the sequencer fills in.
use std::sync::Arc;

use arrow::array::{
    ArrayRef, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray, new_null_array,
};
use arrow::datatypes::{DataType, SchemaRef};

use crate::{Error, Result};

/// What the hidden columns of a batch are made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Arrival {
    /// `_position` of the first row; the others follow without gaps.
    pub(crate) position: i64,
    /// `_arrived`: the frame's time in microseconds.
    pub(crate) time: i64,
    /// `_source`, the same for all rows.
    pub(crate) source: Option<String>,
}

/// `rows` of a stream with its hidden columns behind them.
pub(crate) fn with_hidden(
    schema: &SchemaRef,
    rows: &RecordBatch,
    arrival: &Arrival,
) -> Result<RecordBatch> {
    let count = rows.num_rows();
    let last = i64::try_from(count).ok().and_then(|count| arrival.position.checked_add(count));
    let last = last.ok_or_else(|| Error::internal("a stream has run out of positions"))?;
    let position: ArrayRef = Arc::new(Int64Array::from_iter_values(arrival.position..last));
    let arrived: ArrayRef =
        Arc::new(TimestampMicrosecondArray::from_value(arrival.time, count).with_timezone("UTC"));
    let source: ArrayRef = match &arrival.source {
        Some(source) => Arc::new(StringArray::from_iter_values(std::iter::repeat_n(source, count))),
        None => new_null_array(&DataType::Utf8, count),
    };
    let mut columns = rows.columns().to_vec();
    columns.extend([
        position,
        arrived,
        new_null_array(&DataType::Int64, count),
        source,
        new_null_array(&DataType::Utf8, count),
    ]);
    Ok(RecordBatch::try_new(Arc::clone(schema), columns)?)
}
