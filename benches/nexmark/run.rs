//! One query, measured.
use std::process::exit;
use std::time::Duration;

use tidemill_benches::{Digest, Machine, Options, copy_file, copy_out, copy_rows, usage};
use tidemill_tests::{Server, scratch};
use tokio_postgres::{Client, SimpleQueryMessage};

use crate::events::{EventFile, Events};
use crate::queries::{Query, SIDE_INPUT, STREAMS, side_rows};

/// The time between two looks at how far the sources are.
const LOOK_MS: u64 = 10;

/// Above the columns of a run.
pub const HEAD: &str = "query  events/s (k)  k a CPU-second  rows read/s (k)  MB/s  peak MB  \
                        view rows  others %  digest";

/// Loads the events into a new server that has the query as a view, and prints what it took.
pub async fn run(events: &Events, query: &Query, expected: Option<Digest>, options: &Options) {
    let folder = scratch("nexmark");
    let mut arguments = vec!["--memory-max", "14GiB"];
    arguments.extend(options.text("--server").iter().flat_map(|text| text.split(' ')));
    let mut server = Server::start(&folder.join("data"), &arguments);
    let client = server.connect().await;
    execute(&client, SIDE_INPUT).await;
    copy_rows(&client, "side_input", side_rows()).await;
    let (own, copies) = (options.has("--own"), options.has("--copy"));
    let read: Vec<&EventFile> =
        events.files.iter().filter(|file| !own || query.reads.contains(&file.stream)).collect();
    // The sources begin to read when the block ends.
    let mut ddl = "BEGIN".to_owned();
    for (name, columns) in STREAMS {
        let file = read.iter().find(|file| file.stream == name && !copies);
        ddl.push_str(&match file {
            None => format!("; CREATE STREAM {name} ({columns})"),
            Some(EventFile { path, .. }) => format!(
                "; CREATE SOURCE {name} ({columns}) \
                 WITH (connector = 'file', path = '{}', format = 'csv')",
                path.display()
            ),
        });
    }
    ddl.push_str(&format!("; CREATE CONTINUOUS VIEW {} AS {}", query.name, query.view));
    if let Err(error) = client.batch_execute(&ddl).await {
        let message = error.as_db_error().map_or(error.to_string(), |e| e.message().to_owned());
        println!("{:5}  refused: {message}", query.name);
        let _ = std::fs::remove_dir_all(&folder);
        return;
    }
    let before = (usage(server.pid()), usage(std::process::id()));
    let machine = Machine::begin();
    execute(&client, "COMMIT").await;
    match copies {
        true => {
            let loads = read.iter().map(|file| async {
                let client = server.connect().await;
                copy_file(&client, file.stream, &file.path).await
            });
            futures_util::future::join_all(loads).await;
        }
        false => all_read(&client).await,
    }
    let rows: u64 = read.iter().map(|file| file.rows).sum();
    let seconds = machine.seconds();
    let after = (usage(server.pid()), usage(std::process::id()));
    let cpu = after.0.cpu_seconds - before.0.cpu_seconds;
    let client_cpu = after.1.cpu_seconds - before.1.cpu_seconds;
    let others = machine.others_percent(cpu + client_cpu);
    let bytes: u64 = read.iter().map(|file| file.bytes).sum();
    let select = format!("SELECT {} FROM {}", query.compared, query.name);
    let digest = copy_out(&client, &select).await;
    let counted = if own { rows } else { events.count };
    println!(
        "{:5}  {:12.0}  {:15.0}  {:15.0}  {:4.0}  {:7.0}  {:9}  {:8.0}  {}",
        query.name,
        counted as f64 / seconds / 1e3,
        counted as f64 / cpu / 1e3,
        rows as f64 / seconds / 1e3,
        bytes as f64 / seconds / 1e6,
        after.0.peak_bytes as f64 / 1e6,
        digest.rows,
        others,
        verdict(digest, expected),
    );
    server.kill();
    let _ = std::fs::remove_dir_all(&folder);
    if expected.is_some_and(|expected| expected != digest) {
        eprintln!("{} is wrong: {digest:?}, but PostgreSQL says {expected:?}", query.name);
        exit(1);
    }
}

/// Waits until each source has read its file to the end.
async fn all_read(client: &Client) {
    loop {
        let messages = client.simple_query("SHOW SOURCES").await.expect("sources are shown");
        let states = messages.iter().filter_map(|message| match message {
            SimpleQueryMessage::Row(row) => Some((row.get("state"), row.get("error"))),
            _ => None,
        });
        let mut reading = false;
        for (state, error) in states {
            assert!(error.is_none(), "a source fails: {error:?}");
            reading |= state != Some("finished");
        }
        if !reading {
            return;
        }
        tokio::time::sleep(Duration::from_millis(LOOK_MS)).await;
    }
}

fn verdict(digest: Digest, expected: Option<Digest>) -> &'static str {
    match expected {
        Some(expected) if expected == digest => "as PostgreSQL's",
        Some(_) => "WRONG",
        None => "not known for so many events: --verify",
    }
}

async fn execute(client: &Client, statement: &str) {
    client.batch_execute(statement).await.unwrap_or_else(|error| panic!("{statement}: {error}"));
}
