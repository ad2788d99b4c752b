//! The views as one graph: each stands on relations or on views before it.
//!
//! A tick visits only the views that its changes reach, in the order in which they were
//! made, which is topological because a view can only read what was there before it. A
//! view that panics or breaks a promise is quarantined: its rows stay as they were, its
//! dependants see no more changes of it, and its neighbours go on.
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use storage::Tick;

use crate::commit::source_of;
use crate::pipeline::{Output, Pipeline};
use crate::plan::{Plan, RelationId};
use crate::status::StateStatus;
use crate::{Delta, Error, Result};

/// What the views make of a tick.
#[derive(Default)]
pub(crate) struct Changes {
    /// What each reached relation gains and loses; base relations included.
    pub(crate) deltas: BTreeMap<RelationId, Delta>,
    /// What fails now that did not, or no longer does.
    pub(crate) failures: Vec<(RelationId, Delta)>,
    /// Views that broke in this tick, and why.
    pub(crate) broken: Vec<(RelationId, Error)>,
}

/// One view's operators.
pub(crate) struct View {
    pub(crate) id: RelationId,
    pub(crate) plan: Arc<Plan>,
    pub(crate) pipeline: Pipeline,
    reads: Vec<RelationId>,
    broken: Option<Error>,
}

/// What a view does in a tick, if anything, given what has changed so far.
type Step<'a> =
    dyn FnMut(&mut View, &BTreeMap<RelationId, Delta>, Tick) -> Result<Option<Output>> + 'a;

/// All views, each after what it stands on.
#[derive(Default)]
pub(crate) struct Dag {
    views: Vec<View>,
}

impl View {
    /// A view that has seen nothing yet.
    pub(crate) fn new(id: RelationId, plan: &Arc<Plan>, pipeline: Pipeline) -> Self {
        let reads = plan.relations();
        Self { id, plan: Arc::clone(plan), pipeline, reads, broken: None }
    }

    fn state_bytes(&self) -> usize {
        self.pipeline.state_bytes().into_iter().map(|(.., bytes)| bytes).sum()
    }

    fn process(&mut self, changes: &BTreeMap<RelationId, Delta>, tick: Tick) -> Result<Output> {
        let inputs: Vec<(RelationId, Delta)> = self
            .reads
            .iter()
            .filter_map(|id| changes.get(id).map(|delta| (*id, delta.clone())))
            .collect();
        guarded(|| self.pipeline.process(&inputs, tick))
    }
}

impl Dag {
    /// Puts views behind those that are there.
    pub(crate) fn graft(&mut self, views: Vec<View>) {
        self.views.extend(views);
    }

    /// Takes a view away.
    pub(crate) fn remove(&mut self, id: RelationId) {
        self.views.retain(|view| view.id != id);
    }

    /// Notes that views are no longer kept up, for whatever reason.
    pub(crate) fn set_broken(&mut self, views: Vec<(RelationId, Error)>) {
        for (id, error) in views {
            for view in self.views.iter_mut().filter(|view| view.id == id) {
                view.broken.get_or_insert_with(|| error.clone());
            }
        }
    }

    /// The views, in order.
    pub(crate) fn views(&self) -> &[View] {
        &self.views
    }

    /// The views, in order, to be grafted elsewhere.
    pub(crate) fn into_views(self) -> Vec<View> {
        self.views
    }

    /// Writes state that has changed since it was written, at most `room` rows, and hands
    /// it to `each`, view by view. Called between ticks. Says how much room is left and
    /// whether nothing more is to be written, and which views broke.
    pub(crate) fn capture(
        &mut self,
        mut room: usize,
        each: &mut dyn FnMut(RelationId, Vec<u8>),
    ) -> (usize, bool, Vec<(RelationId, Error)>) {
        let mut broken = vec![];
        for view in self.views.iter_mut().filter(|view| view.broken.is_none()) {
            let mut bytes = vec![];
            let left = guarded(|| view.pipeline.capture(room, &mut bytes));
            if !bytes.is_empty() {
                each(view.id, bytes);
            }
            match left {
                Ok(Some(left)) => room = left,
                Ok(None) => return (0, false, broken),
                Err(error) => {
                    view.broken = Some(error.clone());
                    broken.push((view.id, error));
                }
            }
        }
        (room, true, broken)
    }

    /// Ends the pieces of all views, of which nothing more is to be written: each with its
    /// fingerprint and the shards whose bases its piece has.
    pub(crate) fn end_capture(&mut self) -> Vec<(RelationId, u64, u8)> {
        let kept = self.views.iter_mut().filter(|view| view.broken.is_none());
        kept.map(|view| (view.id, view.pipeline.fingerprint, view.pipeline.end_capture())).collect()
    }

    /// Has all state written anew: what was written since the last durable epoch is lost.
    pub(crate) fn capture_anew(&mut self) {
        self.views.iter_mut().for_each(|view| view.pipeline.capture_anew());
    }

    /// How many rows of state are to be written, about.
    pub(crate) fn unwritten(&self) -> usize {
        let kept = self.views.iter().filter(|view| view.broken.is_none());
        kept.map(|view| view.pipeline.unwritten()).sum()
    }

    /// Memory of all state tables.
    pub(crate) fn bytes(&self) -> usize {
        self.views.iter().map(View::state_bytes).sum()
    }

    /// The state tables of all views.
    pub(crate) fn states(&self) -> Vec<StateStatus> {
        let of = |view: &View| {
            let id = view.id;
            let tables = view.pipeline.state_bytes().into_iter();
            tables.map(move |(number, operator, table, bytes)| StateStatus {
                view: id,
                number,
                operator,
                table,
                bytes,
            })
        };
        self.views.iter().flat_map(of).collect()
    }

    /// What stands before any input, of views that have seen nothing yet.
    pub(crate) fn start(&mut self) -> Changes {
        self.run(
            Changes::default(),
            &mut |view, changes, tick| {
                let mut output = guarded(|| view.pipeline.start())?;
                if view.reads.iter().any(|id| changes.contains_key(id)) {
                    let more = view.process(changes, tick)?;
                    output.delta =
                        Delta::concat(&output.delta.schema(), &[output.delta, more.delta])?;
                    let schema = output.failures.schema();
                    output.failures = Delta::concat(&schema, &[output.failures, more.failures])?;
                }
                Ok(Some(output))
            },
            0,
        )
    }

    /// Runs what `deltas` reach once.
    pub(crate) fn process(&mut self, deltas: BTreeMap<RelationId, Delta>, tick: Tick) -> Changes {
        let mut changes = Changes::default();
        for (id, delta) in deltas {
            match source_of(id) {
                // What a source could not read is a failure as it stands.
                Some(source) => changes.failures.push((source, delta)),
                None => drop(changes.deltas.insert(id, delta)),
            }
        }
        self.run(
            changes,
            &mut |view, changes, tick| {
                if !view.reads.iter().any(|id| changes.contains_key(id)) {
                    return Ok(None);
                }
                view.process(changes, tick).map(Some)
            },
            tick,
        )
    }

    fn run(&mut self, mut changes: Changes, step: &mut Step<'_>, tick: Tick) -> Changes {
        for view in self.views.iter_mut().filter(|view| view.broken.is_none()) {
            match step(view, &changes.deltas, tick) {
                Ok(None) => {}
                Ok(Some(output)) => {
                    if !output.delta.is_empty() {
                        changes.deltas.insert(view.id, output.delta);
                    }
                    if !output.failures.is_empty() {
                        changes.failures.push((view.id, output.failures));
                    }
                }
                Err(error) => {
                    view.broken = Some(error.clone());
                    changes.broken.push((view.id, error));
                }
            }
        }
        changes
    }
}

/// Runs an operator's code so that its panic is an error of its view alone.
fn guarded<T>(run: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|panic| {
        let text = panic
            .downcast_ref::<&str>()
            .map(|text| (*text).to_owned())
            .or_else(|| panic.downcast_ref::<String>().cloned())
            .unwrap_or_default();
        Err(Error::internal(format!("an operator panicked: {text}")))
    })
}
