//! The pass: from the outermost select inwards, each sub-select is joined to the rows that need it.
use std::sync::Arc;

use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::common::{Column, ScalarValue};
use datafusion::logical_expr::expr::{Exists, InSubquery};
use datafusion::logical_expr::utils::{conjunction, split_conjunction_owned};
use datafusion::logical_expr::{
    EmptyRelation, Expr, Filter, LogicalPlan, Projection, Union, Values,
};

use super::need::{Need, outermost};
use super::plans::{columns_of, filter, project};
use crate::{Error, Result};

/// `plan` without sub-selects in its expressions and without LATERAL.
///
/// What can only be had by another plan that is not equal in every case is refused with 0A000.
pub(crate) fn decorrelate(plan: LogicalPlan) -> Result<LogicalPlan> {
    let mut found = false;
    plan.apply(|node| {
        found |= matches!(node, LogicalPlan::Subquery(_)) || has_subquery(&node.expressions());
        Ok(if found { TreeNodeRecursion::Stop } else { TreeNodeRecursion::Continue })
    })?;
    match found {
        true => Decorrelation::default().plan(plan),
        false => Ok(plan),
    }
}

/// One run of the pass. It only knows which names are taken.
#[derive(Default)]
pub(crate) struct Decorrelation {
    names: usize,
}

impl Decorrelation {
    /// A name that no other column has; the binder's own never start with `d`.
    pub(super) fn fresh(&mut self) -> String {
        self.names += 1;
        format!("d{}", self.names)
    }

    /// `plan`, which reads no column of a select around it, without sub-selects.
    pub(super) fn plan(&mut self, plan: LogicalPlan) -> Result<LogicalPlan> {
        match plan {
            LogicalPlan::Join(join) => self.join(join),
            LogicalPlan::Subquery(subquery) => self.plan(Arc::unwrap_or_clone(subquery.subquery)),
            LogicalPlan::Filter(node) if has_subquery([&node.predicate]) => self.filter(node),
            LogicalPlan::Projection(node) if has_subquery(&node.expr) => self.projection(node),
            LogicalPlan::Values(node) if has_subquery(node.values.iter().flatten()) => {
                let plan = self.plan(rows(&node)?)?;
                Ok(plan)
            }
            other if has_subquery(&other.expressions()) => {
                Err(Error::unsupported(format_args!("a sub-select in {}", other.display()))
                    .with_hint("Compute it as a column of a sub-select in FROM."))
            }
            other => self.inputs(other),
        }
    }

    /// The same node over inputs without sub-selects.
    pub(super) fn inputs(&mut self, plan: LogicalPlan) -> Result<LogicalPlan> {
        if plan.inputs().is_empty() {
            return Ok(plan);
        }
        let inputs = plan
            .inputs()
            .into_iter()
            .map(|input| self.plan(input.clone()))
            .collect::<Result<Vec<_>>>()?;
        Ok(plan.with_new_exprs(plan.expressions(), inputs)?)
    }

    /// What needs no sub-select is tested first; EXISTS and IN are semi joins.
    fn filter(&mut self, node: Filter) -> Result<LogicalPlan> {
        let input = self.plan(Arc::unwrap_or_clone(node.input))?;
        let columns = columns_of(&input);
        let (tests, plain): (Vec<Expr>, Vec<Expr>) = split_conjunction_owned(node.predicate)
            .into_iter()
            .partition(|conjunct| has_subquery([conjunct]));
        let mut plan = filter(input, conjunction(plain))?;
        let mut rest = vec![];
        for test in tests {
            match positive(test) {
                Expr::Exists(Exists { subquery, negated }) => {
                    plan = self.keep_existing(plan, &Need::of_all(subquery), negated)?;
                }
                Expr::InSubquery(InSubquery { expr, subquery, negated: false })
                    if !has_subquery([expr.as_ref()]) =>
                {
                    plan = self.keep_members(plan, *expr, &Need::of_all(subquery))?;
                }
                other => {
                    let (extended, value) = self.replaced(plan, other)?;
                    plan = extended;
                    rest.push(value);
                }
            }
        }
        let plan = filter(plan, conjunction(rest))?;
        match columns_of(&plan) == columns {
            true => Ok(plan),
            false => project(plan, columns),
        }
    }

    fn projection(&mut self, node: Projection) -> Result<LogicalPlan> {
        let mut plan = self.plan(Arc::unwrap_or_clone(node.input))?;
        let mut exprs = Vec::with_capacity(node.expr.len());
        for (expr, output) in node.expr.into_iter().zip(node.schema.columns()) {
            let (extended, value) = self.replaced(plan, expr)?;
            plan = extended;
            exprs.push(named(value, &output));
        }
        project(plan, exprs)
    }

    /// `plan` with what `expr`'s sub-selects give as further columns, and `expr` over those.
    pub(super) fn replaced(
        &mut self,
        mut plan: LogicalPlan,
        expr: Expr,
    ) -> Result<(LogicalPlan, Expr)> {
        let mut values: Vec<(Expr, Expr)> = vec![];
        for (part, reached) in outermost(&expr)? {
            if values.iter().any(|(known, _)| *known == part) {
                continue;
            }
            let reached = reached.map(|reached| with_values(reached, &values)).transpose()?;
            let (extended, value) = self.attached(plan, part.clone(), reached)?;
            plan = extended;
            values.push((part, value));
        }
        Ok((plan, with_values(expr, &values)?))
    }

    /// `plan` with the columns that one sub-select needs, and its value over them.
    fn attached(
        &mut self,
        plan: LogicalPlan,
        part: Expr,
        reached: Option<Expr>,
    ) -> Result<(LogicalPlan, Expr)> {
        match part {
            Expr::ScalarSubquery(subquery) => self.scalar(plan, &Need::of(subquery, reached)?),
            Expr::Exists(Exists { subquery, negated }) => {
                self.existence(plan, &Need::of(subquery, reached)?, negated)
            }
            Expr::InSubquery(test) => {
                let (plan, value) = self.replaced(plan, *test.expr)?;
                let need = Need::of(test.subquery, reached)?;
                let (plan, member) = self.membership(plan, value, &need)?;
                let value = if test.negated { Expr::Not(Box::new(member)) } else { member };
                Ok((plan, value))
            }
            Expr::SetComparison(test) => {
                let (plan, value) = self.replaced(plan, *test.expr)?;
                let need = Need::of(test.subquery, reached)?;
                self.quantified(plan, value, &need, (test.op, test.quantifier))
            }
            _ => Err(Error::internal("not a sub-select")),
        }
    }

    /// `plan` with `value` as a column of it, which is the value's name then.
    pub(super) fn with_column(
        &mut self,
        plan: LogicalPlan,
        value: Expr,
    ) -> Result<(LogicalPlan, Expr)> {
        if matches!(value, Expr::Column(_)) {
            return Ok((plan, value));
        }
        let name = self.fresh();
        let mut exprs = columns_of(&plan);
        exprs.push(value.alias(&name));
        Ok((project(plan, exprs)?, super::plans::column(&name)))
    }

    /// `plan` under fresh names: the plan and its columns.
    pub(super) fn under_fresh_names(
        &mut self,
        plan: LogicalPlan,
        exprs: Vec<Expr>,
    ) -> Result<(LogicalPlan, Vec<Expr>)> {
        let names: Vec<String> = exprs.iter().map(|_| self.fresh()).collect();
        let exprs =
            exprs.into_iter().zip(&names).map(|(expr, name)| expr.unalias().alias(name)).collect();
        let columns = names.iter().map(|name| super::plans::column(name)).collect();
        Ok((project(plan, exprs)?, columns))
    }
}

/// `expr` with values in the place of its sub-selects.
fn with_values(expr: Expr, values: &[(Expr, Expr)]) -> Result<Expr> {
    let expr = expr.transform_down(|part| {
        Ok(match values.iter().find(|(known, _)| *known == part) {
            Some((_, value)) => Transformed::new(value.clone(), true, TreeNodeRecursion::Jump),
            None => Transformed::no(part),
        })
    })?;
    Ok(expr.data)
}

/// `NOT EXISTS` and the like as one expression.
fn positive(expr: Expr) -> Expr {
    match expr {
        Expr::Not(inner) => match *inner {
            Expr::Exists(Exists { subquery, negated }) => {
                Expr::Exists(Exists { subquery, negated: !negated })
            }
            Expr::InSubquery(InSubquery { expr, subquery, negated: true }) => {
                Expr::InSubquery(InSubquery { expr, subquery, negated: false })
            }
            other => Expr::Not(Box::new(other)),
        },
        other => other,
    }
}

/// `expr` under the name that it had as an output.
fn named(expr: Expr, output: &Column) -> Expr {
    match expr {
        Expr::Column(column) if column == *output => Expr::Column(column),
        other => other.unalias().alias_qualified(output.relation.clone(), &output.name),
    }
}

/// Whether a sub-select is in one of `exprs`.
pub(super) fn has_subquery<'a>(exprs: impl IntoIterator<Item = &'a Expr>) -> bool {
    // The closure cannot fail, so neither can the walk; were it to, there is work to refuse.
    exprs.into_iter().any(|expr| expr.exists(|part| Ok(is_subquery(part))).unwrap_or(true))
}

/// Whether `expr` itself is a sub-select.
pub(super) fn is_subquery(expr: &Expr) -> bool {
    matches!(
        expr,
        Expr::ScalarSubquery(_) | Expr::Exists(_) | Expr::InSubquery(_) | Expr::SetComparison(_)
    )
}

/// VALUES as a union of selects without FROM, whose expressions can hold anything.
pub(super) fn rows(node: &Values) -> Result<LogicalPlan> {
    let nothing = || {
        let schema = Arc::new(datafusion::common::DFSchema::empty());
        LogicalPlan::EmptyRelation(EmptyRelation { produce_one_row: true, schema })
    };
    let mut inputs = node
        .values
        .iter()
        .map(|row| {
            let named = row
                .iter()
                .zip(node.schema.columns())
                .map(|(expr, output)| named(expr.clone(), &output));
            Ok(Arc::new(project(nothing(), named.collect())?))
        })
        .collect::<Result<Vec<_>>>()?;
    match (inputs.len(), inputs.pop()) {
        (1, Some(only)) => Ok(Arc::unwrap_or_clone(only)),
        (_, Some(last)) => {
            inputs.push(last);
            Ok(LogicalPlan::Union(Union::try_new(inputs)?))
        }
        (_, None) => Err(Error::internal("VALUES without rows")),
    }
}

/// The whole number that a LIMIT or OFFSET is, if it is known.
pub(super) fn whole(expr: Option<&Expr>) -> Option<i64> {
    match expr {
        Some(Expr::Literal(ScalarValue::Int64(value), _)) => *value,
        Some(Expr::Alias(alias)) => whole(Some(&alias.expr)),
        _ => None,
    }
}
