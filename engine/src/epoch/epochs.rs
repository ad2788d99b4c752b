//! When an epoch is cut, and what happens to it: blobs first, pointer last, then the log is cut.
//!
//! First the views' state is written, a slice between two ticks, while they go on changing:
//! what changes after it was written is written again. The slices are larger than what the
//! ticks change, so at some tick boundary nothing is left to be written. There the epoch is
//! cut: that state, and the rows of all relations, which freeze for the price of a pointer a
//! chunk, are of one tick. A thread of its own puts the blobs meanwhile, then moves the
//! pointer. An epoch that cannot be stored costs nothing but its work: the log stays as
//! long as it must, and the next epoch writes all state anew.
use std::sync::Arc;
use std::time::Duration;

use futures::channel::oneshot;
use storage::{Log, Pointer, Tick};

use super::failure_state::FailuresCut;
use super::manifest::{Manifest, TRANSACTIONS_MAX};
use super::writing::{Cut, Writing};
use crate::dag::Dag;
use crate::frame::Frame;
use crate::shared::Shared;
use crate::{Error, ErrorKind, Result};

/// Someone who waits for an epoch.
pub(crate) type Waiting = oneshot::Sender<Result<()>>;

/// Rows of state that are written between two ticks, beyond twice as many as the last tick
/// has changed: about a tenth of a millisecond, or of the time that the tick took.
const SLICE_ROWS: usize = 1_000;

/// Ticks of so many times a millisecond have slices so many times as large, but no larger.
const SLICES_MAX: i64 = 8;

/// Bytes of state that wait for the disk before no more is written.
const IN_FLIGHT_BYTES_MAX: usize = 16 << 20;

/// Changed rows of state that are remembered before an epoch begins, due or not.
const UNWRITTEN_ROWS_MAX: usize = 8 << 20;

/// How long the sequencer waits for inputs while the disk is behind.
const DISK_WAIT: Duration = Duration::from_millis(1);

/// The epochs of a running engine.
pub(crate) struct Epochs {
    /// The last one that was committed.
    manifest: Manifest,
    epoch: u64,
    tick: Tick,
    /// When the last one was begun, in microseconds.
    begun: i64,
    under_way: Option<UnderWay>,
    /// Those who asked while one was under way, and want the next.
    waiting: Vec<Waiting>,
}

struct UnderWay {
    /// The tick at which it was cut; until then state is written.
    tick: Option<Tick>,
    /// How many rows of state were left after the last slice.
    unwritten: usize,
    /// When that was, in microseconds.
    at: i64,
    writing: Writing,
    waiting: Vec<Waiting>,
}

impl Epochs {
    /// Goes on after the epoch that recovery has found.
    pub(crate) fn new(pointer: &Pointer, manifest: Manifest, now: i64) -> Self {
        Self {
            manifest,
            epoch: pointer.epoch,
            tick: pointer.tick,
            begun: now,
            under_way: None,
            waiting: vec![],
        }
    }

    /// Remembers what only the log knows.
    pub(crate) fn note(&mut self, frame: &Frame) {
        self.manifest.transactions.extend(&frame.transactions);
        let extra = self.manifest.transactions.len().saturating_sub(TRANSACTIONS_MAX);
        self.manifest.transactions.drain(..extra);
    }

    /// Begins an epoch if the log has grown, time has passed or much has changed.
    pub(crate) fn begin_if_due(
        &mut self,
        shared: &Arc<Shared>,
        dag: &Dag,
        log: &dyn Log,
    ) -> Result<()> {
        if self.under_way.is_some() {
            return Ok(());
        }
        let options = &shared.options;
        let large = log.bytes() >= options.epoch_log_bytes;
        let late = options.clock.now().saturating_sub(self.begun) >= options.epoch_interval_micros;
        if large || late || dag.unwritten() >= UNWRITTEN_ROWS_MAX {
            return self.begin(shared, dag, None);
        }
        Ok(())
    }

    /// Begins an epoch, or has another one follow the one under way.
    pub(crate) fn begin(
        &mut self,
        shared: &Arc<Shared>,
        dag: &Dag,
        waiting: Option<Waiting>,
    ) -> Result<()> {
        self.waiting.extend(waiting);
        if self.under_way.is_some() {
            return Ok(());
        }
        self.begun = shared.options.clock.now();
        let waiting = std::mem::take(&mut self.waiting);
        if shared.world.read().tick == self.tick {
            waiting.into_iter().for_each(|reply| tell(reply, &Ok(())));
            return Ok(());
        }
        let (writing, unwritten) = (Writing::start(shared)?, dag.unwritten());
        self.under_way = Some(UnderWay { tick: None, unwritten, at: self.begun, writing, waiting });
        Ok(())
    }

    /// How long the sequencer may wait for inputs instead of calling [`Epochs::step`].
    pub(crate) fn patience(&self, idle: Duration) -> Duration {
        match self.under_way.as_ref().filter(|under_way| under_way.tick.is_none()) {
            None => idle,
            Some(under_way) if under_way.is_waiting() => DISK_WAIT,
            Some(_) => Duration::ZERO,
        }
    }

    /// Writes a slice of state if an epoch is under way, and cuts it if that was the last.
    /// Called between ticks.
    pub(crate) fn step(&mut self, shared: &Shared, dag: &mut Dag) -> Result<()> {
        let Some(under_way) = self.under_way.as_mut().filter(|one| one.tick.is_none()) else {
            return Ok(());
        };
        let grown = dag.unwritten().saturating_sub(under_way.unwritten);
        let took = shared.options.clock.now().saturating_sub(under_way.at) / 1_000;
        let mut room = SLICE_ROWS * took.clamp(1, SLICES_MAX) as usize + 2 * grown;
        let mut done = false;
        while room > 0 && !done && !under_way.is_waiting() {
            let writing = &under_way.writing;
            let (left, all, broken) =
                dag.capture(room, &mut |view, bytes| writing.add(view, bytes));
            if !broken.is_empty() {
                shared.world.write().set_broken(&broken);
            }
            // The writer may be full of bytes before the room is used; it has to be used
            // only where ticks change more than a slice has.
            room = if grown > 0 { left } else { 0 };
            done = all;
        }
        under_way.unwritten = dag.unwritten();
        under_way.at = shared.options.clock.now();
        if done {
            self.cut(shared, dag)?;
        }
        Ok(())
    }

    /// Freezes everything at the last published tick, of which all state was written.
    fn cut(&mut self, shared: &Shared, dag: &mut Dag) -> Result<()> {
        let Some(under_way) = &mut self.under_way else { return Ok(()) };
        let views = dag.end_capture();
        let mut world = shared.world.write();
        let (tick, time) = (world.tick, world.time);
        let positions = world.positions().collect();
        let before = self.manifest.clone();
        let mut rows = vec![];
        for relation in world.relations_mut().filter(|relation| relation.broken().is_none()) {
            let id = relation.id();
            let image = before.relations.get(&id).map(|kept| kept.image.clone());
            let capture = relation.capture(&image.unwrap_or_default())?;
            rows.push((id, relation.next_position(), capture));
        }
        let failures = FailuresCut::of(&mut shared.failures.write(), &before.failures)?;
        let manifest = Manifest {
            time,
            positions,
            seed: before.seed,
            transactions: before.transactions.clone(),
            ..Manifest::default()
        };
        let pointer = Pointer { epoch: self.epoch + 1, tick, ..Pointer::default() };
        under_way.tick = Some(tick);
        under_way.writing.finish(Cut { pointer, before, manifest, rows, views, failures });
        Ok(())
    }

    /// Ends the epoch under way if its thread has ended: cuts the log behind it, and begins
    /// the next if one is wanted.
    pub(crate) fn end(
        &mut self,
        shared: &Arc<Shared>,
        dag: &mut Dag,
        log: &mut dyn Log,
    ) -> Result<()> {
        if !self.under_way.as_ref().is_some_and(|under_way| under_way.writing.has_ended()) {
            return Ok(());
        }
        self.join(dag, log)?;
        if self.waiting.is_empty() { Ok(()) } else { self.begin(shared, dag, None) }
    }

    fn join(&mut self, dag: &mut Dag, log: &mut dyn Log) -> Result<()> {
        let Some(UnderWay { tick, writing, waiting, .. }) = self.under_way.take() else {
            return Ok(());
        };
        let stored = writing.join();
        let told = stored.as_ref().map(|_| ()).map_err(Error::clone);
        match (stored, tick) {
            (Ok(manifest), Some(tick)) => {
                let transactions = std::mem::take(&mut self.manifest.transactions);
                self.manifest = Manifest { transactions, ..manifest };
                self.epoch += 1;
                self.tick = tick;
                log.cut(tick)?;
            }
            (Ok(_), None) => return Err(Error::internal("an epoch was stored before its cut")),
            // What is in memory is whole: written anew it takes the place of a rotten blob too.
            (Err(error), _) => match error.kind() {
                ErrorKind::Unavailable | ErrorKind::Corrupt => dag.capture_anew(),
                _ => return Err(error),
            },
        }
        waiting.into_iter().for_each(|reply| tell(reply, &told));
        Ok(())
    }

    /// A last epoch, before the engine stops.
    pub(crate) fn finish(
        &mut self,
        shared: &Arc<Shared>,
        dag: &mut Dag,
        log: &mut dyn Log,
    ) -> Result<()> {
        self.complete(shared, dag, log)?;
        self.begin(shared, dag, None)?;
        self.complete(shared, dag, log)
    }

    /// Does what is left to do of the epoch under way.
    fn complete(&mut self, shared: &Arc<Shared>, dag: &mut Dag, log: &mut dyn Log) -> Result<()> {
        while let Some(under_way) = self.under_way.as_ref().filter(|one| one.tick.is_none()) {
            if under_way.writing.has_ended() {
                break;
            }
            std::thread::sleep(self.patience(Duration::ZERO));
            self.step(shared, dag)?;
        }
        self.join(dag, log)
    }
}

impl UnderWay {
    /// Whether no more should be written before the disk has taken some.
    fn is_waiting(&self) -> bool {
        self.writing.in_flight() >= IN_FLIGHT_BYTES_MAX || self.writing.has_ended()
    }
}

fn tell(reply: Waiting, outcome: &Result<()>) {
    // Whoever has gone away does not hear it.
    let _ = reply.send(outcome.clone());
}
