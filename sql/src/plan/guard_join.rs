//! Guards of joins: conditions that can fail.
use std::sync::Arc;

use datafusion::common::{Column, DFSchema, JoinType, Result};
use datafusion::logical_expr::utils::{conjunction, split_conjunction_owned};
use datafusion::logical_expr::{Expr, Filter, Join, LogicalPlan, Operator, Projection};

use super::equal_keys::with_keys;
use super::fallible::fallible;
use super::guard::{close_projection, part};
use super::opaque::Opaque;

/// The join with all that can fail closed to rules.
///
/// Equalities that stand first are keys even if they can fail, as a hash join's keys are: they
/// are computed below. What else can fail is a filter over an inner join; any other join is
/// closed whole.
pub(super) fn close_join(join: Join) -> Result<LogicalPlan> {
    let outputs = join.schema.columns();
    let join = with_computed_keys(join)?;
    let schema = Arc::clone(&join.schema);
    let closed = match &join.filter {
        Some(filter) if fallible(filter, &both(&join)?) => match join.join_type {
            JoinType::Inner => over_inner(join)?,
            // Rules will not look inside for keys.
            _ => Opaque::close(with_keys(join)?.data),
        },
        _ => LogicalPlan::Join(join),
    };
    match schema.columns() == outputs {
        true => Ok(closed),
        false => {
            let kept = outputs.into_iter().map(Expr::Column).collect();
            Ok(LogicalPlan::Projection(Projection::try_new(kept, Arc::new(closed))?))
        }
    }
}

/// What a join's condition reads.
fn both(join: &Join) -> Result<DFSchema> {
    join.left.schema().join(join.right.schema())
}

fn over_inner(join: Join) -> Result<LogicalPlan> {
    let schema = both(&join)?;
    let Join { left, right, on, filter, join_type, join_constraint, null_equality, .. } = join;
    let (closed, open) = filter.map_or((None, None), |filter| part(filter, &schema));
    let plan =
        Join::try_new(left, right, on, open, join_type, join_constraint, null_equality, false)?;
    let plan = LogicalPlan::Join(plan);
    Ok(match closed {
        Some(closed) => {
            Opaque::close(LogicalPlan::Filter(Filter::try_new(closed, Arc::new(plan))?))
        }
        None => plan,
    })
}

/// The join with keys that can fail as columns of its inputs.
fn with_computed_keys(join: Join) -> Result<Join> {
    let Join { left, right, mut on, filter, join_type, join_constraint, null_equality, .. } = join;
    let mut rest = vec![];
    for conjunct in filter.map(split_conjunction_owned).unwrap_or_default() {
        let key = match rest.is_empty() {
            true => sides(&conjunct, left.schema(), right.schema()),
            false => None,
        };
        match key {
            Some(pair) if null_equality == datafusion::common::NullEquality::NullEqualsNothing => {
                on.push(pair);
            }
            _ => rest.push(conjunct),
        }
    }
    let (ours, theirs): (Vec<Expr>, Vec<Expr>) = on.into_iter().unzip();
    let (left, ours) = with_columns(left, ours)?;
    let (right, theirs) = with_columns(right, theirs)?;
    Join::try_new(
        left,
        right,
        ours.into_iter().zip(theirs).collect(),
        conjunction(rest),
        join_type,
        join_constraint,
        null_equality,
        join.null_aware,
    )
}

/// `conjunct` as an expression over the left side that equals one over the right side.
fn sides(conjunct: &Expr, left: &DFSchema, right: &DFSchema) -> Option<(Expr, Expr)> {
    let Expr::BinaryExpr(equality) = conjunct else { return None };
    let of = |expr: &Expr, schema: &DFSchema| {
        let columns = expr.column_refs();
        !columns.is_empty() && columns.iter().all(|column| schema.has_column(column))
    };
    let (one, other) = (equality.left.as_ref(), equality.right.as_ref());
    match equality.op {
        Operator::Eq if of(one, left) && of(other, right) => Some((one.clone(), other.clone())),
        Operator::Eq if of(other, left) && of(one, right) => Some((other.clone(), one.clone())),
        _ => None,
    }
}

/// `plan` with those of `keys` that can fail as columns of it.
fn with_columns(plan: Arc<LogicalPlan>, keys: Vec<Expr>) -> Result<(Arc<LogicalPlan>, Vec<Expr>)> {
    let schema = Arc::clone(plan.schema());
    let mut all: Vec<Expr> = schema.columns().into_iter().map(Expr::Column).collect();
    let own = all.len();
    let mut columns = Vec::with_capacity(keys.len());
    for key in keys {
        if !fallible(&key, &schema) {
            columns.push(key);
            continue;
        }
        let name = format!("key {}", key.schema_name());
        let column = Expr::Column(Column::new_unqualified(&name));
        let computed = key.alias(&name);
        if !all.contains(&column) && !all.contains(&computed) {
            all.push(computed);
        }
        columns.push(column);
    }
    if all.len() == own {
        return Ok((plan, columns));
    }
    let projection = Projection::try_new(all, plan)?;
    Ok((Arc::new(close_projection(projection)?), columns))
}
