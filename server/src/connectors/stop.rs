//! A signal that ends a thread, also while it waits.
use std::time::Duration;

use parking_lot::{Condvar, Mutex};

/// Given once, heard by all who ask.
#[derive(Debug, Default)]
pub(crate) struct Stop {
    given: Mutex<bool>,
    heard: Condvar,
}

impl Stop {
    /// Ends whoever waits or asks from now on.
    pub(crate) fn give(&self) {
        *self.given.lock() = true;
        self.heard.notify_all();
    }

    /// Whether it was given.
    pub(crate) fn is_given(&self) -> bool {
        *self.given.lock()
    }

    /// Waits for it; `true` if it was given, `false` when the time is over.
    pub(crate) fn wait(&self, time: Duration) -> bool {
        let mut given = self.given.lock();
        if !*given {
            self.heard.wait_for(&mut given, time);
        }
        *given
    }
}
