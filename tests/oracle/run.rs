//! Runs a case on both databases, and says where they differ.
use std::collections::BTreeMap;
use std::path::PathBuf;

use tidemill_tests::{Postgres, Server, scratch};
use tokio_postgres::Client;

use crate::answer::{self, Outcome, code, execute, rows, same};
use crate::canonical::Looks;
use crate::case::{Case, Step};
use crate::reference;

/// Of a session with PostgreSQL.
const SETTINGS: &str = "SET TIME ZONE 'UTC'; SET client_min_messages = warning; SET jit = off; \
                        SET statement_timeout = '20s'";

/// How many threads share large changes, by turns.
const WORKERS: [&str; 3] = ["1", "2", "4"];

/// Tidemill and PostgreSQL side by side.
pub struct Pair {
    postgres: Postgres,
    theirs: Client,
    server: Server,
    ours: Client,
    data: PathBuf,
    cases: usize,
    restarts: usize,
    /// What was done and what was not.
    pub counts: Counts,
}

/// What was compared.
#[derive(Debug, Default)]
pub struct Counts {
    /// Views with their SELECT run from scratch.
    pub views: usize,
    /// Views with rows or groups that fail, and the error relation.
    pub failing: usize,
    /// SELECTs that Tidemill itself ran once.
    pub selects: usize,
    /// What Tidemill refused as not supported, and how often.
    pub skipped: BTreeMap<String, usize>,
}

/// A view as both have it.
struct View {
    name: String,
    query: String,
    looks: Looks,
}

impl Pair {
    pub async fn start() -> Self {
        let postgres = Postgres::start();
        let theirs = postgres.connect().await;
        theirs.batch_execute(include_str!("reference.sql")).await.expect("the reference is made");
        theirs.batch_execute(SETTINGS).await.expect("settings are set");
        let data = scratch("oracle");
        let server = Server::start(&data, &[]);
        let ours = server.connect().await;
        let counts = Counts::default();
        Self { postgres, theirs, server, ours, data, cases: 0, restarts: 0, counts }
    }

    /// Runs a case in a schema of its own. `Err` says how the two differ.
    pub async fn run(&mut self, case: &Case) -> Result<(), String> {
        self.cases += 1;
        let schema = format!("case_{}", self.cases);
        if self.ours.is_closed() {
            self.restart("public").await;
        }
        // A case that ended within a COPY may have left the connection in the middle of it.
        if self.theirs.batch_execute("ROLLBACK; DELETE FROM oracle.failures").await.is_err() {
            self.theirs = self.postgres.connect().await;
            let anew = format!("{SETTINGS}; DELETE FROM oracle.failures");
            self.theirs.batch_execute(&anew).await.expect("settings are set");
        }
        self.both(&format!("CREATE SCHEMA {schema}; SET search_path = {schema}")).await;
        let first = format!("SET search_path = {schema}, oracle, pg_catalog");
        self.theirs.batch_execute(&first).await.expect("a setting is set");
        let outcome = self.steps(case, &schema).await;
        self.both(&format!("ROLLBACK; DROP SCHEMA {schema} CASCADE")).await;
        outcome
    }

    async fn steps(&mut self, case: &Case, schema: &str) -> Result<(), String> {
        let mut views: Vec<View> = vec![];
        for step in &case.steps {
            self.step(step, schema, &mut views).await?;
            for view in &views {
                let compared = self.compare(view).await;
                if !compared.map_err(|found| format!("{found}\nafter {step}"))? {
                    return Ok(());
                }
            }
            self.compare_failures(schema)
                .await
                .map_err(|found| format!("{found}\nafter {step}"))?;
        }
        for view in &views {
            self.compare_select(view).await?;
        }
        Ok(())
    }

    async fn step(
        &mut self,
        step: &Step,
        schema: &str,
        views: &mut Vec<View>,
    ) -> Result<(), String> {
        match step {
            Step::Restart => self.restart(schema).await,
            Step::Load(load) => {
                let ours = answer::load(&self.ours, load).await;
                same(&step.to_string(), &ours, &answer::load(&self.theirs, load).await)?;
            }
            Step::View(name, query) | Step::Replace(name, query) => {
                let ours = execute(&self.ours, &step.ours()[0]).await;
                if let Err(refused) = &ours
                    && code(refused) == "0A000"
                {
                    let refused = refused.split('\n').next().unwrap_or_default().to_owned();
                    *self.counts.skipped.entry(refused).or_default() += 1;
                    return Ok(());
                }
                let theirs = self.define(name, query, &step.theirs()).await;
                // Which of two errors in a query is named first is of no account.
                if ours.is_ok() || theirs.is_ok() {
                    same(&step.to_string(), &ours, &theirs)?;
                }
                if ours.is_ok() {
                    let looks = looks(query, views);
                    views.retain(|view| view.name != *name);
                    views.push(View { name: name.clone(), query: query.clone(), looks });
                }
            }
            Step::Drop(name) => {
                self.statements(step).await?;
                let _ = self.theirs.batch_execute(&reference::forget(name)).await;
                views.retain(|view| view.name != *name);
            }
            Step::Stream(..) | Step::Same(_) | Step::Block(_) => self.statements(step).await?,
        }
        Ok(())
    }

    async fn define(&self, name: &str, query: &str, statements: &[String]) -> Outcome {
        for statement in statements {
            execute(&self.theirs, statement).await?;
        }
        let _ = self.theirs.batch_execute(&reference::forget(name)).await;
        if let Some(base) = reference::prepare(name, query) {
            execute(&self.theirs, &base).await?;
        }
        Ok(0)
    }

    async fn statements(&self, step: &Step) -> Result<(), String> {
        for (ours, theirs) in step.ours().iter().zip(&step.theirs()) {
            let outcome = execute(&self.ours, ours).await;
            same(ours, &outcome, &execute(&self.theirs, theirs).await)?;
        }
        Ok(())
    }

    /// Whether it could be compared.
    async fn compare(&mut self, view: &View) -> Result<bool, String> {
        let View { name, query, looks } = view;
        let fill = reference::fill(name, query).join("; ");
        let filled = execute(&self.theirs, &fill).await;
        if let Err(error) = &filled
            && code(error) == "57014"
        {
            let reason = "the rest of a case that takes PostgreSQL too long";
            *self.counts.skipped.entry(reason.into()).or_default() += 1;
            return Ok(false);
        }
        filled.map_err(|error| format!("PostgreSQL on {name}: {error}"))?;
        let query = format!("SELECT * FROM {name}");
        let ours = rows(&self.ours, &query, *looks).await;
        let ours = ours.map_err(|error| format!("{name}: {error}"))?;
        let theirs = rows(&self.theirs, &query, *looks).await;
        self.counts.views += 1;
        answer::equal(name, &ours, &theirs?)?;
        Ok(true)
    }

    /// The error relation holds just what was left out.
    async fn compare_failures(&mut self, schema: &str) -> Result<(), String> {
        let query = "SELECT view, code, count(*) FROM oracle.failures GROUP BY 1, 2";
        let theirs = rows(&self.theirs, query, Looks::Count).await?;
        let query = format!(
            "SELECT relation, sqlstate, count(*) FROM tidemill.errors WHERE schema = '{schema}' \
             GROUP BY 1, 2"
        );
        let ours = rows(&self.ours, &query, Looks::Count).await?;
        self.counts.failing += theirs.len();
        answer::equal("tidemill.errors", &ours, &theirs)
    }

    /// The view's query, run once by Tidemill: as the view, or an error where rows fail.
    async fn compare_select(&mut self, view: &View) -> Result<(), String> {
        let View { name, query, looks } = view;
        let ours = rows(&self.ours, query, *looks).await;
        let codes = format!("SELECT code FROM oracle.failures WHERE view = '{name}'");
        let codes = rows(&self.theirs, &codes, Looks::Count).await?;
        let theirs = rows(&self.theirs, &format!("SELECT * FROM {name}"), *looks).await;
        self.counts.selects += 1;
        match (ours, codes.is_empty()) {
            (Ok(ours), true) => answer::equal(&format!("{name} run once"), &ours, &theirs?),
            (Err(error), false)
                if codes
                    .iter()
                    .any(|row| row.first().and_then(Option::as_deref) == Some(code(&error))) =>
            {
                Ok(())
            }
            (ours, _) => {
                let ours = ours.map(|rows| rows.len());
                Err(format!("{name} run once: {ours:?}, while these fail: {codes:?}\n{query}"))
            }
        }
    }

    async fn restart(&mut self, schema: &str) {
        let workers = WORKERS[self.restarts % WORKERS.len()];
        self.restarts += 1;
        self.server.kill();
        self.server = Server::start(&self.data, &["--workers", workers]);
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

/// Whether one value may stand for another that is equal, here or in a view below.
fn looks(query: &str, views: &[View]) -> Looks {
    let words = [
        "GROUP BY",
        "group*/",
        "DISTINCT",
        "UNION SELECT",
        "LIMIT",
        "row_number",
        "sum(",
        "avg(",
        "min(",
        "max(",
    ];
    let below = |view: &&View| {
        let reads = |word: &str| word == view.name;
        query.split(|c: char| !c.is_alphanumeric() && c != '_').any(reads)
    };
    let own = words.iter().any(|word| query.contains(word));
    let arbitrary = |view: &View| view.looks == Looks::Arbitrary;
    match own || views.iter().filter(below).any(arbitrary) {
        true => Looks::Arbitrary,
        false => Looks::Count,
    }
}
