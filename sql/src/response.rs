//! The answer to a statement, as the doors pass it on.
//!
//! Nothing here borrows the session: rows can be read while the session waits, in pieces
//! (a portal), or not at all. What a stream of rows fails with also fails the block that
//! it was opened in.
use std::fmt::{self, Display};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use arrow::array::RecordBatch;
use engine::plan::RelationId;
use futures::StreamExt;
use futures::stream::BoxStream;

use crate::statement::copy::{CopyIn, CopyOut};
use crate::statement::subscribe::Changes;
use crate::types::Type;
use crate::{Error, Result};

/// What became of a statement.
pub enum Response {
    /// Rows, then a tag.
    Rows(Rows),
    /// No rows, only a tag, such as `CREATE TABLE` or `INSERT 0 3`.
    Done(String),
    /// The client is to send data: [`CopyIn::push`], then `Session::finish_copy`.
    CopyIn(Box<CopyIn>),
    /// Data for the client, then a tag.
    CopyOut(CopyOut),
    /// Changes of a view as they happen, without end.
    Subscribe(Changes),
    /// The statement was empty.
    Empty,
}

/// A column of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutputColumn {
    /// Its name; names may repeat.
    pub name: String,
    /// Its type.
    pub ty: Type,
    /// The stored column it is, if it is one: the relation and the column's number from 1.
    pub origin: Option<(RelationId, i16)>,
}

/// Rows that are read one batch at a time.
pub struct Rows {
    columns: Arc<[OutputColumn]>,
    batches: Batches,
    tag: Tag,
    poison: Option<Poison>,
}

/// Where rows come from.
enum Batches {
    There(std::vec::IntoIter<RecordBatch>),
    Coming(BoxStream<'static, Result<RecordBatch>>),
}

/// What is said when all rows were read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tag {
    /// A word and the number of rows sent, such as `SELECT 2` or `FETCH 2`.
    Counted(&'static str),
    /// A word alone, such as `SHOW`.
    Word(&'static str),
    /// The number of rows that were inserted.
    Insert(u64),
    /// The number of rows that were updated.
    Update(u64),
    /// The number of rows that were deleted.
    Delete(u64),
}

impl Tag {
    /// The tag's text when `rows` rows were sent.
    pub fn text(self, rows: u64) -> impl Display {
        fmt::from_fn(move |f| match self {
            Tag::Counted(word) => write!(f, "{word} {rows}"),
            Tag::Word(word) => f.write_str(word),
            Tag::Insert(count) => write!(f, "INSERT 0 {count}"),
            Tag::Update(count) => write!(f, "UPDATE {count}"),
            Tag::Delete(count) => write!(f, "DELETE {count}"),
        })
    }
}

impl Rows {
    /// Rows from a stream; batches have one column for each of `columns`, in its Arrow type.
    pub fn new(
        columns: Arc<[OutputColumn]>,
        batches: BoxStream<'static, Result<RecordBatch>>,
        tag: Tag,
    ) -> Self {
        Self { columns, batches: Batches::Coming(batches), tag, poison: None }
    }

    /// Rows that are there.
    pub fn ready(columns: Arc<[OutputColumn]>, batches: Vec<RecordBatch>, tag: Tag) -> Self {
        Self { columns, batches: Batches::There(batches.into_iter()), tag, poison: None }
    }

    /// The columns.
    pub fn columns(&self) -> &Arc<[OutputColumn]> {
        &self.columns
    }

    /// The next batch; `None` after the last. After an error there is nothing more.
    pub async fn next(&mut self) -> Result<Option<RecordBatch>> {
        let next = match &mut self.batches {
            Batches::There(batches) => return Ok(batches.next()),
            Batches::Coming(batches) => batches.next().await.transpose(),
        };
        if !matches!(next, Ok(Some(_))) {
            // A stream that has ended must not be asked again, its reader may ask.
            self.batches = Batches::There(vec![].into_iter());
        }
        if let (Err(_), Some(poison)) = (&next, &self.poison) {
            poison.set();
        }
        next
    }

    /// What to say after the last row.
    pub fn tag(&self) -> Tag {
        self.tag
    }

    /// The same rows; an error among them fails the block behind `poison`.
    pub(crate) fn poisoning(mut self, poison: Poison) -> Self {
        self.poison = Some(poison);
        self
    }
}

/// Whether something that outlives its statement has failed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Poison(Arc<AtomicBool>);

impl Poison {
    pub(crate) fn set(&self) {
        self.0.store(true, Ordering::Release);
    }

    /// Whether it was set since the last call.
    pub(crate) fn take(&self) -> bool {
        self.0.swap(false, Ordering::AcqRel)
    }

    pub(crate) fn is_set(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// How much a notice matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// NOTICE
    Notice,
    /// WARNING
    Warning,
    /// INFO
    Info,
}

impl Severity {
    /// The word on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Severity::Notice => "NOTICE",
            Severity::Warning => "WARNING",
            Severity::Info => "INFO",
        }
    }
}

/// Something said beside the answer.
#[derive(Clone, Debug)]
pub struct Notice {
    /// How much it matters.
    pub severity: Severity,
    /// SQLSTATE, message, detail and hint.
    pub content: Error,
}

impl Notice {
    /// A NOTICE (00000).
    pub fn new(message: impl Into<String>) -> Self {
        Self { severity: Severity::Notice, content: Error::new("00000", message) }
    }

    /// A WARNING with its SQLSTATE.
    pub fn warning(code: &'static str, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, content: Error::new(code, message) }
    }
}

/// Where a session stands, as ReadyForQuery says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransactionStatus {
    /// In no block (I).
    Idle,
    /// In a block (T).
    Block,
    /// In a block that has failed (E).
    Failed,
}
