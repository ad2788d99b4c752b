//! The catalog's records in a SQLite file.
mod database;
mod sqlite_records;

pub(crate) use sqlite_records::SqliteRecords;
