//! Which relation a scan reads.
use std::sync::Arc;

use datafusion::arrow::datatypes::{Schema, SchemaRef};
use datafusion::logical_expr::{LogicalPlan, TableScan, TableSource};

use crate::catalog::Relation;
use crate::{Error, Result};

/// A relation as a bound plan's scans name it.
#[derive(Debug)]
pub struct RelationSource {
    /// What is read.
    pub relation: Arc<Relation>,
    schema: SchemaRef,
}

impl RelationSource {
    /// All columns of `relation`.
    pub fn new(relation: Arc<Relation>) -> Self {
        let fields: Vec<_> = relation
            .columns
            .iter()
            .map(|column| column.ty.field(&column.name, column.nullable))
            .collect();
        Self { relation, schema: Arc::new(Schema::new(fields)) }
    }
}

impl TableSource for RelationSource {
    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }
}

/// The relation that `scan` reads.
pub(crate) fn relation_of(scan: &TableScan) -> Result<&Arc<Relation>> {
    scan.source
        .downcast_ref::<RelationSource>()
        .map(|source| &source.relation)
        .ok_or_else(|| Error::internal("a scan of something that is no relation"))
}

/// Every relation that `plan` reads, each once.
pub fn relations(plan: &LogicalPlan) -> Result<Vec<Arc<Relation>>> {
    use datafusion::common::tree_node::TreeNodeRecursion;
    let mut found: Vec<Arc<Relation>> = vec![];
    let mut failed = None;
    plan.apply_with_subqueries(|node| {
        if let LogicalPlan::TableScan(scan) = node {
            match relation_of(scan) {
                Ok(relation) if found.iter().all(|other| other.id != relation.id) => {
                    found.push(relation.clone());
                }
                Ok(_) => {}
                Err(error) => failed = Some(error),
            }
        }
        Ok(TreeNodeRecursion::Continue)
    })?;
    failed.map_or(Ok(found), Err)
}
