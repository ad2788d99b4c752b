//! JSON: what is valid, and the canonical text of `jsonb`.
mod canonical;
mod lexer;
mod number;
mod string;

pub(crate) use canonical::{canonical, check};
