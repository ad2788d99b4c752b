//! A batch's rows divided over shards by key group, the same on any number of cores.
use rayon::ThreadPool;
use rayon::prelude::*;

use crate::state::hash::{SHARDS, key_group, shard};

/// From how many rows on a delta is spread over cores: below, waking them costs more.
pub(crate) const SPREAD_ROWS_MIN: usize = 8192;

/// The numbers of a batch's rows, shard by shard, each shard's in the batch's order.
#[derive(Debug)]
pub(crate) struct Division {
    rows: Vec<u32>,
    ends: [usize; SHARDS],
}

impl Division {
    /// Divides the rows with these hashes.
    pub(crate) fn of(hashes: &[u64]) -> Self {
        let mut ends = [0; SHARDS];
        let place = |hash: &u64| shard(key_group(*hash));
        for hash in hashes {
            if let Some(count) = ends.get_mut(place(hash)) {
                *count += 1;
            }
        }
        let mut start = 0;
        let mut next = ends;
        for (next, end) in next.iter_mut().zip(&mut ends) {
            *next = start;
            start += *end;
            *end = start;
        }
        let mut rows = vec![0; hashes.len()];
        for (row, hash) in (0_u32..).zip(hashes) {
            if let Some(next) = next.get_mut(place(hash)) {
                if let Some(cell) = rows.get_mut(*next) {
                    *cell = row;
                }
                *next += 1;
            }
        }
        Self { rows, ends }
    }

    /// The rows of a shard.
    pub(crate) fn rows(&self, shard: usize) -> &[u32] {
        let start = shard.checked_sub(1).and_then(|before| self.ends.get(before).copied());
        let end = self.ends.get(shard).copied().unwrap_or_default();
        self.rows.get(start.unwrap_or_default()..end).unwrap_or_default()
    }
}

/// Does `work` on every shard, on all cores if there are many rows, and returns what
/// came of it in the shards' order.
pub(crate) fn each_shard<S: Send, T: Send>(
    pool: Option<&ThreadPool>,
    rows: usize,
    shards: &mut [S],
    work: impl Fn(usize, &mut S) -> T + Sync,
) -> Vec<T> {
    match pool.filter(|pool| rows >= SPREAD_ROWS_MIN && pool.current_num_threads() > 1) {
        Some(pool) => pool.install(|| {
            shards.par_iter_mut().enumerate().map(|(number, shard)| work(number, shard)).collect()
        }),
        None => shards.iter_mut().enumerate().map(|(number, shard)| work(number, shard)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_in_the_shard_of_its_group() {
        let hashes: Vec<u64> =
            (0..1000_u64).map(|n| n.wrapping_mul(0x9e37_79b9_7f4a_7c15)).collect();
        let division = Division::of(&hashes);
        let mut seen = vec![];
        for number in 0..SHARDS {
            let rows = division.rows(number);
            assert!(rows.is_sorted());
            assert!(rows.iter().all(|row| shard(key_group(hashes[*row as usize])) == number));
            seen.extend_from_slice(rows);
        }
        seen.sort_unstable();
        assert!(seen.into_iter().eq(0..1000));
    }
}
