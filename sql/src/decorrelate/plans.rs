//! Small plans that the pass builds.
use std::sync::Arc;

use datafusion::common::{Column, NullEquality, ScalarValue};
use datafusion::functions_aggregate::count::count_udaf;
use datafusion::logical_expr::expr::AggregateFunction;
use datafusion::logical_expr::{
    Aggregate, Case, Expr, Filter, Join, JoinConstraint, JoinType, LogicalPlan, Projection,
};

use crate::Result;

/// Columns of `plan` as expressions.
pub(super) fn columns_of(plan: &LogicalPlan) -> Vec<Expr> {
    plan.schema().columns().into_iter().map(Expr::Column).collect()
}

pub(super) fn column(name: &str) -> Expr {
    Expr::Column(Column::new_unqualified(name))
}

pub(super) fn project(plan: LogicalPlan, exprs: Vec<Expr>) -> Result<LogicalPlan> {
    Ok(LogicalPlan::Projection(Projection::try_new(exprs, Arc::new(plan))?))
}

pub(super) fn filter(plan: LogicalPlan, predicate: Option<Expr>) -> Result<LogicalPlan> {
    match predicate {
        Some(predicate) => Ok(LogicalPlan::Filter(Filter::try_new(predicate, Arc::new(plan))?)),
        None => Ok(plan),
    }
}

/// `plan` grouped by `keys`.
pub(super) fn group(plan: LogicalPlan, keys: Vec<Expr>, calls: Vec<Expr>) -> Result<LogicalPlan> {
    Ok(LogicalPlan::Aggregate(Aggregate::try_new(Arc::new(plan), keys, calls)?))
}

/// Which pairs of rows belong together.
#[derive(Default)]
pub(super) struct On {
    /// Equal, or both NULL.
    pub(super) same: Vec<(Expr, Expr)>,
    /// Equal.
    pub(super) equal: Vec<(Expr, Expr)>,
    /// What else must hold.
    pub(super) filter: Option<Expr>,
}

/// A join of `left` and `right`.
pub(super) fn join(
    left: LogicalPlan,
    right: LogicalPlan,
    join_type: JoinType,
    on: On,
) -> Result<LogicalPlan> {
    let mut keys = on.same;
    let mut conditions: Vec<Expr> = on.filter.into_iter().collect();
    let null_equality = match keys.is_empty() {
        true => NullEquality::NullEqualsNothing,
        false => NullEquality::NullEqualsNull,
    };
    for (one, other) in on.equal {
        if null_equality == NullEquality::NullEqualsNull {
            conditions.push(Expr::IsNotNull(Box::new(one.clone())));
        }
        keys.push((one, other));
    }
    Ok(LogicalPlan::Join(Join::try_new(
        Arc::new(left),
        Arc::new(right),
        keys,
        datafusion::logical_expr::utils::conjunction(conditions),
        join_type,
        JoinConstraint::On,
        null_equality,
        false,
    )?))
}

/// Every row of `left` with every row of `right`.
pub(super) fn cross(left: LogicalPlan, right: LogicalPlan) -> Result<LogicalPlan> {
    join(left, right, JoinType::Inner, On::default())
}

/// How many rows, or how many values that are not NULL.
pub(super) fn count(argument: Option<Expr>) -> Expr {
    let argument = argument.unwrap_or_else(|| int8(1));
    Expr::AggregateFunction(AggregateFunction::new_udf(
        count_udaf(),
        vec![argument],
        false,
        None,
        vec![],
        None,
    ))
}

pub(super) fn int8(value: i64) -> Expr {
    Expr::Literal(ScalarValue::Int64(Some(value)), None)
}

pub(super) fn boolean(value: Option<bool>) -> Expr {
    Expr::Literal(ScalarValue::Boolean(value), None)
}

/// The first result whose condition is true, or else the last.
pub(super) fn case<const N: usize>(branches: [(Expr, Expr); N], otherwise: Expr) -> Expr {
    let branches =
        branches.into_iter().map(|(when, then)| (Box::new(when), Box::new(then))).collect();
    Expr::Case(Case { expr: None, when_then_expr: branches, else_expr: Some(Box::new(otherwise)) })
}

pub(super) fn is_null(expr: Expr) -> Expr {
    Expr::IsNull(Box::new(expr))
}

pub(super) fn is_not_null(expr: Expr) -> Expr {
    Expr::IsNotNull(Box::new(expr))
}
