//! The error relation: which rows of which view fail now, and the last that ever did.
use std::collections::VecDeque;
use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, RecordBatch};
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
    /// In [`failure_schema`], rows that began to fail.
    pub rows: RecordBatch,
}

/// Failures as a relation, and their log.
pub(crate) struct Failures {
    /// The columns of [`failures_schema`].
    pub(crate) now: Relation,
    pub(crate) log: VecDeque<FailureLine>,
    lines: usize,
}

/// The columns of the error relation: the view's id, then [`failure_schema`]'s.
pub fn failures_schema() -> SchemaRef {
    let mut fields = vec![Arc::new(Field::new("view", DataType::Int64, false))];
    fields.extend(failure_schema().fields().iter().cloned());
    Arc::new(Schema::new(fields))
}

impl Failures {
    /// Nothing fails.
    pub(crate) fn new(seed: u64) -> Result<Self> {
        let now = Relation::view(FAILURES, &failures_schema(), None, seed)?;
        Ok(Self { now, log: VecDeque::new(), lines: 0 })
    }

    /// Notes what fails from `tick` on, and what no longer does.
    pub(crate) fn apply(
        &mut self,
        changes: Vec<(RelationId, Delta)>,
        tick: Tick,
        time: i64,
    ) -> Result<()> {
        for (view, delta) in changes {
            let id = i64::try_from(view.0).unwrap_or(i64::MAX);
            let ids: ArrayRef = Arc::new(Int64Array::from_value(id, delta.len()));
            let mut columns = vec![ids];
            columns.extend(delta.rows().columns().iter().cloned());
            let rows = RecordBatch::try_new(failures_schema(), columns)?;
            self.now.apply(&delta.with_rows(rows)?, tick)?;
            let begun = delta.weights_iter().map(|weight| Some(weight > 0)).collect();
            let begun = delta.filter(&begun)?;
            if !begun.is_empty() {
                self.lines += begun.len();
                let rows = begun.rows().clone();
                self.log.push_back(FailureLine { tick, time, view, rows });
            }
        }
        while self.lines > FAILURES_LOG_LINES_MAX && self.log.len() > 1 {
            let gone = self.log.pop_front().map_or(0, |line| line.rows.num_rows());
            self.lines -= gone;
        }
        Ok(())
    }

    /// Forgets a view that is dropped.
    pub(crate) fn forget(&mut self, view: RelationId, tick: Tick) -> Result<()> {
        let id = i64::try_from(view.0).unwrap_or(i64::MAX);
        for batch in self.now.snapshot()?.batches(None) {
            let batch = batch?;
            let views = batch
                .column_by_name("view")
                .and_then(|column| column.as_any().downcast_ref::<Int64Array>().cloned());
            let views = views.ok_or_else(|| Error::internal("a failure has no view"))?;
            let gone = views.iter().map(|found| Some(found == Some(id))).collect();
            let gone = Delta::retracted(batch).filter(&gone)?;
            if !gone.is_empty() {
                self.now.apply(&gone, tick)?;
            }
        }
        self.log.retain(|line| line.view != view);
        Ok(())
    }
}
