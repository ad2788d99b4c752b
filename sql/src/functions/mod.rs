//! Scalar functions, operators, casts and aggregates, each with PostgreSQL's rules.
pub mod cast;
mod registry;

pub use registry::*;
