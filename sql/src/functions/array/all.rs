//! Every overload over arrays.
use super::{change, compare, element, make, measure, search, series, text};
use crate::functions::Overload;

/// The overloads of all operators and functions of arrays.
pub(in crate::functions) fn overloads() -> Vec<Overload> {
    [
        change::overloads(),
        compare::overloads(),
        element::overloads(),
        make::overloads(),
        measure::overloads(),
        search::overloads(),
        series::overloads(),
        text::overloads(),
    ]
    .concat()
}
