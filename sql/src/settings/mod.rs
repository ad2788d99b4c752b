//! Settings of a session: what SET changes, what SHOW says.
mod definition;
#[expect(clippy::module_inception, reason = "a file is the noun it defines")]
mod settings;

pub use definition::*;
pub use settings::*;
