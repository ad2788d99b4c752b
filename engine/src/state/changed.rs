//! Which values of ordered sets have changed since they were written down.
//!
//! What [`super::unwritten`] is for rows: values are written a few at a time, and one that
//! changes after it was written is written again. They are written in the order in which
//! they changed, so that of two places of one value the later one counts.
use std::collections::VecDeque;

use super::ordered::Ordered;

/// Values that are to be written, by the slot of their set; nothing is noted before
/// someone wants it. A value that changes often is noted as often.
#[derive(Debug)]
pub(crate) struct Changed<V> {
    on: bool,
    /// The slot whose values are to be written whether they have changed or not, with all
    /// slots behind it, and which of them was written last.
    sweep: Option<(u32, Option<V>)>,
    entries: VecDeque<(u32, V)>,
}

/// What is to be written next.
#[derive(Debug)]
pub(crate) enum Next<V> {
    /// A value: its slot, and how often it is there.
    Value(u32, V, i64),
    /// Nothing this time; to find that out took a moment.
    Nothing,
}

impl<V> Default for Changed<V> {
    fn default() -> Self {
        Self { on: false, sweep: None, entries: VecDeque::new() }
    }
}

impl<V: Ord + Clone> Changed<V> {
    /// From now on changes are noted; what is there counts as written, or is to be.
    pub(crate) fn track(&mut self, written: bool) {
        self.on = true;
        if !written {
            self.sweep = Some((0, None));
        }
    }

    /// Notes that a value of a slot has changed.
    #[inline]
    pub(crate) fn push(&mut self, slot: u32, value: impl FnOnce() -> V) {
        if self.on {
            self.entries.push_back((slot, value()));
        }
    }

    /// The value that is to be written next; `set` has the values of each of `slots` slots.
    pub(crate) fn next<'a>(
        &mut self,
        slots: usize,
        set: impl Fn(u32) -> Option<&'a Ordered<V>>,
    ) -> Option<Next<V>>
    where
        V: 'a,
    {
        if let Some((slot, last)) = self.sweep.take().filter(|(slot, _)| (*slot as usize) < slots) {
            let Some((value, count)) = set(slot).and_then(|set| set.after(last.as_ref())) else {
                self.sweep = Some((slot + 1, None));
                return Some(Next::Nothing);
            };
            self.sweep = Some((slot, Some(value.clone())));
            return Some(Next::Value(slot, value.clone(), count));
        }
        let (slot, value) = self.entries.pop_front()?;
        let count = set(slot).map_or(0, |set| set.count(&value));
        Some(Next::Value(slot, value, count))
    }

    /// How many values are to be written, as far as that is known.
    pub(crate) fn len(&self, slots: usize) -> usize {
        let swept = self.sweep.as_ref().map_or(0, |(slot, _)| slots.saturating_sub(*slot as usize));
        self.entries.len() + swept
    }

    /// Bytes allocated, without what values own themselves.
    pub(crate) fn bytes(&self) -> usize {
        self.entries.capacity() * size_of::<(u32, V)>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sweep_can_stop_inside_a_set() {
        let mut changed = Changed::default();
        changed.push(0, || panic!("nothing is noted yet"));
        let mut sets = [Ordered::default(), Ordered::default()];
        (0..100).for_each(|value| sets[1].add(value, 1));
        changed.track(false);
        let mut found = vec![];
        for value in 0..200 {
            sets[1].add(value * 7 % 300, 1);
            changed.push(1, || value * 7 % 300);
            sets[1].add(value, -1);
            changed.push(1, || value);
            found.extend(changed.next(2, |slot| sets.get(slot as usize)));
        }
        while let Some(next) = changed.next(2, |slot| sets.get(slot as usize)) {
            found.push(next);
        }
        let mut last = Ordered::default();
        for next in found {
            if let Next::Value(slot, value, count) = next {
                assert_eq!(slot, 1);
                last.set(value, count);
            }
        }
        assert!(last.iter().eq(sets[1].iter()));
        assert_eq!(changed.len(2), 0);
    }
}
