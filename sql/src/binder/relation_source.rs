//! A relation as a plan's scan knows it.
use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use datafusion::logical_expr::TableSource;

use crate::catalog::Relation;

/// What stands in a `TableScan` that the binder makes; the planner downcasts to it.
#[derive(Clone, Debug)]
pub struct RelationSource {
    /// The relation.
    pub relation: Arc<Relation>,
    schema: SchemaRef,
}

impl RelationSource {
    /// The source of a relation: all its columns in order, hidden ones too, with their types
    /// as metadata.
    pub fn new(relation: Arc<Relation>) -> Self {
        let schema = relation.arrow_schema();
        Self { relation, schema }
    }
}

impl TableSource for RelationSource {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }
}
