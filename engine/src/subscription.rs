//! The changes of a relation as they happen, tick by tick.
//!
//! A subscriber that lags more than a limit behind is let go with an error rather than
//! slowing the ticks or growing without bound. The last changes are kept, up to a number
//! of rows, so that a subscriber who was cut off can go on after the tick it has seen.
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use futures::StreamExt;
use futures::channel::mpsc;
use storage::Tick;

use crate::plan::RelationId;
use crate::rows::Snapshot;
use crate::{Delta, Error, ErrorKind, Result};

/// A relation's change in one tick.
pub type Change = (Tick, Arc<Delta>);

/// A relation as of a tick, then its changes.
pub struct Subscription {
    /// The rows as of [`Subscription::tick`]; absent when going on after a known tick.
    pub snapshot: Option<Snapshot>,
    /// The tick after which [`Subscription::next`] goes on.
    pub tick: Tick,
    kept: VecDeque<Change>,
    changes: mpsc::Receiver<Change>,
    way: Arc<Way>,
}

/// What both ends know of the changes between them.
#[derive(Default)]
struct Way {
    /// Rows under way.
    rows: AtomicUsize,
    /// Whether the relation was dropped, and nothing comes any more.
    gone: AtomicBool,
}

impl Subscription {
    /// The next tick's change. Fails with 53400 when the subscriber fell too far behind,
    /// and with 55000 when the relation is gone.
    pub async fn next(&mut self) -> Result<Change> {
        if let Some(change) = self.kept.pop_front() {
            return Ok(change);
        }
        let next = self.changes.next().await.inspect(|(_, delta)| {
            self.way.rows.fetch_sub(delta.len(), Ordering::Relaxed);
        });
        next.ok_or_else(|| match self.way.gone.load(Ordering::Acquire) {
            true => Error::data("55000", "the relation was dropped")
                .with_hint("If it is there again, subscribe without AS OF."),
            false => {
                Error::new(ErrorKind::Unavailable, "53400", "the subscriber fell too far behind")
                    .with_hint("Subscribe again AS OF the last tick that was read whole.")
            }
        })
    }
}

/// The way to a subscriber.
struct Listener {
    sender: mpsc::Sender<Change>,
    way: Arc<Way>,
}

impl Listener {
    /// Sends a change; `false` if the subscriber has gone, or is too far behind for it.
    fn tell(&mut self, change: Change, rows_max: usize) -> bool {
        let rows = change.1.len();
        let behind = self.way.rows.fetch_add(rows, Ordering::Relaxed);
        // One change alone is taken however large it is.
        (behind == 0 || behind + rows <= rows_max) && self.sender.try_send(change).is_ok()
    }
}

/// How far a subscriber may lag behind, how much is kept for those who come back.
#[derive(Clone, Copy)]
pub(crate) struct Bounds {
    pub(crate) behind_rows: usize,
    pub(crate) history_rows: usize,
}

/// All subscribers, and the last changes.
#[derive(Default)]
pub(crate) struct Subscriptions {
    listeners: BTreeMap<RelationId, Vec<Listener>>,
    history: VecDeque<(Tick, RelationId, Arc<Delta>)>,
    history_rows: usize,
    /// Changes after this tick are all in `history`.
    known_after: Tick,
    /// When relations came that are younger than this: what they held then is in no change.
    born: BTreeMap<RelationId, Tick>,
}

impl Subscriptions {
    /// Nothing is known of ticks up to `tick`.
    pub(crate) fn new(tick: Tick) -> Self {
        Self { known_after: tick, ..Self::default() }
    }

    /// Tells a tick's changes to those who listen; one who does not keep up is let go.
    pub(crate) fn publish(
        &mut self,
        tick: Tick,
        deltas: BTreeMap<RelationId, Delta>,
        bounds: Bounds,
    ) {
        for (id, delta) in deltas {
            let delta = Arc::new(delta);
            if let Some(listeners) = self.listeners.get_mut(&id) {
                let change = || (tick, Arc::clone(&delta));
                listeners.retain_mut(|to| to.tell(change(), bounds.behind_rows));
            }
            self.history_rows += delta.len();
            self.history.push_back((tick, id, delta));
        }
        while self.history_rows > bounds.history_rows {
            let Some((tick, _, delta)) = self.history.pop_front() else { break };
            self.history_rows -= delta.len();
            self.known_after = tick;
        }
    }

    /// Notes that a relation came with the tick.
    pub(crate) fn begin(&mut self, id: RelationId, tick: Tick) {
        self.born.insert(id, tick);
    }

    /// Ends the subscriptions of a relation that is dropped.
    pub(crate) fn end(&mut self, id: RelationId) {
        self.born.remove(&id);
        for listener in self.listeners.remove(&id).into_iter().flatten() {
            listener.way.gone.store(true, Ordering::Release);
        }
    }

    /// Listens from now (`snapshot` as of `tick`), or goes on after the tick `from`.
    pub(crate) fn listen(
        &mut self,
        id: RelationId,
        start: (Tick, Snapshot),
        from: Option<Tick>,
        ticks_max: usize,
    ) -> Result<Subscription> {
        let (now, snapshot) = start;
        let born = self.born.get(&id).copied().unwrap_or(0);
        let first = self.known_after.max(born);
        if let Some(from) = from.filter(|from| *from < first || *from > now) {
            let message = match from {
                _ if from > now => "that tick has not been reached",
                _ if from < born => "the relation is younger than that tick",
                _ => "changes after that tick are no longer kept",
            };
            return Err(Error::data("22023", message)
                .with_detail(format!("Ticks {first} to {now} can be gone on from."))
                .with_hint("Subscribe without AS OF, which begins with a snapshot."));
        }
        let (sender, changes) = mpsc::channel(ticks_max);
        let way = Arc::<Way>::default();
        let listener = Listener { sender, way: Arc::clone(&way) };
        self.listeners.entry(id).or_default().push(listener);
        let kept = |from: Tick| {
            let later = self.history.iter().filter(|(tick, of, _)| *of == id && *tick > from);
            later.map(|(tick, _, delta)| (*tick, Arc::clone(delta))).collect()
        };
        let (snapshot, tick, kept) = match from {
            Some(from) => (None, from, kept(from)),
            None => (Some(snapshot), now, VecDeque::new()),
        };
        Ok(Subscription { snapshot, tick, kept, changes, way })
    }
}
