//! Kills the real binary at random moments under load, and checks what it acknowledged.
//!
//! Several writers keep a ledger of what they were told is done. After each kill and
//! restart nothing of it may be missing, nothing may be there twice, a block is there
//! wholly or not at all, and the views equal what their inputs make. What was in flight
//! when the process died may be there or not, but only as a whole.
//!
//! `TIDEMILL_CRASH_SECONDS` says how long (default 40); `TIDEMILL_SEED` repeats a run.
#![expect(clippy::disallowed_methods, reason = "how long it runs is by the real clock")]
mod check;
mod power;
mod writers;

use std::time::{Duration, Instant};

use tidemill_tests::{Random, Server, scratch};
use tokio_postgres::Client;
use writers::Ledger;

const SCHEMA: &str = "
CREATE STREAM events (writer int, n int);
CREATE TABLE accounts (id int PRIMARY KEY, balance bigint NOT NULL);
CREATE TABLE transfers (id int PRIMARY KEY, source int NOT NULL, target int NOT NULL);
CREATE TABLE items (id int PRIMARY KEY, version int NOT NULL);
CREATE CONTINUOUS VIEW per_writer AS
  SELECT writer, count(*) AS events, sum(n) AS total, max(n) AS last FROM events GROUP BY writer;
CREATE CONTINUOUS VIEW balance AS SELECT count(*) AS accounts, sum(balance) AS total FROM accounts;
CREATE CONTINUOUS VIEW busy AS
  SELECT a.id, count(*) AS sent FROM accounts a JOIN transfers t ON t.source = a.id GROUP BY a.id;
";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_or_counted_twice() {
    let seconds = number("TIDEMILL_CRASH_SECONDS", 40);
    let seed = number("TIDEMILL_SEED", u64::from(std::process::id()));
    eprintln!("seed {seed}, {seconds} s");
    let mut random = Random(seed);
    let data = scratch("crash");
    // Epochs come often, so that kills hit them too.
    let arguments = ["--epoch-log", "256KiB", "--epoch-seconds", "1"];
    let mut server = Server::start(&data, &arguments);
    prepare(&server.connect().await).await;
    let mut ledger = Ledger::default();
    let begun = Instant::now();
    let mut cycles = 0;
    while begun.elapsed() < Duration::from_secs(seconds) || cycles < 3 {
        let load = writers::start(server.port, &ledger, random.number());
        tokio::time::sleep(Duration::from_millis(100 + random.number() % 1_500)).await;
        server.kill();
        ledger = load.finish(ledger).await;
        server = Server::start(&data, &arguments);
        let client = server.connect().await;
        check::all(&client, &mut ledger).await;
        cycles += 1;
    }
    eprintln!(
        "{cycles} kills, {} events and {} blocks acknowledged",
        ledger.events(),
        ledger.blocks()
    );
    assert!(ledger.events() > 0 && ledger.blocks() > 0, "the load did nothing");
    assert!(server.stop(), "the server stops well on SIGTERM");
    let server = Server::start(&data, &arguments);
    check::all(&server.connect().await, &mut ledger).await;
    drop(server);
    std::fs::remove_dir_all(data).unwrap();
}

/// Makes what the writers write to.
async fn prepare(client: &Client) {
    client.batch_execute(SCHEMA).await.unwrap();
    for id in 0..writers::ACCOUNTS {
        let insert = "INSERT INTO accounts VALUES ($1, $2)";
        client.execute(insert, &[&id, &writers::OPENING_BALANCE]).await.unwrap();
    }
}

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().map_or(default, |text| text.parse().expect("a number"))
}
