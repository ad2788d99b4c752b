//! Which relation a scan reads.
use std::sync::Arc;

use datafusion::logical_expr::{LogicalPlan, TableScan};

use crate::binder::{RelationSource, WindowTable};
use crate::catalog::Relation;
use crate::{Error, Result};

/// The relation that `scan` reads.
pub(crate) fn relation_of(scan: &TableScan) -> Result<&Arc<Relation>> {
    scan.source
        .downcast_ref::<RelationSource>()
        .map(|source| &source.relation)
        .ok_or_else(|| Error::internal("a scan of something that is no relation"))
}

/// The windows that `plan`'s topmost node adds, if it is such a node.
pub(crate) fn window_table(plan: &LogicalPlan) -> Option<&WindowTable> {
    let LogicalPlan::Extension(extension) = plan else { return None };
    extension.node.as_any().downcast_ref::<WindowTable>()
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
