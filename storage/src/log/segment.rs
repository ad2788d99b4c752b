//! One file of the log.
//!
//! Its name is its *life*, a number that is never used again: a file is recycled by
//! giving it a new name, durably, before anything is written into it. So no moment
//! exists at which old frames could pass for new ones.
use super::frame;
use crate::files::{File, Files};
use crate::{Result, Tick};
use std::sync::Arc;

/// The folder of the log's files.
pub(crate) const FOLDER: &str = "log";

/// A file grows by as many zeroes as it has bytes, within these limits, so that most syncs
/// need not write its length.
const GROWTH_BYTES_MIN: u64 = 1 << 16;
const GROWTH_BYTES_MAX: u64 = 1 << 20;

/// From so many bytes on a write is not followed by zeroes: its sync takes longer than to
/// write the length, and zeroes would be another third to write.
const LARGE_BYTES: usize = 1 << 18;

static ZEROES: [u8; 1 << 16] = [0; 1 << 16];

/// A file of frames of consecutive ticks.
pub(super) struct Segment {
    pub(super) life: u64,
    pub(super) path: String,
    pub(super) file: Arc<dyn File>,
    /// Bytes of the file, used or not.
    pub(super) length: u64,
    /// The tick of its first frame; 0 if it has none.
    pub(super) first: Tick,
    /// The tick of its last frame; 0 if it has none.
    pub(super) last: Tick,
    /// Where its durable frames end.
    pub(super) end: u64,
}

impl Segment {
    /// Begins a new life in a new file, or in that of `spare`.
    pub(super) fn begin(files: &dyn Files, life: u64, spare: Option<Self>) -> Result<Self> {
        let path = path(life);
        let length = match spare {
            Some(spare) => {
                files.rename(&spare.path, &path)?;
                spare.length
            }
            None => {
                files.create(&path)?;
                0
            }
        };
        // Before the first frame: else a frame could be found under the old name.
        files.sync_directory(FOLDER)?;
        let file = files.open(&path)?;
        Ok(Self { life, path, file, length, first: 0, last: 0, end: 0 })
    }

    /// Opens the file of that name, if it is a segment's.
    pub(super) fn open(files: &dyn Files, name: &str) -> Result<Option<Self>> {
        let Some(life) = life(name) else { return Ok(None) };
        let path = path(life);
        let file = files.open(&path)?;
        let length = file.length()?;
        Ok(Some(Self { life, path, file, length, first: 0, last: 0, end: 0 }))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.last == 0
    }

    /// Writes at `offset`; where that makes the file longer, makes room for more.
    pub(super) fn write(&mut self, bytes: &[u8], offset: u64, bytes_max: u64) -> Result<()> {
        self.file.write_at(bytes, offset)?;
        let end = offset + bytes.len() as u64;
        if end <= self.length {
            return Ok(());
        }
        if bytes.len() >= LARGE_BYTES {
            self.length = end;
            return Ok(());
        }
        let growth = end.clamp(GROWTH_BYTES_MIN, GROWTH_BYTES_MAX);
        let room = (end + growth).next_multiple_of(GROWTH_BYTES_MIN).min(bytes_max).max(end);
        let mut zero = end;
        while zero < room {
            let count = (room - zero).min(ZEROES.len() as u64);
            self.file.write_at(ZEROES.get(..count as usize).unwrap_or(&ZEROES), zero)?;
            zero += count;
        }
        self.length = room.max(zero);
        Ok(())
    }

    /// Whether a frame with a body of that length still goes in behind `offset`. An
    /// empty segment takes any frame, and grows beyond its usual size if it must.
    pub(super) fn takes(&self, offset: u64, body_bytes: usize, bytes_max: u64) -> bool {
        offset == 0 || offset + frame::space(body_bytes) <= bytes_max
    }
}

fn path(life: u64) -> String {
    format!("{FOLDER}/{life:016x}.segment")
}

fn life(name: &str) -> Option<u64> {
    let digits = name.strip_suffix(".segment")?;
    let life = u64::from_str_radix(digits, 16).ok()?;
    path(life).ends_with(&format!("/{name}")).then_some(life)
}
