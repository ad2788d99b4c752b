//! PostgreSQL's types as values travel here: in Arrow, as text, as bytes of the wire.
mod kind;
mod tag;

pub use kind::*;
