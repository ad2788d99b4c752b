//! The error relation: which rows of which view fail now, and the last that ever did.
use std::collections::VecDeque;
use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, RecordBatch, new_null_array};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use storage::Tick;

use crate::expression::failure_schema;
use crate::plan::RelationId;
use crate::relation::Relation;
use crate::{Delta, Error, Result};

/// The id of the error relation; ids of the catalog begin above it.
pub const FAILURES: RelationId = RelationId(1);

/// How many lines the log of failures keeps.
pub const FAILURES_LOG_LINES_MAX: usize = 10_000;

/// A line of the log of all that ever failed.
#[derive(Clone, Debug)]
pub struct FailureLine {
    /// In which tick.
    pub tick: Tick,
    /// Its time in microseconds.
    pub time: i64,
    /// Whose row it was.
    pub view: RelationId,
    /// In [`rejected_schema`], rows that began to fail.
    pub rows: RecordBatch,
}

/// Failures as a relation, and their log.
pub(crate) struct Failures {
    /// The columns of [`failures_schema`].
    pub(crate) now: Relation,
    /// Each line with its number, ascending.
    log: VecDeque<(u64, FailureLine)>,
    rows: usize,
    /// The number of the last line.
    noted: u64,
}

/// The columns of what a source could not read: [`failure_schema`]'s (`row` is the record),
/// then `place` text: its file, line and byte.
pub fn rejected_schema() -> SchemaRef {
    let mut fields = failure_schema().fields().to_vec();
    fields.push(Arc::new(Field::new("place", DataType::Utf8, true)));
    Arc::new(Schema::new(fields))
}

/// The columns of the error relation: the view's or source's id, then [`rejected_schema`]'s,
/// whose `place` is null for a view.
pub fn failures_schema() -> SchemaRef {
    let mut fields = vec![Arc::new(Field::new("view", DataType::Int64, false))];
    fields.extend(rejected_schema().fields().iter().cloned());
    Arc::new(Schema::new(fields))
}

/// Failures of a view in the schema of a source's.
fn with_place(failures: Delta) -> Result<Delta> {
    let schema = rejected_schema();
    let mut columns = failures.rows().columns().to_vec();
    if columns.len() < schema.fields().len() {
        columns.push(new_null_array(&DataType::Utf8, failures.len()));
    }
    failures.with_rows(RecordBatch::try_new(schema, columns)?)
}

impl Failures {
    /// Nothing fails.
    pub(crate) fn new(seed: u64) -> Result<Self> {
        let now = Relation::view(FAILURES, &failures_schema(), (None, false), seed)?;
        Ok(Self { now, log: VecDeque::new(), rows: 0, noted: 0 })
    }

    /// Notes what fails from `tick` on, and what no longer does.
    pub(crate) fn apply(
        &mut self,
        changes: Vec<(RelationId, Delta)>,
        tick: Tick,
        time: i64,
    ) -> Result<()> {
        for (view, delta) in changes {
            let delta = with_place(delta)?;
            let id = i64::try_from(view.0).unwrap_or(i64::MAX);
            let ids: ArrayRef = Arc::new(Int64Array::from_value(id, delta.len()));
            let mut columns = vec![ids];
            columns.extend(delta.rows().columns().iter().cloned());
            let rows = RecordBatch::try_new(failures_schema(), columns)?;
            self.now.apply(&delta.with_rows(rows)?, tick)?;
            let begun = delta.weights_iter().map(|weight| Some(weight > 0)).collect();
            let begun = delta.filter(&begun)?;
            if !begun.is_empty() {
                let rows = begun.rows().clone();
                self.note(FailureLine { tick, time, view, rows });
            }
        }
        Ok(())
    }

    /// Adds a line to the log, and lets go of the oldest.
    pub(crate) fn note(&mut self, line: FailureLine) {
        self.noted += 1;
        self.rows += line.rows.num_rows();
        self.log.push_back((self.noted, line));
        while self.rows > FAILURES_LOG_LINES_MAX && self.log.len() > 1 {
            let gone = self.log.pop_front().map_or(0, |(_, line)| line.rows.num_rows());
            self.rows -= gone;
        }
    }

    /// The lines of the log, oldest first.
    pub(crate) fn lines(&self) -> impl Iterator<Item = &FailureLine> {
        self.log.iter().map(|(_, line)| line)
    }

    /// The lines with numbers above `number`.
    pub(crate) fn lines_after(&self, number: u64) -> Vec<FailureLine> {
        let start = self.log.partition_point(|(other, _)| *other <= number);
        self.log.range(start..).map(|(_, line)| line.clone()).collect()
    }

    /// The number of the last line.
    pub(crate) fn noted(&self) -> u64 {
        self.noted
    }

    /// Goes on with numbers above `noted`, which no line has: all are stored.
    pub(crate) fn set_noted(&mut self, noted: u64) {
        let last = self.noted.max(noted);
        let first = last.saturating_sub(self.log.len() as u64);
        for ((number, _), new) in self.log.iter_mut().zip(first + 1..) {
            *number = new;
        }
        self.noted = last;
    }

    /// Forgets a view that is dropped.
    pub(crate) fn forget(&mut self, view: RelationId, tick: Tick) -> Result<()> {
        self.retain(&|other| other != view, tick)
    }

    /// Forgets all views but some.
    pub(crate) fn retain(&mut self, keep: &dyn Fn(RelationId) -> bool, tick: Tick) -> Result<()> {
        let is_gone = |id: i64| !u64::try_from(id).is_ok_and(|id| keep(RelationId(id)));
        for batch in self.now.snapshot()?.batches(None) {
            let batch = batch?;
            let views = batch
                .column_by_name("view")
                .and_then(|column| column.as_any().downcast_ref::<Int64Array>().cloned());
            let views = views.ok_or_else(|| Error::internal("a failure has no view"))?;
            let gone = views.iter().map(|view| Some(view.is_none_or(is_gone))).collect();
            let gone = Delta::retracted(batch).filter(&gone)?;
            if !gone.is_empty() {
                self.now.apply(&gone, tick)?;
            }
        }
        self.log.retain(|(_, line)| keep(line.view));
        self.rows = self.lines().map(|line| line.rows.num_rows()).sum();
        Ok(())
    }
}
