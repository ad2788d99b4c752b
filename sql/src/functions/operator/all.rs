//! The overloads of all operators.
use super::{comparison, float, integer, integer_bits, numeric};
use crate::functions::Overload;

/// The overloads of all operators.
pub(in crate::functions) fn overloads() -> Vec<Overload> {
    [
        comparison::overloads(),
        float::overloads(),
        integer::overloads(),
        integer_bits::overloads(),
        numeric::overloads(),
    ]
    .concat()
}
