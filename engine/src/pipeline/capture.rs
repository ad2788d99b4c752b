//! A pipeline's state as streams of bytes, written a little at a time between ticks.
//!
//! State is written in pieces, one an epoch. Each shard (a range of key groups) is a base,
//! then changes. A base makes all older pieces of its shard useless. When the changes of a
//! shard outgrow its base it is written anew, if there is time one shard a piece, so that no
//! piece has everything. A piece is whole once nothing more is to be written: it is then the state
//! as of that tick, together with the pieces before it.
use super::graph::Pipeline;
use crate::state::hash::SHARDS;
use crate::state::record::{Reader, Writer};
use crate::{Error, ErrorKind, Result};

/// What state is written by: raised when its form or its meaning changes, so that what an
/// older release wrote is filled anew rather than misread.
pub(super) const VERSION: u64 = 3;

/// Below so many bytes of changes no new base is worth its while.
const CHANGES_BYTES_MIN: usize = 64 << 10;

/// How much of each shard was written.
#[derive(Debug, Default)]
pub(super) struct Captures {
    shards: [Captured; SHARDS],
    /// While a piece is written: the shards whose base it has, a bit each.
    bases: Option<u8>,
}

#[derive(Clone, Copy, Debug)]
struct Captured {
    /// A base must be written.
    due: bool,
    base_bytes: usize,
    changes_bytes: usize,
}

impl Default for Captured {
    fn default() -> Self {
        Self { due: true, base_bytes: 0, changes_bytes: 0 }
    }
}

impl Pipeline {
    /// Goes on with the piece under way, or begins one: appends at most `room` rows to its
    /// stream. Says how much room is left if nothing more is to be written, `None` if more
    /// is. Called between ticks.
    pub fn capture(&mut self, room: usize, stream: &mut Vec<u8>) -> Result<Option<usize>> {
        let bases = match self.captures.bases {
            Some(bases) => bases,
            None => self.begin_piece(),
        };
        let mut room = room;
        for shard in 0..SHARDS {
            for (number, station) in self.stations.iter_mut().enumerate() {
                let mut rows = Writer::with_room(room);
                station.operator.capture(shard, &mut rows)?;
                let full = rows.is_full();
                room = room.saturating_sub(rows.steps());
                if rows.rows() > 0 {
                    let mut section = Writer::default();
                    section.number(shard as u64);
                    section.number(number as u64);
                    section.bytes(&rows.finish());
                    let section = section.finish();
                    self.captures.note(shard, has(bases, shard), section.len());
                    stream.extend_from_slice(&section);
                }
                if full {
                    return Ok(None);
                }
            }
        }
        Ok(Some(room))
    }

    /// Ends the piece under way, of which nothing more is to be written. Says which shards'
    /// bases it has, a bit each.
    pub fn end_capture(&mut self) -> u8 {
        self.captures.bases.take().unwrap_or_default()
    }

    /// Makes the next piece have everything: what was written since the last durable epoch
    /// is lost.
    pub fn capture_anew(&mut self) {
        self.captures.bases = None;
        self.captures.shards.iter_mut().for_each(|captured| captured.due = true);
    }

    /// How many rows are to be written, about.
    pub fn unwritten(&self) -> usize {
        self.stations.iter().map(|station| station.operator.unwritten()).sum()
    }

    /// Takes state back into a pipeline that was just built of the same plan; neither
    /// [`Pipeline::start`] nor anything else came before. `bases` says for each piece, in
    /// order, which shards' bases it has, and `load` gives its stream. Corrupt state is XX001.
    pub fn restore(
        &mut self,
        bases: &[u8],
        load: &mut dyn FnMut(usize) -> Result<Vec<u8>>,
    ) -> Result<()> {
        for piece in 0..bases.len() {
            let later = bases.get(piece + 1..).unwrap_or_default();
            let useless = later.iter().fold(0, |all, bases| all | bases);
            let of_base = bases.get(piece).copied().unwrap_or_default();
            let stream = load(piece)?;
            let mut reader = Reader::new(&stream);
            while !reader.is_empty() {
                let shard = reader.number()? as usize;
                let number = reader.number()? as usize;
                let rows = reader.bytes()?;
                if shard >= SHARDS {
                    return Err(corrupt("state is of an unknown shard"));
                }
                if has(useless, shard) {
                    continue;
                }
                let station = self.stations.get_mut(number);
                let station = station.ok_or_else(|| corrupt("state is of an unknown operator"))?;
                station.operator.restore(shard, &mut Reader::new(rows))?;
                self.captures.note(shard, has(of_base, shard), rows.len());
            }
        }
        for shard in 0..SHARDS {
            let whole = bases.iter().any(|bases| has(*bases, shard));
            if !whole {
                return Err(corrupt("state has no base"));
            }
            self.captures.settle(shard);
            self.stations.iter_mut().for_each(|station| station.operator.track(shard, true));
        }
        Ok(())
    }

    fn begin_piece(&mut self) -> u8 {
        let bases = self.captures.choose();
        for shard in (0..SHARDS).filter(|shard| has(bases, *shard)) {
            self.stations.iter_mut().for_each(|station| station.operator.track(shard, false));
        }
        self.captures.bases = Some(bases);
        bases
    }
}

impl Captures {
    /// The shards to be written anew: those that are due, those whose changes outgrew their
    /// base twice, and the one whose changes outgrew its base most.
    fn choose(&mut self) -> u8 {
        let outgrown = |captured: &Captured, times: usize| {
            captured.changes_bytes >= times * CHANGES_BYTES_MIN.max(captured.base_bytes)
        };
        for captured in &mut self.shards {
            captured.due |= outgrown(captured, 2);
        }
        let grown = self.shards.iter_mut().filter(|captured| outgrown(captured, 1));
        if let Some(captured) = grown.max_by_key(|captured| captured.changes_bytes) {
            captured.due = true;
        }
        let mut bases = 0;
        for (shard, captured) in self.shards.iter_mut().enumerate() {
            if captured.due {
                bases |= 1 << shard;
                *captured = Captured { due: false, base_bytes: 0, changes_bytes: 0 };
            }
        }
        bases
    }

    fn note(&mut self, shard: usize, base: bool, bytes: usize) {
        let Some(captured) = self.shards.get_mut(shard) else { return };
        let sum = if base { &mut captured.base_bytes } else { &mut captured.changes_bytes };
        *sum += bytes;
    }

    fn settle(&mut self, shard: usize) {
        if let Some(captured) = self.shards.get_mut(shard) {
            captured.due = false;
        }
    }
}

/// Whether a shard is among those of a mask.
fn has(mask: u8, shard: usize) -> bool {
    mask >> shard & 1 == 1
}

fn corrupt(message: &str) -> Error {
    Error::new(ErrorKind::Corrupt, "XX001", message)
}
