//! Text, names and plans: from a statement to an engine plan or an answer.
mod asked;
pub mod binder;
mod cancel;
pub mod catalog;
pub mod connectors;
mod database;
mod decorrelate;
mod error;
pub mod functions;
pub mod parser;
pub mod plan;
mod prepared;
pub mod read;
pub mod response;
mod session;
pub mod settings;
mod sources;
pub mod statement;
mod timer;
mod transaction;
pub mod types;

pub use cancel::Cancel;
pub use database::{Database, DatabaseOptions};
pub use datafusion::common::ScalarValue;
pub use error::{Error, Result, Subject};
pub use parser::Parsed;
pub use prepared::Prepared;
pub use response::{Notice, OutputColumn, Response, Rows, Severity, Tag, TransactionStatus};
pub use session::{STATEMENTS_MAX, Session, SessionOptions};
pub use sources::{SourceState, SourceStatus, Sources};
pub use transaction::{SAVEPOINTS_MAX, TRANSACTION_BYTES_MAX};

#[cfg(test)]
mod tests;
