//! Retention: the oldest rows go, a chunk at a time or up to a place.
use std::sync::Arc;

use super::CHUNK_ROWS;
use super::rows::{Rows, has_null};
use super::store::{chunk_of, row_of};
use crate::Result;
use crate::columns::{Column, View};

impl Rows {
    /// The place of the first row that is there in each chunk, oldest first. Rows are in the
    /// order of their arrival if nothing was compacted, so that who [`Rows::gather`]s a time
    /// at these places knows up to which of them all rows are older.
    pub fn starts(&self) -> Vec<u64> {
        let start = |part: super::store::Part<'_>| {
            part.live.rows().next().map(|row| part.first + row as u64)
        };
        self.store.parts().filter_map(start).collect()
    }

    /// Drops all rows whose place is below `place`, and says how many. Rows without
    /// indexes go a chunk at a time.
    pub fn retire(&mut self, place: u64) -> Result<usize> {
        let before = self.store.rows;
        let old: Vec<u64> =
            self.starts().into_iter().take_while(|start| *start < place).map(chunk_of).collect();
        for chunk in old {
            let end = if chunk == chunk_of(place) { row_of(place) } else { CHUNK_ROWS };
            self.retire_rows(chunk, end)?;
        }
        self.store.tidy();
        Ok(before - self.store.rows)
    }

    /// Drops the rows below `end` of one chunk.
    fn retire_rows(&mut self, chunk: u64, end: usize) -> Result<()> {
        let first = chunk * CHUNK_ROWS as u64;
        let Some(slot) = self.store.slot(chunk) else { return self.retire_tail(first, end) };
        let sealed = Arc::clone(&slot.chunk.sealed);
        let rows: Vec<usize> = slot.chunk.live.rows().take_while(|row| *row < end).collect();
        let columns: Vec<View<'_>> = sealed.columns.iter().map(Column::view).collect();
        self.drop_rows(first, &rows, &columns);
        Ok(())
    }

    /// Drops the tail's rows below `end`, of which a copy is made to look up indexes.
    fn retire_tail(&mut self, first: u64, end: usize) -> Result<()> {
        let sealed = self.store.tail.copy(0)?;
        let live = &self.store.tail.live;
        let rows: Vec<usize> = live.rows().take_while(|row| *row < end).collect();
        let columns: Vec<View<'_>> = sealed.columns.iter().map(Column::view).collect();
        self.drop_rows(first, &rows, &columns);
        Ok(())
    }

    fn drop_rows(&mut self, first: u64, rows: &[usize], columns: &[View<'_>]) {
        let keys: Vec<Vec<View<'_>>> =
            self.indexes.iter().map(|(_, index)| index.keys_of(columns)).collect();
        for row in rows {
            let place = first + *row as u64;
            self.store.kill(place);
            let store = &self.store;
            for ((_, index), keys) in self.indexes.iter_mut().zip(&keys) {
                if !index.nulls_equal && has_null(keys, *row) {
                    continue;
                }
                let names = std::mem::take(&mut index.columns);
                let equal = |other| store.matches(keys, *row, &names, other);
                let hash = self.seed.row(keys, *row);
                index.remove(hash, place, equal, |other| store.is_live(other));
                index.columns = names;
            }
        }
    }
}
