//! Short circuit: AND, OR as CASE where the right side can fail.
//!
//! DataFusion evaluates both sides of AND on all rows unless it is lucky; the branches of a CASE
//! only on the rows that reach them. A CASE costs seven times an AND, so it is only used here.
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::common::{DFSchema, Result, ScalarValue};
use datafusion::logical_expr::expr_rewriter::NamePreserver;
use datafusion::logical_expr::{BinaryExpr, Case, Expr, LogicalPlan, Operator};

use super::fallible::fallible;
use super::opaque::input_schema;

/// The node with its expressions in order.
pub(super) fn short_circuit(plan: LogicalPlan) -> Result<Transformed<LogicalPlan>> {
    let Some(schema) = input_schema(&plan) else { return Ok(Transformed::no(plan)) };
    // In a filter NULL counts as false.
    let null_is_false = matches!(plan, LogicalPlan::Filter(_) | LogicalPlan::Join(_));
    let names = NamePreserver::new(&plan);
    let rewritten = plan.map_expressions(|expr| {
        if !fallible(&expr, &schema) {
            return Ok(Transformed::no(expr));
        }
        let name = names.save(&expr);
        let expr = if null_is_false { conditions(expr, &schema) } else { Transformed::no(expr) };
        let changed = expr.transformed;
        let expr = expr.data.transform_up(|part| Ok(in_order(part, &schema)))?;
        Ok(Transformed::new_transformed(name.restore(expr.data), changed || expr.transformed))
    })?;
    match rewritten.transformed {
        true => Ok(Transformed::yes(rewritten.data.recompute_schema()?)),
        false => Ok(rewritten),
    }
}

/// A filter's conjuncts: where one is not true, those after it are not evaluated.
fn conditions(expr: Expr, schema: &DFSchema) -> Transformed<Expr> {
    match expr {
        Expr::BinaryExpr(BinaryExpr { left, op: Operator::And, right })
            if fallible(&right, schema) =>
        {
            let left = conditions(*left, schema).data;
            let right = conditions(*right, schema).data;
            Transformed::yes(when(left, right, boolean(false)))
        }
        other => Transformed::no(other),
    }
}

fn in_order(expr: Expr, schema: &DFSchema) -> Transformed<Expr> {
    match expr {
        Expr::BinaryExpr(BinaryExpr { left, op: op @ (Operator::And | Operator::Or), right })
            if fallible(&right, schema) =>
        {
            let (decided, result) = match op {
                Operator::And => (Expr::IsFalse(left.clone()), boolean(false)),
                _ => (Expr::IsTrue(left.clone()), boolean(true)),
            };
            let both = Expr::BinaryExpr(BinaryExpr { left, op, right });
            Transformed::yes(when(decided, result, both))
        }
        other => Transformed::no(other),
    }
}

fn when(condition: Expr, then: Expr, otherwise: Expr) -> Expr {
    Expr::Case(Case {
        expr: None,
        when_then_expr: vec![(Box::new(condition), Box::new(then))],
        else_expr: Some(Box::new(otherwise)),
    })
}

fn boolean(value: bool) -> Expr {
    Expr::Literal(ScalarValue::Boolean(Some(value)), None)
}
