//! A database: one engine with the names of what is in it.
//!
//! Opening binds every recorded definition again, in the order of ids, so that plans may
//! change with every release. The catalog is published as a whole, after the frame that
//! made it live.
use std::sync::Arc;

use engine::Engine;
use engine::plan::RelationId;
use engine::time::Clock;
use parking_lot::Mutex;
use storage::Stores;
use tokio::sync::watch;

use crate::Result;
use crate::catalog::system::{System, SystemRelations};
use crate::catalog::{Catalog, Staged};
use crate::connectors::Connectors;
use crate::read::{READERS_MEMORY_BYTES_MAX, Readers};
use crate::session::{Session, SessionOptions};
use crate::sources::Sources;
use crate::statement::again;
use crate::timer::Timer;

/// Ids of objects are above this, as PostgreSQL's are: below are the engine's own relation and
/// the oids of the system.
const FIRST_ID: u64 = 16_384;

/// What a database is opened with.
#[derive(Clone)]
pub struct DatabaseOptions {
    /// Limits and seams of the engine.
    pub engine: engine::Options,
    /// What CREATE SOURCE can name.
    pub connectors: Connectors,
    /// Relations made from the catalog when they are read.
    pub system: Arc<dyn SystemRelations>,
    /// What all SELECTs together may hold for sorting, grouping and joining.
    pub readers_memory_bytes_max: usize,
}

impl Default for DatabaseOptions {
    fn default() -> Self {
        Self {
            engine: engine::Options::default(),
            connectors: Connectors::default(),
            system: Arc::new(System),
            readers_memory_bytes_max: READERS_MEMORY_BYTES_MAX,
        }
    }
}

/// An open database, shared by its sessions.
pub struct Database {
    engine: Engine,
    catalog: watch::Sender<Arc<Catalog>>,
    /// Held by whoever commits definitions.
    pub(crate) definitions: Mutex<()>,
    pub(crate) readers: Readers,
    pub(crate) connectors: Connectors,
    sources: Sources,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) timer: Timer,
}

impl Database {
    /// Opens what is stored, or begins a new database. Blocks until all of it is there.
    pub fn open(stores: Stores, options: DatabaseOptions) -> Result<Arc<Self>> {
        let clock = Arc::clone(&options.engine.clock);
        let recovery = Engine::recover(stores, options.engine)?;
        let live = recovery.transactions();
        for pending in recovery.records().pending()? {
            let is_live = live.contains(&pending.transaction);
            recovery.records().settle(pending.transaction, is_live)?;
        }
        let mut staged = Staged::new(Arc::new(Catalog::new(options.system)));
        let mut definitions = vec![];
        for record in recovery.records().live()? {
            let defined = again::define(staged.catalog(), &options.connectors, &record)?;
            definitions.extend(defined.definition);
            staged.apply(vec![defined.change])?;
        }
        let engine = recovery.finish(definitions)?;
        Ok(Arc::new(Self {
            engine,
            catalog: watch::Sender::new(Arc::clone(staged.catalog())),
            definitions: Mutex::new(()),
            readers: Readers::new(options.readers_memory_bytes_max)?,
            connectors: options.connectors,
            sources: Sources::default(),
            clock,
            timer: Timer::start()?,
        }))
    }

    /// A new session; 42704 or 22023 where one of its settings cannot be.
    pub fn session(self: &Arc<Self>, options: SessionOptions) -> Result<Session> {
        Session::new(Arc::clone(self), options)
    }

    /// The catalog as it was committed last.
    pub fn catalog(&self) -> Arc<Catalog> {
        Arc::clone(&self.catalog.borrow())
    }

    /// Looks at the catalog as it was committed last; none is committed meanwhile.
    pub(crate) fn with_catalog<T>(&self, look: impl FnOnce(&Arc<Catalog>) -> T) -> T {
        look(&self.catalog.borrow())
    }

    /// The catalog, and word of every change of it: whoever runs sources starts those
    /// that have come and stops those that have gone.
    pub fn watch(&self) -> watch::Receiver<Arc<Catalog>> {
        self.catalog.subscribe()
    }

    /// The engine, for those who commit what sources bring and for the numbers it keeps.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// How sources fare, told by whoever runs them.
    pub fn sources(&self) -> &Sources {
        &self.sources
    }

    /// Finishes what is queued, cuts a last epoch and stops.
    pub fn shutdown(&self) -> Result<()> {
        Ok(self.engine.shutdown()?)
    }

    /// Makes a catalog the one that new statements see.
    pub(crate) fn publish(&self, catalog: Arc<Catalog>) {
        self.catalog.send_replace(catalog);
    }

    /// An id that was never given before.
    pub(crate) fn next_id(&self) -> Result<RelationId> {
        let next = self.engine.records().next_id()?;
        Ok(RelationId(FIRST_ID.saturating_add(next)))
    }
}
