//! EXISTS: a semi join where it decides over rows, a column otherwise.
use datafusion::logical_expr::{Expr, JoinType, LogicalPlan};

use super::decorrelation::{Decorrelation, whole};
use super::domain::Domain;
use super::need::Need;
use super::plans::{
    On, boolean, column, count, cross, filter, group, int8, is_not_null, is_null, join, project,
};
use crate::Result;

impl Decorrelation {
    /// The rows of `plan` for which the sub-select has a row, or has none.
    pub(super) fn keep_existing(
        &mut self,
        plan: LogicalPlan,
        need: &Need,
        negated: bool,
    ) -> Result<LogicalPlan> {
        let rows = stripped(need.rows());
        let read = self.read_of(&plan, rows)?;
        if read.is_empty() {
            let (plan, value) = self.found_any(plan, rows, negated)?;
            return filter(plan, Some(value));
        }
        let kind = if negated { JoinType::LeftAnti } else { JoinType::LeftSemi };
        if let Some((right, condition)) = self.conditional(rows)? {
            let on = On { filter: condition, ..On::default() };
            return join(plan, right, kind, on);
        }
        let domain = Domain::of(self, &plan, read, need.reached.as_ref())?;
        let unnested = self.unnest(rows, &domain)?;
        let keys = unnested.key_exprs();
        let right = project(self.plan(unnested.plan)?, keys.clone())?;
        let outer = domain.outer.iter().cloned().map(Expr::Column);
        join(plan, right, kind, On { same: outer.zip(keys).collect(), ..On::default() })
    }

    /// EXISTS as a value.
    pub(super) fn existence(
        &mut self,
        plan: LogicalPlan,
        need: &Need,
        negated: bool,
    ) -> Result<(LogicalPlan, Expr)> {
        let rows = stripped(need.rows());
        let read = self.read_of(&plan, rows)?;
        if read.is_empty() {
            return self.found_any(plan, rows, negated);
        }
        if need.reached.is_none()
            && let Some((right, keys)) = self.keyed(rows)?
        {
            let (outer, keys): (Vec<Expr>, Vec<Expr>) = keys.into_iter().unzip();
            let (right, mark, keys) = self.marked(right, keys)?;
            let on = On { equal: outer.into_iter().zip(keys).collect(), ..On::default() };
            return Ok((join(plan, right, JoinType::Left, on)?, found(mark, negated)));
        }
        let domain = Domain::of(self, &plan, read, need.reached.as_ref())?;
        let unnested = self.unnest(rows, &domain)?;
        let keys = unnested.key_exprs();
        let rows = self.plan(unnested.plan)?;
        let (right, mark, keys) = self.marked(rows, keys)?;
        let outer = domain.outer.iter().cloned().map(Expr::Column);
        let on = On { same: outer.zip(keys).collect(), ..On::default() };
        Ok((join(plan, right, JoinType::Left, on)?, found(mark, negated)))
    }

    /// The distinct `keys` of `rows` under fresh names, with a mark that is never NULL.
    fn marked(
        &mut self,
        rows: LogicalPlan,
        keys: Vec<Expr>,
    ) -> Result<(LogicalPlan, Expr, Vec<Expr>)> {
        let (rows, keys) = self.under_fresh_names(rows, keys)?;
        let distinct = group(rows, keys.clone(), vec![])?;
        let exprs = keys.into_iter().chain([boolean(Some(true))]).collect();
        let (right, mut keys) = self.under_fresh_names(distinct, exprs)?;
        let mark = keys.pop().unwrap_or_else(|| column(""));
        Ok((right, mark, keys))
    }

    /// Whether there is a row at all, the same for every row of `plan`.
    fn found_any(
        &mut self,
        plan: LogicalPlan,
        rows: &LogicalPlan,
        negated: bool,
    ) -> Result<(LogicalPlan, Expr)> {
        let number = self.fresh();
        let right = group(self.plan(rows.clone())?, vec![], vec![count(None).alias(&number)])?;
        let number = column(&number);
        let value = if negated { number.eq(int8(0)) } else { number.gt(int8(0)) };
        Ok((cross(plan, right)?, value))
    }
}

/// Whether a mark was joined.
fn found(mark: Expr, negated: bool) -> Expr {
    if negated { is_null(mark) } else { is_not_null(mark) }
}

/// Without what changes no row's existence: the columns, the order, a LIMIT above zero.
fn stripped(plan: &LogicalPlan) -> &LogicalPlan {
    match plan {
        LogicalPlan::Projection(node) => stripped(&node.input),
        LogicalPlan::Sort(node) if node.fetch.is_none() => stripped(&node.input),
        LogicalPlan::Limit(node)
            if node.skip.is_none() && whole(node.fetch.as_deref()).is_some_and(|n| n > 0) =>
        {
            stripped(&node.input)
        }
        other => other,
    }
}
