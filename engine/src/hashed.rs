//! A hash table of small entries, each of which brings its own hash.
//!
//! Open addressing, in one array: what is asked for is nearly always in the cache line
//! that its hash points at, so that a block of hashes can be fetched ahead by
//! [`Table::touch`]. Large tables are 256 small ones, so that growing one is a short pause.
//! It does not know what entries mean: who asks compares them.
#![expect(clippy::indexing_slicing, reason = "positions are masked by the array's length")]

/// An entry, found again by its hash.
pub(crate) trait Hashed: Copy {
    /// What stands where no entry is.
    const EMPTY: Self;

    /// Half a hash.
    fn hash(&self) -> u32;

    /// Whether it is [`Hashed::EMPTY`].
    fn is_empty(&self) -> bool;
}

/// Entries by hash; two with one hash may both be there.
#[derive(Debug)]
pub(crate) struct Table<T> {
    /// One, or one for each first byte of a hash.
    parts: Vec<Part<T>>,
    len: usize,
}

/// Where an entry is, until the next insertion or removal.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Position {
    part: usize,
    slot: usize,
}

/// Entries of a table that is one part, before it becomes 256.
const PART_ENTRIES_MAX: usize = if cfg!(test) { 500 } else { 1 << 15 };

impl<T: Hashed> Table<T> {
    /// No entries.
    pub(crate) fn new() -> Self {
        Self { parts: vec![Part::with_slots(0)], len: 0 }
    }

    /// How many entries there are.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// The bytes of memory held.
    pub(crate) fn bytes(&self) -> usize {
        let slots: usize = self.parts.iter().map(|part| part.slots.len()).sum();
        slots * size_of::<T>() + self.parts.capacity() * size_of::<Part<T>>()
    }

    #[inline]
    fn part(&self, hash: u32) -> usize {
        if self.parts.len() == 1 { 0 } else { (hash >> 24) as usize }
    }

    /// Fetches what a hash points at.
    #[inline]
    pub(crate) fn touch(&self, hash: u32) -> u32 {
        let part = &self.parts[self.part(hash)];
        part.slots.get(part.home(hash)).map_or(0, Hashed::hash)
    }

    /// The position of an entry with this hash that `is` says yes to.
    #[inline]
    pub(crate) fn find(&self, hash: u32, is: impl Fn(&T) -> bool) -> Option<Position> {
        let part = self.part(hash);
        let slot = self.parts[part].find(hash, is)?;
        Some(Position { part, slot })
    }

    /// The entry at a position.
    #[inline]
    pub(crate) fn get(&self, position: Position) -> T {
        self.parts[position.part].slots[position.slot]
    }

    /// Puts another entry with the same hash at a position.
    pub(crate) fn set(&mut self, position: Position, entry: T) {
        self.parts[position.part].slots[position.slot] = entry;
    }

    /// Adds an entry.
    pub(crate) fn insert(&mut self, entry: T) {
        if self.parts.len() == 1 && self.len >= PART_ENTRIES_MAX {
            self.divide();
        }
        let part = self.part(entry.hash());
        self.parts[part].insert(entry);
        self.len += 1;
    }

    /// Takes the entry at a position away.
    pub(crate) fn remove(&mut self, position: Position) {
        self.parts[position.part].remove(position.slot);
        self.len -= 1;
    }

    /// Makes one part 256.
    fn divide(&mut self) {
        let all = std::mem::take(&mut self.parts);
        self.parts = (0..256).map(|_| Part::with_slots(PART_ENTRIES_MAX / 64)).collect();
        let entries = all.iter().flat_map(|part| &part.slots).filter(|entry| !entry.is_empty());
        for entry in entries {
            let part = self.part(entry.hash());
            self.parts[part].insert(*entry);
        }
    }
}

/// An array of slots, a power of two or none, at most three quarters of them taken.
#[derive(Debug)]
struct Part<T> {
    slots: Vec<T>,
    len: usize,
}

impl<T: Hashed> Part<T> {
    fn with_slots(slots: usize) -> Self {
        let slots = if slots == 0 { 0 } else { slots.next_power_of_two() };
        Self { slots: vec![T::EMPTY; slots], len: 0 }
    }

    fn mask(&self) -> usize {
        self.slots.len().wrapping_sub(1)
    }

    /// Where an entry would be if no other were. The hash's first byte is the same for
    /// all of a part, so its other end decides.
    #[inline]
    fn home(&self, hash: u32) -> usize {
        hash as usize & self.mask()
    }

    #[inline]
    fn find(&self, hash: u32, is: impl Fn(&T) -> bool) -> Option<usize> {
        if self.slots.is_empty() {
            return None;
        }
        let mask = self.mask();
        let mut slot = self.home(hash);
        loop {
            let entry = &self.slots[slot];
            if entry.is_empty() {
                return None;
            }
            if entry.hash() == hash && is(entry) {
                return Some(slot);
            }
            slot = (slot + 1) & mask;
        }
    }

    fn insert(&mut self, entry: T) {
        if (self.len + 1) * 4 > self.slots.len() * 3 {
            self.grow();
        }
        self.len += 1;
        self.place(entry);
    }

    fn place(&mut self, entry: T) {
        let mask = self.mask();
        let mut slot = self.home(entry.hash());
        while !self.slots[slot].is_empty() {
            slot = (slot + 1) & mask;
        }
        self.slots[slot] = entry;
    }

    fn grow(&mut self) {
        let doubled = vec![T::EMPTY; (self.slots.len() * 2).max(4)];
        let old = std::mem::replace(&mut self.slots, doubled);
        old.into_iter().filter(|entry| !entry.is_empty()).for_each(|entry| self.place(entry));
    }

    /// Empties a slot, and moves the entries behind it that would no longer be found.
    fn remove(&mut self, mut slot: usize) {
        self.len -= 1;
        let mask = self.mask();
        let mut next = slot;
        loop {
            next = (next + 1) & mask;
            let entry = self.slots[next];
            if entry.is_empty() {
                break;
            }
            // It may stay if its home lies behind the empty slot.
            let from_home = next.wrapping_sub(self.home(entry.hash())) & mask;
            let from_empty = next.wrapping_sub(slot) & mask;
            if from_home >= from_empty {
                self.slots[slot] = entry;
                slot = next;
            }
        }
        self.slots[slot] = T::EMPTY;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[derive(Clone, Copy, Debug, PartialEq)]
    struct Pair(u32, u32);

    impl Hashed for Pair {
        const EMPTY: Self = Pair(0, u32::MAX);

        fn hash(&self) -> u32 {
            self.0
        }

        fn is_empty(&self) -> bool {
            self.1 == u32::MAX
        }
    }

    /// Random insertions and removals, with hashes that differ only under `bits`.
    fn check(bits: u32, steps: usize) {
        let mut table = Table::new();
        let mut model: BTreeMap<u32, u32> = BTreeMap::new();
        let mut state = u64::from(bits);
        for _ in 0..steps {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(99);
            let value = (state >> 33) as u32 % 2000;
            let hash = value.wrapping_mul(0x9e37_79b9) & bits;
            let found = table.find(hash, |entry: &Pair| entry.1 == value);
            assert_eq!(found.map(|at| table.get(at)), model.get(&value).map(|h| Pair(*h, value)));
            match found {
                Some(position) => {
                    table.remove(position);
                    model.remove(&value);
                }
                None => {
                    table.insert(Pair(hash, value));
                    model.insert(value, hash);
                }
            }
            assert_eq!(table.len, model.len());
        }
        for (value, hash) in model {
            assert!(table.find(hash, |entry| entry.1 == value).is_some());
        }
    }

    #[test]
    fn entries_are_found_until_they_are_removed() {
        check(u32::MAX, 30_000);
    }

    #[test]
    fn entries_whose_hashes_collide_are_told_apart() {
        check(0xff00_0007, 10_000);
        check(0x0000_0003, 5_000);
    }
}
