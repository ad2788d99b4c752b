//! Folding a delta into [`Rows`]: retractions first, then insertions, or nothing at all.
use super::index::Index;
use super::rows::{IndexId, Key, Rows, duplicate};
use super::search::{BLOCK_ROWS, Keys};
use super::store::Store;
use crate::columns::{Column, View};
use crate::{Delta, Error, Result};

/// Rows that one delta inserts, copies counted.
const COPIES_MAX: usize = 1 << 28;

/// A delta's columns.
struct Batch<'a> {
    columns: Vec<View<'a>>,
    /// For each index.
    keys: Vec<Keys<'a>>,
}

/// What was done, so that it can be undone.
#[derive(Default)]
struct Journal {
    /// Rows of the delta that were retracted, and the places they were at.
    removed: Vec<(u32, u64)>,
    /// Rows of the delta that were inserted, and the places they got.
    added: Vec<(u32, u64)>,
    /// Into how many indexes all of these were entered.
    added_to: usize,
    /// How many of them were entered into the next one.
    added_to_next: usize,
}

impl Rows {
    /// Folds `delta` in: retractions first, so that −old +new of one key works in any
    /// order. A retraction needs the whole row to be there. On an error nothing has changed:
    /// XX000 if a retracted row is not there or the key is taken, 23505 if a unique index
    /// other than the primary one refuses a row.
    pub fn apply(&mut self, delta: &Delta) -> Result<()> {
        if delta.is_empty() {
            return Ok(());
        }
        let columns = self.typed(delta.rows())?;
        let columns: Vec<View<'_>> = columns.iter().map(Column::view).collect();
        let keys = self.indexes.iter().map(|(_, index)| {
            let columns = index.keys_of(&columns);
            let mut hashes = Vec::new();
            self.seed.hash(&columns, delta.len(), &mut hashes);
            Keys { columns, hashes }
        });
        let batch = Batch { keys: keys.collect(), columns };
        let mut journal = Journal::default();
        let done = self.fold(&batch, delta, &mut journal);
        if done.is_err() {
            self.undo(&batch, &journal);
        }
        self.store.tidy();
        done
    }

    fn fold(&mut self, batch: &Batch<'_>, delta: &Delta, journal: &mut Journal) -> Result<()> {
        let mut places = Vec::with_capacity(delta.len());
        let Some(weights) = delta.weights() else {
            let appended = self.append(delta, &batch.columns, &mut places);
            journal.added = (0..).zip(places).collect();
            appended?;
            return self.enter(batch, journal);
        };
        let mut retracted = Vec::new();
        let mut inserted = Vec::new();
        for (row, weight) in (0..).zip(weights.values()) {
            let rows = if *weight < 0 { &mut retracted } else { &mut inserted };
            let copies = usize::try_from(weight.unsigned_abs()).unwrap_or(usize::MAX);
            if *weight < 0 && copies > self.store.rows {
                return Err(missing(row));
            }
            if copies > COPIES_MAX.saturating_sub(rows.len()) {
                return Err(Error::data("54000", "one change inserts too many copies of rows"));
            }
            rows.extend(std::iter::repeat_n(row, copies));
        }
        for rows in retracted.chunks(BLOCK_ROWS) {
            self.retract(batch, rows, &mut journal.removed)?;
        }
        let appended = self.store.push(&batch.columns, &inserted, &mut places);
        journal.added = inserted.into_iter().zip(places).collect();
        appended?;
        self.enter(batch, journal)
    }

    /// Appends a delta's rows, without a copy if they are many and none will be retracted.
    fn append(&mut self, delta: &Delta, columns: &[View<'_>], places: &mut Vec<u64>) -> Result<()> {
        if self.key == Key::None && self.store.adopt(delta.rows(), columns, places)? {
            return Ok(());
        }
        self.store.extend(columns, 0..delta.len(), places)
    }

    /// Takes one copy of each of `rows` away, from the store and the indexes.
    fn retract(
        &mut self,
        batch: &Batch<'_>,
        rows: &[u32],
        removed: &mut Vec<(u32, u64)>,
    ) -> Result<()> {
        let first = self.indexes.first().filter(|(id, _)| *id == IndexId::PRIMARY);
        let (Some((_, index)), Some(keys)) = (first, batch.keys.first()) else {
            return Err(Error::internal("rows that are only appended cannot be retracted"));
        };
        let guesses = index.guess(rows.iter().map(|row| keys.hash(*row)));
        let all: Vec<usize> = (0..batch.columns.len()).collect();
        let same = self.store.compare(&batch.columns, &all, (rows, &guesses), self.loose);
        for ((row, guess), same) in rows.iter().zip(guesses).zip(same) {
            // A guess is wrong where hashes collide, or values look different, or an
            // earlier row of this delta took the place.
            let place = match same && self.store.is_live(guess) {
                true => guess,
                false => self.search(batch, *row).ok_or_else(|| missing(*row))?,
            };
            self.store.kill(place);
            for ((_, index), keys) in self.indexes.iter_mut().zip(&batch.keys) {
                remove(index, &self.store, keys, *row, place);
            }
            removed.push((*row, place));
        }
        Ok(())
    }

    /// The place of a row that is equal to `row` in all columns.
    fn search(&self, batch: &Batch<'_>, row: u32) -> Option<u64> {
        let ((_, index), keys) = self.indexes.first().zip(batch.keys.first())?;
        let (store, number) = (&self.store, row as usize);
        let equals = |place| store.equals(&batch.columns, number, place);
        match self.key {
            Key::Bag if self.loose => {
                bag_place(store, index, keys.hash(row), &batch.columns, number)
            }
            Key::Bag => index.find(keys.hash(row), equals),
            _ => {
                let matches = |place| store.matches(&keys.columns, number, &index.columns, place);
                index.find(keys.hash(row), matches).filter(|place| equals(*place))
            }
        }
    }

    /// Enters the inserted rows into all indexes.
    fn enter(&mut self, batch: &Batch<'_>, journal: &mut Journal) -> Result<()> {
        for ((id, index), keys) in self.indexes.iter_mut().zip(&batch.keys) {
            for rows in journal.added.chunks(BLOCK_ROWS) {
                index.warm(rows.iter().map(|(row, _)| keys.hash(*row)));
                for (row, place) in rows {
                    if !insert(index, &self.store, keys, *row, *place) {
                        return Err(match *id {
                            IndexId::PRIMARY => Error::internal("a row's key is taken already")
                                .with_detail(format!("It is row {row} of its delta.")),
                            _ => duplicate(),
                        });
                    }
                    journal.added_to_next += 1;
                }
            }
            journal.added_to += 1;
            journal.added_to_next = 0;
        }
        Ok(())
    }

    /// Makes everything as it was before the delta.
    fn undo(&mut self, batch: &Batch<'_>, journal: &Journal) {
        for (number, (row, place)) in journal.added.iter().enumerate() {
            self.store.kill(*place);
            let entered = journal.added_to + usize::from(number < journal.added_to_next);
            let indexes = self.indexes.iter_mut().zip(&batch.keys).take(entered);
            for ((_, index), keys) in indexes {
                remove(index, &self.store, keys, *row, *place);
            }
        }
        for (row, place) in &journal.removed {
            self.store.revive(*place);
            for ((_, index), keys) in self.indexes.iter_mut().zip(&batch.keys) {
                insert(index, &self.store, keys, *row, *place);
            }
        }
    }
}

/// A place of an equal row, preferably of one that also looks the same.
fn bag_place(
    store: &Store,
    index: &Index,
    hash: u64,
    columns: &[View<'_>],
    row: usize,
) -> Option<u64> {
    let (mut equal, mut identical) = (None, None);
    index.find_all(
        hash,
        |place| store.equals(columns, row, place),
        |place| {
            if store.is_live(place) {
                equal = Some(place);
                if store.identical(columns, row, place) {
                    identical = Some(place);
                }
            }
        },
    );
    identical.or(equal)
}

/// A retraction of what is not there.
fn missing(row: u32) -> Error {
    Error::internal("a retracted row is not there")
        .with_detail(format!("It is row {row} of its delta."))
}

/// Enters row `row` of a batch, unless a NULL keeps it out; false if its key is taken.
fn insert(index: &mut Index, store: &Store, keys: &Keys<'_>, row: u32, place: u64) -> bool {
    if !index.nulls_equal && keys.has_null(row) {
        return true;
    }
    let columns = std::mem::take(&mut index.columns);
    let equal = |other| store.matches(&keys.columns, row as usize, &columns, other);
    let done = index.insert(keys.hash(row), place, equal);
    index.columns = columns;
    done
}

/// Takes row `row` of a batch out, unless a NULL kept it out.
fn remove(index: &mut Index, store: &Store, keys: &Keys<'_>, row: u32, place: u64) {
    if !index.nulls_equal && keys.has_null(row) {
        return;
    }
    let columns = std::mem::take(&mut index.columns);
    let equal = |other| store.matches(&keys.columns, row as usize, &columns, other);
    index.remove(keys.hash(row), place, equal, |other| store.is_live(other));
    index.columns = columns;
}
