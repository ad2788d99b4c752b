//! The catalog of one transaction: a base with the changes made on it so far.
//!
//! The changes are a list, so that a savepoint can cut it, and so that it can be put on
//! another base when other sessions' definitions were committed first.
use std::sync::Arc;

use engine::plan::RelationId;

use super::{Catalog, Index, Relation, RelationKind};
use crate::{Error, Result};

/// A schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schema {
    /// Its id; 0 for `public`, which is no record.
    pub id: RelationId,
    /// Its name.
    pub name: String,
}

/// One change of the catalog; a creation carries the text of its record.
#[derive(Clone, Debug)]
pub enum Change {
    /// A new schema.
    CreateSchema(Arc<Schema>, String),
    /// A new relation.
    CreateRelation(Arc<Relation>, String),
    /// A new index.
    CreateIndex(Arc<Index>, String),
    /// A schema that is empty goes.
    DropSchema(Arc<Schema>),
    /// A relation goes on which nothing stands any more.
    DropRelation(Arc<Relation>),
    /// An index goes.
    DropIndex(Arc<Index>),
}

impl Change {
    /// The id of the object that comes or goes.
    pub fn id(&self) -> RelationId {
        match self {
            Change::CreateSchema(schema, _) | Change::DropSchema(schema) => schema.id,
            Change::CreateRelation(relation, _) | Change::DropRelation(relation) => relation.id,
            Change::CreateIndex(index, _) | Change::DropIndex(index) => index.id,
        }
    }

    /// Whether an object comes.
    pub fn creates(&self) -> bool {
        matches!(
            self,
            Change::CreateSchema(..) | Change::CreateRelation(..) | Change::CreateIndex(..)
        )
    }
}

/// A catalog with a transaction's changes.
#[derive(Clone)]
pub struct Staged {
    base: Arc<Catalog>,
    changes: Vec<Change>,
    catalog: Arc<Catalog>,
    reading: Arc<Catalog>,
}

impl Staged {
    /// No changes on `base`.
    pub fn new(base: Arc<Catalog>) -> Self {
        Self { changes: vec![], catalog: Arc::clone(&base), reading: Arc::clone(&base), base }
    }

    /// The catalog without them.
    pub fn base(&self) -> Arc<Catalog> {
        Arc::clone(&self.base)
    }

    /// The catalog with the changes.
    pub fn catalog(&self) -> &Arc<Catalog> {
        &self.catalog
    }

    /// The catalog as this transaction's queries see it: a continuous view of its own has
    /// no rows in the engine before COMMIT, so its query stands in its place.
    pub fn reading(&self) -> &Arc<Catalog> {
        &self.reading
    }

    /// The changes, in order.
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// Whether nothing was changed.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// Whether the object was created by this transaction.
    pub fn is_own(&self, id: RelationId) -> bool {
        self.changes.iter().any(|change| change.creates() && change.id() == id)
    }

    /// Makes changes, all or none.
    pub fn apply(&mut self, changes: Vec<Change>) -> Result<()> {
        self.catalog = Arc::new(self.catalog.with(&changes)?);
        self.changes.extend(changes);
        self.reading = self.read_as_queries()?;
        Ok(())
    }

    /// The same changes on another base; 40001 where another session's changes stand against it.
    pub fn rebase(&self, base: &Arc<Catalog>) -> Result<Self> {
        if base.version() == self.base.version() {
            return Ok(self.clone());
        }
        let mut staged = Self::new(Arc::clone(base));
        for change in &self.changes {
            let there = match change {
                Change::DropSchema(schema) => base.schema(&schema.name).is_some(),
                Change::DropRelation(relation) => base.relation(relation.id).is_some(),
                Change::DropIndex(index) => base.index(index.id).is_some(),
                _ => true,
            };
            if !there && !self.is_own(change.id()) {
                return Err(lost("an object to be dropped does not exist any more"));
            }
            staged.apply(vec![change.clone()]).map_err(|error| lost(error.message()))?;
        }
        staged.nothing_stands_on_what_goes()?;
        Ok(staged)
    }

    /// What has come to stand, in other sessions, on something this transaction drops.
    fn nothing_stands_on_what_goes(&self) -> Result<()> {
        for change in &self.changes {
            let (name, stands) = match change {
                Change::DropRelation(gone) => (
                    &gone.name,
                    self.catalog.dependants(gone.id).next().is_some()
                        || self.catalog.indexes_of(gone.id).next().is_some(),
                ),
                Change::DropSchema(gone) => (
                    &gone.name,
                    self.catalog.relations().any(|relation| relation.schema == gone.name),
                ),
                _ => continue,
            };
            if stands {
                return Err(lost(format!("other objects depend on \"{name}\" now")));
            }
        }
        Ok(())
    }

    fn read_as_queries(&self) -> Result<Arc<Catalog>> {
        let own_view = |change: &Change| {
            matches!(change, Change::CreateRelation(relation, _)
                if relation.kind == RelationKind::ContinuousView)
        };
        if !self.changes.iter().any(own_view) {
            return Ok(Arc::clone(&self.catalog));
        }
        let changes: Vec<Change> = self
            .changes
            .iter()
            .map(|change| match change {
                Change::CreateRelation(relation, text) if own_view(change) => {
                    let mut plain = Relation::clone(relation);
                    plain.kind = RelationKind::View;
                    Change::CreateRelation(Arc::new(plain), text.clone())
                }
                other => other.clone(),
            })
            .collect();
        Ok(Arc::new(self.base.with(&changes)?))
    }
}

fn lost(detail: impl Into<String>) -> Error {
    let detail = detail.into();
    Error::new("40001", "could not serialize access due to concurrent changes of definitions")
        .with_detail(format!("{}.", detail.trim_end_matches('.')))
        .with_hint("The transaction might succeed if retried.")
}
