//! The records whose database is served by a thread of its own.
//!
//! The driver is asynchronous and this port is not: the thread runs the driver's
//! runtime, takes one request after the other from a channel, and callers wait for the
//! answer. So a caller may itself be inside a runtime, or in none.
use super::database::Database;
use crate::files::Lock;
use crate::{Error, ErrorKind, Record, RecordTransaction, Records, Result};
use parking_lot::Mutex;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

/// Ids that are made durable at once: so many may be lost by a crash, and none is reused.
const IDS_RESERVED: u64 = 32;

/// Records in a SQLite file.
pub(crate) struct SqliteRecords {
    requests: Option<Sender<Request>>,
    thread: Option<JoinHandle<()>>,
    ids: Mutex<Range<u64>>,
    _lock: Lock,
}

/// Everything that can reach the database's thread.
enum Request {
    Reserve(u64, Sender<Result<Range<u64>>>),
    Stage(RecordTransaction, Sender<Result<()>>),
    Settle(u64, bool, Sender<Result<()>>),
    Live(Sender<Result<Vec<Record>>>),
    Pending(Sender<Result<Vec<RecordTransaction>>>),
}

impl SqliteRecords {
    /// Opens the file, and makes it if it is not there.
    pub(crate) fn open(path: &Path, lock: Lock) -> Result<Self> {
        let path = path.to_path_buf();
        let (requests, received) = channel();
        let (opened, is_open) = channel();
        let thread = std::thread::Builder::new()
            .name("records".into())
            .spawn(move || serve(path, &opened, received))
            .map_err(|error| Error::unavailable(format!("could not start a thread: {error}")))?;
        let ids = Mutex::new(0..0);
        let records = Self { requests: Some(requests), thread: Some(thread), ids, _lock: lock };
        is_open.recv().unwrap_or_else(|_| Err(gone()))?;
        Ok(records)
    }

    fn ask<T>(&self, request: impl FnOnce(Sender<Result<T>>) -> Request) -> Result<T> {
        let (reply, answer) = channel();
        let requests = self.requests.as_ref().ok_or_else(gone)?;
        requests.send(request(reply)).map_err(|_| gone())?;
        answer.recv().unwrap_or_else(|_| Err(gone()))
    }
}

impl Records for SqliteRecords {
    fn next_id(&self) -> Result<u64> {
        let mut ids = self.ids.lock();
        if let Some(id) = ids.next() {
            return Ok(id);
        }
        *ids = self.ask(|reply| Request::Reserve(IDS_RESERVED, reply))?;
        ids.next().ok_or_else(gone)
    }

    fn stage(&self, transaction: &RecordTransaction) -> Result<()> {
        self.ask(|reply| Request::Stage(transaction.clone(), reply))
    }

    fn settle(&self, transaction: u64, live: bool) -> Result<()> {
        self.ask(|reply| Request::Settle(transaction, live, reply))
    }

    fn live(&self) -> Result<Vec<Record>> {
        self.ask(Request::Live)
    }

    fn pending(&self) -> Result<Vec<RecordTransaction>> {
        self.ask(Request::Pending)
    }
}

impl Drop for SqliteRecords {
    fn drop(&mut self) {
        // The thread ends with the channel, and then the file is closed.
        self.requests = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// The thread's whole life.
fn serve(path: PathBuf, opened: &Sender<Result<()>>, requests: Receiver<Request>) {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_time().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            let error = Error::unavailable(format!("could not start a runtime: {error}"));
            let _ = opened.send(Err(error));
            return;
        }
    };
    runtime.block_on(async {
        let mut database = match Database::open(path).await {
            Ok(database) => database,
            Err(error) => {
                let _ = opened.send(Err(error));
                return;
            }
        };
        let _ = opened.send(Ok(()));
        for request in requests {
            answer(&mut database, request).await;
        }
        database.close().await;
    });
}

/// Does what is asked; a caller that no longer waits is no failure.
async fn answer(database: &mut Database, request: Request) {
    match request {
        Request::Reserve(count, reply) => drop(reply.send(database.reserve(count).await)),
        Request::Stage(transaction, reply) => drop(reply.send(database.stage(&transaction).await)),
        Request::Settle(transaction, live, reply) => {
            drop(reply.send(database.settle(transaction, live).await));
        }
        Request::Live(reply) => drop(reply.send(database.live().await)),
        Request::Pending(reply) => drop(reply.send(database.pending().await)),
    }
}

fn gone() -> Error {
    Error::new(ErrorKind::Internal, "the thread of the records has ended")
}
