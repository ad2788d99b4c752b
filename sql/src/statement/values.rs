//! VALUES of an INSERT, evaluated in place.
//!
//! Most of them are literals or parameters. What is more than rows of plain expressions is
//! left to the readers.
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow::datatypes::Schema;
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::common::{DFSchema, ScalarValue};
use datafusion::execution::context::ExecutionProps;
use datafusion::logical_expr::physical_planning_context::PhysicalPlanningContext;
use datafusion::logical_expr::{Expr, LogicalPlan, Operator};
use datafusion::physical_expr::create_physical_expr;

use crate::Result;

/// Whether [`evaluate`] can be used: rows of expressions that have no order of their own.
pub(crate) fn is_plain(plan: &LogicalPlan) -> bool {
    let is_rows = match plan {
        LogicalPlan::Values(_) => return plan.expressions().iter().all(plain),
        LogicalPlan::Projection(projection) => is_plain(&projection.input),
        _ => false,
    };
    is_rows && plan.expressions().iter().all(plain)
}

fn plain(expr: &Expr) -> bool {
    let mut plain = true;
    // The closure never fails.
    let _ = expr.apply(|part| {
        plain &= match part {
            Expr::BinaryExpr(binary) => !matches!(binary.op, Operator::And | Operator::Or),
            Expr::ScalarSubquery(_)
            | Expr::Exists(_)
            | Expr::InSubquery(_)
            | Expr::SetComparison(_)
            | Expr::OuterReferenceColumn(..) => false,
            _ => true,
        };
        Ok(if plain { TreeNodeRecursion::Continue } else { TreeNodeRecursion::Stop })
    });
    plain
}

/// The rows of a plan that [`is_plain`] and has no placeholders any more.
pub(crate) fn evaluate(plan: &LogicalPlan) -> Result<RecordBatch> {
    match plan {
        LogicalPlan::Values(values) => {
            let nothing = no_columns()?;
            let mut columns: Vec<ArrayRef> = vec![];
            for (place, field) in values.schema.fields().iter().enumerate() {
                let cells = values.values.iter().filter_map(|row| row.get(place));
                let scalars = cells.map(|cell| scalar(cell, &nothing));
                let scalars: Vec<ScalarValue> = scalars.collect::<Result<_>>()?;
                let array = ScalarValue::iter_to_array(scalars)?;
                let array = if array.data_type() == field.data_type() {
                    array
                } else {
                    arrow::compute::cast(&array, field.data_type())?
                };
                columns.push(array);
            }
            let options = RecordBatchOptions::new().with_row_count(Some(values.values.len()));
            let schema = Arc::clone(values.schema.inner());
            Ok(RecordBatch::try_new_with_options(nullable(&schema), columns, &options)?)
        }
        LogicalPlan::Projection(projection) => {
            let input = evaluate(&projection.input)?;
            let schema = projection.input.schema();
            let mut columns = vec![];
            for expr in &projection.expr {
                columns.push(array(expr, schema, &input)?);
            }
            let options = RecordBatchOptions::new().with_row_count(Some(input.num_rows()));
            let schema = Arc::clone(projection.schema.inner());
            Ok(RecordBatch::try_new_with_options(nullable(&schema), columns, &options)?)
        }
        _ => Err(crate::Error::internal("VALUES became another plan")),
    }
}

fn nullable(schema: &Schema) -> Arc<Schema> {
    let fields = schema.fields().iter().map(|f| f.as_ref().clone().with_nullable(true));
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

fn no_columns() -> Result<RecordBatch> {
    let options = RecordBatchOptions::new().with_row_count(Some(1));
    let schema = Arc::new(Schema::empty());
    Ok(RecordBatch::try_new_with_options(schema, vec![], &options)?)
}

fn scalar(expr: &Expr, nothing: &RecordBatch) -> Result<ScalarValue> {
    match expr {
        Expr::Literal(value, _) => Ok(value.clone()),
        Expr::Alias(alias) => scalar(&alias.expr, nothing),
        other => {
            let one = array(other, &DFSchema::empty(), nothing)?;
            Ok(ScalarValue::try_from_array(&one, 0)?)
        }
    }
}

fn array(expr: &Expr, schema: &DFSchema, input: &RecordBatch) -> Result<ArrayRef> {
    let expr = expr.clone().unalias();
    let context = PhysicalPlanningContext::default();
    let physical = create_physical_expr(&expr, schema, &ExecutionProps::new(), &context)?;
    Ok(physical.evaluate(input)?.into_array(input.num_rows())?)
}

/// The value of an expression without columns.
pub(crate) fn constant(expr: &Expr) -> Result<ScalarValue> {
    scalar(expr, &no_columns()?)
}

/// An expression without columns, evaluated for each of `count` rows.
pub(crate) fn repeated(expr: &Expr, count: usize) -> Result<ArrayRef> {
    let options = RecordBatchOptions::new().with_row_count(Some(count));
    let rows = RecordBatch::try_new_with_options(Arc::new(Schema::empty()), vec![], &options)?;
    array(expr, &DFSchema::empty(), &rows)
}
