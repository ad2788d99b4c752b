//! One connection: reads messages, lets the session answer, sends what gathered in one write.
use std::collections::{HashMap, HashSet};
use std::io;

use bytes::BytesMut;
use pgwire::messages::PgWireFrontendMessage as Message;
use pgwire::messages::response::TransactionStatus as Wire;
use sql::{Session, TransactionStatus};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tracing::debug;

use super::guard::{self, Phase, Refusal};
use super::listen::Door;
use super::outbox::{Outbox, Report};
use super::portal::Portal;
use super::startup;

/// What gathers before it is sent although the answer goes on.
pub(crate) const FLUSH_BYTES: usize = 64 << 10;

/// How much is read at once.
const READ_BYTES: usize = 16 << 10;

/// A connected client.
pub(crate) struct Connection<'a> {
    pub(crate) door: &'a Door,
    stream: TcpStream,
    pub(crate) input: BytesMut,
    pub(crate) outbox: Outbox,
    pub(crate) session: Session,
    pub(crate) portals: HashMap<String, Portal>,
    /// Names of prepared statements that say nothing.
    pub(crate) empty: HashSet<String>,
    /// After an error in the extended protocol everything up to Sync is passed over.
    pub(crate) skipping: bool,
    /// Whether statements since the last Sync share a transaction.
    pub(crate) grouped: bool,
}

/// Why a connection ends.
#[derive(Debug)]
pub(crate) enum End {
    /// The client said goodbye, or went away.
    Gone,
    /// It is told why, then closed.
    Fatal(Box<Report>),
}

impl From<io::Error> for End {
    fn from(_: io::Error) -> Self {
        End::Gone
    }
}

impl From<Refusal> for End {
    fn from(refusal: Refusal) -> Self {
        End::Fatal(Box::new(Report::fatal("08P01", refusal.0)))
    }
}

/// Serves a connection until it ends.
pub(crate) async fn run(door: &Door, mut stream: TcpStream) {
    // Answers leave in one write: waiting for more would only delay them.
    let _ = stream.set_nodelay(true);
    let mut input = BytesMut::with_capacity(READ_BYTES);
    let (session, process) = match startup::begin(door, &mut stream, &mut input).await {
        Ok(Some(begun)) => begun,
        Ok(None) => return,
        Err(end) => return farewell(&mut stream, &mut Outbox::default(), end).await,
    };
    let mut connection = Connection {
        door,
        stream,
        input,
        outbox: Outbox::default(),
        session,
        portals: HashMap::new(),
        empty: HashSet::new(),
        skipping: false,
        grouped: false,
    };
    let end = connection.serve(process).await;
    door.cancels.leave(process.0);
    let Connection { mut stream, mut outbox, session, .. } = connection;
    drop(session);
    if let Err(end) = end {
        farewell(&mut stream, &mut outbox, end).await;
    }
}

async fn farewell(stream: &mut TcpStream, outbox: &mut Outbox, end: End) {
    match end {
        End::Gone => debug!("a client went away"),
        End::Fatal(report) => {
            debug!("a connection is closed: {}", report.message);
            outbox.put_report(&report);
            let _ = stream.write_all(outbox.bytes()).await;
            let _ = stream.shutdown().await;
        }
    }
}

impl Connection<'_> {
    async fn serve(&mut self, process: (i32, i32)) -> Result<(), End> {
        startup::greet(self, process);
        self.ready();
        self.flush().await?;
        loop {
            let message = self.next(Phase::Ready).await?;
            match message {
                Message::Terminate(_) => return Ok(()),
                Message::Query(query) => self.query(&query.query).await?,
                Message::Sync(_) => self.sync().await?,
                Message::Flush(_) => self.flush().await?,
                // What is left of a COPY that failed here while the client still sent.
                Message::CopyData(_) | Message::CopyDone(_) | Message::CopyFail(_) => {}
                message if self.skipping => drop(message),
                message => self.extended(message).await?,
            }
        }
    }

    /// The next message, as soon as it is whole. Ends the connection when the server stops.
    pub(crate) async fn next(&mut self, phase: Phase) -> Result<Message, End> {
        loop {
            if let Some(message) = guard::next(&mut self.input, phase)? {
                return Ok(message);
            }
            let mut stopping = self.door.stopping.clone();
            self.input.reserve(READ_BYTES);
            let read = tokio::select! {
                read = self.stream.read_buf(&mut self.input) => read?,
                _ = stopping.wait_for(|stop| *stop) => return Err(stopped()),
            };
            if read == 0 {
                return Err(End::Gone);
            }
        }
    }

    /// Waits until the client sends something or goes away; used while it only listens.
    pub(crate) async fn stirs(&mut self) -> Result<(), End> {
        self.input.reserve(READ_BYTES);
        match self.stream.read_buf(&mut self.input).await? {
            0 => Err(End::Gone),
            _ => Ok(()),
        }
    }

    /// Sends what has gathered.
    pub(crate) async fn flush(&mut self) -> Result<(), End> {
        if self.outbox.len() > 0 {
            self.stream.write_all(self.outbox.bytes()).await?;
            self.outbox.clear();
        }
        Ok(())
    }

    /// Sends what has gathered if it is much.
    pub(crate) async fn flush_if_large(&mut self) -> Result<(), End> {
        if self.outbox.len() >= FLUSH_BYTES { self.flush().await } else { Ok(()) }
    }

    /// Adds what the session has to say beside the answer.
    pub(crate) fn say_beside(&mut self) {
        for notice in self.session.take_notices() {
            let mut report = Report::error(&notice.content, "");
            report.severity = notice.severity.word();
            self.outbox.put_report(&report);
        }
        startup::tell_settings(&mut self.outbox, &mut self.session);
    }

    /// Adds ReadyForQuery, behind all that is to be said before it.
    pub(crate) fn ready(&mut self) {
        self.say_beside();
        self.outbox.put_ready(match self.session.transaction_status() {
            TransactionStatus::Idle => Wire::Idle,
            TransactionStatus::Block => Wire::Transaction,
            TransactionStatus::Failed => Wire::Error,
        });
    }

    /// Adds an error of a statement.
    pub(crate) fn complain(&mut self, error: &sql::Error, statement: &str) {
        self.say_beside();
        self.outbox.put_report(&Report::error(error, statement));
    }

    async fn sync(&mut self) -> Result<(), End> {
        self.skipping = false;
        self.grouped = false;
        if let Err(error) = self.session.end_implicit().await {
            self.outbox.take_tags_back();
            self.complain(&error, "");
        }
        if self.session.transaction_status() == TransactionStatus::Idle {
            self.portals.clear();
        }
        self.ready();
        self.flush().await
    }
}

fn stopped() -> End {
    let message = "terminating connection due to administrator command";
    End::Fatal(Box::new(Report::fatal("57P01", message)))
}
