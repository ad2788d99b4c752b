//! The queue in front of the sequencer: bounded, in order of arrival.
use std::collections::VecDeque;
use std::time::Duration;

use futures::channel::oneshot;
use parking_lot::{Condvar, Mutex};

use crate::backfill::Backfill;
use crate::commit::{Commit, Committed};
use crate::status::StateStatus;
use crate::{Error, ErrorKind, Result};

/// A commit, the views it brings already filled as far as a snapshot, and who waits for it.
pub(crate) struct Waiting {
    pub(crate) commit: Commit,
    pub(crate) backfill: Option<Backfill>,
    pub(crate) reply: oneshot::Sender<Result<Committed>>,
}

/// Everything that can reach the sequencer's thread.
pub(crate) enum Input {
    /// A write.
    Commit(Box<Waiting>),
    /// Cut an epoch now, and say when its pointer has moved.
    Checkpoint(oneshot::Sender<Result<()>>),
    /// Count the bytes of every state table.
    Count(oneshot::Sender<Vec<StateStatus>>),
    /// The epoch under way is durable, or failed.
    Captured,
    /// Stop after what is queued.
    Stop,
}

/// A queue with one reader.
pub(crate) struct Inbox {
    queue: Mutex<State>,
    arrived: Condvar,
    commits_max: usize,
}

struct State {
    inputs: VecDeque<Input>,
    commits: usize,
    closed: bool,
}

impl Inbox {
    /// An empty queue that holds at most `commits_max` commits.
    pub(crate) fn new(commits_max: usize) -> Self {
        let state = State { inputs: VecDeque::new(), commits: 0, closed: false };
        Self { queue: Mutex::new(state), arrived: Condvar::new(), commits_max }
    }

    /// Puts an input at the end, however long the queue is, unless it is closed.
    pub(crate) fn push(&self, input: Input) -> Result<()> {
        let mut state = self.queue.lock();
        if state.closed {
            return Err(closed());
        }
        state.inputs.push_back(input);
        drop(state);
        self.arrived.notify_one();
        Ok(())
    }

    /// Puts a commit at the end, or answers it with the refusal.
    pub(crate) fn push_commit(&self, waiting: Waiting) {
        let mut state = self.queue.lock();
        if let Err(refusal) = self.check_room(&state) {
            drop(state);
            // Whoever has gone away does not hear it.
            let _ = waiting.reply.send(Err(refusal));
            return;
        }
        state.commits += 1;
        state.inputs.push_back(Input::Commit(Box::new(waiting)));
        drop(state);
        self.arrived.notify_one();
    }

    fn check_room(&self, state: &State) -> Result<()> {
        if state.closed {
            return Err(closed());
        }
        if state.commits >= self.commits_max {
            return Err(Error::new(ErrorKind::Unavailable, "53300", "too many commits wait")
                .with_hint("Try again, or raise queue_commits_max."));
        }
        Ok(())
    }

    /// Waits up to `timeout` for inputs and takes all that are there.
    pub(crate) fn take(&self, timeout: Duration, into: &mut VecDeque<Input>) {
        let mut state = self.queue.lock();
        if state.inputs.is_empty() {
            self.arrived.wait_for(&mut state, timeout);
        }
        into.append(&mut state.inputs);
        state.commits = 0;
    }

    /// Refuses what comes from now on, and drops what waits.
    pub(crate) fn close(&self) {
        let mut state = self.queue.lock();
        state.closed = true;
        state.inputs.clear();
    }
}

/// What a caller is told when the engine has stopped.
pub(crate) fn closed() -> Error {
    Error::new(ErrorKind::Unavailable, "57P01", "the engine has stopped")
        .with_hint("Connect again when the server is back.")
}
