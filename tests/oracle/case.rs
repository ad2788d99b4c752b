//! A case: steps in order, each the same for both databases as far as their SQL allows.
use std::fmt;

use crate::load::Load;
use crate::windows;

/// One step of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// A stream in Tidemill, a table in PostgreSQL: name and columns.
    Stream(String, String),
    /// A continuous view in Tidemill, a table that is filled anew in PostgreSQL: name and query.
    View(String, String),
    /// Another query for a view.
    Replace(String, String),
    /// A view goes.
    Drop(String),
    /// The same text for both.
    Same(String),
    /// Statements of one block, `BEGIN` and its end among them.
    Block(Vec<String>),
    /// Many rows by COPY.
    Load(Load),
    /// Tidemill is killed and started again.
    Restart,
}

/// A script, after each of whose steps every view is compared.
#[derive(Clone, Debug, Default)]
pub struct Case {
    pub steps: Vec<Step>,
}

impl Case {
    /// Reads what [`fmt::Display`] writes: a step a line.
    pub fn parse(text: &str) -> Self {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        Self { steps: lines.map(step).collect() }
    }
}

fn step(line: &str) -> Step {
    let line = line.trim_end_matches(';');
    let pair = |rest: &str, at: &str| {
        let (name, rest) = rest.split_once(at).expect("two parts");
        (name.to_owned(), rest.to_owned())
    };
    if line == "-- restart" {
        return Step::Restart;
    }
    if let Some(rest) = line.strip_prefix("-- load ") {
        return Step::Load(Load::parse(rest));
    }
    if let Some(rest) = line.strip_prefix("CREATE STREAM ") {
        let (name, columns) = pair(rest, " ");
        return Step::Stream(name, columns);
    }
    if let Some(rest) = line.strip_prefix("CREATE CONTINUOUS VIEW ") {
        let (name, query) = pair(rest, " AS ");
        return Step::View(name, query);
    }
    if let Some(rest) = line.strip_prefix("CREATE OR REPLACE CONTINUOUS VIEW ") {
        let (name, query) = pair(rest, " AS ");
        return Step::Replace(name, query);
    }
    if let Some(name) = line.strip_prefix("DROP CONTINUOUS VIEW ") {
        return Step::Drop(name.into());
    }
    if line.starts_with("BEGIN") {
        return Step::Block(line.split("; ").map(str::to_owned).collect());
    }
    Step::Same(line.into())
}

impl Step {
    /// What Tidemill is sent.
    pub fn ours(&self) -> Vec<String> {
        match self {
            Step::Stream(name, columns) => vec![format!("CREATE STREAM {name} {columns}")],
            Step::View(name, query) => vec![format!("CREATE CONTINUOUS VIEW {name} AS {query}")],
            Step::Replace(name, query) => {
                vec![format!("CREATE OR REPLACE CONTINUOUS VIEW {name} AS {query}")]
            }
            Step::Drop(name) => vec![format!("DROP CONTINUOUS VIEW {name}")],
            Step::Same(text) => vec![text.clone()],
            Step::Block(statements) => statements.clone(),
            Step::Load(_) | Step::Restart => vec![],
        }
    }

    /// What PostgreSQL is sent.
    pub fn theirs(&self) -> Vec<String> {
        let table = |name: &str, query: &str| {
            format!("CREATE TABLE {name} AS {} WITH NO DATA", windows::plain(query))
        };
        match self {
            Step::Stream(name, columns) => vec![format!("CREATE TABLE {name} {columns}")],
            Step::View(name, query) => vec![table(name, query)],
            Step::Replace(name, query) => {
                // It is not there if Tidemill refused the first as not supported.
                vec![format!("DROP TABLE IF EXISTS {name}"), table(name, query)]
            }
            Step::Drop(name) => vec![format!("DROP TABLE {name}")],
            Step::Same(_) | Step::Block(_) | Step::Load(_) | Step::Restart => self.ours(),
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Step::Restart => write!(f, "-- restart"),
            Step::Load(load) => write!(f, "-- load {load}"),
            _ => write!(f, "{};", self.ours().join("; ")),
        }
    }
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.steps.iter().try_for_each(|step| writeln!(f, "{step}"))
    }
}
