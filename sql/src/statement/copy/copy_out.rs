//! COPY … TO STDOUT while its data go out.
use futures::StreamExt;
use futures::stream::BoxStream;

use crate::Result;

/// The data, one piece of many lines at a time.
pub struct CopyOut {
    columns: usize,
    pieces: BoxStream<'static, Result<Vec<u8>>>,
    rows: u64,
}

impl CopyOut {
    /// How many columns a line has, for the wire's CopyOutResponse; all are text.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// The next piece; `None` after the last.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>> {
        self.pieces.next().await.transpose()
    }

    /// What to say after the last piece: `COPY` with the number of rows.
    pub fn tag(&self) -> String {
        format!("COPY {}", self.rows)
    }
}
