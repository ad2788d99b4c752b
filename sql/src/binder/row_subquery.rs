//! `(a, b) IN (SELECT …)`: EXISTS over the sub-select with the comparison as its condition.
//!
//! As a value it is unknown where no row is equal but the comparison with some is unknown,
//! which takes a second EXISTS; where only truth counts, as in WHERE, one is enough.
use std::sync::Arc;

use datafusion::common::ScalarValue;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::logical_expr::expr::{Case, Exists};
use datafusion::logical_expr::{Expr, Filter, LogicalPlan};
use sqlparser::ast;

use super::expression::start_of;
use super::operator::{balanced, row};
use super::select::contains;
use super::subquery::node;
use super::{Binder, Clause, Scope, Typed};
use crate::types::Type;
use crate::{Error, Result};

impl Binder<'_> {
    /// A condition of which only the truth counts, if it is such a test or has one under AND.
    pub(super) fn row_test(&mut self, written: &ast::Expr, clause: Clause) -> Result<Option<Expr>> {
        let parts = conjuncts(written);
        if !parts.iter().any(|part| row_in(part).is_some()) {
            return Ok(None);
        }
        let mut tests = Vec::new();
        for part in parts {
            tests.push(match row_in(part) {
                Some((columns, query, negated)) => {
                    let wanted = if negated { Wanted::NotFalse } else { Wanted::True };
                    let exists = self
                        .row_exists(&columns, query, &wanted)
                        .map_err(|error| error.at(start_of(part)))?;
                    if negated { Expr::Not(Box::new(exists)) } else { exists }
                }
                None => {
                    let typed = self.expression(part, clause)?;
                    self.boolean(typed, "AND").map_err(|error| error.at(start_of(part)))?
                }
            });
        }
        Ok(Some(balanced(tests, true)))
    }

    /// The same as a value.
    pub(super) fn row_in_subquery(
        &mut self,
        columns: &[&ast::Expr],
        query: &ast::Query,
        negated: bool,
    ) -> Result<Typed> {
        let equal = self.row_exists(columns, query, &Wanted::True)?;
        let unknown = self.row_exists(columns, query, &Wanted::Unknown)?;
        let value =
            |value: Option<bool>| Box::new(Expr::Literal(ScalarValue::Boolean(value), None));
        let branches =
            vec![(Box::new(equal), value(Some(!negated))), (Box::new(unknown), value(None))];
        let case = Case::new(None, branches, Some(value(Some(negated))));
        Ok(Typed::new(Expr::Case(case), Type::Bool))
    }

    /// Whether some row of the sub-select compares so with these columns.
    fn row_exists(
        &mut self,
        columns: &[&ast::Expr],
        query: &ast::Query,
        wanted: &Wanted,
    ) -> Result<Expr> {
        let mut values = Vec::new();
        for column in columns {
            let value = self.expression(column, Clause::Where)?;
            if contains(&value.expr, |part| {
                matches!(part, Expr::AggregateFunction(_) | Expr::WindowFunction(_))
            }) {
                return Err(Error::unsupported("an aggregate in a row compared with a sub-select"));
            }
            values.push(value);
        }
        let (rows, mut outer) = self.nested(|binder| binder.query(query))?;
        match rows.columns.len().cmp(&values.len()) {
            std::cmp::Ordering::Less => {
                return Err(Error::new("42601", "subquery has too few columns"));
            }
            std::cmp::Ordering::Greater => {
                return Err(Error::new("42601", "subquery has too many columns"));
            }
            std::cmp::Ordering::Equal => {}
        }
        let scope = self.frame()?.scope.clone();
        let mut tests = Vec::new();
        for (value, output) in values.into_iter().zip(&rows.columns) {
            let value = Typed { expr: as_outer(value.expr, &scope, &mut outer)?, ..value };
            let inner = Typed::new(Expr::Column(output.column.clone()), output.ty.clone());
            tests.push(self.binary("=", value, inner)?.expr);
        }
        let equal = balanced(tests, true);
        let predicate = match wanted {
            Wanted::True => equal,
            Wanted::Unknown => Expr::IsUnknown(Box::new(equal)),
            Wanted::NotFalse => Expr::IsNotFalse(Box::new(equal)),
        };
        let plan = LogicalPlan::Filter(Filter::try_new(predicate, Arc::new(rows.plan))?);
        Ok(Expr::Exists(Exists::new(node(plan, outer), false)))
    }
}

/// What a comparison with a row must come to.
enum Wanted {
    True,
    Unknown,
    NotFalse,
}

/// The expression inside a sub-select: its columns are the enclosing select's there.
fn as_outer(expr: Expr, scope: &Scope, outer: &mut Vec<Expr>) -> Result<Expr> {
    let has_subquery = contains(&expr, |part| {
        matches!(
            part,
            Expr::ScalarSubquery(_)
                | Expr::Exists(_)
                | Expr::InSubquery(_)
                | Expr::SetComparison(_)
        )
    });
    if has_subquery {
        return Err(Error::unsupported("a sub-select in a row compared with a sub-select"));
    }
    let mut unknown = false;
    let moved = expr.transform(|part| match part {
        Expr::Column(column) => {
            let Some(ty) = scope.type_of(&column) else {
                unknown = true;
                return Ok(Transformed::no(Expr::Column(column)));
            };
            let field = Arc::new(ty.field(&column.name, true));
            let reference = Expr::OuterReferenceColumn(field, column);
            if !outer.contains(&reference) {
                outer.push(reference.clone());
            }
            Ok(Transformed::yes(reference))
        }
        other => {
            if matches!(other, Expr::OuterReferenceColumn(..)) && !outer.contains(&other) {
                outer.push(other.clone());
            }
            Ok(Transformed::no(other))
        }
    })?;
    match unknown {
        true => Err(Error::internal("a column that nothing has")),
        false => Ok(moved.data),
    }
}

/// The conditions under AND.
fn conjuncts(written: &ast::Expr) -> Vec<&ast::Expr> {
    let mut found = Vec::new();
    let mut rest = vec![written];
    while let Some(next) = rest.pop() {
        match next {
            ast::Expr::BinaryOp { left, op: ast::BinaryOperator::And, right } => {
                rest.push(right);
                rest.push(left);
            }
            ast::Expr::Nested(inner) => rest.push(inner),
            other => found.push(other),
        }
    }
    found
}

/// The parts of `(a, b) [NOT] IN (SELECT …)`.
fn row_in(written: &ast::Expr) -> Option<(Vec<&ast::Expr>, &ast::Query, bool)> {
    match written {
        ast::Expr::InSubquery { expr, subquery, negated } => Some((row(expr)?, subquery, *negated)),
        _ => None,
    }
}
