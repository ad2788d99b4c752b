//! A session: the whole product, one statement after the other.
//!
//! A door parses what it is sent, prepares each statement, executes it, and reads the
//! [`Response`]; it translates protocols and decides nothing. A session runs one
//! statement at a time; only [`Cancel`] reaches it from elsewhere. Futures need no
//! particular runtime.
use std::collections::HashMap;
use std::sync::Arc;

use datafusion::common::ScalarValue;

use crate::asked::Asked;
use crate::cancel::Cancel;
use crate::catalog::Catalog;
use crate::catalog::system::Reader;
use crate::database::Database;
use crate::parser::Parsed;
use crate::prepared::{Prepared, Under};
use crate::response::{Notice, Poison, Response, TransactionStatus};
use crate::settings::{Settings, Span};
use crate::statement::action::bind;
use crate::statement::copy::CopyIn;
use crate::statement::cursor::Cursor;
use crate::statement::definer::{environment, with_names};
use crate::statement::names::SessionNames;
use crate::transaction::{Origin, Transaction};
use crate::types::{TextStyle, Type};
use crate::{Error, Result, binder};

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
    pub(crate) database: Arc<Database>,
    pub(crate) options: SessionOptions,
    pub(crate) settings: Settings,
    pub(crate) transaction: Option<Transaction>,
    /// Whether statements outside a block share a transaction now.
    pub(crate) implicit: bool,
    /// By name: those of PREPARE and those of the wire's Parse.
    pub(crate) statements: HashMap<String, Prepared>,
    pub(crate) cursors: HashMap<String, Cursor>,
    pub(crate) notices: Vec<Notice>,
    pub(crate) cancel: Cancel,
    pub(crate) asked: Arc<Asked>,
    /// Set by what outlives its statement in the block under way.
    pub(crate) poison: Poison,
    reported: HashMap<&'static str, String>,
    /// The settings as they were when the client was told last.
    told: Option<Settings>,
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
        let asked = Arc::new(Asked::new(Arc::clone(&database.clock)));
        Ok(Self {
            database,
            options,
            settings,
            transaction: None,
            implicit: false,
            statements: HashMap::new(),
            cursors: HashMap::new(),
            notices: vec![],
            cancel: Cancel::default(),
            asked,
            poison: Poison::default(),
            reported: HashMap::new(),
            told: None,
        })
    }

    /// The statements of a text; none where it holds only space and comments.
    pub fn parse(text: &str) -> Result<Vec<Parsed>> {
        crate::parser::parse(text)
    }

    /// Binds a statement without running it. `given` has the parameters' types as far as the
    /// client says them, [`Type::Unknown`] where it does not. An error fails the block.
    pub async fn prepare(&mut self, parsed: &Parsed, given: &[Type]) -> Result<Prepared> {
        let prepared = self.bind(parsed, given);
        if prepared.is_err() {
            self.fail();
        }
        prepared
    }

    /// Runs a prepared statement. There must be one value for each of its parameters, of that
    /// parameter's Arrow type. An error fails the block the session is in.
    pub async fn execute(
        &mut self,
        prepared: &Prepared,
        parameters: Vec<ScalarValue>,
    ) -> Result<Response> {
        let response = self.execute_one(prepared, parameters).await;
        if response.is_err() {
            self.fail();
        }
        response
    }

    /// Prepares and executes a statement without parameters.
    pub async fn run(&mut self, parsed: &Parsed) -> Result<Response> {
        let prepared = self.prepare(parsed, &[]).await?;
        if !prepared.parameters().is_empty() {
            self.fail();
            return Err(Error::new("42P02", "there is no parameter $1"));
        }
        self.execute(&prepared, vec![]).await
    }

    /// Ends a COPY … FROM STDIN whose data are complete; gives its tag.
    pub async fn finish_copy(&mut self, copy: CopyIn) -> Result<String> {
        let tag = self.end_copy(copy).await;
        if tag.is_err() {
            self.fail();
        }
        tag
    }

    /// Ends a COPY … FROM STDIN that the client gave up, for the reason it gave; gives the
    /// error to tell it.
    pub async fn fail_copy(&mut self, copy: CopyIn, reason: &str) -> Error {
        let error = copy.given_up(reason).await;
        self.fail();
        error
    }

    /// From here to [`Session::end_implicit`] statements outside a block share one
    /// transaction: those of one simple query, or those before one Sync.
    pub fn begin_implicit(&mut self) {
        self.implicit = true;
    }

    /// Commits what was done since [`Session::begin_implicit`] outside a block, or takes it
    /// back if a statement failed.
    pub async fn end_implicit(&mut self) -> Result<()> {
        self.implicit = false;
        match &self.transaction {
            Some(transaction) if transaction.origin == Origin::Implicit => {
                if transaction.failed || self.poison.take() {
                    self.roll_back(false);
                    return Ok(());
                }
                self.commit(false).await
            }
            _ => Ok(()),
        }
    }

    /// Marks the block as failed: a statement, or the door, met an error.
    pub fn fail(&mut self) {
        self.asked.take_settings();
        if let Some(transaction) = &mut self.transaction {
            transaction.failed = true;
        }
    }

    /// Where the session stands.
    pub fn transaction_status(&self) -> TransactionStatus {
        match &self.transaction {
            Some(block) if block.origin != Origin::Block => TransactionStatus::Idle,
            Some(block) if block.failed || self.poison.is_set() => TransactionStatus::Failed,
            Some(_) => TransactionStatus::Block,
            None => TransactionStatus::Idle,
        }
    }

    /// The handle that stops what the session runs.
    pub fn cancel(&self) -> Cancel {
        self.cancel.clone()
    }

    /// Gives the session the number by which clients know it: `pg_backend_pid()`.
    pub fn set_process(&self, process: i32) {
        self.asked.set_process(process);
    }

    /// Makes the settings that functions asked for in statements before.
    pub(crate) fn settle(&mut self) -> Result<()> {
        for (name, value, span) in self.asked.take_settings() {
            if span == Span::Session || self.in_block() {
                self.settings.set(&name, &value, span)?;
            }
        }
        Ok(())
    }

    /// What was said beside the answers since the last call.
    pub fn take_notices(&mut self) -> Vec<Notice> {
        std::mem::take(&mut self.notices)
    }

    /// The settings of which the client is to be told: on the first call all of them, then
    /// those that have changed.
    pub fn take_reports(&mut self) -> Vec<(&'static str, String)> {
        // A function checks the value that it asks for.
        let _ = self.settle();
        if self.told.as_ref().is_some_and(|told| told.is(&self.settings)) {
            return vec![];
        }
        self.told = Some(self.settings.clone());
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

    /// The database.
    pub fn database(&self) -> &Arc<Database> {
        &self.database
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

    /// Whether statements are part of something larger: a block, or one text's statements.
    pub(crate) fn in_block(&self) -> bool {
        self.transaction.as_ref().is_some_and(|t| t.origin == Origin::Block) || self.implicit
    }

    /// The catalog that the next statement would see.
    pub(crate) fn catalog_now(&self) -> Arc<Catalog> {
        let staged = self.transaction.as_ref().and_then(Transaction::staged);
        staged.map_or_else(|| self.database.catalog(), |staged| Arc::clone(staged.reading()))
    }

    /// What a statement would be bound under now.
    pub(crate) fn under(&self, catalog: Arc<Catalog>) -> Under {
        Under::new(catalog, &self.settings)
    }

    /// The session as a reader of a catalog.
    pub(crate) fn reader(&self, catalog: Arc<Catalog>) -> Arc<Reader> {
        Arc::new(Reader {
            catalog,
            user: self.options.user.clone(),
            search_path: self.settings.search_path(&self.options.user),
            settings: self.settings.clone(),
            engine: Some(self.database.engine().clone()),
            asked: Arc::clone(&self.asked),
        })
    }

    /// What the binder must know of the session.
    pub(crate) fn environment(&self, reader: Arc<Reader>) -> binder::Environment {
        with_names(environment(&self.settings, &self.options.user, Some(self.now())), reader)
    }

    /// When the transaction under way began, or the next one would.
    fn now(&self) -> i64 {
        let begun = self.transaction.as_ref().map(|transaction| transaction.started_at);
        begun.unwrap_or_else(|| self.database.clock.now())
    }

    /// How values of these types are written and read as text.
    pub fn style<'a>(&self, types: impl Iterator<Item = &'a Type>) -> TextStyle {
        let mut style = TextStyle::in_zone(self.settings.zone());
        for ty in types {
            if ty.reads_clock() && style.now.is_none() {
                style.now = Some(self.now());
            }
            if ty.is_name_of_oid() && style.names.is_none() {
                style.names = Some(self.reader(self.catalog_now()));
            }
        }
        style
    }

    pub(crate) fn bind(&mut self, parsed: &Parsed, given: &[Type]) -> Result<Prepared> {
        self.settle()?;
        self.refuse_after_failure(&parsed.statement)?;
        let under = self.under(self.catalog_now());
        self.bind_under(parsed, given, under)
    }

    /// Binds a statement over a given catalog.
    pub(crate) fn bind_under(
        &self,
        parsed: &Parsed,
        given: &[Type],
        under: Under,
    ) -> Result<Prepared> {
        let reader = self.reader(Arc::clone(&under.catalog));
        let names = SessionNames::new(Arc::clone(&reader));
        let environment = self.environment(reader);
        let mut bound = bind(&parsed.statement, &names, &environment, given)?;
        let mut under = under;
        under.settings = names.reads_settings().then(|| self.settings.clone());
        if bound.columns.is_none() {
            bound.columns = self.columns_by_name(&parsed.statement)?;
        }
        Ok(Prepared::new(parsed.clone(), bound, under))
    }
}
