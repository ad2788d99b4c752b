//! Every query of a file as a continuous view, which must hold what the query answers.
//!
//! Once a view is created where its query stands, after the data; once as early as its
//! relations exist, so that the data come to it. What views do not accept is counted with
//! its reason.
use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use sqllogictest::{Condition, Connection, QueryExpect, Record, StatementExpect};

use crate::answer::Answer;
use crate::in_process::{Local, World};
use crate::script::records;

/// What became of the queries.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Queries whose view holds their answer.
    pub equal: usize,
    /// Queries inside a block, where a view cannot be made and read at once.
    pub in_block: usize,
    /// Refusals by reason, with one query for each.
    pub refused: BTreeMap<String, (usize, String)>,
    /// Views that held something else.
    pub wrong: Vec<String>,
    /// By line: the queries that views accept.
    accepted: Vec<u32>,
}

impl Tally {
    /// Adds what became of another file's.
    pub fn add(&mut self, other: &Self) {
        self.equal += other.equal;
        self.in_block += other.in_block;
        for (reason, (count, query)) in &other.refused {
            self.refused.entry(reason.clone()).or_insert((0, query.clone())).0 += count;
        }
        self.wrong.extend(other.wrong.iter().cloned());
    }

    fn refuse(&mut self, reason: String, query: &str) {
        self.refused.entry(reason).or_insert((0, query.to_owned())).0 += 1;
    }
}

/// A file being played with sessions by name.
struct Stage {
    world: World,
    sessions: HashMap<String, Local>,
    next: usize,
}

impl Stage {
    fn new() -> Self {
        Self { world: World::new(), sessions: HashMap::new(), next: 0 }
    }

    fn session(&mut self, connection: &Connection) -> &mut Local {
        let name = format!("{connection:?}");
        let world = &self.world;
        self.sessions.entry(name).or_insert_with(|| world.session())
    }

    /// Makes a view of a query; gives its name.
    fn create(&mut self, connection: &Connection, query: &str) -> Result<String, String> {
        let name = format!("slt_view_{}", self.next);
        self.next += 1;
        let query = query.trim().trim_end_matches(';');
        let session = self.session(connection);
        let create = |columns: &str| format!("CREATE CONTINUOUS VIEW {name}{columns} AS {query}");
        let mut made = session.answer(&create(""));
        // A view's columns have names of their own.
        if made.as_ref().is_err_and(|failure| failure.code == "42701")
            && let Ok(Answer::Rows(types, _)) = session.answer(query)
        {
            let names: Vec<String> = (1..=types.len()).map(|place| format!("c{place}")).collect();
            made = session.answer(&create(&format!(" ({})", names.join(", "))));
        }
        made.map(|_| name).map_err(|failure| reason(&failure.to_string()))
    }

    fn drop_view(&mut self, connection: &Connection, name: &str) {
        let _ = self.session(connection).answer(&format!("DROP CONTINUOUS VIEW {name} CASCADE"));
    }

    /// The rows of a view, sorted.
    fn rows(&mut self, connection: &Connection, name: &str) -> Result<Vec<String>, String> {
        match self.session(connection).answer(&format!("SELECT * FROM {name}")) {
            Ok(Answer::Rows(_, rows)) => Ok(sorted(rows)),
            Ok(Answer::Count(_)) => Err("no rows at all".to_owned()),
            Err(failure) => Err(failure.to_string()),
        }
    }
}

/// An error without the names in it.
fn reason(failure: &str) -> String {
    let mut out = String::new();
    for (place, part) in failure.split('"').enumerate() {
        out.push_str(if place % 2 == 0 { part } else { "…" });
    }
    out
}

fn sorted(mut rows: Vec<String>) -> Vec<String> {
    rows.sort_unstable();
    rows
}

/// Whether our sessions pass over a record.
fn is_skipped(conditions: &[Condition]) -> bool {
    conditions.iter().any(|condition| match condition {
        Condition::OnlyIf { label } => label != "tidemill",
        Condition::SkipIf { label } => label == "tidemill" || label == "views",
    })
}

/// Whether a query reads a relation and can stand in a view's definition.
fn is_candidate(query: &str) -> bool {
    let words = query.to_lowercase();
    let words: Vec<&str> = words.split_whitespace().collect();
    words.first().is_some_and(|word| ["select", "with", "(select", "table"].contains(word))
        && words.iter().any(|word| *word == "from" || *word == "table")
}

/// Plays a file; after each query that has rows, makes a view of it and compares.
pub fn created_after(file: &Path) -> Result<Tally, String> {
    let mut stage = Stage::new();
    let mut tally = Tally::default();
    for record in records(file)? {
        match record {
            Record::Halt { .. } => break,
            Record::Statement { conditions, connection, sql, .. } if !is_skipped(&conditions) => {
                let _ = stage.session(&connection).answer(&sql);
            }
            Record::Query {
                conditions,
                connection,
                sql,
                loc,
                expected: QueryExpect::Results { .. },
                ..
            } if !is_skipped(&conditions) => {
                let Ok(Answer::Rows(_, rows)) = stage.session(&connection).answer(&sql) else {
                    continue;
                };
                if !is_candidate(&sql) {
                    continue;
                }
                if stage.session(&connection).is_in_block() {
                    tally.in_block += 1;
                    continue;
                }
                match stage.create(&connection, &sql) {
                    Err(reason) => tally.refuse(reason, &sql),
                    Ok(name) => {
                        let got = stage.rows(&connection, &name);
                        compare(&mut tally, &format!("{loc}: after the data\n{sql}"), rows, got);
                        tally.accepted.push(loc.line());
                        stage.drop_view(&connection, &name);
                    }
                }
            }
            _ => {}
        }
    }
    Ok(tally)
}

fn compare(tally: &mut Tally, place: &str, rows: Vec<String>, got: Result<Vec<String>, String>) {
    let expected = sorted(rows);
    match got {
        Ok(got) if got == expected => tally.equal += 1,
        Ok(got) => tally.wrong.push(format!(
            "{place}\n--- the query answers\n{}\n--- the view holds\n{}\n",
            expected.join("\n"),
            got.join("\n")
        )),
        Err(failure) => {
            tally.wrong.push(format!("{place}\n--- the view cannot be read: {failure}"))
        }
    }
}

/// A query that will come, and the view that waits for it.
struct Waiting {
    line: u32,
    connection: Connection,
    sql: String,
    view: Option<String>,
}

/// Plays a file once more; the views that [`created_after`] found are made as soon as their
/// relations are there.
pub fn created_before(file: &Path, accepted: &Tally) -> Result<Tally, String> {
    let mut stage = Stage::new();
    let mut tally = Tally::default();
    let records = records(file)?;
    let mut waiting: Vec<Waiting> = vec![];
    for record in &records {
        if let Record::Query { connection, sql, loc, .. } = record
            && accepted.accepted.contains(&loc.line())
        {
            let (line, connection, sql) = (loc.line(), connection.clone(), sql.clone());
            waiting.push(Waiting { line, connection, sql, view: None });
        }
    }
    for record in records {
        match record {
            Record::Halt { .. } => break,
            Record::Statement { conditions, connection, sql, expected, .. }
                if !is_skipped(&conditions) =>
            {
                let fails = matches!(expected, StatementExpect::Error(_));
                statement(&mut stage, &mut waiting, (&connection, &sql), fails);
            }
            Record::Query { conditions, connection, sql, loc, .. } if !is_skipped(&conditions) => {
                let answer = stage.session(&connection).answer(&sql);
                let Some(place) = waiting.iter().position(|query| query.line == loc.line()) else {
                    continue;
                };
                let Waiting { view: Some(name), .. } = waiting.remove(place) else { continue };
                let Ok(Answer::Rows(_, rows)) = answer else { continue };
                let got = stage.rows(&connection, &name);
                compare(&mut tally, &format!("{loc}: before the data\n{sql}"), rows, got);
                stage.drop_view(&connection, &name);
            }
            _ => {}
        }
    }
    Ok(tally)
}

/// Runs a statement between the views, which stand in no statement's way, then makes those
/// that can be made now.
fn statement(
    stage: &mut Stage,
    waiting: &mut [Waiting],
    (connection, sql): (&Connection, &str),
    fails: bool,
) {
    let answer = stage.session(connection).answer(sql);
    if answer.as_ref().is_err_and(|failure| failure.code == "2BP01") {
        for query in waiting.iter_mut() {
            if let Some(name) = query.view.take() {
                stage.drop_view(&query.connection, &name);
            }
        }
        let _ = stage.session(connection).answer(sql);
    }
    let first = sql.split_whitespace().next().unwrap_or_default().to_lowercase();
    if ["set", "reset"].contains(&first.as_str()) {
        // A view keeps the settings that it was made under: it is made again.
        for query in waiting.iter_mut() {
            if let Some(name) = query.view.take() {
                stage.drop_view(&query.connection, &name);
            }
        }
    }
    if fails || !["create", "set", "reset", "drop", "commit", "end"].contains(&first.as_str()) {
        return;
    }
    for query in waiting.iter_mut().filter(|query| query.view.is_none()) {
        if !stage.session(&query.connection).is_in_block() {
            query.view = stage.create(&query.connection, &query.sql).ok();
        }
    }
}
