//! Functions that return sets, in the list of SELECT: their rows side by side.
//!
//! As in PostgreSQL they run after GROUP BY and window functions; where one of a row has no
//! more values than another, NULL stands in its place.
use std::sync::Arc;

use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::common::{Column, NullHandling, UnnestOptions};
use datafusion::logical_expr::expr::Unnest as Unfolded;
use datafusion::logical_expr::{Expr, LogicalPlan, Projection, Unnest};

use super::select::{Clauses, contains};
use super::{Binder, Clause, Typed};
use crate::types::Type;
use crate::{Error, Result};

/// Functions that return a set; each is computed as an array.
pub(super) const SETS: [&str; 6] = [
    "unnest",
    "generate_series",
    "generate_subscripts",
    "regexp_matches",
    "regexp_split_to_table",
    "string_to_table",
];

/// How the elements of arrays become rows.
pub(super) fn options() -> UnnestOptions {
    UnnestOptions { null_handling: NullHandling::Drop, ..UnnestOptions::default() }
}

/// A vector as the array of its elements; another value as it is.
pub(super) fn as_array(value: Typed) -> Typed {
    match value.ty {
        Type::Vector(vector) => Typed { ty: vector.array(), ..value },
        _ => value,
    }
}

/// Whether a part of an expression returns a set.
pub(super) fn returns_set(expr: &Expr) -> bool {
    contains(expr, |part| matches!(part, Expr::Unnest(_)))
}

impl Binder<'_> {
    /// A call of one of [`SETS`]: only a SELECT's list can have it.
    pub(super) fn set_call(
        &mut self,
        name: &str,
        arguments: Vec<Typed>,
        clause: Clause,
    ) -> Result<Typed> {
        let refused = |place: &str| {
            let message = format!("set-returning functions are not allowed in {place}");
            Err(Error::new("0A000", message).with_hint(format!("Write FROM {name}(…) AS x.")))
        };
        if clause != Clause::Select {
            return refused(clause.name());
        }
        if arguments.iter().any(|argument| returns_set(&argument.expr)) {
            return Err(Error::unsupported("a set-returning function inside another"));
        }
        let array = self.rows_value(name, arguments)?;
        let Type::Array(item) = array.ty else {
            return Err(Error::internal(format!("{name} is computed as an array")));
        };
        let call = Unfolded { expr: Box::new(array.expr), outer: false };
        Ok(Typed::new(Expr::Unnest(call), *item))
    }

    /// The plan with a row for each of the sets' values, which become columns.
    pub(super) fn unfolded(
        &mut self,
        plan: LogicalPlan,
        clauses: &mut Clauses,
    ) -> Result<LogicalPlan> {
        let mut sets: Vec<(Expr, Column)> = vec![];
        for expr in clauses.expressions() {
            check_choices(expr)?;
            expr.apply(|part| {
                if matches!(part, Expr::Unnest(_)) && sets.iter().all(|(known, _)| known != part) {
                    let column = Column::new_unqualified(self.fresh('u'));
                    sets.push((part.clone(), column));
                }
                Ok(TreeNodeRecursion::Continue)
            })?;
        }
        if sets.is_empty() {
            return Ok(plan);
        }
        for expr in clauses.expressions() {
            let whole = std::mem::take(expr);
            let replaced = whole.transform_down(|part| {
                Ok(match sets.iter().find(|(set, _)| *set == part) {
                    Some((_, column)) => Transformed::yes(Expr::Column(column.clone())),
                    None => Transformed::no(part),
                })
            })?;
            *expr = replaced.data;
        }
        let mut exprs: Vec<Expr> = plan.schema().columns().into_iter().map(Expr::Column).collect();
        for (set, column) in &sets {
            let Expr::Unnest(call) = set else { continue };
            exprs.push(call.expr.as_ref().clone().alias(&column.name));
        }
        let plan = LogicalPlan::Projection(Projection::try_new(exprs, Arc::new(plan))?);
        let columns = sets.into_iter().map(|(_, column)| column).collect();
        Ok(LogicalPlan::Unnest(Unnest::try_new(Arc::new(plan), columns, options())?))
    }
}

/// Whether a set is returned is no choice: CASE and COALESCE cannot have one inside.
fn check_choices(expr: &Expr) -> Result<()> {
    let is_choice = |part: &Expr| match part {
        Expr::Case(_) => Some("CASE"),
        Expr::ScalarFunction(call) if call.func.name() == "coalesce" => Some("COALESCE"),
        _ => None,
    };
    let mut found = None;
    expr.apply(|part| {
        if let Some(choice) = is_choice(part)
            && returns_set(part)
        {
            found = Some(choice);
        }
        Ok(TreeNodeRecursion::Continue)
    })?;
    match found {
        None => Ok(()),
        Some(choice) => {
            let message = format!("set-returning functions are not allowed in {choice}");
            Err(Error::new("0A000", message))
        }
    }
}
