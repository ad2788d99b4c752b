//! The tables of the records, and the statements on them.
//!
//! A rollback journal and full synchronisation: a commit that returned is in the file
//! itself, and no journal is left whose rot could undo it. SQLite has no checksums, so
//! each row carries its own, over all its columns; the file's structure is checked when
//! it is opened.
use crate::memory::already_pending;
use crate::{Error, ErrorKind, Record, RecordChange, RecordTransaction, Result};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, SqliteConnection, query, query_as, query_scalar, raw_sql};
use std::ops::Range;
use std::path::PathBuf;

/// The version of the tables, kept in the file's header.
const VERSION: i64 = 1;

const TABLES: &str = "
    create table last_id (
        id integer not null,
        checksum integer not null
    );
    create table record (
        id integer primary key,
        kind text not null,
        name text not null,
        definition text not null,
        checksum integer not null
    );
    create table pending (
        id integer primary key,
        changes integer not null,
        checksum integer not null
    );
    create table change (
        pending integer not null,
        position integer not null,
        id integer not null,
        kind text,
        name text,
        definition text,
        checksum integer not null,
        primary key (pending, position)
    ) without rowid;
    pragma user_version = 1;
";

/// A row of `record`, and of `change` behind its position.
type Columns = (i64, Option<String>, Option<String>, Option<String>, i64);

/// An open file of records.
pub(super) struct Database {
    path: PathBuf,
    connection: SqliteConnection,
}

impl Database {
    pub(super) async fn open(path: PathBuf) -> Result<Self> {
        let options = SqliteConnectOptions::new()
            .filename(&path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Truncate)
            .synchronous(SqliteSynchronous::Full)
            .disable_statement_logging();
        let connection = options.connect().await.map_err(|error| failure(&path, &error))?;
        let mut database = Self { path, connection };
        let prepared = database.prepare().await;
        database.named(prepared)?;
        Ok(database)
    }

    pub(super) async fn close(self) {
        // Every commit was synced; nothing depends on a close in good order.
        let _ = self.connection.close().await;
    }

    /// Makes the tables in a new file, checks those of an old one.
    async fn prepare(&mut self) -> sqlx::Result<std::result::Result<(), Error>> {
        let check: String =
            query_scalar("pragma quick_check(1)").fetch_one(&mut self.connection).await?;
        if check != "ok" {
            return Ok(Err(self.corrupt(&check)));
        }
        let version: i64 =
            query_scalar("pragma user_version").fetch_one(&mut self.connection).await?;
        let tables: i64 = query_scalar("select count(*) from sqlite_schema")
            .fetch_one(&mut self.connection)
            .await?;
        if version == 0 && tables == 0 {
            let mut transaction = self.connection.begin().await?;
            raw_sql(TABLES).execute(&mut *transaction).await?;
            transaction.commit().await?;
        } else if version != VERSION {
            return Ok(Err(Error::invalid(format!(
                "file \"{}\" has format {version}, which this version of tidemill cannot read",
                self.path.display()
            ))));
        }
        Ok(Ok(()))
    }

    /// Makes `count` ids durable as used, and gives them out.
    pub(super) async fn reserve(&mut self, count: u64) -> Result<Range<u64>> {
        let reserved = self.try_reserve(count as i64).await;
        self.named(reserved)
    }

    async fn try_reserve(&mut self, count: i64) -> sqlx::Result<Result<Range<u64>>> {
        let mut transaction = self.connection.begin().await?;
        let last: Option<(i64, i64)> =
            query_as("select id, checksum from last_id").fetch_optional(&mut *transaction).await?;
        let (id, checksum) = last.unwrap_or((0, number_checksum(&[0])));
        if checksum != number_checksum(&[id]) || id < 0 || id > i64::MAX - count {
            drop(transaction);
            return Ok(Err(self.corrupt("the last id does not match its checksum")));
        }
        query("delete from last_id").execute(&mut *transaction).await?;
        query("insert into last_id (id, checksum) values (?, ?)")
            .bind(id + count)
            .bind(number_checksum(&[id + count]))
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(Ok(id as u64 + 1..(id + count) as u64 + 1))
    }

    /// Writes a transaction as pending.
    pub(super) async fn stage(&mut self, staged: &RecordTransaction) -> Result<()> {
        let id = column(staged.transaction)?;
        for change in &staged.changes {
            column(match change {
                RecordChange::Put(record) => record.id,
                RecordChange::Remove(id) => *id,
            })?;
        }
        let result = self.try_stage(id, staged).await;
        self.named(result)
    }

    async fn try_stage(&mut self, id: i64, staged: &RecordTransaction) -> sqlx::Result<Result<()>> {
        let mut transaction = self.connection.begin().await?;
        let known: i64 = query_scalar("select count(*) from pending where id = ?")
            .bind(id)
            .fetch_one(&mut *transaction)
            .await?;
        if known > 0 {
            return Ok(Err(already_pending(staged.transaction)));
        }
        let count = staged.changes.len() as i64;
        query("insert into pending (id, changes, checksum) values (?, ?, ?)")
            .bind(id)
            .bind(count)
            .bind(number_checksum(&[id, count]))
            .execute(&mut *transaction)
            .await?;
        for (position, change) in staged.changes.iter().enumerate() {
            let (object, record) = match change {
                RecordChange::Put(record) => (record.id as i64, Some(record)),
                RecordChange::Remove(id) => (*id as i64, None),
            };
            let kind = record.map(|record| record.kind.as_str());
            let name = record.map(|record| record.name.as_str());
            let text = record.map(|record| record.text.as_str());
            query(
                "insert into change (pending, position, id, kind, name, definition, checksum)
                 values (?, ?, ?, ?, ?, ?, ?)",
            )
            .bind(id)
            .bind(position as i64)
            .bind(object)
            .bind(kind)
            .bind(name)
            .bind(text)
            .bind(row_checksum(object, [kind, name, text]))
            .execute(&mut *transaction)
            .await?;
        }
        transaction.commit().await?;
        Ok(Ok(()))
    }

    /// Makes a pending transaction live, or forgets it.
    pub(super) async fn settle(&mut self, transaction: u64, live: bool) -> Result<()> {
        let id = column(transaction)?;
        let pending = self.pending().await?;
        let Some(found) = pending.into_iter().find(|found| found.transaction == transaction) else {
            return Ok(());
        };
        let changes = if live { found.changes } else { Vec::new() };
        let result = self.try_settle(id, &changes).await;
        self.named(result.map(Ok))
    }

    async fn try_settle(&mut self, id: i64, changes: &[RecordChange]) -> sqlx::Result<()> {
        let mut transaction = self.connection.begin().await?;
        for change in changes {
            match change {
                RecordChange::Put(record) => {
                    let texts = [&record.kind, &record.name, &record.text];
                    query(
                        "insert or replace into record (id, kind, name, definition, checksum)
                         values (?, ?, ?, ?, ?)",
                    )
                    .bind(record.id as i64)
                    .bind(&record.kind)
                    .bind(&record.name)
                    .bind(&record.text)
                    .bind(row_checksum(record.id as i64, texts.map(|text| Some(text.as_str()))))
                    .execute(&mut *transaction)
                    .await?;
                }
                RecordChange::Remove(object) => {
                    query("delete from record where id = ?")
                        .bind(*object as i64)
                        .execute(&mut *transaction)
                        .await?;
                }
            }
        }
        for statement in
            ["delete from change where pending = ?", "delete from pending where id = ?"]
        {
            query(statement).bind(id).execute(&mut *transaction).await?;
        }
        transaction.commit().await
    }

    /// All live records, by id.
    pub(super) async fn live(&mut self) -> Result<Vec<Record>> {
        let rows: sqlx::Result<Vec<Columns>> =
            query_as("select id, kind, name, definition, checksum from record order by id")
                .fetch_all(&mut self.connection)
                .await;
        let rows = self.named(rows.map(Ok))?;
        rows.into_iter()
            .map(|row| match self.change(row)? {
                RecordChange::Put(record) => Ok(record),
                RecordChange::Remove(id) => Err(self.corrupt(&format!("record {id} is empty"))),
            })
            .collect()
    }

    /// All pending transactions, by id.
    pub(super) async fn pending(&mut self) -> Result<Vec<RecordTransaction>> {
        let found: sqlx::Result<Vec<(i64, i64, i64)>> =
            query_as("select id, changes, checksum from pending order by id")
                .fetch_all(&mut self.connection)
                .await;
        let mut transactions = Vec::new();
        for (id, count, checksum) in self.named(found.map(Ok))? {
            let rows: sqlx::Result<Vec<Columns>> = query_as(
                "select id, kind, name, definition, checksum from change
                 where pending = ? order by position",
            )
            .bind(id)
            .fetch_all(&mut self.connection)
            .await;
            let rows = self.named(rows.map(Ok))?;
            if checksum != number_checksum(&[id, count]) || rows.len() as i64 != count {
                return Err(self.corrupt(&format!("transaction {id} is not as it was staged")));
            }
            let changes =
                rows.into_iter().map(|row| self.change(row)).collect::<Result<Vec<_>>>()?;
            transactions.push(RecordTransaction { transaction: id as u64, changes });
        }
        Ok(transactions)
    }

    /// What a row says, if it says what was written.
    fn change(&self, row: Columns) -> Result<RecordChange> {
        let (id, kind, name, text, checksum) = row;
        if row_checksum(id, [kind.as_deref(), name.as_deref(), text.as_deref()]) != checksum {
            return Err(self.corrupt(&format!("record {id} does not match its checksum")));
        }
        let id = id as u64;
        Ok(match (kind, name, text) {
            (Some(kind), Some(name), Some(text)) => {
                RecordChange::Put(Record { id, kind, name, text })
            }
            _ => RecordChange::Remove(id),
        })
    }

    fn corrupt(&self, what: &str) -> Error {
        Error::corrupt(format!("file \"{}\" is corrupt: {what}", self.path.display()))
    }

    /// The driver's errors as ours, with the file's name.
    fn named<T>(&self, result: sqlx::Result<Result<T>>) -> Result<T> {
        result.map_err(|error| failure(&self.path, &error))?
    }
}

/// A number as SQLite can hold it.
fn column(number: u64) -> Result<i64> {
    i64::try_from(number).map_err(|_| Error::invalid(format!("id {number} is too large")))
}

fn number_checksum(numbers: &[i64]) -> i64 {
    let bytes: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
    i64::from(crc32c::crc32c(&bytes))
}

/// The checksum of a row: of its id, and of each text with its length or its absence.
fn row_checksum(id: i64, texts: [Option<&str>; 3]) -> i64 {
    let mut checksum = crc32c::crc32c(&id.to_le_bytes());
    for text in texts {
        let length = text.map_or(u64::MAX, |text| text.len() as u64);
        checksum = crc32c::crc32c_append(checksum, &length.to_le_bytes());
        checksum = crc32c::crc32c_append(checksum, text.unwrap_or_default().as_bytes());
    }
    i64::from(checksum)
}

fn failure(path: &std::path::Path, error: &sqlx::Error) -> Error {
    let kind = match error {
        sqlx::Error::Database(database) => {
            // The low byte is SQLite's primary code: https://sqlite.org/rescode.html
            match database.code().and_then(|code| code.parse::<u32>().ok()).map(|code| code & 0xff)
            {
                Some(11 | 26) => ErrorKind::Corrupt,
                Some(5 | 6 | 7 | 10 | 13) => ErrorKind::Unavailable,
                Some(3 | 8 | 14) => ErrorKind::Invalid,
                _ => ErrorKind::Internal,
            }
        }
        sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => ErrorKind::Corrupt,
        sqlx::Error::Io(_) => ErrorKind::Unavailable,
        _ => ErrorKind::Internal,
    };
    Error::new(kind, format!("records in \"{}\": {error}", path.display()))
}
