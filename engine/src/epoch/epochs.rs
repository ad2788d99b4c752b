//! When an epoch is cut, and what happens to it: blobs first, pointer last, then the log is cut.
//!
//! At a tick boundary every table and stream freezes what has changed since the last
//! epoch. A thread of its own encodes it, puts the blobs, then moves the pointer. An epoch
//! that cannot be stored costs nothing but its work: the log stays as long as it must, and
//! the next epoch tries again.
use std::collections::BTreeMap;
use std::sync::Arc;
use std::thread::JoinHandle;

use futures::channel::oneshot;
use storage::{BlobId, Blobs, Log, Pointer, Tick};

use super::manifest::{Kept, Manifest, TRANSACTIONS_MAX};
use crate::frame::Frame;
use crate::plan::RelationId;
use crate::relation::Kind;
use crate::rows::Capture;
use crate::sequencer::Input;
use crate::shared::Shared;
use crate::{Error, ErrorKind, Result};

/// Someone who waits for an epoch.
pub(crate) type Waiting = oneshot::Sender<Result<()>>;

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
    tick: Tick,
    thread: JoinHandle<Result<Manifest>>,
    waiting: Vec<Waiting>,
}

/// What the thread is given.
struct Cut {
    pointer: Pointer,
    manifest: Manifest,
    captures: Vec<(RelationId, i64, Capture)>,
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

    /// Begins an epoch if the log has grown or time has passed.
    pub(crate) fn begin_if_due(&mut self, shared: &Arc<Shared>, log: &dyn Log) -> Result<()> {
        let options = &shared.options;
        let large = log.bytes() >= options.epoch_log_bytes;
        let late = options.clock.now().saturating_sub(self.begun) >= options.epoch_interval_micros;
        if (large || late) && self.under_way.is_none() {
            return self.begin(shared, None);
        }
        Ok(())
    }

    /// Begins an epoch, or has another one follow the one under way.
    pub(crate) fn begin(&mut self, shared: &Arc<Shared>, waiting: Option<Waiting>) -> Result<()> {
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
        let cut = self.cut(shared)?;
        let (tick, shared) = (cut.pointer.tick, Arc::clone(shared));
        let thread = std::thread::Builder::new().name("epoch".into()).spawn(move || {
            let stored = store(cut, &*shared.blobs);
            // A closed inbox means that the sequencer itself waits for this thread.
            let _ = shared.inbox.push(Input::Captured);
            stored
        });
        let thread = thread.map_err(|error| Error::internal(format!("no thread: {error}")))?;
        self.under_way = Some(UnderWay { tick, thread, waiting });
        Ok(())
    }

    /// Ends the epoch under way: cuts the log behind it, and begins the next if one is wanted.
    pub(crate) fn end(&mut self, shared: &Arc<Shared>, log: &mut dyn Log) -> Result<()> {
        let Some(UnderWay { tick, thread, waiting }) = self.under_way.take() else {
            return Ok(());
        };
        let stored =
            thread.join().unwrap_or_else(|_| Err(Error::internal("the epoch's thread panicked")));
        let told = stored.as_ref().map(|_| ()).map_err(Error::clone);
        match stored {
            Ok(manifest) => {
                let transactions = std::mem::take(&mut self.manifest.transactions);
                self.manifest = Manifest { transactions, ..manifest };
                self.epoch += 1;
                self.tick = tick;
                log.cut(tick)?;
            }
            Err(error) if error.kind() == ErrorKind::Unavailable => {}
            Err(error) => return Err(error),
        }
        waiting.into_iter().for_each(|reply| tell(reply, &told));
        if self.waiting.is_empty() { Ok(()) } else { self.begin(shared, None) }
    }

    /// A last epoch, before the engine stops.
    pub(crate) fn finish(&mut self, shared: &Arc<Shared>, log: &mut dyn Log) -> Result<()> {
        self.end(shared, log)?;
        self.begin(shared, None)?;
        self.end(shared, log)
    }

    /// Freezes everything at the last published tick.
    fn cut(&self, shared: &Shared) -> Result<Cut> {
        let mut world = shared.world.write();
        let (tick, time) = (world.tick, world.time);
        let positions = world.positions().collect();
        let mut captures = vec![];
        for relation in world.relations_mut().filter(|relation| relation.kind() != Kind::View) {
            let id = relation.id();
            let before = self.manifest.relations.get(&id).map(|kept| kept.image.clone());
            let capture = relation.capture(&before.unwrap_or_default())?;
            captures.push((id, relation.next_position(), capture));
        }
        let manifest = Manifest {
            time,
            positions,
            relations: BTreeMap::new(),
            seed: self.manifest.seed,
            transactions: self.manifest.transactions.clone(),
        };
        let epoch = self.epoch + 1;
        let pointer = Pointer { epoch, tick, ..Pointer::default() };
        Ok(Cut { pointer, manifest, captures })
    }
}

/// Blobs first, pointer last.
fn store(cut: Cut, blobs: &dyn Blobs) -> Result<Manifest> {
    let Cut { mut pointer, mut manifest, captures } = cut;
    let mut put = |bytes: &[u8]| -> Result<BlobId> { Ok(blobs.put(bytes)?) };
    for (id, next_position, capture) in captures {
        let image = capture.write(&mut put)?;
        manifest.relations.insert(id, Kept { next_position, image });
    }
    pointer.blobs = manifest.blobs();
    pointer.manifest = manifest.write();
    blobs.commit(&pointer)?;
    Ok(manifest)
}

fn tell(reply: Waiting, outcome: &Result<()>) {
    // Whoever has gone away does not hear it.
    let _ = reply.send(outcome.clone());
}
