//! An index: a hash table from the values of some columns to places.
//!
//! It holds no values: who asks compares the rows at the places that it is handed.
//! Rows with equal values share one entry, whose places stand in ascending order. Those
//! of rows that have gone stay among them until they are many, except at the end.
use std::mem::take;

use super::search::NOWHERE;
use crate::columns::View;
use crate::hashed::{Hashed, Position, Table};

/// An index over some columns.
#[derive(Debug)]
pub(super) struct Index {
    pub(super) columns: Vec<usize>,
    /// Whether two rows with equal values are refused.
    pub(super) unique: bool,
    /// Whether rows with a NULL among the columns are in it; NULLs are equal then.
    pub(super) nulls_equal: bool,
    table: Table<Keyed>,
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

/// The half of a hash that is kept. This crate's own tests keep few of its bits, so that
/// hashes collide.
#[inline]
fn short(hash: u64) -> u32 {
    const KEPT: u32 = if cfg!(test) { 0x0f00_00ff } else { u32::MAX };
    (hash >> 32) as u32 & KEPT
}

impl Hashed for Keyed {
    const EMPTY: Self = Self { hash: 0, target: [u32::MAX; 2] };

    #[inline]
    fn hash(&self) -> u32 {
        self.hash
    }

    #[inline]
    fn is_empty(&self) -> bool {
        self.target == [u32::MAX; 2]
    }
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
            table: Table::new(),
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
        self.table.bytes() + self.postings.capacity() * size_of::<Posting>() + self.posting_bytes
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

    /// For each hash a place whose row probably has it, the last of those with its values,
    /// or [`NOWHERE`].
    pub(super) fn guess(&self, hashes: impl Iterator<Item = u64> + Clone) -> Vec<u64> {
        self.warm(hashes.clone());
        let place = |hash| {
            let found = self.table.find(short(hash), |_| true);
            found.and_then(|at| self.witness(&self.table.get(at))).unwrap_or(NOWHERE)
        };
        hashes.map(place).collect()
    }

    /// Brings what the table has for some hashes into the cache, all at once.
    pub(super) fn warm(&self, hashes: impl Iterator<Item = u64>) {
        let touched = hashes.fold(0, |sum, hash| sum ^ self.table.touch(short(hash)));
        std::hint::black_box(touched);
    }

    /// The entry of the values that `equal` says yes to.
    #[inline]
    fn position(&self, hash: u64, equal: impl Fn(u64) -> bool) -> Option<Position> {
        self.table.find(short(hash), |entry| self.witness(entry).is_some_and(&equal))
    }

    /// The entry that leads to `place`. `equal` says yes to rows with the same values.
    fn position_of(&self, hash: u64, place: u64, equal: impl Fn(u64) -> bool) -> Option<Position> {
        self.table.find(short(hash), |entry| match entry.target() {
            Target::Place(one) => one == place,
            Target::Posting(number) => {
                self.posting(number).last().is_some_and(|last| *last == place || equal(*last))
            }
        })
    }

    /// The last place whose row `equal` says yes to.
    #[inline]
    pub(super) fn find(&self, hash: u64, equal: impl Fn(u64) -> bool) -> Option<u64> {
        self.witness(&self.table.get(self.position(hash, equal)?))
    }

    /// All places of the rows that `equal` says yes to, ascending, with some of rows that
    /// have gone.
    pub(super) fn find_all(
        &self,
        hash: u64,
        equal: impl Fn(u64) -> bool,
        mut each: impl FnMut(u64),
    ) {
        match self.position(hash, equal).map(|at| self.table.get(at).target()) {
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
        let Some(at) = self.position(hash, equal) else {
            self.table.insert(Keyed::new(hash, Target::Place(place)));
            return true;
        };
        if self.unique {
            return false;
        }
        match self.table.get(at).target() {
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
                self.table.set(at, Keyed::new(hash, Target::Posting(number)));
            }
            Target::Posting(number) => self.change(number, |posting| posting.insert(place)),
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
        let Some(at) = self.position_of(hash, place, equal) else { return };
        let Target::Posting(number) = self.table.get(at).target() else {
            return self.table.remove(at);
        };
        self.change(number, |posting| posting.remove(is_live));
        let Some(posting) = self.postings.get_mut(number as usize) else { return };
        let rest = match (posting.live, posting.places.as_slice()) {
            (0, _) => None,
            (1, [only]) => Some(*only),
            _ => return,
        };
        self.posting_bytes -= posting.places.capacity() * size_of::<u64>();
        drop(take(posting));
        self.free.push(number);
        match rest {
            Some(only) => self.table.set(at, Keyed::new(hash, Target::Place(only))),
            None => self.table.remove(at),
        }
    }

    /// Says that of a unique index's rows the one at `old` gives way to one at `new` with
    /// equal values.
    pub(super) fn replace(&mut self, hash: u64, old: u64, new: u64) {
        if let Some(at) = self.position_of(hash, old, |_| false) {
            self.table.set(at, Keyed::new(hash, Target::Place(new)));
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
        let Some(at) = self.position_of(hash, old, equal) else { return };
        match self.table.get(at).target() {
            Target::Place(_) => self.table.set(at, Keyed::new(hash, Target::Place(new))),
            Target::Posting(number) => self.change(number, |posting| {
                posting.insert(new);
                posting.remove(is_live);
            }),
        }
    }

    /// Changes a posting and counts its bytes.
    fn change(&mut self, number: u32, change: impl FnOnce(&mut Posting)) {
        let Some(posting) = self.postings.get_mut(number as usize) else { return };
        let before = posting.places.capacity();
        change(posting);
        self.posting_bytes += posting.places.capacity() * size_of::<u64>();
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
