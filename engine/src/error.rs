//! What can go wrong in the engine: few kinds, each with its SQLSTATE.
use std::fmt;

use datafusion_common::DataFusionError;
use datafusion_common::arrow::array::RecordBatch;
use datafusion_common::arrow::error::ArrowError;

use crate::plan::RelationId;

/// What the caller can do about an [`Error`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The request or its data are wrong: correct them.
    Invalid,
    /// Not now: try again (a lost race, a full memory, a store that does not answer).
    Unavailable,
    /// A newer writer owns the store: stop.
    Fenced,
    /// What was read is not what was written: restore from a backup.
    Corrupt,
    /// A bug: report it.
    Internal,
}

/// An error with all that a client is told; kept behind one pointer, so that a
/// `Result` stays small on the hot path.
#[derive(Clone, Debug)]
pub struct Error(Box<Parts>);

#[derive(Clone, Debug)]
struct Parts {
    kind: ErrorKind,
    code: &'static str,
    message: String,
    detail: Option<String>,
    hint: Option<String>,
    object: Option<RelationId>,
    key: Option<RecordBatch>,
}

/// What every fallible function of this crate returns.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// An error of `kind` with the SQLSTATE `code`; `message` is lower-case, without a full stop.
    pub fn new(kind: ErrorKind, code: &'static str, message: impl Into<String>) -> Self {
        Self(Box::new(Parts {
            kind,
            code,
            message: message.into(),
            detail: None,
            hint: None,
            object: None,
            key: None,
        }))
    }

    /// Wrong data: `code` is of class 22 or 23.
    pub fn data(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Invalid, code, message)
    }

    /// A bug (XX000).
    pub fn internal(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Internal, "XX000", message)
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

    /// The same error, which is about this relation or index: `sql` knows its name.
    pub fn with_object(mut self, object: RelationId) -> Self {
        self.0.object = Some(object);
        self
    }

    /// The relation or index it is about.
    pub fn object(&self) -> Option<RelationId> {
        self.0.object
    }

    /// The same error, which is about this key: a row of the key's columns.
    pub fn with_key(mut self, key: RecordBatch) -> Self {
        self.0.key = Some(key);
        self
    }

    /// The key it is about: `sql` writes it as the columns' types are written.
    pub fn key(&self) -> Option<&RecordBatch> {
        self.0.key.as_ref()
    }

    /// What the caller can do.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// 54000: values that are handled in one piece have more bytes than a piece can.
    pub fn too_large() -> Self {
        Self::data("54000", "the rows are too large to be handled together")
            .with_detail("The values of a column come to more than 2 GiB.")
            .with_hint("Take fewer rows at a time.")
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
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl std::error::Error for Error {}

/// So that a function raised inside an expression keeps its SQLSTATE on its way out.
impl From<Error> for DataFusionError {
    fn from(error: Error) -> Self {
        DataFusionError::External(Box::new(error))
    }
}

impl From<DataFusionError> for Error {
    fn from(error: DataFusionError) -> Self {
        match error.find_root() {
            DataFusionError::External(inner) => match inner.downcast_ref::<Error>() {
                Some(own) => own.clone(),
                None => Error::internal(inner.to_string()),
            },
            DataFusionError::ArrowError(inner, _) => of_arrow(inner),
            DataFusionError::ResourcesExhausted(message) => {
                Error::new(ErrorKind::Unavailable, "53200", message.clone())
            }
            other => Error::internal(other.to_string()),
        }
    }
}

impl From<ArrowError> for Error {
    fn from(error: ArrowError) -> Self {
        of_arrow(&error)
    }
}

fn of_arrow(error: &ArrowError) -> Error {
    match error {
        ArrowError::DivideByZero => Error::data("22012", "division by zero"),
        ArrowError::ArithmeticOverflow(message) => {
            Error::data("22003", "value out of range").with_detail(message.clone())
        }
        ArrowError::OffsetOverflowError(_) => Error::too_large(),
        ArrowError::ExternalError(inner) => match inner.downcast_ref::<Error>() {
            Some(own) => own.clone(),
            None => match inner.downcast_ref::<DataFusionError>() {
                Some(DataFusionError::External(own)) => match own.downcast_ref::<Error>() {
                    Some(own) => own.clone(),
                    None => Error::internal(inner.to_string()),
                },
                _ => Error::internal(inner.to_string()),
            },
        },
        other => Error::internal(other.to_string()),
    }
}

impl From<storage::Error> for Error {
    fn from(error: storage::Error) -> Self {
        let (kind, code) = match error.kind() {
            storage::ErrorKind::Invalid => (ErrorKind::Invalid, "XX000"),
            storage::ErrorKind::Unavailable => (ErrorKind::Unavailable, "58030"),
            storage::ErrorKind::Fenced => (ErrorKind::Fenced, "57P01"),
            storage::ErrorKind::Corrupt => (ErrorKind::Corrupt, "XX001"),
            storage::ErrorKind::Internal => (ErrorKind::Internal, "XX000"),
        };
        Error::new(kind, code, error.message())
    }
}
