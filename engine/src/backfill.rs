//! Fills new views apart from the ticks, then grafts them at a tick boundary.
//!
//! The views get operators of their own and are fed a snapshot of what they read, away
//! from the sequencer's thread. They catch up by differences of two snapshots until less
//! than a tick remains, which the sequencer feeds them itself. That is sound because edges
//! carry values, never row ids: a view that has been fed the same rows holds the same.
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::ThreadPool;
use storage::Tick;

use crate::dag::{Changes, Dag, View};
use crate::pipeline::{Environment, Pipeline};
use crate::plan::{Plan, RelationId, unique_key};
use crate::relation::Relation;
use crate::rows::{Snapshot, difference};
use crate::world::World;
use crate::{Delta, Result};

/// Rows after which the bytes of views that are being filled are counted again.
const WEIGHED_ROWS: usize = 64 << 10;

/// What the views read, as of one tick.
pub(crate) type Inputs = (Tick, BTreeMap<RelationId, Snapshot>);

/// Views on their way in.
pub(crate) struct Backfill {
    dag: Dag,
    views: BTreeMap<RelationId, Relation>,
    failures: Vec<(RelationId, Delta)>,
    seen: BTreeMap<RelationId, Snapshot>,
    tick: Tick,
    /// How often the sequencer has sent it back because too much had changed.
    pub(crate) rounds: usize,
}

/// What new views stand in.
pub(crate) struct Surroundings {
    /// The unique keys of the relations that are there.
    pub(crate) keys: BTreeMap<RelationId, Vec<usize>>,
    /// Relations whose rows are never retracted.
    pub(crate) append_only: BTreeSet<RelationId>,
    /// The hash seed of the data directory.
    pub(crate) seed: u64,
    /// Who shares large deltas.
    pub(crate) pool: Option<Arc<ThreadPool>>,
}

/// What a finished back-fill hands over.
pub(crate) struct Filled {
    pub(crate) views: Vec<View>,
    pub(crate) relations: Vec<Relation>,
    pub(crate) failures: Vec<(RelationId, Delta)>,
}

impl Backfill {
    /// New views, each after what it stands on, that have seen nothing yet.
    pub(crate) fn new(
        plans: &[(RelationId, Arc<Plan>)],
        surroundings: Surroundings,
    ) -> Result<Self> {
        let Surroundings { mut keys, mut append_only, seed, pool } = surroundings;
        let (mut dag, mut views) = (Dag::default(), BTreeMap::new());
        for (id, plan) in plans {
            let key = unique_key(plan, &|relation| keys.get(&relation).cloned());
            if let Some(key) = &key {
                keys.insert(*id, key.clone());
            }
            let is_append_only = |relation| append_only.contains(&relation);
            let environment =
                Environment { seed, pool: pool.clone(), append_only: &is_append_only };
            let pipeline = Pipeline::build(plan, &environment)?;
            let grows_only = pipeline.is_append_only();
            if grows_only {
                append_only.insert(*id);
            }
            views.insert(*id, Relation::view(*id, &plan.schema, (key, grows_only), seed)?);
            dag.graft(vec![View::new(*id, plan, pipeline)]);
        }
        let mut backfill =
            Self { dag, views, failures: vec![], seen: BTreeMap::new(), tick: 0, rounds: 0 };
        let changes = backfill.dag.start();
        backfill.fold(changes, &|_| false)?;
        Ok(backfill)
    }

    /// What the views read of the world, and not of one another.
    pub(crate) fn inputs(&self, world: &World) -> Result<Inputs> {
        let read = self.dag.views().iter().flat_map(|view| view.plan.relations());
        let rows = read
            .filter_map(|id| world.relation(id).map(|relation| (id, relation)))
            .map(|(id, relation)| Ok((id, relation.snapshot()?)))
            .collect::<Result<_>>()?;
        Ok((world.tick, rows))
    }

    /// How many rows differ at most between what was seen and `inputs`, cheaply.
    pub(crate) fn distance(&self, inputs: &Inputs) -> u64 {
        inputs.0.saturating_sub(self.tick)
    }

    /// Feeds the views what lies between what they have seen and `inputs`; `fits` is asked
    /// now and then with the bytes that they have become.
    pub(crate) fn catch_up(
        &mut self,
        inputs: Inputs,
        fits: &dyn Fn(usize) -> Result<()>,
    ) -> Result<usize> {
        let (tick, inputs) = inputs;
        let mut fed = 0;
        for (id, newer) in &inputs {
            let deltas: Box<dyn Iterator<Item = Result<Delta>>> = match self.seen.remove(id) {
                Some(older) => Box::new(difference(&older, newer)),
                None => Box::new(newer.batches(None).map(|rows| rows.map(Delta::inserted))),
            };
            for delta in deltas {
                let delta = delta?;
                if (fed + delta.len()) / WEIGHED_ROWS > fed / WEIGHED_ROWS {
                    fits(self.bytes())?;
                }
                fed += delta.len();
                let deltas = BTreeMap::from([(*id, delta)]);
                let changes = self.dag.process(deltas, tick);
                self.fold(changes, &|changed| inputs.contains_key(&changed))?;
            }
        }
        self.seen = inputs;
        self.tick = tick;
        Ok(fed)
    }

    /// Hands the views over.
    pub(crate) fn finish(self) -> Filled {
        Filled {
            views: self.dag.into_views(),
            relations: self.views.into_values().collect(),
            failures: self.failures,
        }
    }

    /// Memory of the views' rows and state.
    fn bytes(&self) -> usize {
        self.dag.bytes() + self.views.values().map(Relation::bytes).sum::<usize>()
    }

    fn fold(&mut self, changes: Changes, base: &dyn Fn(RelationId) -> bool) -> Result<()> {
        if let Some((_, error)) = changes.broken.into_iter().next() {
            return Err(error);
        }
        for (id, delta) in changes.deltas {
            if base(id) {
                continue;
            }
            if let Some(view) = self.views.get_mut(&id) {
                view.apply(&delta, self.tick)?;
            }
        }
        self.failures.extend(changes.failures);
        Ok(())
    }
}
