//! What `sql` hands down: a view as a tree of incremental operators.
mod keys;
mod node;

pub use node::*;
