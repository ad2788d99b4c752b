//! A commit that changes the catalog, on its way into the world.
use std::collections::BTreeMap;
use std::sync::Arc;

use futures::channel::oneshot;
use storage::Tick;

use crate::backfill::{Backfill, Filled, Inputs};
use crate::commit::{CatalogChange, Commit, Committed, Definition};
use crate::dag::{Dag, View};
use crate::plan::RelationId;
use crate::relation::Relation;
use crate::sequencer::{Input, Waiting};
use crate::shared::Shared;
use crate::world::World;
use crate::{Error, Result};

/// Ticks that a back-fill may lie behind to be caught up in the sequencer's thread.
const CATCH_UP_TICKS_MAX: u64 = 64;

/// The stack of threads that walk plans, which are as deep as they have relations.
pub(crate) const PLAN_STACK_BYTES: usize = 32 << 20;

/// How often a back-fill is sent back before the sequencer does the rest itself, so that
/// it ends also where changes arrive as fast as they can be fed.
const ROUNDS_MAX: usize = 8;

/// Whoever waits for the commit.
pub(crate) type Reply = oneshot::Sender<Result<Committed>>;

/// What the commit brings and takes.
pub(crate) struct Graft {
    pub(crate) commit: Commit,
    /// Tables and streams that are new.
    pub(crate) created: BTreeMap<RelationId, Relation>,
    change: CatalogChange,
    filled: Option<Filled>,
    indexes: Vec<RelationId>,
}

impl Graft {
    /// Readies a commit for its frame; `None` if it was answered or sent back to fill on.
    pub(crate) fn prepare(shared: &Arc<Shared>, mut waiting: Waiting) -> Option<(Self, Reply)> {
        if let Some(mut backfill) = waiting.backfill.take() {
            let inputs = backfill.inputs(&shared.world.read());
            let inputs = match inputs {
                Ok(inputs) => inputs,
                Err(error) => {
                    let _ = waiting.reply.send(Err(error));
                    return None;
                }
            };
            if backfill.distance(&inputs) > CATCH_UP_TICKS_MAX && backfill.rounds < ROUNDS_MAX {
                backfill.rounds += 1;
                waiting.backfill = Some(backfill);
                fill_apart(shared, waiting);
                return None;
            }
            if let Err(error) = backfill.catch_up(inputs, &|_| Ok(())) {
                let _ = waiting.reply.send(Err(error));
                return None;
            }
            waiting.backfill = Some(backfill);
        }
        let mut graft = Self {
            change: waiting.commit.catalog.clone().unwrap_or_default(),
            commit: waiting.commit,
            created: BTreeMap::new(),
            filled: waiting.backfill.map(Backfill::finish),
            indexes: vec![],
        };
        // A guard inside the match would live as long as its arms, one of which locks again.
        let created = graft.create(&mut shared.world.write());
        match created {
            Ok(()) => Some((graft, waiting.reply)),
            Err(error) => {
                graft.withdraw(shared);
                let _ = waiting.reply.send(Err(error));
                None
            }
        }
    }

    /// Makes new relations beside the world, and new indexes in it: an index that cannot
    /// be built is known before anything is written down, and harms nobody if withdrawn.
    fn create(&mut self, world: &mut World) -> Result<()> {
        let seed = world.seed;
        for definition in &self.change.create {
            match definition {
                Definition::Table { id, schema, key } => {
                    self.created.insert(*id, Relation::table(*id, schema, key, seed)?);
                }
                Definition::Stream { id, schema } => {
                    self.created.insert(*id, Relation::stream(*id, schema, seed)?);
                }
                Definition::View { .. } => {}
                Definition::Index { id, relation, columns, unique } => {
                    let new = self.created.get_mut(relation);
                    let filled = self.filled.as_mut().map(|filled| &mut filled.relations);
                    let view = filled.into_iter().flatten().find(|view| view.id() == *relation);
                    match new.or(view) {
                        Some(new) => new.add_index(*id, columns, *unique)?,
                        None if world.relation(*relation).is_some() => {
                            world.add_index(*id, *relation, columns, *unique)?;
                            self.indexes.push(*id);
                        }
                        None => return Err(Error::data("42P01", "the relation is gone")),
                    }
                }
            }
        }
        Ok(())
    }

    /// Takes back what [`Graft::prepare`] has put into the world.
    pub(crate) fn withdraw(self, shared: &Shared) {
        let mut world = shared.world.write();
        self.indexes.into_iter().for_each(|index| world.remove(index));
    }

    /// The new views' operators.
    pub(crate) fn take_views(&mut self) -> Vec<View> {
        self.filled.as_mut().map(|filled| std::mem::take(&mut filled.views)).unwrap_or_default()
    }

    /// Puts the new relations into the world, as they were before the frame.
    pub(crate) fn publish(&mut self, shared: &Shared, tick: Tick) -> Result<()> {
        let mut world = shared.world.write();
        for relation in std::mem::take(&mut self.created).into_values() {
            world.add(relation);
        }
        if let Some(filled) = self.filled.take() {
            filled.relations.into_iter().for_each(|view| world.add(view));
            let time = world.time;
            shared.failures.write().apply(filled.failures, tick, time)?;
        }
        world.note_indexes(&self.change.create);
        let mut subscriptions = shared.subscriptions.lock();
        self.change.create.iter().for_each(|new| subscriptions.begin(new.id(), tick));
        Ok(())
    }

    /// Takes away what the commit drops.
    pub(crate) fn drop_old(&self, shared: &Shared, dag: &mut Dag, tick: Tick) -> Result<()> {
        let mut world = shared.world.write();
        for id in &self.change.drop {
            dag.remove(*id);
            world.remove(*id);
            shared.failures.write().forget(*id, tick)?;
            shared.subscriptions.lock().end(*id);
        }
        Ok(())
    }
}

/// Feeds a commit's new views away from the sequencer's thread, then queues the commit.
pub(crate) fn fill_apart(shared: &Arc<Shared>, mut waiting: Waiting) {
    let shared = Arc::clone(shared);
    let thread = std::thread::Builder::new().name("fill".into()).stack_size(PLAN_STACK_BYTES);
    // Where no thread can be had, the reply goes with the closure, and the caller is told.
    let _ = thread.spawn(move || {
        let filled = match waiting.backfill.take() {
            Some(mut backfill) => {
                let inputs = backfill.inputs(&shared.world.read());
                inputs.and_then(|inputs| fill(&shared, &mut backfill, inputs)).map(|()| backfill)
            }
            None => begin(&shared, &waiting.commit),
        };
        match filled {
            Ok(backfill) => {
                waiting.backfill = Some(backfill);
                // The inbox drops the commit, and with it the reply, if it is closed.
                let _ = shared.inbox.push(Input::Commit(Box::new(waiting)));
            }
            Err(error) => {
                let _ = waiting.reply.send(Err(error));
            }
        }
    });
}

fn begin(shared: &Shared, commit: &Commit) -> Result<Backfill> {
    let definitions = commit.catalog.as_ref().map_or(&[][..], |change| &change.create);
    let surroundings = shared.world.read().surroundings(definitions);
    let mut backfill = Backfill::new(&views(definitions), surroundings)?;
    let inputs = backfill.inputs(&shared.world.read())?;
    fill(shared, &mut backfill, inputs)?;
    Ok(backfill)
}

/// Feeds new views, as long as there is room for what they become.
fn fill(shared: &Shared, backfill: &mut Backfill, inputs: Inputs) -> Result<()> {
    let fits = |bytes| if bytes > shared.room() { Err(shared.full()) } else { Ok(()) };
    backfill.catch_up(inputs, &fits)?;
    Ok(())
}

/// The views among `definitions`.
pub(crate) fn views(definitions: &[Definition]) -> Vec<(RelationId, Arc<crate::plan::Plan>)> {
    let view = |definition: &Definition| match definition {
        Definition::View { id, plan } => Some((*id, Arc::clone(plan))),
        _ => None,
    };
    definitions.iter().filter_map(view).collect()
}
