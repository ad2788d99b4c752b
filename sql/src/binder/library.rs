//! The door to the functions, operators, casts that the binder chooses among.
//!
//! The registry of functions and the casts are other rooms of this crate.
use std::sync::Arc;

use datafusion::logical_expr::{Expr, WindowUDF};

use super::Environment;
use crate::functions::{self, AggregateOverload, CastContext, Overload, WindowOverload};
use crate::types::Type;
use crate::{Error, Result};

/// The overloads of a function or operator.
pub(super) fn overloads(name: &str) -> &'static [Overload] {
    functions::overloads(name)
}

/// The overloads of an aggregate.
pub(super) fn aggregates(name: &str) -> &'static [AggregateOverload] {
    functions::aggregates(name)
}

/// The overloads of a window function that is no aggregate.
pub(super) fn windows(name: &str) -> &'static [WindowOverload] {
    functions::window_functions(name)
}

/// Whether an aggregate must have WITHIN GROUP.
pub(super) fn is_ordered_set(name: &str) -> bool {
    functions::ORDERED_SETS.contains(&name)
}

/// What numbers rows within partitions from 1, as a bigint.
pub(super) fn row_number() -> Result<Arc<WindowUDF>> {
    let overload = windows("row_number").first();
    let overload = overload.ok_or_else(|| Error::internal("there is no row_number"))?;
    Ok((overload.udwf)(&[]))
}

/// Whether some row makes `expr` fail; true also where that is not known.
pub(super) fn fallible(expr: &Expr) -> bool {
    functions::fallible(expr)
}

/// An expression that Arrow compares and orders as PostgreSQL does `value`.
pub(super) fn order_key(value: Expr, ty: &Type) -> Expr {
    functions::order_key(value, ty)
}

/// `value`, of type `from`, as one of type `to`. Fails with 42846 where there is no such cast
/// in this context, and as the type's input does for a literal that it cannot read.
pub(super) fn cast(
    value: Expr,
    from: &Type,
    to: &Type,
    context: CastContext,
    environment: &Environment,
) -> Result<Expr> {
    functions::cast::cast_in(value, from, to, context, &environment.style)
}
