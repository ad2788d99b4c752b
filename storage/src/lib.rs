//! Bytes that outlive the process: the log, blobs, the catalog's records.
//!
//! Three ports ([`Log`], [`Blobs`], [`Records`]) say what is promised; a folder per
//! backend keeps the promise. What the bytes mean is not known here.
mod error;
mod ports;

pub use error::{Error, ErrorKind, Result};
pub use ports::*;
