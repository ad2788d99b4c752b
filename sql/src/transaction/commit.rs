//! The commit of a transaction: one part of one frame, with its definitions if it has any.
//!
//! Definitions touch two stores. Their records are staged first, as pending; the frame
//! that carries the transaction's id makes them live; then the store is told. Commits of
//! definitions go one after the other, each in a thread of its own, so that a client
//! that goes away cannot leave one half-way.
use std::collections::BTreeSet;
use std::sync::Arc;

use engine::commit::{CatalogChange, Committed, Definition};
use engine::plan::RelationId;
use storage::RecordTransaction;

use super::Finished;
use crate::catalog::{Catalog, Change};
use crate::database::Database;
use crate::statement::constraint::{named, not_unique};
use crate::statement::drop::dropped;
use crate::{Error, Result};

impl Database {
    /// Commits what a transaction has left; the answer comes when it is durable and visible.
    pub(crate) async fn commit(self: &Arc<Self>, finished: Finished) -> Result<Committed> {
        let resolved = finished.resolved.clone();
        if finished.staged.is_some() {
            let database = Arc::clone(self);
            in_thread(move || database.commit_definitions(finished)).await
        } else {
            let committed = self.engine().commit(finished.commit).await;
            committed.map_err(|error| told(error, &self.catalog(), &resolved))
        }
    }

    fn commit_definitions(&self, finished: Finished) -> Result<Committed> {
        let Finished { mut commit, staged, created, resolved } = finished;
        let _one_at_a_time = self.definitions.lock();
        let staged = staged.ok_or_else(|| Error::internal("nothing is defined"))?;
        let staged = staged.rebase(&self.catalog())?;
        let changes = lasting(staged.changes());
        let records = self.engine().records();
        let transaction = records.next_id()?;
        let recorded = changes.iter().filter_map(Change::record).collect();
        records.stage(&RecordTransaction { transaction, changes: recorded })?;
        let lives = |definition: &Definition| {
            changes.iter().any(|change| change.creates() && change.id() == definition.id())
        };
        commit.catalog = Some(CatalogChange {
            transaction,
            create: created.into_iter().filter(lives).collect(),
            drop: dropped(&changes),
        });
        let committed = self.engine().commit(commit).wait();
        match &committed {
            Ok(_) => {
                self.publish(Arc::clone(staged.catalog()));
                records.settle(transaction, true)?;
            }
            // What an engine that has stopped did is known when the database opens again.
            Err(_) if self.engine().stopped().is_some() => {}
            Err(_) => records.settle(transaction, false)?,
        }
        committed.map_err(|error| {
            let filled = not_filled(&error, &changes, staged.catalog());
            filled.unwrap_or_else(|| told(error, staged.catalog(), &resolved))
        })
    }
}

/// The error of a unique index that was to be made over rows with equal keys.
fn not_filled(error: &engine::Error, changes: &[Change], catalog: &Catalog) -> Option<Error> {
    let id = error.object().filter(|_| error.code() == "23505" && error.key().is_none())?;
    let index = catalog.index(id)?;
    changes.iter().find(|change| change.creates() && change.id() == id)?;
    let table = catalog.relation(index.relation)?;
    Some(not_unique(&table, &index))
}

/// The engine's error as the client is told it.
fn told(error: engine::Error, catalog: &Arc<Catalog>, resolved: &BTreeSet<RelationId>) -> Error {
    let lost = error.code() == "23505" && error.object().is_some_and(|id| resolved.contains(&id));
    if lost { lost_race() } else { named(error, catalog) }
}

/// The changes without those of objects that came and went in between.
fn lasting(changes: &[Change]) -> Vec<Change> {
    let comes =
        |change: &Change| changes.iter().any(|other| other.creates() && other.id() == change.id());
    let goes =
        |change: &Change| changes.iter().any(|other| !other.creates() && other.id() == change.id());
    let stays = |change: &&Change| !(comes(change) && goes(change));
    changes.iter().filter(stays).cloned().collect()
}

/// 40001, in PostgreSQL's words.
pub(crate) fn lost_race() -> Error {
    Error::new("40001", "could not serialize access due to concurrent update")
        .with_hint("Run the transaction again.")
}

/// Runs `work` in a thread of its own, to its end even if nobody waits any more.
pub(crate) async fn in_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    let (sender, receiver) = futures::channel::oneshot::channel();
    std::thread::Builder::new()
        .name("definitions".to_owned())
        .stack_size(crate::plan::STACK_BYTES)
        .spawn(move || {
            // Nobody may be waiting any more; the work is done all the same.
            let _ = sender.send(work());
        })
        .map_err(|error| Error::new("53000", format!("could not start a thread: {error}")))?;
    receiver.await.map_err(|_| Error::internal("a commit of definitions panicked"))?
}
