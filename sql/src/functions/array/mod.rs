//! Functions and operators of arrays, of one dimension.
mod change;
mod compare;
mod items;
mod make;
mod measure;
mod search;
mod text;

use super::Overload;

/// The overloads of all operators and functions of arrays.
pub(super) fn overloads() -> Vec<Overload> {
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
