//! How each source fares, as whoever runs it has said.
//!
//! It is told, not stored: after a restart a source is new until its runner speaks.
use std::collections::BTreeMap;
use std::fmt;

use engine::plan::RelationId;
use parking_lot::Mutex;

use crate::Error;

/// What a source does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SourceState {
    /// Nobody runs it yet.
    #[default]
    Starting,
    /// Rows come in.
    Reading,
    /// All that is there has been read; more may come.
    Waiting,
    /// All that there will ever be has been read.
    Finished,
    /// It could not be read, and is tried again.
    Failing,
}

/// How a source fares.
#[derive(Clone, Debug, Default)]
pub struct SourceStatus {
    /// What it does.
    pub state: SourceState,
    /// Rows taken since the server's start.
    pub rows: u64,
    /// Rows since the server's start that went to the error relation.
    pub rejected: u64,
    /// Where it is, such as a file with its byte.
    pub place: Option<String>,
    /// Why it is failing.
    pub error: Option<Error>,
}

/// All sources that were heard of.
#[derive(Debug, Default)]
pub struct Sources(Mutex<BTreeMap<RelationId, SourceStatus>>);

impl Sources {
    /// Says how a source fares; `None` when it is gone.
    pub fn tell(&self, source: RelationId, status: Option<SourceStatus>) {
        match status {
            Some(status) => self.0.lock().insert(source, status),
            None => self.0.lock().remove(&source),
        };
    }

    /// How a source fares.
    pub fn status(&self, source: RelationId) -> SourceStatus {
        self.0.lock().get(&source).cloned().unwrap_or_default()
    }
}

impl fmt::Display for SourceState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            SourceState::Starting => "starting",
            SourceState::Reading => "reading",
            SourceState::Waiting => "waiting",
            SourceState::Finished => "finished",
            SourceState::Failing => "failing",
        })
    }
}
