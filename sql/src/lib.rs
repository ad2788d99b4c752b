//! Text, names and plans: from a statement to an engine plan or an answer.
pub mod binder;
mod cancel;
pub mod catalog;
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
pub mod statement;
pub mod types;

pub use cancel::Cancel;
pub use database::Database;
pub use error::{Error, Result};
pub use prepared::{Parsed, Prepared};
pub use response::{Notice, OutputColumn, Response, Rows, Severity, Tag, TransactionStatus};
pub use session::{STATEMENTS_MAX, Session, SessionOptions};
