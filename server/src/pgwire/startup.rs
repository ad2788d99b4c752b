//! The beginning of a connection: encryption is declined, a cancel is passed on, a session begins.
use bytes::BytesMut;
use pgwire::messages::PgWireBackendMessage as Answer;
use pgwire::messages::startup::{
    Authentication, BackendKeyData, NegotiateProtocolVersion, ParameterStatus, SecretKey,
};
use sql::{Session, SessionOptions};
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::connection::{Connection, End};
use super::guard::{self, First};
use super::listen::Door;
use super::outbox::{Outbox, Report};

/// How long a client may take to say who it is.
const STARTUP_SECONDS_MAX: u64 = 60;

/// How often a client may ask for encryption before it begins.
const ENCRYPTION_REQUESTS_MAX: usize = 4;

/// The one database there is.
const DATABASE: &str = "tidemill";

const PROTOCOL_3_0: u32 = 3 << 16;

/// Reads the startup packet. `None`: it was a cancel request, and all is done.
pub(crate) async fn begin(
    door: &Door,
    stream: &mut TcpStream,
    input: &mut BytesMut,
) -> Result<Option<(Session, (i32, i32))>, End> {
    let mut stopping = door.stopping.clone();
    let limit = Duration::from_secs(STARTUP_SECONDS_MAX);
    let first = tokio::select! {
        first = tokio::time::timeout(limit, negotiate(stream, input)) => first,
        _ = stopping.wait_for(|stop| *stop) => return Err(End::Gone),
    };
    let first = first.map_err(|_| End::Gone)??;
    let (version, parameters) = match first {
        First::Cancel { process, secret } => {
            door.cancels.cancel(process, secret);
            return Ok(None);
        }
        First::Encryption => return Err(fatal("08P01", "too many requests for encryption")),
        First::Startup { version, parameters } => (version, parameters),
    };
    if version >> 16 != 3 {
        let (major, minor) = (version >> 16, version & 0xffff);
        let message =
            format!("unsupported frontend protocol {major}.{minor}: server supports 3.0 to 3.0");
        return Err(fatal("0A000", message));
    }
    if version != PROTOCOL_3_0 || parameters.iter().any(|(name, _)| name.starts_with("_pq_.")) {
        offer_3_0(stream, &parameters).await?;
    }
    if door.connections.load(Ordering::Relaxed) > door.connections_max {
        return Err(fatal("53300", "sorry, too many clients already"));
    }
    let session = session(door, parameters)?;
    let process = door.cancels.enter(session.cancel());
    session.set_process(process.0);
    Ok(Some((session, process)))
}

async fn negotiate(stream: &mut TcpStream, input: &mut BytesMut) -> Result<First, End> {
    for _ in 0..ENCRYPTION_REQUESTS_MAX {
        let first = loop {
            if let Some(first) = guard::first(input)? {
                break first;
            }
            if stream.read_buf(input).await? == 0 {
                return Err(End::Gone);
            }
        };
        if first != First::Encryption {
            return Ok(first);
        }
        // Whatever came behind the request was not meant for a plain connection.
        if !input.is_empty() {
            return Err(fatal("08P01", "received unencrypted data after SSL request"));
        }
        stream.write_all(b"N").await?;
    }
    Ok(First::Encryption)
}

/// Tells a client that asks for more than 3.0 that this is what there is.
async fn offer_3_0(stream: &mut TcpStream, parameters: &[(String, String)]) -> Result<(), End> {
    let unknown = parameters.iter().map(|(name, _)| name);
    let unknown = unknown.filter(|name| name.starts_with("_pq_.")).cloned().collect();
    let mut outbox = Outbox::default();
    let offer = NegotiateProtocolVersion::new(0, unknown);
    outbox.put(&Answer::NegotiateProtocolVersion(offer));
    stream.write_all(outbox.bytes()).await?;
    Ok(())
}

fn session(door: &Door, parameters: Vec<(String, String)>) -> Result<Session, End> {
    let mut options = SessionOptions::default();
    for (name, value) in parameters {
        match name.as_str() {
            "user" => options.user = value,
            "database" => options.database = value,
            "options" => options.settings.extend(command_line(&value)),
            "replication" if value == "false" || value == "off" || value == "0" => {}
            "replication" => {
                return Err(fatal("0A000", "replication connections are not supported"));
            }
            _ if name.starts_with("_pq_.") => {}
            _ => options.settings.push((name, value)),
        }
    }
    if options.user.is_empty() {
        return Err(fatal("28000", "no PostgreSQL user name specified in startup packet"));
    }
    // As PostgreSQL has it, the database is called like the user if it is not named; there
    // is only one here, so a client that did not choose is let in.
    if options.database.is_empty() || options.database == options.user {
        options.database = DATABASE.into();
    }
    if options.database != DATABASE {
        let message = format!("database \"{}\" does not exist", options.database);
        let mut report = Report::fatal("3D000", message);
        report.hint = Some(format!("The database is called {DATABASE}."));
        return Err(End::Fatal(Box::new(report)));
    }
    door.database.session(options).map_err(|error| {
        let mut report = Report::error(&error, "");
        report.severity = "FATAL";
        End::Fatal(Box::new(report))
    })
}

/// Settings given as `-c name=value` or `--name=value`.
fn command_line(options: &str) -> Vec<(String, String)> {
    let mut words = options.split_whitespace();
    let mut settings = vec![];
    while let Some(word) = words.next() {
        let setting = match word {
            "-c" => words.next().unwrap_or_default(),
            word => word.strip_prefix("--").or(word.strip_prefix("-c")).unwrap_or_default(),
        };
        if let Some((name, value)) = setting.split_once('=') {
            settings.push((name.replace('-', "_"), value.to_owned()));
        }
    }
    settings
}

/// Lets the client in, and tells it what it needs to know.
pub(crate) fn greet(connection: &mut Connection<'_>, (process, secret): (i32, i32)) {
    connection.outbox.put(&Answer::Authentication(Authentication::Ok));
    tell_settings(&mut connection.outbox, &mut connection.session);
    let key = BackendKeyData::new(process, SecretKey::I32(secret));
    connection.outbox.put(&Answer::BackendKeyData(key));
}

/// Tells the client the settings that have changed, as far as it is to know them.
pub(crate) fn tell_settings(outbox: &mut Outbox, session: &mut Session) {
    for (name, value) in session.take_reports() {
        let status = ParameterStatus::new(name.to_owned(), value);
        outbox.put(&Answer::ParameterStatus(status));
    }
}

fn fatal(code: &str, message: impl Into<String>) -> End {
    End::Fatal(Box::new(Report::fatal(code, message)))
}
