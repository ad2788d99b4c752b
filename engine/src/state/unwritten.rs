//! Which rows of a table have changed since they were written down.
//!
//! Rows are written a few at a time between ticks, while the table goes on changing: a row
//! that changes after it was written is noted again. So once nothing is noted, what was
//! written is the table as it is, where later rows replace earlier ones. Whoever owns the
//! rows keeps a mark with each, so that a row is noted once.

/// Changes that are to be written; nothing is noted before someone wants it.
#[derive(Debug, Default)]
pub(crate) struct Unwritten {
    on: bool,
    /// The first slot that is to be written whether it has changed or not.
    sweep: Option<u32>,
    changed: Vec<u32>,
    gone: Vec<Box<[u8]>>,
}

/// What is to be written next.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// A key that is gone, or was for some time.
    Gone(Box<[u8]>),
    /// The row in a slot.
    Row(u32),
    /// Nothing this time; to find that out took a moment.
    Nothing,
}

impl Unwritten {
    /// From now on changes are noted; what is there counts as written, or is to be.
    pub(crate) fn track(&mut self, written: bool) {
        self.on = true;
        if !written {
            // The sweep takes away the marks of these, too.
            self.changed.clear();
            self.sweep = Some(0);
        }
    }

    /// Whether changes are noted.
    #[inline]
    pub(crate) fn is_on(&self) -> bool {
        self.on
    }

    /// Notes a row that has changed and has no mark yet.
    #[inline]
    pub(crate) fn note(&mut self, slot: u32) {
        self.changed.push(slot);
    }

    /// Notes that a key is gone.
    pub(crate) fn note_gone(&mut self, key: Box<[u8]>) {
        self.gone.push(key);
    }

    /// What is to be written next, of a table of so many slots. `unmark` takes a slot's mark
    /// away and says whether it had one; `None`: no row is there.
    ///
    /// Keys that are gone come first: a key that came back is written after that again.
    pub(crate) fn next(
        &mut self,
        slots: usize,
        mut unmark: impl FnMut(u32) -> Option<bool>,
    ) -> Option<Change> {
        if let Some(key) = self.gone.pop() {
            return Some(Change::Gone(key));
        }
        if let Some(slot) = self.sweep.take().filter(|slot| (*slot as usize) < slots) {
            self.sweep = Some(slot + 1);
            return Some(unmark(slot).map_or(Change::Nothing, |_| Change::Row(slot)));
        }
        let slot = self.changed.pop()?;
        let noted = unmark(slot) == Some(true);
        Some(if noted { Change::Row(slot) } else { Change::Nothing })
    }

    /// How many rows are to be written at most, of a table of so many slots.
    pub(crate) fn len(&self, slots: usize) -> usize {
        let swept = self.sweep.map_or(0, |slot| slots.saturating_sub(slot as usize));
        self.gone.len() + self.changed.len() + swept
    }

    /// Bytes allocated.
    pub(crate) fn bytes(&self) -> usize {
        self.changed.capacity() * size_of::<u32>()
            + self.gone.capacity() * size_of::<Box<[u8]>>()
            + self.gone.iter().map(|key| key.len()).sum::<usize>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sweep_writes_every_row_and_what_changes_behind_it_again() {
        let mut unwritten = Unwritten::default();
        assert!(!unwritten.is_on());
        let mut marks = [Some(false), None, Some(false), Some(false)];
        unwritten.track(false);
        assert_eq!(unwritten.len(4), 4);
        let next = |unwritten: &mut Unwritten, marks: &mut [Option<bool>; 4]| {
            unwritten.next(4, |slot| {
                let mark = &mut marks[slot as usize];
                let had = *mark;
                *mark = had.map(|_| false);
                had
            })
        };
        assert_eq!(next(&mut unwritten, &mut marks), Some(Change::Row(0)));
        marks = [Some(true), None, Some(true), Some(false)];
        unwritten.note(0);
        unwritten.note(2);
        unwritten.note_gone(b"k".as_slice().into());
        assert_eq!(next(&mut unwritten, &mut marks), Some(Change::Gone(b"k".as_slice().into())));
        let mut found = vec![];
        while let Some(change) = next(&mut unwritten, &mut marks) {
            if let Change::Row(slot) = change {
                found.push(slot);
            }
        }
        assert_eq!(found.iter().filter(|slot| **slot == 2).count(), 1);
        assert!(found.contains(&0) && found.contains(&3));
        assert_eq!(unwritten.len(4), 0);
    }
}
