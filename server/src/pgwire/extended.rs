//! The extended protocol: Parse, Bind, Describe, Execute, Close.
//!
//! Nothing is sent before Sync or Flush: the answers to a group leave in one write. After
//! an error the rest of the group is passed over.
use sql::parser::Statement;
use sql::types::Type;
use sql::{Prepared, Response, Session};

use super::connection::{Connection, End};
use super::encode::{Encoder, count, describe};
use super::format::Formats;
use super::message::{Bind, Execute, Message, Parse, Target};
use super::outbox::Outbox;
use super::portal::{Open, Portal, Progress};
use super::{guard, parameters};

/// The most portals of one connection.
const PORTALS_MAX: usize = 1_000;

impl Connection<'_> {
    /// Answers one message of a group.
    pub(crate) async fn extended(&mut self, message: Message<'_>) -> Result<(), End> {
        if let Message::Execute(execute) = &message
            && !self.is_alone(execute)
        {
            self.session.begin_implicit();
            self.grouped = true;
        }
        let answered = match message {
            Message::Parse(parse) => self.parse(parse).await,
            Message::Bind(bind) => self.bind(&bind),
            Message::Describe(target) => self.describe(target),
            Message::Execute(execute) => self.execute(&execute).await?,
            Message::Close(target) => {
                self.close(target);
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
    fn is_alone(&self, execute: &Execute<'_>) -> bool {
        let portal = self.portals.get(execute.portal);
        let prepared = portal.and_then(|portal| portal.prepared.as_ref());
        let copies = prepared.is_some_and(
            |prepared| matches!(prepared.statement(), Statement::Copy(copy) if copy.from),
        );
        !self.grouped && (copies || guard::is_sync_next(&self.input))
    }

    async fn parse(&mut self, parse: Parse<'_>) -> Result<(), Failure> {
        let Parse { name, text, .. } = parse;
        let failed = |error: sql::Error| Failure { error, statement: text.to_owned() };
        let mut statements = Session::parse(text).map_err(failed)?;
        if statements.len() > 1 {
            let message = "cannot insert multiple commands into a prepared statement";
            return Err(failed(sql::Error::new("42601", message)));
        }
        if name.is_empty() {
            self.session.forget("");
            self.empty.remove("");
        }
        let Some(parsed) = statements.pop() else {
            self.empty.insert(name.to_owned());
            self.outbox.put_body(b'1', |_| ());
            return Ok(());
        };
        let given = parse.types().map(|oid| Type::of_oid(oid).unwrap_or(Type::Unknown));
        let given: Vec<Type> = given.collect();
        let prepared = self.session.prepare(&parsed, &given).await.map_err(failed)?;
        self.session.store(name, prepared).map_err(failed)?;
        self.outbox.put_body(b'1', |_| ());
        Ok(())
    }

    fn bind(&mut self, bind: &Bind<'_>) -> Result<(), Failure> {
        let (prepared, values) = if self.empty.contains(bind.statement) {
            (None, vec![])
        } else {
            let prepared = self.session.statement(bind.statement)?;
            let values = parameters::read(bind, &prepared, &self.session)?;
            (Some(prepared), values)
        };
        let name = bind.portal;
        if !name.is_empty() && self.portals.get(name).is_some() {
            let message = format!("cursor \"{name}\" already exists");
            return Err(sql::Error::new("42P03", message).into());
        }
        if self.portals.len() >= PORTALS_MAX {
            return Err(sql::Error::new("53400", "too many portals")
                .with_hint("Close those that are not used any more.")
                .into());
        }
        let portal =
            Portal { prepared, formats: bind.results(), progress: Progress::Bound(values) };
        self.portals.insert(name, portal);
        self.outbox.put_body(b'2', |_| ());
        Ok(())
    }

    fn describe(&mut self, target: Target<'_>) -> Result<(), Failure> {
        let text = Formats::default();
        match target {
            Target::Statement(name) => {
                let empty = self.empty.contains(name);
                let prepared = if empty { None } else { Some(self.session.statement(name)?) };
                let types = prepared.as_ref().map_or(&[][..], Prepared::parameters);
                self.outbox.put_body(b't', |out| {
                    out.extend_from_slice(&count(types.len()).to_be_bytes());
                    types.iter().for_each(|ty| out.extend_from_slice(&ty.oid().to_be_bytes()));
                });
                describe_rows(&mut self.outbox, prepared.as_ref(), &text);
            }
            Target::Portal(name) => match self.portals.get(name) {
                Some(portal) => {
                    describe_rows(&mut self.outbox, portal.prepared.as_ref(), &portal.formats);
                }
                None => {
                    // What DECLARE opened is a portal too.
                    let columns = self.session.cursor_columns(name);
                    describe(&mut self.outbox, columns.ok_or_else(|| no_portal(name))?, &text);
                }
            },
        }
        Ok(())
    }

    /// The outer result ends the connection, the inner one the group.
    async fn execute(&mut self, execute: &Execute<'_>) -> Result<Result<(), Failure>, End> {
        let Some(mut portal) = self.portals.remove(execute.portal) else {
            return Ok(Err(no_portal(execute.portal)));
        };
        let answered = self.run(&mut portal, execute.rows_max).await?;
        let answered = answered.map_err(|error| {
            let text = portal.prepared.as_ref().map_or("", Prepared::text);
            Failure { error, statement: text.to_owned() }
        });
        self.portals.insert(execute.portal, portal);
        Ok(answered)
    }

    async fn run(&mut self, portal: &mut Portal, most: usize) -> Result<sql::Result<()>, End> {
        if let Progress::Bound(values) = &mut portal.progress {
            let values = std::mem::take(values);
            portal.progress = Progress::Done;
            let Some(prepared) = &portal.prepared else {
                self.outbox.put_body(b'I', |_| ());
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
                    self.outbox.put_body(b'I', |_| ());
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
        self.outbox.put_body(b's', |_| ());
        Ok(Ok(()))
    }

    fn close(&mut self, target: Target<'_>) {
        match target {
            Target::Statement(name) => {
                self.session.forget(name);
                self.empty.remove(name);
            }
            Target::Portal(name) => {
                self.portals.remove(name);
                self.session.forget_cursor(name);
            }
        }
        self.outbox.put_body(b'3', |_| ());
    }
}

/// The columns of a statement's rows, or that it has none.
fn describe_rows(outbox: &mut Outbox, prepared: Option<&Prepared>, formats: &Formats) {
    match prepared.and_then(Prepared::columns) {
        Some(columns) => describe(outbox, columns, formats),
        None => outbox.put_body(b'n', |_| ()),
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
