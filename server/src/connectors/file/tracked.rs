//! A file that is being read, under whichever name.
use std::fs::{File, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::Arc;

use super::listing::unreadable;
use super::mark::{Mark, identity};
use super::place::Place;
use crate::connectors::format::Order;

/// One file, known by what it is rather than how it is called.
pub(super) struct Tracked {
    pub(super) part: String,
    pub(super) place: Place,
    /// Kept open, so that a file that is renamed or deleted can be read to its end.
    pub(super) file: Option<File>,
    /// Where it has its columns, if it was read since the start.
    pub(super) order: Option<Arc<Order>>,
    /// Its state when it was last read to its end.
    seen: Option<State>,
    /// Looks in a row in which its name was another file's, or no file's.
    pub(super) looks_away: u32,
}

/// What is to be done with a file now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// It is as it was when it was read to its end.
    Rest,
    /// Read on from its place.
    ReadOn,
    /// What was read is not in it any more: it is another file under the same number.
    StartAgain,
}

impl Tracked {
    /// A file at a place.
    pub(super) fn new(part: String, place: Place) -> Self {
        Self { part, place, file: None, order: None, seen: None, looks_away: 0 }
    }

    /// Opens it by its path, unless it is open: `false` if the path is another file's by now.
    pub(super) fn open(&mut self) -> sql::Result<bool> {
        if self.file.is_some() {
            return Ok(true);
        }
        let path = self.place.path.clone();
        self.open_at(Path::new(&path))
    }

    /// Opens it by another path than it is known by.
    pub(super) fn open_at(&mut self, path: &Path) -> sql::Result<bool> {
        let file = File::open(path).map_err(|error| unreadable(path, &error))?;
        let about = file.metadata().map_err(|error| unreadable(path, &error))?;
        let same = identity(&about) == self.part;
        self.file = same.then_some(file);
        Ok(same)
    }

    /// What is to be done with it, once it is open.
    pub(super) fn turn(&self, file: &File) -> sql::Result<Turn> {
        let failed = |error| unreadable(Path::new(&self.place.path), &error);
        let about = file.metadata().map_err(failed)?;
        if self.seen == Some(state(&about)) {
            return Ok(Turn::Rest);
        }
        let Place { offset, mark, .. } = self.place;
        if about.len() < offset {
            return Ok(Turn::StartAgain);
        }
        match Mark::of(file, offset) {
            Ok(found) if found == mark || offset == 0 => Ok(Turn::ReadOn),
            Ok(_) => Ok(Turn::StartAgain),
            // Cut shorter between the two looks.
            Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => Ok(Turn::StartAgain),
            Err(error) => Err(failed(error)),
        }
    }

    /// Whether `other` has the same content as far as this file was read.
    pub(super) fn is_copied_in(&self, other: &Path) -> bool {
        let Ok(file) = File::open(other) else { return false };
        Mark::of(&file, self.place.offset).is_ok_and(|mark| mark == self.place.mark)
    }

    /// Notes that it is read as far as it goes now.
    pub(super) fn rest(&mut self, file: &File) -> sql::Result<()> {
        let about = file.metadata();
        let about = about.map_err(|error| unreadable(Path::new(&self.place.path), &error))?;
        self.seen = Some(state(&about));
        Ok(())
    }

    /// Looks at it again even if it does not change.
    pub(super) fn wake(&mut self) {
        self.seen = None;
    }

    /// Whether it was read as far as it goes in this state.
    pub(super) fn is_seen(&self, state: State) -> bool {
        self.seen == Some(state)
    }
}

/// A file's size and the time of its last change.
pub(super) type State = (u64, i64, i64);

/// The state of a file.
pub(super) fn state(about: &Metadata) -> State {
    (about.len(), about.mtime(), about.mtime_nsec())
}
