//! JSON from text: validated, or made the canonical text of `jsonb`.
mod canonical;
mod lexer;
mod members;
mod number;
mod string;

pub(crate) use canonical::{canonical, check};
pub use members::{JsonValue, json_members};
