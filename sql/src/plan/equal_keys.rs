//! Equalities in a join's condition as its keys.
//!
//! In the place of DataFusion's rule, which puts `a = b` beside keys for which NULL equals NULL
//! as one more such key, and so lets NULLs match. Its rule that reorders inner joins mixes the
//! two kinds as well: it is kept away from plans with such an inner join.
use std::sync::Arc;

use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::common::{DFSchema, JoinType, NullEquality, Result};
use datafusion::logical_expr::utils::{can_hash, conjunction, split_conjunction_owned};
use datafusion::logical_expr::{Expr, ExprSchemable, Join, LogicalPlan, Operator};
use datafusion::optimizer::eliminate_cross_join::EliminateCrossJoin;
use datafusion::optimizer::optimizer::{ApplyOrder, OptimizerConfig, OptimizerRule};

use super::fallible::fallible;

/// The rule that finds the keys.
#[derive(Debug)]
pub(super) struct EqualKeys;

impl OptimizerRule for EqualKeys {
    fn name(&self) -> &str {
        "equal_keys"
    }

    fn apply_order(&self) -> Option<ApplyOrder> {
        Some(ApplyOrder::BottomUp)
    }

    fn supports_rewrite(&self) -> bool {
        true
    }

    fn rewrite(
        &self,
        plan: LogicalPlan,
        _config: &dyn OptimizerConfig,
    ) -> Result<Transformed<LogicalPlan>> {
        match plan {
            LogicalPlan::Join(join) => with_keys(join),
            other => Ok(Transformed::no(other)),
        }
    }
}

/// The join with the equalities of its condition as keys.
pub(super) fn with_keys(mut join: Join) -> Result<Transformed<LogicalPlan>> {
    let Some(filter) = join.filter.take() else {
        return Ok(Transformed::no(LogicalPlan::Join(join)));
    };
    let mut found = vec![];
    let mut rest = vec![];
    for conjunct in split_conjunction_owned(filter) {
        match equal_key(&conjunct, join.left.schema(), join.right.schema()) {
            Some(pair) => found.push(pair),
            None => rest.push(conjunct),
        }
    }
    let changed = !found.is_empty();
    for (left, right) in found {
        if join.null_equality == NullEquality::NullEqualsNull {
            rest.push(Expr::IsNotNull(Box::new(left.clone())));
        }
        join.on.push((left, right));
    }
    join.filter = conjunction(rest);
    Ok(Transformed::new_transformed(LogicalPlan::Join(join), changed))
}

/// `conjunct` as a pair of an expression over `left` and one over `right` that must be equal.
pub(crate) fn equal_key(
    conjunct: &Expr,
    left: &DFSchema,
    right: &DFSchema,
) -> Option<(Expr, Expr)> {
    let Expr::BinaryExpr(equality) = conjunct else { return None };
    if equality.op != Operator::Eq {
        return None;
    }
    let of = |expr: &Expr, schema: &DFSchema| {
        let columns = expr.column_refs();
        !columns.is_empty()
            && columns.iter().all(|column| schema.has_column(column))
            && !fallible(expr, schema)
            && expr.get_type(schema).is_ok_and(|data_type| can_hash(&data_type))
    };
    let (one, other) = (equality.left.as_ref(), equality.right.as_ref());
    if of(one, left) && of(other, right) {
        Some((one.clone(), other.clone()))
    } else if of(other, left) && of(one, right) {
        Some((other.clone(), one.clone()))
    } else {
        None
    }
}

/// DataFusion's reordering of inner joins, where all of them compare alike.
#[derive(Debug)]
pub(super) struct ReorderJoins(EliminateCrossJoin);

impl ReorderJoins {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self(EliminateCrossJoin::new()))
    }
}

impl OptimizerRule for ReorderJoins {
    fn name(&self) -> &str {
        "reorder_joins"
    }

    fn apply_order(&self) -> Option<ApplyOrder> {
        self.0.apply_order()
    }

    fn supports_rewrite(&self) -> bool {
        true
    }

    fn rewrite(
        &self,
        plan: LogicalPlan,
        config: &dyn OptimizerConfig,
    ) -> Result<Transformed<LogicalPlan>> {
        match is_reordered(&plan)? {
            false => Ok(Transformed::no(plan)),
            true => self.0.rewrite(plan, config),
        }
    }
}

/// The most inner joins of a plan that are reordered: the rule takes time by the cube of their
/// number. Beyond, they are made in the order in which they are written.
const REORDERED_JOINS_MAX: usize = 100;

/// Whether there is an inner join without a key, and all of them compare alike.
fn is_reordered(plan: &LogicalPlan) -> Result<bool> {
    let (mut joins, mut keyless, mut null_safe) = (0, false, false);
    plan.apply(|node| {
        if let LogicalPlan::Join(join) = node
            && join.join_type == JoinType::Inner
        {
            joins += 1;
            keyless |= join.on.is_empty();
            null_safe |= join.null_equality == NullEquality::NullEqualsNull;
        }
        Ok(TreeNodeRecursion::Continue)
    })?;
    Ok(keyless && !null_safe && joins <= REORDERED_JOINS_MAX)
}
