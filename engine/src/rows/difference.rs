//! The difference of two snapshots of one relation.
use std::cmp::Ordering;
use std::sync::Arc;

use arrow::array::Int64Array;
use arrow::compute::concat_batches;

use super::chunk::Chunk;
use super::live::Live;
use super::snapshot::Snapshot;
use crate::{Delta, Result};

/// What turns `older` into `newer`, a delta for each chunk that changed. A row that
/// compaction moved is retracted and, in a later delta, inserted again. A row's retraction
/// never comes after the insertion of one that took its key.
pub fn difference(older: &Snapshot, newer: &Snapshot) -> Differences {
    Differences { older: older.clone(), newer: newer.clone(), next_older: 0, next_newer: 0 }
}

/// The deltas between two snapshots.
#[derive(Debug)]
pub struct Differences {
    older: Snapshot,
    newer: Snapshot,
    next_older: usize,
    next_newer: usize,
}

impl Iterator for Differences {
    type Item = Result<Delta>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let older = self.older.chunks.get(self.next_older);
            let newer = self.newer.chunks.get(self.next_newer);
            let order = match (older, newer) {
                (None, None) => return None,
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some((older, _)), Some((newer, _))) => older.cmp(newer),
            };
            self.next_older += usize::from(order.is_le());
            self.next_newer += usize::from(order.is_ge());
            let older = older.filter(|_| order.is_le()).map(|(_, chunk)| chunk);
            let newer = newer.filter(|_| order.is_ge()).map(|(_, chunk)| chunk);
            match between(older, newer) {
                Ok(None) => {}
                Ok(Some(delta)) => return Some(Ok(delta)),
                Err(error) => return Some(Err(error)),
            }
        }
    }
}

/// What became of one chunk.
fn between(older: Option<&Arc<Chunk>>, newer: Option<&Arc<Chunk>>) -> Result<Option<Delta>> {
    if let (Some(older), Some(newer)) = (older, newer)
        && Arc::ptr_eq(older, newer)
    {
        return Ok(None);
    }
    let none = Live::none();
    let live = |chunk: Option<&Arc<Chunk>>| chunk.map_or(none.clone(), |chunk| chunk.live.clone());
    let (before, after) = (live(older), live(newer));
    let removed = match older {
        Some(chunk) => chunk.delta(&before.without(&after), -1)?,
        None => None,
    };
    let added = match newer {
        Some(chunk) => chunk.delta(&after.without(&before), 1)?,
        None => None,
    };
    Ok(match (removed, added) {
        (Some(removed), Some(added)) => {
            let schema = removed.schema();
            let rows = concat_batches(&schema, [removed.rows(), added.rows()])?;
            let weights: Int64Array = removed.weights_iter().chain(added.weights_iter()).collect();
            Some(Delta::new(rows, weights)?)
        }
        (removed, added) => removed.or(added),
    })
}

impl Chunk {
    /// These of its rows under one weight, if there are any.
    fn delta(&self, rows: &Live, weight: i64) -> Result<Option<Delta>> {
        if rows.count() == 0 {
            return Ok(None);
        }
        let rows = self.select(rows, None)?;
        Ok(Some(match weight {
            1 => Delta::inserted(rows),
            _ => Delta::retracted(rows),
        }))
    }
}
