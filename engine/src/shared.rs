//! What the sequencer's thread shares with everyone else.
use std::sync::Arc;

use parking_lot::{Mutex, RwLock};
use storage::{Blobs, Records};

use crate::Error;
use crate::failures::Failures;
use crate::options::Options;
use crate::sequencer::Inbox;
use crate::subscription::Subscriptions;
use crate::world::World;

/// Locks are taken in the order of the fields.
pub(crate) struct Shared {
    pub(crate) world: RwLock<World>,
    pub(crate) failures: RwLock<Failures>,
    pub(crate) subscriptions: Mutex<Subscriptions>,
    /// Why the engine has stopped, if it has by itself.
    pub(crate) stopped: Mutex<Option<Error>>,
    pub(crate) inbox: Inbox,
    pub(crate) options: Options,
    pub(crate) blobs: Arc<dyn Blobs>,
    pub(crate) records: Arc<dyn Records>,
    /// Memory of rows and state as of the last tick.
    pub(crate) bytes: std::sync::atomic::AtomicUsize,
}
