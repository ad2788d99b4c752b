//! Intervals from text: `1 year 2 mons`, `1-2 3 4:05:06`, ISO 8601.
mod amount;
mod iso;
mod reader;
mod unit;

pub(crate) use reader::interval;
pub(crate) use unit::Unit;
