//! How large everything is, how well it is: what the catalog's relations show.
use storage::Tick;

use crate::Error;
use crate::plan::RelationId;
use crate::shared::Shared;
use crate::world::Kind;

/// The engine as of one tick.
#[derive(Clone, Debug)]
pub struct Status {
    /// The last published tick.
    pub tick: Tick,
    /// Its time in microseconds.
    pub time: i64,
    /// Memory of rows, indexes and state.
    pub bytes: usize,
    /// What it may be at most.
    pub bytes_max: usize,
    /// Each relation.
    pub relations: Vec<RelationStatus>,
}

/// One relation.
#[derive(Clone, Debug)]
pub struct RelationStatus {
    /// Its id.
    pub id: RelationId,
    /// What it is.
    pub kind: Kind,
    /// Live rows.
    pub rows: usize,
    /// Memory of rows and indexes.
    pub bytes: usize,
    /// The last tick that changed it.
    pub changed_at: Tick,
    /// Whether its rows were taken from an epoch when the engine started. A view that was
    /// there before and is not restored has been filled anew from its inputs.
    pub restored: bool,
    /// Since when it is no longer kept up, and why.
    pub broken: Option<(Tick, Error)>,
}

/// A table of an operator's state.
#[derive(Clone, Debug)]
pub struct StateStatus {
    /// The view.
    pub view: RelationId,
    /// The operator's number in the view's plan.
    pub number: i32,
    /// The operator's name.
    pub operator: &'static str,
    /// The table's name.
    pub table: &'static str,
    /// Its memory.
    pub bytes: usize,
}

impl Status {
    /// Asks everyone.
    pub(crate) fn of(shared: &Shared) -> Self {
        let world = shared.world.read();
        let relations = world.relations().map(|relation| RelationStatus {
            id: relation.id(),
            kind: relation.kind(),
            rows: relation.len(),
            bytes: relation.bytes(),
            changed_at: relation.changed_at(),
            restored: relation.is_restored(),
            broken: relation.broken().cloned(),
        });
        Self {
            tick: world.tick,
            time: world.time,
            bytes: shared.bytes.load(std::sync::atomic::Ordering::Relaxed),
            bytes_max: shared.options.memory_bytes_max,
            relations: relations.collect(),
        }
    }
}
