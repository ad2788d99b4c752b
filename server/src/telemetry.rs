//! What the process says of itself: log lines on standard error.
use std::io::{IsTerminal, Write};

use tracing_subscriber::EnvFilter;

/// Starts the log; `TIDEMILL_LOG` filters it, such as `debug` or `server=debug,warn`.
pub fn start() {
    let filter = EnvFilter::try_from_env("TIDEMILL_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    let color = std::io::stderr().is_terminal();
    // A second start (a server in a test) keeps the first one's log.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(color)
        .with_target(false)
        .try_init();
}

/// Says why the process ends.
pub fn complain(message: &str) {
    let _ = writeln!(std::io::stderr(), "tidemill: {message}");
}
