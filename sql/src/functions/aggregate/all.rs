//! The overloads of all aggregates.
use super::{arrays, average, bits, bools, count, extreme, float, strings, sum, variance};
use crate::functions::AggregateOverload;

/// The overloads of all aggregates.
pub(in crate::functions) fn overloads() -> Vec<AggregateOverload> {
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
