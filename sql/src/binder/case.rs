//! CASE, COALESCE, NULLIF, GREATEST, LEAST.
use datafusion::common::ScalarValue;
use datafusion::logical_expr::expr::Case;
use datafusion::logical_expr::{BinaryExpr, Expr, Operator};
use sqlparser::ast::{self, CaseWhen};

use super::expression::start_of;
use super::operator::{balanced, binary_overload};
use super::{Binder, Clause, Typed};
use crate::types::Type;
use crate::{Error, Result};

impl Binder<'_> {
    /// Binds a CASE; one with an operand compares it with each WHEN.
    pub(super) fn case(
        &mut self,
        operand: Option<&ast::Expr>,
        conditions: &[CaseWhen],
        otherwise: Option<&ast::Expr>,
        clause: Clause,
    ) -> Result<Typed> {
        let operand = operand.map(|operand| self.expression(operand, clause)).transpose()?;
        let operand = match operand {
            Some(operand) if operand.ty == Type::Unknown => {
                Some(self.implicit(operand, &Type::Text)?)
            }
            operand => operand,
        };
        let mut tests = Vec::new();
        let mut results = Vec::new();
        for branch in conditions {
            let test = self.expression(&branch.condition, clause)?;
            let at = |error: Error| error.at(start_of(&branch.condition));
            tests.push(match &operand {
                Some(operand) => self.binary("=", operand.clone(), test).map_err(at)?.expr,
                None => self.boolean(test, "CASE/WHEN").map_err(at)?,
            });
            results.push(self.expression(&branch.result, clause)?);
        }
        // The ELSE counts first, as in PostgreSQL.
        let otherwise = match otherwise {
            Some(otherwise) => self.expression(otherwise, clause)?,
            None => null(),
        };
        results.insert(0, otherwise);
        let (mut results, ty) = self.unify(results, "CASE")?;
        let otherwise = Some(Box::new(results.remove(0).expr));
        let results = results.into_iter().map(|result| Box::new(result.expr));
        let case = match operand.and_then(|operand| compared_with(&operand.expr, &tests)) {
            Some((operand, values)) => {
                let values = values.into_iter().map(Box::new).zip(results).collect();
                Case::new(Some(Box::new(operand)), values, otherwise)
            }
            None => {
                Case::new(None, tests.into_iter().map(Box::new).zip(results).collect(), otherwise)
            }
        };
        Ok(Typed::new(Expr::Case(case), ty))
    }

    /// `COALESCE(…)`: a CASE, so that what follows the first value is not computed.
    pub(super) fn coalesce(&mut self, values: Vec<Typed>) -> Result<Typed> {
        let (mut values, ty) = self.unify(values, "COALESCE")?;
        let Some(last) = values.pop() else {
            return Err(Error::new("42601", "syntax error at or near \")\""));
        };
        if values.is_empty() {
            return Ok(last);
        }
        let branches = values
            .into_iter()
            .map(|value| {
                (Box::new(Expr::IsNotNull(Box::new(value.expr.clone()))), Box::new(value.expr))
            })
            .collect();
        let case = Case::new(None, branches, Some(Box::new(last.expr)));
        Ok(Typed::new(Expr::Case(case), ty))
    }

    /// `NULLIF(a, b)` has the type of `a` as it was compared.
    pub(super) fn null_if(&mut self, left: Typed, right: Typed) -> Result<Typed> {
        let overload = binary_overload("=", &left.ty, &right.ty)?;
        let operands = self.arguments(vec![left, right], &overload.arguments)?;
        let Some(left) = operands.first().cloned() else {
            return Err(Error::internal("NULLIF without operands"));
        };
        let test = self.call(overload, operands)?.expr;
        let null = Expr::Literal(ScalarValue::try_from(&left.ty.arrow())?, None);
        let branches = vec![(Box::new(test), Box::new(null))];
        let case = Case::new(None, branches, Some(Box::new(left.expr)));
        Ok(Typed::new(Expr::Case(case), left.ty))
    }

    /// `GREATEST(…)` with `>=`, `LEAST(…)` with `<=`: NULLs count only where all are NULL.
    ///
    /// The first value that none after it surpasses; comparisons grow with the square of the
    /// values, not with their power.
    pub(super) fn extreme(&mut self, name: &str, sign: &str, values: Vec<Typed>) -> Result<Typed> {
        let (mut values, ty) = self.unify(values, name)?;
        let Some(last) = values.pop() else {
            return Err(Error::new("42601", format!("{name} takes at least one argument")));
        };
        let mut branches = Vec::new();
        for (place, value) in values.iter().enumerate() {
            let mut tests = vec![Expr::IsNotNull(Box::new(value.expr.clone()))];
            for other in values.iter().skip(place + 1).chain([&last]) {
                let stands = self.binary(sign, value.clone(), other.clone())?.expr;
                tests.push(Expr::IsNull(Box::new(other.expr.clone())).or(stands));
            }
            branches.push((Box::new(balanced(tests, true)), Box::new(value.expr.clone())));
        }
        if branches.is_empty() {
            return Ok(last);
        }
        let case = Case::new(None, branches, Some(Box::new(last.expr)));
        Ok(Typed::new(Expr::Case(case), ty))
    }
}

/// The values that the tests compare one operand with, if all compare it as it is: then it is
/// computed once.
fn compared_with(operand: &Expr, tests: &[Expr]) -> Option<(Expr, Vec<Expr>)> {
    let values: Option<Vec<Expr>> = tests
        .iter()
        .map(|test| match test {
            Expr::BinaryExpr(BinaryExpr { left, op: Operator::Eq, right })
                if **left == *operand =>
            {
                Some(right.as_ref().clone())
            }
            _ => None,
        })
        .collect();
    Some((operand.clone(), values?))
}

fn null() -> Typed {
    Typed::new(Expr::Literal(ScalarValue::Utf8(None), None), Type::Unknown)
}
