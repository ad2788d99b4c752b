//! Rows that are there from the start.
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow::datatypes::{Schema, SchemaRef};
use datafusion::common::{DFSchema, ScalarValue};
use datafusion::logical_expr::{EmptyRelation, Expr, Values};
use engine::plan::{Node, Plan};

use super::expression::{expression, schema};
use crate::Result;

/// No row, or one without columns.
pub(super) fn empty(node: &EmptyRelation) -> Result<Arc<Plan>> {
    let schema = schema(&node.schema);
    let rows = match node.produce_one_row {
        true => batch(schema.clone(), vec![], 1)?,
        false => RecordBatch::new_empty(schema.clone()),
    };
    Ok(Arc::new(Plan { node: Node::Values { rows }, schema }))
}

/// The rows of VALUES; each is constant.
pub(super) fn values(node: &Values) -> Result<Arc<Plan>> {
    let schema = schema(&node.schema);
    let columns = (0..schema.fields().len())
        .map(|number| {
            let values = node
                .values
                .iter()
                .filter_map(|row| row.get(number))
                .map(constant)
                .collect::<Result<Vec<_>>>()?;
            Ok(ScalarValue::iter_to_array(values)?)
        })
        .collect::<Result<Vec<_>>>()?;
    let rows = batch(schema.clone(), columns, node.values.len())?;
    Ok(Arc::new(Plan { node: Node::Values { rows }, schema }))
}

fn constant(expr: &Expr) -> Result<ScalarValue> {
    let nothing = DFSchema::empty();
    let one_row = batch(Arc::new(Schema::empty()), vec![], 1)?;
    let value = expression(expr, &nothing)?.physical.evaluate(&one_row)?;
    let array = value.into_array(1)?;
    Ok(ScalarValue::try_from_array(&array, 0)?)
}

fn batch(schema: SchemaRef, columns: Vec<ArrayRef>, rows: usize) -> Result<RecordBatch> {
    let options = RecordBatchOptions::new().with_row_count(Some(rows));
    Ok(RecordBatch::try_new_with_options(schema, columns, &options)?)
}
