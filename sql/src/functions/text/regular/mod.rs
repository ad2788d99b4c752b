//! Regular expressions: PostgreSQL's, run by an engine that never backtracks.
mod captures;
mod class;
mod expression;
mod matches;
mod options;
mod parts;
mod replace;
mod similar;
mod translate;

use crate::functions::Overload;

/// The overloads of the operators and functions over regular expressions.
pub(super) fn overloads() -> Vec<Overload> {
    [
        captures::overloads(),
        matches::overloads(),
        parts::overloads(),
        replace::overloads(),
        similar::overloads(),
    ]
    .concat()
}
