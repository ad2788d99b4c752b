//! Aggregates: each as DataFusion calls it, over rows that do not change.
mod accumulator;
mod average;
mod bools;
mod count;
mod definition;
mod distinct;
mod extreme;
mod groups;
mod ordered;
mod state;
mod sum;

use super::AggregateOverload;

/// The overloads of all aggregates.
pub(super) fn overloads() -> Vec<AggregateOverload> {
    [
        average::overloads(),
        bools::overloads(),
        count::overloads(),
        extreme::overloads(),
        sum::overloads(),
    ]
    .concat()
}
