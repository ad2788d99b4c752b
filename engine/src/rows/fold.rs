//! Folding a delta into [`Rows`]: retractions first, then insertions, or nothing at all.
use super::index::Index;
use super::rows::{IndexId, Key, Rows, duplicate};
use super::search::{BLOCK_ROWS, Keys, NOWHERE};
use super::store::Store;
use super::work::{Work, missing};
use crate::columns::{Column, View};
use crate::{Delta, Error, Result};

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
    /// Those that were also replaced in the primary index, and their places before and now.
    replaced: Vec<(u32, u64, u64)>,
    /// Rows of the delta that were inserted, and the places they got.
    added: Vec<(u32, u64)>,
    /// Into how many indexes all of these were entered.
    added_to: usize,
    /// How many of them were entered into the next one.
    added_to_next: usize,
}

impl Rows {
    /// Folds `delta` in: retractions first, so that −old +new of one key works in any
    /// order. A retraction needs the whole row to be there; of rows with a unique key only
    /// the key is looked at, unless debug assertions are on. On an error nothing has changed:
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
            return self.enter(batch, journal, &[]);
        };
        let mut work = Work::of(weights.values(), self.store.rows)?;
        if let (Key::Unique(_), Some(keys)) = (&self.key, batch.keys.first()) {
            work.pair(keys);
        }
        let appended = self.store.push(&batch.columns, &work.inserted, &mut places);
        journal.added = work.inserted.iter().copied().zip(places).collect();
        appended?;
        journal.replaced.reserve(work.replaced.len());
        for rows in work.replaced.chunks(BLOCK_ROWS) {
            self.replace(batch, rows, journal)?;
        }
        for rows in work.retracted.chunks(BLOCK_ROWS) {
            self.retract(batch, rows, journal)?;
        }
        self.enter(batch, journal, &work.replaced)
    }

    /// Appends a delta's rows, without a copy if they are many and none will be retracted.
    fn append(&mut self, delta: &Delta, columns: &[View<'_>], places: &mut Vec<u64>) -> Result<()> {
        if self.key == Key::None && self.store.adopt(delta.rows(), columns, places)? {
            return Ok(());
        }
        self.store.extend(columns, 0..delta.len(), places)
    }

    /// Takes rows away for which others of the same key were appended, and has the primary
    /// index lead to these: its entry is found once and stays where it is.
    fn replace(
        &mut self,
        batch: &Batch<'_>,
        pairs: &[(u32, u32)],
        journal: &mut Journal,
    ) -> Result<()> {
        let rows: Vec<u32> = pairs.iter().map(|(old, _)| *old).collect();
        let places = self.places(batch, &rows, journal)?;
        for ((row, new), place) in pairs.iter().zip(places) {
            let new = journal.added.get(*new as usize).map(|(_, place)| *place);
            let (true, Some(new)) = (self.store.is_live(place), new) else {
                return Err(missing(*row));
            };
            self.store.kill(place);
            let mut indexes = self.indexes.iter_mut().zip(&batch.keys);
            if let Some(((_, index), keys)) = indexes.next() {
                index.replace(keys.hash(*row), place, new);
            }
            for ((_, index), keys) in indexes {
                remove(index, &self.store, keys, *row, place);
            }
            journal.replaced.push((*row, place, new));
        }
        Ok(())
    }

    /// Takes one copy of each of `rows` away, from the store and the indexes.
    fn retract(&mut self, batch: &Batch<'_>, rows: &[u32], journal: &mut Journal) -> Result<()> {
        let guesses = self.places(batch, rows, journal)?;
        for (row, guess) in rows.iter().zip(guesses) {
            // An earlier row of this delta may have taken the place.
            let place = match self.store.is_live(guess) {
                true => guess,
                false => self.search(batch, *row, journal).ok_or_else(|| missing(*row))?,
            };
            self.store.kill(place);
            for ((_, index), keys) in self.indexes.iter_mut().zip(&batch.keys) {
                remove(index, &self.store, keys, *row, place);
            }
            journal.removed.push((*row, place));
        }
        Ok(())
    }

    /// For each of `rows` the place of a row that is equal and was there before the delta,
    /// or [`NOWHERE`].
    fn places(&self, batch: &Batch<'_>, rows: &[u32], journal: &Journal) -> Result<Vec<u64>> {
        let first = self.indexes.first().filter(|(id, _)| *id == IndexId::PRIMARY);
        let (Some((_, index)), Some(keys)) = (first, batch.keys.first()) else {
            return Err(Error::internal("rows that are only appended cannot be retracted"));
        };
        let mut places = index.guess(rows.iter().map(|row| keys.hash(*row)));
        let all: Vec<usize>;
        let (columns, compared) = match self.by_key() {
            true => (&keys.columns, &index.columns),
            false => {
                all = (0..batch.columns.len()).collect();
                (&batch.columns, &all)
            }
        };
        let identical = self.loose && !self.by_key();
        let same = self.store.compare(columns, compared, (rows, &places), identical);
        self.store.warm(&places);
        for ((row, place), same) in rows.iter().zip(&mut places).zip(same) {
            // A guess is wrong where hashes collide, or values look different.
            if !same || journal.has_added(*place) {
                *place = self.search(batch, *row, journal).unwrap_or(NOWHERE);
            }
        }
        Ok(places)
    }

    /// Whether the key alone says which row is retracted.
    fn by_key(&self) -> bool {
        matches!(self.key, Key::Unique(_)) && !self.is_strict
    }

    /// The place of a row that is equal to `row` and was there before the delta.
    fn search(&self, batch: &Batch<'_>, row: u32, journal: &Journal) -> Option<u64> {
        let ((_, index), keys) = self.indexes.first().zip(batch.keys.first())?;
        let (store, number) = (&self.store, row as usize);
        let equals = |place| store.equals(&batch.columns, number, place);
        let found = match &self.key {
            Key::Bag if self.loose => {
                bag_place(store, index, keys.hash(row), &batch.columns, number)
            }
            Key::Bag => index.find(keys.hash(row), equals),
            _ => {
                let matches = |place| store.matches(&keys.columns, number, &index.columns, place);
                let found = index.find(keys.hash(row), matches);
                found.filter(|place| self.by_key() || equals(*place))
            }
        };
        found.filter(|place| !journal.has_added(*place))
    }

    /// Enters the inserted rows into all indexes; but those that replace others are in the
    /// primary one already.
    fn enter(
        &mut self,
        batch: &Batch<'_>,
        journal: &mut Journal,
        replaced: &[(u32, u32)],
    ) -> Result<()> {
        for ((id, index), keys) in self.indexes.iter_mut().zip(&batch.keys) {
            let primary = *id == IndexId::PRIMARY;
            let mut done = replaced.iter().map(|(_, new)| *new as usize).filter(|_| primary);
            let mut next_done = done.next();
            for rows in journal.added.chunks(BLOCK_ROWS) {
                if !primary || replaced.len() < journal.added.len() {
                    index.warm(rows.iter().map(|(row, _)| keys.hash(*row)));
                }
                for (row, place) in rows {
                    if next_done == Some(journal.added_to_next) {
                        next_done = done.next();
                    } else if !insert(index, &self.store, keys, *row, *place) {
                        return Err(match primary {
                            true => Error::internal("a row's key is taken already")
                                .with_detail(format!("It is row {row} of its delta.")),
                            false => duplicate(),
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
        for (row, old, new) in &journal.replaced {
            if let Some(((_, index), keys)) = self.indexes.iter_mut().zip(&batch.keys).next() {
                index.replace(keys.hash(*row), *new, *old);
            }
        }
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
        for (row, place, _) in &journal.replaced {
            self.store.revive(*place);
            for ((_, index), keys) in self.indexes.iter_mut().zip(&batch.keys).skip(1) {
                insert(index, &self.store, keys, *row, *place);
            }
        }
    }
}

impl Journal {
    /// Whether a place is of a row that this delta inserts.
    fn has_added(&self, place: u64) -> bool {
        self.added.first().is_some_and(|(_, first)| place >= *first)
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
