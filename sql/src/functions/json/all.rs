//! Every overload over JSON.
use super::{access, build, contain, edit, inspect};
use crate::functions::Overload;

/// The overloads of all operators and functions of JSON.
pub(in crate::functions) fn overloads() -> Vec<Overload> {
    [
        access::overloads(),
        build::overloads(),
        contain::overloads(),
        edit::overloads(),
        inspect::overloads(),
    ]
    .concat()
}
