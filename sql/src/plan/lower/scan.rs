//! Relations and their windows in time.
use std::sync::Arc;

use datafusion::logical_expr::utils::conjunction;
use datafusion::logical_expr::{LogicalPlan, TableScan};
use engine::plan::{Node, Plan};

use super::expression::{expression, schema};
use super::node::{filtered, lower_node};
use crate::catalog::RelationKind;
use crate::plan::opaque::Opaque;
use crate::plan::source::relation_of;
use crate::{Error, Result};

/// The rows of a relation.
pub(super) fn scan(node: &TableScan) -> Result<Arc<Plan>> {
    let relation = relation_of(node)?;
    match relation.kind {
        RelationKind::System => {
            return Err(Error::unsupported(format_args!(
                "system relation \"{}\" in a continuous view",
                relation.name
            ))
            .with_hint("It is made when it is read: select from it directly."));
        }
        RelationKind::View => return Err(Error::internal("a plain view was not expanded")),
        _ => {}
    }
    if node.fetch.is_some() {
        return Err(Error::internal("a limit was pushed into a scan"));
    }
    let columns = match &node.projection {
        Some(columns) => columns.clone(),
        None => (0..relation.columns.len()).collect(),
    };
    let scanned = Arc::new(Plan {
        node: Node::Scan { relation: relation.id, columns },
        schema: schema(&node.projected_schema),
    });
    match conjunction(node.filters.iter().cloned()) {
        Some(filter) => Ok(filtered(scanned, expression(&filter, &node.projected_schema)?)),
        None => Ok(scanned),
    }
}

/// A node of our own.
pub(super) fn extension(plan: &LogicalPlan) -> Result<Arc<Plan>> {
    match Opaque::opened(plan) {
        Some(inner) => lower_node(inner),
        None => Err(Error::unsupported(format_args!("{} in a continuous view", plan.display()))),
    }
}
