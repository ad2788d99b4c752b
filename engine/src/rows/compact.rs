//! Compaction: the rows of sparse chunks move to the tail, so that the chunks can go.
use std::sync::Arc;

use super::CHUNK_ROWS;
use super::index::Index;
use super::rows::{Key, Rows, has_null};
use super::store::Store;
use crate::Result;
use crate::columns::{Column, View};

/// Numbers of chunks that have gone which are kept beyond as many as there are chunks.
const GONE_CHUNKS_MAX: usize = 64;

/// Rows moved at once, so that their columns stay in the cache.
const MOVED_ROWS_MAX: usize = 256;

impl Rows {
    /// Moves up to `budget_rows` rows out of chunks that are less than a third live, and says
    /// how many it moved: fewer than the budget, if nothing more is to do. It may stop
    /// inside a chunk; the next call goes on there. Rows that are only appended stay.
    pub fn compact(&mut self, budget_rows: usize) -> Result<usize> {
        let mut moved = 0;
        while moved < budget_rows && self.key != Key::None {
            let Some(chunk) = self.store.sparsest() else { break };
            let count = (budget_rows - moved).min(MOVED_ROWS_MAX);
            moved += self.move_rows(chunk, count)?;
            self.store.tidy();
        }
        Ok(moved)
    }

    /// Moves up to `count` rows of `chunk` to the tail.
    fn move_rows(&mut self, chunk: u64, count: usize) -> Result<usize> {
        let Some(slot) = self.store.slot(chunk) else { return Ok(0) };
        let rows: Vec<u32> = slot.chunk.live.rows().take(count).map(|row| row as u32).collect();
        let sealed = Arc::clone(&slot.chunk.sealed);
        let columns: Vec<View<'_>> = sealed.columns.iter().map(Column::view).collect();
        let mut places = Vec::with_capacity(rows.len());
        self.store.push(&columns, &rows, &mut places)?;
        let first = chunk * CHUNK_ROWS as u64;
        let seed = &self.seed;
        let mut keys = Vec::with_capacity(self.indexes.len());
        for (_, index) in &self.indexes {
            let columns = index.keys_of(&columns);
            let hashes: Vec<u64> =
                rows.iter().map(|row| seed.row(&columns, *row as usize)).collect();
            index.warm(hashes.iter().copied());
            keys.push((columns, hashes));
        }
        for (number, (row, new)) in rows.iter().zip(&places).enumerate() {
            let old = first + u64::from(*row);
            self.store.kill(old);
            for ((_, index), (keys, hashes)) in self.indexes.iter_mut().zip(&keys) {
                let Some(hash) = hashes.get(number) else { continue };
                relocate(index, &self.store, (keys, *hash), *row as usize, (old, *new));
            }
        }
        Ok(rows.len())
    }
}

impl Store {
    /// A chunk whose rows should move, if there is any: one under a third live; or the first
    /// one, where the numbers of chunks that have gone would take up too much room.
    fn sparsest(&mut self) -> Option<u64> {
        if self.slots.len() > 2 * self.chunks + GONE_CHUNKS_MAX {
            return Some(self.first);
        }
        while let Some(chunk) = self.sparse.front().copied() {
            if self.slot(chunk).is_some() {
                return Some(chunk);
            }
            self.sparse.pop_front();
        }
        None
    }
}

fn relocate(
    index: &mut Index,
    store: &Store,
    (keys, hash): (&[View<'_>], u64),
    row: usize,
    places: (u64, u64),
) {
    if !index.nulls_equal && has_null(keys, row) {
        return;
    }
    let columns = std::mem::take(&mut index.columns);
    let equal = |place| store.matches(keys, row, &columns, place);
    index.relocate(hash, places, equal, |place| store.is_live(place));
    index.columns = columns;
}
