//! One query, measured.
use std::process::exit;

use tidemill_benches::{Digest, Machine, Options, copy_file, copy_out, copy_rows, usage};
use tidemill_tests::{Server, scratch};

use crate::events::{EventFile, Events};
use crate::queries::{Query, SIDE_INPUT, STREAMS, side_rows};

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
    for (name, columns) in STREAMS {
        execute(&client, &format!("CREATE STREAM {name} ({columns})")).await;
    }
    execute(&client, SIDE_INPUT).await;
    copy_rows(&client, "side_input", side_rows()).await;
    let view = format!("CREATE CONTINUOUS VIEW {} AS {}", query.name, query.view);
    if let Err(error) = client.batch_execute(&view).await {
        let message = error.as_db_error().map_or(error.to_string(), |e| e.message().to_owned());
        println!("{:5}  refused: {message}", query.name);
        let _ = std::fs::remove_dir_all(&folder);
        return;
    }
    let own = options.has("--own");
    let read: Vec<&EventFile> =
        events.files.iter().filter(|file| !own || query.reads.contains(&file.stream)).collect();
    let before = (usage(server.pid()), usage(std::process::id()));
    let machine = Machine::begin();
    let loads = read.iter().map(|file| async {
        let client = server.connect().await;
        copy_file(&client, file.stream, &file.path).await
    });
    let rows: u64 = futures_util::future::join_all(loads).await.iter().sum();
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

fn verdict(digest: Digest, expected: Option<Digest>) -> &'static str {
    match expected {
        Some(expected) if expected == digest => "as PostgreSQL's",
        Some(_) => "WRONG",
        None => "not known for so many events: --verify",
    }
}

async fn execute(client: &tokio_postgres::Client, statement: &str) {
    client.batch_execute(statement).await.unwrap_or_else(|error| panic!("{statement}: {error}"));
}
