//! The one place that calls the API: scripts in, answers as text out.
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

use futures::executor::block_on;

use crate::types::{TextStyle, TextWriter};
use crate::*;

/// An open database in memory with its sessions by name; it can be opened again.
pub(super) struct World {
    stores: storage::Memory,
    options: DatabaseOptions,
    database: Arc<Database>,
    sessions: BTreeMap<String, Session>,
}

impl World {
    pub(super) fn new() -> Self {
        Self::with(DatabaseOptions::default())
    }

    pub(super) fn with(options: DatabaseOptions) -> Self {
        let stores = storage::Memory::new();
        let database = Database::open(stores.open(), options.clone()).unwrap();
        Self { stores, options, database, sessions: BTreeMap::new() }
    }

    /// Stops everything and opens the same stores again.
    pub(super) fn restart(&mut self) {
        self.sessions.clear();
        self.database.shutdown().unwrap();
        self.database = Database::open(self.stores.open(), self.options.clone()).unwrap();
    }

    pub(super) fn session(&mut self, name: &str) -> &mut Session {
        let database = &self.database;
        self.sessions.entry(name.to_owned()).or_insert_with(|| {
            let options = SessionOptions {
                user: "ada".to_owned(),
                database: "tidemill".to_owned(),
                settings: vec![],
            };
            database.session(options).unwrap()
        })
    }

    /// Runs a script: `@name` on a line of its own goes on in that session, `@restart`
    /// opens the database again. Each statement answers with its rows, then its tag.
    pub(super) fn run(&mut self, script: &str) -> String {
        let mut out = String::new();
        let mut name = "a".to_owned();
        let mut text = String::new();
        for line in script.lines().chain(["@end"]) {
            match line.trim().strip_prefix('@') {
                None => {
                    text.push_str(line);
                    text.push('\n');
                }
                Some(next) => {
                    self.run_text(&name, &std::mem::take(&mut text), &mut out);
                    if next == "restart" {
                        self.restart();
                    } else {
                        name = next.to_owned();
                    }
                }
            }
        }
        out
    }

    fn run_text(&mut self, name: &str, text: &str, out: &mut String) {
        let session = self.session(name);
        let statements = match Session::parse(text) {
            Ok(statements) => statements,
            Err(error) => return write_error(&error, out),
        };
        for parsed in statements {
            let answer = block_on(answer(session, &parsed, out));
            for notice in session.take_notices() {
                let word = notice.severity.word();
                writeln!(out, "{word}: {}", notice.content.message()).unwrap();
            }
            if let Err(error) = answer {
                write_error(&error, out);
            }
        }
    }
}

async fn answer(session: &mut Session, parsed: &Parsed, out: &mut String) -> Result<()> {
    match session.run(parsed).await? {
        Response::Rows(mut rows) => {
            let mut count = 0;
            let columns = Arc::clone(rows.columns());
            while let Some(batch) = rows.next().await? {
                count += batch.num_rows() as u64;
                write_rows(&columns, &batch, out);
            }
            writeln!(out, "{}", rows.tag().text(count)).unwrap();
        }
        Response::Done(tag) => writeln!(out, "{tag}").unwrap(),
        Response::Empty => writeln!(out, "empty").unwrap(),
        Response::CopyOut(mut copy) => {
            while let Some(piece) = copy.next().await? {
                out.push_str(&String::from_utf8(piece).unwrap());
            }
            writeln!(out, "{}", copy.tag()).unwrap();
        }
        Response::CopyIn(_) => writeln!(out, "copy in").unwrap(),
        Response::Subscribe(_) => writeln!(out, "subscribe").unwrap(),
    }
    Ok(())
}

pub(super) fn write_rows(
    columns: &[OutputColumn],
    batch: &arrow::array::RecordBatch,
    out: &mut String,
) {
    let style = TextStyle::default();
    let writers: Vec<TextWriter> = columns
        .iter()
        .zip(batch.columns())
        .map(|(column, array)| TextWriter::new(array, &column.ty, &style).unwrap())
        .collect();
    for row in 0..batch.num_rows() {
        let mut cells = vec![];
        for writer in &writers {
            let mut cell = vec![];
            if writer.is_null(row) {
                cell.extend_from_slice(b"~");
            } else {
                writer.write(row, &mut cell);
            }
            cells.push(String::from_utf8(cell).unwrap());
        }
        writeln!(out, "{}", cells.join("|")).unwrap();
    }
}

fn write_error(error: &Error, out: &mut String) {
    writeln!(out, "{} {}", error.code(), error.message()).unwrap();
}

/// Runs a script in a new database and compares what it answers, line by line.
#[track_caller]
pub(super) fn check(script: &str, expected: &str) {
    let got = World::new().run(script);
    compare(&got, expected);
}

#[track_caller]
pub(super) fn compare(got: &str, expected: &str) {
    let lines = |text: &str| {
        text.lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let (got, expected) = (lines(got), lines(expected));
    assert_eq!(
        got,
        expected,
        "\n--- got\n{}\n--- expected\n{}",
        got.join("\n"),
        expected.join("\n")
    );
}
