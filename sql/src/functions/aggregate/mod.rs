//! Aggregates: each as DataFusion calls it, over rows that do not change.
mod accumulator;
mod arrays;
mod average;
mod bits;
mod bools;
mod collected;
mod count;
mod definition;
mod distinct;
mod extreme;
mod float;
mod groups;
mod ordered;
mod state;
mod strings;
mod sum;
mod variance;

use super::AggregateOverload;

/// The overloads of all aggregates.
pub(super) fn overloads() -> Vec<AggregateOverload> {
    [
        arrays::overloads(),
        average::overloads(),
        bits::overloads(),
        bools::overloads(),
        count::overloads(),
        extreme::overloads(),
        float::overloads(),
        strings::overloads(),
        sum::overloads(),
        variance::overloads(),
    ]
    .concat()
}
