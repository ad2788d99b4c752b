//! Functions and operators of `jsonb` and `json`.
mod access;
mod build;
mod contain;
mod edit;
mod inspect;
mod scan;
mod value;

use super::Overload;

/// The overloads of all operators and functions of JSON.
pub(super) fn overloads() -> Vec<Overload> {
    [
        access::overloads(),
        build::overloads(),
        contain::overloads(),
        edit::overloads(),
        inspect::overloads(),
    ]
    .concat()
}
