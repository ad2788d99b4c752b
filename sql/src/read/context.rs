//! What a read reads from: the relations at one instant, found when it runs and not when it is
//! planned, so that a plan pins no data.
use std::fmt;
use std::sync::Arc;

use arrow::array::RecordBatch;

use crate::Result;
use crate::catalog::Relation;

/// The rows of relations at one instant.
pub trait Relations: Send + Sync {
    /// All rows of `relation`: the columns in `projection`, or all of its columns, in order.
    /// The types are those of the relation's columns; field names do not matter.
    fn batches(&self, relation: &Relation, projection: Option<&[usize]>) -> Result<Batches>;

    /// How many rows `relation` has, as far as that is known at once: so that a join keeps the
    /// smaller side in memory.
    fn rows(&self, relation: &Relation) -> Option<usize> {
        let _ = relation;
        None
    }
}

/// Rows, a batch at a time.
pub type Batches = Box<dyn Iterator<Item = Result<RecordBatch>> + Send>;

/// Fails once the statement is to stop (57014); called at every batch.
pub type Stop = Arc<dyn Fn() -> Result<()> + Send + Sync>;

/// What one read is given.
#[derive(Clone)]
pub struct ReadContext {
    /// Where its scans read.
    pub relations: Arc<dyn Relations>,
    /// Whether it is to stop.
    pub stop: Stop,
}

impl ReadContext {
    /// A read of `relations` that is never told to stop.
    pub fn new(relations: Arc<dyn Relations>) -> Self {
        Self { relations, stop: Arc::new(|| Ok(())) }
    }

    /// The same read, stopped by `stop`.
    pub fn with_stop(self, stop: Stop) -> Self {
        Self { stop, ..self }
    }
}

impl fmt::Debug for ReadContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReadContext")
    }
}
