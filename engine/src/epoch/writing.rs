//! The thread that puts the blobs of an epoch, then moves the pointer.
//!
//! It is given the views' state as that is written between ticks, and what was frozen at
//! the cut last of all. Blobs first, pointer last.
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use storage::{BlobId, Blobs, Pointer};

use super::failure_state::FailuresCut;
use super::manifest::{Kept, Manifest};
use super::piece::{Packer, Unpacker};
use super::view_state::{Piece, ViewState};
use crate::plan::RelationId;
use crate::rows::Capture;
use crate::sequencer::Input;
use crate::shared::Shared;
use crate::{Error, Result};

/// The pieces of the log of failures, among those of views.
const FAILURE_LINES: u64 = u64::MAX;

/// What the thread is given.
enum Work {
    /// More of a view's state.
    State(RelationId, Vec<u8>),
    /// The rest.
    Cut(Box<Cut>),
}

/// What was frozen when an epoch was cut.
pub(super) struct Cut {
    pub(super) pointer: Pointer,
    /// The last one that was committed.
    pub(super) before: Manifest,
    /// What is known already of the next.
    pub(super) manifest: Manifest,
    pub(super) rows: Vec<(RelationId, i64, Capture)>,
    /// Which views have state: their fingerprints, and the shards whose bases were written.
    pub(super) views: Vec<(RelationId, u64, u8)>,
    pub(super) failures: FailuresCut,
}

/// A thread that writes an epoch.
pub(super) struct Writing {
    work: Option<Sender<Work>>,
    in_flight: Arc<AtomicUsize>,
    ended: Arc<AtomicBool>,
    thread: JoinHandle<Result<Manifest>>,
}

impl Writing {
    /// Starts a thread, which tells the inbox when it has ended.
    pub(super) fn start(shared: &Arc<Shared>) -> Result<Self> {
        let (sender, receiver) = channel();
        let (in_flight, ended) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
        let (flying, over, shared) =
            (Arc::clone(&in_flight), Arc::clone(&ended), Arc::clone(shared));
        let thread = std::thread::Builder::new().name("epoch".into()).spawn(move || {
            let stored = write(&receiver, &flying, &*shared.blobs);
            over.store(true, Ordering::Release);
            // A closed inbox means that the sequencer itself waits for this thread.
            let _ = shared.inbox.push(Input::Captured);
            stored
        });
        let thread = thread.map_err(|error| Error::internal(format!("no thread: {error}")))?;
        Ok(Self { work: Some(sender), in_flight, ended, thread })
    }

    /// Hands over more of a view's state.
    pub(super) fn add(&self, view: RelationId, bytes: Vec<u8>) {
        self.in_flight.fetch_add(bytes.len(), Ordering::Relaxed);
        // A thread that has failed says so when it is joined.
        let _ = self.work.as_ref().map(|work| work.send(Work::State(view, bytes)));
    }

    /// Hands over the rest.
    pub(super) fn finish(&mut self, cut: Cut) {
        let _ = self.work.take().map(|work| work.send(Work::Cut(Box::new(cut))));
    }

    /// Bytes that were handed over and not yet put.
    pub(super) fn in_flight(&self) -> usize {
        self.in_flight.load(Ordering::Relaxed)
    }

    /// Whether the thread has ended, by success or failure.
    pub(super) fn has_ended(&self) -> bool {
        self.ended.load(Ordering::Acquire)
    }

    /// Waits for the thread's end. What was handed over without the rest is given up.
    pub(super) fn join(self) -> Result<Manifest> {
        drop(self.work);
        let stored = self.thread.join();
        stored.unwrap_or_else(|_| Err(Error::internal("the epoch's thread panicked")))
    }
}

fn write(work: &Receiver<Work>, in_flight: &AtomicUsize, blobs: &dyn Blobs) -> Result<Manifest> {
    let mut packer = Packer::new(blobs);
    while let Ok(work) = work.recv() {
        match work {
            Work::State(view, bytes) => {
                packer.add(view.0, &bytes)?;
                in_flight.fetch_sub(bytes.len(), Ordering::Relaxed);
            }
            Work::Cut(cut) => return store(*cut, packer, blobs),
        }
    }
    Err(Error::internal("an epoch was given up"))
}

/// Blobs first, pointer last.
fn store(cut: Cut, mut packer: Packer<'_>, blobs: &dyn Blobs) -> Result<Manifest> {
    let Cut { mut pointer, mut before, mut manifest, rows, views, failures } = cut;
    let lines = failures.lines.len() as u64;
    packer.add(FAILURE_LINES, &failures.lines.bytes()?)?;
    let mut stored = packer.finish()?;
    let mut put = |bytes: &[u8]| -> Result<BlobId> { Ok(blobs.put(bytes)?) };
    for (id, next_position, capture) in rows {
        let image = capture.write(&mut put)?;
        manifest.relations.insert(id, Kept { next_position, image });
    }
    for (id, fingerprint, bases) in views {
        let known = before.views.remove(&id).filter(|known| known.fingerprint == fingerprint);
        let mut state = known.unwrap_or_else(|| ViewState { fingerprint, pieces: vec![] });
        let extents = stored.remove(&id.0).unwrap_or_default();
        state.add(Piece { bases, extents });
        manifest.views.insert(id, state);
    }
    merge(&mut manifest.views, blobs)?;
    let extents = stored.remove(&FAILURE_LINES).unwrap_or_default();
    manifest.failures = before.failures;
    manifest.failures.image = failures.now.write(&mut put)?;
    manifest.failures.add(failures.noted, lines, extents);
    pointer.blobs = manifest.blobs();
    pointer.manifest = manifest.write();
    blobs.commit(&pointer)?;
    Ok(manifest)
}

/// Makes one of many small pieces.
fn merge(views: &mut BTreeMap<RelationId, ViewState>, blobs: &dyn Blobs) -> Result<()> {
    let (mut packer, mut unpacker) = (Packer::new(blobs), Unpacker::new(blobs));
    let mut merged = vec![];
    for (id, state) in views.iter_mut() {
        if let Some(place) = state.merge(id.0, &mut unpacker, &mut packer)? {
            merged.push((*id, place));
        }
    }
    let mut stored = packer.finish()?;
    for (id, place) in merged {
        let extents = stored.remove(&id.0).unwrap_or_default();
        if let Some(state) = views.get_mut(&id) {
            state.set(place, extents);
        }
    }
    Ok(())
}
