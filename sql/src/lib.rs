//! Text, names and plans: from a statement to an engine plan or an answer.
pub mod catalog;
mod error;
pub mod functions;
pub mod types;

pub use error::{Error, Result};
