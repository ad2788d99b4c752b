//! Columns of an enclosing select inside a sub-select, after what encloses it has changed.
use std::sync::Arc;

use datafusion::common::Column;
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::error::DataFusionError;
use datafusion::logical_expr::{Expr, LogicalPlan, Subquery};

use crate::{Error, Result};

/// A sub-select with other outer columns in place of those that `replace` knows.
pub(super) fn rewrite_outer(
    query: &Subquery,
    replace: &mut dyn FnMut(&Column) -> Option<Column>,
) -> Result<Subquery> {
    let plan = rewrite_plan(query.subquery.as_ref().clone(), replace)?;
    let outer_ref_columns =
        query.outer_ref_columns.iter().map(|outer| replaced(outer.clone(), replace)).collect();
    Ok(Subquery { subquery: Arc::new(plan), outer_ref_columns, spans: query.spans.clone() })
}

fn rewrite_plan(
    plan: LogicalPlan,
    replace: &mut dyn FnMut(&Column) -> Option<Column>,
) -> Result<LogicalPlan> {
    let internal = |error: Error| DataFusionError::Plan(error.message().to_owned());
    let rewritten = plan.transform_down(|node| {
        if let LogicalPlan::Subquery(query) = &node {
            let query = rewrite_outer(query, replace).map_err(internal)?;
            return Ok(Transformed::new(
                LogicalPlan::Subquery(query),
                true,
                TreeNodeRecursion::Jump,
            ));
        }
        node.map_expressions(|expr| {
            expr.transform_down(|part| {
                Ok(match part {
                    Expr::OuterReferenceColumn(..) => Transformed::yes(replaced(part, replace)),
                    Expr::ScalarSubquery(query) => Transformed::yes(Expr::ScalarSubquery(
                        rewrite_outer(&query, replace).map_err(internal)?,
                    )),
                    Expr::Exists(mut test) => {
                        test.subquery = rewrite_outer(&test.subquery, replace).map_err(internal)?;
                        Transformed::yes(Expr::Exists(test))
                    }
                    Expr::InSubquery(mut test) => {
                        test.subquery = rewrite_outer(&test.subquery, replace).map_err(internal)?;
                        Transformed::yes(Expr::InSubquery(test))
                    }
                    Expr::SetComparison(mut test) => {
                        test.subquery = rewrite_outer(&test.subquery, replace).map_err(internal)?;
                        Transformed::yes(Expr::SetComparison(test))
                    }
                    other => Transformed::no(other),
                })
            })
        })
    })?;
    Ok(rewritten.data)
}

fn replaced(outer: Expr, replace: &mut dyn FnMut(&Column) -> Option<Column>) -> Expr {
    match outer {
        Expr::OuterReferenceColumn(field, column) => {
            let column = replace(&column).unwrap_or(column);
            Expr::OuterReferenceColumn(field, column)
        }
        other => other,
    }
}
