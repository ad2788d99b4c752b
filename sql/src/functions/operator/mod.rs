//! Operators: each file has those of one kind of operand.
mod comparison;
pub(crate) mod float;
pub(crate) mod integer;
mod integer_bits;
mod key;
mod numeric;
pub(crate) mod numeric_value;

use super::Overload;
pub use comparison::comparison;
pub(super) use comparison::ordered_kinds;
pub use key::order_key;

/// The overloads of all operators.
pub(super) fn overloads() -> Vec<Overload> {
    [
        comparison::overloads(),
        float::overloads(),
        integer::overloads(),
        integer_bits::overloads(),
        numeric::overloads(),
    ]
    .concat()
}
