//! Records that could not be read, gathered for the error relation.
use std::sync::Arc;

use arrow::array::{ArrayRef, Int32Array, RecordBatch, StringArray};
use engine::rejected_schema;
use sql::Error;
use sql::statement::copy::Taken;

use super::payload::payload;

/// What is wrong with a record, and in which column.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) error: Error,
    pub(super) column: Option<String>,
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self { error, column: None }
    }
}

/// Rejected records, in the order of their file.
#[derive(Debug, Default)]
pub(super) struct Rejects {
    codes: Vec<&'static str>,
    messages: Vec<String>,
    records: Vec<String>,
    places: Vec<String>,
}

impl Rejects {
    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.codes.len()
    }

    /// Adds a record of a file.
    pub(super) fn push(&mut self, fault: &Fault, taken: &Taken<'_>, file: &str) {
        let Fault { error, column } = fault;
        self.codes.push(error.code());
        self.messages.push(match error.detail() {
            Some(detail) => format!("{error} ({})", detail.trim_end_matches('.')),
            None => error.to_string(),
        });
        self.records.push(payload(taken.bytes));
        let place = format!("{file}, line {}, byte {}", taken.line, taken.offset);
        self.places.push(match column {
            Some(column) => format!("{place}, column {column}"),
            None => place,
        });
    }

    /// All of them in [`rejected_schema`]; `None` where there are none.
    pub(super) fn finish(&mut self) -> sql::Result<Option<RecordBatch>> {
        let all = std::mem::take(self);
        if all.codes.is_empty() {
            return Ok(None);
        }
        let columns: Vec<ArrayRef> = vec![
            Arc::new(Int32Array::from(vec![0; all.codes.len()])),
            Arc::new(StringArray::from(all.codes)),
            Arc::new(StringArray::from(all.messages)),
            Arc::new(StringArray::from(all.records)),
            Arc::new(StringArray::from(all.places)),
        ];
        Ok(Some(RecordBatch::try_new(rejected_schema(), columns)?))
    }
}
