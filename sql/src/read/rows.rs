//! The answer of a read, as it arrives from the reader's thread.
use std::pin::Pin;
use std::task::{Context, Poll};

use arrow::array::RecordBatch;
use futures::{Stream, StreamExt};
use tokio::sync::mpsc;

use crate::{Error, Result};

/// How many batches wait for a slow receiver before the read waits too.
pub const BATCHES_QUEUED_MAX: usize = 4;

/// What a reader's thread sends.
pub(super) enum Message {
    /// Some rows.
    Batch(RecordBatch),
    /// There are no more.
    End,
    /// There would be more, but for this.
    Failed(Error),
}

/// Rows of a read, in order. Dropping it stops the read.
#[derive(Debug)]
pub struct Rows {
    /// Absent once the end was seen.
    receiver: Option<mpsc::Receiver<Message>>,
}

impl Rows {
    /// A channel for one read.
    pub(super) fn channel() -> (mpsc::Sender<Message>, Rows) {
        let (sender, receiver) = mpsc::channel(BATCHES_QUEUED_MAX);
        (sender, Rows { receiver: Some(receiver) })
    }

    /// The next rows; `None` at the end, and after an error.
    pub async fn next(&mut self) -> Option<Result<RecordBatch>> {
        StreamExt::next(self).await
    }

    /// All rows.
    pub async fn collect(mut self) -> Result<Vec<RecordBatch>> {
        let mut all = vec![];
        while let Some(batch) = self.next().await {
            all.push(batch?);
        }
        Ok(all)
    }
}

impl Stream for Rows {
    type Item = Result<RecordBatch>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Some(receiver) = &mut self.receiver else { return Poll::Ready(None) };
        let Poll::Ready(message) = receiver.poll_recv(context) else { return Poll::Pending };
        let item = match message {
            Some(Message::Batch(batch)) => return Poll::Ready(Some(Ok(batch))),
            Some(Message::End) => None,
            Some(Message::Failed(error)) => Some(Err(error)),
            // The reader's task is gone without a word: it panicked, or its pool was closed.
            None => Some(Err(Error::internal("a read ended before its last row"))),
        };
        self.receiver = None;
        Poll::Ready(item)
    }
}
