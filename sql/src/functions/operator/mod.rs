//! Operators: each file has those of one kind of operand.
mod all;
mod comparison;
pub(crate) mod float;
pub(crate) mod integer;
mod integer_bits;
mod key;
mod numeric;
pub(crate) mod numeric_value;

pub(super) use all::overloads;
pub use comparison::comparison;
pub(super) use comparison::ordered_kinds;
pub use key::order_key;
pub(crate) use numeric::{QUOTIENT_SCALE, shown_scale};
