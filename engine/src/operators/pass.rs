//! Rows handed on with other columns or names: a scan, a branch of a union.
use arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow::datatypes::SchemaRef;

use crate::operator::{Context, Operator, only};
use crate::{Delta, Error, Result};

/// Hands on these columns (all, if none are named), under the names of its own schema.
pub(crate) struct Pass {
    columns: Option<Vec<usize>>,
    schema: SchemaRef,
}

impl Pass {
    /// Some columns of a relation.
    pub(crate) fn scan(columns: Vec<usize>, schema: SchemaRef) -> Self {
        Self { columns: Some(columns), schema }
    }

    /// The rows of all inputs.
    pub(crate) fn union(schema: SchemaRef) -> Self {
        Self { columns: None, schema }
    }
}

impl Operator for Pass {
    fn process(&mut self, inputs: &[Delta], _context: &mut Context<'_>) -> Result<Delta> {
        let input = only(inputs)?;
        let columns: Vec<ArrayRef> = match &self.columns {
            None => input.rows().columns().to_vec(),
            Some(numbers) => numbers
                .iter()
                .map(|number| input.rows().columns().get(*number).cloned())
                .collect::<Option<_>>()
                .ok_or_else(|| Error::internal("a scan is of no column of its relation"))?,
        };
        let options = RecordBatchOptions::new().with_row_count(Some(input.len()));
        let schema = SchemaRef::clone(&self.schema);
        input.with_rows(RecordBatch::try_new_with_options(schema, columns, &options)?)
    }
}
