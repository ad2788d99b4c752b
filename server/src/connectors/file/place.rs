//! How far a file has been read: what is committed with its rows.
use serde::{Deserialize, Serialize};

use super::mark::Mark;

const VERSION: u32 = 1;

/// The place in a file behind the last row that was taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Place {
    pub(super) version: u32,
    /// The file's path when it was last seen.
    pub(super) path: String,
    /// The byte at which the next record begins.
    pub(super) offset: u64,
    /// The line on which it begins, counted from 1.
    pub(super) line: u64,
    /// What stands before it.
    pub(super) mark: Mark,
    /// Whether the file was read whole, and is not looked at again.
    pub(super) done: bool,
}

impl Place {
    /// The start of a file.
    pub(super) fn start(path: &str) -> Self {
        let (version, mark) = (VERSION, Mark::default());
        Self { version, path: path.to_owned(), offset: 0, line: 1, mark, done: false }
    }

    /// As bytes for the engine.
    pub(super) fn write(&self) -> sql::Result<Vec<u8>> {
        serde_json::to_vec(self).map_err(|error| sql::Error::internal(error.to_string()))
    }

    /// From bytes.
    pub(super) fn read(bytes: &[u8]) -> sql::Result<Self> {
        let corrupt = |detail: String| {
            sql::Error::new("XX001", "the position of a file cannot be read").with_detail(detail)
        };
        let place: Self =
            serde_json::from_slice(bytes).map_err(|error| corrupt(error.to_string()))?;
        match place.version {
            VERSION => Ok(place),
            other => Err(corrupt(format!("It has version {other}."))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_reads_back_and_half_of_one_does_not() {
        let place = Place { offset: u64::MAX, line: 7, ..Place::start("/a \"b\".csv") };
        let bytes = place.write().unwrap();
        assert_eq!(Place::read(&bytes).unwrap(), place);
        for cut in 0..bytes.len() {
            assert_eq!(Place::read(&bytes[..cut]).unwrap_err().code(), "XX001");
        }
    }
}
