//! Aggregates as words of a group's row, folded forwards and backwards.
mod accumulator;
mod boolean;
mod bytes_extreme;
mod choose;
mod count;
mod extreme;
mod sum;
mod value;
mod wide;

pub(crate) use accumulator::{Accumulator, Chunk, Pick, Picks};
pub(crate) use choose::{accumulator, counts_rows, ignores_distinct};
