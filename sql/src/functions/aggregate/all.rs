//! The overloads of all aggregates.
use super::{
    arrays, average, bits, bools, count, extreme, float, intervals, ordered_set, strings, sum,
    variance,
};
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
        intervals::overloads(),
        ordered_set::overloads(),
        strings::overloads(),
        sum::overloads(),
        variance::overloads(),
    ]
    .concat()
}
