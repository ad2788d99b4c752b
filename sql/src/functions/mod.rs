//! Scalar functions, operators, casts and aggregates, each with PostgreSQL's rules.
mod aggregate;
mod array;
pub mod cast;
mod fallible;
mod json;
mod kernel;
mod math;
mod operator;
mod registry;
#[cfg(test)]
mod testing;
mod text;
mod time;
mod window;

pub(crate) use aggregate::{ORDERED_SETS, arguments_of};
pub use cast::can_cast;
pub use fallible::fallible;
pub(crate) use fallible::{is_constant, is_safe};
pub use operator::{comparison, order_key};
pub use registry::*;
