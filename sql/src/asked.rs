//! What a function asks of the session it is called in.
//!
//! Functions run on readers' threads, which hold no session: `set_config` leaves its setting
//! here, which holds from the next statement on, and `pg_sleep` the time for which the rows
//! behind it are held back. No thread sleeps.
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, AtomicU64, Ordering};

use engine::time::{Clock, SystemClock};
use parking_lot::Mutex;

use crate::settings::Span;

/// The most settings that one statement sets by function; those beyond are refused.
pub(crate) const SETTINGS_MAX: usize = 1_000;

/// One session's.
pub(crate) struct Asked {
    process: AtomicI32,
    /// What `clock_timestamp` reads.
    pub(crate) clock: Arc<dyn Clock>,
    sleep_micros: AtomicU64,
    settings: Mutex<Vec<Setting>>,
}

/// A setting to be made: its name, its value and until when it holds.
pub(crate) type Setting = (String, String, Span);

impl Default for Asked {
    fn default() -> Self {
        Self::new(Arc::new(SystemClock))
    }
}

impl Asked {
    /// Of a session without a connection.
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        let (process, sleep_micros) = (AtomicI32::new(0), AtomicU64::new(0));
        Self { process, clock, sleep_micros, settings: Mutex::default() }
    }

    /// The number by which clients know the session; 0 where it has no connection.
    pub(crate) fn process(&self) -> i32 {
        self.process.load(Ordering::Relaxed)
    }

    /// Gives the session its number.
    pub(crate) fn set_process(&self, process: i32) {
        self.process.store(process, Ordering::Relaxed);
    }

    /// Asks that the rows that come next wait so long.
    pub(crate) fn sleep(&self, micros: u64) {
        self.sleep_micros.fetch_add(micros, Ordering::Relaxed);
    }

    /// How long rows are to wait, which is asked once.
    pub(crate) fn take_sleep(&self) -> u64 {
        match self.sleep_micros.load(Ordering::Relaxed) {
            0 => 0,
            _ => self.sleep_micros.swap(0, Ordering::Relaxed),
        }
    }

    /// Asks for a setting; whether there is room for it.
    pub(crate) fn set(&self, setting: Setting) -> bool {
        let mut settings = self.settings.lock();
        let has_room = settings.len() < SETTINGS_MAX;
        if has_room {
            settings.push(setting);
        }
        has_room
    }

    /// The settings asked for, in order, which are asked once.
    pub(crate) fn take_settings(&self) -> Vec<Setting> {
        std::mem::take(&mut self.settings.lock())
    }
}

impl std::fmt::Debug for Asked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Asked").field("process", &self.process()).finish_non_exhaustive()
    }
}
