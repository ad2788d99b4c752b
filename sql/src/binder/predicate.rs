//! Tests: IS …, BETWEEN, IN a list, LIKE, ILIKE, SIMILAR TO.
use datafusion::logical_expr::Expr;
use datafusion::logical_expr::expr::InList;
use sqlparser::ast::{self, ValueWithSpan};

use super::coerce::common_type;
use super::expression::start_of;
use super::operator::{balanced, row};
use super::{Binder, Clause, Typed};
use crate::types::Type;
use crate::{Error, Result};

impl Binder<'_> {
    /// Binds a test.
    pub(super) fn predicate(&mut self, written: &ast::Expr, clause: Clause) -> Result<Typed> {
        use ast::Expr as E;
        match written {
            E::IsNull(operand) | E::IsNotNull(operand) => {
                self.null_test(operand, matches!(written, E::IsNull(_)), clause)
            }
            E::IsTrue(operand) => self.truth(operand, "IS TRUE", Expr::IsTrue, clause),
            E::IsNotTrue(operand) => self.truth(operand, "IS NOT TRUE", Expr::IsNotTrue, clause),
            E::IsFalse(operand) => self.truth(operand, "IS FALSE", Expr::IsFalse, clause),
            E::IsNotFalse(operand) => self.truth(operand, "IS NOT FALSE", Expr::IsNotFalse, clause),
            E::IsUnknown(operand) => self.truth(operand, "IS UNKNOWN", Expr::IsUnknown, clause),
            E::IsNotUnknown(operand) => {
                self.truth(operand, "IS NOT UNKNOWN", Expr::IsNotUnknown, clause)
            }
            E::IsDistinctFrom(left, right) => {
                self.distinct_from("is distinct from", left, right, clause)
            }
            E::IsNotDistinctFrom(left, right) => {
                self.distinct_from("is not distinct from", left, right, clause)
            }
            E::Between { expr, negated, low, high } => {
                let value = self.expression(expr, clause)?;
                let low = self.expression(low, clause)?;
                let high = self.expression(high, clause)?;
                let above = self.binary(">=", value.clone(), low)?.expr;
                let below = self.binary("<=", value, high)?.expr;
                Ok(negate(above.and(below), *negated))
            }
            E::InList { expr, list, negated } => self.in_list(expr, list, *negated, clause),
            E::Like { any: true, .. } | E::ILike { any: true, .. } => {
                Err(Error::unsupported("LIKE ANY"))
            }
            E::Like { negated, expr, pattern, escape_char, .. } => {
                let symbol = if *negated { "!~~" } else { "~~" };
                self.like(symbol, (expr, pattern), escape_char.as_ref(), clause)
            }
            E::ILike { negated, expr, pattern, escape_char, .. } => {
                let symbol = if *negated { "!~~*" } else { "~~*" };
                self.like(symbol, (expr, pattern), escape_char.as_ref(), clause)
            }
            E::SimilarTo { negated, expr, pattern, escape_char } => {
                let value = self.expression(expr, clause)?;
                let mut arguments = vec![self.expression(pattern, clause)?];
                if let Some(escape) = escape_char {
                    arguments.push(self.literal(&escape.value)?);
                }
                let pattern = self.call_named("similar_to_escape", arguments)?;
                self.binary(if *negated { "!~" } else { "~" }, value, pattern)
            }
            other => Err(Error::internal(format!("{other} is no test"))),
        }
    }

    fn null_test(&mut self, operand: &ast::Expr, is_null: bool, clause: Clause) -> Result<Typed> {
        let test = |expr: Expr| match is_null {
            true => Expr::IsNull(Box::new(expr)),
            false => Expr::IsNotNull(Box::new(expr)),
        };
        if let Some(columns) = row(operand) {
            let all: Result<Vec<Expr>> = columns
                .into_iter()
                .map(|column| Ok(test(self.known(column, clause)?.expr)))
                .collect();
            return Ok(Typed::new(balanced(all?, true), Type::Bool));
        }
        Ok(Typed::new(test(self.known(operand, clause)?.expr), Type::Bool))
    }

    /// An expression of a known type: text if nothing else says.
    fn known(&mut self, written: &ast::Expr, clause: Clause) -> Result<Typed> {
        let typed = self.expression(written, clause)?;
        match typed.ty {
            Type::Unknown => self.implicit(typed, &Type::Text),
            _ => Ok(typed),
        }
    }

    fn truth(
        &mut self,
        operand: &ast::Expr,
        name: &str,
        test: fn(Box<Expr>) -> Expr,
        clause: Clause,
    ) -> Result<Typed> {
        let typed = self.expression(operand, clause)?;
        let condition = self.boolean(typed, name).map_err(|error| error.at(start_of(operand)))?;
        Ok(Typed::new(test(Box::new(condition)), Type::Bool))
    }

    fn distinct_from(
        &mut self,
        symbol: &str,
        left: &ast::Expr,
        right: &ast::Expr,
        clause: Clause,
    ) -> Result<Typed> {
        if let (Some(left), Some(right)) = (row(left), row(right)) {
            let mut pairs = Vec::new();
            for (left, right) in left.into_iter().zip(right) {
                pairs.push((self.expression(left, clause)?, self.expression(right, clause)?));
            }
            return self.compare_pairs(symbol, pairs);
        }
        let left = self.expression(left, clause)?;
        let right = self.expression(right, clause)?;
        self.binary(symbol, left, right)
    }

    fn in_list(
        &mut self,
        operand: &ast::Expr,
        list: &[ast::Expr],
        negated: bool,
        clause: Clause,
    ) -> Result<Typed> {
        if let Some(columns) = row(operand) {
            return self.row_in_list(&columns, list, negated, clause);
        }
        let value = self.expression(operand, clause)?;
        let items: Vec<Typed> =
            list.iter().map(|item| self.expression(item, clause)).collect::<Result<_>>()?;
        let types: Vec<Type> =
            std::iter::once(&value).chain(&items).map(|item| item.ty.clone()).collect();
        let common = if items.len() > 1 { common_type(&types, "IN").ok() } else { None };
        if let Some(common) = common.filter(is_plainly_compared) {
            let value = self.implicit(value, &common)?;
            let list = items
                .into_iter()
                .map(|item| Ok(self.implicit(item, &common)?.expr))
                .collect::<Result<_>>()?;
            let test = InList::new(Box::new(value.expr), list, negated);
            return Ok(Typed::new(Expr::InList(test), Type::Bool));
        }
        let tests: Result<Vec<Expr>> = items
            .into_iter()
            .zip(list)
            .map(|(item, written)| {
                let test = self.binary("=", value.clone(), item);
                Ok(test.map_err(|error| error.at(start_of(written)))?.expr)
            })
            .collect();
        Ok(negate(balanced(tests?, false), negated))
    }

    fn row_in_list(
        &mut self,
        columns: &[&ast::Expr],
        list: &[ast::Expr],
        negated: bool,
        clause: Clause,
    ) -> Result<Typed> {
        let mut values = Vec::new();
        for column in columns {
            values.push(self.expression(column, clause)?);
        }
        let mut tests = Vec::new();
        for item in list {
            let Some(others) = row(item).filter(|others| others.len() == values.len()) else {
                return Err(Error::new("42601", "unequal number of entries in row expressions")
                    .at(start_of(item)));
            };
            let mut pairs = Vec::new();
            for (value, other) in values.iter().zip(others) {
                pairs.push((value.clone(), self.expression(other, clause)?));
            }
            tests.push(self.compare_pairs("=", pairs)?.expr);
        }
        Ok(negate(balanced(tests, false), negated))
    }

    fn like(
        &mut self,
        symbol: &str,
        (value, pattern): (&ast::Expr, &ast::Expr),
        escape: Option<&ValueWithSpan>,
        clause: Clause,
    ) -> Result<Typed> {
        let mut value = self.expression(value, clause)?;
        if matches!(value.ty, Type::Char(_)) {
            // The blanks that fill it are matched too.
            value.ty = Type::Text;
        }
        let mut pattern = self.expression(pattern, clause)?;
        if let Some(escape) = escape {
            let escape = self.literal(&escape.value)?;
            pattern = self.call_named("like_escape", vec![pattern, escape])?;
        }
        self.binary(symbol, value, pattern)
    }
}

/// Whether Arrow compares two values of the type as PostgreSQL does, without a key of each.
pub(super) fn is_plainly_compared(ty: &Type) -> bool {
    !matches!(
        ty,
        Type::Float4
            | Type::Float8
            | Type::Interval
            | Type::Char(_)
            | Type::Json
            | Type::Jsonb
            | Type::Array(_)
            | Type::Vector(_)
            | Type::Unknown
    )
}

fn negate(test: Expr, negated: bool) -> Typed {
    let test = if negated { Expr::Not(Box::new(test)) } else { test };
    Typed::new(test, Type::Bool)
}
