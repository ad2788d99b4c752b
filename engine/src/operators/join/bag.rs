//! The rows of one side of a join, in one shard, with their weights.
use hashbrown::HashTable;

use crate::state::hash::Hash;
use crate::state::record::Writer;
use crate::state::unwritten::{Change, Unwritten};
use crate::{Error, Result};

/// Rows as bytes, each once, found by their bytes or by their number.
#[derive(Debug)]
pub(super) struct Bag {
    hash: Hash,
    index: HashTable<(u32, u32)>,
    records: Vec<Record>,
    free: Vec<u32>,
    row_bytes: usize,
    unwritten: Unwritten,
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
    /// Whether it is noted as changed.
    noted: bool,
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
            unwritten: Unwritten::default(),
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
        if self.unwritten.is_on() && !record.noted {
            record.noted = true;
            self.unwritten.note(number);
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

    /// From now on changes are noted; what is there counts as written, or is to be.
    pub(super) fn track(&mut self, written: bool) {
        self.unwritten.track(written);
    }

    /// How many rows are to be written at most.
    pub(super) fn unwritten(&self) -> usize {
        self.unwritten.len(self.records.len())
    }

    /// Writes a row that has changed since it was written: bytes, weight (zero for what is
    /// gone), matches. `false`: there is none.
    pub(super) fn write_change(&mut self, kind: u64, writer: &mut Writer) -> bool {
        let records = &mut self.records;
        let change = self.unwritten.next(records.len(), |number| {
            let record = records.get_mut(number as usize)?;
            let noted = std::mem::take(&mut record.noted);
            (record.weight != 0).then_some(noted)
        });
        let record = match &change {
            None => return false,
            Some(Change::Nothing) => None,
            Some(Change::Gone(bytes)) => Some((&**bytes, 0, 0)),
            Some(Change::Row(number)) => {
                self.get(*number).map(|record| (&*record.bytes, record.weight, record.matches))
            }
        };
        let Some((bytes, weight, matches)) = record else {
            writer.pass();
            return true;
        };
        writer.row();
        writer.number(kind);
        writer.bytes(bytes);
        writer.signed(weight);
        writer.signed(matches);
        true
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
            if self.unwritten.is_on() {
                self.unwritten.note_gone(bytes);
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
            *place = Record { noted: place.noted, ..record };
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
            + self.free.capacity() * size_of::<u32>()
            + self.unwritten.bytes()
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
