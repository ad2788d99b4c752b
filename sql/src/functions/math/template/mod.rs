//! Templates of numbers: `to_char`, `to_number`.
mod all;
mod layout;
mod pattern;
mod read;
mod roman;
mod write;

pub(super) use all::overloads;
