//! The door to the functions, operators, casts that the binder chooses among.
//!
//! The registry of functions and the casts are other rooms of this crate; until they are in,
//! this door has none to offer: every call fails with 42883, every cast with 42846.
use std::sync::Arc;

use datafusion::logical_expr::{AggregateUDF, Expr, WindowUDF};

use super::Environment;
use crate::functions::{CastContext, Overload};
use crate::types::Type;
use crate::{Error, Result};

/// One overload of an aggregate.
pub(super) struct AggregateOverload {
    pub(super) arguments: Vec<Type>,
    pub(super) result: fn(&[Type]) -> Result<Type>,
    pub(super) udaf: fn(&[Type]) -> Arc<AggregateUDF>,
}

/// The overloads of a function or operator.
pub(super) fn overloads(_name: &str) -> &'static [Overload] {
    &[]
}

/// The overloads of an aggregate.
pub(super) fn aggregates(_name: &str) -> &'static [AggregateOverload] {
    &[]
}

/// The overloads of a window function that is no aggregate.
pub(super) fn windows(_name: &str) -> &'static [()] {
    &[]
}

/// What numbers rows within partitions, as an unsigned 64-bit integer.
pub(super) fn row_number() -> Arc<WindowUDF> {
    datafusion::functions_window::row_number::row_number_udwf()
}

/// An expression that Arrow compares and orders as PostgreSQL does `value`.
pub(super) fn order_key(value: Expr, _ty: &Type) -> Expr {
    value
}

/// `value`, of type `from`, as one of type `to`. Fails with 42846 where there is no such cast.
pub(super) fn cast(
    _value: Expr,
    from: &Type,
    to: &Type,
    _context: CastContext,
    _environment: &Environment,
) -> Result<Expr> {
    Err(Error::new("42846", format!("cannot cast type {from} to {to}")))
}
