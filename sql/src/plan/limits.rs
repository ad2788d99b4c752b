//! LIMIT right above the sort whose rows it cuts.
//!
//! DataFusion's physical rules take a sort away whose order nobody can see. A projection
//! between a limit and its sort hides the order when it leaves the keys out, and the limit
//! would then keep any rows. A projection gives a row for each row, so the limit can go below.
use std::sync::Arc;

use datafusion::common::Result as DataFusionResult;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::logical_expr::{Limit, LogicalPlan, Projection};

use crate::Result;

/// The plan with every limit on its sort.
pub(super) fn onto_sorts(plan: LogicalPlan) -> Result<LogicalPlan> {
    Ok(plan.transform_up(onto_sort)?.data)
}

fn onto_sort(plan: LogicalPlan) -> DataFusionResult<Transformed<LogicalPlan>> {
    let LogicalPlan::Limit(limit) = &plan else { return Ok(Transformed::no(plan)) };
    let mut projections: Vec<&Projection> = vec![];
    let mut input = limit.input.as_ref();
    while let LogicalPlan::Projection(projection) = input {
        projections.push(projection);
        input = projection.input.as_ref();
    }
    if projections.is_empty() || !matches!(input, LogicalPlan::Sort(_)) {
        return Ok(Transformed::no(plan));
    }
    let mut moved = LogicalPlan::Limit(Limit {
        skip: limit.skip.clone(),
        fetch: limit.fetch.clone(),
        input: Arc::new(input.clone()),
    });
    for projection in projections.into_iter().rev() {
        let (expressions, schema) = (projection.expr.clone(), Arc::clone(&projection.schema));
        let above = Projection::try_new_with_schema(expressions, Arc::new(moved), schema)?;
        moved = LogicalPlan::Projection(above);
    }
    Ok(Transformed::yes(moved))
}
