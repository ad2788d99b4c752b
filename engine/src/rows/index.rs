//! An index: a hash table from the values of some columns to places.
//!
//! It holds no values: who asks compares the rows at the places that it is handed.
//! Rows with equal values share one entry, whose places stand in ascending order. Those
//! of rows that have gone stay among them until they are many, except at the end.
use std::mem::take;

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

use crate::columns::View;

/// An index over some columns.
#[derive(Debug)]
pub(super) struct Index {
    pub(super) columns: Vec<usize>,
    /// Whether two rows with equal values are refused.
    pub(super) unique: bool,
    /// Whether rows with a NULL among the columns are in it; NULLs are equal then.
    pub(super) nulls_equal: bool,
    table: HashTable<Keyed>,
    postings: Vec<Posting>,
    /// Postings that are not in use.
    free: Vec<u32>,
    /// Bytes of the postings' places.
    posting_bytes: usize,
}

/// An entry: half a hash, and a place or a posting.
#[derive(Clone, Copy, Debug)]
struct Keyed {
    hash: u32,
    /// [`Target`] in two halves, so that an entry takes 12 bytes.
    target: [u32; 2],
}

/// Where an entry leads: to one place, or to a posting (the top bit is set).
#[derive(Clone, Copy)]
enum Target {
    Place(u64),
    Posting(u32),
}

const POSTING: u32 = 1 << 31;

impl Keyed {
    fn new(hash: u64, target: Target) -> Self {
        let target = match target {
            Target::Place(place) => [place as u32, (place >> 32) as u32],
            Target::Posting(number) => [number, POSTING],
        };
        Self { hash: short(hash), target }
    }

    fn target(&self) -> Target {
        let [low, high] = self.target;
        if high & POSTING != 0 {
            Target::Posting(low)
        } else {
            Target::Place(u64::from(high) << 32 | u64::from(low))
        }
    }
}

/// The half of a hash that is kept.
#[inline]
fn short(hash: u64) -> u32 {
    (hash >> 32) as u32
}

/// A hash of 64 bits from the half that is kept: the table takes its buckets from the low
/// bits and its tags from the high ones.
#[inline]
fn long(hash: u32) -> u64 {
    u64::from(hash) << 32 | u64::from(hash)
}

/// The places of rows with equal values.
#[derive(Debug, Default)]
struct Posting {
    /// In ascending order. The last is of a row that is there.
    places: Vec<u64>,
    /// How many of them were not removed.
    live: usize,
}

/// Dead places that a posting keeps whatever its length.
const POSTING_DEAD_MAX: usize = 8;

impl Index {
    /// An empty index.
    pub(super) fn new(columns: Vec<usize>, unique: bool, nulls_equal: bool) -> Self {
        Self {
            columns,
            unique,
            nulls_equal,
            table: HashTable::new(),
            postings: Vec::new(),
            free: Vec::new(),
            posting_bytes: 0,
        }
    }

    /// Its columns among `columns`.
    pub(super) fn keys_of<'a>(&self, columns: &[View<'a>]) -> Vec<View<'a>> {
        self.columns.iter().filter_map(|column| columns.get(*column)).copied().collect()
    }

    /// The bytes of memory held.
    pub(super) fn bytes(&self) -> usize {
        self.table.allocation_size()
            + self.postings.capacity() * size_of::<Posting>()
            + self.posting_bytes
    }

    /// Bytes of the postings' places, counted anew.
    #[cfg(test)]
    pub(super) fn posting_bytes(&self) -> (usize, usize) {
        let capacity = |posting: &Posting| posting.places.capacity() * size_of::<u64>();
        (self.posting_bytes, self.postings.iter().map(capacity).sum())
    }

    fn posting(&self, number: u32) -> &[u64] {
        self.postings.get(number as usize).map_or(&[], |posting| &posting.places)
    }

    /// The place to compare values with.
    fn witness(&self, entry: &Keyed) -> Option<u64> {
        match entry.target() {
            Target::Place(place) => Some(place),
            Target::Posting(number) => self.posting(number).last().copied(),
        }
    }

    /// The last place whose row `equal` says yes to.
    #[inline]
    pub(super) fn find(&self, hash: u64, equal: impl Fn(u64) -> bool) -> Option<u64> {
        let half = short(hash);
        let entry = self.table.find(long(half), |entry| {
            entry.hash == half && self.witness(entry).is_some_and(&equal)
        })?;
        self.witness(entry)
    }

    /// All places of the rows that `equal` says yes to, ascending, with some of rows that
    /// have gone.
    pub(super) fn find_all(
        &self,
        hash: u64,
        equal: impl Fn(u64) -> bool,
        mut each: impl FnMut(u64),
    ) {
        let half = short(hash);
        let found = self.table.find(long(half), |entry| {
            entry.hash == half && self.witness(entry).is_some_and(&equal)
        });
        match found.map(Keyed::target) {
            Some(Target::Place(place)) => each(place),
            Some(Target::Posting(number)) => {
                self.posting(number).iter().for_each(|place| each(*place));
            }
            None => {}
        }
    }

    /// Adds `place`. Says no and adds nothing if the index is unique
    /// and there is a row that `equal` says yes to.
    #[inline]
    pub(super) fn insert(&mut self, hash: u64, place: u64, equal: impl Fn(u64) -> bool) -> bool {
        let half = short(hash);
        let postings = &self.postings;
        let entry = self.table.entry(
            long(half),
            |entry| {
                entry.hash == half
                    && match entry.target() {
                        Target::Place(place) => equal(place),
                        Target::Posting(number) => postings
                            .get(number as usize)
                            .and_then(|posting| posting.places.last())
                            .is_some_and(|place| equal(*place)),
                    }
            },
            |entry| long(entry.hash),
        );
        let mut occupied = match entry {
            Entry::Vacant(vacant) => {
                vacant.insert(Keyed::new(hash, Target::Place(place)));
                return true;
            }
            Entry::Occupied(_) if self.unique => return false,
            Entry::Occupied(occupied) => occupied,
        };
        match occupied.get().target() {
            Target::Place(first) => {
                let places = vec![first.min(place), first.max(place)];
                self.posting_bytes += places.capacity() * size_of::<u64>();
                let posting = Posting { places, live: 2 };
                let number = match self.free.pop() {
                    Some(number) => number,
                    None => self.postings.len() as u32,
                };
                match self.postings.get_mut(number as usize) {
                    Some(unused) => *unused = posting,
                    None => self.postings.push(posting),
                }
                *occupied.get_mut() = Keyed::new(hash, Target::Posting(number));
            }
            Target::Posting(number) => {
                if let Some(posting) = self.postings.get_mut(number as usize) {
                    let before = posting.places.capacity();
                    posting.insert(place);
                    self.posting_bytes += (posting.places.capacity() - before) * size_of::<u64>();
                }
            }
        }
        true
    }

    /// Takes `place` away, whose row `is_live` must no longer say yes to; it must say yes
    /// to all others that are here. `equal` says yes to rows with the same values.
    pub(super) fn remove(
        &mut self,
        hash: u64,
        place: u64,
        equal: impl Fn(u64) -> bool,
        is_live: impl Fn(u64) -> bool,
    ) {
        let half = short(hash);
        let postings = &self.postings;
        let found = self.table.find_entry(long(half), |entry| {
            entry.hash == half
                && match entry.target() {
                    Target::Place(one) => one == place,
                    Target::Posting(number) => postings
                        .get(number as usize)
                        .and_then(|posting| posting.places.last())
                        .is_some_and(|last| *last == place || equal(*last)),
                }
        });
        let Ok(mut occupied) = found else { return };
        let Target::Posting(number) = occupied.get().target() else {
            occupied.remove();
            return;
        };
        let Some(posting) = self.postings.get_mut(number as usize) else { return };
        let before = posting.places.capacity();
        posting.remove(is_live);
        let after = posting.places.capacity();
        self.posting_bytes -= (before - after) * size_of::<u64>();
        let rest = match (posting.live, posting.places.as_slice()) {
            (0, _) => None,
            (1, [only]) => Some(*only),
            _ => return,
        };
        drop(take(posting));
        self.posting_bytes -= after * size_of::<u64>();
        self.free.push(number);
        match rest {
            Some(only) => *occupied.get_mut() = Keyed::new(hash, Target::Place(only)),
            None => drop(occupied.remove()),
        }
    }

    /// Says that the row at `old`, which `is_live` must no longer say yes to, is now at
    /// `new`, larger than all before.
    pub(super) fn relocate(
        &mut self,
        hash: u64,
        (old, new): (u64, u64),
        equal: impl Fn(u64) -> bool,
        is_live: impl Fn(u64) -> bool,
    ) {
        let half = short(hash);
        let postings = &self.postings;
        let entry = self.table.find_mut(long(half), |entry| {
            entry.hash == half
                && match entry.target() {
                    Target::Place(one) => one == old,
                    Target::Posting(number) => postings
                        .get(number as usize)
                        .and_then(|posting| posting.places.last())
                        .is_some_and(|last| *last == old || equal(*last)),
                }
        });
        let Some(entry) = entry else { return };
        let Target::Posting(number) = entry.target() else {
            *entry = Keyed::new(hash, Target::Place(new));
            return;
        };
        let Some(posting) = self.postings.get_mut(number as usize) else { return };
        let before = posting.places.capacity();
        posting.insert(new);
        posting.remove(is_live);
        let after = posting.places.capacity();
        self.posting_bytes += after * size_of::<u64>();
        self.posting_bytes -= before * size_of::<u64>();
    }
}

impl Posting {
    /// Counts `place` in, which is larger than the others unless it was removed before.
    fn insert(&mut self, place: u64) {
        let last = self.places.last().copied();
        self.places.push(place);
        self.live += 1;
        if last > Some(place) {
            self.places.sort_unstable();
            self.places.dedup();
        }
    }

    /// Counts a place out that is no longer live. Dead places go when they are at the
    /// end, so that the last one can be compared with, or when they are many.
    fn remove(&mut self, is_live: impl Fn(u64) -> bool) {
        self.live = self.live.saturating_sub(1);
        while self.places.last().is_some_and(|last| !is_live(*last)) {
            self.places.pop();
        }
        let dead = self.places.len().saturating_sub(self.live);
        if dead > POSTING_DEAD_MAX.max(self.live) {
            self.places.retain(|place| is_live(*place));
            self.places.shrink_to(self.places.len() * 2);
        }
    }
}
