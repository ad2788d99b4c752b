//! Batches of rows as bytes: compact, versioned, the same for equal batches.
mod batch;
mod column;
mod integer;
#[cfg(test)]
pub(crate) mod tests;

pub use batch::{read_batch, write_batch};
pub(crate) use integer::put_within;
pub use integer::{get_bytes, get_i64, get_u8, get_u64, put_bytes, put_i64, put_u64};
