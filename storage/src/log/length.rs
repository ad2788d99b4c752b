//! How many bytes of frames wait to be cut away.
//!
//! One note for each 64 KiB of frames, not one for each frame: the answer is exact where
//! everything is cut, else too large by less than that and a frame.
use crate::Tick;
use std::collections::VecDeque;

/// Bytes of frames between two notes of how long the log was at a tick.
const NOTE_BYTES: u64 = 1 << 16;

/// Bytes appended, bytes cut, with notes in between.
#[derive(Default)]
pub(super) struct Length {
    appended: u64,
    cut: u64,
    last: Tick,
    notes: VecDeque<(Tick, u64)>,
}

impl Length {
    pub(super) fn add(&mut self, tick: Tick, bytes: u64) {
        self.appended += bytes;
        self.last = tick;
        let noted = self.notes.back().map_or(self.cut, |(_, length)| *length);
        if self.appended - noted >= NOTE_BYTES {
            self.notes.push_back((tick, self.appended));
        }
    }

    pub(super) fn cut(&mut self, tick: Tick) {
        while let Some((_, length)) = self.notes.pop_front_if(|(noted, _)| *noted <= tick) {
            self.cut = length;
        }
        if tick >= self.last {
            self.cut = self.appended;
        }
    }

    pub(super) fn bytes(&self) -> u64 {
        self.appended - self.cut
    }
}
