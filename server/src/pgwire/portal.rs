//! A bound statement: its values, and how far its rows have been read.
use arrow::array::RecordBatch;
use sql::{Prepared, Rows, ScalarValue};

use super::encode::Encoder;
use super::format::Formats;

/// A portal of the extended protocol.
pub(crate) struct Portal {
    /// Absent where the statement is empty.
    pub(crate) prepared: Option<Prepared>,
    pub(crate) formats: Formats,
    pub(crate) progress: Progress,
}

/// How far a portal is.
pub(crate) enum Progress {
    /// Not run yet.
    Bound(Vec<ScalarValue>),
    /// Some of its rows were sent.
    Open(Box<Open>),
    /// There is no more to come.
    Done,
}

/// Rows of which some were sent.
pub(crate) struct Open {
    pub(crate) rows: Rows,
    pub(crate) encoder: Encoder,
    /// What is left of the last batch.
    pub(crate) rest: Option<RecordBatch>,
    pub(crate) sent: u64,
}

impl Open {
    /// At most `most` rows more; `None` when there are no more.
    pub(crate) async fn next(&mut self, most: usize) -> sql::Result<Option<RecordBatch>> {
        let batch = loop {
            let batch = match self.rest.take() {
                Some(rest) => rest,
                None => match self.rows.next().await? {
                    Some(batch) => batch,
                    None => return Ok(None),
                },
            };
            if batch.num_rows() > 0 {
                break batch;
            }
        };
        if batch.num_rows() > most {
            self.rest = Some(batch.slice(most, batch.num_rows() - most));
            return Ok(Some(batch.slice(0, most)));
        }
        Ok(Some(batch))
    }
}
