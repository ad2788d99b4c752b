//! A row of expressions for each row.
use arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow::datatypes::SchemaRef;

use crate::expression::{Outcome, evaluate, split};
use crate::operator::{Context, Operator, only};
use crate::plan::Expression;
use crate::{Delta, Result};

/// Keeps no state: a retraction makes the row that its insertion made.
pub(crate) struct Project {
    expressions: Vec<Expression>,
    schema: SchemaRef,
}

impl Project {
    pub(crate) fn new(expressions: Vec<Expression>, schema: SchemaRef) -> Self {
        Self { expressions, schema }
    }

    fn columns(&self, rows: &RecordBatch) -> Result<Vec<ArrayRef>> {
        self.expressions.iter().map(|expression| evaluate(expression, rows)).collect()
    }
}

impl Operator for Project {
    fn process(&mut self, inputs: &[Delta], context: &mut Context<'_>) -> Result<Delta> {
        let input = only(inputs)?;
        let mut made = vec![];
        for (range, outcome) in split(input.rows(), &|rows| self.columns(rows))? {
            let part = input.slice(range.start, range.len());
            match outcome {
                Outcome::Good(columns) => {
                    let options = RecordBatchOptions::new().with_row_count(Some(part.len()));
                    let schema = SchemaRef::clone(&self.schema);
                    let rows = RecordBatch::try_new_with_options(schema, columns, &options)?;
                    made.push(part.with_rows(rows)?);
                }
                Outcome::Failed(error) => {
                    let weight = part.weights_iter().sum();
                    let row = (input.rows().columns(), range.start);
                    context.failures.push(context.operator, &error, row, weight);
                }
            }
        }
        Delta::concat(&self.schema, &made)
    }
}
