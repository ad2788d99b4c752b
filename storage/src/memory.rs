//! The three ports in memory: the reference that the others are compared to.
//!
//! What was not synced, committed or staged is forgotten by the next [`Memory::open`],
//! as a crash would; nothing outlives the process.
use crate::log::{check_append, check_range};
use crate::ports::*;
use crate::{Error, Result, Stores};
use parking_lot::Mutex;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// A directory that is none: open it again to see what a crash would leave.
#[derive(Clone, Default)]
pub struct Memory {
    log: Arc<Mutex<Frames>>,
    blobs: Arc<Mutex<BlobTable>>,
    records: Arc<Mutex<RecordTable>>,
}

#[derive(Default)]
struct Frames {
    frames: VecDeque<(Tick, Vec<u8>)>,
    /// The last tick that was synced; 0 in an empty log.
    last: Tick,
}

#[derive(Default)]
struct BlobTable {
    /// Each blob with the number of commits there were when it was put or last named.
    blobs: BTreeMap<BlobId, (u64, Vec<u8>)>,
    last: u64,
    commits: u64,
    pointer: Option<Pointer>,
}

#[derive(Default)]
struct RecordTable {
    last_id: u64,
    live: BTreeMap<u64, Record>,
    pending: BTreeMap<u64, RecordTransaction>,
}

struct MemoryLog {
    durable: Arc<Mutex<Frames>>,
    appended: Vec<(Tick, Vec<u8>)>,
}

struct MemoryBlobs(Arc<Mutex<BlobTable>>);

struct MemoryRecords(Arc<Mutex<RecordTable>>);

impl Memory {
    /// Stores with nothing in them.
    pub fn new() -> Self {
        Self::default()
    }

    /// The stores with what is durable in them.
    pub fn open(&self) -> Stores {
        let mut blobs = self.blobs.lock();
        let named = blobs.pointer.as_ref().map_or_else(Vec::new, |pointer| pointer.blobs.clone());
        blobs.blobs.retain(|blob, _| named.contains(blob));
        Stores {
            log: Box::new(MemoryLog { durable: self.log.clone(), appended: Vec::new() }),
            blobs: Box::new(MemoryBlobs(self.blobs.clone())),
            records: Box::new(MemoryRecords(self.records.clone())),
        }
    }
}

impl Log for MemoryLog {
    fn append(&mut self, tick: Tick, body: &[u8]) -> Result<()> {
        let last = self.appended.last().map_or_else(|| self.durable.lock().last, |last| last.0);
        check_append(last, tick, body)?;
        self.appended.push((tick, body.to_vec()));
        Ok(())
    }

    fn sync(&mut self) -> Result<()> {
        let mut durable = self.durable.lock();
        durable.last = self.appended.last().map_or(durable.last, |last| last.0);
        durable.frames.extend(self.appended.drain(..));
        Ok(())
    }

    fn cut(&mut self, tick: Tick) -> Result<()> {
        let mut durable = self.durable.lock();
        while durable.frames.pop_front_if(|frame| frame.0 <= tick).is_some() {}
        Ok(())
    }

    fn replay(
        &mut self,
        after: Tick,
        each: &mut dyn FnMut(Tick, &[u8]) -> Result<()>,
    ) -> Result<()> {
        let durable = self.durable.lock();
        if durable.last != 0 {
            let first = durable.frames.front().map_or(durable.last + 1, |first| first.0);
            check_range(first, durable.last, after)?;
        }
        for (tick, body) in durable.frames.iter().filter(|frame| frame.0 > after) {
            each(*tick, body)?;
        }
        Ok(())
    }

    fn bytes(&self) -> u64 {
        let durable = self.durable.lock();
        let frames = durable.frames.iter().chain(&self.appended);
        frames.map(|frame| frame.1.len() as u64).sum()
    }
}

impl Blobs for MemoryBlobs {
    fn put(&self, bytes: &[u8]) -> Result<BlobId> {
        check_blob(bytes)?;
        let mut table = self.0.lock();
        table.last += 1;
        let (blob, commits) = (BlobId(table.last), table.commits);
        table.blobs.insert(blob, (commits, bytes.to_vec()));
        Ok(blob)
    }

    fn get(&self, blob: BlobId) -> Result<Vec<u8>> {
        match self.0.lock().blobs.get(&blob) {
            Some((_, bytes)) => Ok(bytes.clone()),
            None => Err(no_such_blob(blob)),
        }
    }

    fn commit(&self, pointer: &Pointer) -> Result<()> {
        let table = &mut *self.0.lock();
        if let Some(missing) = pointer.blobs.iter().find(|blob| !table.blobs.contains_key(blob)) {
            return Err(no_such_blob(*missing));
        }
        table.commits += 1;
        for blob in &pointer.blobs {
            table.blobs.entry(*blob).and_modify(|entry| entry.0 = table.commits);
        }
        // A blob put for the next epoch may be older than this commit: it outlives one.
        table.blobs.retain(|_, (named, _)| *named + 1 >= table.commits);
        table.pointer = Some(pointer.clone());
        Ok(())
    }

    fn pointer(&self) -> Result<Option<Pointer>> {
        Ok(self.0.lock().pointer.clone())
    }
}

impl Records for MemoryRecords {
    fn next_id(&self) -> Result<u64> {
        let mut table = self.0.lock();
        table.last_id += 1;
        Ok(table.last_id)
    }

    fn stage(&self, transaction: &RecordTransaction) -> Result<()> {
        let mut table = self.0.lock();
        if table.pending.contains_key(&transaction.transaction) {
            return Err(already_pending(transaction.transaction));
        }
        table.pending.insert(transaction.transaction, transaction.clone());
        Ok(())
    }

    fn settle(&self, transaction: u64, live: bool) -> Result<()> {
        let mut table = self.0.lock();
        let Some(pending) = table.pending.remove(&transaction).filter(|_| live) else {
            return Ok(());
        };
        for change in pending.changes {
            match change {
                RecordChange::Put(record) => table.live.insert(record.id, record),
                RecordChange::Remove(id) => table.live.remove(&id),
            };
        }
        Ok(())
    }

    fn live(&self) -> Result<Vec<Record>> {
        Ok(self.0.lock().live.values().cloned().collect())
    }

    fn pending(&self) -> Result<Vec<RecordTransaction>> {
        Ok(self.0.lock().pending.values().cloned().collect())
    }
}

/// Fails if there are too many bytes for one blob.
pub(crate) fn check_blob(bytes: &[u8]) -> Result<()> {
    if bytes.len() > BLOB_BYTES_MAX {
        let length = bytes.len();
        return Err(Error::invalid(format!(
            "blob of {length} bytes is larger than {BLOB_BYTES_MAX}"
        )));
    }
    Ok(())
}

/// The error of a blob that was never put, or was given up since.
pub(crate) fn no_such_blob(blob: BlobId) -> Error {
    Error::invalid(format!("blob {} does not exist", blob.0))
}

/// The error of a transaction that is staged twice.
pub(crate) fn already_pending(transaction: u64) -> Error {
    Error::invalid(format!("transaction {transaction} is already pending"))
}
