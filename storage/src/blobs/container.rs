//! One file of blobs.
//!
//! Each blob begins at a page with a header: its id, its length, checksums. It takes whole
//! pages, so that no write can harm a neighbour. A place that
//! was used before still holds another blob's header, so reading back compares the id:
//! what was overwritten, or never got to the disk, cannot pass for what is looked for.
use super::space::Extent;
use crate::bytes::Reader;
use crate::files::{File, Files, PAGE_BYTES, Pages};
use crate::{BLOB_BYTES_MAX, BlobId, Error, Result};
use parking_lot::Mutex;
use std::sync::Arc;

/// The folder of the containers and the pointer.
pub(super) const FOLDER: &str = "blobs";

/// Bytes that may wait in the system's cache before they are synced: the log's next sync may
/// have to wait for them.
const WAITING_BYTES_MAX: usize = 1 << 20;

const HEADER_BYTES: usize = 24;

// Three letters and the version of the format.
const MAGIC: u32 = u32::from_le_bytes(*b"TMB\x01");

/// Where a blob lies, and its length in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) container: u32,
    pub(super) page: u32,
    pub(super) length: u32,
}

impl Place {
    /// The pages that the blob takes.
    pub(super) fn extent(&self) -> Extent {
        let pages = pages(self.length as usize);
        Extent { container: self.container, page: self.page, pages }
    }
}

/// Pages that a blob of that length takes.
pub(super) fn pages(length: usize) -> u32 {
    // A blob's length is bounded, so its pages are few.
    (HEADER_BYTES as u64 + length as u64).div_ceil(PAGE_BYTES) as u32
}

/// A file of blobs.
pub(super) struct Container {
    path: String,
    file: Arc<dyn File>,
    /// Locked while a sync runs, so that whoever finds nothing knows that all is durable.
    unsynced: Mutex<Unsynced>,
}

/// What was written since the last sync.
#[derive(Default)]
struct Unsynced {
    /// How many blobs.
    blobs: usize,
    /// How many of their bytes wait in the system's cache.
    waiting_bytes: usize,
}

impl Container {
    /// Makes a container where there is none, durably.
    pub(super) fn create(files: &dyn Files, number: u32) -> Result<Self> {
        let path = path(number);
        let file = files.create(&path)?;
        files.sync_directory(FOLDER)?;
        Ok(Self { path, file, unsynced: Mutex::default() })
    }

    pub(super) fn open(files: &dyn Files, number: u32) -> Result<Self> {
        let path = path(number);
        let file = files.open(&path)?;
        Ok(Self { path, file, unsynced: Mutex::default() })
    }

    /// Writes a blob, and says how many bytes of it wait in the system's cache.
    pub(super) fn write(&self, blob: BlobId, page: u32, bytes: &[u8]) -> Result<usize> {
        let mut header = [0; HEADER_BYTES];
        if let Some((checksum, fields)) = header.split_first_chunk_mut::<4>() {
            let parts = [
                &MAGIC.to_le_bytes()[..],
                &blob.0.to_le_bytes(),
                &(bytes.len() as u32).to_le_bytes(),
                &crc32c::crc32c(bytes).to_le_bytes(),
            ];
            fields.copy_from_slice(&parts.concat());
            *checksum = crc32c::crc32c(fields).to_le_bytes();
        }
        let mut pages = Pages::with_room(HEADER_BYTES + bytes.len());
        pages.push(&header);
        pages.push(bytes);
        let pages = pages.padded();
        let is_on_disk = self.file.write_pages(pages, u64::from(page) * PAGE_BYTES)?;
        Ok(if is_on_disk { 0 } else { pages.len() })
    }

    /// Counts a blob that was written, which is durable after [`Container::sync`]; syncs if
    /// many bytes wait.
    pub(super) fn count(&self, waiting_bytes: usize) -> Result<()> {
        let mut unsynced = self.unsynced.lock();
        unsynced.blobs += 1;
        unsynced.waiting_bytes += waiting_bytes;
        match unsynced.waiting_bytes >= WAITING_BYTES_MAX {
            true => self.make_durable(&mut unsynced),
            false => Ok(()),
        }
    }

    /// Makes all blobs durable that have been counted.
    pub(super) fn sync(&self) -> Result<()> {
        let mut unsynced = self.unsynced.lock();
        if unsynced.blobs == 0 { Ok(()) } else { self.make_durable(&mut unsynced) }
    }

    fn make_durable(&self, unsynced: &mut Unsynced) -> Result<()> {
        self.file.sync()?;
        *unsynced = Unsynced::default();
        Ok(())
    }

    /// Reads a blob back.
    pub(super) fn read(&self, blob: BlobId, place: Place) -> Result<Vec<u8>> {
        let offset = u64::from(place.page) * PAGE_BYTES;
        let length = (place.length as usize).min(BLOB_BYTES_MAX);
        let mut block = vec![0; HEADER_BYTES + length];
        let read = self.file.read_at(&mut block, offset)?;
        block.truncate(read);
        match check(&block, blob, length) {
            Ok(()) => Ok(block.split_off(HEADER_BYTES)),
            Err(what) => Err(Error::corrupt(format!(
                "blob file \"{}\" is corrupt at offset {offset}: {what} of blob {}",
                self.path, blob.0
            ))),
        }
    }
}

/// What is wrong with a block that should hold `blob`, if anything.
fn check(block: &[u8], blob: BlobId, length: usize) -> std::result::Result<(), String> {
    let header = || {
        let mut reader = Reader::new(block);
        let checksum = reader.u32()?;
        let fields = block.get(4..HEADER_BYTES)?;
        let is_sound = crc32c::crc32c(fields) == checksum && reader.u32()? == MAGIC;
        is_sound.then_some((reader.u64()?, reader.u32()?, reader.u32()?))
    };
    let (id, found_length, checksum) = header().ok_or_else(|| "there is no header".to_owned())?;
    if id != blob.0 || found_length as usize != length {
        return Err(format!("blob {id} of {found_length} bytes is in the place"));
    }
    match block.get(HEADER_BYTES..) {
        Some(bytes) if bytes.len() == length && crc32c::crc32c(bytes) == checksum => Ok(()),
        _ => Err("the checksum is not that".to_owned()),
    }
}

pub(super) fn path(number: u32) -> String {
    format!("{FOLDER}/{number:08}.container")
}

/// The number of the container whose file has that name.
pub(super) fn number(name: &str) -> Option<u32> {
    let number = name.strip_suffix(".container")?.parse().ok()?;
    path(number).ends_with(&format!("/{name}")).then_some(number)
}
