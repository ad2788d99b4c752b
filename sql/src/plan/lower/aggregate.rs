//! GROUP BY, DISTINCT and the aggregates that the engine keeps.
use std::sync::Arc;

use datafusion::logical_expr::expr::AggregateFunction as Invocation;
use datafusion::logical_expr::{Aggregate, Expr, LogicalPlan};
use engine::plan::{AggregateFunction, Call, Node, Plan};

use super::expression::{bare, schema, with_columns};
use super::node::lower_node;
use crate::functions::{arguments_of, maintained};
use crate::{Error, Result};

/// Groups of `node`'s input, and what is computed over each.
pub(super) fn aggregate(node: &Aggregate) -> Result<Arc<Plan>> {
    if node.group_expr.iter().any(|expr| matches!(expr, Expr::GroupingSet(_))) {
        return Err(Error::unsupported("GROUPING SETS, ROLLUP or CUBE in a continuous view")
            .with_hint("Write one view for each grouping, or UNION ALL of them."));
    }
    let invocations = node
        .aggr_expr
        .iter()
        .map(|expr| match bare(expr) {
            Expr::AggregateFunction(invocation) => Ok(invocation),
            _ => Err(Error::internal("an aggregate that is not one")),
        })
        .collect::<Result<Vec<_>>>()?;
    let mut needed: Vec<&Expr> = node.group_expr.iter().collect();
    for invocation in &invocations {
        needed.extend(argument(invocation)?);
        needed.extend(invocation.params.filter.as_deref());
    }
    let (input, numbers) = with_columns(&node.input, &needed)?;
    let mut numbers = numbers.into_iter();
    let keys: Vec<usize> = numbers.by_ref().take(node.group_expr.len()).collect();
    let calls = invocations
        .into_iter()
        .map(|invocation| {
            Ok(Call {
                function: function(invocation)?,
                argument: argument(invocation)?.and_then(|_| numbers.next()),
                filter: invocation.params.filter.as_ref().and_then(|_| numbers.next()),
                distinct: invocation.params.distinct,
            })
        })
        .collect::<Result<Vec<_>>>()?;
    Ok(Arc::new(Plan {
        node: Node::Aggregate { input, keys, calls },
        schema: schema(&node.schema),
    }))
}

/// Each row of `input` once.
pub(super) fn distinct(input: &LogicalPlan) -> Result<Arc<Plan>> {
    let lowered = lower_node(input)?;
    let keys = (0..lowered.schema.fields().len()).collect();
    let schema = lowered.schema.clone();
    Ok(Arc::new(Plan { node: Node::Aggregate { input: lowered, keys, calls: vec![] }, schema }))
}

/// The one argument; none for `count(*)`, which may be written as the count of a constant.
fn argument(invocation: &Invocation) -> Result<Option<&Expr>> {
    match invocation.params.args.as_slice() {
        [] => Ok(None),
        [Expr::Literal(value, _)]
            if invocation.func.name() == "count"
                && !invocation.params.distinct
                && !value.is_null() =>
        {
            Ok(None)
        }
        [one] => Ok(Some(one)),
        _ => Err(refused(invocation)),
    }
}

fn function(invocation: &Invocation) -> Result<AggregateFunction> {
    if !invocation.params.order_by.is_empty() || invocation.params.null_treatment.is_some() {
        return Err(refused(invocation));
    }
    maintained(&invocation.func).ok_or_else(|| refused(invocation))
}

fn refused(invocation: &Invocation) -> Error {
    let name = invocation.func.name();
    let refusal = match arguments_of(&invocation.func) {
        Some([ty]) => format!("aggregate {name}({ty}) in a continuous view"),
        _ => format!("aggregate {name} in a continuous view"),
    };
    Error::unsupported(refusal).with_hint(
        "A view keeps count, sum, avg, min, max, bool_and and bool_or, of intervals no sum or \
         avg; compute others in a SELECT over the view.",
    )
}
