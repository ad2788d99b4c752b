//! Tables of cases, and how functions and aggregates are put to them.
mod aggregate;
mod expression;
mod value;

pub(crate) use aggregate::{check_aggregate, check_aggregate_errors};
pub(crate) use expression::{check, check_errors, check_types};
