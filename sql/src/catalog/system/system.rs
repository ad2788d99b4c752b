//! The system relations that there are: pg_catalog, information_schema, tidemill.
use std::sync::Arc;

use arrow::array::RecordBatch;
use engine::plan::RelationId;

use super::table::Table;
use super::{SystemRelations, SystemView, shapes, tables};
use crate::catalog::Relation;
use crate::{Error, Result};

/// All of them; each is made from the catalog when it is read.
#[derive(Clone, Copy, Debug, Default)]
pub struct System;

impl SystemRelations for System {
    fn find(&self, schema: &str, name: &str) -> Option<Arc<Relation>> {
        shapes::named(schema, name).map(|shape| Arc::clone(&shape.relation))
    }

    fn relation(&self, id: RelationId) -> Option<Arc<Relation>> {
        shapes::with_id(id).map(|shape| Arc::clone(&shape.relation))
    }

    fn all(&self) -> Vec<Arc<Relation>> {
        shapes::SHAPES.iter().map(|shape| Arc::clone(&shape.relation)).collect()
    }

    fn rows(&self, id: RelationId, view: &SystemView<'_>) -> Result<Vec<RecordBatch>> {
        let missing = || Error::internal(format!("there is no system relation {}", id.0));
        let relation = self.relation(id).ok_or_else(missing)?;
        let mut table = Table::new(Arc::clone(&relation));
        tables::fill(&relation, view, &mut table)?;
        table.finish()
    }
}
