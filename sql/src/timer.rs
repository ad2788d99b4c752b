//! The clock of `statement_timeout`: one thread that wakes at the next deadline.
//!
//! It measures how long a client waits and nothing else; no result depends on it.
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};

use crate::cancel::{Cancel, Running};
use crate::{Error, Result};

/// Deadlines that are kept before those that were taken away are looked for.
const SWEPT_DEADLINES_MIN: usize = 1_024;

/// Stops statements whose time is up. The thread ends when it is dropped.
pub(crate) struct Timer(Arc<Shared>);

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    wake: Condvar,
}

#[derive(Default)]
struct State {
    next: u64,
    due: BinaryHeap<Reverse<(Instant, u64)>>,
    waiting: std::collections::HashMap<u64, Running>,
    closed: bool,
}

impl State {
    /// Forgets deadlines that were taken away, where one that stands keeps them from their turn.
    fn sweep(&mut self) {
        if self.due.len() > SWEPT_DEADLINES_MIN.max(2 * self.waiting.len()) {
            let waiting = &self.waiting;
            self.due.retain(|Reverse((_, number))| waiting.contains_key(number));
        }
    }
}

/// A statement's deadline; dropping it takes it away.
pub(crate) struct Deadline {
    number: u64,
    timer: Weak<Shared>,
}

impl Timer {
    /// Starts the thread.
    pub(crate) fn start() -> Result<Self> {
        let shared = Arc::new(Shared::default());
        let own = Arc::clone(&shared);
        std::thread::Builder::new()
            .name("timer".to_owned())
            .spawn(move || run(&own))
            .map_err(|error| Error::internal(format!("could not start a thread: {error}")))?;
        Ok(Self(shared))
    }

    /// Stops `running` after so many milliseconds, unless the deadline is dropped before.
    pub(crate) fn after(&self, millis: u64, running: Running) -> Deadline {
        let at = now() + Duration::from_millis(millis);
        let mut state = self.0.state.lock();
        state.next += 1;
        let number = state.next;
        state.due.push(Reverse((at, number)));
        state.waiting.insert(number, running);
        state.sweep();
        self.0.wake.notify_one();
        Deadline { number, timer: Arc::downgrade(&self.0) }
    }

    /// Ends after so many milliseconds.
    pub(crate) async fn sleep(&self, millis: u64) {
        let running = Cancel::default().begin();
        let _deadline = self.after(millis, running.clone());
        let never = std::future::pending::<Result<()>>();
        // That its time is up is what is waited for.
        let _ = running.unless_stopped(never).await;
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        self.0.state.lock().closed = true;
        self.0.wake.notify_one();
    }
}

impl Drop for Deadline {
    fn drop(&mut self) {
        if let Some(timer) = self.timer.upgrade() {
            timer.state.lock().waiting.remove(&self.number);
        }
    }
}

fn run(shared: &Shared) {
    let mut state = shared.state.lock();
    while !state.closed {
        let Some(Reverse((at, number))) = state.due.peek().copied() else {
            shared.wake.wait(&mut state);
            continue;
        };
        let is_wanted = state.waiting.contains_key(&number);
        if is_wanted && at > now() {
            shared.wake.wait_until(&mut state, at);
            continue;
        }
        state.due.pop();
        if let Some(running) = state.waiting.remove(&number) {
            running.time_out();
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "how long a client has waited is no data")]
fn now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_is_stopped_when_its_time_is_up() {
        let timer = Timer::start().unwrap();
        let late = Cancel::default().begin();
        let _deadline = timer.after(301, late.clone());
        let saved = Cancel::default().begin();
        drop(timer.after(300, saved.clone()));
        let stopped = late.unless_stopped(std::future::pending::<Result<()>>());
        let error = futures::executor::block_on(stopped).unwrap_err();
        assert_eq!(error.message(), "canceling statement due to statement timeout");
        assert!(saved.check().is_ok());
    }

    #[test]
    fn deadlines_behind_one_that_stands_do_not_pile_up() {
        let timer = Timer::start().unwrap();
        let statement = Cancel::default().begin();
        let _first = timer.after(60_000, statement.clone());
        for _ in 0..10 * SWEPT_DEADLINES_MIN {
            drop(timer.after(120_000, statement.clone()));
        }
        assert!(timer.0.state.lock().due.len() <= SWEPT_DEADLINES_MIN + 1);
    }
}
