//! Relations as rows: columns in chunks, bitmaps of what is there, indexes, snapshots.
mod adoption;
mod capture;
mod chunk;
mod compact;
mod difference;
mod fold;
mod image;
mod index;
mod live;
#[cfg(test)]
mod model;
#[cfg(test)]
mod persistence;
mod probe;
mod restore;
mod retention;
#[expect(clippy::module_inception, reason = "the file is called as the type it defines")]
mod rows;
mod search;
mod snapshot;
mod store;
mod tail;
#[cfg(test)]
mod types;
mod work;

pub use capture::Capture;
pub use difference::{Differences, difference};
pub use image::Image;
pub use probe::Matches;
pub use rows::{IndexId, Key, Rows};
pub use snapshot::{Batches, Snapshot};

/// Rows of a chunk. Few in this crate's own tests, so that they cross chunks' borders.
pub const CHUNK_ROWS: usize = if cfg!(test) { 128 } else { 8192 };

/// Bytes of one column of strings or lists at which a chunk is sealed before it is full.
pub const CHUNK_BYTES_MAX: usize = if cfg!(test) { 4096 } else { 4 << 20 };
