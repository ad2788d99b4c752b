//! `< ANY`, `>= ALL` and so on: a comparison with the least or the greatest of the sub-select's.
use datafusion::functions_aggregate::min_max::{max_udaf, min_udaf};
use datafusion::logical_expr::expr::{AggregateFunction, SetQuantifier};
use datafusion::logical_expr::{Expr, LogicalPlan, Operator, binary_expr};

use super::decorrelation::Decorrelation;
use super::membership::no_rows;
use super::need::Need;
use super::plans::{boolean, case, count, is_null};
use crate::{Error, Result};

impl Decorrelation {
    /// Whether `value` compares so with one, or all, of the sub-select's: true, false or NULL.
    pub(super) fn quantified(
        &mut self,
        plan: LogicalPlan,
        value: Expr,
        need: &Need,
        (op, quantifier): (Operator, SetQuantifier),
    ) -> Result<(LogicalPlan, Expr)> {
        let (plan, value) = self.with_column(plan, value)?;
        let members = self.members(&plan, need)?;
        let member = &members.value;
        let calls = [
            count(None),
            count(Some(member.clone())),
            extreme(member.clone(), true),
            extreme(member.clone(), false),
        ];
        let (plan, [rows, present, least, greatest]) = self.with_calls(plan, &members, calls)?;
        let any = quantifier == SetQuantifier::Any;
        // For ANY a comparison that decides for true, for ALL one that decides for false.
        let deciding = if any { Some(op) } else { op.negate() };
        let Some(deciding) = deciding else {
            return Err(Error::internal("a comparison without its opposite"));
        };
        let decided = match deciding {
            Operator::Lt | Operator::LtEq => binary_expr(value.clone(), deciding, greatest),
            Operator::Gt | Operator::GtEq => binary_expr(value.clone(), deciding, least),
            Operator::NotEq => value.clone().not_eq(least).or(value.clone().not_eq(greatest)),
            other => {
                return Err(Error::unsupported(format_args!("{other} with a sub-select")));
            }
        };
        let test = case(
            [
                (no_rows(&rows), boolean(Some(!any))),
                (decided, boolean(Some(any))),
                (is_null(value).or(present.lt(rows)), boolean(None)),
            ],
            boolean(Some(!any)),
        );
        Ok((plan, test))
    }
}

fn extreme(value: Expr, least: bool) -> Expr {
    let function = if least { min_udaf() } else { max_udaf() };
    let arguments = vec![value];
    Expr::AggregateFunction(AggregateFunction::new_udf(
        function,
        arguments,
        false,
        None,
        vec![],
        None,
    ))
}
