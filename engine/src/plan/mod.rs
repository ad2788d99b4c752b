//! What `sql` hands down: a view as a tree of incremental operators.
mod display;
mod keys;
mod node;
mod shown;

pub use display::{describe, describe_named};
pub(crate) use keys::column_of;
pub use keys::unique_key;
pub use node::*;
