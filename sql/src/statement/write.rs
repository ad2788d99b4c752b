//! What a statement that writes has to say once its changes are committed.
use std::sync::Arc;

use arrow::array::RecordBatch;
use engine::commit::Committed;

use crate::Result;
use crate::response::{OutputColumn, Response, Rows, Tag};

/// What became of a write.
pub(crate) struct Written {
    pub(crate) tag: Tag,
    /// Columns with their rows, where there is RETURNING.
    pub(crate) returning: Option<(Arc<[OutputColumn]>, Vec<RecordBatch>)>,
    /// Whether the engine decides which rows stay: it says so when it commits.
    pub(crate) undecided: bool,
}

impl Written {
    /// A write without RETURNING.
    pub(crate) fn new(tag: Tag) -> Self {
        Self { tag, returning: None, undecided: false }
    }

    /// What is told to the client; `committed` is there if the statement was its own transaction.
    pub(crate) fn respond(mut self, committed: Option<&Committed>) -> Result<Response> {
        if let Some(committed) = committed.filter(|_| self.undecided) {
            super::insert::decide(&mut self, committed)?;
        }
        Ok(match self.returning {
            Some((columns, batches)) => Response::Rows(Rows::ready(columns, batches, self.tag)),
            None => Response::Done(self.tag.text(0).to_string()),
        })
    }
}
