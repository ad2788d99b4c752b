//! A pipeline's state as pieces that fit into blobs.
//!
//! Each shard (a range of key groups) is a base, then changes. A base makes all older
//! pieces of its shard useless. When the changes of a shard outgrow its base it is
//! written anew, one shard a capture, so that no capture writes everything.
use storage::BLOB_BYTES_MAX;

use super::graph::Pipeline;
use crate::state::hash::SHARDS;
use crate::state::record::{Reader, Writer};
use crate::{Error, ErrorKind, Result};

/// What is written: raised when it changes.
const VERSION: u64 = 1;

/// Below so many bytes of changes no new base is worth its while.
const CHANGES_BYTES_MIN: usize = 64 << 10;

/// A part of a pipeline's state, at most a blob in size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Which range of key groups it is of.
    pub shard: u8,
    /// Whether it is of a base: pieces of the shard from earlier captures are useless then.
    pub base: bool,
    /// Its content; opaque outside.
    pub bytes: Vec<u8>,
}

/// How much of each shard was captured.
#[derive(Debug)]
pub(super) struct Captures([Captured; SHARDS]);

#[derive(Clone, Copy, Debug)]
struct Captured {
    /// A base must be written.
    due: bool,
    base_bytes: usize,
    changes_bytes: usize,
}

impl Default for Captures {
    fn default() -> Self {
        Self([Captured { due: true, base_bytes: 0, changes_bytes: 0 }; SHARDS])
    }
}

impl Pipeline {
    /// What changed since the last capture, to be put behind the pieces of that one; all
    /// there is the first time. Called between ticks.
    pub fn capture(&mut self) -> Result<Vec<Piece>> {
        self.captures.choose();
        let mut pieces = vec![];
        for shard in 0..SHARDS {
            let Some(captured) = self.captures.0.get(shard).copied() else { break };
            let (stream, rows) = self.stream(shard, captured.due)?;
            let had = captured.base_bytes + captured.changes_bytes > 0;
            if rows > 0 || (captured.due && had) {
                cut_up(shard, captured.due, &stream, &mut pieces);
            }
            self.captures.note(shard, captured.due, if rows > 0 { stream.len() } else { 0 });
        }
        Ok(pieces)
    }

    /// Takes captured state back, in the order of its captures, into a pipeline that was
    /// just built of the same plan; neither [`Pipeline::start`] nor anything else came
    /// before. Corrupt state, or that of another plan, is XX001.
    pub fn restore(&mut self, pieces: &[Piece]) -> Result<()> {
        let streams = assemble(pieces)?;
        self.captures = Captures::default();
        for (place, (shard, base, stream)) in streams.iter().enumerate() {
            let mut later = streams.iter().skip(place + 1);
            if later.any(|(other, base, _)| other == shard && *base) {
                continue;
            }
            self.restore_stream(*shard, stream)?;
            self.captures.note(*shard, *base, stream.len());
        }
        // What was restored is no change.
        for shard in 0..SHARDS {
            if self.captures.0.get(shard).is_some_and(|captured| !captured.due) {
                self.stream(shard, false)?;
            }
        }
        Ok(())
    }

    /// Makes the next capture write everything: what was captured since the last durable
    /// epoch is lost.
    pub fn capture_anew(&mut self) {
        self.captures.0.iter_mut().for_each(|captured| captured.due = true);
    }

    /// The state of a shard, or its changes, and how many rows that is.
    fn stream(&mut self, shard: usize, whole: bool) -> Result<(Vec<u8>, usize)> {
        let mut stream = Writer::default();
        let mut rows = 0;
        stream.number(VERSION);
        stream.words(&[self.fingerprint]);
        for (number, station) in self.stations.iter_mut().enumerate() {
            let mut writer = Writer::default();
            station.operator.capture(shard, whole, &mut writer)?;
            if writer.rows() > 0 {
                rows += writer.rows();
                stream.number(number as u64);
                stream.bytes(&writer.finish());
            }
        }
        Ok((stream.finish(), rows))
    }

    fn restore_stream(&mut self, shard: usize, stream: &[u8]) -> Result<()> {
        let mut reader = Reader::new(stream);
        if reader.number()? != VERSION {
            return Err(corrupt("state was captured by another version"));
        }
        if reader.word()? != self.fingerprint {
            return Err(corrupt("state was captured of another plan"));
        }
        while !reader.is_empty() {
            let number = reader.number()? as usize;
            let mut records = Reader::new(reader.bytes()?);
            let station = self.stations.get_mut(number);
            let station = station.ok_or_else(|| corrupt("state is of an unknown operator"))?;
            station.operator.restore(shard, &mut records)?;
            if !records.is_empty() {
                return Err(corrupt("an operator has more state than it knows of"));
            }
        }
        Ok(())
    }
}

impl Captures {
    /// Lets the shard whose changes outgrew its base most be written anew.
    fn choose(&mut self) {
        if self.0.iter().any(|captured| captured.due) {
            return;
        }
        let grown = |captured: &Captured| {
            captured.changes_bytes >= CHANGES_BYTES_MIN.max(captured.base_bytes)
        };
        let most = self.0.iter_mut().filter(|captured| grown(captured));
        if let Some(captured) = most.max_by_key(|captured| captured.changes_bytes) {
            captured.due = true;
        }
    }

    fn note(&mut self, shard: usize, base: bool, bytes: usize) {
        let Some(captured) = self.0.get_mut(shard) else { return };
        captured.due = false;
        if base {
            (captured.base_bytes, captured.changes_bytes) = (bytes, 0);
        } else {
            captured.changes_bytes += bytes;
        }
    }
}

/// Cuts a stream into pieces; the first byte of each says whether more follow.
fn cut_up(shard: usize, base: bool, stream: &[u8], pieces: &mut Vec<Piece>) {
    let mut parts = stream.chunks(BLOB_BYTES_MAX - 1).peekable();
    while let Some(part) = parts.next() {
        let more = u8::from(parts.peek().is_some());
        let bytes = [&[more], part].concat();
        pieces.push(Piece { shard: shard as u8, base, bytes });
    }
}

/// The streams that pieces are of, in order.
fn assemble(pieces: &[Piece]) -> Result<Vec<(usize, bool, Vec<u8>)>> {
    let mut streams: Vec<(usize, bool, Vec<u8>)> = vec![];
    let mut open: [Vec<u8>; SHARDS] = Default::default();
    for piece in pieces {
        let shard = usize::from(piece.shard);
        let stream = open.get_mut(shard).ok_or_else(|| corrupt("state is of an unknown shard"))?;
        let (more, part) =
            piece.bytes.split_first().ok_or_else(|| corrupt("a piece of state is empty"))?;
        stream.extend_from_slice(part);
        if *more == 0 {
            streams.push((shard, piece.base, std::mem::take(stream)));
        }
    }
    match open.iter().all(Vec::is_empty) {
        true => Ok(streams),
        false => Err(corrupt("a piece of state is missing")),
    }
}

fn corrupt(message: &str) -> Error {
    Error::new(ErrorKind::Corrupt, "XX001", message)
}
