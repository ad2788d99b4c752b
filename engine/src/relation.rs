//! A published relation: its rows, with what the sequencer needs to know of it.
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch};
use arrow::datatypes::SchemaRef;
use parking_lot::Mutex;
use storage::{Blobs, Tick};

use crate::frame::Part;
use crate::plan::RelationId;
use crate::rows::{Capture, Image, IndexId, Key, Rows, Snapshot};
use crate::{Delta, Error, Result};

/// Rows that compaction may move after a tick, beyond as many as the tick has changed:
/// it keeps up with any load, and no tick is delayed by more than a few microseconds.
const COMPACT_ROWS: usize = 64;

/// What a relation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Rows that are inserted, updated and deleted.
    Table,
    /// Rows that are only appended.
    Stream,
    /// Rows that follow from a plan.
    View,
}

/// Rows with their indexes, as of the world's tick.
pub(crate) struct Relation {
    id: RelationId,
    kind: Kind,
    key: Vec<usize>,
    append_only: bool,
    seed: u64,
    rows: Rows,
    indexes: Vec<Index>,
    next_position: i64,
    changed_at: Tick,
    broken: Option<(Tick, Error)>,
    restored: bool,
    /// The last snapshot, good until the next change.
    snapshot: Mutex<Option<Snapshot>>,
}

struct Index {
    id: RelationId,
    rows: IndexId,
    columns: Vec<usize>,
    unique: bool,
}

/// Rows found by their keys.
pub(crate) struct Found {
    /// The rows, each once.
    pub(crate) rows: RecordBatch,
    /// For each key the number of a row among `rows`, and how many copies of it there are.
    pub(crate) slots: Vec<(Option<usize>, i64)>,
}

impl Relation {
    fn new((id, kind): (RelationId, Kind), key: Vec<usize>, seed: u64, rows: Rows) -> Self {
        Self {
            id,
            kind,
            key,
            append_only: kind == Kind::Stream,
            seed,
            rows,
            indexes: vec![],
            next_position: 1,
            changed_at: 0,
            broken: None,
            restored: false,
            snapshot: Mutex::new(None),
        }
    }

    /// A table without rows.
    pub(crate) fn table(
        id: RelationId,
        schema: &SchemaRef,
        key: &[usize],
        seed: u64,
    ) -> Result<Self> {
        let found_by = if key.is_empty() { Key::Bag } else { Key::Unique(key.to_vec()) };
        let rows = Rows::new(Arc::clone(schema), found_by, seed)?;
        Ok(Self::new((id, Kind::Table), key.to_vec(), seed, rows))
    }

    /// A stream without rows.
    pub(crate) fn stream(id: RelationId, schema: &SchemaRef, seed: u64) -> Result<Self> {
        let rows = Rows::new(Arc::clone(schema), Key::None, seed)?;
        Ok(Self::new((id, Kind::Stream), vec![], seed, rows))
    }

    /// A view without rows. A key without columns says that there is at most one row.
    /// Where rows are only appended and have no key, nothing is kept to find them by.
    pub(crate) fn view(
        id: RelationId,
        schema: &SchemaRef,
        (key, append_only): (Option<Vec<usize>>, bool),
        seed: u64,
    ) -> Result<Self> {
        let key = key.filter(|key| !key.is_empty());
        let unkeyed = if append_only { Key::None } else { Key::Bag };
        let found_by = key.clone().map_or(unkeyed, Key::Unique);
        let rows = Rows::new(Arc::clone(schema), found_by, seed)?;
        let view = Self::new((id, Kind::View), key.unwrap_or_default(), seed, rows);
        Ok(Self { append_only, ..view })
    }

    pub(crate) fn id(&self) -> RelationId {
        self.id
    }

    pub(crate) fn kind(&self) -> Kind {
        self.kind
    }

    /// The columns of the primary or derived key; empty: none.
    pub(crate) fn key(&self) -> &[usize] {
        &self.key
    }

    /// Whether no row of it is ever retracted.
    pub(crate) fn is_append_only(&self) -> bool {
        self.append_only
    }

    pub(crate) fn schema(&self) -> SchemaRef {
        self.rows.schema()
    }

    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(crate) fn bytes(&self) -> usize {
        self.rows.bytes()
    }

    /// The last tick that changed it.
    pub(crate) fn changed_at(&self) -> Tick {
        self.changed_at
    }

    /// Since when it is no longer kept up, and why.
    pub(crate) fn broken(&self) -> Option<&(Tick, Error)> {
        self.broken.as_ref()
    }

    /// From now on it stays as it is.
    pub(crate) fn set_broken(&mut self, tick: Tick, error: Error) {
        self.broken.get_or_insert((tick, error));
    }

    /// Whether its rows were taken from an epoch when the engine started.
    pub(crate) fn is_restored(&self) -> bool {
        self.restored
    }

    /// The `_position` that a stream's next row gets.
    pub(crate) fn next_position(&self) -> i64 {
        self.next_position
    }

    /// Goes on after the rows of `part`.
    pub(crate) fn set_next_position(&mut self, part: &Part) {
        if part.arrival.is_some() {
            self.next_position = self.next_position.max(part.next_position());
        }
    }

    /// Freezes what has changed since the image that was committed last.
    pub(crate) fn capture(&mut self, previous: &Image) -> Result<Capture> {
        self.rows.capture(previous)
    }

    /// Takes the rows of an image, and goes on at a position.
    pub(crate) fn restore(
        &mut self,
        next_position: i64,
        image: &Image,
        blobs: &dyn Blobs,
    ) -> Result<()> {
        let (schema, key, seed) = (self.rows.schema(), self.rows.key().clone(), self.seed);
        let get = &mut |blob| Ok(blobs.get(blob)?);
        self.rows = Rows::restore(schema, key, seed, image, get)?;
        self.next_position = next_position;
        self.restored = true;
        Ok(())
    }

    /// Its unique indexes: id and columns.
    pub(crate) fn unique_indexes(&self) -> impl Iterator<Item = (RelationId, &[usize])> {
        let unique = self.indexes.iter().filter(|index| index.unique);
        unique.map(|index| (index.id, index.columns.as_slice()))
    }

    /// Applies what a tick changed, then tidies up a little.
    pub(crate) fn apply(&mut self, delta: &Delta, tick: Tick) -> Result<()> {
        if delta.is_empty() {
            return Ok(());
        }
        // Let go first: a chunk's bitmap is copied before it changes as long as someone holds it.
        *self.snapshot.get_mut() = None;
        self.rows.apply(delta)?;
        self.rows.compact(delta.len() + COMPACT_ROWS)?;
        self.changed_at = tick;
        Ok(())
    }

    /// The rows as they are now.
    pub(crate) fn snapshot(&self) -> Result<Snapshot> {
        let mut last = self.snapshot.lock();
        if let Some(snapshot) = last.as_ref() {
            return Ok(snapshot.clone());
        }
        let snapshot = self.rows.snapshot()?;
        *last = Some(snapshot.clone());
        Ok(snapshot)
    }

    /// Adds an index, filled from the rows that are there; 23505 if it is unique and they are not.
    pub(crate) fn add_index(
        &mut self,
        id: RelationId,
        columns: &[usize],
        unique: bool,
    ) -> Result<()> {
        let added = self.rows.add_index(columns.to_vec(), unique, false);
        let rows = added.map_err(|error| error.with_object(id))?;
        self.indexes.push(Index { id, rows, columns: columns.to_vec(), unique });
        Ok(())
    }

    /// Takes an index away.
    pub(crate) fn drop_index(&mut self, id: RelationId) {
        if let Some(found) = self.indexes.iter().position(|index| index.id == id) {
            let index = self.indexes.remove(found);
            self.rows.drop_index(index.rows);
        }
    }

    /// The rows that have the same identity as `rows`: an equal key, or all columns alike.
    pub(crate) fn find(&self, rows: &RecordBatch) -> Result<Found> {
        let keys = self.identity(rows)?;
        let mut matches = self.rows.probe(IndexId::PRIMARY, &keys)?;
        if self.key.is_empty() {
            matches = self.rows.alike(rows, &matches)?;
        }
        let mut slots = vec![(None, 0); rows.num_rows()];
        let mut places = vec![];
        for (key, place) in matches.keys.iter().zip(&matches.places) {
            if let Some(slot) = slots.get_mut(*key as usize) {
                if slot.0.is_none() {
                    slot.0 = Some(places.len());
                    places.push(*place);
                }
                slot.1 += 1;
            }
        }
        Ok(Found { rows: self.rows.gather(&places, None)?, slots })
    }

    /// How many rows have each of `keys` in an index.
    pub(crate) fn count(&self, index: RelationId, keys: &[ArrayRef]) -> Result<Vec<i64>> {
        let matches = self.rows.probe(self.index(Some(index))?, keys)?;
        let mut counts = vec![0; keys.first().map_or(0, |key| key.len())];
        for key in matches.keys {
            if let Some(count) = counts.get_mut(key as usize) {
                *count += 1;
            }
        }
        Ok(counts)
    }

    /// The rows that match any of `keys`.
    pub(crate) fn probe(
        &self,
        index: Option<RelationId>,
        keys: &[ArrayRef],
    ) -> Result<RecordBatch> {
        let mut places = self.rows.probe(self.index(index)?, keys)?.places;
        places.sort_unstable();
        places.dedup();
        self.rows.gather(&places, None)
    }

    /// These columns of the rows that match one key, under a schema that has their types.
    pub(crate) fn read_point(
        &self,
        index: Option<RelationId>,
        key: &[ArrayRef],
        (columns, schema): (&[usize], &SchemaRef),
    ) -> Result<RecordBatch> {
        let places = self.rows.probe(self.index(index)?, key)?.places;
        self.rows.gather_as(&places, columns, schema.clone())
    }

    /// Whether an index is there; `None` is the primary key's.
    pub(crate) fn has_index(&self, id: Option<RelationId>) -> bool {
        id.is_none_or(|id| self.indexes.iter().any(|index| index.id == id))
    }

    fn index(&self, id: Option<RelationId>) -> Result<IndexId> {
        let Some(id) = id else { return Ok(IndexId::PRIMARY) };
        let found = self.indexes.iter().find(|index| index.id == id);
        found.map(|index| index.rows).ok_or_else(|| Error::data("42704", "the index is gone"))
    }

    fn identity(&self, rows: &RecordBatch) -> Result<Vec<ArrayRef>> {
        if self.key.is_empty() {
            return Ok(rows.columns().to_vec());
        }
        crate::sequencer::project(rows, &self.key)
    }
}
