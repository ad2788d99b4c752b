//! The log that keeps its frames in recycled files.
//!
//! An append goes into one buffer that is kept; a sync writes the buffer with one write
//! into the newest segment and syncs that file. A segment is synced whole before the
//! next begins, so only the newest is ever in doubt; after a start the log always begins
//! a new segment, so nothing that a crash left behind the last frame is ever followed by
//! new ones. Files are never removed while the log is open. One writer, one thread.
use super::frame::{HEADER_BYTES, Header, Kind, space};
use super::length::Length;
use super::reader::SegmentReader;
use super::recovery::{self, Flaw};
use super::segment::{FOLDER, Segment};
use crate::files::{Files, Lock};
use crate::{Error, FRAME_BYTES_MAX, Log, Result, Tick};
use std::collections::VecDeque;
use std::sync::Arc;

/// Bytes of frames that wait for a sync before they are written without one.
const BUFFER_BYTES_MAX: usize = 1 << 20;

/// Spare segments that are left on the disk when the log is closed.
const SPARE_SEGMENTS_MAX: usize = 8;

/// A log in segment files.
pub(crate) struct SegmentedLog {
    files: Arc<dyn Files>,
    _lock: Lock,
    segment_bytes: u64,
    /// Segments with frames, oldest first; the newest is written to if `is_writing`.
    segments: VecDeque<Segment>,
    is_writing: bool,
    spares: VecDeque<Segment>,
    next_life: u64,
    flaws: Vec<Flaw>,
    /// The last tick appended; 0 in an empty log.
    last: Tick,
    /// Frames not yet written, which begin at `written` in the newest segment.
    buffer: Vec<u8>,
    written: u64,
    length: Length,
    failure: Option<Error>,
}

impl SegmentedLog {
    pub(crate) fn open(files: Arc<dyn Files>, lock: Lock, segment_bytes: u64) -> Result<Self> {
        files.create_directory(FOLDER)?;
        files.sync_directory("")?;
        let recovered = recovery::recover(&*files)?;
        let last = recovered.segments.back().map_or(0, |newest| newest.last);
        let mut length = Length::default();
        for segment in &recovered.segments {
            length.add(segment.last, segment.end);
        }
        Ok(Self {
            files,
            _lock: lock,
            segment_bytes,
            segments: recovered.segments,
            is_writing: false,
            spares: recovered.spares,
            next_life: recovered.next_life,
            flaws: recovered.flaws,
            last,
            buffer: Vec::new(),
            written: 0,
            length,
            failure: None,
        })
    }

    /// Whether there is no file that a frame was ever written to.
    pub(crate) fn is_blank(&self) -> bool {
        self.segments.is_empty() && self.spares.iter().all(|spare| spare.length == 0)
    }

    /// Does `work`, unless something failed before; remembers if it fails.
    fn attempt(&mut self, work: impl FnOnce(&mut Self) -> Result<()>) -> Result<()> {
        if let Some(failure) = &self.failure {
            return Err(Error::unavailable(format!("log is unusable since a failure: {failure}")));
        }
        work(self).inspect_err(|error| self.failure = Some(error.clone()))
    }

    /// The segment that is written to, after a change of segment if the frame needs it.
    fn make_room(&mut self, body_bytes: usize) -> Result<()> {
        let head = self.written + self.buffer.len() as u64;
        let is_room = self.is_writing
            && self
                .segments
                .back()
                .is_some_and(|newest| newest.takes(head, body_bytes, self.segment_bytes));
        if is_room {
            return Ok(());
        }
        self.sync_newest()?;
        let segment = Segment::begin(&*self.files, self.next_life, self.spares.pop_front())?;
        self.next_life += 1;
        self.segments.push_back(segment);
        self.is_writing = true;
        self.written = 0;
        Ok(())
    }

    fn write_frame(&mut self, tick: Tick, body: &[u8]) -> Result<()> {
        self.make_room(body.len())?;
        let Some(newest) = self.segments.back_mut() else { return Ok(()) };
        let header = Header {
            kind: Kind::Frame,
            life: newest.life,
            tick,
            synced: newest.end,
            length: body.len() as u32,
            body_checksum: crc32c::crc32c(body),
        };
        if newest.is_empty() {
            newest.first = tick;
        }
        newest.last = tick;
        self.last = tick;
        self.length.add(tick, space(body.len()));
        self.buffer.extend_from_slice(&header.encode());
        if body.len() < BUFFER_BYTES_MAX {
            self.buffer.extend_from_slice(body);
        } else {
            // A large body is not worth a copy.
            self.write_buffer()?;
            if let Some(newest) = self.segments.back_mut() {
                newest.write(body, self.written, self.segment_bytes)?;
                self.written += body.len() as u64;
            }
        }
        let padding = space(body.len()) as usize - HEADER_BYTES - body.len();
        self.buffer.resize(self.buffer.len() + padding, 0);
        if self.buffer.len() >= BUFFER_BYTES_MAX { self.write_buffer() } else { Ok(()) }
    }

    fn write_buffer(&mut self) -> Result<()> {
        if let Some(newest) = self.segments.back_mut().filter(|_| !self.buffer.is_empty()) {
            newest.write(&self.buffer, self.written, self.segment_bytes)?;
            self.written += self.buffer.len() as u64;
            self.buffer.clear();
        }
        Ok(())
    }

    fn sync_newest(&mut self) -> Result<()> {
        if !self.is_writing {
            return Ok(());
        }
        self.write_buffer()?;
        if let Some(newest) = self.segments.back_mut().filter(|newest| newest.end < self.written) {
            newest.file.sync()?;
            newest.end = self.written;
        }
        Ok(())
    }

    /// Marks the end of the frames, so that rot of the last ones shows after the next
    /// start, and gives back the space of files that are too many or too large.
    fn close(&mut self) -> Result<()> {
        self.sync_newest()?;
        if let Some(newest) = self.segments.back_mut().filter(|_| self.is_writing) {
            let (life, synced) = (newest.life, newest.end);
            let end =
                Header { kind: Kind::End, life, tick: 0, synced, length: 0, body_checksum: 0 };
            newest.write(&end.encode(), synced, self.segment_bytes)?;
            newest.file.sync()?;
        }
        for (index, spare) in self.spares.iter().enumerate() {
            if index >= SPARE_SEGMENTS_MAX || spare.length > self.segment_bytes {
                self.files.remove(&spare.path)?;
            }
        }
        Ok(())
    }

    /// Fails if frames after `after` are missing.
    fn check_from(&self, after: Tick) -> Result<()> {
        if let Some(flaw) = self.flaws.iter().find(|flaw| flaw.through > after) {
            return Err(flaw.error.clone());
        }
        match self.segments.front() {
            Some(oldest) if !oldest.is_empty() => check_range(oldest.first, self.last, after),
            _ => Ok(()),
        }
    }
}

/// Fails if a log of the ticks from `first` to `last` cannot be read after `after`.
pub(crate) fn check_range(first: Tick, last: Tick, after: Tick) -> Result<()> {
    if after.saturating_add(1) < first {
        let missing = after + 1;
        return Err(Error::corrupt(format!(
            "log begins at tick {first}, and the frame of tick {missing} is missing"
        )));
    }
    if last < after {
        return Err(Error::corrupt(format!(
            "log ends at tick {last}, before tick {after}, which was synced"
        )));
    }
    Ok(())
}

/// Fails if a frame of `tick` cannot follow that of `last` (0 in an empty log).
pub(crate) fn check_append(last: Tick, tick: Tick, body: &[u8]) -> Result<()> {
    if body.len() > FRAME_BYTES_MAX {
        return Err(Error::invalid(format!(
            "frame of {} bytes is larger than {FRAME_BYTES_MAX}",
            body.len()
        )));
    }
    if tick == 0 || last != 0 && tick != last + 1 {
        return Err(Error::invalid(format!("frame of tick {tick} cannot follow tick {last}")));
    }
    Ok(())
}

impl Log for SegmentedLog {
    fn append(&mut self, tick: Tick, body: &[u8]) -> Result<()> {
        check_append(self.last, tick, body)?;
        self.attempt(|log| log.write_frame(tick, body))
    }

    fn sync(&mut self) -> Result<()> {
        self.attempt(Self::sync_newest)
    }

    fn cut(&mut self, tick: Tick) -> Result<()> {
        self.length.cut(tick.min(self.last));
        // The newest frames stay even so: they show that the log was not lost.
        while self.segments.len() > 1
            && let Some(segment) = self.segments.pop_front_if(|oldest| oldest.last <= tick)
        {
            self.spares.push_back(segment);
        }
        Ok(())
    }

    fn replay(
        &mut self,
        after: Tick,
        each: &mut dyn FnMut(Tick, &[u8]) -> Result<()>,
    ) -> Result<()> {
        self.check_from(after)?;
        for segment in self.segments.iter().filter(|segment| segment.last > after) {
            let mut reader = SegmentReader::new(&*segment.file, segment.life)?;
            let (mut offset, mut tick) = (0, segment.first);
            while offset < segment.end {
                let Some((header, body)) = reader.frame(offset)?.filter(|(h, _)| h.tick == tick)
                else {
                    return Err(recovery::broken(&segment.path, offset));
                };
                if tick > after {
                    each(tick, body)?;
                }
                offset += space(header.length as usize);
                tick += 1;
            }
        }
        Ok(())
    }

    fn bytes(&self) -> u64 {
        self.length.bytes()
    }
}

impl Drop for SegmentedLog {
    fn drop(&mut self) {
        // Whoever needed these frames durable has synced them; the rest is a courtesy.
        let _ = self.attempt(Self::close);
    }
}
