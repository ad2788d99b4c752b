//! What a statement answers, as text.
use std::fmt;

use sqllogictest::DBOutput;

use crate::letter::Letter;

/// Stands for NULL.
const NULL: &str = "NULL";

/// Stands between the columns of a row.
const SEPARATOR: &str = "|";

/// The answer of the last statement of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Rows, each as one line.
    Rows(Vec<Letter>, Vec<String>),
    /// How many rows were changed.
    Count(u64),
}

impl Answer {
    /// A row as one line; an empty text is said, so that no line is empty.
    pub fn line<'a>(cells: impl Iterator<Item = Option<&'a str>>) -> String {
        let cells: Vec<String> = cells
            .map(|cell| match cell {
                None => NULL.to_owned(),
                Some("") => "(empty)".to_owned(),
                Some(text) => text.replace('\\', "\\\\").replace('\n', "\\n").replace('\r', "\\r"),
            })
            .collect();
        if cells.is_empty() { "(no columns)".to_owned() } else { cells.join(SEPARATOR) }
    }

    /// As the runner wants it: a row is one cell there.
    pub fn output(self) -> DBOutput<Letter> {
        match self {
            Answer::Rows(types, lines) => {
                DBOutput::Rows { types, rows: lines.into_iter().map(|line| vec![line]).collect() }
            }
            Answer::Count(count) => DBOutput::StatementComplete(count),
        }
    }
}

/// An error as records expect it: `22012: division by zero`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// SQLSTATE
    pub code: String,
    /// The message.
    pub message: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

impl std::error::Error for Failure {}

impl From<sql::Error> for Failure {
    fn from(error: sql::Error) -> Self {
        Self { code: error.code().to_owned(), message: error.message().to_owned() }
    }
}

impl From<tokio_postgres::Error> for Failure {
    fn from(error: tokio_postgres::Error) -> Self {
        match error.as_db_error() {
            Some(told) => {
                Self { code: told.code().code().to_owned(), message: told.message().to_owned() }
            }
            None => Self { code: "?????".to_owned(), message: format!("{error:?}") },
        }
    }
}
