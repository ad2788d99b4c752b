//! Dates and times written and read by a template: `to_char`, `to_timestamp`, `to_date`.
mod field;
mod moment;
mod names;
mod pattern;
mod read;
mod reader;
mod reading;
mod write;

use crate::functions::Overload;

/// The overloads of these functions.
pub(super) fn overloads() -> Vec<Overload> {
    [read::overloads(), write::overloads()].concat()
}
