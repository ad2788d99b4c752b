//! Every backend at the exam.
use crate::conformance::Opener;
use crate::embedded::{Sizes, enter, open_stores};
use crate::{ForgetfulFiles, Memory, Stores, open_embedded};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A directory that is removed when the test ends.
pub(super) struct TemporaryDirectory(PathBuf);

impl TemporaryDirectory {
    pub(super) fn new() -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("tidemill-storage-{}-{count}", std::process::id());
        Self(std::env::temp_dir().join(name))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for TemporaryDirectory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Small files, so that tests see many of them.
pub(super) const SMALL: Sizes = Sizes { segment_bytes: 4096, container_bytes: 2 << 20 };

pub(super) fn open_small(files: &Arc<ForgetfulFiles>) -> crate::Result<Stores> {
    let lock = enter(&**files)?;
    open_stores(files.clone(), lock, Memory::new().open().records, SMALL)
}

fn memory() -> Opener {
    let memory = Memory::new();
    Box::new(move || memory.open())
}

fn embedded() -> Opener {
    let directory = TemporaryDirectory::new();
    Box::new(move || open_embedded(directory.path()).unwrap())
}

/// On the disk that forgets, which loses power between one opening and the next.
fn forgetful() -> Opener {
    let files = parking_lot::Mutex::new((ForgetfulFiles::new(), 0));
    let memory = Memory::new();
    Box::new(move || {
        let mut files = files.lock();
        let (disk, seed) = &mut *files;
        *seed += 1;
        *disk = disk.lose_power(*seed);
        let mut stores = open_small(disk).unwrap();
        stores.records = memory.open().records;
        stores
    })
}

crate::conformance!(memory => memory, embedded => embedded, forgetful => forgetful);
