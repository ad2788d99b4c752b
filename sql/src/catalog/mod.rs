//! What has a name: an immutable value, so that a block stages its own copy of it.
mod object;

pub use object::*;
