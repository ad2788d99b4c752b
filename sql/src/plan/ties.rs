//! Ties under LIMIT, as those of row numbers, break by the whole row.
//!
//! So that a SELECT run twice, or once and as a view, keeps the same rows. LIMIT without ORDER BY
//! is left as it is here: a view's operator orders by the whole row, a read takes any rows.
use std::sync::Arc;

use datafusion::common::Result as DataFusionResult;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::logical_expr::expr_rewriter::NamePreserver;
use datafusion::logical_expr::{Expr, LogicalPlan, Projection, SortExpr, WindowFunctionDefinition};

use super::source::relation_of;
use crate::Result;
use crate::catalog::RelationKind;

/// The plan with whole rows behind the keys of each sort that LIMIT or a row number looks at.
pub(super) fn break_ties(plan: LogicalPlan) -> Result<LogicalPlan> {
    let plan = plan.transform_up(|node| match node {
        LogicalPlan::Limit(mut limit) => {
            let input = Arc::unwrap_or_clone(limit.input);
            limit.input = Arc::new(sorted_wholly(input)?);
            Ok(Transformed::yes(LogicalPlan::Limit(limit)))
        }
        LogicalPlan::Window(window) => number_wholly(LogicalPlan::Window(window)),
        other => Ok(Transformed::no(other)),
    })?;
    Ok(plan.data)
}

/// The sort under projections, if there is one, by its keys and then by the whole row.
fn sorted_wholly(plan: LogicalPlan) -> DataFusionResult<LogicalPlan> {
    match plan {
        LogicalPlan::Projection(projection) => {
            let input = sorted_wholly(Arc::unwrap_or_clone(projection.input))?;
            let same = Projection::try_new_with_schema(
                projection.expr,
                Arc::new(input),
                projection.schema,
            )?;
            Ok(LogicalPlan::Projection(same))
        }
        LogicalPlan::Sort(mut sort) => {
            extend(&mut sort.expr, &sort.input);
            Ok(LogicalPlan::Sort(sort))
        }
        other => Ok(other),
    }
}

fn extend(keys: &mut Vec<SortExpr>, input: &LogicalPlan) {
    let sorted = keys.iter().map(|key| key.expr.clone()).collect();
    if is_unique(sorted, input) {
        return;
    }
    for column in input.schema().columns() {
        let column = Expr::Column(column);
        if !keys.iter().any(|key| key.expr == column) {
            keys.push(SortExpr::new(column, true, false));
        }
    }
}

/// Whether no two rows of `plan` are equal in all of `keys`: a primary key is among them.
fn is_unique(keys: Vec<Expr>, plan: &LogicalPlan) -> bool {
    match plan {
        LogicalPlan::Projection(node) => {
            let outputs = node.schema.columns();
            let below = |key: &Expr| {
                let Expr::Column(column) = key else { return None };
                let place = outputs.iter().position(|output| output == column)?;
                node.expr.get(place).map(|expr| expr.clone().unalias())
            };
            is_unique(keys.iter().filter_map(below).collect(), &node.input)
        }
        LogicalPlan::Filter(node) => is_unique(keys, &node.input),
        LogicalPlan::TableScan(scan) => {
            let Ok(relation) = relation_of(scan) else { return false };
            let keyed = matches!(relation.kind, RelationKind::Table | RelationKind::ContinuousView);
            let sorted = |place: &usize| {
                relation.columns.get(*place).is_some_and(|own| {
                    keys.iter()
                        .any(|key| matches!(key, Expr::Column(column) if column.name == own.name))
                })
            };
            keyed && !relation.key.is_empty() && relation.key.iter().all(sorted)
        }
        _ => false,
    }
}

fn number_wholly(plan: LogicalPlan) -> DataFusionResult<Transformed<LogicalPlan>> {
    let Some(input) = plan.inputs().first().map(|input| (*input).clone()) else {
        return Ok(Transformed::no(plan));
    };
    let names = NamePreserver::new(&plan);
    plan.map_expressions(|expr| {
        let name = names.save(&expr);
        let numbered = expr.transform_up(|part| match part {
            Expr::WindowFunction(mut function) if is_row_number(&function.fun) => {
                extend(&mut function.params.order_by, &input);
                // A partition's columns are equal within it.
                let partition = function.params.partition_by.clone();
                function.params.order_by.retain(|key| !partition.contains(&key.expr));
                Ok(Transformed::yes(Expr::WindowFunction(function)))
            }
            other => Ok(Transformed::no(other)),
        })?;
        Ok(numbered.update_data(|expr| name.restore(expr)))
    })
}

/// Whether it is `row_number()`.
pub(super) fn is_row_number(function: &WindowFunctionDefinition) -> bool {
    matches!(function, WindowFunctionDefinition::WindowUDF(udf) if udf.name() == "row_number")
}
