//! The engine as its callers see it: commits in, snapshots and changes out.
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::thread::JoinHandle;

use arrow::array::{ArrayRef, RecordBatch};
use arrow::datatypes::SchemaRef;
use futures::channel::oneshot;
use parking_lot::Mutex;
use storage::{Records, Tick};

use crate::commit::{Commit, Committed, Definition, Position};
use crate::failures::{FAILURES, FailureLine};
use crate::graft::fill_apart;
use crate::options::Options;
use crate::plan::RelationId;
use crate::recovery::Recovery;
use crate::rows;
use crate::sequencer::{Input, Waiting, closed};
use crate::shared::Shared;
use crate::status::{StateStatus, Status};
use crate::subscription::Subscription;
use crate::{Error, Result};

/// A handle to a running engine; the last one dropped does not stop it, [`Engine::shutdown`] does.
#[derive(Clone)]
pub struct Engine {
    shared: Arc<Shared>,
    thread: Arc<Mutex<Option<JoinHandle<()>>>>,
}

/// The answer to a commit, once its frame is durable and visible.
#[must_use = "a commit is known to stand only when its answer has come"]
pub struct Pending {
    answer: oneshot::Receiver<Result<Committed>>,
}

/// All relations at one instant.
#[derive(Clone)]
pub struct Snapshot {
    tick: Tick,
    time: i64,
    rows: Arc<BTreeMap<RelationId, rows::Snapshot>>,
}

impl Engine {
    /// Reads what is on disk; see [`Recovery`] for the second step.
    pub fn recover(stores: storage::Stores, options: Options) -> Result<Recovery> {
        Recovery::begin(stores, options)
    }

    /// Wraps a started sequencer.
    pub(crate) fn new(shared: Arc<Shared>, thread: JoinHandle<()>) -> Self {
        Self { shared, thread: Arc::new(Mutex::new(Some(thread))) }
    }

    /// Hands a commit to the sequencer. New views are filled first, apart from the ticks.
    pub fn commit(&self, commit: Commit) -> Pending {
        let (reply, answer) = oneshot::channel();
        let views = commit.catalog.as_ref().is_some_and(|change| {
            change.create.iter().any(|new| matches!(new, Definition::View { .. }))
        });
        let waiting = Waiting { commit, backfill: None, reply };
        if views {
            fill_apart(&self.shared, waiting);
        } else {
            self.shared.inbox.push_commit(waiting);
        }
        Pending { answer }
    }

    /// The catalog's records.
    pub fn records(&self) -> Arc<dyn Records> {
        Arc::clone(&self.shared.records)
    }

    /// The last published tick.
    pub fn tick(&self) -> Tick {
        self.shared.world.read().tick
    }

    /// All relations at one instant.
    pub fn snapshot(&self) -> Result<Snapshot> {
        self.snapshot_where(&|_| true)
    }

    /// These relations at one instant; cheaper than all.
    pub fn snapshot_of(&self, relations: &[RelationId]) -> Result<Snapshot> {
        self.snapshot_where(&|id| relations.contains(&id))
    }

    fn snapshot_where(&self, wanted: &dyn Fn(RelationId) -> bool) -> Result<Snapshot> {
        let world = self.shared.world.read();
        let relations = world.relations().filter(|relation| wanted(relation.id()));
        let mut rows = relations
            .map(|relation| Ok((relation.id(), relation.snapshot()?)))
            .collect::<Result<BTreeMap<_, _>>>()?;
        if wanted(FAILURES) {
            rows.insert(FAILURES, self.shared.failures.read().now.snapshot()?);
        }
        Ok(Snapshot { tick: world.tick, time: world.time, rows: Arc::new(rows) })
    }

    /// Whole rows that match any row of `keys`, which has the index's columns in order
    /// (`None`: the primary key's), and the tick as of which they do. Nothing if the relation
    /// or its index has been dropped.
    pub fn probe(
        &self,
        relation: RelationId,
        index: Option<RelationId>,
        keys: &RecordBatch,
    ) -> Result<Option<(Tick, RecordBatch)>> {
        let world = self.shared.world.read();
        let found = world.relation(relation).filter(|found| found.has_index(index));
        let Some(found) = found else { return Ok(None) };
        Ok(Some((world.tick, found.probe(index, keys.columns())?)))
    }

    /// The same for one key, and of these columns only, under a schema that has their types:
    /// what a point read needs.
    pub fn read_point(
        &self,
        relation: RelationId,
        index: Option<RelationId>,
        key: &[ArrayRef],
        columns: (&[usize], &SchemaRef),
    ) -> Result<Option<RecordBatch>> {
        let world = self.shared.world.read();
        let found = world.relation(relation).filter(|found| found.has_index(index));
        found.map(|found| found.read_point(index, key, columns)).transpose()
    }

    /// A relation's rows and then its changes, or only the changes after the tick `from`.
    pub fn subscribe(&self, relation: RelationId, from: Option<Tick>) -> Result<Subscription> {
        let world = self.shared.world.read();
        let found = world.relation(relation);
        let found = found.ok_or_else(gone)?;
        let rows = found.snapshot()?;
        let ticks_max = self.shared.options.subscription_ticks_max;
        self.shared.subscriptions.lock().listen(relation, (world.tick, rows), from, ticks_max)
    }

    /// How far each part of a source has been read, durably.
    pub fn positions(&self, source: RelationId) -> Vec<Position> {
        let world = self.shared.world.read();
        world.positions().filter(|position| position.relation == source).collect()
    }

    /// The last failures that began, oldest first.
    pub fn failures(&self) -> Vec<FailureLine> {
        self.shared.failures.read().lines().cloned().collect()
    }

    /// Sizes and health, for the catalog.
    pub fn status(&self) -> Status {
        Status::of(&self.shared)
    }

    /// Bytes of every state table of every view. Waits for the tick under way.
    pub fn states(&self) -> Result<Vec<StateStatus>> {
        let (reply, answer) = oneshot::channel();
        self.shared.inbox.push(Input::Count(reply))?;
        futures::executor::block_on(answer).map_err(|_| self.why_closed())
    }

    /// Cuts an epoch now and waits until its pointer has moved.
    pub fn checkpoint(&self) -> Result<()> {
        let (reply, answer) = oneshot::channel();
        self.shared.inbox.push(Input::Checkpoint(reply))?;
        futures::executor::block_on(answer).unwrap_or_else(|_| Err(self.why_closed()))
    }

    /// Finishes what is queued, cuts a last epoch and stops; later calls are refused.
    pub fn shutdown(&self) -> Result<()> {
        let _ = self.shared.inbox.push(Input::Stop);
        if let Some(thread) = self.thread.lock().take() {
            thread.join().map_err(|_| Error::internal("the sequencer panicked"))?;
        }
        match self.shared.stopped.lock().clone() {
            Some(error) => Err(error),
            None => Ok(()),
        }
    }

    /// Why the engine stopped by itself, if it has: the process should then end.
    pub fn stopped(&self) -> Option<Error> {
        self.shared.stopped.lock().clone()
    }

    fn why_closed(&self) -> Error {
        self.stopped().unwrap_or_else(closed)
    }
}

impl Pending {
    /// Blocks the thread until the answer comes.
    pub fn wait(self) -> Result<Committed> {
        futures::executor::block_on(self)
    }
}

impl Future for Pending {
    type Output = Result<Committed>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let answer = Pin::new(&mut self.answer).poll(context);
        answer.map(|answer| answer.unwrap_or_else(|_| Err(closed())))
    }
}

impl Snapshot {
    /// The tick at whose end it was taken.
    pub fn tick(&self) -> Tick {
        self.tick
    }

    /// That tick's time in microseconds.
    pub fn time(&self) -> i64 {
        self.time
    }

    /// The rows of a relation, if it was there.
    pub fn rows(&self, relation: RelationId) -> Option<&rows::Snapshot> {
        self.rows.get(&relation)
    }
}

fn gone() -> Error {
    Error::data("42P01", "the relation is gone")
}
