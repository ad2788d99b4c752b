//! JOIN: conditions, USING, NATURAL; equalities between the sides become the join's keys.
use std::sync::Arc;

use datafusion::common::{Column, JoinType, NullEquality};
use datafusion::logical_expr::expr::Case;
use datafusion::logical_expr::utils::{conjunction, split_conjunction_owned};
use datafusion::logical_expr::{BinaryExpr, Expr, Join, JoinConstraint, LogicalPlan, Operator};
use sqlparser::ast::{self, JoinOperator, ObjectNamePart, Spanned};
use sqlparser::tokenizer::Span;

use super::from::Item;
use super::identifier::fold;
use super::scope::Visible;
use super::{Binder, Clause, Scope, Typed};
use crate::{Error, Result};

impl Binder<'_> {
    /// Binds a join of `left` with what follows; `before` are the tables that LATERAL sees too.
    pub(super) fn join(&mut self, left: Item, join: &ast::Join, before: &Scope) -> Result<Item> {
        let span = join.relation.span();
        let (kind, constraint) = kind_of(&join.join_operator).map_err(|error| error.at(span))?;
        let mut seen = before.clone();
        seen.tables.extend(left.scope.tables.iter().cloned());
        seen.visible.extend(left.scope.visible.iter().cloned());
        let right = self.factor(&join.relation, &seen)?;
        let is_lateral = matches!(right.plan, LogicalPlan::Subquery(_));
        if is_lateral && matches!(kind, JoinType::Right | JoinType::Full) {
            return Err(Error::new(
                "42P10",
                "the combining JOIN type must be INNER or LEFT for a LATERAL reference",
            )
            .at(span));
        }
        match constraint {
            None => self.crossed(left, right, span),
            Some(ast::JoinConstraint::On(condition)) => {
                let scope = left.scope.joined(right.scope, span)?;
                let (condition, scope) =
                    self.in_scope(scope, |binder| binder.condition(condition, Clause::JoinOn))?;
                let plan = joined(left.plan, right.plan, kind, Some(condition))?;
                Ok(Item { plan, scope })
            }
            Some(ast::JoinConstraint::Using(names)) => {
                let names = names
                    .iter()
                    .map(|name| match name.0.as_slice() {
                        [ObjectNamePart::Identifier(name)] => Ok((fold(name), name.span)),
                        _ => Err(Error::new("42601", "USING takes plain names").at(name.span())),
                    })
                    .collect::<Result<Vec<_>>>()?;
                self.merged(left, right, kind, &names)
            }
            Some(ast::JoinConstraint::Natural) => {
                let shown = |scope: &Scope| -> Vec<String> {
                    let shown = scope.visible.iter().filter(|column| !column.hidden);
                    shown.map(|column| column.name.clone()).collect()
                };
                let theirs = shown(&right.scope);
                let names: Vec<(String, Span)> = shown(&left.scope)
                    .into_iter()
                    .filter(|name| theirs.contains(name))
                    .map(|name| (name, span))
                    .collect();
                match names.is_empty() && kind == JoinType::Inner {
                    true => self.crossed(left, right, span),
                    false => self.merged(left, right, kind, &names),
                }
            }
            Some(ast::JoinConstraint::None) => {
                Err(Error::new("42601", "a join needs ON, USING or NATURAL").at(span))
            }
        }
    }

    /// Every row of the left with every row of the right.
    pub(super) fn crossed(&mut self, left: Item, right: Item, span: Span) -> Result<Item> {
        let scope = left.scope.joined(right.scope, span)?;
        let plan = joined(left.plan, right.plan, JoinType::Inner, None)?;
        Ok(Item { plan, scope })
    }

    /// A join on equal columns of the same names, which become one each.
    fn merged(
        &mut self,
        left: Item,
        right: Item,
        kind: JoinType,
        names: &[(String, Span)],
    ) -> Result<Item> {
        let span = names.first().map_or_else(Span::empty, |(_, span)| *span);
        let mut conditions = Vec::new();
        let mut merged = Vec::new();
        for (name, place) in names {
            let ours = common_column(&left.scope, name, "left", *place)?;
            let theirs = common_column(&right.scope, name, "right", *place)?;
            let test =
                self.binary("=", ours.clone(), theirs.clone()).map_err(|error| error.at(*place))?;
            conditions.push(test.expr);
            let value = self.merged_value(ours, theirs, kind)?;
            merged.push(Visible { name: name.clone(), value, hidden: false });
        }
        let visible = {
            let is_merged = |column: &&Visible| !names.iter().any(|(name, _)| *name == column.name);
            let ours = left.scope.visible.iter().filter(is_merged);
            let theirs = right.scope.visible.iter().filter(is_merged);
            merged.into_iter().chain(ours.cloned()).chain(theirs.cloned()).collect()
        };
        let mut scope = left.scope.joined(right.scope, span)?;
        scope.visible = visible;
        let condition = conjunction(conditions);
        let plan = joined(left.plan, right.plan, kind, condition)?;
        Ok(Item { plan, scope })
    }

    /// The column that USING makes of two: the one that is never absent, or either.
    fn merged_value(&mut self, ours: Typed, theirs: Typed, kind: JoinType) -> Result<Typed> {
        let (mut both, ty) = self.unify(vec![ours.clone(), theirs], "JOIN/USING")?;
        let (Some(right), Some(left)) = (both.pop(), both.pop()) else { return Ok(ours) };
        Ok(match kind {
            JoinType::Right => right,
            JoinType::Full => {
                let test = Expr::IsNotNull(Box::new(left.expr.clone()));
                let branches = vec![(Box::new(test), Box::new(left.expr))];
                let case = Case::new(None, branches, Some(Box::new(right.expr)));
                Typed::new(Expr::Case(case), ty)
            }
            _ => left,
        })
    }
}

fn common_column(scope: &Scope, name: &str, side: &str, span: Span) -> Result<Typed> {
    let mut found = scope.visible.iter().filter(|column| column.name == name);
    match (found.next(), found.next()) {
        (Some(column), None) => Ok(column.value.clone()),
        (None, _) => Err(Error::new(
            "42703",
            format!("column \"{name}\" specified in USING clause does not exist in {side} table"),
        )
        .at(span)),
        (Some(_), Some(_)) => Err(Error::new(
            "42702",
            format!("common column name \"{name}\" appears more than once in {side} table"),
        )
        .at(span)),
    }
}

fn kind_of(operator: &JoinOperator) -> Result<(JoinType, Option<&ast::JoinConstraint>)> {
    Ok(match operator {
        JoinOperator::Join(constraint) | JoinOperator::Inner(constraint) => {
            (JoinType::Inner, Some(constraint))
        }
        JoinOperator::Left(constraint) | JoinOperator::LeftOuter(constraint) => {
            (JoinType::Left, Some(constraint))
        }
        JoinOperator::Right(constraint) | JoinOperator::RightOuter(constraint) => {
            (JoinType::Right, Some(constraint))
        }
        JoinOperator::FullOuter(constraint) => (JoinType::Full, Some(constraint)),
        JoinOperator::CrossJoin(ast::JoinConstraint::None) => (JoinType::Inner, None),
        JoinOperator::AsOf { .. } => return Err(Error::unsupported("ASOF JOIN")),
        JoinOperator::Semi(_) | JoinOperator::LeftSemi(_) | JoinOperator::RightSemi(_) => {
            return Err(Error::unsupported("SEMI JOIN").with_hint("Write EXISTS (SELECT …)."));
        }
        JoinOperator::Anti(_) | JoinOperator::LeftAnti(_) | JoinOperator::RightAnti(_) => {
            return Err(Error::unsupported("ANTI JOIN").with_hint("Write NOT EXISTS (SELECT …)."));
        }
        _ => return Err(Error::unsupported("this kind of join")),
    })
}

/// The join; equalities between a value of each side become its keys.
fn joined(
    left: LogicalPlan,
    right: LogicalPlan,
    kind: JoinType,
    condition: Option<Expr>,
) -> Result<LogicalPlan> {
    let mut keys = Vec::new();
    let mut rest = Vec::new();
    for conjunct in condition.into_iter().flat_map(split_conjunction_owned) {
        match key(conjunct, &left, &right) {
            Ok(pair) => keys.push(pair),
            Err(other) => rest.push(other),
        }
    }
    let join = Join::try_new(
        Arc::new(left),
        Arc::new(right),
        keys,
        conjunction(rest),
        kind,
        JoinConstraint::On,
        NullEquality::NullEqualsNothing,
        false,
    )?;
    Ok(LogicalPlan::Join(join))
}

/// The sides of an equality, left one first; the conjunct itself if it is no key.
fn key(
    conjunct: Expr,
    left: &LogicalPlan,
    right: &LogicalPlan,
) -> std::result::Result<(Expr, Expr), Expr> {
    match conjunct {
        Expr::BinaryExpr(BinaryExpr { left: one, op: Operator::Eq, right: other }) => {
            if is_of(&one, left) && is_of(&other, right) {
                return Ok((*one, *other));
            }
            if is_of(&one, right) && is_of(&other, left) {
                return Ok((*other, *one));
            }
            Err(Expr::BinaryExpr(BinaryExpr { left: one, op: Operator::Eq, right: other }))
        }
        other => Err(other),
    }
}

/// Whether an expression reads columns of this side only, at least one, and can be a key.
fn is_of(expr: &Expr, side: &LogicalPlan) -> bool {
    let columns: std::collections::HashSet<&Column> = expr.column_refs();
    let has_other = super::select::contains(expr, |part| {
        matches!(
            part,
            Expr::OuterReferenceColumn(..)
                | Expr::ScalarSubquery(_)
                | Expr::Exists(_)
                | Expr::InSubquery(_)
                | Expr::SetComparison(_)
        )
    });
    !columns.is_empty()
        && !has_other
        && !expr.is_volatile()
        && columns.iter().all(|column| side.schema().has_column(column))
}
