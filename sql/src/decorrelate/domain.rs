//! The domain of a sub-select: the distinct rows of what it reads of the select around it.
use std::collections::{HashMap, HashSet};

use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::common::{Column, Result as DataFusionResult};
use datafusion::logical_expr::{Expr, LogicalPlan};

use super::decorrelation::Decorrelation;
use super::plans::{columns_of, filter, group, project};
use super::unnest::refused;
use crate::Result;

/// Columns of the select around it, and what they are called here.
pub(super) type Renamed = HashMap<Column, Column>;

/// Distinct rows of some columns.
pub(super) struct Domain {
    /// The columns as the select around it calls them.
    pub(super) outer: Vec<Column>,
    /// One unqualified column for each, and no row twice.
    plan: LogicalPlan,
}

impl Domain {
    /// The distinct rows of `outer`'s columns in `plan`, where `reached` holds.
    ///
    /// `plan` is run twice then: 0A000 if it may not give the same rows again.
    pub(super) fn of(
        names: &mut Decorrelation,
        plan: &LogicalPlan,
        outer: Vec<Column>,
        reached: Option<&Expr>,
    ) -> Result<Self> {
        if is_volatile(plan)? {
            return Err(refused("random()"));
        }
        let plan = filter(plan.clone(), reached.cloned())?;
        let named =
            outer.iter().map(|one| Expr::Column(one.clone()).alias(names.fresh())).collect();
        let rows = project(plan, named)?;
        let keys = columns_of(&rows);
        Ok(Self { outer, plan: group(rows, keys, vec![])? })
    }

    /// The same rows under names of their own.
    pub(super) fn copy(&self, names: &mut Decorrelation) -> Result<(LogicalPlan, Vec<Column>)> {
        let fresh: Vec<String> = self.outer.iter().map(|_| names.fresh()).collect();
        let named = columns_of(&self.plan)
            .into_iter()
            .zip(&fresh)
            .map(|(column, name)| column.alias(name))
            .collect();
        let keys = fresh.iter().map(Column::new_unqualified).collect();
        Ok((project(self.plan.clone(), named)?, keys))
    }

    /// What its columns are called where they are `keys`.
    pub(super) fn renamed(&self, keys: &[Column]) -> Renamed {
        self.outer.iter().cloned().zip(keys.iter().cloned()).collect()
    }

    /// Whether `plan` reads one of its columns.
    pub(super) fn is_read_by(&self, plan: &LogicalPlan) -> Result<bool> {
        Ok(outer_columns(plan)?.iter().any(|column| self.outer.contains(column)))
    }

    /// Whether one of `exprs` reads one of its columns.
    pub(super) fn is_read_in<'a>(&self, exprs: impl IntoIterator<Item = &'a Expr>) -> Result<bool> {
        let mut found = vec![];
        for expr in exprs {
            collect(expr, &mut found)?;
        }
        Ok(found.iter().any(|column| self.outer.contains(column)))
    }
}

/// Whether `plan` may give other rows when it runs again.
pub(super) fn is_volatile(plan: &LogicalPlan) -> Result<bool> {
    let mut found = false;
    plan.apply_with_subqueries(|node| {
        node.apply_expressions(|expr| {
            found |= expr.is_volatile();
            Ok(TreeNodeRecursion::Continue)
        })
    })?;
    Ok(found)
}

/// The columns of selects around it that `plan` reads, each once, in the order it names them.
///
/// Sub-selects in it may read columns of its own as well: those are not from outside. A column
/// has one name in the whole statement.
pub(super) fn outer_columns(plan: &LogicalPlan) -> Result<Vec<Column>> {
    let (mut read, mut own) = (vec![], HashSet::new());
    plan.apply_with_subqueries(|node| {
        node.apply_expressions(|expr| {
            expr.apply(|part| {
                if let Expr::OuterReferenceColumn(_, column) = part {
                    note(column, &mut read);
                }
                Ok(TreeNodeRecursion::Continue)
            })
        })?;
        own.extend(node.schema().columns());
        Ok(TreeNodeRecursion::Continue)
    })?;
    read.retain(|column| !own.contains(column));
    Ok(read)
}

/// The same of an expression, with the sub-selects in it.
fn collect(expr: &Expr, found: &mut Vec<Column>) -> Result<()> {
    let mut nested = vec![];
    expr.apply(|part| {
        match part {
            Expr::OuterReferenceColumn(_, column) => note(column, found),
            Expr::ScalarSubquery(subquery) => nested.push(subquery.subquery.clone()),
            Expr::Exists(exists) => nested.push(exists.subquery.subquery.clone()),
            Expr::InSubquery(test) => nested.push(test.subquery.subquery.clone()),
            Expr::SetComparison(test) => nested.push(test.subquery.subquery.clone()),
            _ => {}
        }
        Ok(TreeNodeRecursion::Continue)
    })?;
    for plan in nested {
        for column in outer_columns(&plan)? {
            note(&column, found);
        }
    }
    Ok(())
}

fn note(column: &Column, found: &mut Vec<Column>) {
    if !found.contains(column) {
        found.push(column.clone());
    }
}

/// `expr` over an input that has the domain's columns: its own references to them become
/// columns, those of sub-selects in it keep pointing out of them, under the new names.
pub(super) fn bound(expr: Expr, renamed: &Renamed) -> Result<Expr> {
    let bound = expr.transform_up(|part| match part {
        Expr::OuterReferenceColumn(field, column) => Ok(match renamed.get(&column) {
            Some(here) => Transformed::yes(Expr::Column(here.clone())),
            None => Transformed::no(Expr::OuterReferenceColumn(field, column)),
        }),
        part => nested(part, renamed),
    })?;
    Ok(bound.data)
}

/// The plans of sub-selects directly in `expr`, renamed.
fn nested(expr: Expr, renamed: &Renamed) -> DataFusionResult<Transformed<Expr>> {
    use std::sync::Arc;
    let rename = |plan: Arc<LogicalPlan>| -> DataFusionResult<Arc<LogicalPlan>> {
        Ok(Arc::new(renamed_plan(Arc::unwrap_or_clone(plan), renamed)?))
    };
    Ok(match expr {
        Expr::ScalarSubquery(mut subquery) => {
            subquery.subquery = rename(subquery.subquery)?;
            Transformed::yes(Expr::ScalarSubquery(subquery))
        }
        Expr::Exists(mut exists) => {
            exists.subquery.subquery = rename(exists.subquery.subquery)?;
            Transformed::yes(Expr::Exists(exists))
        }
        Expr::InSubquery(mut test) => {
            test.subquery.subquery = rename(test.subquery.subquery)?;
            Transformed::yes(Expr::InSubquery(test))
        }
        Expr::SetComparison(mut test) => {
            test.subquery.subquery = rename(test.subquery.subquery)?;
            Transformed::yes(Expr::SetComparison(test))
        }
        other => Transformed::no(other),
    })
}

/// `plan` with the columns of selects around it called otherwise.
pub(super) fn renamed_plan(plan: LogicalPlan, renamed: &Renamed) -> DataFusionResult<LogicalPlan> {
    let plan = plan.transform_up_with_subqueries(|node| {
        node.map_expressions(|expr| {
            expr.transform_up(|part| match part {
                Expr::OuterReferenceColumn(field, column) => Ok(match renamed.get(&column) {
                    Some(here) => Transformed::yes(Expr::OuterReferenceColumn(field, here.clone())),
                    None => Transformed::no(Expr::OuterReferenceColumn(field, column)),
                }),
                other => Ok(Transformed::no(other)),
            })
        })
    })?;
    Ok(plan.data)
}
