//! The extended protocol: Parse, Bind, Describe, Execute, Close.
//!
//! Nothing is sent before Sync or Flush: the answers to a group leave in one write. After
//! an error the rest of the group is passed over.
use pgwire::messages::PgWireBackendMessage as Answer;
use pgwire::messages::PgWireFrontendMessage as Message;
use pgwire::messages::data::{NoData, ParameterDescription};
use pgwire::messages::extendedquery::{
    Bind, BindComplete, Close, CloseComplete, Describe, Execute, Parse, ParseComplete,
    PortalSuspended, TARGET_TYPE_BYTE_STATEMENT,
};
use pgwire::messages::response::EmptyQueryResponse;
use sql::parser::Statement;
use sql::types::Type;
use sql::{Prepared, Response, Session};

use super::connection::{Connection, End};
use super::encode::{Encoder, describe};
use super::portal::{Open, Portal, Progress};
use super::{guard, parameters};

/// The most portals of one connection.
const PORTALS_MAX: usize = 1_000;

impl Connection<'_> {
    /// Answers one message of a group.
    pub(crate) async fn extended(&mut self, message: Message) -> Result<(), End> {
        if let Message::Execute(execute) = &message
            && !self.is_alone(execute)
        {
            self.session.begin_implicit();
            self.grouped = true;
        }
        let answered = match message {
            Message::Parse(parse) => self.parse(parse).await,
            Message::Bind(bind) => self.bind(bind),
            Message::Describe(what) => self.describe(&what),
            Message::Execute(execute) => self.execute(&execute).await?,
            Message::Close(close) => {
                self.close(&close);
                Ok(())
            }
            _ => Err(sql::Error::new("08P01", "this message is not expected here").into()),
        };
        if let Err(Failure { error, statement }) = answered {
            self.session.fail();
            self.complain(&error, &statement);
            self.skipping = true;
        }
        self.flush_if_large().await
    }

    /// Whether a statement is all that is executed before the next Sync: it is a transaction
    /// of its own then, which is run again if it loses a race and whose end is known before
    /// it is told. COPY from the client always is, as nothing can follow it before its data.
    fn is_alone(&self, execute: &Execute) -> bool {
        let portal = self.portals.get(execute.name.as_deref().unwrap_or_default());
        let prepared = portal.and_then(|portal| portal.prepared.as_ref());
        let copies = prepared.is_some_and(
            |prepared| matches!(prepared.statement(), Statement::Copy(copy) if copy.from),
        );
        !self.grouped && (copies || guard::is_sync_next(&self.input))
    }

    async fn parse(&mut self, parse: Parse) -> Result<(), Failure> {
        let text = parse.query;
        let failed = |error: sql::Error| Failure { error, statement: text.clone() };
        let mut statements = Session::parse(&text).map_err(failed)?;
        if statements.len() > 1 {
            let message = "cannot insert multiple commands into a prepared statement";
            return Err(failed(sql::Error::new("42601", message)));
        }
        let name = parse.name.unwrap_or_default();
        if name.is_empty() {
            self.session.forget("");
            self.empty.remove("");
        }
        let Some(parsed) = statements.pop() else {
            self.empty.insert(name);
            self.outbox.put(&Answer::ParseComplete(ParseComplete::new()));
            return Ok(());
        };
        let given: Vec<Type> =
            parse.type_oids.iter().map(|oid| Type::of_oid(*oid).unwrap_or(Type::Unknown)).collect();
        let prepared = self.session.prepare(&parsed, &given).await.map_err(failed)?;
        self.session.store(&name, prepared).map_err(failed)?;
        self.outbox.put(&Answer::ParseComplete(ParseComplete::new()));
        Ok(())
    }

    fn bind(&mut self, bind: Bind) -> Result<(), Failure> {
        let statement = bind.statement_name.as_deref().unwrap_or("");
        let (prepared, values) = if self.empty.contains(statement) {
            (None, vec![])
        } else {
            let prepared = self.session.statement(statement)?;
            let values = parameters::read(&bind, &prepared, &self.session)?;
            (Some(prepared), values)
        };
        let name = bind.portal_name.unwrap_or_default();
        if !name.is_empty() && self.portals.contains_key(&name) {
            let message = format!("cursor \"{name}\" already exists");
            return Err(sql::Error::new("42P03", message).into());
        }
        if self.portals.len() >= PORTALS_MAX {
            return Err(sql::Error::new("53400", "too many portals")
                .with_hint("Close those that are not used any more.")
                .into());
        }
        let formats = bind.result_column_format_codes;
        let progress = Progress::Bound(values);
        self.portals.insert(name, Portal { prepared, formats, progress });
        self.outbox.put(&Answer::BindComplete(BindComplete::new()));
        Ok(())
    }

    fn describe(&mut self, what: &Describe) -> Result<(), Failure> {
        let name = what.name.as_deref().unwrap_or("");
        if what.target_type == TARGET_TYPE_BYTE_STATEMENT {
            let empty = self.empty.contains(name);
            let prepared = if empty { None } else { Some(self.session.statement(name)?) };
            let types = prepared.iter().flat_map(Prepared::parameters).map(Type::oid).collect();
            self.outbox.put(&Answer::ParameterDescription(ParameterDescription::new(types)));
            self.describe_rows(prepared.as_ref(), &[]);
        } else {
            let Some(portal) = self.portals.get(name) else {
                // What DECLARE opened is a portal too.
                let columns = self.session.cursor_columns(name).ok_or_else(|| no_portal(name))?;
                self.outbox.put(&describe(columns, &[]));
                return Ok(());
            };
            let (prepared, formats) = (portal.prepared.clone(), portal.formats.clone());
            self.describe_rows(prepared.as_ref(), &formats);
        }
        Ok(())
    }

    fn describe_rows(&mut self, prepared: Option<&Prepared>, formats: &[i16]) {
        self.outbox.put(&match prepared.and_then(Prepared::columns) {
            Some(columns) => describe(columns, formats),
            None => Answer::NoData(NoData::new()),
        });
    }

    /// The outer result ends the connection, the inner one the group.
    async fn execute(&mut self, execute: &Execute) -> Result<Result<(), Failure>, End> {
        let name = execute.name.clone().unwrap_or_default();
        let Some(mut portal) = self.portals.remove(&name) else {
            return Ok(Err(no_portal(&name)));
        };
        let most = usize::try_from(execute.max_rows).ok().filter(|most| *most > 0);
        let answered = self.run(&mut portal, most.unwrap_or(usize::MAX)).await?;
        let text = portal.prepared.as_ref().map_or(String::new(), |found| found.text().to_owned());
        self.portals.insert(name, portal);
        Ok(answered.map_err(|error| Failure { error, statement: text }))
    }

    async fn run(&mut self, portal: &mut Portal, most: usize) -> Result<sql::Result<()>, End> {
        if let Progress::Bound(values) = &mut portal.progress {
            let values = std::mem::take(values);
            portal.progress = Progress::Done;
            let Some(prepared) = &portal.prepared else {
                self.outbox.put(&Answer::EmptyQueryResponse(EmptyQueryResponse::new()));
                return Ok(Ok(()));
            };
            let response = match self.session.execute(prepared, values).await {
                Ok(response) => response,
                Err(error) => return Ok(Err(error)),
            };
            match response {
                Response::Rows(rows) => {
                    let encoder = Encoder::new(rows.columns(), &portal.formats, &self.session);
                    portal.progress =
                        Progress::Open(Box::new(Open { rows, encoder, rest: None, sent: 0 }));
                }
                Response::Done(tag) => {
                    self.say_beside();
                    self.outbox.put_tag(&tag);
                    return Ok(Ok(()));
                }
                Response::CopyIn(copy) => return self.copy_in(*copy).await,
                Response::CopyOut(copy) => return self.copy_out(copy).await,
                Response::Subscribe(changes) => {
                    return self.subscribe(changes, Some(&portal.formats)).await;
                }
                Response::Empty => {
                    self.outbox.put(&Answer::EmptyQueryResponse(EmptyQueryResponse::new()));
                    return Ok(Ok(()));
                }
            }
        }
        self.fetch(portal, most).await
    }

    async fn fetch(&mut self, portal: &mut Portal, most: usize) -> Result<sql::Result<()>, End> {
        let Progress::Open(open) = &mut portal.progress else {
            let message = "the portal has been run to its end";
            return Ok(Err(sql::Error::new("55000", message)));
        };
        let mut left = most;
        while left > 0 {
            let batch = match open.next(left.min(Encoder::STEP_ROWS)).await {
                Ok(Some(batch)) => batch,
                Ok(None) => {
                    let tag = open.rows.tag().text(open.sent);
                    portal.progress = Progress::Done;
                    self.say_beside();
                    self.outbox.put_tag(&tag);
                    return Ok(Ok(()));
                }
                Err(error) => return Ok(Err(error)),
            };
            left -= batch.num_rows();
            open.sent += batch.num_rows() as u64;
            if let Err(error) = open.encoder.encode(&batch, &mut self.outbox) {
                return Ok(Err(error));
            }
            self.flush_if_large().await?;
        }
        self.outbox.put(&Answer::PortalSuspended(PortalSuspended::new()));
        Ok(Ok(()))
    }

    fn close(&mut self, close: &Close) {
        let name = close.name.as_deref().unwrap_or("");
        if close.target_type == TARGET_TYPE_BYTE_STATEMENT {
            self.session.forget(name);
            self.empty.remove(name);
        } else {
            self.portals.remove(name);
            self.session.forget_cursor(name);
        }
        self.outbox.put(&Answer::CloseComplete(CloseComplete::new()));
    }
}

/// An error, and the text that its position counts in.
pub(crate) struct Failure {
    error: sql::Error,
    statement: String,
}

impl From<sql::Error> for Failure {
    fn from(error: sql::Error) -> Self {
        Self { error, statement: String::new() }
    }
}

fn no_portal(name: &str) -> Failure {
    sql::Error::new("34000", format!("portal \"{name}\" does not exist")).into()
}
