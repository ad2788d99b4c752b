//! The files of one source: found, read in order, followed.
//!
//! Begun files are read on before new ones, so that one that was rotated away is finished
//! before its successor begins; new ones come in the order of their names. Where a file is
//! never looks at the clock or keeps a half-read record: the place behind the last whole
//! record is all there is, the same after a pause as after a crash.
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use sql::catalog::Relation;
use sql::{Error, SourceState};
use tracing::info;

use super::listing::{FILES_MAX, Listed, compressed, find, list, unreadable};
use super::mark::Mark;
use super::pattern::Pattern;
use super::place::Place;
use super::tracked::{Tracked, Turn};
use crate::connectors::feed::{Batch, Ended, Feed};
use crate::connectors::format::{Order, Reader};

/// How much is read at once.
const READ_BYTES: usize = 256 << 10;

/// How much is read at once of a header.
const HEADER_READ_BYTES: usize = 4 << 10;

/// The wait between two looks.
const LOOK_MS: u64 = 20;

/// Files for each of which a look may take the time of a millisecond's tenth more.
const LOOK_FILES_PER_MS: u64 = 10;

/// Looks after which a file whose name was taken away counts as finished: until then who
/// writes it may still hold it open.
const AWAY_LOOKS: u32 = 25;

/// Files that are kept open.
const OPEN_FILES_MAX: usize = 128;

/// Reads a source's files.
pub(crate) struct Files {
    pattern: Pattern,
    follow: bool,
    feed: Feed,
    reader: Reader,
    tracked: Vec<Tracked>,
    buffer: Vec<u8>,
    /// Whether the files were looked at since the start.
    looked: bool,
}

/// Why a look ended early.
enum Trouble {
    Ended,
    Failed(Error),
}

impl From<Ended> for Trouble {
    fn from(_: Ended) -> Self {
        Trouble::Ended
    }
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Trouble::Failed(error)
    }
}

impl Files {
    /// The files that a source's options name.
    pub(crate) fn new(source: &Relation, feed: Feed) -> sql::Result<Self> {
        let option = |name: &str| source.options.iter().find(|option| option.0 == name);
        let path = option("path").map(|(_, path)| path.as_str());
        let path = path.ok_or_else(|| Error::new("22023", "the source has no path"))?;
        Ok(Self {
            pattern: Pattern::parse(path)?,
            follow: option("follow").is_some_and(|(_, follow)| follow == "true"),
            reader: Reader::new(source)?,
            feed,
            tracked: vec![],
            buffer: vec![0; READ_BYTES],
            looked: false,
        })
    }

    /// Reads until all is read, the source is dropped, or the server stops.
    pub(crate) fn run(&mut self) {
        // That it has ended is all there is to say.
        let _ = self.work();
    }

    fn work(&mut self) -> Result<(), Ended> {
        while let Err(error) = self.recall() {
            self.feed.fail(error)?;
        }
        while !self.is_finished() {
            let looked = self.look();
            self.looked |= looked.is_ok();
            match looked {
                Err(Trouble::Ended) => return Err(Ended),
                Err(Trouble::Failed(error)) => {
                    self.feed.settle()?;
                    self.feed.fail(error)?;
                }
                Ok(()) => {
                    self.feed.settle()?;
                    self.feed.well(SourceState::Waiting, self.place());
                    let files = u64::try_from(self.tracked.len()).unwrap_or(u64::MAX);
                    self.feed.rest(Duration::from_millis(LOOK_MS + files / LOOK_FILES_PER_MS))?;
                }
            }
        }
        self.feed.settle()?;
        self.feed.well(SourceState::Finished, self.place());
        Ok(())
    }

    /// Goes on where the last run ended.
    fn recall(&mut self) -> sql::Result<()> {
        self.tracked.clear();
        for position in self.feed.positions() {
            let place = Place::read(&position.place)?;
            self.tracked.push(Tracked::new(position.part, place));
        }
        Ok(())
    }

    /// A file that is read whole, and was.
    fn is_finished(&self) -> bool {
        let done = self.tracked.iter().any(|tracked| tracked.place.done);
        done && !self.follow && !self.pattern.several
    }

    /// Where the file is that was read last.
    fn place(&self) -> Option<String> {
        let open = self.tracked.iter().rev().find(|tracked| tracked.place.offset > 0);
        open.map(|found| format!("{}, byte {}", found.place.path, found.place.offset))
    }

    /// Finds the files, and reads each as far as it goes. What is wrong with one keeps none
    /// of the others.
    fn look(&mut self) -> Result<(), Trouble> {
        let (listed, mut failed) = match list(&self.pattern) {
            Ok(listed) => (listed, None),
            // While it is being rotated there is none of its name for a moment.
            Err(error) if error.code() == "58P01" && !self.pattern.several => {
                (vec![], Some(Trouble::Failed(error)))
            }
            Err(error) => return Err(error.into()),
        };
        self.meet(&listed)?;
        for number in self.order(&listed) {
            match self.visit(number, &listed) {
                Ok(()) => {}
                Err(Trouble::Ended) => return Err(Trouble::Ended),
                Err(trouble) => failed = failed.or(Some(trouble)),
            }
        }
        failed.map_or(Ok(()), Err)
    }

    /// Notes which files have come, which have got another name, which are away.
    fn meet(&mut self, listed: &[Listed]) -> Result<(), Trouble> {
        for file in listed {
            if let Some(tracked) = self.tracked.iter_mut().find(|known| known.part == file.part) {
                tracked.place.path.clone_from(&file.path);
                tracked.looks_away = 0;
            } else if self.looked || !self.adopt(file, listed)? {
                let place = Place::start(&file.path);
                self.tracked.push(Tracked::new(file.part.clone(), place));
            }
        }
        for tracked in &mut self.tracked {
            let away = listed.iter().all(|file| file.part != tracked.part);
            let replaced = listed.iter().any(|file| file.path == tracked.place.path);
            // A file that is merely not there may come back, as with its disk.
            if away && (replaced || self.pattern.several || tracked.looks_away > 0) {
                tracked.looks_away = tracked.looks_away.saturating_add(1);
            }
        }
        self.forget(listed)
    }

    /// Whether a file that seems new is one that was read before the start, and was copied
    /// since, as with a backup: its number has changed, not what it holds.
    fn adopt(&mut self, file: &Listed, listed: &[Listed]) -> Result<bool, Trouble> {
        let pattern = &self.pattern;
        let copied = self.tracked.iter_mut().find(|tracked| {
            tracked.place.path == file.path
                && tracked.place.offset > 0
                && listed.iter().all(|other| other.part != tracked.part)
                && tracked.is_copied_in(Path::new(&file.path))
                && find(pattern, &tracked.part).is_none()
        });
        let Some(tracked) = copied else { return Ok(false) };
        let old = std::mem::replace(&mut tracked.part, file.part.clone());
        let positions = vec![(old, vec![]), (file.part.clone(), tracked.place.write()?)];
        let origin = file.path.clone();
        self.feed.commit(Batch { rows: None, rejected: None, origin, positions })?;
        Ok(true)
    }

    /// Forgets files that are gone, when too many are remembered.
    fn forget(&mut self, listed: &[Listed]) -> Result<(), Trouble> {
        let extra = self.tracked.len().saturating_sub(FILES_MAX.max(listed.len()));
        for _ in 0..extra {
            let gone = self.tracked.iter().position(|tracked| {
                tracked.place.done && listed.iter().all(|file| file.part != tracked.part)
            });
            let Some(gone) = gone else { break };
            let Tracked { part, place, .. } = self.tracked.remove(gone);
            let positions = vec![(part, vec![])];
            let batch = Batch { rows: None, rejected: None, origin: place.path, positions };
            self.feed.commit(batch)?;
        }
        Ok(())
    }

    /// In which order files are read: those begun before new ones, then by name.
    fn order(&self, listed: &[Listed]) -> Vec<usize> {
        let rank = |number: &usize| {
            let tracked = self.tracked.get(*number)?;
            let named = listed.iter().position(|file| file.part == tracked.part);
            Some((named.is_some(), tracked.place.offset == 0, named))
        };
        let mut order: Vec<usize> = (0..self.tracked.len()).collect();
        order.sort_by_key(rank);
        order
    }

    /// Reads one file as far as it goes now.
    fn visit(&mut self, number: usize, listed: &[Listed]) -> Result<(), Trouble> {
        if self.is_awaited(number, listed) {
            return Ok(());
        }
        let Some(tracked) = self.tracked.get_mut(number) else { return Ok(()) };
        let here = listed.iter().find(|file| file.part == tracked.part);
        let can_be_read = match here {
            Some(file) => !tracked.is_seen(file.state) && tracked.open()?,
            None => !tracked.place.done && is_reachable(tracked, &self.pattern)?,
        };
        if !can_be_read {
            return Ok(());
        }
        let Some(file) = tracked.file.take() else { return Ok(()) };
        let away = tracked.looks_away >= AWAY_LOOKS;
        let turn = match tracked.turn(&file)? {
            Turn::StartAgain => {
                info!("{} was cut or written anew: it is read from its start", tracked.place.path);
                tracked.place = Place::start(&tracked.place.path);
                Turn::ReadOn
            }
            Turn::Rest if away => Turn::ReadOn,
            turn => turn,
        };
        let outcome = match turn {
            Turn::ReadOn if tracked.place.done => tracked.rest(&file).map_err(Trouble::from),
            Turn::ReadOn => self.read(number, &file, away || !self.follow),
            _ => Ok(()),
        };
        let open = self.tracked.iter().filter(|tracked| tracked.file.is_some()).count();
        if let Some(tracked) = self.tracked.get_mut(number) {
            if outcome.is_err() {
                tracked.wake();
            }
            let keeps = !tracked.place.done && open < OPEN_FILES_MAX;
            tracked.file = keeps.then_some(file);
        }
        outcome
    }

    /// Whether a file waits for the one that had its name before to be finished.
    fn is_awaited(&self, number: usize, listed: &[Listed]) -> bool {
        let Some(file) = self.tracked.get(number) else { return false };
        let is_before = |other: &Tracked| {
            other.part != file.part
                && other.place.path == file.place.path
                && !other.place.done
                && listed.iter().all(|listed| listed.part != other.part)
        };
        file.place.offset == 0 && self.tracked.iter().any(is_before)
    }

    /// Reads from a file's place to its end; `last` says that no more will come.
    fn read(&mut self, number: usize, file: &File, last: bool) -> Result<(), Trouble> {
        let Some(tracked) = self.tracked.get_mut(number) else { return Ok(()) };
        let path = tracked.place.path.clone();
        // Noted before the end is seen, so that what comes then is not overlooked.
        tracked.rest(file)?;
        let mut at = tracked.place.offset;
        let begun = at;
        let line = tracked.place.line;
        let known = tracked.order.take();
        let order = match at > 0 && known.is_none() {
            true => self.named_order(&path, file)?,
            false => known,
        };
        self.reader.resume(&path, (at, line), order);
        loop {
            let read = read_at(file, &mut self.buffer, at, &path)?;
            let bytes = self.buffer.get(..read).unwrap_or_default();
            if let Some(error) = compressed(Path::new(&path), bytes).filter(|_| at == 0) {
                return Err(error.into());
            }
            at += read as u64;
            self.reader.push(bytes);
            while self.reader.read(read == 0 && last)? {
                self.take(number, file, false)?;
                self.feed.well(SourceState::Reading, self.place());
            }
            if self.feed.is_stopped() {
                return Err(Trouble::Ended);
            }
            if read == 0 {
                break;
            }
        }
        if last || self.reader.place().0 > begun {
            self.take(number, file, last)?;
        }
        if let Some(tracked) = self.tracked.get_mut(number) {
            tracked.order = self.reader.order().cloned();
        }
        Ok(())
    }

    /// Where a file that is read on has its columns: its header is read again.
    fn named_order(&mut self, path: &str, file: &File) -> Result<Option<Arc<Order>>, Trouble> {
        self.reader.resume(path, (0, 1), None);
        let mut at = 0;
        loop {
            let bytes = self.buffer.get_mut(..HEADER_READ_BYTES).unwrap_or_default();
            let read = read_at(file, bytes, at, path)?;
            at += read as u64;
            self.reader.push(self.buffer.get(..read).unwrap_or_default());
            // A file that was emptied meanwhile has no header; the next look finds that.
            if self.reader.read_header(read == 0)? || read == 0 {
                break;
            }
        }
        Ok(self.reader.order().cloned())
    }

    /// Hands over what was read, with the place behind it.
    fn take(&mut self, number: usize, file: &File, done: bool) -> Result<(), Trouble> {
        let Some(tracked) = self.tracked.get_mut(number) else { return Ok(()) };
        let (offset, line) = self.reader.place();
        let (rows, rejected) = self.reader.take()?;
        // Where the file was cut meanwhile, the next look finds that it has another mark.
        let mark = Mark::of(file, offset).unwrap_or_default();
        let place = Place { offset, line, mark, done, ..tracked.place.clone() };
        let positions = vec![(tracked.part.clone(), place.write()?)];
        tracked.place = place;
        let origin = tracked.place.path.clone();
        Ok(self.feed.commit(Batch { rows, rejected, origin, positions })?)
    }
}

fn read_at(file: &File, bytes: &mut [u8], at: u64, path: &str) -> sql::Result<usize> {
    loop {
        match file.read_at(bytes, at) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            read => return read.map_err(|error| unreadable(Path::new(path), &error)),
        }
    }
}

/// Whether a file whose name was taken away can still be read: because it is open, or is
/// found under another name. It is not searched for at every look.
fn is_reachable(tracked: &mut Tracked, pattern: &Pattern) -> sql::Result<bool> {
    if tracked.file.is_some() {
        return Ok(true);
    }
    if tracked.looks_away != 1 && tracked.looks_away != AWAY_LOOKS {
        return Ok(false);
    }
    if let Some(path) = find(pattern, &tracked.part) {
        return tracked.open_at(Path::new(&path));
    }
    if tracked.looks_away == AWAY_LOOKS {
        info!("{} is gone; what was not read of it is lost", tracked.place.path);
        tracked.place.done = true;
    }
    Ok(false)
}
