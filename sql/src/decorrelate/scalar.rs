//! A sub-select as a value: its only row's only column, NULL without a row, 21000 with two.
use datafusion::logical_expr::{EmptyRelation, Expr, JoinType, LogicalPlan};

use super::decorrelation::{Decorrelation, whole};
use super::domain::{Domain, outer_columns};
use super::need::Need;
use super::plans::{On, column, columns_of, count, cross, group, join};
use super::single_row::{any_value, single_row};
use crate::{Error, Result};

impl Decorrelation {
    /// `plan` with the sub-select's value as a column, and that value.
    pub(super) fn scalar(&mut self, plan: LogicalPlan, need: &Need) -> Result<(LogicalPlan, Expr)> {
        let rows = need.rows();
        let Some(value) = columns_of(rows).pop() else {
            return Err(Error::internal("a sub-select without a column"));
        };
        let read = self.read_of(&plan, rows)?;
        if read.is_empty() {
            return self.constant(plan, rows, value);
        }
        if need.reached.is_none() {
            if let Some(found) = self.looked_up(&plan, rows)? {
                return Ok(found);
            }
            if let Some(found) = self.grouped_join(&plan, rows)? {
                return Ok(found);
            }
        }
        let domain = Domain::of(self, &plan, read, need.reached.as_ref())?;
        let unnested = self.unnest(rows, &domain)?;
        let keys = unnested.key_exprs();
        let rows_of_domain = self.plan(unnested.plan)?;
        let outer = domain.outer.iter().cloned().map(Expr::Column);
        if at_most_one(rows) {
            let exprs = keys.into_iter().chain([value]).collect();
            let (right, mut columns) = self.under_fresh_names(rows_of_domain, exprs)?;
            let value = columns.pop().unwrap_or_else(|| column(""));
            let on = On { same: outer.zip(columns).collect(), ..On::default() };
            return Ok((join(plan, right, JoinType::Left, on)?, value));
        }
        let (any, rows) = (self.fresh(), self.fresh());
        let calls = vec![any_value(value).alias(&any), count(None).alias(&rows)];
        let grouped = group(rows_of_domain, keys.clone(), calls)?;
        let exprs = keys.into_iter().chain([column(&any), column(&rows)]).collect();
        let (right, mut columns) = self.under_fresh_names(grouped, exprs)?;
        let (Some(rows), Some(any)) = (columns.pop(), columns.pop()) else {
            return Err(Error::internal("a group without its columns"));
        };
        let on = On { same: outer.zip(columns).collect(), ..On::default() };
        Ok((join(plan, right, JoinType::Left, on)?, single_row(any, rows)))
    }

    /// A value that is the same for every row.
    fn constant(
        &mut self,
        plan: LogicalPlan,
        rows: &LogicalPlan,
        value: Expr,
    ) -> Result<(LogicalPlan, Expr)> {
        let right = self.plan(rows.clone())?;
        if exactly_one(rows) {
            let (right, mut columns) = self.under_fresh_names(right, vec![value])?;
            let value = columns.pop().unwrap_or_else(|| column(""));
            return Ok((cross(plan, right)?, value));
        }
        let (any, number) = (self.fresh(), self.fresh());
        let calls = vec![any_value(value).alias(&any), count(None).alias(&number)];
        let right = group(right, vec![], calls)?;
        let value = match at_most_one(rows) {
            true => column(&any),
            false => single_row(column(&any), column(&number)),
        };
        Ok((cross(plan, right)?, value))
    }

    /// The columns of `plan` that `rows` reads. It must read no others from outside.
    pub(super) fn read_of(
        &self,
        plan: &LogicalPlan,
        rows: &LogicalPlan,
    ) -> Result<Vec<datafusion::common::Column>> {
        let read = outer_columns(rows)?;
        match read.iter().all(|column| plan.schema().has_column(column)) {
            true => Ok(read),
            false => Err(Error::internal("a sub-select reads a column that is not around it")),
        }
    }
}

/// Whether `plan` has never more than one row.
fn at_most_one(plan: &LogicalPlan) -> bool {
    match plan {
        LogicalPlan::Projection(node) => at_most_one(&node.input),
        LogicalPlan::Filter(node) => at_most_one(&node.input),
        LogicalPlan::Sort(node) => at_most_one(&node.input),
        LogicalPlan::Limit(node) => {
            whole(node.fetch.as_deref()).is_some_and(|rows| rows <= 1) || at_most_one(&node.input)
        }
        other => exactly_one(other),
    }
}

/// Whether `plan` has always one row.
fn exactly_one(plan: &LogicalPlan) -> bool {
    match plan {
        LogicalPlan::Projection(node) => exactly_one(&node.input),
        LogicalPlan::Sort(node) => exactly_one(&node.input),
        LogicalPlan::Aggregate(node) => node.group_expr.is_empty(),
        LogicalPlan::EmptyRelation(EmptyRelation { produce_one_row, .. }) => *produce_one_row,
        _ => false,
    }
}
