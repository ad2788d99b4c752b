//! The work of a fold: which rows of a delta go, which come, which replace one another.
use super::search::Keys;
use crate::{Error, Result};

/// Rows that one delta inserts, copies counted.
const COPIES_MAX: usize = 1 << 28;

/// The rows of a delta by what becomes of them, a row with copies as often.
pub(super) struct Work {
    /// Rows to retract for which no row of the same key was found among the inserted.
    pub(super) retracted: Vec<u32>,
    /// Rows to insert.
    pub(super) inserted: Vec<u32>,
    /// Rows to retract, each with the number in `inserted` of one of the same key, ascending.
    pub(super) replaced: Vec<(u32, u32)>,
}

impl Work {
    /// The rows of a delta for a relation of `there` rows.
    pub(super) fn of(weights: &[i64], there: usize) -> Result<Self> {
        let mut work = Work {
            retracted: Vec::with_capacity(weights.len()),
            inserted: Vec::with_capacity(weights.len()),
            replaced: Vec::new(),
        };
        for (row, weight) in (0..).zip(weights) {
            let rows = if *weight < 0 { &mut work.retracted } else { &mut work.inserted };
            let copies = usize::try_from(weight.unsigned_abs()).unwrap_or(usize::MAX);
            if *weight < 0 && copies > there {
                return Err(missing(row));
            }
            if copies > COPIES_MAX.saturating_sub(rows.len()) {
                return Err(Error::data("54000", "one change inserts too many copies of rows"));
            }
            match copies {
                1 => rows.push(row),
                _ => rows.extend(std::iter::repeat_n(row, copies)),
            }
        }
        Ok(work)
    }

    /// Finds retractions and insertions of one key. They stand in the same order mostly,
    /// alternating or one list after the other; those that do not are left as they are.
    pub(super) fn pair(&mut self, keys: &Keys<'_>) {
        let retracted = std::mem::take(&mut self.retracted);
        self.replaced.reserve(retracted.len().min(self.inserted.len()));
        let same = |old: Option<&u32>, new: Option<&u32>| {
            old.zip(new).is_some_and(|(old, new)| keys.same(*old, *new))
        };
        let (mut old, mut new) = (0, 0);
        while let (Some(row), Some(other)) = (retracted.get(old), self.inserted.get(new)) {
            if keys.same(*row, *other) {
                self.replaced.push((*row, new as u32));
                (old, new) = (old + 1, new + 1);
            } else if same(Some(row), self.inserted.get(new + 1)) {
                new += 1;
            } else {
                new += usize::from(!same(retracted.get(old + 1), Some(other)));
                self.retracted.push(*row);
                old += 1;
            }
        }
        self.retracted.extend(retracted.iter().skip(old));
    }
}

/// A retraction of what is not there.
pub(super) fn missing(row: u32) -> Error {
    Error::internal("a retracted row is not there")
        .with_detail(format!("It is row {row} of its delta."))
}
