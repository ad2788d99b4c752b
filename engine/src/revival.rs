//! The relations as an epoch left them, on their way to the end of the log.
//!
//! A view whose state fits its plan is restored and then sees the frames after the epoch
//! with its inputs. One whose state does not fit, or was not stored, is filled from its
//! inputs when these have arrived, and so is all that stands on it: what reads it must see
//! the same rows. A view that was broken is filled too: if the reason has gone (a memory
//! limit raised, a fault mended) it is whole again, and if not it breaks again by itself.
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::*;
use storage::{Blobs, Tick};

use crate::Result;
use crate::backfill::Backfill;
use crate::dag::{Dag, View};
use crate::driver::deltas;
use crate::epoch::{Manifest, Unpacker};
use crate::failures::Failures;
use crate::frame::Frame;
use crate::pipeline::{Environment, Pipeline};
use crate::plan::{Plan, RelationId, unique_key};
use crate::relation::{Kind, Relation};
use crate::sequencer::Constants;
use crate::world::World;

/// What becomes of a recovery: nobody is watching yet.
pub(crate) struct Revival {
    pub(crate) world: World,
    pub(crate) dag: Dag,
    pub(crate) failures: Failures,
    pub(crate) constants: Constants,
}

impl Revival {
    /// Goes on from tables and streams without rows.
    pub(crate) fn new(world: World) -> Result<Self> {
        let failures = Failures::new(world.seed)?;
        let (dag, constants) = (Dag::default(), Constants::default());
        Ok(Self { world, dag, failures, constants })
    }

    /// Restores tables, streams, and those of the views, each after what it stands on, whose
    /// state fits. Fails with XX001 where a blob is not what it was.
    pub(crate) fn restore(
        &mut self,
        views: &[(RelationId, Arc<Plan>)],
        manifest: &Manifest,
        blobs: &dyn Blobs,
    ) -> Result<()> {
        let mut pipelines = BTreeMap::new();
        for (id, plan) in views {
            if let Some((relation, pipeline)) = self.prepare(*id, plan, manifest)? {
                self.world.add(relation);
                pipelines.insert(*id, pipeline);
            }
        }
        let pool = self.world.surroundings(&[]).pool;
        let mut waiting: BTreeMap<RelationId, &mut Pipeline> =
            pipelines.iter_mut().map(|(id, pipeline)| (*id, pipeline)).collect();
        let relations = self.world.relations_mut();
        let mut all: Vec<(&mut Relation, Option<&mut Pipeline>)> =
            relations.map(|one| (waiting.remove(&one.id()), one)).map(|(p, r)| (r, p)).collect();
        let load = |(relation, pipeline): &mut (&mut Relation, Option<&mut Pipeline>)| {
            let loaded = load(relation, pipeline.as_deref_mut(), manifest, blobs);
            loaded.map_err(|error| error.with_object(relation.id()))
        };
        match pool {
            Some(pool) => pool.install(|| all.par_iter_mut().try_for_each(load))?,
            None => all.iter_mut().try_for_each(load)?,
        }
        for (id, plan) in views {
            let pipeline = pipelines.remove(id);
            self.dag.graft(pipeline.map(|one| View::new(*id, plan, one)).into_iter().collect());
        }
        let world = &self.world;
        let is_there = |id| world.relation(id).is_some();
        manifest.failures.restore(&mut self.failures, blobs, &is_there)?;
        self.failures.retain(&is_there, self.world.tick)
    }

    /// A view that has seen nothing yet, if what was stored of it fits.
    fn prepare(
        &self,
        id: RelationId,
        plan: &Arc<Plan>,
        manifest: &Manifest,
    ) -> Result<Option<(Relation, Pipeline)>> {
        let stored = manifest.views.get(&id).filter(|_| manifest.relations.contains_key(&id));
        let there = plan.relations().iter().all(|read| self.world.relation(*read).is_some());
        let Some(stored) = stored.filter(|_| there) else { return Ok(None) };
        let surroundings = self.world.surroundings(&[]);
        let environment = Environment {
            seed: surroundings.seed,
            pool: surroundings.pool,
            append_only: &|relation| surroundings.append_only.contains(&relation),
        };
        // A plan that cannot be built any more says so when it is filled.
        let Ok(pipeline) = Pipeline::build(plan, &environment) else { return Ok(None) };
        if pipeline.fingerprint != stored.fingerprint {
            return Ok(None);
        }
        let key = unique_key(plan, &|relation| surroundings.keys.get(&relation).cloned());
        let found_by = (key, pipeline.is_append_only());
        let relation = Relation::view(id, &plan.schema, found_by, surroundings.seed)?;
        Ok(Some((relation, pipeline)))
    }

    /// Applies a frame, and what the views make of it.
    pub(crate) fn redo(&mut self, tick: Tick, body: &[u8]) -> Result<()> {
        let frame = Frame::read(body, &|id| self.world.schema(id), &mut self.constants)?;
        let changes = self.dag.process(deltas(&frame)?, tick);
        let broken = self.world.publish(&frame, &changes, tick);
        let is_view = |id| self.world.relation(id).is_none_or(|found| found.kind() == Kind::View);
        if let Some((_, error)) = broken.iter().find(|(id, _)| !is_view(*id)) {
            return Err(error.clone());
        }
        self.dag.set_broken(broken);
        self.failures.apply(changes.failures, tick, frame.time)
    }

    /// Fills the views that were not restored, or broke, and those that stand on them.
    pub(crate) fn fill(&mut self, views: Vec<(RelationId, Arc<Plan>)>) -> Result<()> {
        let mut filled = BTreeSet::new();
        for (id, plan) in views {
            let whole = self.world.relation(id).is_some_and(|relation| relation.broken().is_none());
            if whole && plan.relations().iter().all(|read| !filled.contains(read)) {
                continue;
            }
            filled.insert(id);
            self.dag.remove(id);
            self.world.remove(id);
            self.failures.forget(id, self.world.tick)?;
            // Each by itself, so that one that cannot be filled harms no other.
            if let Err(error) = self.fill_view(id, &plan) {
                let mut relation =
                    Relation::view(id, &plan.schema, (None, false), self.world.seed)?;
                relation.set_broken(self.world.tick, error);
                self.world.add(relation);
            }
        }
        Ok(())
    }

    fn fill_view(&mut self, id: RelationId, plan: &Arc<Plan>) -> Result<()> {
        let world = &mut self.world;
        let plans = [(id, Arc::clone(plan))];
        let mut fill = Backfill::new(&plans, world.surroundings(&[]))?;
        let inputs = fill.inputs(world)?;
        fill.catch_up(inputs, &|_| Ok(()))?;
        let filled = fill.finish();
        self.dag.graft(filled.views);
        filled.relations.into_iter().for_each(|relation| world.add(relation));
        self.failures.apply(filled.failures, world.tick, world.time)
    }
}

/// Loads what was stored of a relation, and of its view's state.
fn load(
    relation: &mut Relation,
    pipeline: Option<&mut Pipeline>,
    manifest: &Manifest,
    blobs: &dyn Blobs,
) -> Result<()> {
    manifest.restore(relation, blobs)?;
    let stored = manifest.views.get(&relation.id());
    let (Some(pipeline), Some(stored)) = (pipeline, stored) else { return Ok(()) };
    let bases: Vec<u8> = stored.pieces.iter().map(|piece| piece.bases).collect();
    let mut unpacker = Unpacker::new(blobs);
    pipeline.restore(&bases, &mut |place| {
        let piece = stored.pieces.get(place);
        unpacker.read(piece.map(|piece| piece.extents.as_slice()).unwrap_or_default())
    })
}
