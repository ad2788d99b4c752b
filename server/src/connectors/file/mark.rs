//! By what a file is known again: its number and birth on the disk, and what was read of it.
//!
//! Names change when files are rotated; numbers are used again when files go. The bytes
//! right before the place that was reached, and those at the start, tell the rest.
use std::fs::{File, Metadata};
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::time::UNIX_EPOCH;

use serde::{Deserialize, Serialize};

/// Bytes at the start, and before the place reached, that are compared.
const COMPARED_BYTES: u64 = 1_024;

/// Tells files of one folder apart for as long as they are there, whatever their name.
pub(super) fn identity(file: &Metadata) -> String {
    let born = file.created().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    format!("{:x}-{:x}", file.ino(), born.map_or(0, |born| born.as_nanos()))
}

/// What was read of a file, in short.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Mark {
    head: u64,
    tail: u64,
}

impl Mark {
    /// The mark of a file that was read up to `offset`.
    pub(super) fn of(file: &File, offset: u64) -> io::Result<Self> {
        let length = offset.min(COMPARED_BYTES);
        Ok(Self { head: hash(file, 0, length)?, tail: hash(file, offset - length, length)? })
    }
}

fn hash(file: &File, from: u64, length: u64) -> io::Result<u64> {
    let mut bytes = vec![0; usize::try_from(length).unwrap_or(0)];
    file.read_exact_at(&mut bytes, from)?;
    // FNV-1a: the same on every machine, in every release.
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3);
    Ok(bytes.iter().fold(0xcbf2_9ce4_8422_2325, step))
}
