//! IN: a semi join where it decides over rows; elsewhere a value that can be NULL, found by
//! counting the sub-select's rows and those that are not NULL.
use datafusion::logical_expr::{Expr, JoinType, LogicalPlan};

use super::decorrelation::Decorrelation;
use super::domain::Domain;
use super::need::Need;
use super::plans::{
    On, boolean, case, column, columns_of, count, cross, group, int8, is_not_null, is_null, join,
    project,
};
use crate::{Error, Result};

/// A sub-select's rows, for each row of its domain if it has one.
pub(super) struct Members {
    /// The rows.
    pub(super) plan: LogicalPlan,
    /// The domain as the select around it calls it; empty where it reads nothing from outside.
    pub(super) outer: Vec<Expr>,
    /// The domain's columns in `plan`.
    pub(super) keys: Vec<Expr>,
    /// The sub-select's only column.
    pub(super) value: Expr,
}

impl Decorrelation {
    /// The rows of `plan` for which `value` is equal to one of the sub-select's.
    pub(super) fn keep_members(
        &mut self,
        plan: LogicalPlan,
        value: Expr,
        need: &Need,
    ) -> Result<LogicalPlan> {
        let own = columns_of(&plan);
        let (plan, value) = self.with_column(plan, value)?;
        let direct = match self.read_of(&plan, need.rows())?.is_empty() {
            true => None,
            false => self.conditional_value(need.rows())?,
        };
        let kept = match direct {
            Some((right, condition, member)) => {
                let on = On { equal: vec![(value, member)], filter: condition, ..On::default() };
                join(plan, right, JoinType::LeftSemi, on)?
            }
            None => {
                let members = self.members(&plan, need)?;
                let same = members.outer.into_iter().zip(members.keys).collect();
                let on = On { same, equal: vec![(value, members.value)], filter: None };
                join(plan, members.plan, JoinType::LeftSemi, on)?
            }
        };
        match columns_of(&kept) == own {
            true => Ok(kept),
            false => project(kept, own),
        }
    }

    /// Whether `value` is among the sub-select's: true, false or NULL.
    pub(super) fn membership(
        &mut self,
        plan: LogicalPlan,
        value: Expr,
        need: &Need,
    ) -> Result<(LogicalPlan, Expr)> {
        let (plan, value) = self.with_column(plan, value)?;
        let members = self.members(&plan, need)?;
        let (plan, [rows, present]) = {
            let calls = [count(None), count(Some(members.value.clone()))];
            self.with_calls(plan, &members, calls)?
        };
        let found = members.keys.iter().cloned().chain([members.value.clone()]).collect::<Vec<_>>();
        let found_rows = group(members.plan, found.clone(), vec![])?;
        let exprs = found.into_iter().chain([boolean(Some(true))]).collect();
        let (right, mut columns) = self.under_fresh_names(found_rows, exprs)?;
        let (Some(mark), Some(member)) = (columns.pop(), columns.pop()) else {
            return Err(Error::internal("a member without its columns"));
        };
        let same = members.outer.into_iter().zip(columns).collect();
        let on = On { same, equal: vec![(value.clone(), member)], filter: None };
        let plan = join(plan, right, JoinType::Left, on)?;
        let member = case(
            [
                (no_rows(&rows), boolean(Some(false))),
                (is_not_null(mark), boolean(Some(true))),
                (is_null(value).or(present.lt(rows)), boolean(None)),
            ],
            boolean(Some(false)),
        );
        Ok((plan, member))
    }

    /// The sub-select's rows without sub-selects of their own.
    pub(super) fn members(&mut self, plan: &LogicalPlan, need: &Need) -> Result<Members> {
        let rows = need.rows();
        let Some(value) = columns_of(rows).pop() else {
            return Err(Error::internal("a sub-select without a column"));
        };
        let read = self.read_of(plan, rows)?;
        let (rows, outer, keys) = match read.is_empty() {
            true => (self.plan(rows.clone())?, vec![], vec![]),
            false => {
                let domain = Domain::of(self, plan, read, need.reached.as_ref())?;
                let unnested = self.unnest(rows, &domain)?;
                let keys = unnested.key_exprs();
                let outer = domain.outer.into_iter().map(Expr::Column).collect();
                (self.plan(unnested.plan)?, outer, keys)
            }
        };
        let exprs = keys.into_iter().chain([value]).collect();
        let (plan, mut keys) = self.under_fresh_names(rows, exprs)?;
        let value = keys.pop().unwrap_or_else(|| column(""));
        Ok(Members { plan, outer, keys, value })
    }

    /// `plan` with aggregates over the members as further columns; NULL where there are none
    /// for a row of the domain.
    pub(super) fn with_calls<const N: usize>(
        &mut self,
        plan: LogicalPlan,
        members: &Members,
        calls: [Expr; N],
    ) -> Result<(LogicalPlan, [Expr; N])> {
        let names = calls.each_ref().map(|_| self.fresh());
        let named = calls.into_iter().zip(&names).map(|(call, name)| call.alias(name)).collect();
        let grouped = group(members.plan.clone(), members.keys.clone(), named)?;
        let values = names.each_ref().map(|name| column(name));
        if members.keys.is_empty() {
            return Ok((cross(plan, grouped)?, values));
        }
        let exprs = members.keys.iter().cloned().chain(values).collect();
        let (right, mut columns) = self.under_fresh_names(grouped, exprs)?;
        let values = columns.split_off(members.keys.len());
        let same = members.outer.iter().cloned().zip(columns).collect();
        let plan = join(plan, right, JoinType::Left, On { same, ..On::default() })?;
        let values = <[Expr; N]>::try_from(values)
            .map_err(|_| Error::internal("an aggregate without its column"))?;
        Ok((plan, values))
    }
}

/// Whether a count of rows is zero or of a group that is not there.
pub(super) fn no_rows(rows: &Expr) -> Expr {
    is_null(rows.clone()).or(rows.clone().eq(int8(0)))
}
