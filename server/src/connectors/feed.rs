//! The way of a source's rows into the engine: one commit at a time, with the position
//! behind them.
//!
//! **Invariant:** a batch is handed over only after the one before it is durable, so that a
//! position never gets ahead of rows that were refused. The next batch is read meanwhile.
//! What the engine refuses for now is tried again until it takes it; nothing is passed over.
use std::sync::Arc;
use std::time::Duration;

use arrow::array::RecordBatch;
use engine::Pending;
use engine::commit::{Change, Commit, OnConflict, Position, rejected};
use engine::plan::RelationId;
use sql::catalog::Relation;
use sql::{Database, Error, SourceState, SourceStatus};
use tracing::warn;

use super::stop::Stop;

/// The first wait before something that failed is tried again; each is twice the last.
const RETRY_MS_MIN: u64 = 100;

/// The longest wait before something that failed is tried again.
const RETRY_MS_MAX: u64 = 2_000;

/// The source is dropped, or the server stops.
#[derive(Debug)]
pub(crate) struct Ended;

/// Rows of a source, with how far it has been read with them.
#[derive(Clone, Debug)]
pub(crate) struct Batch {
    /// The source's own columns.
    pub(crate) rows: Option<RecordBatch>,
    /// What could not be read, in [`engine::rejected_schema`].
    pub(crate) rejected: Option<RecordBatch>,
    /// What `_source` says of them.
    pub(crate) origin: String,
    /// Part and place; an empty place forgets the part.
    pub(crate) positions: Vec<(String, Vec<u8>)>,
}

/// A source's connection to the engine.
pub(crate) struct Feed {
    database: Arc<Database>,
    source: Arc<Relation>,
    stop: Arc<Stop>,
    /// The batch that is not known to be durable, and the answer it waits for.
    under_way: Option<(Batch, Pending)>,
    status: SourceStatus,
    failures: u32,
}

impl Feed {
    /// A feed without rows.
    pub(crate) fn new(database: Arc<Database>, source: Arc<Relation>, stop: Arc<Stop>) -> Self {
        let status = SourceStatus::default();
        Self { database, source, stop, under_way: None, status, failures: 0 }
    }

    /// How far each part has been read, durably.
    pub(crate) fn positions(&self) -> Vec<Position> {
        self.database.engine().positions(self.source.id)
    }

    /// Whether the source is to end.
    pub(crate) fn is_stopped(&self) -> bool {
        self.stop.is_given()
    }

    /// Waits, unless the source is to end.
    pub(crate) fn rest(&self, time: Duration) -> Result<(), Ended> {
        if self.stop.wait(time) { Err(Ended) } else { Ok(()) }
    }

    /// Hands over a batch once the one before it is durable.
    pub(crate) fn commit(&mut self, batch: Batch) -> Result<(), Ended> {
        self.settle()?;
        let pending = self.database.engine().commit(batch.commit(self.source.id));
        self.under_way = Some((batch, pending));
        Ok(())
    }

    /// Waits until everything that was handed over is durable.
    pub(crate) fn settle(&mut self) -> Result<(), Ended> {
        while let Some((batch, pending)) = self.under_way.take() {
            let Err(error) = pending.wait() else {
                let rows = |rows: &Option<RecordBatch>| rows.as_ref().map_or(0, |r| r.num_rows());
                self.status.rows += rows(&batch.rows) as u64;
                self.status.rejected += rows(&batch.rejected) as u64;
                break;
            };
            // A stream takes every row as long as it is there, and the engine runs.
            if matches!(error.code(), "40001" | "57P01") || self.is_stopped() {
                return Err(Ended);
            }
            self.fail(error.into())?;
            let pending = self.database.engine().commit(batch.commit(self.source.id));
            self.under_way = Some((batch, pending));
        }
        Ok(())
    }

    /// Shows that the source does well.
    pub(crate) fn well(&mut self, state: SourceState, place: Option<String>) {
        self.failures = 0;
        self.status.state = state;
        self.status.error = None;
        self.status.place = place;
        self.database.sources().tell(self.source.id, Some(self.status.clone()));
    }

    /// Shows what is wrong, and waits before it is tried again: longer each time.
    pub(crate) fn fail(&mut self, error: Error) -> Result<(), Ended> {
        let known = self.status.error.as_ref().map(Error::message);
        if known != Some(error.message()) {
            warn!("source {}: {error}", self.source.name);
        }
        self.status.state = SourceState::Failing;
        self.status.error = Some(error);
        self.database.sources().tell(self.source.id, Some(self.status.clone()));
        let wait = RETRY_MS_MIN.saturating_mul(1 << self.failures.min(16)).min(RETRY_MS_MAX);
        self.failures = self.failures.saturating_add(1);
        self.rest(Duration::from_millis(wait))
    }
}

impl Batch {
    fn commit(&self, source: RelationId) -> Commit {
        let insert = |relation, rows: &RecordBatch| Change::Insert {
            relation,
            rows: rows.clone(),
            conflict: OnConflict::Error,
        };
        let rows = self.rows.iter().map(|rows| insert(source, rows));
        let wrong = self.rejected.iter().map(|rows| insert(rejected(source), rows));
        let position = |(part, place): &(String, Vec<u8>)| Position {
            relation: source,
            part: part.clone(),
            place: place.clone(),
        };
        Commit {
            changes: rows.chain(wrong).collect(),
            source: Some(self.origin.clone()),
            positions: self.positions.iter().map(position).collect(),
            ..Commit::default()
        }
    }
}
