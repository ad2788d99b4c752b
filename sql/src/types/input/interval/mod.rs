//! Intervals from text: `1 year 2 mons`, `1-2 3 4:05:06`, ISO 8601.
mod amount;
mod fields;
mod iso;
mod reader;
mod unit;

pub use fields::{IntervalField, parse_interval};
pub(crate) use reader::{Plain, interval};
pub(crate) use unit::Unit;
