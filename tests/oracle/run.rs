//! Runs a case on both databases, and says where they differ.
use std::collections::BTreeMap;
use std::path::PathBuf;

use tidemill_tests::{Postgres, Server, scratch};
use tokio_postgres::{Client, Error, SimpleQueryMessage};

use crate::case::{Case, Step};

/// Tidemill and PostgreSQL side by side.
pub struct Pair {
    postgres: Postgres,
    theirs: Client,
    server: Server,
    ours: Client,
    data: PathBuf,
    comparisons: usize,
    cases: usize,
    skipped: BTreeMap<String, usize>,
}

type Row = Vec<Option<String>>;

impl Pair {
    pub async fn start() -> Self {
        let postgres = Postgres::start();
        let theirs = postgres.connect().await;
        let data = scratch("oracle");
        let server = Server::start(&data, &[]);
        let ours = server.connect().await;
        let skipped = BTreeMap::new();
        Self { postgres, theirs, server, ours, data, comparisons: 0, cases: 0, skipped }
    }

    /// How many views were compared.
    pub fn comparisons(&self) -> usize {
        self.comparisons
    }

    /// What Tidemill refused as not supported, and how often.
    pub fn skipped(&self) -> &BTreeMap<String, usize> {
        &self.skipped
    }

    /// Runs a case in a schema of its own. `Err` says how the two differ.
    pub async fn run(&mut self, case: &Case) -> Result<(), String> {
        self.cases += 1;
        let schema = format!("case_{}", self.cases);
        let begin = format!("CREATE SCHEMA {schema}; SET search_path = {schema}");
        self.both(&begin).await;
        let outcome = self.steps(case, &schema).await;
        self.both(&format!("ROLLBACK; DROP SCHEMA {schema} CASCADE")).await;
        outcome
    }

    async fn steps(&mut self, case: &Case, schema: &str) -> Result<(), String> {
        let mut views: Vec<String> = vec![];
        for step in &case.steps {
            if *step == Step::Restart {
                self.restart(schema).await;
            }
            if let (Some(ours), Some(theirs)) = (step.ours(), step.theirs()) {
                let ours = execute(&self.ours, &ours).await;
                if let (Step::View(_, query), Err(refused)) = (step, &ours)
                    && refused.starts_with("0A000")
                {
                    *self.skipped.entry(format!("{refused}: {query}")).or_default() += 1;
                    continue;
                }
                let theirs = execute(&self.theirs, &theirs).await;
                same(step, &ours, &theirs)?;
                if let (Step::View(name, _), Ok(_)) = (step, ours) {
                    views.push(name.clone());
                }
            }
            for view in &views {
                self.compare(view).await.map_err(|found| format!("{found}\nafter {step:?}"))?;
            }
        }
        Ok(())
    }

    async fn compare(&mut self, view: &str) -> Result<(), String> {
        let query = format!("SELECT * FROM {view}");
        let ours = rows(&self.ours, &query).await.map_err(|error| format!("{view}: {error}"))?;
        let theirs = rows(&self.theirs, &query).await;
        let theirs = theirs.map_err(|error| format!("PostgreSQL on {view}: {error}"))?;
        self.comparisons += 1;
        if ours == theirs {
            return Ok(());
        }
        let only = |these: &[Row], those: &[Row]| {
            let mut those = those.to_vec();
            let mut left = vec![];
            for row in these {
                match those.iter().position(|other| other == row) {
                    Some(found) => drop(those.remove(found)),
                    None => left.push(row.clone()),
                }
            }
            left
        };
        let (extra, missing) = (only(&ours, &theirs), only(&theirs, &ours));
        Err(format!(
            "{view} differs\n  only Tidemill has {extra:?}\n  only PostgreSQL has {missing:?}"
        ))
    }

    async fn restart(&mut self, schema: &str) {
        self.server.kill();
        self.server = Server::start(&self.data, &[]);
        self.ours = self.server.connect().await;
        let set = format!("SET search_path = {schema}");
        self.ours.batch_execute(&set).await.expect("a setting is set");
    }

    /// Housekeeping, which may fail on either side without meaning.
    async fn both(&mut self, text: &str) {
        for statement in text.split(';') {
            let _ = self.ours.batch_execute(statement).await;
            let _ = self.theirs.batch_execute(statement).await;
        }
    }
}

impl Drop for Pair {
    fn drop(&mut self) {
        self.server.kill();
        let _ = std::fs::remove_dir_all(&self.data);
        let _ = &self.postgres;
    }
}

/// Both did the same number of rows, or both refused with the same SQLSTATE.
fn same(
    step: &Step,
    ours: &Result<u64, String>,
    theirs: &Result<u64, String>,
) -> Result<(), String> {
    let code = |refused: &String| refused.split(' ').next().unwrap_or_default().to_owned();
    match (ours, theirs) {
        (Ok(ours), Ok(theirs)) if ours == theirs => Ok(()),
        (Err(ours), Err(theirs)) if code(ours) == code(theirs) => Ok(()),
        _ => Err(format!("{step:?}\n  Tidemill: {ours:?}\n  PostgreSQL: {theirs:?}")),
    }
}

async fn execute(client: &Client, statement: &str) -> Result<u64, String> {
    let mut count = 0;
    for message in client.simple_query(statement).await.map_err(|error| text(&error))? {
        if let SimpleQueryMessage::CommandComplete(rows) = message {
            count = rows;
        }
    }
    Ok(count)
}

async fn rows(client: &Client, query: &str) -> Result<Vec<Row>, String> {
    let mut rows = vec![];
    for message in client.simple_query(query).await.map_err(|error| text(&error))? {
        if let SimpleQueryMessage::Row(row) = message {
            rows.push((0..row.len()).map(|n| row.get(n).map(canonical)).collect());
        }
    }
    rows.sort();
    Ok(rows)
}

/// The same text for equal values: PostgreSQL writes a numeric with as many digits as its
/// computation had, which are not part of its value.
fn canonical(text: &str) -> String {
    // Equal to 0: which of the two stands for a group is arbitrary there, always 0 here.
    if text == "-0" {
        return "0".into();
    }
    let digits = text.strip_prefix('-').unwrap_or(text);
    let numeric = digits.contains('.') && digits.chars().all(|c| c.is_ascii_digit() || c == '.');
    if !numeric {
        return text.to_owned();
    }
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".into() } else { text.into() }
}

fn text(error: &Error) -> String {
    match error.as_db_error() {
        Some(error) => format!("{} {}", error.code().code(), error.message()),
        None => format!("XXXXX {error}"),
    }
}
