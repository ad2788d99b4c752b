//! The sequencer's thread: takes what waits, makes a frame of it, makes it durable and visible.
//!
//! A small frame is written, computed and synced in this thread; a large one is computed
//! while another thread writes and syncs it. Nothing is published, acknowledged or told to
//! subscribers before its frame is durable.
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures::channel::oneshot;
use storage::{Log, Tick};

use crate::commit::{Applied, Commit, Committed};
use crate::dag::{Changes, Dag};
use crate::epoch::Epochs;
use crate::frame::Frame;
use crate::graft::Graft;
use crate::plan::RelationId;
use crate::sequencer::{Input, Resolver, Waiting};
use crate::shared::Shared;
use crate::subscription::Bounds;
use crate::world::World;
use crate::{Delta, Error, Result};

/// From this many rows on a frame is computed while it is being written: below it the two
/// hand-offs between threads cost more than they save.
const OVERLAP_ROWS_MIN: usize = 1_000;

/// How long the thread sleeps at most, so that an epoch that is due is not forgotten.
const IDLE: Duration = Duration::from_millis(500);

/// Bytes of log after which the state of all views is counted anew, if a sixteenth of that
/// state is not more: some tables are counted row by row, which must not cost every tick.
const COUNTED_LOG_BYTES: usize = 1 << 20;

/// What the sequencer's thread owns.
pub(crate) struct Driver {
    shared: Arc<Shared>,
    log: Box<dyn Log>,
    dag: Dag,
    epochs: Epochs,
    buffer: Vec<u8>,
    /// The state of all views as it was counted last.
    state_bytes: usize,
    /// Log since then.
    uncounted_bytes: usize,
}

/// Someone who waits for the frame.
type Answer = (oneshot::Sender<Result<Committed>>, Result<Vec<Applied>>);

impl Driver {
    /// Goes on from what recovery has found.
    pub(crate) fn new(shared: Arc<Shared>, log: Box<dyn Log>, dag: Dag, epochs: Epochs) -> Self {
        let state_bytes = dag.bytes();
        Self { shared, log, dag, epochs, buffer: vec![], state_bytes, uncounted_bytes: 0 }
    }

    /// Runs until it is told to stop, or must.
    pub(crate) fn run(mut self) {
        let mut inputs = VecDeque::new();
        loop {
            self.shared.inbox.take(self.epochs.patience(IDLE), &mut inputs);
            loop {
                match self.step(&mut inputs) {
                    Ok(true) => {}
                    Ok(false) => return self.shared.inbox.close(),
                    Err(error) => return self.stop(&error),
                }
                if let Err(error) = self.epochs.step(&self.shared, &mut self.dag) {
                    return self.stop(&error);
                }
                if inputs.is_empty() {
                    break;
                }
            }
            if let Err(error) = self.epochs.begin_if_due(&self.shared, &self.dag, &*self.log) {
                return self.stop(&error);
            }
        }
    }

    /// The state of the disk is unknown: nothing more may be acknowledged.
    fn stop(&self, error: &Error) {
        *self.shared.stopped.lock() = Some(error.clone());
        self.shared.inbox.close();
    }

    /// Handles the first input, or as many commits as go into one frame. `false`: stop.
    fn step(&mut self, inputs: &mut VecDeque<Input>) -> Result<bool> {
        match inputs.pop_front() {
            None => {}
            Some(Input::Stop) => {
                self.epochs.finish(&self.shared, &mut self.dag, &mut *self.log)?;
                return Ok(false);
            }
            Some(Input::Checkpoint(reply)) => {
                self.epochs.begin(&self.shared, &self.dag, Some(reply))?;
            }
            // Nobody waits any more where the answer does not go.
            Some(Input::Count(reply)) => drop(reply.send(self.dag.states())),
            Some(Input::Captured) => {
                self.epochs.end(&self.shared, &mut self.dag, &mut *self.log)?;
            }
            Some(Input::Commit(waiting)) if waiting.commit.catalog.is_some() => {
                self.define(*waiting)?;
            }
            Some(Input::Commit(waiting)) => self.write(*waiting, inputs)?,
        }
        Ok(true)
    }

    /// Makes one frame of `first` and the plain commits behind it.
    fn write(&mut self, first: Waiting, inputs: &mut VecDeque<Input>) -> Result<()> {
        let shared = Arc::clone(&self.shared);
        let world = shared.world.read();
        let mut resolver = Resolver::new(&world, &shared.constants, self.time(world.time));
        let mut answers: Vec<Answer> = vec![];
        let none = BTreeMap::new();
        let mut next = Some(first);
        while let Some(waiting) = next.take() {
            let applied = self
                .check_memory(&waiting.commit, &world)
                .and_then(|()| resolver.admit(&waiting.commit, &none));
            answers.push((waiting.reply, applied));
            let room = resolver.rows() < shared.options.frame_rows_max;
            let plain = |input: &Input| matches!(input, Input::Commit(waiting) if waiting.commit.catalog.is_none());
            if room && inputs.front().is_some_and(plain) {
                next = match inputs.pop_front() {
                    Some(Input::Commit(waiting)) => Some(*waiting),
                    _ => None,
                };
            }
        }
        let tick = world.tick;
        if resolver.is_empty() {
            drop(world);
            answer(answers, tick);
            return Ok(());
        }
        let frame = resolver.finish()?;
        drop(world);
        let changes = self.commit_frame(&frame, tick + 1)?;
        self.publish(frame, changes, tick + 1)?;
        answer(answers, tick + 1);
        Ok(())
    }

    /// Makes a frame of one commit that changes the catalog.
    fn define(&mut self, waiting: Waiting) -> Result<()> {
        let shared = Arc::clone(&self.shared);
        let (mut graft, reply) = match Graft::prepare(&shared, waiting) {
            Some(ready) => ready,
            None => return Ok(()),
        };
        let world = shared.world.read();
        let mut resolver = Resolver::new(&world, &shared.constants, self.time(world.time));
        let applied = self
            .check_memory(&graft.commit, &world)
            .and_then(|()| resolver.admit(&graft.commit, &graft.created));
        let tick = world.tick + 1;
        let applied = match applied {
            Ok(applied) => applied,
            Err(error) => {
                drop(resolver);
                drop(world);
                graft.withdraw(&shared);
                answer(vec![(reply, Err(error))], tick - 1);
                return Ok(());
            }
        };
        let frame = resolver.finish()?;
        drop(world);
        self.dag.graft(graft.take_views());
        let changes = self.commit_frame(&frame, tick)?;
        graft.publish(&shared, tick)?;
        self.publish(frame, changes, tick)?;
        graft.drop_old(&shared, &mut self.dag, tick)?;
        self.uncounted_bytes = usize::MAX;
        self.count(&shared.world.read());
        answer(vec![(reply, Ok(applied))], tick);
        Ok(())
    }

    /// Writes a frame down and computes what the views make of it.
    fn commit_frame(&mut self, frame: &Frame, tick: Tick) -> Result<Changes> {
        let deltas = deltas(frame)?;
        let (log, buffer, dag) = (&mut self.log, &mut self.buffer, &mut self.dag);
        buffer.clear();
        if frame.rows() < OVERLAP_ROWS_MIN {
            frame.write(buffer)?;
            log.append(tick, buffer)?;
            let changes = dag.process(deltas, tick);
            log.sync()?;
            return Ok(changes);
        }
        std::thread::scope(|scope| {
            let written = scope.spawn(|| {
                frame.write(buffer)?;
                log.append(tick, buffer)?;
                log.sync()?;
                Ok::<_, Error>(())
            });
            let changes = dag.process(deltas, tick);
            written.join().map_err(|_| Error::internal("the log's thread panicked"))??;
            Ok(changes)
        })
    }

    /// Lets everyone see the tick.
    fn publish(&mut self, frame: Frame, changes: Changes, tick: Tick) -> Result<()> {
        let shared = &self.shared;
        let mut world = shared.world.write();
        let broken = world.publish(&frame, &changes, tick);
        self.dag.set_broken(broken);
        self.uncounted_bytes = self.uncounted_bytes.saturating_add(self.buffer.len());
        if self.uncounted_bytes >= COUNTED_LOG_BYTES.max(self.state_bytes / 16) {
            (self.state_bytes, self.uncounted_bytes) = (self.dag.bytes(), 0);
        }
        let mut failures = shared.failures.write();
        failures.apply(changes.failures, tick, frame.time)?;
        let bytes = world.bytes() + self.state_bytes + failures.now.bytes();
        shared.bytes.store(bytes, Ordering::Relaxed);
        drop(failures);
        self.epochs.note(&frame);
        let bounds = Bounds {
            behind_rows: shared.options.subscription_rows_max,
            history_rows: shared.options.history_rows_max,
        };
        shared.subscriptions.lock().publish(tick, changes.deltas, bounds);
        Ok(())
    }

    /// The frame's time: the clock's, but never before the last frame's.
    fn time(&self, last: i64) -> i64 {
        self.shared.options.clock.now().max(last)
    }

    /// Refuses what makes the database larger than it may be.
    fn check_memory(&mut self, commit: &Commit, world: &World) -> Result<()> {
        if !commit.grows() {
            return Ok(());
        }
        let max = self.shared.options.memory_bytes_max.saturating_sub(commit.bytes());
        // What went since it was last counted may have made room.
        let is_full = |driver: &mut Self| {
            driver.shared.bytes.load(Ordering::Relaxed) >= max && driver.count(world) >= max
        };
        if is_full(self) { Err(self.shared.full()) } else { Ok(()) }
    }

    /// Counts all bytes anew.
    fn count(&mut self, world: &World) -> usize {
        if self.uncounted_bytes > 0 {
            (self.state_bytes, self.uncounted_bytes) = (self.dag.bytes(), 0);
        }
        let failures = self.shared.failures.read().now.bytes();
        let bytes = world.bytes() + self.state_bytes + failures;
        self.shared.bytes.store(bytes, Ordering::Relaxed);
        bytes
    }
}

/// One delta per relation.
pub(crate) fn deltas(frame: &Frame) -> Result<BTreeMap<RelationId, Delta>> {
    let mut all: BTreeMap<RelationId, Vec<Delta>> = BTreeMap::new();
    for part in &frame.parts {
        all.entry(part.relation).or_default().push(part.delta.clone());
    }
    let concat = |(id, deltas): (RelationId, Vec<Delta>)| {
        let schema = deltas.first().map(Delta::schema);
        let schema = schema.ok_or_else(|| Error::internal("a part without rows"))?;
        Ok((id, Delta::concat(&schema, &deltas)?))
    };
    all.into_iter().map(concat).collect()
}

fn answer(answers: Vec<Answer>, tick: Tick) {
    for (reply, applied) in answers {
        // Whoever has gone away does not hear it; the commit stands all the same.
        let _ = reply.send(applied.map(|applied| Committed { tick, applied }));
    }
}
