//! Which connection a cancel request means: by the numbers it was told at its start.
use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::sync::atomic::{AtomicI32, Ordering};

use parking_lot::Mutex;

/// All connections that can be cancelled.
pub(crate) struct Cancels {
    next: AtomicI32,
    secrets: RandomState,
    handles: Mutex<HashMap<i32, (i32, sql::Cancel)>>,
}

impl Default for Cancels {
    fn default() -> Self {
        Self {
            next: AtomicI32::new(1),
            secrets: RandomState::new(),
            handles: Mutex::new(HashMap::new()),
        }
    }
}

impl Cancels {
    /// Registers a connection; its process number and its secret.
    pub(crate) fn enter(&self, cancel: sql::Cancel) -> (i32, i32) {
        let process = self.next.fetch_add(1, Ordering::Relaxed) & i32::MAX;
        // Keyed by randomness of the process, so that no other connection can guess it.
        let secret = (self.secrets.hash_one(process) >> 32) as u32;
        let secret = secret.cast_signed();
        self.handles.lock().insert(process, (secret, cancel));
        (process, secret)
    }

    /// A connection has ended.
    pub(crate) fn leave(&self, process: i32) {
        self.handles.lock().remove(&process);
    }

    /// Stops what a connection runs, if the secret is right; says nothing either way.
    pub(crate) fn cancel(&self, process: i32, secret: i32) {
        if let Some((known, cancel)) = self.handles.lock().get(&process)
            && *known == secret
        {
            cancel.cancel();
        }
    }

    /// Stops what every connection runs.
    pub(crate) fn shut_down(&self) {
        self.handles.lock().values().for_each(|(_, cancel)| cancel.shut_down());
    }
}
