//! Aggregates as words of a group's row, folded forwards and backwards.
mod accumulator;
mod boolean;
mod bytes_extreme;
mod choose;
mod count;
#[cfg(test)]
mod exact;
mod exact_sum;
mod extreme;
mod float_round;
mod float_sum;
mod limbs;
mod mean;
mod slab;
mod sum;
mod value;
mod wide;

pub(crate) use accumulator::{Accumulator, Chunk, Pick, Picks, Words};
pub(crate) use choose::{accumulator, counts_rows, ignores_distinct};
pub use exact_sum::ExactSum;
pub use mean::{Beginning, Mean};
