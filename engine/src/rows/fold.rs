//! Folding a delta into [`Rows`]: retractions first, then insertions, or nothing at all.
use super::index::Index;
use super::rows::{IndexId, Key, Rows, duplicate, has_null};
use super::store::Store;
use crate::columns::{Column, View};
use crate::{Delta, Error, Result};

/// A delta's columns, with the hash of each row under each index.
struct Batch<'a> {
    columns: Vec<View<'a>>,
    /// For each index: its columns, and the hashes of all rows over them.
    keys: Vec<(Vec<View<'a>>, Vec<u64>)>,
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
        let batch = self.batch(&columns, delta.len());
        let mut journal = Journal::default();
        let done = self.fold(&batch, delta, &mut journal);
        if done.is_err() {
            self.undo(&batch, &journal);
        }
        self.store.tidy();
        done
    }

    fn batch<'a>(&self, columns: &'a [Column], rows: usize) -> Batch<'a> {
        let columns: Vec<View<'a>> = columns.iter().map(Column::view).collect();
        let keys = self
            .indexes
            .iter()
            .map(|(_, index)| {
                let keys = index.keys_of(&columns);
                let mut hashes = Vec::new();
                self.seed.hash(&keys, rows, &mut hashes);
                (keys, hashes)
            })
            .collect();
        Batch { columns, keys }
    }

    fn fold(&mut self, batch: &Batch<'_>, delta: &Delta, journal: &mut Journal) -> Result<()> {
        let Some(weights) = delta.weights() else {
            let mut places = Vec::with_capacity(delta.len());
            let appended = self.store.extend(&batch.columns, 0..delta.len(), &mut places);
            journal.added = (0..).zip(places).collect();
            appended?;
            return self.enter(batch, journal);
        };
        let mut inserted = Vec::new();
        for (row, weight) in (0..).zip(weights.values()) {
            for _ in 0..weight.min(&0).unsigned_abs() {
                let place = self.retract(batch, row)?;
                journal.removed.push((row, place));
            }
            let copies = usize::try_from(*weight).unwrap_or(0);
            inserted.extend(std::iter::repeat_n(row, copies));
        }
        let mut places = Vec::with_capacity(inserted.len());
        let appended = self.store.push(&batch.columns, &inserted, &mut places);
        journal.added = inserted.into_iter().zip(places).collect();
        appended?;
        self.enter(batch, journal)
    }

    /// Takes one copy of a row away, from the store and the indexes.
    fn retract(&mut self, batch: &Batch<'_>, row: u32) -> Result<u64> {
        let missing = || {
            Error::internal("a retracted row is not there")
                .with_detail(format!("It is row {row} of its delta."))
        };
        let first = self.indexes.first().filter(|(id, _)| *id == IndexId::PRIMARY);
        let (Some((_, index)), Some((keys, hashes))) = (first, batch.keys.first()) else {
            return Err(Error::internal("rows that are only appended cannot be retracted"));
        };
        let number = row as usize;
        let hash = hashes.get(number).copied().ok_or_else(missing)?;
        let store = &self.store;
        let place = match &self.key {
            Key::Bag if self.loose => bag_place(store, index, hash, &batch.columns, number),
            Key::Bag => index.find(hash, |place| store.equals(&batch.columns, number, place)),
            _ => index
                .find(hash, |place| store.matches(keys, number, &index.columns, place))
                .filter(|place| store.equals(&batch.columns, number, *place)),
        };
        let place = place.ok_or_else(missing)?;
        self.store.kill(place);
        for ((_, index), (keys, hashes)) in self.indexes.iter_mut().zip(&batch.keys) {
            remove(index, &self.store, (keys, hashes), row, place);
        }
        Ok(place)
    }

    /// Enters the inserted rows into all indexes.
    fn enter(&mut self, batch: &Batch<'_>, journal: &mut Journal) -> Result<()> {
        for ((id, index), (keys, hashes)) in self.indexes.iter_mut().zip(&batch.keys) {
            for (row, place) in &journal.added {
                if !insert(index, &self.store, (keys, hashes), *row, *place) {
                    return Err(match *id {
                        IndexId::PRIMARY => Error::internal("a row's key is taken already")
                            .with_detail(format!("It is row {row} of its delta.")),
                        _ => duplicate(),
                    });
                }
                journal.added_to_next += 1;
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
            for ((_, index), (keys, hashes)) in indexes {
                remove(index, &self.store, (keys, hashes), *row, *place);
            }
        }
        for (row, place) in &journal.removed {
            self.store.revive(*place);
            for ((_, index), (keys, hashes)) in self.indexes.iter_mut().zip(&batch.keys) {
                insert(index, &self.store, (keys, hashes), *row, *place);
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

/// Enters row `row` of a batch, unless a NULL keeps it out; false if its key is taken.
fn insert(
    index: &mut Index,
    store: &Store,
    (keys, hashes): (&[View<'_>], &[u64]),
    row: u32,
    place: u64,
) -> bool {
    let row = row as usize;
    let Some(hash) = hashes.get(row) else { return true };
    if !index.nulls_equal && has_null(keys, row) {
        return true;
    }
    let columns = std::mem::take(&mut index.columns);
    let done = index.insert(*hash, place, |other| store.matches(keys, row, &columns, other));
    index.columns = columns;
    done
}

/// Takes row `row` of a batch out, unless a NULL kept it out.
fn remove(
    index: &mut Index,
    store: &Store,
    (keys, hashes): (&[View<'_>], &[u64]),
    row: u32,
    place: u64,
) {
    let row = row as usize;
    let Some(hash) = hashes.get(row) else { return };
    if !index.nulls_equal && has_null(keys, row) {
        return;
    }
    let columns = std::mem::take(&mut index.columns);
    let equal = |other| store.matches(keys, row, &columns, other);
    index.remove(*hash, place, equal, |other| store.is_live(other));
    index.columns = columns;
}
