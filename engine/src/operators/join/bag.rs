//! The rows of one side of a join, in one shard, with their weights.
use hashbrown::HashTable;

use crate::state::hash::Hash;
use crate::state::record::Writer;
use crate::{Error, Result};

/// Rows as bytes, each once, found by their bytes or by their number.
#[derive(Debug)]
pub(super) struct Bag {
    hash: Hash,
    index: HashTable<(u32, u32)>,
    records: Vec<Record>,
    free: Vec<u32>,
    row_bytes: usize,
    /// Whether changes are noted: from the first capture on.
    tracked: bool,
    dirty: Vec<u32>,
    removed: Vec<Box<[u8]>>,
}

/// A row.
#[derive(Debug, Default)]
pub(super) struct Record {
    /// What it is.
    pub(super) bytes: Box<[u8]>,
    /// How often it is there.
    pub(super) weight: i64,
    /// How many rows of the other side match it; counted only under a residual.
    pub(super) matches: i64,
    /// Its place in its key's list.
    pub(super) place: u32,
    /// Whether it changed since it was captured.
    dirty: bool,
}

/// What adding to a row did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Added {
    /// It is new, under this number.
    New(u32),
    /// It is still there, under this number.
    Kept(u32),
    /// It is gone; the record under this number will be another's.
    Gone(u32),
}

impl Bag {
    pub(super) fn new(hash: Hash) -> Self {
        Self {
            hash,
            index: HashTable::new(),
            records: vec![],
            free: vec![],
            row_bytes: 0,
            tracked: false,
            dirty: vec![],
            removed: vec![],
        }
    }

    /// A row by its number.
    pub(super) fn get(&self, number: u32) -> Option<&Record> {
        self.records.get(number as usize)
    }

    /// A row by its number, to change its place.
    pub(super) fn get_mut(&mut self, number: u32) -> Option<&mut Record> {
        self.records.get_mut(number as usize)
    }

    /// Changes how many rows match a row, and says how many did.
    pub(super) fn match_more(&mut self, number: u32, matches: i64) -> i64 {
        self.touch(number);
        let Some(record) = self.records.get_mut(number as usize) else { return 0 };
        let before = record.matches;
        record.matches = before.wrapping_add(matches);
        before
    }

    fn touch(&mut self, number: u32) {
        let Some(record) = self.records.get_mut(number as usize) else { return };
        if self.tracked && !record.dirty {
            record.dirty = true;
            self.dirty.push(number);
        }
    }

    /// A row's number, by its bytes.
    pub(super) fn find(&self, bytes: &[u8]) -> Option<u32> {
        let short = self.hash.bytes(bytes) as u32;
        let same = |(other, number): &(u32, u32)| {
            *other == short && self.get(*number).is_some_and(|record| *record.bytes == *bytes)
        };
        self.index.find(spread(short), same).map(|(_, number)| *number)
    }

    /// Writes the rows that changed since the last call, or all: bytes, weight (zero for
    /// what is gone), matches.
    pub(super) fn capture(&mut self, whole: bool, writer: &mut Writer) {
        self.tracked = true;
        let mut dirty = std::mem::take(&mut self.dirty);
        let removed = std::mem::take(&mut self.removed);
        for number in &dirty {
            if let Some(record) = self.records.get_mut(*number as usize) {
                record.dirty = false;
            }
        }
        if whole {
            dirty = (0..self.records.len() as u32).collect();
        }
        dirty.sort_unstable();
        dirty.dedup();
        dirty.retain(|number| self.get(*number).is_some_and(|record| record.weight != 0));
        let removed = if whole { vec![] } else { removed };
        writer.number((removed.len() + dirty.len()) as u64);
        for bytes in removed {
            writer.row();
            writer.bytes(&bytes);
            writer.signed(0);
            writer.signed(0);
        }
        for record in dirty.iter().filter_map(|number| self.get(*number)) {
            writer.row();
            writer.bytes(&record.bytes);
            writer.signed(record.weight);
            writer.signed(record.matches);
        }
    }

    /// Adds `weight` (not zero) to a row.
    pub(super) fn add(&mut self, bytes: &[u8], weight: i64) -> Result<Added> {
        let hash = self.hash.bytes(bytes);
        let short = hash as u32;
        let same = |(other, number): &(u32, u32)| {
            *other == short
                && self.records.get(*number as usize).is_some_and(|r| *r.bytes == *bytes)
        };
        if let Ok(entry) = self.index.find_entry(spread(short), same) {
            let number = entry.get().1;
            let Some(record) = self.records.get_mut(number as usize) else {
                return Err(Error::internal("a join's index names no row"));
            };
            record.weight = record.weight.wrapping_add(weight);
            if record.weight != 0 {
                self.touch(number);
                return Ok(Added::Kept(number));
            }
            self.row_bytes -= record.bytes.len();
            let bytes = std::mem::take(&mut record.bytes);
            if self.tracked {
                self.removed.push(bytes);
            }
            entry.remove();
            self.free.push(number);
            return Ok(Added::Gone(number));
        }
        let record = Record { bytes: bytes.into(), weight, ..Record::default() };
        let number = match self.free.pop() {
            Some(number) => number,
            None => {
                self.records.push(Record::default());
                u32::try_from(self.records.len() - 1)
                    .map_err(|_| Error::data("54000", "a join has too many rows"))?
            }
        };
        if let Some(place) = self.records.get_mut(number as usize) {
            *place = Record { dirty: place.dirty, ..record };
        }
        self.touch(number);
        self.row_bytes += bytes.len();
        self.index.insert_unique(spread(short), (short, number), |(short, _)| spread(*short));
        Ok(Added::New(number))
    }

    /// Bytes allocated.
    pub(super) fn bytes(&self) -> usize {
        self.index.allocation_size()
            + self.records.capacity() * size_of::<Record>()
            + self.row_bytes
            + (self.free.capacity() + self.dirty.capacity()) * size_of::<u32>()
            + self.removed.iter().map(|row| row.len() + 16).sum::<usize>()
    }
}

fn spread(short: u32) -> u64 {
    u64::from(short).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// The numbers of the rows that have one key; most keys have one.
#[derive(Debug, Default)]
pub(super) enum List {
    /// No row.
    #[default]
    Empty,
    /// One row.
    One(u32),
    /// More, or once more.
    Many(Vec<u32>),
}

impl List {
    pub(super) fn as_slice(&self) -> &[u32] {
        match self {
            List::Empty => &[],
            List::One(number) => std::slice::from_ref(number),
            List::Many(numbers) => numbers,
        }
    }

    /// Adds a row behind the others and says at which place.
    pub(super) fn push(&mut self, number: u32) -> u32 {
        match self {
            List::Empty => {
                *self = List::One(number);
                0
            }
            List::One(first) => {
                *self = List::Many(vec![*first, number]);
                1
            }
            List::Many(numbers) => {
                numbers.push(number);
                numbers.len() as u32 - 1
            }
        }
    }

    /// Takes the row at `place` away; the row that stands there then, if any, has moved.
    pub(super) fn remove(&mut self, place: u32) -> Option<u32> {
        match self {
            List::Empty => None,
            List::One(_) => {
                *self = List::Empty;
                None
            }
            List::Many(numbers) => {
                let place = place as usize;
                if place < numbers.len() {
                    numbers.swap_remove(place);
                }
                let moved = numbers.get(place).copied();
                if numbers.is_empty() {
                    *self = List::Empty;
                }
                moved
            }
        }
    }

    pub(super) fn bytes(&self) -> usize {
        match self {
            List::Many(numbers) => numbers.capacity() * size_of::<u32>(),
            _ => 0,
        }
    }
}
