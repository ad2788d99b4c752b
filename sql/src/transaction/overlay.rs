//! What a block has done to one table: rows that are gone, rows of its own.
//!
//! It is made from the block's buffered changes alone, so that a savepoint cuts the buffer
//! and nothing else. Rows are told apart by how they look, as the engine does when it
//! commits, and keys by value: −0 and 0 are different rows with one key.
use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{Array, BooleanArray, RecordBatch};
use arrow::compute::filter_record_batch;
use arrow::datatypes::SchemaRef;
use arrow::row::{RowConverter, SortField};
use engine::commit::Change;

use crate::Result;

/// A row as bytes that are equal where rows are.
type Key = Box<[u8]>;

/// Where a row of the block's own is: its batch, its place there.
type Place = (usize, usize);

/// The changes of one table.
#[derive(Debug, Default)]
pub(crate) struct Overlay {
    /// Rows of the snapshot that are gone, with how many copies of each.
    gone: HashMap<Key, u64>,
    own: Vec<Own>,
    /// Own rows by value, as far as `valued` batches of them; filled when first needed.
    places: HashMap<Key, Vec<Place>>,
    valued: usize,
    /// Own rows by the columns of a unique key; the last one with a key is the live one.
    keys: HashMap<Vec<usize>, Keyed>,
    /// How many of the transaction's changes are in here.
    applied: usize,
}

#[derive(Clone, Debug)]
struct Own {
    rows: RecordBatch,
    live: Vec<bool>,
}

#[derive(Clone, Debug, Default)]
struct Keyed {
    places: HashMap<Key, Place>,
    indexed: usize,
}

impl Clone for Overlay {
    /// The indexes are left out: they are made again when they are needed.
    fn clone(&self) -> Self {
        Self {
            gone: self.gone.clone(),
            own: self.own.clone(),
            applied: self.applied,
            ..Self::default()
        }
    }
}

impl Overlay {
    /// Takes in those of the transaction's `changes` that are not in yet and concern `relation`.
    pub(crate) fn catch_up(
        &mut self,
        relation: engine::plan::RelationId,
        changes: &[Change],
    ) -> Result<()> {
        for change in changes.iter().skip(self.applied) {
            match change {
                Change::Insert { relation: of, rows, .. } if *of == relation => self.insert(rows),
                Change::Delete { relation: of, old } if *of == relation => self.remove(old)?,
                Change::Update { relation: of, old, new } if *of == relation => {
                    self.remove(old)?;
                    self.insert(new);
                }
                _ => {}
            }
        }
        self.applied = changes.len();
        Ok(())
    }

    /// How many changes it has taken in.
    pub(crate) fn applied(&self) -> usize {
        self.applied
    }

    fn insert(&mut self, rows: &RecordBatch) {
        let live = vec![true; rows.num_rows()];
        self.own.push(Own { rows: rows.clone(), live });
    }

    fn remove(&mut self, rows: &RecordBatch) -> Result<()> {
        self.index_values()?;
        for key in images_of(rows.columns())? {
            let own = self.places.get_mut(&key).and_then(Vec::pop);
            let live = own.and_then(|(batch, place)| {
                self.own.get_mut(batch).and_then(|own| own.live.get_mut(place))
            });
            match live {
                Some(live) => *live = false,
                None => *self.gone.entry(key).or_default() += 1,
            }
        }
        Ok(())
    }

    fn index_values(&mut self) -> Result<()> {
        for (number, own) in self.own.iter().enumerate().skip(self.valued) {
            for (place, key) in images_of(own.rows.columns())?.into_iter().enumerate() {
                self.places.entry(key).or_default().push((number, place));
            }
        }
        self.valued = self.own.len();
        Ok(())
    }

    /// The block's own rows.
    pub(crate) fn own_rows(&self) -> Result<Vec<RecordBatch>> {
        let live = self.own.iter().filter(|own| own.live.contains(&true));
        live.map(|own| {
            if own.live.contains(&false) {
                Ok(filter_record_batch(&own.rows, &BooleanArray::from(own.live.clone()))?)
            } else {
                Ok(own.rows.clone())
            }
        })
        .collect()
    }

    /// Whether any row of the snapshot is gone.
    pub(crate) fn takes_away(&self) -> bool {
        !self.gone.is_empty()
    }

    /// What a scan of the snapshot must leave out; it counts copies down as they pass by.
    pub(crate) fn sieve(&self) -> Sieve {
        Sieve { gone: self.gone.clone() }
    }

    /// Own rows whose `columns` equal those of a row of `keys`: for each key at most one,
    /// since the columns are a unique key. Keys with a NULL are found nowhere.
    pub(crate) fn find(
        &mut self,
        columns: &[usize],
        keys: &RecordBatch,
    ) -> Result<Vec<Option<RecordBatch>>> {
        let keyed = self.keys.entry(columns.to_vec()).or_default();
        for (number, own) in self.own.iter().enumerate().skip(keyed.indexed) {
            let own_keys = own.rows.project(columns)?;
            for (place, key) in keys_of(own_keys.columns())?.into_iter().enumerate() {
                let dead = own.live.get(place) == Some(&false);
                if !dead {
                    keyed.places.insert(key, (number, place));
                }
            }
        }
        keyed.indexed = self.own.len();
        let known = |row: usize| keys.columns().iter().all(|column| column.is_valid(row));
        let found = keys_of(keys.columns())?.into_iter().enumerate().map(|(row, key)| {
            let (batch, place) = *keyed.places.get(&key).filter(|_| known(row))?;
            let own = self.own.get(batch)?;
            own.live.get(place)?.then(|| own.rows.slice(place, 1))
        });
        Ok(found.collect())
    }
}

/// Leaves out of a snapshot's rows those that are gone.
pub(crate) struct Sieve {
    gone: HashMap<Key, u64>,
}

impl Sieve {
    /// The rows that are still there; `rows` have all columns.
    pub(crate) fn pass(&mut self, rows: &RecordBatch) -> Result<RecordBatch> {
        let keep =
            images_of(rows.columns())?.into_iter().map(|key| match self.gone.get_mut(&key) {
                Some(copies) if *copies > 0 => {
                    *copies -= 1;
                    false
                }
                _ => true,
            });
        let keep: BooleanArray = keep.map(Some).collect();
        if keep.true_count() == rows.num_rows() {
            return Ok(rows.clone());
        }
        Ok(filter_record_batch(rows, &keep)?)
    }
}

/// Bytes for each row that are equal where the values are, NULLs being equal to one another.
pub(crate) fn keys_of(columns: &[Arc<dyn Array>]) -> Result<Vec<Key>> {
    images_of(&columns.iter().map(engine::normalised).collect::<Vec<_>>())
}

/// Bytes for each row that are equal where the rows also look the same.
fn images_of(columns: &[Arc<dyn Array>]) -> Result<Vec<Key>> {
    let fields = columns.iter().map(|column| SortField::new(column.data_type().clone()));
    let converter = RowConverter::new(fields.collect())?;
    let rows = converter.convert_columns(columns)?;
    Ok(rows.iter().map(|row| row.as_ref().into()).collect())
}

/// The rows under another schema with the same types: names and metadata differ only.
pub(crate) fn with_schema(rows: RecordBatch, schema: &SchemaRef) -> Result<RecordBatch> {
    let options = arrow::array::RecordBatchOptions::new().with_row_count(Some(rows.num_rows()));
    let (_, columns, _) = rows.into_parts();
    Ok(RecordBatch::try_new_with_options(Arc::clone(schema), columns, &options)?)
}

#[cfg(test)]
mod tests {
    use arrow::array::{AsArray, Int32Array};
    use arrow::datatypes::{DataType, Field, Int32Type, Schema};
    use engine::commit::OnConflict;
    use engine::plan::RelationId;

    use super::*;

    const TABLE: RelationId = RelationId(7);

    fn rows(values: &[i32]) -> RecordBatch {
        let schema = Schema::new(vec![Field::new("a", DataType::Int32, true)]);
        let values = Int32Array::from(values.to_vec());
        RecordBatch::try_new(Arc::new(schema), vec![Arc::new(values)]).unwrap()
    }

    fn values(batches: &[RecordBatch]) -> Vec<i32> {
        let column = |batch: &RecordBatch| {
            batch.column(0).as_primitive::<Int32Type>().values().iter().copied().collect::<Vec<_>>()
        };
        batches.iter().flat_map(column).collect()
    }

    fn inserted(given: &[i32]) -> Change {
        Change::Insert { relation: TABLE, rows: rows(given), conflict: OnConflict::Error }
    }

    fn deleted(given: &[i32]) -> Change {
        Change::Delete { relation: TABLE, old: rows(given) }
    }

    /// What a block reads whose snapshot is `base`.
    fn check(base: &[i32], changes: &[Change], expected: &[i32]) {
        let mut overlay = Overlay::default();
        for upto in 0..=changes.len() {
            overlay.catch_up(TABLE, &changes[..upto]).unwrap();
        }
        let mut sieve = overlay.sieve();
        let mut all = vec![sieve.pass(&rows(base)).unwrap()];
        all.extend(overlay.own_rows().unwrap());
        assert_eq!(values(&all), expected);
    }

    #[test]
    fn a_block_reads_what_it_wrote() {
        check(&[1, 2], &[inserted(&[3])], &[1, 2, 3]);
        check(&[1, 2], &[deleted(&[1])], &[2]);
        check(&[1], &[inserted(&[2]), deleted(&[2])], &[1]);
        check(&[1, 1], &[deleted(&[1])], &[1]);
        check(&[1], &[inserted(&[1]), deleted(&[1, 1])], &[]);
        let update = Change::Update { relation: TABLE, old: rows(&[1]), new: rows(&[5]) };
        check(&[1, 2], &[update, deleted(&[5])], &[2]);
    }

    #[test]
    fn own_rows_are_found_by_key_until_they_are_gone() {
        let mut overlay = Overlay::default();
        let changes = [inserted(&[3, 4]), deleted(&[3]), inserted(&[3])];
        let found = |overlay: &mut Overlay| {
            let found = overlay.find(&[0], &rows(&[3, 9])).unwrap();
            found.iter().map(Option::is_some).collect::<Vec<_>>()
        };
        overlay.catch_up(TABLE, &changes[..1]).unwrap();
        assert_eq!(found(&mut overlay), [true, false]);
        overlay.catch_up(TABLE, &changes[..2]).unwrap();
        assert_eq!(found(&mut overlay), [false, false]);
        overlay.catch_up(TABLE, &changes).unwrap();
        assert_eq!(found(&mut overlay), [true, false]);
    }
}
