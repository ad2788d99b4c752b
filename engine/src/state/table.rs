//! A state table: a hash of keys to rows of words, with what each row was before the tick.
//!
//! A row stands in one contiguous piece: its stamp and key group, its key if that is
//! packed, then the words of whoever owns the table. The first touch since
//! [`StateTable::begin`] keeps the old words, so that the owner can say at the end what
//! changed. Nothing depends on the hash's order: rows are visited as they were touched.
#![expect(clippy::indexing_slicing, reason = "slots come from the table's own index")]
use super::hash::{Hash, key_group};
use super::key::{Key, KeyEncoder, Keys};
use super::record::{Reader, Writer};
use super::unwritten::{Change, Unwritten};
use crate::hashed::{Hashed, Table};
use crate::{Error, Result};

/// How many rows are looked up before they are worked on, so that their memory
/// accesses overlap.
pub(crate) const PASS_ROWS: usize = 128;

const NOT_FOUND: u32 = u32::MAX;

/// Keys and the rows of words that belong to them.
#[derive(Debug)]
pub(crate) struct StateTable {
    hash: Hash,
    /// Words of a packed key; `None` where keys are bytes.
    width: Option<usize>,
    /// Where the owner's words begin in a row.
    start: usize,
    stride: usize,
    index: Table<Entry>,
    words: Vec<u64>,
    keys: Vec<Box<[u8]>>,
    key_bytes: usize,
    free: Vec<u32>,
    generation: u64,
    touched: Vec<Touch>,
    old: Vec<u64>,
    unwritten: Unwritten,
}

/// The mark of a slot that holds a row, beside its stamp and key group.
const LIVE: u64 = 0x100;

/// The mark of a slot that is noted as changed.
const NOTED: u64 = 0x200;

/// Where the stamp begins in a row's first word.
const STAMP_SHIFT: u32 = 10;

#[derive(Clone, Copy, Debug)]
struct Entry {
    hash: u32,
    slot: u32,
}

impl Hashed for Entry {
    const EMPTY: Self = Self { hash: 0, slot: NOT_FOUND };

    #[inline]
    fn hash(&self) -> u32 {
        self.hash
    }

    #[inline]
    fn is_empty(&self) -> bool {
        self.slot == NOT_FOUND
    }
}

/// A row of the table that was touched since [`StateTable::begin`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Touch {
    /// Where it is.
    pub(crate) slot: u32,
    /// The row of the batch that touched it first.
    pub(crate) row: u32,
}

impl StateTable {
    /// A table for the keys of `encoder`, with `payload` words to a row, at first zero.
    pub(crate) fn new(encoder: &KeyEncoder, payload: usize) -> Self {
        let start = 1 + encoder.width().unwrap_or_default();
        Self {
            hash: encoder.hasher(),
            width: encoder.width(),
            start,
            stride: start + payload,
            index: Table::new(),
            words: vec![],
            keys: vec![],
            key_bytes: 0,
            free: vec![],
            generation: 0,
            touched: vec![],
            old: vec![],
            unwritten: Unwritten::default(),
        }
    }

    /// Forgets what was touched: a new tick.
    pub(crate) fn begin(&mut self) {
        self.generation += 1;
        self.touched.clear();
        self.old.clear();
    }

    /// Finds or makes the rows of these keys of a batch, writes their slots to `slots`, and
    /// keeps the old words of those touched for the first time.
    pub(crate) fn touch(&mut self, keys: &Keys, rows: &[u32], slots: &mut Vec<u32>) -> Result<()> {
        slots.clear();
        let (index, hashes) = (&self.index, keys.hashes());
        let short = |row: &u32| hashes[*row as usize] as u32;
        // Each pass brings into the cache what the next one needs, all at once: nothing
        // waits for any of it here, while what works on a row waits for each.
        std::hint::black_box(rows.iter().fold(0, |sum, row| sum ^ index.touch(short(row))));
        slots.extend(rows.iter().map(|row| {
            let found = index.find(short(row), |_| true);
            found.map_or(NOT_FOUND, |position| index.get(position).slot)
        }));
        self.warm(slots);
        for (row, slot) in rows.iter().zip(slots.iter_mut()) {
            let (key, hash) = keys.get(*row);
            if *slot == NOT_FOUND || !self.key(*slot).is(key) {
                *slot = match self.find(key, hash) {
                    Some(found) => found,
                    None => self.insert(key, hash, key_group(keys.route(*row)))?,
                };
            }
            self.keep(*slot, *row);
        }
        Ok(())
    }

    /// Brings the rows of these slots into the cache.
    fn warm(&self, slots: &[u32]) {
        let ends = |slot: &u32| {
            let from = *slot as usize * self.stride;
            let last = from + self.stride - 1;
            self.words.get(from).zip(self.words.get(last)).map_or(0, |(a, b)| a ^ b)
        };
        std::hint::black_box(slots.iter().fold(0, |sum, slot| sum ^ ends(slot)));
    }

    /// The slot of a key, if it is there.
    #[inline]
    pub(crate) fn find(&self, key: Key<'_>, hash: u64) -> Option<u32> {
        let found = self.index.find(hash as u32, |entry| self.key(entry.slot).is(key));
        found.map(|position| self.index.get(position).slot)
    }

    /// The key of a slot.
    #[inline]
    pub(crate) fn key(&self, slot: u32) -> Key<'_> {
        let slot = slot as usize;
        match self.width {
            Some(width) => {
                let from = slot * self.stride + 1;
                Key::Words(&self.words[from..from + width])
            }
            None => Key::Bytes(&self.keys[slot]),
        }
    }

    /// The owner's words of a slot.
    #[inline]
    pub(crate) fn row(&self, slot: u32) -> &[u64] {
        let from = slot as usize * self.stride;
        &self.words[from + self.start..from + self.stride]
    }

    /// The owner's words of a slot, to change.
    #[inline]
    pub(crate) fn row_mut(&mut self, slot: u32) -> &mut [u64] {
        let from = slot as usize * self.stride;
        &mut self.words[from + self.start..from + self.stride]
    }

    /// All rows, `start` words into each of which the owner's begin: for loops over many.
    #[inline]
    pub(crate) fn cells(&mut self, offset: usize) -> Cells<'_> {
        Cells { words: &mut self.words, stride: self.stride, offset: self.start + offset }
    }

    /// The rows touched since [`StateTable::begin`], in the order of their first touch.
    pub(crate) fn touched(&self) -> &[Touch] {
        &self.touched
    }

    /// Lends the touched rows, and the owner's words from `offset` on in all rows.
    pub(crate) fn with_touched(&mut self, offset: usize, work: impl FnOnce(&[Touch], Cells<'_>)) {
        let offset = self.start + offset;
        work(&self.touched, Cells { words: &mut self.words, stride: self.stride, offset });
    }

    /// The owner's words of a touched row, by its place in [`StateTable::touched`], as they
    /// were before.
    #[inline]
    pub(crate) fn old(&self, touch: usize) -> &[u64] {
        let payload = self.stride - self.start;
        &self.old[touch * payload..(touch + 1) * payload]
    }

    /// How many keys there are.
    #[cfg(test)]
    fn len(&self) -> usize {
        self.index.len()
    }

    /// Bytes allocated.
    pub(crate) fn bytes(&self) -> usize {
        self.index.bytes()
            + (self.words.capacity() + self.old.capacity()) * size_of::<u64>()
            + self.keys.capacity() * size_of::<Box<[u8]>>()
            + self.key_bytes
            + self.free.capacity() * size_of::<u32>()
            + self.touched.capacity() * size_of::<Touch>()
            + self.unwritten.bytes()
    }

    /// From now on changes are noted; what is there counts as written, or is to be.
    pub(crate) fn track(&mut self, written: bool) {
        self.unwritten.track(written);
    }

    /// What is to be written next.
    pub(crate) fn next_change(&mut self) -> Option<Change> {
        let (slots, stride, words) = (self.slots(), self.stride, &mut self.words);
        self.unwritten.next(slots, |slot| {
            let stamp = &mut words[slot as usize * stride];
            let noted = *stamp & NOTED == NOTED;
            *stamp &= !NOTED;
            (*stamp & LIVE == LIVE).then_some(noted)
        })
    }

    /// How many rows are to be written at most.
    pub(crate) fn unwritten(&self) -> usize {
        self.unwritten.len(self.slots())
    }

    /// How many slots there are, taken or not.
    pub(crate) fn slots(&self) -> usize {
        self.words.len() / self.stride
    }

    /// Whether a slot holds a row.
    pub(crate) fn is_live(&self, slot: u32) -> bool {
        let stamp = self.words.get(slot as usize * self.stride);
        stamp.is_some_and(|stamp| *stamp & LIVE == LIVE)
    }

    /// Writes the key of a slot, its group with it.
    pub(crate) fn write_key(&self, slot: u32, writer: &mut Writer) {
        let group = self.words[slot as usize * self.stride] & 0xff;
        writer.number(group);
        writer.bytes(&self.key_bytes(slot));
    }

    /// Finds or makes the row whose key is read.
    pub(crate) fn read_key(&mut self, reader: &mut Reader<'_>) -> Result<u32> {
        let group = reader.number()? as u8;
        let bytes = reader.bytes()?;
        self.with_key(bytes, |table, key, hash| match table.find(key, hash) {
            Some(slot) => Ok(slot),
            None => table.insert(key, hash, group),
        })?
    }

    /// The slot of a key as [`Change::Gone`] has it, if it is there.
    pub(crate) fn find_removed(&mut self, bytes: &[u8]) -> Result<Option<u32>> {
        self.with_key(bytes, |table, key, hash| table.find(key, hash))
    }

    fn with_key<T>(
        &mut self,
        bytes: &[u8],
        work: impl FnOnce(&mut Self, Key<'_>, u64) -> T,
    ) -> Result<T> {
        let Some(width) = self.width else {
            let hash = self.hash.bytes(bytes);
            return Ok(work(self, Key::Bytes(bytes), hash));
        };
        let words = Reader::new(bytes).words(width)?;
        let hash = self.hash.words(&words);
        Ok(work(self, Key::Words(&words), hash))
    }

    fn key_bytes(&self, slot: u32) -> Box<[u8]> {
        match self.key(slot) {
            Key::Words(words) => words.iter().flat_map(|word| word.to_le_bytes()).collect(),
            Key::Bytes(bytes) => bytes.into(),
        }
    }

    /// Forgets a key; its slot will be another's.
    pub(crate) fn remove(&mut self, slot: u32) {
        if self.unwritten.is_on() {
            self.unwritten.note_gone(self.key_bytes(slot));
        }
        let hash = match self.key(slot) {
            Key::Words(words) => self.hash.words(words),
            Key::Bytes(bytes) => self.hash.bytes(bytes),
        };
        if let Some(position) = self.index.find(hash as u32, |entry| entry.slot == slot) {
            self.index.remove(position);
            self.free.push(slot);
        }
        if self.width.is_none() {
            let key = std::mem::take(&mut self.keys[slot as usize]);
            self.key_bytes -= key.len();
        }
        // Stamp and mark stay, so that a slot is not noted twice.
        let from = slot as usize * self.stride;
        self.words[from] &= !(LIVE | 0xff);
        self.words[from + 1..from + self.stride].fill(0);
    }

    fn insert(&mut self, key: Key<'_>, hash: u64, group: u8) -> Result<u32> {
        let slot = match self.free.pop() {
            Some(slot) => slot,
            None => self.grow()?,
        };
        let from = slot as usize * self.stride;
        self.words[from] |= LIVE | u64::from(group);
        match key {
            Key::Words(words) => {
                self.words[from + 1..from + 1 + words.len()].copy_from_slice(words);
            }
            Key::Bytes(bytes) => {
                self.key_bytes += bytes.len();
                self.keys[slot as usize] = bytes.into();
            }
        }
        self.index.insert(Entry { hash: hash as u32, slot });
        Ok(slot)
    }

    fn grow(&mut self) -> Result<u32> {
        let slot = u32::try_from(self.words.len() / self.stride)
            .ok()
            .filter(|slot| *slot != NOT_FOUND)
            .ok_or_else(|| Error::data("54000", "a state table has too many keys"))?;
        self.words.resize(self.words.len() + self.stride, 0);
        if self.width.is_none() {
            self.keys.push(Box::default());
        }
        Ok(slot)
    }

    #[inline]
    fn keep(&mut self, slot: u32, row: u32) {
        let from = slot as usize * self.stride;
        let stamp = &mut self.words[from];
        let before = *stamp >> STAMP_SHIFT;
        if before != self.generation {
            *stamp = self.generation << STAMP_SHIFT | (*stamp & (NOTED | LIVE | 0xff));
            if self.unwritten.is_on() && *stamp & NOTED == 0 {
                *stamp |= NOTED;
                self.unwritten.note(slot);
            }
            self.touched.push(Touch { slot, row });
            self.old.extend_from_slice(&self.words[from + self.start..from + self.stride]);
        }
    }
}

/// The words of one accumulator in all rows of a table.
pub(crate) struct Cells<'a> {
    words: &'a mut [u64],
    stride: usize,
    offset: usize,
}

impl Cells<'_> {
    /// The accumulator's first `N` words of a slot.
    #[inline]
    pub(crate) fn get<const N: usize>(&mut self, slot: u32) -> &mut [u64; N] {
        let from = slot as usize * self.stride + self.offset;
        let (words, _) = self.words[from..from + N].as_chunks_mut::<N>();
        &mut words[0]
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, Int64Array, StringArray};
    use arrow::datatypes::DataType;

    use super::*;

    fn check(columns: impl Fn(&[i64]) -> ArrayRef, data_type: DataType) {
        let encoder = KeyEncoder::new(&[data_type], 3).unwrap();
        let mut table = StateTable::new(&encoder, 1);
        let mut slots = vec![];
        let mut touch = |table: &mut StateTable, keys: &[i64]| {
            let keys = encoder.encode(&[columns(keys)], keys.len()).unwrap();
            let rows: Vec<u32> = (0..keys.hashes().len() as u32).collect();
            table.begin();
            table.touch(&keys, &rows, &mut slots).unwrap();
            for slot in &slots {
                table.row_mut(*slot)[0] += 1;
            }
            slots.clone()
        };
        let first = touch(&mut table, &[5, 6, 5]);
        assert_eq!((first[0], first.len(), table.len()), (first[2], 3, 2));
        assert_eq!((table.row(first[0]), table.row(first[1])), (&[2][..], &[1][..]));
        assert_eq!((table.touched().len(), table.old(0), table.old(1)), (2, &[0][..], &[0][..]));
        let second = touch(&mut table, &[6]);
        assert_eq!((second[0], table.old(0), table.row(second[0])), (first[1], &[1][..], &[2][..]));
        table.remove(first[0]);
        assert_eq!(table.len(), 1);
        let third = touch(&mut table, &[7, 5]);
        assert_eq!(
            (third[0], table.row(third[0]), table.row(third[1])),
            (first[0], &[1][..], &[1][..])
        );
        let many: Vec<i64> = (0..100_000).collect();
        let all = touch(&mut table, &many);
        assert_eq!(table.len(), 100_000);
        assert_eq!((all[6], all[7], all[5]), (second[0], third[0], third[1]));
        assert!(table.bytes() > 100_000 * 16);
    }

    #[test]
    fn a_key_keeps_its_row() {
        check(|keys| Arc::new(Int64Array::from(keys.to_vec())), DataType::Int64);
        let text = |keys: &[i64]| {
            Arc::new(StringArray::from_iter_values(keys.iter().map(i64::to_string))) as ArrayRef
        };
        check(text, DataType::Utf8);
    }
}
