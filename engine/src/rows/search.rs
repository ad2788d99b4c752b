//! Finding the rows of many keys at once.
//!
//! What costs is memory that is not in the cache. So a block of keys is looked up in
//! passes, each of which touches many places that do not depend on one another: first the
//! index, by hash alone, then column by column the rows that it led to. Only the few that
//! turn out to be of another key with the same hash are looked up one by one.
use super::index::Index;
use super::store::Store;
use crate::columns::View;

/// Rows that are looked up together: few enough that all they touch stays in the cache.
pub(super) const BLOCK_ROWS: usize = 128;

/// The place of a row that is not there.
pub(super) const NOWHERE: u64 = u64::MAX;

/// The key columns of a batch under one index, and the hashes of all its rows.
pub(super) struct Keys<'a> {
    pub(super) columns: Vec<View<'a>>,
    pub(super) hashes: Vec<u64>,
}

impl Keys<'_> {
    /// The hash of one row.
    #[inline]
    pub(super) fn hash(&self, row: u32) -> u64 {
        self.hashes.get(row as usize).copied().unwrap_or_default()
    }

    /// Whether two rows have equal keys.
    #[inline]
    pub(super) fn same(&self, one: u32, two: u32) -> bool {
        let (row, other) = (one as usize, two as usize);
        self.hash(one) == self.hash(two)
            && self.columns.iter().all(|column| column.equal(row, column, other))
    }

    /// Whether a row has a NULL among its keys.
    pub(super) fn has_null(&self, row: u32) -> bool {
        self.columns.iter().any(|column| column.is_null(row as usize))
    }
}

/// For each of `rows` the newest place in `index` of a row with the same key, or
/// [`NOWHERE`]. NULLs count as equal.
pub(super) fn newest(
    (store, index): (&Store, &Index),
    keys: &Keys<'_>,
    rows: &[u32],
    places: &mut Vec<u64>,
) {
    *places = index.guess(rows.iter().map(|row| keys.hash(*row)));
    let same = store.compare(&keys.columns, &index.columns, (rows, places), false);
    for ((place, row), same) in places.iter_mut().zip(rows).zip(same) {
        if *place != NOWHERE && !same {
            let matches =
                |place| store.matches(&keys.columns, *row as usize, &index.columns, place);
            *place = index.find(keys.hash(*row), matches).unwrap_or(NOWHERE);
        }
    }
}
