//! A case: statements in order, each either the same for both or a view to be compared.
use std::fmt;

/// One statement of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// A stream in Tidemill, a table in PostgreSQL: name and columns.
    Stream(String, String),
    /// A continuous view in Tidemill, a plain one in PostgreSQL: name and query.
    View(String, String),
    /// The same text for both.
    Same(String),
    /// Tidemill is killed and started again.
    Restart,
}

/// A script, after each of whose steps every view is compared.
#[derive(Clone, Debug, Default)]
pub struct Case {
    pub steps: Vec<Step>,
}

impl Case {
    /// Reads what [`fmt::Display`] writes: a statement a line.
    pub fn parse(text: &str) -> Self {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        Self { steps: lines.map(step).collect() }
    }
}

fn step(line: &str) -> Step {
    let line = line.trim_end_matches(';');
    if line == "-- restart" {
        return Step::Restart;
    }
    if let Some(rest) = line.strip_prefix("CREATE STREAM ") {
        let (name, columns) = rest.split_once(' ').expect("a name");
        return Step::Stream(name.into(), columns.into());
    }
    if let Some(rest) = line.strip_prefix("CREATE CONTINUOUS VIEW ") {
        let (name, query) = rest.split_once(" AS ").expect("a query");
        return Step::View(name.into(), query.into());
    }
    Step::Same(line.into())
}

impl Step {
    /// What Tidemill is sent.
    pub fn ours(&self) -> Option<String> {
        match self {
            Step::Stream(name, columns) => Some(format!("CREATE STREAM {name} {columns}")),
            Step::View(name, query) => Some(format!("CREATE CONTINUOUS VIEW {name} AS {query}")),
            Step::Same(text) => Some(text.clone()),
            Step::Restart => None,
        }
    }

    /// What PostgreSQL is sent.
    pub fn theirs(&self) -> Option<String> {
        match self {
            Step::Stream(name, columns) => Some(format!("CREATE TABLE {name} {columns}")),
            Step::View(name, query) => Some(format!("CREATE VIEW {name} AS {query}")),
            Step::Same(text) => Some(text.clone()),
            Step::Restart => None,
        }
    }
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for step in &self.steps {
            match step.ours() {
                Some(text) => writeln!(f, "{text};")?,
                None => writeln!(f, "-- restart")?,
            }
        }
        Ok(())
    }
}
