//! Rows that are there from the start.
use arrow::array::RecordBatch;

use crate::operator::{Context, Operator};
use crate::{Delta, Error, Result};

/// Puts its rows out once, before any input.
pub(crate) struct Values {
    rows: RecordBatch,
}

impl Values {
    pub(crate) fn new(rows: RecordBatch) -> Self {
        Self { rows }
    }
}

impl Operator for Values {
    fn process(&mut self, _inputs: &[Delta], _context: &mut Context<'_>) -> Result<Delta> {
        Err(Error::internal("VALUES has no input"))
    }

    fn start(&mut self, _context: &mut Context<'_>) -> Result<Option<Delta>> {
        Ok(Some(Delta::inserted(self.rows.clone())))
    }
}
