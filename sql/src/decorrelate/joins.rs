//! Joins: LATERAL, and sub-selects in ON.
use std::sync::Arc;

use datafusion::common::{JoinType, NullEquality};
use datafusion::logical_expr::utils::conjunction;
use datafusion::logical_expr::{Expr, Join, LogicalPlan};

use super::decorrelation::{Decorrelation, has_subquery};
use super::domain::{Domain, outer_columns};
use super::plans::{On, columns_of, cross, filter, join, project};
use super::unnest_join::lateral;
use crate::{Error, Result};

impl Decorrelation {
    /// A join without sub-selects and LATERAL.
    pub(super) fn join(&mut self, node: Join) -> Result<LogicalPlan> {
        if lateral(&node.left, &node.right)? {
            return self.lateral(node);
        }
        let in_condition = node.filter.iter().any(|condition| has_subquery([condition]));
        if !in_condition {
            return self.inputs(LogicalPlan::Join(node));
        }
        if node.join_type != JoinType::Inner || node.null_equality == NullEquality::NullEqualsNull {
            return Err(Error::unsupported("a sub-select in the condition of an outer join")
                .with_hint("Compute it as a column of a sub-select in FROM."));
        }
        // ON of an inner join is WHERE above it.
        let pairs = node.on.into_iter().map(|(one, other)| one.eq(other));
        let conditions = conjunction(pairs.chain(node.filter));
        let both = cross(Arc::unwrap_or_clone(node.left), Arc::unwrap_or_clone(node.right))?;
        self.plan(filter(both, conditions)?)
    }

    /// The right side for each distinct row of what it reads of the left one.
    fn lateral(&mut self, node: Join) -> Result<LogicalPlan> {
        if !matches!(node.join_type, JoinType::Inner | JoinType::Left) {
            return Err(Error::unsupported("LATERAL on the side of a join that is not kept"));
        }
        let left = self.plan(Arc::unwrap_or_clone(node.left))?;
        let read = outer_columns(&node.right)?;
        let read = read.into_iter().filter(|column| left.schema().has_column(column)).collect();
        let domain = Domain::of(self, &left, read, None)?;
        let own: Vec<Expr> = columns_of(&left).into_iter().chain(columns_of(&node.right)).collect();
        let right = self.unnest(&node.right, &domain)?;
        let keys = right.key_exprs();
        let right = self.plan(right.plan)?;
        let pairs = node.on.into_iter().map(|(one, other)| one.eq(other));
        let conditions = conjunction(pairs.chain(node.filter));
        if conditions.iter().any(|condition| has_subquery([condition])) {
            return Err(Error::unsupported("a sub-select in the condition of a LATERAL join")
                .with_hint("Put it in the WHERE clause."));
        }
        let outer = domain.outer.iter().cloned().map(Expr::Column);
        let on = On { same: outer.zip(keys).collect(), equal: vec![], filter: conditions };
        project(join(left, right, node.join_type, on)?, own)
    }
}
