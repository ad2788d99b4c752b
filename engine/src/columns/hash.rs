//! A seeded hash of rows, column by column.
//!
//! Cells that are equal under [`View::equal`] have equal hashes. The seed is drawn
//! once per data directory; nothing that is stored or put out depends on a hash.
#![expect(clippy::indexing_slicing, reason = "offsets are an array's own")]
use std::hash::Hasher;
use std::sync::Arc;

use foldhash::SharedSeed;
use foldhash::fast::FoldHasher;

use super::cells::{Cells, View, interval_span, span};

/// What hashes depend on, so that nobody outside can choose rows that collide.
#[derive(Clone)]
pub(crate) struct Seed {
    first: u64,
    shared: Arc<SharedSeed>,
}

impl std::fmt::Debug for Seed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Seed")
    }
}

const NULL: u64 = 0x6e75_6c6c;

impl Seed {
    /// A seed from the data directory's number.
    pub(crate) fn new(seed: u64) -> Self {
        Self { first: seed, shared: Arc::new(SharedSeed::from_u64(seed)) }
    }

    /// The hashes of the first `rows` rows over `columns`, in place of what `hashes` holds.
    pub(crate) fn hash(&self, columns: &[View<'_>], rows: usize, hashes: &mut Vec<u64>) {
        hashes.clear();
        hashes.resize(rows, self.first);
        for column in columns {
            self.fold(column, hashes);
        }
    }

    /// The hash of one row over `columns`; what [`Seed::hash`] gives for it.
    pub(crate) fn row(&self, columns: &[View<'_>], row: usize) -> u64 {
        columns.iter().fold(self.first, |hash, column| self.cell(column, row, hash))
    }

    /// Folds one column into the hashes of its rows.
    fn fold(&self, column: &View<'_>, hashes: &mut [u64]) {
        if column.valid.is_some() {
            for (row, hash) in hashes.iter_mut().enumerate() {
                *hash = self.cell(column, row, *hash);
            }
            return;
        }
        match column.cells {
            Cells::Int64(values) => {
                for (hash, value) in hashes.iter_mut().zip(values) {
                    *hash = self.word(*hash, *value as u64);
                }
            }
            Cells::Int32(values) => {
                for (hash, value) in hashes.iter_mut().zip(values) {
                    *hash = self.word(*hash, *value as u64);
                }
            }
            _ => {
                for (row, hash) in hashes.iter_mut().enumerate() {
                    *hash = self.value(&column.cells, row, *hash);
                }
            }
        }
    }

    fn cell(&self, column: &View<'_>, row: usize, hash: u64) -> u64 {
        if column.is_null(row) {
            self.word(hash.rotate_left(1), NULL)
        } else {
            self.value(&column.cells, row, hash)
        }
    }

    #[inline]
    fn value(&self, cells: &Cells<'_>, row: usize, hash: u64) -> u64 {
        match cells {
            Cells::Boolean(bits) => self.word(hash, u64::from(bits.get(row))),
            Cells::Int16(values) => self.word(hash, values[row] as u64),
            Cells::Int32(values) => self.word(hash, values[row] as u64),
            Cells::Int64(values) => self.word(hash, values[row] as u64),
            Cells::Float32(values) => self.word(hash, float(f64::from(values[row]))),
            Cells::Float64(values) => self.word(hash, float(values[row])),
            Cells::Int128(values) => self.wide(hash, values[row]),
            Cells::Interval(values) => self.wide(hash, interval_span(&values[row])),
            Cells::Bytes { .. } => {
                let mut hasher = FoldHasher::with_seed(hash, &self.shared);
                hasher.write(cells.bytes_at(row));
                hasher.finish()
            }
            Cells::Fixed16(values) => self.wide(hash, i128::from_le_bytes(values[row])),
            Cells::List { offsets, items } => {
                let (from, to) = span(offsets, row);
                let items = items.view();
                let start = self.word(hash, (to - from) as u64);
                (from..to).fold(start, |hash, item| self.cell(&items, item, hash))
            }
        }
    }

    #[inline]
    fn word(&self, hash: u64, value: u64) -> u64 {
        let mut hasher = FoldHasher::with_seed(hash, &self.shared);
        hasher.write_u64(value);
        hasher.finish()
    }

    #[inline]
    fn wide(&self, hash: u64, value: i128) -> u64 {
        let mut hasher = FoldHasher::with_seed(hash, &self.shared);
        hasher.write_u128(value as u128);
        hasher.finish()
    }
}

/// A float's bits, the same for all that are equal.
#[inline]
fn float(value: f64) -> u64 {
    if value == 0.0 {
        0
    } else if value.is_nan() {
        f64::NAN.to_bits()
    } else {
        value.to_bits()
    }
}
