//! A data directory of our own files.
//!
//! It holds the format's version, a lock, the folders `log` and `blobs`, and the
//! catalog's database. One process at a time; the lock lasts until log, blobs and records
//! are all dropped. The version is written first, so a directory without it is either
//! empty or not ours.
use crate::blobs::ContainerBlobs;
use crate::files::{Files, Lock, RealFiles};
use crate::log::{self, SegmentedLog};
use crate::sqlite::SqliteRecords;
use crate::{Blobs, Error, Records, Result, Stores};
use std::path::Path;
use std::sync::Arc;

const LOCK: &str = "lock";
const FORMAT: &str = "format";
const NEW_FORMAT: &str = "format.new";
const RECORDS: &str = "records.sqlite";

/// What the file `format` says, number and all.
const VERSION: &str = "tidemill 1\n";

/// How large files are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sizes {
    pub(crate) segment_bytes: u64,
    pub(crate) container_bytes: u64,
}

impl Default for Sizes {
    fn default() -> Self {
        Self { segment_bytes: 64 << 20, container_bytes: 64 << 20 }
    }
}

/// Opens the data directory, and makes it if it is not there. Fails with
/// [`crate::ErrorKind::Unavailable`] if another process has it open, with
/// [`crate::ErrorKind::Invalid`] if it is something else's directory.
pub fn open_embedded(directory: &Path) -> Result<Stores> {
    let files = Arc::new(RealFiles::open(directory)?);
    let lock = enter(&*files)?;
    check_records(&*files)?;
    let records = SqliteRecords::open(&files.path(RECORDS), lock.clone())?;
    // SQLite makes its file without a sync of the folder.
    files.sync_directory("")?;
    open_stores(files, lock, Box::new(records), Sizes::default())
}

/// Opens a data directory on any [`Files`], beside records kept elsewhere: what a
/// simulation of power losses opens.
pub fn open_embedded_on(files: Arc<dyn Files>, records: Box<dyn Records>) -> Result<Stores> {
    let lock = enter(&*files)?;
    open_stores(files, lock, records, Sizes::default())
}

/// Locks the directory and checks its version, or writes it into a new one.
pub(crate) fn enter(files: &dyn Files) -> Result<Lock> {
    let lock = files.lock(LOCK)?;
    let names = files.list("")?;
    if names.iter().any(|name| name == FORMAT) {
        check_version(files)?;
        return Ok(lock);
    }
    let is_ours = |name: &String| [LOCK, NEW_FORMAT, "lost+found"].contains(&name.as_str());
    if !names.iter().all(is_ours) {
        return Err(Error::invalid(
            "data directory is not empty, and has no file \"format\" that makes it ours",
        ));
    }
    if names.iter().any(|name| name == NEW_FORMAT) {
        files.remove(NEW_FORMAT)?;
    }
    let file = files.create(NEW_FORMAT)?;
    file.write_at(VERSION.as_bytes(), 0)?;
    file.sync()?;
    files.rename(NEW_FORMAT, FORMAT)?;
    files.sync_directory("")?;
    Ok(lock)
}

pub(crate) fn open_stores(
    files: Arc<dyn Files>,
    lock: Lock,
    records: Box<dyn Records>,
    sizes: Sizes,
) -> Result<Stores> {
    let blobs = ContainerBlobs::open(files.clone(), lock.clone(), sizes.container_bytes)?;
    let log = SegmentedLog::open(files, lock, sizes.segment_bytes)?;
    // What is live was made so by a frame.
    if log.is_blank() && blobs.pointer()?.is_some() && !records.live()?.is_empty() {
        return Err(Error::corrupt("folder \"log\" is empty, and frames were written to it"));
    }
    Ok(Stores { log: Box::new(log), blobs: Box::new(blobs), records })
}

/// The database of records is made before the first frame is written: without it, names and
/// definitions of what the log holds are lost.
fn check_records(files: &dyn Files) -> Result<()> {
    let names = files.list("")?;
    let has = |name: &str| names.iter().any(|other| other == name);
    let is_used = has(log::FOLDER) && !files.list(log::FOLDER)?.is_empty();
    let is_there = || Ok::<_, Error>(has(RECORDS) && files.open(RECORDS)?.length()? > 0);
    if is_used && !is_there()? {
        return Err(Error::corrupt(format!(
            "file \"{RECORDS}\" is missing or empty, and with it the catalog"
        )));
    }
    Ok(())
}

fn check_version(files: &dyn Files) -> Result<()> {
    let mut bytes = [0; 64];
    let read = files.open(FORMAT)?.read_at(&mut bytes, 0)?;
    let text = bytes.get(..read).map(String::from_utf8_lossy).unwrap_or_default();
    if text == VERSION {
        return Ok(());
    }
    match text.strip_prefix("tidemill ").and_then(|rest| rest.trim_end().parse::<u32>().ok()) {
        Some(version) => Err(Error::invalid(format!(
            "data directory has format {version}, which this version of tidemill cannot read"
        ))),
        None => Err(Error::corrupt("file \"format\" is corrupt at offset 0: it names no version")),
    }
}
