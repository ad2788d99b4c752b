//! Evaluation of expressions over batches, row by row where it fails.
mod evaluate;
mod failures;
mod split;

pub(crate) use evaluate::{evaluate, evaluate_mask};
pub(crate) use failures::Failures;
pub use failures::failure_schema;
pub(crate) use split::{Outcome, split};
