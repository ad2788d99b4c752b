//! Sub-selects that a join says without a domain.
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::logical_expr::utils::{conjunction, split_conjunction_owned};
use datafusion::logical_expr::{Aggregate, Expr, JoinType, LogicalPlan};

use super::decorrelation::{Decorrelation, has_subquery};
use super::domain::outer_columns;
use super::plans::{On, columns_of, filter, group, join, project};
use super::unnest::or_empty;
use crate::Result;
use crate::catalog::RelationKind;
use crate::plan::fallible::fallible;
use crate::plan::source::relation_of;

/// An expression from outside and one over a sub-select's rows that must be equal.
type EqualPair = (Expr, Expr);

impl Decorrelation {
    /// `rows` as rows that read nothing from outside and a condition that does, over both.
    pub(super) fn conditional(
        &mut self,
        rows: &LogicalPlan,
    ) -> Result<Option<(LogicalPlan, Option<Expr>)>> {
        let Some((rows, conditions)) = split(rows)? else { return Ok(None) };
        Ok(Some((self.plan(rows)?, conjunction(conditions.into_iter().map(opened)))))
    }

    /// `rows` as rows that read nothing from outside, and pairs of an expression from outside and
    /// one over them that must be equal, if that says it all.
    pub(super) fn keyed(
        &mut self,
        rows: &LogicalPlan,
    ) -> Result<Option<(LogicalPlan, Vec<EqualPair>)>> {
        let Some((rows, conditions)) = split(rows)? else { return Ok(None) };
        let Some(pairs) = pairs(&rows, conditions)? else { return Ok(None) };
        let keys = pairs.into_iter().map(|(own, outer)| (outer, own)).collect();
        Ok(Some((self.plan(rows)?, keys)))
    }

    /// As [`Self::conditional`], with the sub-select's only column, if that is a column below
    /// its condition.
    pub(super) fn conditional_value(
        &mut self,
        rows: &LogicalPlan,
    ) -> Result<Option<(LogicalPlan, Option<Expr>, Expr)>> {
        let LogicalPlan::Projection(node) = rows else { return Ok(None) };
        let Some(Expr::Column(value)) = node.expr.first().map(|expr| expr.clone().unalias()) else {
            return Ok(None);
        };
        let found = self.conditional(&node.input)?;
        Ok(found.map(|(rows, condition)| (rows, condition, Expr::Column(value))))
    }

    /// A column of a row found by its primary key: a left join cannot find two.
    pub(super) fn looked_up(
        &mut self,
        plan: &LogicalPlan,
        rows: &LogicalPlan,
    ) -> Result<Option<(LogicalPlan, Expr)>> {
        let LogicalPlan::Projection(node) = rows else { return Ok(None) };
        let Some(value) = node.expr.first().map(|expr| expr.clone().unalias()) else {
            return Ok(None);
        };
        let Some((rows, conditions)) = split(&node.input)? else { return Ok(None) };
        if !matches!(value, Expr::Column(_)) || !finds_one(&rows, &conditions)? {
            return Ok(None);
        }
        let right = self.plan(rows)?;
        let names: Vec<Expr> = columns_of(&right);
        let (right, columns) = self.under_fresh_names(right, names.clone())?;
        let here = |expr: Expr| -> Result<Expr> {
            let renamed = expr.transform_up(|part| {
                Ok(match names.iter().position(|name| *name == part) {
                    Some(place) => match columns.get(place) {
                        Some(column) => Transformed::yes(column.clone()),
                        None => Transformed::no(part),
                    },
                    None => Transformed::no(part),
                })
            })?;
            Ok(renamed.data)
        };
        // First the sub-select's own columns get their new names, then those from outside open.
        let conditions = conditions
            .into_iter()
            .map(|condition| Ok(opened(here(condition)?)))
            .collect::<Result<Vec<_>>>()?;
        let on = On { filter: conjunction(conditions), ..On::default() };
        let value = here(value)?;
        Ok(Some((join(plan.clone(), right, JoinType::Left, on)?, value)))
    }

    /// An aggregate over rows that are equal to the row around it in some columns: grouped by
    /// those, then joined. Only if groups that nobody asks for cannot fail.
    pub(super) fn grouped_join(
        &mut self,
        plan: &LogicalPlan,
        rows: &LogicalPlan,
    ) -> Result<Option<(LogicalPlan, Expr)>> {
        let LogicalPlan::Projection(top) = rows else { return Ok(None) };
        let LogicalPlan::Aggregate(aggregate) = top.input.as_ref() else { return Ok(None) };
        let Some(value) = top.expr.first().map(|expr| expr.clone().unalias()) else {
            return Ok(None);
        };
        let independent = top.expr.iter().chain(&aggregate.aggr_expr);
        if !aggregate.group_expr.is_empty() || independent.into_iter().any(reads_outside) {
            return Ok(None);
        }
        let (args, below) = match aggregate.input.as_ref() {
            LogicalPlan::Projection(node) => (node.expr.clone(), node.input.as_ref()),
            other => (columns_of(other), other),
        };
        let Some((inner, conditions)) = split(below)? else { return Ok(None) };
        let Some(pairs) = pairs(&inner, conditions)? else { return Ok(None) };
        let schema = inner.schema();
        if args
            .iter()
            .any(|expr| reads_outside(expr) || fallible(expr, schema) || has_subquery([expr]))
        {
            return Ok(None);
        }
        let inner = self.plan(inner)?;
        let names: Vec<String> = pairs.iter().map(|_| self.fresh()).collect();
        let keys = pairs.iter().zip(&names).map(|((own, _), name)| own.clone().alias(name));
        let below = project(inner, args.into_iter().chain(keys).collect())?;
        let keys: Vec<Expr> = names.iter().map(|name| super::plans::column(name)).collect();
        let grouped = group(below, keys.clone(), aggregate.aggr_expr.clone())?;
        let outer = pairs.into_iter().map(|(_, outer)| outer);
        let on = On { equal: outer.zip(keys).collect(), ..On::default() };
        let plan = join(plan.clone(), grouped, JoinType::Left, on)?;
        Ok(Some((plan, over_groups(value, aggregate)?)))
    }
}

/// `value` over aggregates that are NULL where there is no group.
fn over_groups(value: Expr, aggregate: &Aggregate) -> Result<Expr> {
    let mut present = vec![];
    for (call, output) in aggregate.aggr_expr.iter().zip(aggregate.schema.columns()) {
        present.push((Expr::Column(output.clone()), or_empty(call, output)?.unalias()));
    }
    let value = value.transform_down(|part| {
        use datafusion::common::tree_node::TreeNodeRecursion;
        Ok(match present.iter().find(|(column, _)| *column == part) {
            Some((_, value)) => Transformed::new(value.clone(), true, TreeNodeRecursion::Jump),
            None => Transformed::no(part),
        })
    })?;
    Ok(value.data)
}

/// A plan as rows that read nothing from outside, and the conjuncts that do.
fn split(plan: &LogicalPlan) -> Result<Option<(LogicalPlan, Vec<Expr>)>> {
    if outer_columns(plan)?.is_empty() {
        return Ok(Some((plan.clone(), vec![])));
    }
    let LogicalPlan::Filter(node) = plan else { return Ok(None) };
    let Some((rows, mut conditions)) = split(&node.input)? else { return Ok(None) };
    let (outside, inside): (Vec<Expr>, Vec<Expr>) =
        split_conjunction_owned(node.predicate.clone()).into_iter().partition(reads_outside);
    let sub_selects = has_subquery(&outside) || has_subquery(&inside);
    // What can fail must not be tested before what was written before it.
    let fails = inside.iter().any(|expr| fallible(expr, node.input.schema()));
    if sub_selects || (fails && !conditions.is_empty()) {
        return Ok(None);
    }
    conditions.extend(outside);
    Ok(Some((filter(rows, conjunction(inside))?, conditions)))
}

/// Conditions as pairs of an expression over `inner` and one over what is around it, if all are.
fn pairs(inner: &LogicalPlan, conditions: Vec<Expr>) -> Result<Option<Vec<(Expr, Expr)>>> {
    let of_inner = |expr: &Expr| {
        !reads_outside(expr) && !expr.column_refs().is_empty() && !fallible(expr, inner.schema())
    };
    let mut found = vec![];
    for condition in conditions {
        let Expr::BinaryExpr(test) = condition else { return Ok(None) };
        let (left, right) = (*test.left, *test.right);
        if test.op != datafusion::logical_expr::Operator::Eq {
            return Ok(None);
        }
        if of_inner(&left) && right.column_refs().is_empty() && reads_outside(&right) {
            found.push((left, opened(right)));
        } else if of_inner(&right) && left.column_refs().is_empty() && reads_outside(&left) {
            found.push((right, opened(left)));
        } else {
            return Ok(None);
        }
    }
    Ok((!found.is_empty()).then_some(found))
}

/// Whether `conditions` fix every column of the primary key of the one relation in `rows`.
fn finds_one(rows: &LogicalPlan, conditions: &[Expr]) -> Result<bool> {
    let mut plan = rows;
    while let LogicalPlan::Filter(node) = plan {
        plan = &node.input;
    }
    let LogicalPlan::TableScan(scan) = plan else { return Ok(false) };
    let relation = relation_of(scan)?;
    let keyed = matches!(relation.kind, RelationKind::Table | RelationKind::ContinuousView);
    if !keyed || relation.key.is_empty() {
        return Ok(false);
    }
    let Some(pairs) = pairs(rows, conditions.to_vec())? else { return Ok(false) };
    let fixed = |place: &usize| {
        relation.columns.get(*place).is_some_and(|column| {
            pairs.iter().any(|(own, _)| matches!(own, Expr::Column(own) if own.name == column.name))
        })
    };
    Ok(relation.key.iter().all(fixed))
}

fn reads_outside(expr: &Expr) -> bool {
    // The closure cannot fail, so neither can the walk.
    expr.exists(|part| Ok(matches!(part, Expr::OuterReferenceColumn(..)))).unwrap_or(true)
}

/// `expr` with what it read from outside as columns: it stands outside now.
fn opened(expr: Expr) -> Expr {
    let opened = expr.clone().transform_up(|part| {
        Ok(match part {
            Expr::OuterReferenceColumn(_, column) => Transformed::yes(Expr::Column(column)),
            other => Transformed::no(other),
        })
    });
    opened.map_or(expr, |opened| opened.data)
}
