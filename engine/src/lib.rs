//! Deltas, rows, state and time: keeps every view equal to its SELECT.
mod aggregates;
pub mod codec;
mod columns;
pub mod delta;
mod error;
mod expression;
mod operator;
mod operators;
pub mod pipeline;
pub mod plan;
pub mod rows;
mod state;

pub use delta::Delta;
pub use error::{Error, ErrorKind, Result};
pub use expression::failure_schema;
pub use pipeline::Pipeline;
