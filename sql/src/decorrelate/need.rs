//! A sub-select, with the rows that need it.
//!
//! PostgreSQL evaluates a sub-select in a branch of CASE only for the rows that reach the branch.
//! So must we, where it can fail: its domain is made of those rows only.
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::logical_expr::utils::conjunction;
use datafusion::logical_expr::{BinaryExpr, Case, Expr, LogicalPlan, Operator, Subquery};

use super::decorrelation::is_subquery;
use crate::Result;
use crate::plan::opaque::computes_fallible;

/// A sub-select as an expression needs it.
pub(super) struct Need {
    /// What is needed.
    pub(super) subquery: Subquery,
    /// Which rows need it, if not all do and the others must not: it can fail.
    pub(super) reached: Option<Expr>,
}

impl Need {
    /// A sub-select that all rows need.
    pub(super) fn of_all(subquery: Subquery) -> Self {
        Self { subquery, reached: None }
    }

    /// One that the rows need for which `reached` holds.
    pub(super) fn of(subquery: Subquery, reached: Option<Expr>) -> Result<Self> {
        let mut fails = false;
        subquery.subquery.apply_with_subqueries(|node| {
            fails |= computes_fallible(node);
            Ok(TreeNodeRecursion::Continue)
        })?;
        Ok(Self { subquery, reached: reached.filter(|_| fails) })
    }

    /// Its rows.
    pub(super) fn rows(&self) -> &LogicalPlan {
        &self.subquery.subquery
    }
}

/// The sub-selects of `expr` that are in no other one, in order, each with the conditions that
/// hold where it is evaluated.
pub(super) fn outermost(expr: &Expr) -> Result<Vec<(Expr, Option<Expr>)>> {
    let mut found = vec![];
    walk(expr, &[], &mut found)?;
    Ok(found)
}

type Found = Vec<(Expr, Option<Expr>)>;

fn walk(expr: &Expr, reached: &[Expr], found: &mut Found) -> Result<()> {
    if is_subquery(expr) {
        found.push((expr.clone(), conjunction(reached.iter().cloned())));
        return Ok(());
    }
    match expr {
        Expr::Case(case) => walk_case(case, reached, found),
        Expr::BinaryExpr(BinaryExpr { left, op: op @ (Operator::And | Operator::Or), right }) => {
            walk(left, reached, found)?;
            let undecided = match op {
                Operator::And => Expr::IsNotFalse(left.clone()),
                _ => Expr::IsNotTrue(left.clone()),
            };
            walk(right, &and(reached, undecided), found)
        }
        Expr::ScalarFunction(call) if call.func.name() == "coalesce" => {
            let mut reached = reached.to_vec();
            for argument in &call.args {
                walk(argument, &reached, found)?;
                reached.push(Expr::IsNull(Box::new(argument.clone())));
            }
            Ok(())
        }
        other => {
            let mut failed = Ok(());
            other.apply_children(|child| {
                if failed.is_ok() {
                    failed = walk(child, reached, found);
                }
                Ok(TreeNodeRecursion::Continue)
            })?;
            failed
        }
    }
}

fn walk_case(case: &Case, reached: &[Expr], found: &mut Found) -> Result<()> {
    if let Some(base) = &case.expr {
        walk(base, reached, found)?;
    }
    let mut reached = reached.to_vec();
    for (when, then) in &case.when_then_expr {
        walk(when, &reached, found)?;
        let test = match &case.expr {
            Some(base) => base.as_ref().clone().eq(when.as_ref().clone()),
            None => when.as_ref().clone(),
        };
        walk(then, &and(&reached, test.clone()), found)?;
        reached.push(Expr::IsNotTrue(Box::new(test)));
    }
    match &case.else_expr {
        Some(otherwise) => walk(otherwise, &reached, found),
        None => Ok(()),
    }
}

fn and(reached: &[Expr], condition: Expr) -> Vec<Expr> {
    reached.iter().cloned().chain([condition]).collect()
}
