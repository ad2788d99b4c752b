//! An error as a client is told it: SQLSTATE, message, detail, hint, position.
use std::fmt;

use sqlparser::tokenizer::{Location, Span};

/// An error of a statement; kept behind one pointer.
#[derive(Clone, Debug)]
pub struct Error(Box<Parts>);

#[derive(Clone, Debug)]
struct Parts {
    code: &'static str,
    message: String,
    detail: Option<String>,
    hint: Option<String>,
    context: Option<String>,
    subject: Subject,
    place: Option<Location>,
}

/// What in the database an error is about, as drivers tell it beside the message: of a broken
/// constraint its name or its column. The type, which PostgreSQL tells of domains only, is not here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subject {
    /// The schema of the table.
    pub schema: Option<String>,
    /// The table, stream or view.
    pub table: Option<String>,
    /// A column of it.
    pub column: Option<String>,
    /// A constraint or unique index on it.
    pub constraint: Option<String>,
}

/// What every fallible function of this crate returns.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// An error with the SQLSTATE `code`; `message` is lower-case, without a full stop.
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self(Box::new(Parts {
            code,
            message: message.into(),
            detail: None,
            hint: None,
            context: None,
            subject: Subject::default(),
            place: None,
        }))
    }

    /// A clause that is not supported (0A000); say in the hint what to write instead.
    pub fn unsupported(what: impl fmt::Display) -> Self {
        Self::new("0A000", format!("{what} is not supported"))
    }

    /// A bug (XX000).
    pub fn internal(message: impl Into<String>) -> Self {
        Self::new("XX000", message)
    }

    /// The same error with a sentence of detail.
    pub fn with_detail(mut self, detail: impl Into<String>) -> Self {
        self.0.detail = Some(detail.into());
        self
    }

    /// The same error with a sentence on what to do.
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hint = Some(hint.into());
        self
    }

    /// The same error with where in the data it was found, such as `COPY t, line 3`.
    pub fn with_context(mut self, context: impl Into<String>) -> Self {
        self.0.context = Some(context.into());
        self
    }

    /// The same error, which is about this.
    pub fn with_subject(mut self, subject: Subject) -> Self {
        self.0.subject = subject;
        self
    }

    /// The same error at a place of the statement, unless it has one already or `span` is empty.
    pub fn at(mut self, span: Span) -> Self {
        if self.0.place.is_none() && span.start.line > 0 {
            self.0.place = Some(span.start);
        }
        self
    }

    /// The same error at the place of another.
    pub(crate) fn at_place_of(mut self, other: &Error) -> Self {
        self.0.place = other.0.place;
        self
    }

    /// The SQLSTATE.
    pub fn code(&self) -> &'static str {
        self.0.code
    }

    /// What was wrong.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// A sentence more.
    pub fn detail(&self) -> Option<&str> {
        self.0.detail.as_deref()
    }

    /// What to do.
    pub fn hint(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }

    /// Where in the data.
    pub fn context(&self) -> Option<&str> {
        self.0.context.as_deref()
    }

    /// What in the database it is about.
    pub fn subject(&self) -> &Subject {
        &self.0.subject
    }

    /// Where, as a character of `statement` counted from 1, as the wire wants it.
    pub fn position(&self, statement: &str) -> Option<usize> {
        let place = self.0.place?;
        let line = usize::try_from(place.line).ok()?.checked_sub(1)?;
        let column = usize::try_from(place.column).ok()?;
        let before: usize =
            statement.split_inclusive('\n').take(line).map(|line| line.chars().count()).sum();
        Some(before.saturating_add(column))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl std::error::Error for Error {}

impl From<engine::Error> for Error {
    fn from(error: engine::Error) -> Self {
        let mut own = Self::new(error.code(), error.message());
        own.0.detail = error.detail().map(str::to_owned);
        own.0.hint = error.hint().map(str::to_owned);
        own
    }
}

impl From<datafusion::error::DataFusionError> for Error {
    fn from(error: datafusion::error::DataFusionError) -> Self {
        engine::Error::from(error).into()
    }
}

impl From<arrow::error::ArrowError> for Error {
    fn from(error: arrow::error::ArrowError) -> Self {
        engine::Error::from(error).into()
    }
}

impl From<storage::Error> for Error {
    fn from(error: storage::Error) -> Self {
        engine::Error::from(error).into()
    }
}
