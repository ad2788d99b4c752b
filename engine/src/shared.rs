//! What the sequencer's thread shares with everyone else.
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use parking_lot::{Mutex, RwLock};
use storage::{Blobs, Records};

use crate::failures::Failures;
use crate::options::Options;
use crate::sequencer::{Constants, Inbox};
use crate::subscription::Subscriptions;
use crate::world::World;
use crate::{Error, ErrorKind};

/// Locks are taken in the order of the fields.
pub(crate) struct Shared {
    pub(crate) world: RwLock<World>,
    pub(crate) failures: RwLock<Failures>,
    pub(crate) subscriptions: Mutex<Subscriptions>,
    /// Why the engine has stopped, if it has by itself.
    pub(crate) stopped: Mutex<Option<Error>>,
    pub(crate) inbox: Inbox,
    /// Columns that are made once; only the sequencer's thread uses them.
    pub(crate) constants: Mutex<Constants>,
    pub(crate) options: Options,
    pub(crate) blobs: Arc<dyn Blobs>,
    pub(crate) records: Arc<dyn Records>,
    /// Memory of rows and state as of the last tick.
    pub(crate) bytes: AtomicUsize,
}

impl Shared {
    /// Bytes that are left under the limit.
    pub(crate) fn room(&self) -> usize {
        self.options.memory_bytes_max.saturating_sub(self.bytes.load(Ordering::Relaxed))
    }

    /// 53200: the limit is reached.
    pub(crate) fn full(&self) -> Error {
        let (used, max) = (self.bytes.load(Ordering::Relaxed), self.options.memory_bytes_max);
        Error::new(ErrorKind::Unavailable, "53200", "out of memory")
            .with_detail(format!("Rows and state hold {used} bytes of at most {max}."))
            .with_hint("Delete rows, drop what is not needed, or raise the limit (--memory-max).")
    }
}
