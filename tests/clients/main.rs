//! Real clients against the real server: psql, tokio-postgres, psycopg.
//!
//! What a client sends is what it sends in earnest; nothing is imitated. A client that is not
//! installed is passed over with a word, except where `CI` is set: there it must be.
mod driver;
mod native;
mod psql;

use std::process::Command;

use tidemill_tests::{Server, scratch};

/// A new server with nothing in it.
fn server(name: &str) -> Server {
    Server::start(&scratch(name), &[])
}

/// Whether `program` runs; where it must and does not, the test fails.
fn is_installed(program: &str, argument: &str) -> bool {
    let ran = Command::new(program).arg(argument).output();
    let runs = ran.is_ok_and(|output| output.status.success());
    assert!(
        runs || std::env::var_os("CI").is_none(),
        "{program} is not installed: `tests/run` installs it"
    );
    if !runs {
        eprintln!("passed over: {program} is not installed");
    }
    runs
}
