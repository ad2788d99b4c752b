//! The blobs that are kept in containers with recycled pages.
//!
//! A put writes at once and is synced with the next MiB of its container, or by the
//! commit that names it. Pages are used again when two commits in a row did not name
//! their blob: not by the last pointer, nor by the one before, to which a rotten last one
//! would lead back. Files are never removed while the store is open. After a failed sync
//! nothing more is written, since what is on the disk is unknown.
use super::container::{self, Container, FOLDER, Place};
use super::record::PointerRecord;
use super::slots::Slots;
use super::space::{Extent, Space};
use crate::files::{Files, Lock, PAGE_BYTES};
use crate::memory::{check_blob, no_such_blob};
use crate::{BlobId, Blobs, Error, Pointer, Result};
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The low bits of a blob's id, which count the puts since the start.
const PUT_BITS: u32 = 40;

/// Free containers that are kept when the store is opened.
const SPARE_CONTAINERS_MAX: usize = 2;

/// Blobs in container files.
pub(crate) struct ContainerBlobs {
    files: Arc<dyn Files>,
    _lock: Lock,
    container_pages: u32,
    table: Mutex<Table>,
    /// Locked through a commit, always before the table.
    slots: Mutex<Slots>,
    failure: Mutex<Option<Error>>,
}

#[derive(Default)]
struct Table {
    containers: BTreeMap<u32, Arc<Container>>,
    space: Space,
    blobs: BTreeMap<BlobId, Held>,
    last: u64,
    commits: u64,
}

struct Held {
    place: Place,
    /// How many commits there were when the blob was put or last named.
    named: u64,
}

impl ContainerBlobs {
    pub(crate) fn open(files: Arc<dyn Files>, lock: Lock, container_bytes: u64) -> Result<Self> {
        files.create_directory(FOLDER)?;
        files.sync_directory("")?;
        let container_pages = (container_bytes / PAGE_BYTES) as u32;
        let names = files.list(FOLDER)?;
        let numbers: Vec<u32> = names.iter().filter_map(|name| container::number(name)).collect();
        // The pointer is written before the first container is made.
        let mut slots = Slots::open(&*files, numbers.is_empty())?;
        let mut table = Table::default();
        for number in numbers {
            table.containers.insert(number, Arc::new(Container::open(&*files, number)?));
            table.space.give(Extent { container: number, page: 0, pages: container_pages });
        }
        table.hold(&slots.last)?;
        let start = slots.last.start + 1;
        table.last = start << PUT_BITS;
        // Makes the start durable, and both slots name the same blobs.
        slots.write(PointerRecord { start, ..slots.last.clone() })?;
        table.prune(&*files, container_pages)?;
        Ok(Self {
            files,
            _lock: lock,
            container_pages,
            table: Mutex::new(table),
            slots: Mutex::new(slots),
            failure: Mutex::new(None),
        })
    }

    fn check_usable(&self) -> Result<()> {
        match &*self.failure.lock() {
            Some(error) => {
                Err(Error::unavailable(format!("blobs are unusable since a failure: {error}")))
            }
            None => Ok(()),
        }
    }

    /// Remembers a failure after which nothing is known of what is on the disk.
    fn fatal<T>(&self, result: Result<T>) -> Result<T> {
        result.inspect_err(|error| *self.failure.lock() = Some(error.clone()))
    }

    /// A new id and a place for so many bytes.
    fn allocate(&self, length: usize) -> Result<(BlobId, Place, Arc<Container>)> {
        let table = &mut *self.table.lock();
        let pages = container::pages(length);
        let extent = match table.space.take(pages) {
            Some(extent) => extent,
            None => {
                let number = table.containers.last_key_value().map_or(1, |(last, _)| last + 1);
                let container = self.fatal(Container::create(&*self.files, number))?;
                table.containers.insert(number, Arc::new(container));
                let pages_of_all = self.container_pages.max(pages);
                table.space.give(Extent { container: number, page: 0, pages: pages_of_all });
                table.space.take(pages).ok_or_else(|| no_such_container(number))?
            }
        };
        table.last += 1;
        let place = Place { container: extent.container, page: extent.page, length: length as u32 };
        Ok((BlobId(table.last), place, table.container(extent.container)?))
    }
}

impl Table {
    fn container(&self, number: u32) -> Result<Arc<Container>> {
        self.containers.get(&number).cloned().ok_or_else(|| no_such_container(number))
    }

    /// Takes over the blobs that a record names.
    fn hold(&mut self, record: &PointerRecord) -> Result<()> {
        let blobs = record.pointer.iter().flat_map(|pointer| &pointer.blobs);
        for (blob, place) in blobs.zip(&record.places) {
            self.container(place.container)?;
            let is_known = self.blobs.insert(*blob, Held { place: *place, named: 0 }).is_some();
            if !is_known && !self.space.reserve(place.extent()) {
                let path = container::path(place.container);
                return Err(Error::corrupt(format!(
                    "blob file \"{path}\" is corrupt at offset {}: blob {} has no place there",
                    u64::from(place.page) * PAGE_BYTES,
                    blob.0
                )));
            }
        }
        Ok(())
    }

    /// Removes free containers, except a few.
    fn prune(&mut self, files: &dyn Files, pages: u32) -> Result<()> {
        let is_free = |number| Extent { container: number, page: 0, pages };
        let free: Vec<u32> = self
            .containers
            .keys()
            .copied()
            .filter(|number| self.space.is_free(is_free(*number)))
            .collect();
        for number in free.into_iter().skip(SPARE_CONTAINERS_MAX) {
            self.space.reserve(is_free(number));
            self.containers.remove(&number);
            files.remove(&container::path(number))?;
        }
        Ok(())
    }

    /// Notes that a commit named these blobs, and frees those that two commits did not.
    fn settle(&mut self, named: &[BlobId]) {
        self.commits += 1;
        let commits = self.commits;
        for blob in named {
            self.blobs.entry(*blob).and_modify(|held| held.named = commits);
        }
        let (blobs, space) = (&mut self.blobs, &mut self.space);
        blobs.retain(|_, held| {
            let is_kept = held.named + 1 >= commits;
            if !is_kept {
                space.give(held.place.extent());
            }
            is_kept
        });
    }
}

impl Blobs for ContainerBlobs {
    fn put(&self, bytes: &[u8]) -> Result<BlobId> {
        check_blob(bytes)?;
        self.check_usable()?;
        let (blob, place, container) = self.allocate(bytes.len())?;
        let waiting_bytes = container
            .write(blob, place.page, bytes)
            .inspect_err(|_| self.table.lock().space.give(place.extent()))?;
        self.fatal(container.count(waiting_bytes))?;
        let mut table = self.table.lock();
        let named = table.commits;
        table.blobs.insert(blob, Held { place, named });
        Ok(blob)
    }

    fn get(&self, blob: BlobId) -> Result<Vec<u8>> {
        let find = || {
            let table = self.table.lock();
            let held = table.blobs.get(&blob).ok_or_else(|| no_such_blob(blob))?;
            Ok((held.place, table.container(held.place.container)?))
        };
        let (place, container) = find()?;
        // A blob that was given up while it was read is not corrupt, it is gone.
        container.read(blob, place).or_else(|error| find().and(Err(error)))
    }

    fn commit(&self, pointer: &Pointer) -> Result<()> {
        let mut slots = self.slots.lock();
        self.check_usable()?;
        let (places, containers) = {
            let table = self.table.lock();
            let place = |blob: &BlobId| match table.blobs.get(blob) {
                Some(held) => Ok(held.place),
                None => Err(no_such_blob(*blob)),
            };
            let places: Vec<Place> = pointer.blobs.iter().map(place).collect::<Result<_>>()?;
            (places, table.containers.values().cloned().collect::<Vec<_>>())
        };
        for container in containers {
            self.fatal(container.sync())?;
        }
        let start = slots.last.start;
        let pointer = Some(pointer.clone());
        self.fatal(slots.write(PointerRecord { sequence: 0, start, pointer, places }))?;
        if let Some(pointer) = &slots.last.pointer {
            self.table.lock().settle(&pointer.blobs);
        }
        Ok(())
    }

    fn pointer(&self) -> Result<Option<Pointer>> {
        Ok(self.slots.lock().last.pointer.clone())
    }
}

fn no_such_container(number: u32) -> Error {
    let path = container::path(number);
    Error::corrupt(format!("blob file \"{path}\" is missing, with the blobs in it"))
}
