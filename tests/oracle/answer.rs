//! What a database answers: rows, counts, refusals.
use bytes::Bytes;
use futures_util::SinkExt;
use tokio_postgres::{Client, Error, SimpleQueryMessage};

use crate::canonical::{Looks, canonical};
use crate::load::Load;

pub type Row = Vec<Option<String>>;

/// How many rows a statement did, or its SQLSTATE and message.
pub type Outcome = Result<u64, String>;

/// Runs a statement.
pub async fn execute(client: &Client, statement: &str) -> Outcome {
    let mut count = 0;
    for message in client.simple_query(statement).await.map_err(|error| text(&error))? {
        if let SimpleQueryMessage::CommandComplete(rows) = message {
            count = rows;
        }
    }
    Ok(count)
}

/// Loads rows by COPY.
pub async fn load(client: &Client, load: &Load) -> Outcome {
    let statement = format!("COPY {} FROM STDIN", load.relation);
    let sent = async {
        let sink = client.copy_in(&statement).await?;
        let mut sink = std::pin::pin!(sink);
        sink.send(Bytes::from(load.lines())).await?;
        sink.finish().await
    };
    sent.await.map_err(|error| text(&error))
}

/// The rows of a query, in an order of their own.
pub async fn rows(client: &Client, query: &str, looks: Looks) -> Result<Vec<Row>, String> {
    let mut rows = vec![];
    for message in client.simple_query(query).await.map_err(|error| text(&error))? {
        if let SimpleQueryMessage::Row(row) = message {
            let value = |n| row.get(n).map(|text| canonical(text, looks));
            rows.push((0..row.len()).map(value).collect());
        }
    }
    rows.sort();
    Ok(rows)
}

/// Both did the same number of rows, or both refused with the same SQLSTATE.
pub fn same(statement: &str, ours: &Outcome, theirs: &Outcome) -> Result<(), String> {
    match (ours, theirs) {
        (Ok(ours), Ok(theirs)) if ours == theirs => Ok(()),
        (Err(ours), Err(theirs)) if code(ours) == code(theirs) => Ok(()),
        _ => Err(format!("{statement}\n  Tidemill: {ours:?}\n  PostgreSQL: {theirs:?}")),
    }
}

/// Both have the same rows.
pub fn equal(what: &str, ours: &[Row], theirs: &[Row]) -> Result<(), String> {
    const SHOWN: usize = 8;
    if ours == theirs {
        return Ok(());
    }
    let (mut extra, mut missing) = (only(ours, theirs), only(theirs, ours));
    let counts = (extra.len(), missing.len());
    extra.truncate(SHOWN);
    missing.truncate(SHOWN);
    Err(format!(
        "{what} differs by {counts:?} rows\n  only Tidemill has {extra:?}\n  only PostgreSQL has \
         {missing:?}"
    ))
}

/// Sorted rows that the others have not.
fn only(these: &[Row], those: &[Row]) -> Vec<Row> {
    let mut those = those.iter().peekable();
    let mut left = vec![];
    for row in these {
        while those.next_if(|other| *other < row).is_some() {}
        if those.next_if(|other| *other == row).is_none() {
            left.push(row.clone());
        }
    }
    left
}

/// The SQLSTATE of a refusal.
pub fn code(refused: &str) -> &str {
    refused.split(' ').next().unwrap_or_default()
}

fn text(error: &Error) -> String {
    match error.as_db_error() {
        Some(error) => format!("{} {}", error.code().code(), error.message()),
        None => format!("XXXXX {error}"),
    }
}
