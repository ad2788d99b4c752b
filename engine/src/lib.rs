//! Deltas, rows, state and time: keeps every view equal to its SELECT.
pub mod delta;
mod error;
pub mod plan;

pub use delta::Delta;
pub use error::{Error, ErrorKind, Result};
