//! Bytes that outlive the process: the log, blobs, the catalog's records.
//!
//! Three ports ([`Log`], [`Blobs`], [`Records`]) say what is promised; a folder per
//! backend keeps the promise. What the bytes mean is not known here. Every backend takes
//! one exam (`conformance`), and those that write files reach the disk only through
//! [`Files`], so that the exam can lose power.
mod blobs;
mod bytes;
#[cfg(any(test, feature = "conformance"))]
pub mod conformance;
mod embedded;
mod error;
mod files;
#[cfg(any(test, feature = "conformance"))]
mod generator;
mod log;
mod memory;
mod ports;
mod sqlite;
#[cfg(test)]
mod tests;

pub use embedded::{open_embedded, open_embedded_on};
pub use error::{Error, ErrorKind, Result};
pub use files::*;
#[cfg(any(test, feature = "conformance"))]
pub use generator::Generator;
pub use memory::Memory;
pub use ports::*;

/// What one data directory offers.
pub struct Stores {
    /// The journal of ticks.
    pub log: Box<dyn Log>,
    /// The state of the epochs.
    pub blobs: Box<dyn Blobs>,
    /// The catalog's rows.
    pub records: Box<dyn Records>,
}

/// Stores in memory, empty, gone with the process.
pub fn open_memory() -> Stores {
    Memory::new().open()
}
