//! `count`: DataFusion's, for it is PostgreSQL's.
use datafusion::functions_aggregate::count::count_udaf;
use engine::plan::AggregateFunction;

use crate::functions::AggregateOverload;
use crate::types::Type;

/// The overloads of `count`.
pub(super) fn overloads() -> Vec<AggregateOverload> {
    let count = |arguments| AggregateOverload {
        name: "count",
        arguments,
        result: |_| Ok(Type::Int8),
        udaf: |_| count_udaf(),
        engine: Some(AggregateFunction::Count),
    };
    vec![count(vec![]), count(vec![Type::Unknown])]
}
