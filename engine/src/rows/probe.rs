//! Finding rows: from keys to places, from places to columns.
use std::collections::HashMap;

use arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions};

use super::rows::{IndexId, Key, Rows, has_null};
use super::store::row_of;
use crate::columns::{Builder, Column, View};
use crate::{Error, Result};

/// Pairs of a key and a place where a row has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Matches {
    /// Numbers of keys, ascending; a key with many rows stands here as often.
    pub keys: Vec<u32>,
    /// Places; those of one key ascending.
    pub places: Vec<u64>,
}

impl Rows {
    /// All rows whose values in the index's columns are equal to a key, for each of
    /// `keys`, of which there is one array for each of the index's columns. A key with a
    /// NULL finds rows only in an index in which NULLs are equal.
    pub fn probe(&self, index: IndexId, keys: &[ArrayRef]) -> Result<Matches> {
        let mut matches = Matches::default();
        let index = self.index(index)?;
        let typed = self.typed_keys(index, keys)?;
        let views: Vec<View<'_>> = typed.iter().map(Column::view).collect();
        let mut hashes = Vec::new();
        self.seed.hash(&views, keys.first().map_or(0, |key| key.len()), &mut hashes);
        for (key, hash) in hashes.iter().enumerate() {
            if !index.nulls_equal && has_null(&views, key) {
                continue;
            }
            index.find_all(
                *hash,
                |place| self.store.matches(&views, key, &index.columns, place),
                |place| {
                    if self.store.is_live(place) {
                        matches.keys.push(key as u32);
                        matches.places.push(place);
                    }
                },
            );
        }
        Ok(matches)
    }

    /// For each key the place of a row that has it, the newest if there are more. See
    /// [`Rows::probe`] for what a key is.
    pub fn find(&self, index: IndexId, keys: &[ArrayRef]) -> Result<Vec<Option<u64>>> {
        let index = self.index(index)?;
        let typed = self.typed_keys(index, keys)?;
        let views: Vec<View<'_>> = typed.iter().map(Column::view).collect();
        let mut hashes = Vec::new();
        self.seed.hash(&views, keys.first().map_or(0, |key| key.len()), &mut hashes);
        let place_of = |(key, hash): (usize, &u64)| {
            if !index.nulls_equal && has_null(&views, key) {
                return None;
            }
            index.find(*hash, |place| self.store.matches(&views, key, &index.columns, place))
        };
        Ok(hashes.iter().enumerate().map(place_of).collect())
    }

    /// For each of `rows` the place of a row that is equal in all columns; equal rows of
    /// the batch get different places, as long as there are enough.
    pub fn locate(&self, rows: &RecordBatch) -> Result<Vec<Option<u64>>> {
        let typed = self.typed(rows)?;
        let columns: Vec<View<'_>> = typed.iter().map(Column::view).collect();
        let (Some((_, index)), false) = (self.indexes.first(), self.key == Key::None) else {
            return Err(Error::internal("rows that are only appended cannot be located"));
        };
        let keys = index.keys_of(&columns);
        let mut hashes = Vec::new();
        self.seed.hash(&keys, rows.num_rows(), &mut hashes);
        // The places that are left, by the newest of those with the same key.
        let mut left: HashMap<u64, Vec<u64>> = HashMap::new();
        let mut places = Vec::with_capacity(rows.num_rows());
        for (row, hash) in hashes.iter().enumerate() {
            let same_key = |place| self.store.matches(&keys, row, &index.columns, place);
            let Some(newest) = index.find(*hash, same_key) else {
                places.push(None);
                continue;
            };
            let left = left.entry(newest).or_insert_with(|| {
                let mut all = Vec::new();
                index.find_all(*hash, same_key, |place| all.push(place));
                all.retain(|place| self.store.is_live(*place));
                all
            });
            places.push(self.claim(&columns, row, left));
        }
        Ok(places)
    }

    /// Takes out of `left` the place of a row that is equal, preferably one that also
    /// looks the same.
    fn claim(&self, columns: &[View<'_>], row: usize, left: &mut Vec<u64>) -> Option<u64> {
        let identical = |place: &u64| self.store.identical(columns, row, *place);
        let equal = |place: &u64| self.store.equals(columns, row, *place);
        let found = left.iter().rposition(identical).or_else(|| left.iter().rposition(equal))?;
        Some(left.remove(found))
    }

    /// The rows at `places`, in that order, of these columns or of all. Fails if a place
    /// does not read: places are good until the next write.
    pub fn gather(&self, places: &[u64], projection: Option<&[usize]>) -> Result<RecordBatch> {
        let schema = match projection {
            Some(columns) => std::sync::Arc::new(self.store.schema.project(columns)?),
            None => self.store.schema.clone(),
        };
        let all: Vec<usize>;
        let columns = match projection {
            Some(columns) => columns,
            None => {
                all = (0..schema.fields().len()).collect();
                &all
            }
        };
        let mut arrays = Vec::with_capacity(columns.len());
        for (column, field) in columns.iter().zip(schema.fields()) {
            let mut builder = Builder::new(field.data_type(), places.len())?;
            for place in places {
                let view = self.store.source(*place).and_then(|source| source.view(*column));
                let Some(view) = view else {
                    return Err(Error::internal("a place was read that is no longer there"));
                };
                builder.push(&view, row_of(*place))?;
            }
            arrays.push(builder.finish()?);
        }
        let options = RecordBatchOptions::new().with_row_count(Some(places.len()));
        Ok(RecordBatch::try_new_with_options(schema, arrays, &options)?)
    }
}
