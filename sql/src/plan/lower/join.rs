//! Joins: keys that must be equal, and what else must hold of a pair.
use std::sync::Arc;

use datafusion::common::{JoinType, NullEquality};
use datafusion::logical_expr::{Expr, Join, LogicalPlan};
use engine::plan::{Expression, JoinKind, Node, Plan};

use super::expression::{expression, schema, with_columns};
use super::node::picked;
use crate::{Error, Result};

/// The pairs of `node`'s inputs that belong together.
pub(super) fn join(node: &Join) -> Result<Arc<Plan>> {
    if node.null_aware {
        return Err(Error::internal("a null-aware join reached a view"));
    }
    let (kind, swapped) = match node.join_type {
        JoinType::Inner => (JoinKind::Inner, false),
        JoinType::Left => (JoinKind::Left, false),
        JoinType::Right => (JoinKind::Right, false),
        JoinType::Full => (JoinKind::Full, false),
        JoinType::LeftSemi => (JoinKind::Semi, false),
        JoinType::LeftAnti => (JoinKind::Anti, false),
        JoinType::RightSemi => (JoinKind::Semi, true),
        JoinType::RightAnti => (JoinKind::Anti, true),
        JoinType::LeftMark | JoinType::RightMark => {
            return Err(Error::internal("a mark join reached a view"));
        }
    };
    let (left_keys, right_keys): (Vec<&Expr>, Vec<&Expr>) =
        node.on.iter().map(|(left, right)| (left, right)).unzip();
    let left = Side::lower(&node.left, &left_keys)?;
    let right = Side::lower(&node.right, &right_keys)?;
    let (left, right) = if swapped { (right, left) } else { (left, right) };
    let residual = match &node.filter {
        Some(filter) => Some(residual(filter, &left, &right)?),
        None => None,
    };
    let on = left.keys.iter().copied().zip(right.keys.iter().copied()).collect();
    let joined = Node::Join {
        left: left.plan.clone(),
        right: right.plan.clone(),
        kind,
        on,
        nulls_equal: node.null_equality == NullEquality::NullEqualsNull,
        residual,
    };
    without_keys(joined, kind, (&left, &right), node)
}

/// One input, with its keys as columns.
struct Side<'a> {
    of: &'a LogicalPlan,
    plan: Arc<Plan>,
    keys: Vec<usize>,
}

impl<'a> Side<'a> {
    fn lower(of: &'a LogicalPlan, keys: &[&Expr]) -> Result<Self> {
        let (plan, keys) = with_columns(of, keys)?;
        Ok(Self { of, plan, keys })
    }

    /// How many columns it has itself.
    fn own(&self) -> usize {
        self.of.schema().fields().len()
    }

    /// How many it has with computed keys behind them.
    fn all(&self) -> usize {
        self.plan.schema.fields().len()
    }
}

/// What else must hold, over all columns of both sides.
fn residual(filter: &Expr, left: &Side<'_>, right: &Side<'_>) -> Result<Expression> {
    let schema = left.of.schema().join(right.of.schema())?;
    let planned = expression(filter, &schema)?;
    let (added, own) = (left.all() - left.own(), left.own());
    if added == 0 {
        return Ok(planned);
    }
    // Computed keys stand between the two sides' own columns.
    Ok(Expression { physical: shifted(planned.physical, own, added)?, ..planned })
}

fn shifted(
    physical: Arc<dyn datafusion::physical_expr::PhysicalExpr>,
    from: usize,
    by: usize,
) -> Result<Arc<dyn datafusion::physical_expr::PhysicalExpr>> {
    use datafusion::common::tree_node::{Transformed, TreeNode};
    use datafusion::physical_expr::expressions::Column;
    let shifted = physical.transform_up(|part| {
        let part_as_any: &dyn std::any::Any = part.as_ref();
        Ok(match part_as_any.downcast_ref::<Column>() {
            Some(column) if column.index() >= from => {
                Transformed::yes(Arc::new(Column::new(column.name(), column.index() + by))
                    as Arc<dyn datafusion::physical_expr::PhysicalExpr>)
            }
            _ => Transformed::no(part),
        })
    })?;
    Ok(shifted.data)
}

/// The join with the columns of its logical node: without computed keys.
fn without_keys(
    joined: Node,
    kind: JoinKind,
    (left, right): (&Side<'_>, &Side<'_>),
    node: &Join,
) -> Result<Arc<Plan>> {
    let one_sided = matches!(kind, JoinKind::Semi | JoinKind::Anti);
    if left.own() == left.all() && (one_sided || right.own() == right.all()) {
        return Ok(Arc::new(Plan { node: joined, schema: schema(&node.schema) }));
    }
    let fields = left.plan.schema.fields().iter();
    let others = right.plan.schema.fields().iter().filter(|_| !one_sided);
    let all = super::expression::named_uniquely(fields.chain(others).map(|f| f.as_ref().clone()));
    let wide = datafusion::common::DFSchema::try_from(all.clone())?;
    let mut kept: Vec<usize> = (0..left.own()).collect();
    if !one_sided {
        kept.extend(left.all()..left.all() + right.own());
    }
    picked(Arc::new(Plan { node: joined, schema: all }), &wide, &kept, &node.schema)
}
