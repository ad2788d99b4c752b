//! Scans of relations, with their windows in time.
use std::sync::Arc;

use datafusion::logical_expr::utils::conjunction;
use datafusion::logical_expr::{LogicalPlan, TableScan, UserDefinedLogicalNodeCore};
use engine::plan::{Node, Plan};

use super::expression::{expression, schema, with_columns};
use super::node::{filtered, lower_node};
use crate::binder::WindowTable;
use crate::catalog::RelationKind;
use crate::plan::opaque::Opaque;
use crate::plan::source::{relation_of, window_table};
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
        None => match window_table(plan) {
            Some(node) => window(node),
            None => {
                Err(Error::unsupported(format_args!("{} in a continuous view", plan.display())))
            }
        },
    }
}

/// Rows with their windows.
fn window(node: &WindowTable) -> Result<Arc<Plan>> {
    let (input, columns) = with_columns(&node.input, &[&node.time])?;
    let Some(time) = columns.first().copied() else {
        return Err(Error::internal("a window without its time"));
    };
    let offset = node.offset.saturating_sub(EPOCH_2000_MICROS).rem_euclid(node.slide);
    let (size, slide) = (node.size, node.slide);
    let node_schema = schema(node.schema());
    Ok(Arc::new(Plan {
        node: Node::Window { input, time, size, slide, offset },
        schema: node_schema,
    }))
}

/// 2000-01-01, from where the engine counts windows, since 1970.
const EPOCH_2000_MICROS: i64 = 946_684_800_000_000;
