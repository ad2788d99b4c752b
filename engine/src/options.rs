//! What an engine is started with: its limits and its seams.
use std::sync::Arc;

use crate::time::{Clock, SystemClock};

/// Limits, each with its unit last, and the clock.
#[derive(Clone)]
pub struct Options {
    /// Where the time comes from.
    pub clock: Arc<dyn Clock>,
    /// All rows, indexes and state together; insertions beyond are refused with 53200.
    pub memory_bytes_max: usize,
    /// Commits that wait for the sequencer; more are refused with 53300.
    pub queue_commits_max: usize,
    /// Rows after which a frame is closed. Large batches should be frames of their own: those
    /// that share one are copied together.
    pub frame_rows_max: usize,
    /// Log after which an epoch is cut.
    pub epoch_log_bytes: u64,
    /// Time after which an epoch is cut, if there was any change.
    pub epoch_interval_micros: i64,
    /// Threads that share large deltas.
    pub workers: usize,
    /// Ticks that a subscriber may lag behind before it is let go.
    pub subscription_ticks_max: usize,
    /// Changed rows that a subscriber may lag behind before it is let go.
    pub subscription_rows_max: usize,
    /// Changed rows kept so that a subscription can be resumed.
    pub history_rows_max: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            clock: Arc::new(SystemClock),
            memory_bytes_max: 4 << 30,
            queue_commits_max: 65_536,
            frame_rows_max: 16_384,
            epoch_log_bytes: 64 << 20,
            epoch_interval_micros: 10_000_000,
            workers: std::thread::available_parallelism().map_or(1, usize::from),
            subscription_ticks_max: 4_096,
            subscription_rows_max: 1_000_000,
            history_rows_max: 100_000,
        }
    }
}
