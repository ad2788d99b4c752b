//! SUBSCRIBE: the changes of a relation as they happen.
use std::sync::Arc;

use arrow::array::RecordBatch;
use futures::StreamExt;
use futures::stream::BoxStream;

use crate::Result;
use crate::response::OutputColumn;

/// A relation's rows as of a tick, then its changes, without end: `tick` int8, `diff`
/// int8, then the relation's columns.
pub struct Changes {
    columns: Arc<[OutputColumn]>,
    batches: BoxStream<'static, Result<RecordBatch>>,
}

impl Changes {
    /// The columns.
    pub fn columns(&self) -> &Arc<[OutputColumn]> {
        &self.columns
    }

    /// The next changes, all of one tick, as soon as there are any. Fails with 57014 when
    /// the statement is cancelled and with 53400 when the reader has fallen too far behind.
    pub async fn next(&mut self) -> Result<Option<RecordBatch>> {
        self.batches.next().await.transpose()
    }
}
