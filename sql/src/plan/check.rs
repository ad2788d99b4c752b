//! What a continuous view cannot be made of, said before anything is rewritten.
//!
//! Which node has no operator is found by [`lower`](super::lower()); here stands what the rules
//! would fold away, so that it could not be seen afterwards.
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::logical_expr::{Expr, LogicalPlan, Volatility};

use crate::catalog::system::is_catalog_function;
use crate::{Error, Result};

/// Fails with 0A000 if `plan` has a part whose value changes by itself.
pub(super) fn check(plan: &LogicalPlan) -> Result<()> {
    let mut found = None;
    plan.apply_with_subqueries(|node| {
        node.apply_expressions(|expr| {
            expr.apply(|part| {
                if found.is_none() {
                    found = restless(part);
                }
                Ok(TreeNodeRecursion::Continue)
            })
        })
    })?;
    found.map_or(Ok(()), Err)
}

fn restless(expr: &Expr) -> Option<Error> {
    let Expr::ScalarFunction(call) = expr else { return None };
    let name = call.func.name();
    if is_catalog_function(&call.func) {
        return Some(
            Error::unsupported(format_args!("function {name}() in a continuous view"))
                .with_hint("Ask the catalog when you read the view."),
        );
    }
    match call.func.signature().volatility {
        Volatility::Volatile => Some(
            Error::unsupported(format_args!("function {name}() in a continuous view")).with_hint(
                "A view must have the same rows whenever it is computed. \
                 Compute the value when the row is inserted, as a column with a DEFAULT.",
            ),
        ),
        Volatility::Stable if call.args.is_empty() => Some(
            Error::unsupported(format_args!("function {name}() in a continuous view")).with_hint(
                "Filter by it when you read the view, \
                 or group by a window of the row's own time.",
            ),
        ),
        _ => None,
    }
}
