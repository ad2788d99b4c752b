//! Dates and times written and read by a template: `to_char`, `to_timestamp`, `to_date`.
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
