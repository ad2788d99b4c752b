//! The only way to the disk.
//!
//! A [`Files`] is a directory seen through the few operations whose durability this
//! crate reasons about; paths are relative to it, with `/` between folder and file.
//! [`RealFiles`] is the disk; `ForgetfulFiles` is a disk that can lose power. Nothing
//! else in this crate opens a file, except SQLite, which keeps its own.
#[cfg(any(test, feature = "conformance"))]
mod disk;
#[cfg(any(test, feature = "conformance"))]
mod forgetful;
mod pages;
mod real;

use crate::Result;
use std::any::Any;
use std::sync::Arc;

#[cfg(any(test, feature = "conformance"))]
pub use forgetful::{Fault, ForgetfulFiles};
pub(crate) use pages::{PAGE_BYTES, Pages};
pub use real::RealFiles;

/// A lock on a directory, held until the last copy is dropped.
pub type Lock = Arc<dyn Any + Send + Sync>;

/// A directory of files.
///
/// Names made, moved or removed are durable after [`Files::sync_directory`] of
/// their folder; until then any of these changes may be undone by a loss of power.
pub trait Files: Send + Sync {
    /// Makes a folder; one that exists is left as it is.
    fn create_directory(&self, path: &str) -> Result<()>;

    /// The names in a folder (`""` is the directory itself), sorted.
    fn list(&self, directory: &str) -> Result<Vec<String>>;

    /// Makes an empty file where there is none.
    fn create(&self, path: &str) -> Result<Arc<dyn File>>;

    /// Opens a file that exists, to read and to write.
    fn open(&self, path: &str) -> Result<Arc<dyn File>>;

    /// Moves a file to another name, whole at every moment, replacing what has that name.
    fn rename(&self, from: &str, to: &str) -> Result<()>;

    /// Removes a file. Slow on some file systems: not while others wait for a sync.
    fn remove(&self, path: &str) -> Result<()>;

    /// Makes the folder's names durable.
    fn sync_directory(&self, path: &str) -> Result<()>;

    /// Takes the lock of that name for this process alone, or fails with
    /// [`crate::ErrorKind::Unavailable`] if another holds it.
    fn lock(&self, path: &str) -> Result<Lock>;
}

/// An open file. Bytes written are durable after [`File::sync`]; until then a loss
/// of power may keep any part of them, in any order.
pub trait File: Send + Sync {
    /// Fills `buffer` from `offset` on, as far as the file reaches, and says how far.
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> Result<usize>;

    /// Writes all of `bytes` at `offset`, making the file longer if need be.
    fn write_at(&self, bytes: &[u8], offset: u64) -> Result<()>;

    /// Writes whole pages from a page of memory on, past the system's cache if that can be
    /// done, and says whether it was: they do not wait for the next sync then, which is
    /// still what makes them durable.
    fn write_pages(&self, pages: &[u8], offset: u64) -> Result<bool> {
        self.write_at(pages, offset).map(|()| false)
    }

    /// The file's length in bytes.
    fn length(&self) -> Result<u64>;

    /// Makes bytes and length durable. After a failure nothing is known about what
    /// was written since the last success, and a later success does not change that.
    fn sync(&self) -> Result<()>;
}
