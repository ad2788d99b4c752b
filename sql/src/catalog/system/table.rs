//! The rows of one system relation while they are made.
use std::sync::Arc;

use arrow::array::{RecordBatch, RecordBatchOptions};

use super::cell::{Cell, column};
use super::classes::oid_of;
use crate::catalog::Relation;
use crate::{Error, Result};

/// Rows, column by column.
pub(super) struct Table {
    relation: Arc<Relation>,
    columns: Vec<Vec<Cell>>,
    rows: usize,
}

impl Table {
    /// No rows of a relation.
    pub(super) fn new(relation: Arc<Relation>) -> Self {
        let columns = relation.columns.iter().map(|_| vec![]).collect();
        Self { relation, columns, rows: 0 }
    }

    /// Adds a row: values by column, in the order of columns. Those left out are NULL, or
    /// nothing (false, 0, '') where NULL cannot be.
    pub(super) fn row<const N: usize>(&mut self, values: [(&str, Cell); N]) -> Result<()> {
        let mut values = values.into_iter().peekable();
        for (column, cells) in self.relation.columns.iter().zip(&mut self.columns) {
            let cell = match values.next_if(|(name, _)| *name == column.name) {
                Some((_, cell)) => cell,
                None if column.hidden => Cell::Int(oid_of(self.relation.id)),
                None if column.nullable => Cell::Null,
                None => Cell::zero(&column.ty),
            };
            cells.push(cell);
        }
        self.rows += 1;
        match values.next() {
            None => Ok(()),
            Some((name, _)) => {
                let message = format!("{} has no column {name} here", self.relation.name);
                Err(Error::internal(message))
            }
        }
    }

    /// All rows.
    pub(super) fn finish(self) -> Result<Vec<RecordBatch>> {
        let cells = self.columns.into_iter().zip(&self.relation.columns);
        let columns = cells.map(|(cells, of)| column(cells, &of.ty)).collect::<Result<Vec<_>>>()?;
        let options = RecordBatchOptions::new().with_row_count(Some(self.rows));
        let schema = self.relation.arrow_schema();
        Ok(vec![RecordBatch::try_new_with_options(schema, columns, &options)?])
    }
}
