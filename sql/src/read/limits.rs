//! LIMIT, OFFSET as the numbers that they are once parameters have values.
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::common::{DFSchema, ScalarValue};
use datafusion::execution::context::ExecutionProps;
use datafusion::logical_expr::physical_planning_context::PhysicalPlanningContext;
use datafusion::logical_expr::{EmptyRelation, Expr, LogicalPlan};
use datafusion::physical_expr::create_physical_expr;

use super::table::external;
use crate::{Error, Result};

/// `plan` with numbers for LIMIT and OFFSET: NULL is none, below zero is 2201W or 2201X. What is
/// under LIMIT 0 is not run at all.
pub(super) fn settled(plan: LogicalPlan) -> Result<LogicalPlan> {
    let plan = plan.transform_up(|node| {
        let LogicalPlan::Limit(mut limit) = node else { return Ok(Transformed::no(node)) };
        limit.fetch = number(limit.fetch, "2201W", "LIMIT").map_err(external)?;
        limit.skip = number(limit.skip, "2201X", "OFFSET").map_err(external)?;
        Ok(Transformed::yes(match limit.fetch.as_deref() {
            Some(Expr::Literal(ScalarValue::Int64(Some(0)), _)) => {
                let schema = limit.input.schema().clone();
                LogicalPlan::EmptyRelation(EmptyRelation { produce_one_row: false, schema })
            }
            _ => LogicalPlan::Limit(limit),
        }))
    })?;
    Ok(plan.data)
}

fn number(expr: Option<Box<Expr>>, code: &'static str, clause: &str) -> Result<Option<Box<Expr>>> {
    let Some(expr) = expr else { return Ok(None) };
    let value = match *expr {
        Expr::Literal(value, _) => value,
        other => constant(&other)?,
    };
    match value.cast_to(&arrow::datatypes::DataType::Int64)? {
        ScalarValue::Int64(None) => Ok(None),
        ScalarValue::Int64(Some(rows)) if rows < 0 => {
            Err(Error::new(code, format!("{clause} must not be negative")))
        }
        rows => Ok(Some(Box::new(Expr::Literal(rows, None)))),
    }
}

fn constant(expr: &Expr) -> Result<ScalarValue> {
    let context = PhysicalPlanningContext::default();
    let nothing = DFSchema::empty();
    let physical = create_physical_expr(expr, &nothing, &ExecutionProps::new(), &context)?;
    let options = arrow::array::RecordBatchOptions::new().with_row_count(Some(1));
    let schema = std::sync::Arc::new(arrow::datatypes::Schema::empty());
    let row = arrow::array::RecordBatch::try_new_with_options(schema, vec![], &options)?;
    let value = physical.evaluate(&row)?.into_array(1)?;
    Ok(ScalarValue::try_from_array(&value, 0)?)
}
