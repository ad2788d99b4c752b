//! A transaction: one snapshot, the changes on it, how they are committed.
mod commit;
mod instant;
mod overlay;
#[expect(clippy::module_inception, reason = "a file is the noun it defines")]
mod transaction;

pub(crate) use instant::*;
pub(crate) use overlay::*;
pub(crate) use transaction::*;
pub use transaction::{SAVEPOINTS_MAX, TRANSACTION_BYTES_MAX};
