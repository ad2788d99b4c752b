//! Templates of timestamps: `to_char`, `to_timestamp`, `to_date`.
mod all;
mod field;
mod moment;
mod names;
mod pattern;
mod read;
mod reader;
mod reading;
mod write;

pub(super) use all::overloads;
pub(in crate::functions) use names::ordinal as ordinal_suffix;
pub(in crate::functions) use pattern::quoted;
