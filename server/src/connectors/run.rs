//! Runs the sources of the catalog: each in a thread of its own, from CREATE to DROP.
use std::collections::BTreeMap;
use std::sync::Arc;
use std::thread::JoinHandle;

use engine::plan::RelationId;
use sql::catalog::{Catalog, Relation, RelationKind};
use sql::{Database, Error, SourceState, SourceStatus};
use tokio::sync::watch;
use tracing::{info, warn};

use super::feed::Feed;
use super::file;
use super::stop::Stop;

/// Sources that run at once; more are shown as failing.
const SOURCES_MAX: usize = 256;

struct Running {
    stop: Arc<Stop>,
    thread: JoinHandle<()>,
}

/// Follows the catalog until `stopping` turns true, then waits for the threads to end.
pub(crate) async fn run(database: Arc<Database>, mut stopping: watch::Receiver<bool>) {
    let mut catalogs = database.watch();
    let mut running: BTreeMap<RelationId, Running> = BTreeMap::new();
    let mut ending: Vec<JoinHandle<()>> = vec![];
    loop {
        let catalog = Arc::clone(&catalogs.borrow_and_update());
        ending.retain(|thread| !thread.is_finished());
        for id in gone(&running, &catalog) {
            if let Some(Running { stop, thread }) = running.remove(&id) {
                stop.give();
                ending.push(thread);
            }
            database.sources().tell(id, None);
        }
        for source in catalog.relations().filter(|found| found.kind == RelationKind::Source) {
            if running.contains_key(&source.id) {
                continue;
            }
            match start(&database, source, running.len()) {
                Ok(started) => {
                    running.insert(source.id, started);
                }
                Err(error) => tell_failed(&database, source, error),
            }
        }
        tokio::select! {
            changed = catalogs.changed() => if changed.is_err() { break },
            _ = stopping.wait_for(|stop| *stop) => break,
        }
    }
    running.values().for_each(|source| source.stop.give());
    ending.extend(running.into_values().map(|source| source.thread));
    let joined = tokio::task::spawn_blocking(move || {
        ending.into_iter().for_each(|thread| {
            let _ = thread.join();
        });
    });
    let _ = joined.await;
}

fn gone(running: &BTreeMap<RelationId, Running>, catalog: &Catalog) -> Vec<RelationId> {
    running.keys().copied().filter(|id| catalog.relation(*id).is_none()).collect()
}

fn start(database: &Arc<Database>, source: &Arc<Relation>, running: usize) -> sql::Result<Running> {
    if running >= SOURCES_MAX {
        return Err(Error::new("53400", "too many sources run")
            .with_detail(format!("At most {SOURCES_MAX} can run at once.")));
    }
    let connector = source.options.iter().find(|(name, _)| name == "connector");
    if connector.is_none_or(|(_, name)| name != "file") {
        return Err(Error::new("42704", "the source's connector does not exist any more"));
    }
    let stop = Arc::new(Stop::default());
    let feed = Feed::new(Arc::clone(database), Arc::clone(source), Arc::clone(&stop));
    let mut files = file::Files::new(source, feed)?;
    info!("source {} starts", source.name);
    let thread = std::thread::Builder::new()
        .name(format!("source-{}", source.id.0))
        .spawn(move || files.run())
        .map_err(|error| Error::new("53000", format!("cannot start a thread: {error}")))?;
    Ok(Running { stop, thread })
}

fn tell_failed(database: &Database, source: &Relation, error: Error) {
    warn!("source {}: {error}", source.name);
    let status =
        SourceStatus { state: SourceState::Failing, error: Some(error), ..SourceStatus::default() };
    database.sources().tell(source.id, Some(status));
}
