//! [`Rows`]: the rows of a relation, with ways to find them.
//!
//! Rows live in chunks of [`super::CHUNK_ROWS`]. A sealed chunk's columns never change; a
//! row that goes only loses its bit. The last chunk, the tail, is vectors that grow. Each
//! row has a *place*, a number that only ever grows: indexes lead from values to places.
//!
//! One thread writes. Readers either share a lock with it (point reads: [`Rows::probe`],
//! then [`Rows::gather`]) or hold a [`super::Snapshot`], which no later write changes.
//! What a tick is, and when to take a snapshot, is not known here.
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, RecordBatch};
use arrow::datatypes::{DataType, SchemaRef};
use parking_lot::Mutex;

use super::chunk::Sealed;
use super::index::Index;
use super::store::Store;
use crate::columns::{Column, Seed, View, columns_of};
use crate::{Error, Result};

/// How a row that is retracted is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Key {
    /// Never: rows are only appended.
    None,
    /// By all its columns; equal rows may be there many times.
    Bag,
    /// By these columns, which no two rows have equal; NULLs count as equal.
    Unique(Vec<usize>),
}

/// Names an index of one [`Rows`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IndexId(pub(super) u32);

impl IndexId {
    /// The index of a [`Key::Bag`] or [`Key::Unique`].
    pub const PRIMARY: IndexId = IndexId(0);
}

/// The rows of one relation.
#[derive(Debug)]
pub struct Rows {
    pub(super) key: Key,
    pub(super) store: Store,
    /// In the order in which they were added, the primary one first.
    pub(super) indexes: Vec<(IndexId, Index)>,
    pub(super) seed: Seed,
    /// Whether values that are equal may look different (-0 and 0, a month and 30 days).
    pub(super) loose: bool,
    /// Whether a row with a unique key is only retracted if it is equal in all columns. Who
    /// retracts a row has put it there, so that this only checks the engine; it costs a miss
    /// of the cache for each column, and is left out unless debug assertions are on.
    pub(super) is_strict: bool,
    next_index: u32,
    /// The last copy of the tail's columns.
    pub(super) frozen: Mutex<Option<(u64, Arc<Sealed>)>>,
}

impl Rows {
    /// No rows. `seed` is the data directory's. Fails with 0A000 if a column's type is
    /// not supported.
    pub fn new(schema: SchemaRef, key: Key, seed: u64) -> Result<Self> {
        let store = Store::new(&schema)?;
        Ok(Self::with_store(store, key, seed))
    }

    pub(super) fn with_store(store: Store, key: Key, seed: u64) -> Self {
        let columns = match &key {
            Key::None => None,
            Key::Bag => Some((0..store.schema.fields().len()).collect()),
            Key::Unique(columns) => Some(columns.clone()),
        };
        let unique = matches!(key, Key::Unique(_));
        let primary = columns.map(|columns| (IndexId::PRIMARY, Index::new(columns, unique, true)));
        let loose = store.schema.fields().iter().any(|field| is_loose(field.data_type()));
        Self {
            key,
            store,
            indexes: primary.into_iter().collect(),
            seed: Seed::new(seed),
            loose,
            is_strict: cfg!(debug_assertions),
            next_index: 1,
            frozen: Mutex::new(None),
        }
    }

    /// The columns.
    pub fn schema(&self) -> SchemaRef {
        self.store.schema.clone()
    }

    /// How rows are found.
    pub fn key(&self) -> &Key {
        &self.key
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.store.rows
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The bytes of memory held, indexes and the last copy of the tail included, older
    /// snapshots not. Cheap to ask.
    pub fn bytes(&self) -> usize {
        let indexes: usize = self.indexes.iter().map(|(_, index)| index.bytes()).sum();
        let frozen = self.frozen.lock().as_ref().map_or(0, |(_, sealed)| sealed.bytes);
        self.store.bytes() + indexes + frozen
    }

    /// Adds an index over `columns` and fills it from the rows that are there. Rows with a
    /// NULL among the columns are left out of it unless `nulls_equal`. Fails with 23505 if
    /// it is `unique` and two rows are equal.
    pub fn add_index(
        &mut self,
        columns: Vec<usize>,
        unique: bool,
        nulls_equal: bool,
    ) -> Result<IndexId> {
        if columns.iter().any(|column| *column >= self.store.schema.fields().len()) {
            return Err(Error::internal("an index names a column that is not there"));
        }
        let mut index = Index::new(columns, unique, nulls_equal);
        self.fill(&mut index)?;
        let id = IndexId(self.next_index);
        self.next_index += 1;
        self.indexes.push((id, index));
        Ok(id)
    }

    /// Drops an index; the primary one stays.
    pub fn drop_index(&mut self, id: IndexId) {
        self.indexes.retain(|(other, _)| *other != id || id == IndexId::PRIMARY);
    }

    /// The indexes: name, columns, whether equal values are refused. The primary one is
    /// the first.
    pub fn indexes(&self) -> impl Iterator<Item = (IndexId, &[usize], bool)> + '_ {
        self.indexes.iter().map(|(id, index)| (*id, index.columns.as_slice(), index.unique))
    }

    pub(super) fn index(&self, id: IndexId) -> Result<&Index> {
        let found = self.indexes.iter().find(|(other, _)| *other == id);
        found
            .map(|(_, index)| index)
            .ok_or_else(|| Error::internal("a relation was probed through an index it has not"))
    }

    /// Enters all rows into `index`.
    pub(super) fn fill(&self, index: &mut Index) -> Result<()> {
        let columns = index.columns.clone();
        let mut hashes = Vec::new();
        for part in self.store.parts() {
            let keys: Vec<View<'_>> =
                columns.iter().filter_map(|column| part.source.view(*column)).collect();
            self.seed.hash(&keys, part.rows, &mut hashes);
            for row in part.live.rows() {
                if !index.nulls_equal && has_null(&keys, row) {
                    continue;
                }
                let hash = hashes.get(row).copied().unwrap_or_default();
                let equal = |place| self.store.matches(&keys, row, &columns, place);
                if !index.insert(hash, part.first + row as u64, equal) {
                    return Err(duplicate());
                }
            }
        }
        Ok(())
    }

    /// The columns of `batch`, which must have the types of the relation's.
    pub(super) fn typed(&self, batch: &RecordBatch) -> Result<Vec<Column>> {
        let fields = self.store.schema.fields();
        if fields.len() != batch.num_columns() {
            return Err(Error::internal(format!(
                "rows of {} columns came to a relation of {}",
                batch.num_columns(),
                fields.len()
            )));
        }
        for (field, array) in fields.iter().zip(batch.columns()) {
            same_type(field.data_type(), array.data_type())?;
            if !field.is_nullable() && array.null_count() > 0 {
                return Err(Error::internal(format!(
                    "column \"{}\" has a null although it is not nullable",
                    field.name()
                )));
            }
        }
        columns_of(batch)
    }

    /// The typed columns of `keys`, which must have the types of the index's columns.
    pub(super) fn typed_keys(&self, index: &Index, keys: &[ArrayRef]) -> Result<Vec<Column>> {
        if keys.len() != index.columns.len() {
            return Err(Error::internal("an index was probed with another number of columns"));
        }
        for (column, array) in index.columns.iter().zip(keys) {
            if let Some(field) = self.store.schema.fields().get(*column) {
                same_type(field.data_type(), array.data_type())?;
            }
        }
        keys.iter().map(|array| Column::of(array)).collect()
    }
}

/// Whether a row has a NULL among its keys.
pub(super) fn has_null(keys: &[View<'_>], row: usize) -> bool {
    keys.iter().any(|key| key.is_null(row))
}

/// Two rows that a unique index cannot both hold.
pub(super) fn duplicate() -> Error {
    Error::data("23505", "duplicate key value violates unique constraint")
}

fn same_type(expected: &DataType, given: &DataType) -> Result<()> {
    let same = match (expected, given) {
        // The names of items and their metadata do not matter.
        (DataType::List(one), DataType::List(two)) => {
            return same_type(one.data_type(), two.data_type());
        }
        _ => expected == given,
    };
    if same {
        return Ok(());
    }
    Err(Error::internal(format!("values of type {given} came to a column of type {expected}")))
}

/// Whether values of a type can be equal without being identical.
fn is_loose(data_type: &DataType) -> bool {
    match data_type {
        DataType::Float32 | DataType::Float64 | DataType::Interval(_) => true,
        DataType::List(item) => is_loose(item.data_type()),
        _ => false,
    }
}
