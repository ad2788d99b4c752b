//! The way of a source's rows into the engine: one commit at a time, with the position
//! behind them.
//!
//! **Invariant:** a position never gets ahead of rows that were refused. A few batches are
//! under way at once, and each says behind which place of its part it follows: where one is
//! refused, the engine refuses those behind it too. What it refuses for now is tried again,
//! in the same order, until it is taken; nothing is passed over.
use std::collections::{BTreeMap, VecDeque};
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

/// Batches that wait for their answers: one is synced, one is computed, one is queued.
const UNDER_WAY_MAX: usize = 3;

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

/// A batch that was handed over, and the places behind which it follows.
struct Handed {
    batch: Batch,
    follows: Vec<(String, Vec<u8>)>,
}

/// A source's connection to the engine.
pub(crate) struct Feed {
    database: Arc<Database>,
    source: Arc<Relation>,
    stop: Arc<Stop>,
    /// Batches that are not known to be durable, and the answers they wait for.
    under_way: VecDeque<(Handed, Pending)>,
    /// The place that was handed over last for each part.
    places: BTreeMap<String, Vec<u8>>,
    status: SourceStatus,
    failures: u32,
}

impl Feed {
    /// A feed without rows.
    pub(crate) fn new(database: Arc<Database>, source: Arc<Relation>, stop: Arc<Stop>) -> Self {
        let status = SourceStatus::default();
        let (under_way, places) = (VecDeque::new(), BTreeMap::new());
        Self { database, source, stop, under_way, places, status, failures: 0 }
    }

    /// How far each part has been read, durably: where to begin.
    pub(crate) fn positions(&mut self) -> Vec<Position> {
        let positions = self.database.engine().positions(self.source.id);
        let place = |position: &Position| (position.part.clone(), position.place.clone());
        self.places = positions.iter().map(place).collect();
        positions
    }

    /// Whether the source is to end.
    pub(crate) fn is_stopped(&self) -> bool {
        self.stop.is_given()
    }

    /// Waits, unless the source is to end.
    pub(crate) fn rest(&self, time: Duration) -> Result<(), Ended> {
        if self.stop.wait(time) { Err(Ended) } else { Ok(()) }
    }

    /// Hands over a batch, behind those that are under way.
    pub(crate) fn commit(&mut self, batch: Batch) -> Result<(), Ended> {
        while self.under_way.len() >= UNDER_WAY_MAX {
            self.settle_first()?;
        }
        let mut follows = vec![];
        for (part, place) in &batch.positions {
            let last = match place.is_empty() {
                true => self.places.remove(part),
                false => self.places.insert(part.clone(), place.clone()),
            };
            follows.push((part.clone(), last.unwrap_or_default()));
        }
        self.hand_over(Handed { batch, follows });
        Ok(())
    }

    /// Waits until everything that was handed over is durable.
    pub(crate) fn settle(&mut self) -> Result<(), Ended> {
        while !self.under_way.is_empty() {
            self.settle_first()?;
        }
        Ok(())
    }

    fn hand_over(&mut self, handed: Handed) {
        let pending = self.database.engine().commit(handed.commit(self.source.id));
        self.under_way.push_back((handed, pending));
    }

    /// Waits for the first batch that is under way. If it was refused, it and those that were
    /// refused behind it are handed over again.
    fn settle_first(&mut self) -> Result<(), Ended> {
        let Some((first, pending)) = self.under_way.pop_front() else { return Ok(()) };
        let Err(error) = pending.wait() else {
            self.count(&first.batch);
            return Ok(());
        };
        // A stream takes every row as long as it is there, and the engine runs.
        if matches!(error.code(), "40001" | "57P01") || self.is_stopped() {
            return Err(Ended);
        }
        let mut refused = vec![first];
        for (behind, pending) in std::mem::take(&mut self.under_way) {
            match pending.wait() {
                Ok(_) => self.count(&behind.batch),
                Err(_) => refused.push(behind),
            }
        }
        self.fail(error.into())?;
        refused.into_iter().for_each(|again| self.hand_over(again));
        Ok(())
    }

    fn count(&mut self, batch: &Batch) {
        let rows = |rows: &Option<RecordBatch>| rows.as_ref().map_or(0, |r| r.num_rows());
        self.status.rows += rows(&batch.rows) as u64;
        self.status.rejected += rows(&batch.rejected) as u64;
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

impl Handed {
    fn commit(&self, source: RelationId) -> Commit {
        let insert = |relation, rows: &RecordBatch| Change::Insert {
            relation,
            rows: rows.clone(),
            conflict: OnConflict::Error,
        };
        let rows = self.batch.rows.iter().map(|rows| insert(source, rows));
        let wrong = self.batch.rejected.iter().map(|rows| insert(rejected(source), rows));
        let position = |(part, place): &(String, Vec<u8>)| Position {
            relation: source,
            part: part.clone(),
            place: place.clone(),
        };
        Commit {
            changes: rows.chain(wrong).collect(),
            source: Some(self.batch.origin.clone()),
            positions: self.batch.positions.iter().map(position).collect(),
            follows: self.follows.iter().map(position).collect(),
            ..Commit::default()
        }
    }
}
