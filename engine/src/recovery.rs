//! From what is on disk to a running engine: pointer, blobs, frames, then publish once.
//!
//! It has two steps, because only `sql` can say what the relations are. First the log is
//! searched for the catalog transactions that became live; with these `sql` settles its
//! records and makes definitions. Then rows and views' state are loaded, the frames after
//! the pointer are applied, and views that are not in the epoch are filled from their inputs.
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use parking_lot::{Mutex, RwLock};
use rayon::{ThreadPool, ThreadPoolBuilder};
use storage::{Blobs, Log, Pointer, Records, Stores};

use crate::commit::Definition;
use crate::driver::Driver;
use crate::engine::Engine;
use crate::epoch::{Epochs, Manifest};
use crate::frame::Frame;
use crate::graft::{PLAN_STACK_BYTES, views};
use crate::options::Options;
use crate::relation::Relation;
use crate::revival::Revival;
use crate::sequencer::Inbox;
use crate::shared::Shared;
use crate::subscription::Subscriptions;
use crate::world::World;
use crate::{Error, Result};

/// An engine that has read its pointer and waits for definitions.
pub struct Recovery {
    log: Box<dyn Log>,
    blobs: Arc<dyn Blobs>,
    records: Arc<dyn Records>,
    options: Options,
    pointer: Pointer,
    manifest: Manifest,
    transactions: Vec<u64>,
}

impl Recovery {
    /// Reads the pointer, and the heads of the frames after it.
    pub(crate) fn begin(stores: Stores, options: Options) -> Result<Self> {
        let Stores { mut log, blobs, records } = stores;
        let (pointer, manifest) = match blobs.pointer()? {
            Some(pointer) => {
                let manifest = Manifest::read(&pointer.manifest)?;
                (pointer, manifest)
            }
            None => first_epoch(&*blobs)?,
        };
        let mut transactions = manifest.transactions.clone();
        log.replay(pointer.tick, &mut |_, mut body| {
            let head = Frame::read_head(&mut body).map_err(into_storage)?;
            transactions.extend(head.transactions);
            Ok(())
        })?;
        let (blobs, records) = (Arc::from(blobs), Arc::from(records));
        Ok(Self { log, blobs, records, options, pointer, manifest, transactions })
    }

    /// The catalog transactions that became live: those of them that are still pending
    /// are to be settled so, and all others are to be forgotten.
    pub fn transactions(&self) -> &[u64] {
        &self.transactions
    }

    /// The catalog's records.
    pub fn records(&self) -> &dyn Records {
        &*self.records
    }

    /// Loads the rows of what is defined, each after what it stands on, and starts.
    pub fn finish(mut self, definitions: Vec<Definition>) -> Result<Engine> {
        let mut world = World::new(self.manifest.seed, pool(self.options.workers)?);
        world.tick = self.pointer.tick;
        world.time = self.manifest.time;
        self.define(&mut world, &definitions)?;
        let mut revival = Revival::new(world)?;
        let views = views(&definitions);
        revival.restore(&views, &self.manifest, &*self.blobs)?;
        self.replay(&mut revival)?;
        revival.fill(views)?;
        let Revival { mut world, dag, failures, constants } = revival;
        index(&mut world, &definitions)?;
        self.manifest.retain(&|id| world.relation(id).is_some_and(Relation::is_restored));
        let tick = world.tick;
        let bytes = world.bytes() + dag.bytes() + failures.now.bytes();
        let epochs = Epochs::new(&self.pointer, self.manifest, self.options.clock.now());
        let shared = Arc::new(Shared {
            world: RwLock::new(world),
            failures: RwLock::new(failures),
            subscriptions: Mutex::new(Subscriptions::new(tick)),
            stopped: Mutex::new(None),
            inbox: Inbox::new(self.options.queue_commits_max),
            constants: Mutex::new(constants),
            options: self.options,
            blobs: self.blobs,
            records: self.records,
            bytes: AtomicUsize::new(bytes),
        });
        let driver = Driver::new(Arc::clone(&shared), self.log, dag, epochs);
        let thread = std::thread::Builder::new()
            .name("sequencer".into())
            .stack_size(PLAN_STACK_BYTES)
            .spawn(move || driver.run())
            .map_err(|error| Error::internal(format!("cannot start a thread: {error}")))?;
        Ok(Engine::new(shared, thread))
    }

    fn define(&self, world: &mut World, definitions: &[Definition]) -> Result<()> {
        let seed = world.seed;
        for definition in definitions {
            let relation = match definition {
                Definition::Table { id, schema, key } => Relation::table(*id, schema, key, seed)?,
                Definition::Stream { id, schema } => Relation::stream(*id, schema, seed)?,
                Definition::View { .. } | Definition::Index { .. } => continue,
            };
            world.add(relation);
        }
        self.manifest.positions.iter().for_each(|position| world.set_position(position));
        Ok(())
    }

    /// Applies the frames after the pointer; nobody is watching.
    fn replay(&mut self, revival: &mut Revival) -> Result<()> {
        let mut failed = None;
        let replayed = self.log.replay(self.pointer.tick, &mut |tick, body| {
            revival.redo(tick, body).map_err(|error| {
                let below = into_storage(error.clone());
                failed = Some(error);
                below
            })
        });
        match failed {
            Some(error) => Err(error),
            None => Ok(replayed?),
        }
    }
}

fn index(world: &mut World, definitions: &[Definition]) -> Result<()> {
    for definition in definitions {
        if let Definition::Index { id, relation, columns, unique } = definition {
            world.add_index(*id, *relation, columns, *unique)?;
        }
    }
    Ok(())
}

/// Threads that share large deltas; one alone would only be a detour.
fn pool(workers: usize) -> Result<Option<Arc<ThreadPool>>> {
    if workers < 2 {
        return Ok(None);
    }
    let pool = ThreadPoolBuilder::new()
        .num_threads(workers)
        .thread_name(|number| format!("worker-{number}"))
        .build();
    pool.map(|pool| Some(Arc::new(pool)))
        .map_err(|error| Error::internal(format!("cannot start workers: {error}")))
}

/// A new store gets its hash seed with its first, empty epoch.
fn first_epoch(blobs: &dyn Blobs) -> Result<(Pointer, Manifest)> {
    let manifest = Manifest { seed: RandomState::new().hash_one("seed"), ..Manifest::default() };
    let bytes = manifest.write();
    let pointer = Pointer { epoch: 1, tick: 0, blobs: vec![], manifest: bytes };
    blobs.commit(&pointer)?;
    Ok((pointer, manifest))
}

fn into_storage(error: Error) -> storage::Error {
    storage::Error::new(storage::ErrorKind::Corrupt, error.message())
}
