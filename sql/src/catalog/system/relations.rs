//! The hook for system relations: found by schema with name, filled when read.
//!
//! Nothing here is stored. An implementation gives each relation a fixed id outside
//! the numbers of stored ones ([`SYSTEM_IDS_FROM`]), its columns, and its rows as of one catalog.
use std::sync::Arc;

use arrow::array::RecordBatch;
use engine::plan::RelationId;

use crate::catalog::{Catalog, Relation};
use crate::settings::Settings;
use crate::{Error, Result};

/// System relations have ids from here on; stored ones stay below.
pub const SYSTEM_IDS_FROM: u64 = 1 << 40;

/// All system relations.
pub trait SystemRelations: Send + Sync {
    /// The relation `name` of the system schema `schema`.
    fn find(&self, schema: &str, name: &str) -> Option<Arc<Relation>>;

    /// The relation with this id.
    fn relation(&self, id: RelationId) -> Option<Arc<Relation>>;

    /// Every relation, for the catalog's own listing of itself.
    fn all(&self) -> Vec<Arc<Relation>>;

    /// The rows of the relation with this id, in its columns' Arrow types.
    fn rows(&self, id: RelationId, view: &SystemView<'_>) -> Result<Vec<RecordBatch>>;
}

/// What a system relation is made from.
#[derive(Clone, Copy)]
pub struct SystemView<'a> {
    /// The reader's catalog: in a block, with what the block has staged.
    pub catalog: &'a Arc<Catalog>,
    /// The reader's settings.
    pub settings: &'a Settings,
    /// The reader's user name.
    pub user: &'a str,
    /// Where sizes and health are asked.
    pub engine: &'a engine::Engine,
    /// The rows of the statement's instant.
    pub snapshot: &'a engine::Snapshot,
}

/// No system relations at all.
pub struct NoSystemRelations;

impl SystemRelations for NoSystemRelations {
    fn find(&self, _schema: &str, _name: &str) -> Option<Arc<Relation>> {
        None
    }

    fn relation(&self, _id: RelationId) -> Option<Arc<Relation>> {
        None
    }

    fn all(&self) -> Vec<Arc<Relation>> {
        vec![]
    }

    fn rows(&self, id: RelationId, _view: &SystemView<'_>) -> Result<Vec<RecordBatch>> {
        Err(Error::internal(format!("there is no system relation {}", id.0)))
    }
}
