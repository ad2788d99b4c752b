//! Where rows are: sealed chunks and the tail, by number.
//!
//! A row's number is its *place*: `chunk * CHUNK_ROWS + row`. Places grow and are never
//! given twice, so a place that no longer reads is a row that is no longer there.
use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

use arrow::datatypes::SchemaRef;

use super::chunk::Chunk;
use super::live::Live;
use super::tail::Tail;
use super::{CHUNK_BYTES_MAX, CHUNK_ROWS};
use crate::columns::{Builder, Column, Pairs, View};
use crate::{Error, Result};

/// A chunk and the mark of its last change.
#[derive(Debug)]
pub(super) struct Slot {
    pub(super) chunk: Arc<Chunk>,
    /// [`Store::mark`] when a row of it last went.
    pub(super) changed: u64,
}

/// Sealed chunks and the tail.
#[derive(Debug)]
pub(super) struct Store {
    pub(super) schema: SchemaRef,
    /// The number of the first slot's chunk.
    pub(super) first: u64,
    /// Chunks by number; `None` where all rows have gone.
    pub(super) slots: VecDeque<Option<Slot>>,
    /// The chunk numbered after the last slot.
    pub(super) tail: Tail,
    /// The mark of the tail's last change.
    pub(super) tail_changed: u64,
    /// Counts captures, so that what has changed since one of them is known.
    pub(super) mark: u64,
    /// How many slots hold a chunk.
    pub(super) chunks: usize,
    /// Chunks that fell under a third live, in that order; some have gone since.
    pub(super) sparse: VecDeque<u64>,
    /// Chunks that lost their last row since [`Store::tidy`].
    empty: Vec<u64>,
    /// How many rows are there.
    pub(super) rows: usize,
    /// Bytes of sealed chunks.
    pub(super) sealed_bytes: usize,
}

/// The columns of one chunk.
#[derive(Clone, Copy)]
pub(super) enum Source<'a> {
    Sealed(&'a [Column]),
    Tail(&'a [Builder]),
}

/// A chunk that is there: its columns, how many rows they have, which of these are
/// there, and the place of the first.
pub(super) struct Part<'a> {
    pub(super) source: Source<'a>,
    pub(super) rows: usize,
    pub(super) live: &'a Live,
    pub(super) first: u64,
}

impl<'a> Source<'a> {
    /// The cells of one column.
    #[inline]
    pub(super) fn view(&self, column: usize) -> Option<View<'a>> {
        match self {
            Source::Sealed(columns) => columns.get(column).map(Column::view),
            Source::Tail(builders) => builders.get(column).map(Builder::view),
        }
    }
}

/// The chunk of a place.
#[inline]
pub(super) fn chunk_of(place: u64) -> u64 {
    place / CHUNK_ROWS as u64
}

/// The row of a place within its chunk.
#[inline]
pub(super) fn row_of(place: u64) -> usize {
    (place % CHUNK_ROWS as u64) as usize
}

impl Store {
    /// No rows.
    pub(super) fn new(schema: &SchemaRef) -> Result<Self> {
        Ok(Self {
            schema: schema.clone(),
            first: 0,
            slots: VecDeque::new(),
            tail: Tail::new(schema, 0)?,
            tail_changed: 0,
            mark: 1,
            chunks: 0,
            sparse: VecDeque::new(),
            empty: Vec::new(),
            rows: 0,
            sealed_bytes: 0,
        })
    }

    /// The number of the tail's chunk.
    pub(super) fn tail_number(&self) -> u64 {
        self.first + self.slots.len() as u64
    }

    /// The slot of a sealed chunk that is there.
    #[inline]
    pub(super) fn slot(&self, chunk: u64) -> Option<&Slot> {
        let number = usize::try_from(chunk.checked_sub(self.first)?).ok()?;
        self.slots.get(number)?.as_ref()
    }

    fn slot_mut(&mut self, chunk: u64) -> Option<&mut Slot> {
        let number = usize::try_from(chunk.checked_sub(self.first)?).ok()?;
        self.slots.get_mut(number)?.as_mut()
    }

    /// The columns that hold `place`, whether its row is still there or not.
    #[inline]
    pub(super) fn source(&self, place: u64) -> Option<Source<'_>> {
        match self.slot(chunk_of(place)) {
            Some(slot) => Some(Source::Sealed(&slot.chunk.sealed.columns)),
            None if chunk_of(place) == self.tail_number() => {
                Some(Source::Tail(&self.tail.builders))
            }
            None => None,
        }
    }

    /// Whether the row is there.
    #[inline]
    pub(super) fn is_live(&self, place: u64) -> bool {
        match self.slot(chunk_of(place)) {
            Some(slot) => slot.chunk.live.contains(row_of(place)),
            None => chunk_of(place) == self.tail_number() && self.tail.live.contains(row_of(place)),
        }
    }

    /// Brings what [`Store::kill`] touches into the cache, for all of some places at once.
    pub(super) fn warm(&self, places: &[u64]) {
        let touched = places.iter().fold(0, |sum, place| match self.slot(chunk_of(*place)) {
            Some(slot) => {
                let live = &slot.chunk.live;
                sum + live.count() + usize::from(live.contains(row_of(*place)))
            }
            None => sum,
        });
        std::hint::black_box(touched);
    }

    /// All chunks in order, the tail last.
    pub(super) fn parts(&self) -> impl Iterator<Item = Part<'_>> + '_ {
        let sealed = (self.first..).zip(&self.slots).filter_map(|(number, slot)| {
            let chunk = &slot.as_ref()?.chunk;
            Some(Part {
                source: Source::Sealed(&chunk.sealed.columns),
                rows: chunk.rows(),
                live: &chunk.live,
                first: number * CHUNK_ROWS as u64,
            })
        });
        sealed.chain(std::iter::once(Part {
            source: Source::Tail(&self.tail.builders),
            rows: self.tail.rows(),
            live: &self.tail.live,
            first: self.tail_number() * CHUNK_ROWS as u64,
        }))
    }

    /// Whether the columns `columns` of the row at `place` are equal to row `row` of `keys`.
    #[inline]
    pub(super) fn matches(
        &self,
        keys: &[View<'_>],
        row: usize,
        columns: &[usize],
        place: u64,
    ) -> bool {
        let Some(source) = self.source(place) else { return false };
        let there = row_of(place);
        keys.iter().zip(columns).all(|(key, column)| {
            source.view(*column).is_some_and(|view| key.equal(row, &view, there))
        })
    }

    /// For each of `rows` whether its `keys` are equal (or even identical) to the columns
    /// `columns` of the row at its place. Goes column by column, so that rows do not wait
    /// for one another.
    pub(super) fn compare(
        &self,
        keys: &[View<'_>],
        columns: &[usize],
        (rows, places): (&[u32], &[u64]),
        identical: bool,
    ) -> Vec<bool> {
        let sources: Vec<Option<Source<'_>>> =
            places.iter().map(|place| self.source(*place)).collect();
        let other_rows: Vec<usize> = places.iter().map(|place| row_of(*place)).collect();
        let mut same: Vec<bool> = sources.iter().map(Option::is_some).collect();
        let mut others = Vec::with_capacity(rows.len());
        for (key, column) in keys.iter().zip(columns) {
            others.clear();
            others.extend(sources.iter().map(|part| part.as_ref()?.view(*column)));
            let pairs = Pairs { own: key, rows, others: &others, other_rows: &other_rows };
            pairs.compare(identical, &mut same);
        }
        same
    }

    /// Whether the row at `place` is equal to row `row` of `columns`, which are all columns.
    #[inline]
    pub(super) fn equals(&self, columns: &[View<'_>], row: usize, place: u64) -> bool {
        let Some(source) = self.source(place) else { return false };
        let there = row_of(place);
        columns.iter().enumerate().all(|(column, own)| {
            source.view(column).is_some_and(|view| own.equal(row, &view, there))
        })
    }

    /// Whether the row at `place` also looks like row `row` of `columns`.
    pub(super) fn identical(&self, columns: &[View<'_>], row: usize, place: u64) -> bool {
        let Some(source) = self.source(place) else { return false };
        let there = row_of(place);
        columns.iter().enumerate().all(|(column, own)| {
            source.view(column).is_some_and(|view| own.identical(row, &view, there))
        })
    }

    /// Takes away the row at `place`, which must be there. Its columns stay readable
    /// until [`Store::tidy`].
    pub(super) fn kill(&mut self, place: u64) {
        let (mark, chunk, row) = (self.mark, chunk_of(place), row_of(place));
        if chunk == self.tail_number() {
            self.tail.live.remove(row);
            self.tail_changed = mark;
        } else if let Some(slot) = self.slot_mut(chunk) {
            slot.changed = mark;
            let changed = Arc::make_mut(&mut slot.chunk);
            changed.live.remove(row);
            if changed.live.count() == 0 {
                self.empty.push(chunk);
            } else if changed.became_sparse() {
                self.sparse.push_back(chunk);
            }
        }
        self.rows -= 1;
    }

    /// Puts back the row at `place`, which [`Store::kill`] took away.
    pub(super) fn revive(&mut self, place: u64) {
        if chunk_of(place) == self.tail_number() {
            self.tail.live.insert(row_of(place));
        } else if let Some(slot) = self.slot_mut(chunk_of(place)) {
            Arc::make_mut(&mut slot.chunk).live.insert(row_of(place));
        }
        self.rows += 1;
    }

    /// Appends the rows `range` of `columns` and adds their places to `places`.
    pub(super) fn extend(
        &mut self,
        columns: &[View<'_>],
        range: Range<usize>,
        places: &mut Vec<u64>,
    ) -> Result<()> {
        let mut from = range.start;
        while from < range.end {
            let room = self.room(range.end)?;
            let count = fitting(columns, from, room.min(range.end - from))?;
            self.note(count, places);
            self.tail.extend(columns, from..from + count)?;
            from += count;
        }
        Ok(())
    }

    /// Appends `rows` of `columns` and adds their places to `places`.
    pub(super) fn push(
        &mut self,
        columns: &[View<'_>],
        rows: &[u32],
        places: &mut Vec<u64>,
    ) -> Result<()> {
        let has_copies = rows.windows(2).any(|pair| pair.first() == pair.last());
        let heavy = columns.iter().any(|column| {
            let varying = |row: &u32| column.varying(*row as usize..*row as usize + 1);
            // Mostly all rows that the columns have are light enough, each once.
            (has_copies || column.varying_of_all() > CHUNK_BYTES_MAX)
                && rows.iter().map(varying).sum::<usize>() > CHUNK_BYTES_MAX
        });
        let mut rest = rows;
        while let Some(first) = rest.first() {
            let room = self.room(rest.len())?;
            // Heavy rows go in one by one, so that each is weighed.
            let count =
                if heavy { fitting(columns, *first as usize, 1)? } else { room.min(rest.len()) };
            let (now, later) = rest.split_at_checked(count).unwrap_or((rest, &[]));
            self.note(now.len(), places);
            self.tail.push(columns, now)?;
            rest = later;
        }
        Ok(())
    }

    /// How many rows the tail can take: at least one, since a full one is sealed.
    fn room(&mut self, coming: usize) -> Result<usize> {
        if self.tail.room() == 0 {
            self.seal(coming)?;
        }
        Ok(self.tail.room())
    }

    /// Counts rows that are about to be there.
    pub(super) fn note(&mut self, count: usize, places: &mut Vec<u64>) {
        let next = self.next_place();
        places.extend(next..next + count as u64);
        self.rows += count;
        self.tail_changed = self.mark;
    }

    /// The place that the next row gets, if the tail has room for it.
    pub(super) fn next_place(&self) -> u64 {
        self.tail_number() * CHUNK_ROWS as u64 + self.tail.rows() as u64
    }

    /// Makes a chunk of the tail and begins another, for `coming` rows.
    pub(super) fn seal(&mut self, coming: usize) -> Result<()> {
        let next = Tail::new(&self.schema, if self.chunks > 0 { CHUNK_ROWS } else { coming })?;
        let tail = std::mem::replace(&mut self.tail, next);
        self.push_chunk(tail.seal()?);
        Ok(())
    }

    /// Puts a chunk between the last one and the tail, which is empty.
    pub(super) fn push_chunk(&mut self, chunk: Chunk) {
        let number = self.tail_number();
        if chunk.live.count() == 0 {
            self.empty.push(number);
        } else if chunk.is_sparse() {
            self.sparse.push_back(number);
        }
        self.sealed_bytes += chunk.sealed.bytes;
        self.chunks += 1;
        self.slots.push_back(Some(Slot { chunk: Arc::new(chunk), changed: self.mark }));
    }

    /// Forgets a chunk none of whose rows is there. Its places no longer read.
    pub(super) fn forget(&mut self, chunk: u64) {
        let Some(number) = chunk.checked_sub(self.first) else { return };
        let slot = usize::try_from(number).ok().and_then(|number| self.slots.get_mut(number));
        let Some(gone) = slot.and_then(Option::take) else { return };
        self.sealed_bytes -= gone.chunk.sealed.bytes;
        self.chunks -= 1;
        while let Some(None) = self.slots.front() {
            self.slots.pop_front();
            self.first += 1;
        }
    }

    /// Forgets the chunks that have lost their last row.
    pub(super) fn tidy(&mut self) {
        for chunk in std::mem::take(&mut self.empty) {
            // A row may have been put back meanwhile.
            if self.slot(chunk).is_some_and(|slot| slot.chunk.live.count() == 0) {
                self.forget(chunk);
            }
        }
    }

    /// The bytes of memory held.
    pub(super) fn bytes(&self) -> usize {
        let slot = size_of::<Option<Slot>>();
        let chunk = size_of::<Chunk>();
        self.sealed_bytes
            + self.tail.bytes()
            + self.slots.capacity() * slot
            + self.chunks * chunk
            + self.sparse.capacity() * size_of::<u64>()
    }
}

/// How many of `count` rows from `from` on are appended at once, so that no builder
/// overflows: at least one.
fn fitting(columns: &[View<'_>], from: usize, mut count: usize) -> Result<usize> {
    for column in columns {
        while count > 1 && column.varying(from..from + count) > CHUNK_BYTES_MAX {
            count /= 2;
        }
        if column.varying(from..from + count) > VALUE_BYTES_MAX {
            return Err(Error::data(
                "54000",
                format!("a value is longer than {VALUE_BYTES_MAX} bytes"),
            ));
        }
    }
    Ok(count)
}

/// The longest value of a column; PostgreSQL's is the same.
const VALUE_BYTES_MAX: usize = 1 << 30;
