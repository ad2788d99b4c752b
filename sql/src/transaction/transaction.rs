//! A transaction's state: its snapshot, its catalog, its buffered changes, its savepoints.
//!
//! Nothing it does is seen by anyone else, nor reaches the engine, before its commit.
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use engine::commit::{Change, Commit, Definition};
use engine::plan::RelationId;

use super::Overlay;
use crate::catalog::{Catalog, Staged};
use crate::settings::Settings;
use crate::statement::definer::Defined;
use crate::{Error, Result};

/// The most memory that the changes of one transaction may take.
pub const TRANSACTION_BYTES_MAX: usize = 512 << 20;

/// The most savepoints of one transaction.
pub const SAVEPOINTS_MAX: usize = 10_000;

/// Who began a transaction, which decides what ends it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// One statement outside a block: its own end.
    Statement,
    /// Several statements sent together outside a block: their end.
    Implicit,
    /// BEGIN: COMMIT or ROLLBACK.
    Block,
}

/// What a reader may ask of other transactions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Isolation {
    /// One snapshot.
    Snapshot,
    /// One snapshot, and nothing that was read may have changed at the commit.
    Serializable,
}

/// A transaction under way.
pub(crate) struct Transaction {
    pub(crate) origin: Origin,
    pub(crate) failed: bool,
    pub(crate) isolation: Isolation,
    pub(crate) read_only: bool,
    /// Microseconds since 1970 at its start: `now()`.
    pub(crate) started_at: i64,
    /// Whether a statement has run: then isolation is settled.
    pub(crate) used: bool,
    /// What ROLLBACK returns the settings to.
    pub(crate) settings: Settings,
    snapshot: Option<engine::Snapshot>,
    staged: Option<Staged>,
    created: Vec<Definition>,
    changes: Vec<Change>,
    bytes: usize,
    overlays: BTreeMap<RelationId, Arc<Overlay>>,
    reads: BTreeSet<RelationId>,
    savepoints: Vec<Savepoint>,
    /// Unique keys, by index or table, whose conflicts were resolved by what the transaction
    /// saw: if one is taken at the commit, a race was lost.
    pub(crate) resolved: BTreeSet<RelationId>,
}

struct Savepoint {
    name: String,
    settings: Settings,
    staged: Option<Staged>,
    created: usize,
    changes: usize,
    bytes: usize,
}

impl Transaction {
    /// A transaction that has done nothing yet.
    pub(crate) fn new(origin: Origin, started_at: i64, settings: &Settings) -> Self {
        let has = |name: &str, value: &str| settings.get(name).is_ok_and(|given| given == value);
        // A statement by itself has the session's default modes, a block those it was given.
        let alone = origin == Origin::Statement;
        let name = |own, default| if alone { default } else { own };
        let isolation = name("transaction_isolation", "default_transaction_isolation");
        let serializable = has(isolation, "serializable");
        let access = name("transaction_read_only", "default_transaction_read_only");
        let read_only = has(access, "on");
        Self {
            origin,
            failed: false,
            isolation: if serializable { Isolation::Serializable } else { Isolation::Snapshot },
            read_only,
            started_at,
            used: false,
            settings: settings.clone(),
            snapshot: None,
            staged: None,
            created: vec![],
            changes: vec![],
            bytes: 0,
            overlays: BTreeMap::new(),
            reads: BTreeSet::new(),
            savepoints: vec![],
            resolved: BTreeSet::new(),
        }
    }

    /// Its catalog; `current` becomes it with the first statement.
    pub(crate) fn catalog(&mut self, current: impl FnOnce() -> Arc<Catalog>) -> &mut Staged {
        self.staged.get_or_insert_with(|| Staged::new(current()))
    }

    /// Its catalog, if it has one already.
    pub(crate) fn staged(&self) -> Option<&Staged> {
        self.staged.as_ref()
    }

    /// Its snapshot, taken when first asked for.
    pub(crate) fn snapshot(&mut self, engine: &engine::Engine) -> Result<&engine::Snapshot> {
        let snapshot = match self.snapshot.take() {
            Some(snapshot) => snapshot,
            None => engine.snapshot()?,
        };
        Ok(self.snapshot.insert(snapshot))
    }

    /// Whether it fails if what it has read was changed.
    pub(crate) fn is_serializable(&self) -> bool {
        self.isolation == Isolation::Serializable
    }

    /// Notes relations whose rows it has read.
    pub(crate) fn note_reads(&mut self, relations: impl Iterator<Item = RelationId>) {
        if self.isolation == Isolation::Serializable {
            self.reads.extend(relations);
        }
    }

    /// Whether the relation is its own creation: the engine does not know it yet.
    pub(crate) fn is_own(&self, relation: RelationId) -> bool {
        self.staged.as_ref().is_some_and(|staged| staged.is_own(relation))
    }

    /// Adds a change of rows to the buffer.
    pub(crate) fn change(&mut self, change: Change) -> Result<()> {
        let bytes = match &change {
            Change::Insert { rows, .. } => rows.get_array_memory_size(),
            Change::Delete { old, .. } => old.get_array_memory_size(),
            Change::Update { old, new, .. } => {
                old.get_array_memory_size().saturating_add(new.get_array_memory_size())
            }
        };
        self.bytes = self.bytes.saturating_add(bytes);
        if self.bytes > TRANSACTION_BYTES_MAX {
            return Err(Error::new("53400", "the transaction changes too many rows")
                .with_detail(format!("At most {TRANSACTION_BYTES_MAX} bytes can be changed."))
                .with_hint("Commit more often."));
        }
        self.changes.push(change);
        Ok(())
    }

    /// Adds definitions to its catalog.
    pub(crate) fn define(&mut self, defined: Vec<Defined>) -> Result<()> {
        let staged = self.staged.as_mut().ok_or_else(|| Error::internal("no catalog"))?;
        let (changes, definitions): (Vec<_>, Vec<_>) =
            defined.into_iter().map(|defined| (defined.change, defined.definition)).unzip();
        staged.apply(changes)?;
        self.created.extend(definitions.into_iter().flatten());
        Ok(())
    }

    /// Its own changes of a table, as of now; `None` where there are none.
    pub(crate) fn overlay(&mut self, relation: RelationId) -> Result<Option<Arc<Overlay>>> {
        let changed = |change| relation_of(change) == relation;
        if !self.overlays.contains_key(&relation) && !self.changes.iter().any(changed) {
            return Ok(None);
        }
        let overlay = self.overlays.entry(relation).or_default();
        if overlay.applied() < self.changes.len() {
            Arc::make_mut(overlay).catch_up(relation, &self.changes)?;
        }
        Ok(Some(Arc::clone(overlay)))
    }

    /// The same, to look own rows up by key.
    pub(crate) fn overlay_mut(&mut self, relation: RelationId) -> Result<Option<&mut Overlay>> {
        if self.overlay(relation)?.is_none() {
            return Ok(None);
        }
        Ok(self.overlays.get_mut(&relation).map(Arc::make_mut))
    }

    /// Whether a commit would do anything.
    pub(crate) fn has_changes(&self) -> bool {
        !self.changes.is_empty() || self.staged.as_ref().is_some_and(|staged| !staged.is_empty())
    }

    /// SAVEPOINT
    pub(crate) fn save(&mut self, name: &str, settings: &Settings) -> Result<()> {
        if self.savepoints.len() >= SAVEPOINTS_MAX {
            return Err(Error::new("53400", "too many savepoints")
                .with_detail(format!("A transaction can have {SAVEPOINTS_MAX}.")));
        }
        self.savepoints.push(Savepoint {
            name: name.to_owned(),
            settings: settings.clone(),
            staged: self.staged.clone(),
            created: self.created.len(),
            changes: self.changes.len(),
            bytes: self.bytes,
        });
        Ok(())
    }

    /// RELEASE: the savepoint and those after it are forgotten, what they saved stays.
    pub(crate) fn release(&mut self, name: &str) -> Result<()> {
        let at = self.find_savepoint(name)?;
        self.savepoints.truncate(at);
        Ok(())
    }

    /// ROLLBACK TO: what came after the savepoint is undone; gives the settings of then.
    pub(crate) fn roll_back_to(&mut self, name: &str) -> Result<Settings> {
        let at = self.find_savepoint(name)?;
        self.savepoints.truncate(at.saturating_add(1));
        let saved = self.savepoints.last().ok_or_else(|| Error::internal("no savepoint"))?;
        let now = self.staged.take();
        self.staged = saved.staged.clone().or(now.map(|now| Staged::new(now.base())));
        self.created.truncate(saved.created);
        self.changes.truncate(saved.changes);
        self.bytes = saved.bytes;
        let kept = self.changes.len();
        self.overlays.retain(|_, overlay| overlay.applied() <= kept);
        self.failed = false;
        Ok(saved.settings.clone())
    }

    fn find_savepoint(&self, name: &str) -> Result<usize> {
        self.savepoints
            .iter()
            .rposition(|savepoint| savepoint.name == name)
            .ok_or_else(|| Error::new("3B001", format!("savepoint \"{name}\" does not exist")))
    }

    /// Takes apart what is to be committed: the changes of rows, the catalog, the definitions.
    pub(crate) fn finish(self) -> Finished {
        let unchanged = self.snapshot.as_ref().filter(|_| !self.reads.is_empty());
        let unchanged = unchanged.map(|s| (s.tick(), self.reads.iter().copied().collect()));
        let staged = self.staged.filter(|staged| !staged.is_empty());
        let gone = |id: RelationId| {
            staged.as_ref().is_some_and(|staged| staged.catalog().relation(id).is_none())
        };
        let changes = self.changes.into_iter().filter(|change| !gone(relation_of(change)));
        Finished {
            commit: Commit { changes: changes.collect(), unchanged, ..Commit::default() },
            staged,
            created: self.created,
            resolved: self.resolved,
        }
    }
}

/// What a transaction leaves to be committed.
pub(crate) struct Finished {
    pub(crate) commit: Commit,
    pub(crate) staged: Option<Staged>,
    pub(crate) created: Vec<Definition>,
    pub(crate) resolved: BTreeSet<RelationId>,
}

/// The relation that a change is about.
pub(crate) fn relation_of(change: &Change) -> RelationId {
    match change {
        Change::Insert { relation, .. }
        | Change::Delete { relation, .. }
        | Change::Update { relation, .. } => *relation,
    }
}
