//! The values that came or went in groups since they were captured.

/// From how many entries on duplicates are looked for.
const ENTRIES_MIN: usize = 4096;

/// Pairs of a group's slot and a value; nothing is kept before the first capture.
#[derive(Debug)]
pub(super) struct Changed<V> {
    on: bool,
    entries: Vec<(u32, V)>,
    /// At how many entries duplicates are looked for next.
    full: usize,
}

impl<V> Default for Changed<V> {
    fn default() -> Self {
        Self { on: false, entries: vec![], full: ENTRIES_MIN }
    }
}

impl<V: Ord> Changed<V> {
    /// Notes that a value of a group changed.
    #[inline]
    pub(super) fn push(&mut self, slot: u32, value: impl FnOnce() -> V) {
        if self.on {
            self.entries.push((slot, value()));
            if self.entries.len() >= self.full {
                self.compact();
            }
        }
    }

    /// What changed since the last call, in order.
    pub(super) fn take(&mut self) -> Vec<(u32, V)> {
        self.on = true;
        self.compact();
        self.full = ENTRIES_MIN;
        std::mem::take(&mut self.entries)
    }

    /// Bytes allocated, without what values own themselves.
    pub(super) fn bytes(&self) -> usize {
        self.entries.capacity() * size_of::<(u32, V)>()
    }

    #[cold]
    fn compact(&mut self) {
        self.entries.sort_unstable();
        self.entries.dedup();
        self.full = (self.entries.len() * 2).max(ENTRIES_MIN);
    }
}
