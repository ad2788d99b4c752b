//! Every overload over arrays.
use super::{change, compare, make, measure, search, text};
use crate::functions::Overload;

/// The overloads of all operators and functions of arrays.
pub(in crate::functions) fn overloads() -> Vec<Overload> {
    [
        change::overloads(),
        compare::overloads(),
        make::overloads(),
        measure::overloads(),
        search::overloads(),
        text::overloads(),
    ]
    .concat()
}
