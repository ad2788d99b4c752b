//! A table as the open frame changes it: its rows and its unique indexes, kept in step.
use arrow::array::{Array, RecordBatch};
use arrow::row::RowConverter;

use super::overlay::{ABSENT, Identity, Overlay, RowRef, Slot, project, sort_fields};
use crate::commit::{Applied, OnConflict};
use crate::plan::RelationId;
use crate::world::Relation;
use crate::{Delta, Error, ErrorKind, Result};

/// The changes of one table in the open frame.
pub(crate) struct StagedTable {
    rows: Overlay,
    /// Compares whole rows: an update or delete must find what it has read.
    whole: RowConverter,
    keyed: bool,
    uniques: Vec<Unique>,
}

struct Unique {
    id: RelationId,
    columns: Vec<usize>,
    counts: Overlay,
}

impl StagedTable {
    /// No changes yet to `table`.
    pub(crate) fn new(table: &Relation) -> Result<Self> {
        let schema = table.schema();
        let all: Vec<usize> = (0..schema.fields().len()).collect();
        let key = table.key();
        let (columns, identity) = match key {
            [] => (all.clone(), Identity::Alike),
            key => (key.to_vec(), Identity::Equal),
        };
        let uniques = table
            .unique_indexes()
            .map(|(id, columns)| {
                let counts = Overlay::new(schema.clone(), columns.to_vec(), Identity::Equal)?;
                Ok(Unique { id, columns: columns.to_vec(), counts })
            })
            .collect::<Result<_>>()?;
        Ok(Self {
            rows: Overlay::new(schema.clone(), columns, identity)?,
            whole: RowConverter::new(sort_fields(&schema, &all)?)?,
            keyed: !key.is_empty(),
            uniques,
        })
    }

    /// Adds rows; see [`OnConflict`].
    pub(crate) fn insert(
        &mut self,
        table: &Relation,
        rows: &RecordBatch,
        conflict: OnConflict,
    ) -> Result<Applied> {
        let batch = self.rows.keep(rows);
        let numbers = touch_rows(&mut self.rows, table, rows)?;
        let unique_numbers = self.touch_uniques(table, rows)?;
        let mut kept: Vec<u32> = Vec::with_capacity(rows.num_rows());
        for (place, number) in numbers.iter().enumerate() {
            let slot = self.rows.slot(*number);
            let taken = self.keyed && slot.copies > 0;
            let unique: Option<usize> = self.taken_unique(&unique_numbers, place);
            match conflict {
                OnConflict::Error if taken => {
                    return Err(duplicate(table, table.key(), None, &rows.slice(place, 1)));
                }
                OnConflict::Ignore if taken || unique.is_some() => continue,
                OnConflict::Overwrite if taken => self.release(table, slot.row)?,
                _ => {}
            }
            // Looked up again: what was overwritten may have held the same unique key.
            if let Some(unique) = self.taken_unique(&unique_numbers, place) {
                let unique = self.uniques.get(unique);
                let (id, columns) =
                    unique.map_or((None, vec![]), |u| (Some(u.id), u.columns.clone()));
                return Err(duplicate(table, &columns, id, &rows.slice(place, 1)));
            }
            let copies = if self.keyed { 1 } else { slot.copies + 1 };
            let row = if self.keyed || slot.copies == 0 { Some((batch, place)) } else { slot.row };
            self.rows.set(*number, Slot { row, copies });
            self.claim(&unique_numbers, place);
            kept.push(u32::try_from(place).unwrap_or(u32::MAX));
        }
        let all = kept.len() == rows.num_rows();
        Ok(Applied { rows: kept.len() as u64, kept: (!all).then_some(kept) })
    }

    /// Takes rows away that must be there as they were read.
    pub(crate) fn delete(&mut self, table: &Relation, old: &RecordBatch) -> Result<Applied> {
        let numbers = touch_rows(&mut self.rows, table, old)?;
        let expected = self.whole.convert_columns(old.columns())?;
        for (number, expected) in numbers.iter().zip(expected.iter()) {
            let slot = self.rows.slot(*number);
            let (Some(row), Some(batch)) = (slot.row, slot.row.and_then(|row| self.rows.row(row)))
            else {
                return Err(lost_race());
            };
            if self.keyed {
                let current = self.whole.convert_columns(batch.columns())?;
                if current.iter().next() != Some(expected) {
                    return Err(lost_race());
                }
            }
            let copies = slot.copies - 1;
            let left = if copies == 0 { ABSENT } else { Slot { row: slot.row, copies } };
            self.release(table, Some(row))?;
            self.rows.set(*number, left);
        }
        Ok(Applied { rows: old.num_rows() as u64, kept: None })
    }

    /// Takes back what the commit has changed.
    pub(crate) fn undo(&mut self) {
        self.rows.undo();
        self.uniques.iter_mut().for_each(|unique| unique.counts.undo());
    }

    /// Lets what the commit has changed stand.
    pub(crate) fn keep(&mut self) {
        self.rows.keep_changes();
        self.uniques.iter_mut().for_each(|unique| unique.counts.keep_changes());
    }

    /// What the frame makes of the table.
    pub(crate) fn delta(&self) -> Result<Delta> {
        self.rows.delta()
    }

    fn touch_uniques(
        &mut self,
        table: &Relation,
        rows: &RecordBatch,
    ) -> Result<Vec<Vec<Option<usize>>>> {
        self.uniques.iter_mut().map(|unique| unique.touch(table, rows)).collect()
    }

    /// Which unique index already holds the key of the row at `place`.
    fn taken_unique(&self, numbers: &[Vec<Option<usize>>], place: usize) -> Option<usize> {
        self.uniques.iter().zip(numbers).position(|(unique, numbers)| {
            let number = numbers.get(place).copied().flatten();
            number.is_some_and(|number| unique.counts.slot(number).copies > 0)
        })
    }

    fn claim(&mut self, numbers: &[Vec<Option<usize>>], place: usize) {
        for (unique, numbers) in self.uniques.iter_mut().zip(numbers) {
            if let Some(number) = numbers.get(place).copied().flatten() {
                unique.counts.set(number, Slot { row: None, copies: 1 });
            }
        }
    }

    /// Frees the unique keys of a row that goes.
    fn release(&mut self, table: &Relation, row: Option<RowRef>) -> Result<()> {
        let Some(row) = row.filter(|_| !self.uniques.is_empty()) else { return Ok(()) };
        let Some(row) = self.rows.row(row) else { return Ok(()) };
        for unique in &mut self.uniques {
            if let Some(Some(number)) = unique.touch(table, &row)?.first() {
                unique.counts.set(*number, ABSENT);
            }
        }
        Ok(())
    }
}

impl Unique {
    /// The numbers of the rows' keys; a key with a NULL is equal to none and has no number.
    fn touch(&mut self, table: &Relation, rows: &RecordBatch) -> Result<Vec<Option<usize>>> {
        let (id, columns) = (self.id, &self.columns);
        let numbers = self.counts.touch(rows, &mut |_, unknown| {
            let keys = project(&take(rows, unknown)?, columns)?;
            let counts = table.count(id, &keys)?;
            Ok(counts.into_iter().map(|copies| Slot { row: None, copies }).collect())
        })?;
        let keys = project(rows, columns)?;
        let known = |place: usize| keys.iter().all(|key| key.is_valid(place));
        Ok(numbers.into_iter().enumerate().map(|(at, n)| known(at).then_some(n)).collect())
    }
}

fn touch_rows(overlay: &mut Overlay, table: &Relation, rows: &RecordBatch) -> Result<Vec<usize>> {
    overlay.touch(rows, &mut |overlay, unknown| {
        let found = table.find(&take(rows, unknown)?)?;
        let batch = overlay.keep(&found.rows);
        let slot = |(place, copies): &(Option<usize>, i64)| Slot {
            row: place.map(|place| (batch, place)),
            copies: *copies,
        };
        Ok(found.slots.iter().map(slot).collect())
    })
}

fn take(rows: &RecordBatch, places: &[u32]) -> Result<RecordBatch> {
    if places.len() == rows.num_rows() {
        return Ok(rows.clone());
    }
    let places = arrow::array::UInt32Array::from(places.to_vec());
    Ok(arrow::compute::take_record_batch(rows, &places)?)
}

/// 40001, in PostgreSQL's words.
pub(crate) fn lost_race() -> Error {
    Error::new(
        ErrorKind::Unavailable,
        "40001",
        "could not serialize access due to concurrent update",
    )
    .with_hint("Run the transaction again.")
}

fn duplicate(
    table: &Relation,
    columns: &[usize],
    index: Option<RelationId>,
    row: &RecordBatch,
) -> Error {
    let error = Error::data("23505", "duplicate key value violates unique constraint");
    let Ok(key) = row.project(columns) else { return error };
    let names: Vec<&str> =
        key.schema_ref().fields().iter().map(|field| field.name().as_str()).collect();
    let values: Vec<String> = key
        .columns()
        .iter()
        .map(|array| arrow::util::display::array_value_to_string(array, 0).unwrap_or_default())
        .collect();
    error
        .with_detail(format!("Key ({})=({}) already exists.", names.join(", "), values.join(", ")))
        .with_key(key)
        .with_object(index.unwrap_or(table.id()))
}
