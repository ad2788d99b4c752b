//! Brings the demo's data in, through an ordinary session.
use sql::{Response, Session};

use super::data::{EVENTS, RECORDS, seconds};

/// Lines sent in one COPY at most, so that progress shows and memory stays small.
const COPY_LINES_MAX: usize = 20_000;

/// The events of one stream that are still to come.
pub(crate) struct Replay {
    stream: &'static str,
    lines: Vec<String>,
    next: usize,
}

/// Runs a script of statements.
pub(crate) async fn script(session: &mut Session, text: &str) -> Result<(), String> {
    for statement in Session::parse(text).map_err(|error| error.to_string())? {
        session.run(&statement).await.map_err(|error| format!("{error}: {}", statement.text))?;
    }
    Ok(())
}

/// Fills the tables that are empty.
pub(crate) async fn load_records(session: &mut Session) -> Result<(), String> {
    for records in &RECORDS {
        if count(session, records.table).await? == 0 {
            let into = format!("{} FROM STDIN (FORMAT csv, HEADER)", records.table);
            copy(session, &into, &records.text()?).await?;
        }
    }
    Ok(())
}

/// The events that the streams do not have yet: each stream holds a beginning of its file.
pub(crate) async fn replays(session: &mut Session) -> Result<Vec<Replay>, String> {
    let mut replays = vec![];
    for events in &EVENTS {
        let next = count(session, events.stream).await?;
        replays.push(Replay { stream: events.stream, lines: events.lines()?, next });
    }
    Ok(replays)
}

impl Replay {
    /// The time of the next event, in seconds; `None` when all have been sent.
    pub(crate) fn next_time(&self) -> Option<i64> {
        self.lines.get(self.next).and_then(|line| seconds(line))
    }

    /// How many were sent, and how many there are.
    pub(crate) fn progress(&self) -> (usize, usize) {
        (self.next, self.lines.len())
    }

    /// The stream's name.
    pub(crate) fn stream(&self) -> &'static str {
        self.stream
    }

    /// Sends the events up to `until`.
    pub(crate) async fn send(&mut self, session: &mut Session, until: i64) -> Result<(), String> {
        loop {
            let left = self.lines.get(self.next..).unwrap_or_default();
            let due = left.iter().take(COPY_LINES_MAX);
            let due = due.take_while(|line| seconds(line).is_none_or(|time| time <= until)).count();
            if due == 0 {
                return Ok(());
            }
            let text: String =
                left.iter().take(due).flat_map(|line| [line.as_str(), "\n"]).collect();
            copy(session, &format!("{} FROM STDIN (FORMAT csv)", self.stream), &text).await?;
            self.next += due;
        }
    }
}

async fn copy(session: &mut Session, into: &str, text: &str) -> Result<(), String> {
    let failed = |error: sql::Error| format!("COPY {into}: {error}");
    let statement = one(&format!("COPY {into}"))?;
    match session.run(&statement).await.map_err(failed)? {
        Response::CopyIn(mut copy) => {
            copy.push(text.as_bytes()).await.map_err(failed)?;
            session.finish_copy(*copy).await.map_err(failed)?;
            Ok(())
        }
        _ => Err(format!("COPY {into} asked for no data")),
    }
}

async fn count(session: &mut Session, relation: &str) -> Result<usize, String> {
    let statement = one(&format!("SELECT count(*) FROM {relation}"))?;
    let response = session.run(&statement).await.map_err(|error| error.to_string())?;
    let Response::Rows(mut rows) = response else { return Err("count(*) gave no row".into()) };
    let batch = rows.next().await.map_err(|error| error.to_string())?;
    let column = batch.as_ref().and_then(|batch| batch.columns().first());
    let counts =
        column.and_then(|column| column.as_any().downcast_ref::<arrow::array::Int64Array>());
    let count = counts.and_then(|counts| counts.iter().next().flatten());
    count
        .and_then(|count| usize::try_from(count).ok())
        .ok_or_else(|| "count(*) gave no number".into())
}

fn one(text: &str) -> Result<sql::Parsed, String> {
    let statements = Session::parse(text).map_err(|error| error.to_string())?;
    statements.into_iter().next().ok_or_else(|| "no statement".into())
}
