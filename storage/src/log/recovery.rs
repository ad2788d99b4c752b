//! What of the log outlived the last process.
//!
//! Each segment is read forward to the first frame that does not verify. Behind the
//! newest frames that is the end: a tail torn by a crash. Two things show that it is
//! rot instead: a later frame of the same segment that calls the place synced, and a
//! next segment that does not go on where this one ends.
use super::frame::{ALIGNMENT_BYTES, space};
use super::reader::SegmentReader;
use super::segment::{FOLDER, Segment};
use crate::files::Files;
use crate::{Error, Result, Tick};
use std::collections::VecDeque;

/// The segments found, sorted out.
#[derive(Default)]
pub(super) struct Recovered {
    /// Those with frames, oldest first.
    pub(super) segments: VecDeque<Segment>,
    /// Those without.
    pub(super) spares: VecDeque<Segment>,
    /// Where synced frames are missing.
    pub(super) flaws: Vec<Flaw>,
    /// A life that no segment ever had.
    pub(super) next_life: u64,
}

/// A place at which frames are missing that were once there.
pub(super) struct Flaw {
    /// The last of the missing ticks.
    pub(super) through: Tick,
    pub(super) error: Error,
}

/// Reads all segments. Fails only where the log's end is not to be known; rot further
/// back is a [`Flaw`], which does not matter if those frames are no longer needed.
pub(super) fn recover(files: &dyn Files) -> Result<Recovered> {
    let mut found = Vec::new();
    for name in files.list(FOLDER)? {
        if let Some(mut segment) = Segment::open(files, &name)? {
            scan(&mut segment)?;
            found.push(segment);
        }
    }
    found.sort_by_key(|segment| segment.life);
    let next_life = found.last().map_or(1, |newest| newest.life + 1);
    let mut recovered = Recovered { next_life, ..Recovered::default() };
    let newest_full = found.iter().rposition(|segment| !segment.is_empty()).unwrap_or(0);
    // A segment whose very first frame is rotten, so that it looks like a spare.
    let mut rotten = None;
    for (index, segment) in found.into_iter().enumerate() {
        let is_rotten = (index >= newest_full || segment.is_empty()) && is_called_synced(&segment)?;
        if is_rotten && index >= newest_full {
            return Err(broken(&segment.path, segment.end));
        }
        if segment.is_empty() {
            rotten = rotten.or(is_rotten.then(|| broken(&segment.path, 0)));
            recovered.spares.push_back(segment);
            continue;
        }
        let before = recovered.segments.back();
        if let Some(before) = before.filter(|before| before.last + 1 != segment.first) {
            let between = recovered.spares.iter().find(|spare| spare.life > before.life);
            let error = rotten.take().unwrap_or_else(|| gap(before, between));
            recovered.flaws.push(Flaw { through: segment.first - 1, error });
        } else if let Some(error) = rotten.take() {
            recovered.flaws.push(Flaw { through: segment.first - 1, error });
        }
        recovered.segments.push_back(segment);
    }
    // The last process may have died before it synced what is now taken for durable.
    if let Some(tail) = recovered.segments.back() {
        tail.file.sync()?;
    }
    files.sync_directory(FOLDER)?;
    Ok(recovered)
}

/// Finds the segment's frames, up to the first that is not whole.
fn scan(segment: &mut Segment) -> Result<()> {
    let mut reader = SegmentReader::new(&*segment.file, segment.life)?;
    while let Some((header, body)) = reader.frame(segment.end)? {
        // A tick is at least 1, so that 0 can stand for none.
        if header.tick == 0 || !segment.is_empty() && header.tick != segment.last + 1 {
            break;
        }
        if segment.is_empty() {
            segment.first = header.tick;
        }
        segment.last = header.tick;
        segment.end += space(body.len());
    }
    Ok(())
}

/// Whether a header behind the end of the frames says that there were more.
fn is_called_synced(segment: &Segment) -> Result<bool> {
    let mut reader = SegmentReader::new(&*segment.file, segment.life)?;
    let mut offset = segment.end + ALIGNMENT_BYTES;
    while offset < reader.length() {
        if reader.header(offset)?.is_some_and(|header| header.synced > segment.end) {
            return Ok(true);
        }
        offset += ALIGNMENT_BYTES;
    }
    Ok(false)
}

/// The error of a place where a frame should be.
pub(super) fn broken(path: &str, offset: u64) -> Error {
    Error::corrupt(format!(
        "log file \"{path}\" is corrupt at offset {offset}: \
         a frame that was synced does not read back"
    ))
}

/// The error of frames that are missing between two segments.
fn gap(before: &Segment, between: Option<&Segment>) -> Error {
    let Some(between) = between else { return broken(&before.path, before.end) };
    Error::corrupt(format!(
        "log file \"{}\" is corrupt at offset {}, or log file \"{}\" at offset 0: \
         a frame that was synced does not read back",
        before.path, before.end, between.path
    ))
}
