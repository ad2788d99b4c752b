//! One connection: reads messages, lets the session answer, sends what gathered in one write.
use std::collections::HashSet;
use std::io;
use std::pin::Pin;
use std::time::Duration;

use bytes::BytesMut;
use sql::{Session, TransactionStatus};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::timeout;
use tracing::{debug, warn};

use super::guard::{self, Frame, Phase, Refusal};
use super::listen::Door;
use super::message::{Malformed, Message};
use super::outbox::{Outbox, Report};
use super::portals::Portals;
use super::startup;

/// What gathers before it is sent although the answer goes on.
pub(crate) const FLUSH_BYTES: usize = 64 << 10;

/// What is kept of what a client sends while a SUBSCRIBE runs, which never ends by itself.
const UNREAD_BYTES_MAX: usize = 256 << 10;

/// How long a client has for the last that it is told.
const FAREWELL_SECONDS_MAX: u64 = 5;

/// How much is read at once.
const READ_BYTES: usize = 16 << 10;

/// A connected client.
pub(crate) struct Connection<'a> {
    pub(crate) door: &'a Door,
    stream: TcpStream,
    pub(crate) input: BytesMut,
    pub(crate) outbox: Outbox,
    pub(crate) session: Session,
    pub(crate) portals: Portals,
    /// Names of prepared statements that say nothing.
    pub(crate) empty: HashSet<String>,
    /// After an error in the extended protocol everything up to Sync is passed over.
    pub(crate) skipping: bool,
    /// Whether statements since the last Sync share a transaction.
    pub(crate) grouped: bool,
    /// Ends when the server is to stop; it is asked while the client says nothing.
    stop: Pin<Box<dyn Future<Output = ()> + Send>>,
}

/// Why a connection ends.
#[derive(Debug)]
pub(crate) enum End {
    /// The client said goodbye, or went away.
    Gone,
    /// It is told why, then closed.
    Fatal(Box<Report>),
    /// It takes nothing of what it is sent for this many seconds.
    Stalled(u64),
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
        portals: Portals::default(),
        empty: HashSet::new(),
        skipping: false,
        grouped: false,
        stop: Box::pin(stop(door.stopping.clone())),
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
            let told = async {
                let _ = stream.write_all(outbox.bytes()).await;
                let _ = stream.shutdown().await;
            };
            let _ = timeout(Duration::from_secs(FAREWELL_SECONDS_MAX), told).await;
        }
        End::Stalled(seconds) => {
            warn!("a client took nothing of its answer for {seconds} s, and is let go");
        }
    }
}

impl Connection<'_> {
    async fn serve(&mut self, process: (i32, i32)) -> Result<(), End> {
        startup::greet(self, process);
        self.ready();
        self.flush().await?;
        loop {
            let frame = self.next(Phase::Ready).await?;
            match frame.message() {
                Err(malformed) => self.refuse(frame.kind(), malformed).await?,
                Ok(Message::Terminate) => return Ok(()),
                Ok(Message::Query(text)) => self.query(text).await?,
                Ok(Message::Sync) => self.sync().await?,
                Ok(Message::Flush) => self.flush().await?,
                // What is left of a COPY that failed here while the client still sent.
                Ok(Message::CopyData(_) | Message::CopyDone | Message::CopyFail(_)) => {}
                Ok(_) if self.skipping => {}
                Ok(message) => self.extended(message).await?,
            }
        }
    }

    /// The next message, as soon as it is whole. Ends the connection when the server stops,
    /// or when the client leaves a block open for too long.
    pub(crate) async fn next(&mut self, phase: Phase) -> Result<Frame, End> {
        if let Some(frame) = guard::next(&mut self.input, phase)? {
            return Ok(frame);
        }
        // Data of a COPY come when they come.
        let idle = if phase == Phase::Ready { self.idle_time() } else { None };
        let deadline = idle.map(|time| tokio::time::Instant::now() + time);
        loop {
            if *self.door.stopping.borrow() {
                return Err(stopped());
            }
            self.input.reserve(READ_BYTES);
            let read = tokio::select! {
                biased;
                // Most often it is this that comes, and the rest is not asked then.
                read = self.stream.read_buf(&mut self.input) => read?,
                () = &mut self.stop => return Err(stopped()),
                () = until(deadline) => return Err(left_open()),
            };
            if read == 0 {
                return Err(End::Gone);
            }
            if let Some(frame) = guard::next(&mut self.input, phase)? {
                return Ok(frame);
            }
        }
    }

    /// How long the client may say nothing now.
    fn idle_time(&self) -> Option<Duration> {
        let open = self.session.transaction_status() != TransactionStatus::Idle;
        let limit = self.session.settings().idle_in_transaction_timeout_ms();
        limit.filter(|_| open).map(Duration::from_millis)
    }

    /// Waits until the client sends something or goes away; used while it only listens.
    pub(crate) async fn stirs(&mut self) -> Result<(), End> {
        if self.input.len() >= UNREAD_BYTES_MAX {
            let mut report = Report::fatal("53400", "too much was sent while a SUBSCRIBE runs");
            report.detail = Some(format!("At most {UNREAD_BYTES_MAX} bytes wait until it ends."));
            report.hint = Some("Subscribe by a connection of its own, or cancel first.".into());
            return Err(End::Fatal(Box::new(report)));
        }
        self.input.reserve(READ_BYTES);
        match self.stream.read_buf(&mut self.input).await? {
            0 => Err(End::Gone),
            _ => Ok(()),
        }
    }

    /// Answers a message that cannot be read.
    async fn refuse(&mut self, kind: u8, malformed: Malformed) -> Result<(), End> {
        let is_query = matches!(kind, b'Q' | b'F');
        if self.skipping && !is_query {
            return Ok(());
        }
        self.session.fail();
        self.complain(&sql::Error::new(malformed.code, malformed.message), "");
        self.skipping = !is_query;
        if is_query {
            self.ready();
        }
        self.flush().await
    }

    /// Sends what has gathered, as long as the client takes some of it now and then.
    pub(crate) async fn flush(&mut self) -> Result<(), End> {
        if self.outbox.len() == 0 {
            return Ok(());
        }
        // An answer that fits into the socket needs neither clock nor signal.
        let mut sent = self.stream.try_write(self.outbox.bytes()).unwrap_or(0);
        if sent == self.outbox.len() {
            self.outbox.clear();
            return Ok(());
        }
        let mut stopping = self.door.stopping.clone();
        let seconds = self.door.write_seconds_max;
        while let Some(rest) = self.outbox.bytes().get(sent..).filter(|rest| !rest.is_empty()) {
            let written = tokio::select! {
                written = timeout(Duration::from_secs(seconds), self.stream.write(rest)) => written,
                // Whoever does not take its answer cannot hold the server up.
                _ = stopped_for(&mut stopping) => return Err(End::Gone),
            };
            match written.map_err(|_| End::Stalled(seconds))?? {
                0 => return Err(End::Gone),
                written => sent += written,
            }
        }
        self.outbox.clear();
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
        self.outbox.put_ready(self.session.transaction_status());
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

/// Ends when the server is to stop.
async fn stop(mut stopping: watch::Receiver<bool>) {
    let _ = stopping.wait_for(|stop| *stop).await;
}

/// Ends at a time; never, if there is none.
async fn until(deadline: Option<tokio::time::Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}

/// Ends when the server has been stopping for a moment, in which answers still leave.
async fn stopped_for(stopping: &mut watch::Receiver<bool>) {
    if stopping.wait_for(|stop| *stop).await.is_ok() {
        tokio::time::sleep(Duration::from_secs(FAREWELL_SECONDS_MAX)).await;
    }
}

fn left_open() -> End {
    let message = "terminating connection due to idle-in-transaction timeout";
    End::Fatal(Box::new(Report::fatal("25P03", message)))
}

fn stopped() -> End {
    let message = "terminating connection due to administrator command";
    End::Fatal(Box::new(Report::fatal("57P01", message)))
}
