//! Where failures are stored: the rows of the error relation, then lines of their log.
use std::collections::BTreeSet;

use storage::{BlobId, Blobs};

use super::piece::{Extents, Unpacker, add_blobs, read_extents, write_extents};
use crate::Result;
use crate::codec::{get_u64, put_u64, read_batch, write_batch};
use crate::failures::{FAILURES_LOG_LINES_MAX, FailureLine, Failures, rejected_schema};
use crate::plan::RelationId;
use crate::rows::{Capture, Image};

/// What fails now, and what failed last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct FailureState {
    /// The rows of the error relation.
    pub(super) image: Image,
    /// The number of the last line of the log that is stored.
    pub(super) noted: u64,
    /// Lines of the log: how many rows, and where they are.
    pieces: Vec<(u64, Extents)>,
}

/// What was frozen of failures when an epoch was cut.
pub(super) struct FailuresCut {
    pub(super) now: Capture,
    /// Lines that are not stored yet.
    pub(super) lines: Lines,
    /// The number of the last of them.
    pub(super) noted: u64,
}

/// Lines of the log.
pub(super) struct Lines(Vec<FailureLine>);

impl FailuresCut {
    /// Freezes what has changed since `before`.
    pub(super) fn of(failures: &mut Failures, before: &FailureState) -> Result<Self> {
        let lines = failures.lines_after(before.noted);
        let now = failures.now.capture(&before.image)?;
        Ok(Self { now, lines: Lines(lines), noted: failures.noted() })
    }
}

impl Lines {
    /// How many rows they have.
    pub(super) fn len(&self) -> usize {
        self.0.iter().map(|line| line.rows.num_rows()).sum()
    }

    pub(super) fn bytes(&self) -> Result<Vec<u8>> {
        let mut into = vec![];
        for line in &self.0 {
            put_u64(&mut into, line.tick);
            put_u64(&mut into, line.time.cast_unsigned());
            put_u64(&mut into, line.view.0);
            write_batch(&line.rows, &mut into)?;
        }
        Ok(into)
    }
}

impl FailureState {
    /// Adds an epoch's lines, and lets go of those beyond the log's bound.
    pub(super) fn add(&mut self, noted: u64, rows: u64, extents: Extents) {
        self.noted = noted;
        if rows > 0 {
            self.pieces.push((rows, extents));
        }
        let mut kept = 0;
        let bound = FAILURES_LOG_LINES_MAX as u64;
        let needed = self.pieces.iter().rev().take_while(|(rows, _)| {
            let more = kept < bound;
            kept += rows;
            more
        });
        let useless = self.pieces.len() - needed.count();
        self.pieces.drain(..useless);
    }

    /// Fills failures that are empty with what was stored of the views that are there.
    pub(crate) fn restore(
        &self,
        failures: &mut Failures,
        blobs: &dyn Blobs,
        is_there: &dyn Fn(RelationId) -> bool,
    ) -> Result<()> {
        failures.now.restore(1, &self.image, blobs)?;
        let mut unpacker = Unpacker::new(blobs);
        for (_, extents) in &self.pieces {
            let bytes = unpacker.read(extents)?;
            let from = &mut &bytes[..];
            while !from.is_empty() {
                let (tick, time) = (get_u64(from)?, get_u64(from)?.cast_signed());
                let view = RelationId(get_u64(from)?);
                let rows = read_batch(&rejected_schema(), from)?;
                if is_there(view) {
                    failures.note(FailureLine { tick, time, view, rows });
                }
            }
        }
        failures.set_noted(self.noted);
        Ok(())
    }

    pub(super) fn add_blobs(&self, blobs: &mut BTreeSet<BlobId>) {
        blobs.extend(self.image.blobs());
        self.pieces.iter().for_each(|(_, extents)| add_blobs(extents, blobs));
    }

    pub(super) fn write(&self, into: &mut Vec<u8>) {
        self.image.write(into);
        put_u64(into, self.noted);
        put_u64(into, self.pieces.len() as u64);
        for (rows, extents) in &self.pieces {
            put_u64(into, *rows);
            write_extents(extents, into);
        }
    }

    pub(super) fn read(from: &mut &[u8]) -> Result<Self> {
        let (image, noted) = (Image::read(from)?, get_u64(from)?);
        let mut pieces = vec![];
        for _ in 0..get_u64(from)? {
            pieces.push((get_u64(from)?, read_extents(from)?));
        }
        Ok(Self { image, noted, pieces })
    }
}
