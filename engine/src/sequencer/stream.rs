//! The hidden columns of a stream's rows, which the sequencer fills in.
use std::collections::VecDeque;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray,
    new_null_array,
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

/// Sources whose name is kept as a column.
const SOURCES_MAX: usize = 16;

/// Bytes of a column of one text that is kept.
const COLUMN_BYTES_MAX: usize = 8 << 20;

/// Rows that a column is made for at least.
const COLUMN_ROWS_MIN: usize = 1 << 10;

/// Columns of one value over and over, kept because the next batch mostly needs the same.
/// Rows that hold on to them share their memory.
#[derive(Debug, Default)]
pub(crate) struct Constants {
    /// Texts that are NULL, numbers that are NULL.
    nulls: Option<(ArrayRef, ArrayRef)>,
    /// Oldest first.
    sources: VecDeque<(String, ArrayRef)>,
}

impl Constants {
    /// `rows` of a stream with its hidden columns behind them.
    pub(crate) fn hide(
        &mut self,
        schema: &SchemaRef,
        rows: &RecordBatch,
        arrival: &Arrival,
    ) -> Result<RecordBatch> {
        let count = rows.num_rows();
        let last = i64::try_from(count).ok().and_then(|count| arrival.position.checked_add(count));
        let last = last.ok_or_else(|| Error::internal("a stream has run out of positions"))?;
        let position: ArrayRef = Arc::new(Int64Array::from_iter_values(arrival.position..last));
        let arrived = TimestampMicrosecondArray::from_value(arrival.time, count);
        let (no_text, no_number) = self.nulls(count);
        let source = match &arrival.source {
            Some(source) => self.source(source, count),
            None => no_text.clone(),
        };
        let mut columns = rows.columns().to_vec();
        let arrived: ArrayRef = Arc::new(arrived.with_timezone("UTC"));
        columns.extend([position, arrived, no_number, source, no_text]);
        Ok(RecordBatch::try_new(Arc::clone(schema), columns)?)
    }

    fn nulls(&mut self, count: usize) -> (ArrayRef, ArrayRef) {
        let (texts, numbers) = match self.nulls.take() {
            Some(known) if known.0.len() >= count => known,
            _ => {
                let rows = count.next_power_of_two().max(COLUMN_ROWS_MIN);
                let new = |data_type| new_null_array(&data_type, rows);
                (new(DataType::Utf8), new(DataType::Int64))
            }
        };
        let slices = (texts.slice(0, count), numbers.slice(0, count));
        self.nulls = Some((texts, numbers));
        slices
    }

    fn source(&mut self, source: &str, count: usize) -> ArrayRef {
        let known = self.sources.iter().position(|(name, _)| name == source);
        if let Some((_, column)) = known.and_then(|known| self.sources.get(known))
            && column.len() >= count
        {
            return column.slice(0, count);
        }
        let column = |rows| -> ArrayRef {
            Arc::new(StringArray::from_iter_values(std::iter::repeat_n(source, rows)))
        };
        let rows = count.next_power_of_two().max(COLUMN_ROWS_MIN);
        if rows.saturating_mul(source.len()) > COLUMN_BYTES_MAX {
            return column(count);
        }
        let all = column(rows);
        known.and_then(|known| self.sources.remove(known));
        if self.sources.len() == SOURCES_MAX {
            self.sources.pop_front();
        }
        self.sources.push_back((source.to_owned(), Arc::clone(&all)));
        all.slice(0, count)
    }
}

#[cfg(test)]
mod tests {
    use arrow::array::AsArray;
    use arrow::datatypes::{Field, Schema};

    use super::*;
    use crate::commit::hidden_fields;

    #[test]
    fn columns_that_are_kept_are_as_those_made_anew() {
        let own = Field::new("a", DataType::Int64, true);
        let fields = std::iter::once(own).chain(hidden_fields());
        let schema: SchemaRef = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        let mut constants = Constants::default();
        for (number, count) in [1, 3_000, 2, 0, 1_024, 5_000, 1].into_iter().enumerate() {
            let numbers: ArrayRef = Arc::new(Int64Array::from_value(7, count));
            let rows = RecordBatch::try_from_iter([("a", numbers)]).unwrap();
            let source = (number % 3 > 0).then(|| format!("file {}", number % 3 * count));
            let arrival = Arrival { position: 5, time: 9, source };
            let kept = constants.hide(&schema, &rows, &arrival).unwrap();
            assert_eq!(kept, Constants::default().hide(&schema, &rows, &arrival).unwrap());
            let sources: Vec<_> = kept.column(4).as_string::<i32>().iter().collect();
            assert_eq!(sources, vec![arrival.source.as_deref(); count]);
            assert_eq!((kept.column(3).null_count(), kept.column(5).null_count()), (count, count));
        }
    }

    #[test]
    fn so_many_sources_are_kept_and_no_more() {
        let mut constants = Constants::default();
        for number in 0..100 {
            constants.source(&format!("file {number}"), 10);
        }
        assert_eq!(constants.sources.len(), SOURCES_MAX);
        assert_eq!(constants.source("file 99", 1_000).len(), 1_000);
        constants.source(&"x".repeat(COLUMN_BYTES_MAX), 2);
        assert_eq!(constants.sources.len(), SOURCES_MAX);
    }
}
