//! Scalar functions, operators, casts and aggregates, each with PostgreSQL's rules.
mod registry;

pub use registry::*;
