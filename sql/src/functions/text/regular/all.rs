//! Every overload over regular expressions.
use super::{captures, every, matches, parts, replace, similar};
use crate::functions::Overload;

/// The overloads of the operators and functions over regular expressions.
pub(in crate::functions) fn overloads() -> Vec<Overload> {
    [
        captures::overloads(),
        every::overloads(),
        matches::overloads(),
        parts::overloads(),
        replace::overloads(),
        similar::overloads(),
    ]
    .concat()
}
