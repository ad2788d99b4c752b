//! What the binder asks: the overloads of a name, and how to build the one it chose.
use datafusion::logical_expr::{Expr, Volatility};

use crate::Result;
use crate::types::Type;

/// One overload of a function or operator.
///
/// The binder chooses among the overloads of a name by PostgreSQL's rules, comparing
/// kinds of types (digits and lengths aside), casts the arguments to
/// [`Overload::arguments`], then calls [`Overload::build`].
#[derive(Clone)]
pub struct Overload {
    /// Lower-case name, or the operator's symbol.
    pub name: &'static str,
    /// The kinds of its arguments; digits and lengths in them mean nothing.
    pub arguments: Vec<Type>,
    /// Whether the last argument may be repeated.
    pub variadic: bool,
    /// The type of its result, given the arguments' types after the casts.
    pub result: fn(&[Type]) -> Result<Type>,
    /// Whether some arguments make it fail.
    pub fallible: bool,
    /// Whether equal arguments always give equal results.
    pub volatility: Volatility,
    /// The expression, given the cast arguments and their types.
    pub build: fn(Vec<Expr>, &[Type]) -> Result<Expr>,
}

/// Where a cast stands, which decides whether it is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CastContext {
    /// Anywhere, by itself.
    Implicit,
    /// Into a column by INSERT or UPDATE.
    Assignment,
    /// Written as CAST or `::`.
    Explicit,
}
