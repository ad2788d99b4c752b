//! Finding rows: from keys to places, from places to columns.
use std::collections::HashMap;

use arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow::datatypes::SchemaRef;

use super::index::Index;
use super::rows::{IndexId, Key, Rows};
use super::search::{BLOCK_ROWS, Keys, NOWHERE, newest};
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
        let keys = self.keys(&typed, keys.first().map_or(0, |key| key.len()));
        for rows in self.rows_of(index, &keys).chunks(BLOCK_ROWS) {
            index.warm(rows.iter().map(|row| keys.hash(*row)));
            for row in rows {
                let number = *row as usize;
                let equal =
                    |place| self.store.matches(&keys.columns, number, &index.columns, place);
                index.find_all(keys.hash(*row), equal, |place| {
                    if self.store.is_live(place) {
                        matches.keys.push(*row);
                        matches.places.push(place);
                    }
                });
            }
        }
        Ok(matches)
    }

    /// For each key the place of a row that has it, the newest if there are more. See
    /// [`Rows::probe`] for what a key is.
    pub fn find(&self, index: IndexId, keys: &[ArrayRef]) -> Result<Vec<Option<u64>>> {
        let index = self.index(index)?;
        let typed = self.typed_keys(index, keys)?;
        let keys = self.keys(&typed, keys.first().map_or(0, |key| key.len()));
        let mut found = vec![None; keys.hashes.len()];
        let mut places = Vec::new();
        for rows in self.rows_of(index, &keys).chunks(BLOCK_ROWS) {
            newest((&self.store, index), &keys, rows, &mut places);
            for (row, place) in rows.iter().zip(&places) {
                if let Some(found) = found.get_mut(*row as usize) {
                    *found = (*place != NOWHERE).then_some(*place);
                }
            }
        }
        Ok(found)
    }

    /// Those of the `matches` whose row also looks the same as its key, a whole row of `rows`.
    pub(crate) fn alike(&self, rows: &RecordBatch, matches: &Matches) -> Result<Matches> {
        let typed = self.typed(rows)?;
        let columns: Vec<View<'_>> = typed.iter().map(Column::view).collect();
        let pairs = matches.keys.iter().zip(&matches.places);
        let (keys, places) = pairs
            .filter(|(key, place)| self.store.identical(&columns, **key as usize, **place))
            .unzip();
        Ok(Matches { keys, places })
    }

    fn keys<'a>(&self, columns: &'a [Column], rows: usize) -> Keys<'a> {
        let columns: Vec<View<'a>> = columns.iter().map(Column::view).collect();
        let mut hashes = Vec::new();
        self.seed.hash(&columns, rows, &mut hashes);
        Keys { columns, hashes }
    }

    /// The rows of `keys` that can be in `index`.
    fn rows_of(&self, index: &Index, keys: &Keys<'_>) -> Vec<u32> {
        let rows = 0..keys.hashes.len() as u32;
        rows.filter(|row| index.nulls_equal || !keys.has_null(*row)).collect()
    }

    /// For each of `rows` the place of a row that is equal in all columns; equal rows of
    /// the batch get different places, as long as there are enough.
    pub fn locate(&self, rows: &RecordBatch) -> Result<Vec<Option<u64>>> {
        let typed = self.typed(rows)?;
        let columns: Vec<View<'_>> = typed.iter().map(Column::view).collect();
        let (Some((_, index)), false) = (self.indexes.first(), self.key == Key::None) else {
            return Err(Error::internal("rows that are only appended cannot be located"));
        };
        let mut hashes = Vec::new();
        let key_columns = index.keys_of(&columns);
        self.seed.hash(&key_columns, rows.num_rows(), &mut hashes);
        let keys = Keys { columns: key_columns, hashes };
        // The places that are left, by the newest of those with the same key.
        let mut left: HashMap<u64, Vec<u64>> = HashMap::new();
        let mut found = Vec::with_capacity(rows.num_rows());
        let mut places = Vec::new();
        let rows: Vec<u32> = (0..rows.num_rows() as u32).collect();
        for rows in rows.chunks(BLOCK_ROWS) {
            newest((&self.store, index), &keys, rows, &mut places);
            for (row, newest) in rows.iter().zip(&places) {
                let number = *row as usize;
                if *newest == NOWHERE {
                    found.push(None);
                    continue;
                }
                let left = left.entry(*newest).or_insert_with(|| {
                    let equal =
                        |place| self.store.matches(&keys.columns, number, &index.columns, place);
                    let mut all = Vec::new();
                    index.find_all(keys.hash(*row), equal, |place| all.push(place));
                    all.retain(|place| self.store.is_live(*place));
                    all
                });
                found.push(self.claim(&columns, number, left));
            }
        }
        Ok(found)
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
        self.gather_as(places, columns, schema)
    }

    /// The same of `columns`, under a schema that has their types.
    pub(crate) fn gather_as(
        &self,
        places: &[u64],
        columns: &[usize],
        schema: SchemaRef,
    ) -> Result<RecordBatch> {
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
