//! The handle by which a running statement is stopped.
//!
//! A handle is shared and outlives its statements: it stops the one that runs now, and
//! does nothing between statements. A statement that has reached its commit is not
//! stopped any more: its outcome would be unknown.
use std::future::Future;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::watch;

use crate::{Error, Result};

/// Stops a session's statement from elsewhere.
#[derive(Clone, Default)]
pub struct Cancel(Arc<Mutex<Option<watch::Sender<Reason>>>>);

/// Why a statement is to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    None,
    User,
    Timeout,
    Shutdown,
}

impl Reason {
    fn error(self) -> Option<Error> {
        match self {
            Reason::None => None,
            Reason::User => Some(Error::new("57014", "canceling statement due to user request")),
            Reason::Timeout => {
                Some(Error::new("57014", "canceling statement due to statement timeout"))
            }
            Reason::Shutdown => {
                Some(Error::new("57P01", "terminating connection due to administrator command"))
            }
        }
    }
}

impl Cancel {
    /// Stops the statement that runs now, if one does.
    pub fn cancel(&self) {
        self.stop(Reason::User);
    }

    /// Stops it because the server does.
    pub fn shut_down(&self) {
        self.stop(Reason::Shutdown);
    }

    pub(crate) fn stop(&self, reason: Reason) {
        if let Some(sender) = self.0.lock().as_ref() {
            sender.send_if_modified(|now| {
                let first = *now == Reason::None;
                if first {
                    *now = reason;
                }
                first
            });
        }
    }

    /// A statement begins; the one before cannot be stopped through this handle any more.
    pub(crate) fn begin(&self) -> Running {
        let (sender, receiver) = watch::channel(Reason::None);
        *self.0.lock() = Some(sender.clone());
        Running { sender, receiver }
    }
}

/// A statement that can be stopped.
#[derive(Clone)]
pub(crate) struct Running {
    sender: watch::Sender<Reason>,
    receiver: watch::Receiver<Reason>,
}

impl Running {
    /// What the timer calls.
    pub(crate) fn time_out(&self) {
        self.sender.send_if_modified(|now| {
            let first = *now == Reason::None;
            if first {
                *now = Reason::Timeout;
            }
            first
        });
    }

    /// Fails if the statement is to stop.
    pub(crate) fn check(&self) -> Result<()> {
        self.receiver.borrow().error().map_or(Ok(()), Err)
    }

    /// The result of `work`, unless the statement is to stop first.
    pub(crate) async fn unless_stopped<T>(
        &self,
        work: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        let mut receiver = self.receiver.clone();
        let stopped = async {
            let reason = receiver.wait_for(|reason| *reason != Reason::None).await.map(|r| *r);
            match reason.ok().and_then(Reason::error) {
                Some(error) => error,
                None => std::future::pending().await,
            }
        };
        futures::pin_mut!(work, stopped);
        match futures::future::select(work, stopped).await {
            futures::future::Either::Left((result, _)) => result,
            futures::future::Either::Right((error, _)) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt;

    #[test]
    fn a_cancel_stops_the_running_statement_only() {
        let cancel = Cancel::default();
        cancel.cancel();
        let running = cancel.begin();
        assert!(running.check().is_ok());
        let never = running.unless_stopped(std::future::pending::<Result<()>>());
        futures::pin_mut!(never);
        assert!(never.as_mut().now_or_never().is_none());
        cancel.cancel();
        assert_eq!(never.now_or_never().unwrap().unwrap_err().code(), "57014");
        assert!(cancel.begin().check().is_ok());
    }
}
