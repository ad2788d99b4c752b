//! A session: the whole product, one statement after the other.
//!
//! A door parses what it is sent, prepares each statement, executes it, and reads the
//! [`Response`]; it translates protocols and decides nothing. A session runs one
//! statement at a time; only [`Cancel`] reaches it from elsewhere. Futures need no
//! particular runtime.
use std::collections::HashMap;
use std::sync::Arc;

use datafusion::common::ScalarValue;

use crate::cancel::Cancel;
use crate::database::Database;
use crate::prepared::{Parsed, Prepared};
use crate::response::{Notice, Response, TransactionStatus};
use crate::settings::{Settings, Span};
use crate::statement::copy::CopyIn;
use crate::types::Type;
use crate::{Error, Result};

/// Who connects, and with what.
#[derive(Clone, Debug, Default)]
pub struct SessionOptions {
    /// The user's name.
    pub user: String,
    /// The database's name.
    pub database: String,
    /// Settings of the start-up packet, such as `application_name`.
    pub settings: Vec<(String, String)>,
}

/// One client's state.
pub struct Session {
    database: Arc<Database>,
    options: SessionOptions,
    settings: Settings,
    /// By name: those of PREPARE and those of the wire's Parse.
    statements: HashMap<String, Prepared>,
    notices: Vec<Notice>,
    reported: HashMap<&'static str, String>,
    cancel: Cancel,
}

/// The most named prepared statements of one session.
pub const STATEMENTS_MAX: usize = 10_000;

impl Session {
    pub(crate) fn new(database: Arc<Database>, options: SessionOptions) -> Result<Self> {
        let mut settings = Settings::default();
        for (name, value) in &options.settings {
            settings.set(name, value, Span::Start)?;
        }
        settings.set("session_authorization", &options.user, Span::Start)?;
        Ok(Self {
            database,
            options,
            settings,
            statements: HashMap::new(),
            notices: vec![],
            reported: HashMap::new(),
            cancel: Cancel::default(),
        })
    }

    /// The statements of a text; none where it holds only space and comments.
    pub fn parse(text: &str) -> Result<Vec<Parsed>> {
        let dialect = sqlparser::dialect::PostgreSqlDialect {};
        let statements = sqlparser::parser::Parser::parse_sql(&dialect, text);
        let statements = statements.map_err(|error| Error::new("42601", error.to_string()))?;
        let parsed = |statement: sqlparser::ast::Statement| {
            let text = statement.to_string();
            Parsed { statement, text }
        };
        Ok(statements.into_iter().map(parsed).collect())
    }

    /// Binds a statement without running it. `given` has the parameters' types as far as the
    /// client says them, [`Type::Unknown`] where it does not.
    pub async fn prepare(&mut self, parsed: &Parsed, given: &[Type]) -> Result<Prepared> {
        let _ = (parsed, given, &self.database);
        Err(Error::unsupported("this statement"))
    }

    /// Runs a prepared statement. There must be one value for each of its parameters, of that
    /// parameter's Arrow type. An error fails the block the session is in.
    pub async fn execute(
        &mut self,
        prepared: &Prepared,
        parameters: Vec<ScalarValue>,
    ) -> Result<Response> {
        let _ = (prepared, parameters);
        Err(Error::unsupported("this statement"))
    }

    /// Prepares and executes a statement without parameters.
    pub async fn run(&mut self, parsed: &Parsed) -> Result<Response> {
        let prepared = self.prepare(parsed, &[]).await?;
        self.execute(&prepared, vec![]).await
    }

    /// Ends a COPY … FROM STDIN whose data are complete; gives its tag.
    pub async fn finish_copy(&mut self, copy: CopyIn) -> Result<String> {
        let _ = copy;
        Err(Error::unsupported("COPY"))
    }

    /// Ends a COPY … FROM STDIN that the client gave up, for the reason it gave; gives the
    /// error to tell it.
    pub fn fail_copy(&mut self, copy: CopyIn, reason: &str) -> Error {
        drop(copy);
        self.fail();
        Error::new("57014", format!("COPY from stdin failed: {reason}"))
    }

    /// From here to [`Session::end_implicit`] statements outside a block share one
    /// transaction: those of one simple query, or those before one Sync.
    pub fn begin_implicit(&mut self) {}

    /// Commits what was done since [`Session::begin_implicit`] outside a block, or takes it
    /// back if a statement failed.
    pub async fn end_implicit(&mut self) -> Result<()> {
        Ok(())
    }

    /// Marks the block as failed: the door found an error that no statement met.
    pub fn fail(&mut self) {}

    /// Where the session stands.
    pub fn transaction_status(&self) -> TransactionStatus {
        TransactionStatus::Idle
    }

    /// The handle that stops what the session runs.
    pub fn cancel(&self) -> Cancel {
        self.cancel.clone()
    }

    /// What was said beside the answers since the last call.
    pub fn take_notices(&mut self) -> Vec<Notice> {
        std::mem::take(&mut self.notices)
    }

    /// The settings of which the client is to be told: on the first call all of them, then
    /// those that have changed.
    pub fn take_reports(&mut self) -> Vec<(&'static str, String)> {
        let mut changed = vec![];
        for (name, value) in self.settings.reported() {
            if self.reported.get(name).is_none_or(|told| told != value) {
                changed.push((name, value.to_owned()));
            }
        }
        self.reported.extend(changed.iter().cloned());
        changed
    }

    /// The settings.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Who is connected.
    pub fn options(&self) -> &SessionOptions {
        &self.options
    }

    /// Keeps a prepared statement under a name; 42P05 where the name is taken.
    pub fn store(&mut self, name: &str, prepared: Prepared) -> Result<()> {
        if self.statements.len() >= STATEMENTS_MAX {
            return Err(Error::new("53400", "too many prepared statements")
                .with_detail(format!("A session can have {STATEMENTS_MAX}."))
                .with_hint("Deallocate those that are not used any more."));
        }
        if self.statements.contains_key(name) {
            let message = format!("prepared statement \"{name}\" already exists");
            return Err(Error::new("42P05", message));
        }
        self.statements.insert(name.to_owned(), prepared);
        Ok(())
    }

    /// The prepared statement of this name; 26000 where there is none.
    pub fn statement(&self, name: &str) -> Result<Prepared> {
        self.statements.get(name).cloned().ok_or_else(|| {
            Error::new("26000", format!("prepared statement \"{name}\" does not exist"))
        })
    }

    /// Forgets a prepared statement; whether there was one.
    pub fn forget(&mut self, name: &str) -> bool {
        self.statements.remove(name).is_some()
    }
}
