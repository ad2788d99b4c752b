//! The rows on which a view's operators fail now: its second output.
//!
//! A failure has the weight of the row that caused it, so that retracting the row
//! retracts the failure.
use std::fmt::Write;
use std::sync::{Arc, LazyLock};

use arrow::array::{
    ArrayRef, Int32Array, Int64Array, RecordBatch, RecordBatchOptions, StringArray,
};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::util::display::{ArrayFormatter, FormatOptions};

use crate::{Delta, Error, Result};

/// How much of a value is shown, as in PostgreSQL's "Failing row contains".
const VALUE_CHARACTERS_MAX: usize = 64;

static SCHEMA: LazyLock<SchemaRef> = LazyLock::new(|| {
    Arc::new(Schema::new(vec![
        Field::new("operator", DataType::Int32, false),
        Field::new("sqlstate", DataType::Utf8, false),
        Field::new("message", DataType::Utf8, false),
        Field::new("row", DataType::Utf8, false),
    ]))
});

/// The schema of failures: `operator` int4 (its number in the plan, counted from 0 in
/// preorder), `sqlstate`, `message` and `row` text (the input row, or a group's key).
pub fn failure_schema() -> SchemaRef {
    Arc::clone(&SCHEMA)
}

/// Failures as they are found.
#[derive(Debug, Default)]
pub(crate) struct Failures {
    operators: Vec<i32>,
    codes: Vec<&'static str>,
    messages: Vec<String>,
    rows: Vec<String>,
    weights: Vec<i64>,
}

impl Failures {
    /// Adds a failure of `operator` on a row of `columns`.
    pub(crate) fn push(
        &mut self,
        operator: i32,
        error: &Error,
        row: (&[ArrayRef], usize),
        weight: i64,
    ) {
        if weight == 0 {
            return;
        }
        self.operators.push(operator);
        self.codes.push(error.code());
        self.messages.push(error.message().to_owned());
        self.rows.push(render(row.0, row.1));
        self.weights.push(weight);
    }

    /// Adds those of `other` behind its own.
    pub(crate) fn append(&mut self, mut other: Failures) {
        self.operators.append(&mut other.operators);
        self.codes.append(&mut other.codes);
        self.messages.append(&mut other.messages);
        self.rows.append(&mut other.rows);
        self.weights.append(&mut other.weights);
    }

    /// All of them as a delta of [`failure_schema`].
    pub(crate) fn finish(self) -> Result<Delta> {
        if self.weights.is_empty() {
            return Ok(Delta::empty(failure_schema()));
        }
        let columns: Vec<ArrayRef> = vec![
            Arc::new(Int32Array::from(self.operators)),
            Arc::new(StringArray::from(self.codes)),
            Arc::new(StringArray::from(self.messages)),
            Arc::new(StringArray::from(self.rows)),
        ];
        let options = RecordBatchOptions::new().with_row_count(Some(self.weights.len()));
        let rows = RecordBatch::try_new_with_options(failure_schema(), columns, &options)?;
        Delta::new(rows, Int64Array::from(self.weights))
    }
}

/// A row as PostgreSQL shows it in errors: `(1, null, abc)`.
fn render(columns: &[ArrayRef], row: usize) -> String {
    let mut text = String::from("(");
    for (number, column) in columns.iter().enumerate() {
        if number > 0 {
            text.push_str(", ");
        }
        let options = FormatOptions::new().with_null("null");
        let shown = ArrayFormatter::try_new(column.as_ref(), &options)
            .and_then(|formatter| formatter.value(row).try_to_string())
            .unwrap_or_else(|_| "?".to_owned());
        match shown.char_indices().nth(VALUE_CHARACTERS_MAX) {
            Some((end, _)) => {
                let _ = write!(text, "{}...", shown.get(..end).unwrap_or_default());
            }
            None => text.push_str(&shown),
        }
    }
    text.push(')');
    text
}
