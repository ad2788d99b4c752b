//! EXISTS: a semi join where it decides over rows, a column otherwise.
use datafusion::logical_expr::expr::Exists;
use datafusion::logical_expr::{Expr, JoinType, LogicalPlan, Subquery};

use super::decorrelate::{Decorrelation, whole};
use super::domain::Domain;
use super::plans::{
    On, boolean, column, count, cross, filter, group, int8, is_not_null, is_null, join, project,
};
use crate::Result;

impl Decorrelation {
    /// The rows of `plan` for which the sub-select has a row, or has none.
    pub(super) fn keep_existing(
        &mut self,
        plan: LogicalPlan,
        subquery: &Subquery,
        negated: bool,
    ) -> Result<LogicalPlan> {
        let rows = stripped(&subquery.subquery);
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
        let domain = Domain::of(self, &plan, read)?;
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
        exists: &Exists,
    ) -> Result<(LogicalPlan, Expr)> {
        let rows = stripped(&exists.subquery.subquery);
        let read = self.read_of(&plan, rows)?;
        if read.is_empty() {
            return self.found_any(plan, rows, exists.negated);
        }
        let domain = Domain::of(self, &plan, read)?;
        let unnested = self.unnest(rows, &domain)?;
        let keys = unnested.key_exprs();
        let found = group(self.plan(unnested.plan)?, keys.clone(), vec![])?;
        let exprs = keys.into_iter().chain([boolean(Some(true))]).collect();
        let (right, mut columns) = self.under_fresh_names(found, exprs)?;
        let mark = columns.pop().unwrap_or_else(|| column(""));
        let outer = domain.outer.iter().cloned().map(Expr::Column);
        let on = On { same: outer.zip(columns).collect(), ..On::default() };
        let value = if exists.negated { is_null(mark) } else { is_not_null(mark) };
        Ok((join(plan, right, JoinType::Left, on)?, value))
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
