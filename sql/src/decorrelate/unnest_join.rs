//! The domain pushed down a join: to the side that reads it, or to both.
use std::sync::Arc;

use datafusion::common::{Column, NullEquality};
use datafusion::logical_expr::utils::conjunction;
use datafusion::logical_expr::{Expr, Join, JoinType, LogicalPlan, Subquery};

use super::decorrelation::Decorrelation;
use super::domain::{Domain, bound, outer_columns, renamed_plan};
use super::plans::{On, join};
use super::unnest::{Unnested, refused};
use crate::Result;

impl Decorrelation {
    /// `node` for each row of `domain`.
    pub(super) fn unnest_join(&mut self, node: &Join, domain: &Domain) -> Result<Unnested> {
        if lateral(&node.left, &node.right)? {
            return self.unnest_lateral(node, domain);
        }
        let conditions = node.on.iter().flat_map(|(one, other)| [one, other]).chain(&node.filter);
        let in_condition = domain.is_read_in(conditions)?;
        let left = domain.is_read_by(&node.left)?;
        let right = domain.is_read_by(&node.right)?;
        // The side whose rows are kept must know for which row of the domain it is.
        let (left, right) = match node.join_type {
            JoinType::Inner => (left || (in_condition && !right), right),
            JoinType::Left | JoinType::LeftSemi | JoinType::LeftAnti => (true, right),
            JoinType::Right | JoinType::RightSemi | JoinType::RightAnti => (left, true),
            JoinType::Full | JoinType::LeftMark | JoinType::RightMark => {
                return Err(refused("FULL JOIN"));
            }
        };
        let left = self.side(&node.left, domain, left)?;
        let right = self.side(&node.right, domain, right)?;
        let keys = match node.join_type {
            JoinType::Right | JoinType::RightSemi | JoinType::RightAnti => &right.1,
            _ if left.1.is_empty() => &right.1,
            _ => &left.1,
        };
        let keys = keys.clone();
        let renamed = domain.renamed(&keys);
        let same = left.1.into_iter().zip(right.1);
        let mut on = On {
            same: same.map(|(one, other)| (Expr::Column(one), Expr::Column(other))).collect(),
            ..On::default()
        };
        let pairs = node
            .on
            .iter()
            .map(|(one, other)| {
                Ok((bound(one.clone(), &renamed)?, bound(other.clone(), &renamed)?))
            })
            .collect::<Result<Vec<_>>>()?;
        match node.null_equality {
            NullEquality::NullEqualsNull => on.same.extend(pairs),
            NullEquality::NullEqualsNothing => on.equal = pairs,
        }
        on.filter = node.filter.clone().map(|filter| bound(filter, &renamed)).transpose()?;
        Ok(Unnested { plan: join(left.0, right.0, node.join_type, on)?, keys })
    }

    fn side(
        &mut self,
        plan: &LogicalPlan,
        domain: &Domain,
        pushed: bool,
    ) -> Result<(LogicalPlan, Vec<Column>)> {
        match pushed {
            true => {
                let unnested = self.unnest(plan, domain)?;
                Ok((unnested.plan, unnested.keys))
            }
            false => Ok((plan.clone(), vec![])),
        }
    }

    /// The left side carries the domain; the right side, which reads the left one, reads it there.
    fn unnest_lateral(&mut self, node: &Join, domain: &Domain) -> Result<Unnested> {
        let left = self.unnest(&node.left, domain)?;
        let renamed = domain.renamed(&left.keys);
        let right = renamed_plan(node.right.as_ref().clone(), &renamed)?;
        let outer_ref_columns = outer_columns(&right)?.into_iter().map(Expr::Column).collect();
        let right = match right {
            LogicalPlan::Subquery(subquery) => LogicalPlan::Subquery(subquery),
            other => LogicalPlan::Subquery(Subquery {
                subquery: Arc::new(other),
                outer_ref_columns,
                spans: datafusion::common::Spans::new(),
            }),
        };
        let pairs = node.on.iter().map(|(one, other)| one.clone().eq(other.clone()));
        let conditions = conjunction(pairs.chain(node.filter.clone()));
        let filter = conditions.map(|condition| bound(condition, &renamed)).transpose()?;
        let on = On { filter, ..On::default() };
        Ok(Unnested { plan: join(left.plan, right, node.join_type, on)?, keys: left.keys })
    }
}

/// Whether `right` reads columns of `left`.
pub(super) fn lateral(left: &LogicalPlan, right: &LogicalPlan) -> Result<bool> {
    Ok(outer_columns(right)?.iter().any(|column| left.schema().has_column(column)))
}
