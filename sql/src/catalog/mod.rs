//! What has a name: an immutable value, so that a block stages its own copy of it.
#[expect(clippy::module_inception, reason = "a file is the noun it defines")]
mod catalog;
mod durable;
mod object;
mod staged;
pub mod system;

pub use catalog::*;
pub use durable::*;
pub use object::*;
pub use staged::*;
