//! What a join puts out, as rows of its schema.
use std::sync::Arc;

use arrow::array::{
    ArrayRef, Int64Array, RecordBatch, RecordBatchOptions, UInt32Array, new_null_array,
};
use arrow::compute::take;
use arrow::datatypes::SchemaRef;

use super::bag::Bag;
use crate::expression::{Failures, Outcome, evaluate_mask, split};
use crate::plan::{Expression, JoinKind};
use crate::state::row_bytes::RowBytes;
use crate::{Delta, Error, Result};

/// The most pairs that are made at once.
pub(super) const PAIRS_MAX: usize = 8192;

/// One of a join's inputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Left,
    Right,
}

/// What is fixed of a join.
pub(super) struct Shape {
    pub(super) kind: JoinKind,
    pub(super) residual: Option<Expression>,
    /// Rows of the left and the right side as bytes.
    pub(super) rows: [RowBytes; 2],
    pub(super) schemas: [SchemaRef; 2],
    /// Left then right columns: what the residual sees.
    pub(super) paired: SchemaRef,
    pub(super) output: SchemaRef,
}

/// Columns of one side: rows of a delta, rows that are kept, or NULLs.
pub(super) enum Half<'a> {
    /// Rows of a batch.
    Given(&'a RecordBatch, &'a [u32]),
    /// Rows of a bag.
    Kept(&'a Bag, &'a [u32]),
    /// As many NULLs.
    Nulls(usize),
}

impl Side {
    pub(super) fn other(self) -> Self {
        match self {
            Side::Left => Side::Right,
            Side::Right => Side::Left,
        }
    }

    /// Its place in an array of both.
    pub(super) fn at(self) -> usize {
        usize::from(self == Side::Right)
    }
}

impl Shape {
    /// Whether matching pairs are put out.
    pub(super) fn shows_pairs(&self) -> bool {
        !matches!(self.kind, JoinKind::Semi | JoinKind::Anti)
    }

    /// Whether a row of a side is put out alone while it has a match, or has none.
    pub(super) fn shows_alone(&self, side: Side, matched: bool) -> bool {
        match (self.kind, side) {
            (JoinKind::Semi, Side::Left) => matched,
            (JoinKind::Anti | JoinKind::Left | JoinKind::Full, Side::Left) => !matched,
            (JoinKind::Right | JoinKind::Full, Side::Right) => !matched,
            _ => false,
        }
    }

    /// Whether rows of a side are ever put out alone.
    pub(super) fn has_alone(&self, side: Side) -> bool {
        self.shows_alone(side, true) || self.shows_alone(side, false)
    }

    /// Whether rows of a side must be kept, not only counted by key.
    pub(super) fn keeps(&self, side: Side) -> bool {
        self.shows_pairs() || self.residual.is_some() || self.has_alone(side)
    }

    /// Pairs of rows, as many in both halves; `first` is of side `side`.
    fn pair(&self, side: Side, first: &Half<'_>, second: &Half<'_>) -> Result<Vec<ArrayRef>> {
        let first = self.columns(side, first)?;
        let second = self.columns(side.other(), second)?;
        Ok(match side {
            Side::Left => [first, second].concat(),
            Side::Right => [second, first].concat(),
        })
    }

    fn columns(&self, side: Side, half: &Half<'_>) -> Result<Vec<ArrayRef>> {
        let missing = || Error::internal("a join has two sides");
        match half {
            Half::Given(batch, numbers) => {
                let numbers = UInt32Array::from_iter_values(numbers.iter().copied());
                let columns = batch.columns().iter().map(|column| take(column, &numbers, None));
                Ok(columns.collect::<std::result::Result<_, _>>()?)
            }
            Half::Kept(bag, numbers) => {
                let rows = numbers.iter().map(|number| bag.get(*number));
                let rows = rows.map(|record| record.map_or(&[][..], |record| &record.bytes));
                self.rows.get(side.at()).ok_or_else(missing)?.decode(rows)
            }
            Half::Nulls(count) => {
                let schema = self.schemas.get(side.at()).ok_or_else(missing)?;
                let fields = schema.fields().iter();
                Ok(fields.map(|field| new_null_array(field.data_type(), *count)).collect())
            }
        }
    }

    /// Pairs as a delta of the output.
    pub(super) fn show_pairs(
        &self,
        side: Side,
        halves: (&Half<'_>, &Half<'_>),
        weights: Vec<i64>,
    ) -> Result<Delta> {
        self.delta(self.pair(side, halves.0, halves.1)?, weights)
    }

    /// Rows of one side, alone, as a delta of the output.
    pub(super) fn show_alone(
        &self,
        side: Side,
        half: &Half<'_>,
        weights: Vec<i64>,
    ) -> Result<Delta> {
        let columns = match self.shows_pairs() {
            true => self.pair(side, half, &Half::Nulls(weights.len()))?,
            false => self.columns(side, half)?,
        };
        self.delta(columns, weights)
    }

    /// Which pairs satisfy the residual; those on which it fails do not, and are shown.
    pub(super) fn matching(
        &self,
        side: Side,
        halves: (&Half<'_>, &Half<'_>),
        weights: &[i64],
        failures: (&mut Failures, i32),
    ) -> Result<Vec<bool>> {
        let Some(residual) = &self.residual else { return Ok(vec![true; weights.len()]) };
        let columns = self.pair(side, halves.0, halves.1)?;
        let options = RecordBatchOptions::new().with_row_count(Some(weights.len()));
        let pairs = RecordBatch::try_new_with_options(Arc::clone(&self.paired), columns, &options)?;
        let mut matching = Vec::with_capacity(weights.len());
        for (range, outcome) in split(&pairs, &|rows| evaluate_mask(residual, rows))? {
            match outcome {
                Outcome::Good(mask) => matching.extend(mask.values().iter()),
                Outcome::Failed(error) => {
                    let weight = weights.get(range.start).copied().unwrap_or_default();
                    failures.0.push(failures.1, &error, (pairs.columns(), range.start), weight);
                    matching.push(false);
                }
            }
        }
        Ok(matching)
    }

    fn delta(&self, columns: Vec<ArrayRef>, weights: Vec<i64>) -> Result<Delta> {
        let options = RecordBatchOptions::new().with_row_count(Some(weights.len()));
        let output = Arc::clone(&self.output);
        let rows = RecordBatch::try_new_with_options(output, columns, &options)?;
        Delta::new(rows, Int64Array::from(weights))
    }
}
