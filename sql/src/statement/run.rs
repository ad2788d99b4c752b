//! How a session runs a statement: in its block, or as a transaction of its own.
use std::cell::LazyCell;
use std::sync::Arc;

use datafusion::common::ScalarValue;
use sqlparser::ast;

use super::action::Action;
use super::block::Control;
use super::definer::{Definer, Definitions};
use super::delete::truncate;
use super::drop::{Drop, Kind};
use super::work::{Work, value_of};
use super::write::Written;
use super::{
    create_index, create_schema, create_source, create_stream, create_table, create_view, drop,
    explain, refresh, show, subscribe,
};
use crate::cancel::Running;
use crate::catalog::RelationKind;
use crate::parser::{ObjectKind, Statement};
use crate::prepared::Prepared;
use crate::response::{OutputColumn, Response};
use crate::session::Session;
use crate::timer::Deadline;
use crate::transaction::{Origin, Transaction};
use crate::{Error, Result};

/// How often a statement that lost a race is run again.
pub const RETRIES_MAX: usize = 100;

/// What a statement has to say before its changes are committed.
pub(crate) enum Outcome {
    Answer(Response),
    Written(Written),
}

impl Outcome {
    fn done(tag: &str) -> Self {
        Outcome::Answer(Response::Done(tag.to_owned()))
    }
}

/// How a statement is stopped.
struct Stop {
    running: Running,
    deadline: Option<Arc<Deadline>>,
}

impl Session {
    /// Runs one statement, whatever it is.
    pub(crate) async fn execute_one(
        &mut self,
        prepared: &Prepared,
        parameters: Vec<ScalarValue>,
    ) -> Result<Response> {
        if self.poison.take() {
            self.fail();
        }
        self.settle()?;
        self.refuse_after_failure(prepared.statement())?;
        if let Some(control) = Control::of(prepared.statement()) {
            return Ok(Response::Done(self.control(control).await?.to_owned()));
        }
        if let Some(tag) = self.run_set(prepared.statement())? {
            return Ok(Response::Done(tag.to_owned()));
        }
        if prepared.parameters().len() != parameters.len() {
            let (given, needed) = (parameters.len(), prepared.parameters().len());
            let message = format!(
                "bind message supplies {given} parameters, but prepared statement requires {needed}"
            );
            return Err(Error::new("08P01", message));
        }
        if let Some(response) = self.answer_point(prepared, &parameters)? {
            return Ok(response);
        }
        let stop = self.begin_statement();
        if let Some(response) = self.run_by_name(prepared, &parameters).await? {
            return Ok(response);
        }
        self.enter_implicit();
        match self.transaction.take() {
            Some(mut transaction) => {
                transaction.used = true;
                let ran = self.run_in(&mut transaction, prepared, (&parameters, &stop)).await;
                self.transaction = Some(transaction);
                self.respond(ran?)
            }
            None => self.run_alone(prepared, &parameters, &stop).await,
        }
    }

    /// Answers a SELECT that equality over an index answers, where no transaction has begun:
    /// none is begun for it. It sees what was committed last, as READ COMMITTED has it also
    /// where more statements follow before the end.
    fn answer_point(
        &self,
        prepared: &Prepared,
        parameters: &[ScalarValue],
    ) -> Result<Option<Response>> {
        let Action::Query(query) = prepared.action() else { return Ok(None) };
        let alone = self.transaction.is_none() && self.settings.begins_read_committed();
        if !alone || !self.database.with_catalog(|now| prepared.under().is(now, &self.settings)) {
            return Ok(None);
        }
        let now = LazyCell::new(|| self.database.clock.now());
        query.answer_now(self.database.engine(), &|id| value_of(id, parameters, || *now))
    }

    /// Fails with 25P02 in a block that has failed, unless the statement ends that.
    pub(crate) fn refuse_after_failure(&self, statement: &Statement) -> Result<()> {
        let failed = self.transaction.as_ref().is_some_and(|transaction| transaction.failed);
        let ends = || Control::of(statement).is_some_and(|control| control.ends_failure());
        if failed && !ends() {
            let message =
                "current transaction is aborted, commands ignored until end of transaction block";
            return Err(Error::new("25P02", message));
        }
        Ok(())
    }

    fn begin_statement(&mut self) -> Stop {
        let running = self.cancel.begin();
        let deadline = self
            .settings
            .statement_timeout_ms()
            .map(|millis| Arc::new(self.database.timer.after(millis, running.clone())));
        Stop { running, deadline }
    }

    fn enter_implicit(&mut self) {
        if self.implicit && self.transaction.is_none() {
            let now = self.database.clock.now();
            self.start_defaults();
            self.transaction = Some(Transaction::new(Origin::Implicit, now, &self.settings));
        }
    }

    fn respond(&self, outcome: Outcome) -> Result<Response> {
        Ok(match outcome {
            Outcome::Answer(Response::Rows(rows)) => {
                Response::Rows(rows.poisoning(self.poison.clone()))
            }
            Outcome::Answer(response) => response,
            Outcome::Written(written) => written.respond(None)?,
        })
    }

    /// Runs the statement as a transaction of its own, again if it loses a race.
    async fn run_alone(
        &mut self,
        prepared: &Prepared,
        parameters: &[ScalarValue],
        stop: &Stop,
    ) -> Result<Response> {
        let mut attempt = 0;
        loop {
            attempt += 1;
            let now = self.database.clock.now();
            let mut transaction = Transaction::new(Origin::Statement, now, &self.settings);
            let outcome = self.run_in(&mut transaction, prepared, (parameters, stop)).await?;
            if !transaction.has_changes() {
                return match outcome {
                    Outcome::Answer(response) => Ok(response),
                    Outcome::Written(written) => written.respond(None),
                };
            }
            match self.database.commit(transaction.finish()).await {
                Ok(committed) => {
                    return match outcome {
                        Outcome::Answer(response) => Ok(response),
                        Outcome::Written(written) => written.respond(Some(&committed)),
                    };
                }
                Err(lost) if lost.code() == "40001" && attempt < RETRIES_MAX => {
                    stop.running.check()?;
                }
                Err(error) => return Err(error),
            }
        }
    }

    async fn run_in(
        &mut self,
        transaction: &mut Transaction,
        prepared: &Prepared,
        (parameters, stop): (&[ScalarValue], &Stop),
    ) -> Result<Outcome> {
        let database = Arc::clone(&self.database);
        let catalog = Arc::clone(transaction.catalog(|| database.catalog()).reading());
        let again;
        let prepared = if prepared.under().is(&catalog, &self.settings) {
            prepared
        } else {
            let under = self.under(catalog);
            again = self.bind_under(prepared.parsed(), prepared.parameters(), under)?;
            check_same(prepared.columns(), again.columns())?;
            &again
        };
        let mut notices = vec![];
        let mut work = Work {
            database: &database,
            transaction,
            settings: &self.settings,
            user: &self.options.user,
            asked: &self.asked,
            running: stop.running.clone(),
            deadline: stop.deadline.clone(),
            notices: &mut notices,
            parameters,
        };
        let outcome = run(&mut work, prepared).await;
        self.notices.extend(notices);
        outcome
    }
}

fn check_same(
    before: Option<&Arc<[OutputColumn]>>,
    now: Option<&Arc<[OutputColumn]>>,
) -> Result<()> {
    let types = |columns: Option<&Arc<[OutputColumn]>>| {
        columns.map(|columns| columns.iter().map(|column| column.ty.clone()).collect::<Vec<_>>())
    };
    if types(before) == types(now) {
        return Ok(());
    }
    Err(Error::new("0A000", "cached plan must not change result type"))
}

/// Runs what was bound, with nothing committed yet.
async fn run(work: &mut Work<'_>, prepared: &Prepared) -> Result<Outcome> {
    match prepared.action() {
        Action::Query(query) => Ok(Outcome::Answer(query.respond(work)?)),
        Action::Insert(insert) => Ok(Outcome::Written(insert.run(work).await?)),
        Action::Update(update) => Ok(Outcome::Written(update.run(work).await?)),
        Action::Delete(delete) => Ok(Outcome::Written(delete.run(work).await?)),
        Action::CreateTableAs(create) => Ok(Outcome::Answer(create.run(work).await?)),
        Action::CopyOut(copy) => Ok(Outcome::Answer(copy.run(work)?)),
        Action::Plain => run_plain(work, prepared),
    }
}

fn run_plain(work: &mut Work<'_>, prepared: &Prepared) -> Result<Outcome> {
    let text = prepared.text();
    match prepared.statement() {
        Statement::CreateTable(table) => {
            define(work, text, "CREATE TABLE", |d| create_table::define(d, table))
        }
        Statement::CreateStream(stream) => {
            define(work, text, "CREATE STREAM", |d| create_stream::define(d, stream))
        }
        Statement::CreateSource(source) => {
            define(work, text, "CREATE SOURCE", |d| create_source::define(d, source))
        }
        Statement::CreateView(view) => {
            let tag = if view.continuous { "CREATE CONTINUOUS VIEW" } else { "CREATE VIEW" };
            define(work, text, tag, |d| create_view::define(d, view))
        }
        Statement::Drop(statement) => {
            let kind = Kind::Relation(match statement.kind {
                ObjectKind::Stream => RelationKind::Stream,
                ObjectKind::Source => RelationKind::Source,
                ObjectKind::View => RelationKind::View,
                ObjectKind::ContinuousView => RelationKind::ContinuousView,
            });
            drop_objects(
                work,
                text,
                &Drop {
                    kind,
                    names: &statement.names,
                    if_exists: statement.if_exists,
                    cascade: statement.cascade,
                },
            )
        }
        Statement::Subscribe(statement) => Ok(Outcome::Answer(subscribe::run(work, statement)?)),
        Statement::Explain(statement) => Ok(Outcome::Answer(explain::run(work, statement)?)),
        Statement::Show(statement) => Ok(Outcome::Answer(show::listing(work, statement)?)),
        // Acknowledged writes are in every view already: there is nothing to wait for.
        Statement::Flush => Ok(Outcome::done("FLUSH")),
        Statement::Refresh(name) => {
            refresh::check(work, name)?;
            Ok(Outcome::done("REFRESH MATERIALIZED VIEW"))
        }
        Statement::Copy(copy) => Ok(Outcome::Answer(super::copy::start(work, copy)?)),
        Statement::Move(_) | Statement::CreateTableAs(_) => {
            Err(Error::internal("a statement that was bound to another action"))
        }
        Statement::Sql(statement) => run_sql(work, text, statement),
    }
}

fn run_sql(work: &mut Work<'_>, text: &str, statement: &ast::Statement) -> Result<Outcome> {
    match statement {
        ast::Statement::CreateIndex(index) => {
            define(work, text, "CREATE INDEX", |d| create_index::define(d, index))
        }
        ast::Statement::CreateSchema { schema_name, if_not_exists, .. } => {
            define(work, text, "CREATE SCHEMA", |d| {
                create_schema::define(d, schema_name, *if_not_exists)
            })
        }
        ast::Statement::Drop { object_type, if_exists, names, cascade, .. } => {
            let kind = match object_type {
                ast::ObjectType::Table => Kind::Relation(RelationKind::Table),
                ast::ObjectType::View => Kind::Relation(RelationKind::View),
                ast::ObjectType::MaterializedView => Kind::Relation(RelationKind::ContinuousView),
                ast::ObjectType::Stream => Kind::Relation(RelationKind::Stream),
                ast::ObjectType::Index => Kind::Index,
                ast::ObjectType::Schema => Kind::Schema,
                other => return Err(Error::unsupported(format_args!("DROP {other}"))),
            };
            let (if_exists, cascade) = (*if_exists, *cascade);
            drop_objects(work, text, &Drop { kind, names, if_exists, cascade })
        }
        ast::Statement::Truncate(statement) => {
            let names: Vec<_> = statement.table_names.iter().map(|table| &table.name).collect();
            truncate(work, &names)?;
            Ok(Outcome::done("TRUNCATE TABLE"))
        }
        ast::Statement::ShowVariable { variable } => {
            Ok(Outcome::Answer(show::setting(work.settings, variable)?))
        }
        other => Err(refused(other)),
    }
}

/// A statement that does not exist here, named by its first words.
fn refused(statement: &ast::Statement) -> Error {
    let text = statement.to_string();
    let words = text.split_whitespace().take_while(|w| w.chars().all(|c| c.is_ascii_uppercase()));
    let words: Vec<&str> = words.take(3).collect();
    Error::unsupported(words.join(" "))
}

fn define(
    work: &mut Work<'_>,
    text: &str,
    tag: &str,
    make: impl FnOnce(&Definer<'_>) -> Result<Definitions>,
) -> Result<Outcome> {
    work.must_write(tag)?;
    work.define(text, make)?;
    Ok(Outcome::done(tag))
}

fn drop_objects(work: &mut Work<'_>, text: &str, statement: &Drop<'_>) -> Result<Outcome> {
    let tag = format!("DROP {}", statement.kind.words());
    define(work, text, &tag, |definer| {
        drop::define(definer.catalog, &definer.search_path(), statement)
    })
}
