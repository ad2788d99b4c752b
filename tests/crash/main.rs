//! Kills the real binary at random moments under load, and checks what it acknowledged.
//!
//! Several writers keep a ledger of what they were told is done. After each kill and
//! restart nothing of it may be missing, nothing may be there twice, a block is there
//! wholly or not at all, and the views equal what their inputs make. What was in flight
//! when the process died may be there or not, but only as a whole. Kills hit a server that
//! starts, recovers or stops as well as one at work.
//!
//! `TIDEMILL_CRASH_SECONDS` says how long (default 180); `TIDEMILL_SEED` repeats a run.
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
";

/// Views with their queries: a group, a total, a join, changing groups, a top.
const VIEWS: [(&str, &str); 5] = [
    (
        "per_writer",
        "SELECT writer, count(*) AS events, sum(n) AS total, max(n) AS last FROM events \
         GROUP BY writer",
    ),
    ("balance", "SELECT count(*) AS accounts, sum(balance) AS total FROM accounts"),
    (
        "busy",
        "SELECT a.id, count(*) AS sent FROM accounts a JOIN transfers t ON t.source = a.id \
         GROUP BY a.id",
    ),
    ("versions", "SELECT version, count(*) AS items FROM items GROUP BY version"),
    ("newest", "SELECT id, version FROM items ORDER BY version DESC, id LIMIT 5"),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_or_counted_twice() {
    let seconds = number("TIDEMILL_CRASH_SECONDS", 180);
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
    let (mut cycles, mut starts) = (0, 0);
    while begun.elapsed() < Duration::from_secs(seconds) || cycles < 3 {
        let load = writers::start(server.port, &ledger, random.number());
        tokio::time::sleep(Duration::from_millis(100 + random.number() % 1_500)).await;
        if random.chance(15) {
            server.terminate();
            tokio::time::sleep(Duration::from_millis(random.number() % 40)).await;
        }
        server.kill();
        ledger = load.finish(ledger).await;
        while random.chance(40) {
            // Recovery must survive its own end too, at any moment.
            let after = Duration::from_millis(random.number() % 400);
            Server::start_and_kill(&data, &arguments, after);
            starts += 1;
        }
        server = Server::start(&data, &arguments);
        let client = server.connect().await;
        check::all(&client, &mut ledger).await;
        cycles += 1;
    }
    eprintln!(
        "{cycles} kills at work, {starts} at start, {} events and {} blocks acknowledged",
        ledger.events(),
        ledger.blocks()
    );
    assert!(ledger.events() > 0 && ledger.blocks() > 0, "the load did nothing");
    assert!(server.stop(), "the server stops well on SIGTERM");
    let server = Server::start(&data, &arguments);
    let client = server.connect().await;
    check::all(&client, &mut ledger).await;
    check::every_event(&client, &ledger).await;
    drop(server);
    std::fs::remove_dir_all(data).unwrap();
}

/// Makes what the writers write to.
async fn prepare(client: &Client) {
    client.batch_execute(SCHEMA).await.unwrap();
    for (view, query) in VIEWS {
        let create = format!("CREATE CONTINUOUS VIEW {view} AS {query}");
        client.batch_execute(&create).await.unwrap();
    }
    for id in 0..writers::ACCOUNTS {
        let insert = "INSERT INTO accounts VALUES ($1, $2)";
        client.execute(insert, &[&id, &writers::OPENING_BALANCE]).await.unwrap();
    }
}

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().map_or(default, |text| text.parse().expect("a number"))
}
