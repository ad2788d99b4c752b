//! INSERT to visible, over the wire: how long until a view shows a row, to whoever asks.
//!
//! ```sh
//! cargo bench --bench visible -- [--rate 200] [--seconds 10]
//! ```
//!
//! One connection inserts a row (prepared, autocommit) and waits for the acknowledgement;
//! then another one reads the row's group from the view by its key. It must be there: an
//! acknowledged row is visible. A third one listens to SUBSCRIBE and hears of the change.
//! Once paced, then back to back.
#![expect(clippy::disallowed_methods, reason = "a benchmark measures by the real clock")]
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use tidemill_benches::{Latencies, Machine, Options, copy_rows, usage};
use tidemill_tests::{Server, scratch};
use tokio_postgres::Client;

/// Groups of the view.
const KEYS: i64 = 100_000;

fn main() {
    let options = Options::of_process(&["--rate", "--seconds"]);
    let folder = scratch("visible");
    let server = Server::start(&folder.join("data"), &[]);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("a runtime starts");
    runtime.block_on(measure(&server, &options));
    drop(server);
    let _ = std::fs::remove_dir_all(&folder);
}

async fn measure(server: &Server, options: &Options) {
    let writer = server.connect().await;
    for statement in [
        "CREATE STREAM events (key bigint, amount int, note text)",
        "CREATE CONTINUOUS VIEW totals AS SELECT key, count(*) AS count, sum(amount) AS sum, \
         max(amount) AS most FROM events GROUP BY key",
    ] {
        writer.batch_execute(statement).await.expect(statement);
    }
    copy_rows(&writer, "events", (0..KEYS).map(|key| format!("{key}\t0\t"))).await;
    let reader = server.connect().await;
    let heard: Arc<Mutex<HashMap<i64, Instant>>> = Arc::default();
    let listener = server.connect().await;
    tokio::spawn(listen(listener, Arc::clone(&heard)));
    tokio::time::sleep(Duration::from_millis(500)).await;
    let seconds = Duration::from_secs(options.get("--seconds", 10));
    let rate: f64 = options.get("--rate", 200.0);
    let mut done = 0;
    for pause in [Some(Duration::from_secs_f64(1.0 / rate)), None] {
        let before = usage(server.pid());
        let machine = Machine::begin();
        let (mut acknowledged, mut read, mut told) =
            (Latencies::default(), Latencies::default(), Latencies::default());
        let insert = writer.prepare("INSERT INTO events VALUES ($1, $2, $3)").await.unwrap();
        let select = reader.prepare("SELECT count FROM totals WHERE key = $1").await.unwrap();
        let mut begun = vec![];
        let end = Instant::now() + seconds;
        while Instant::now() < end {
            if let Some(pause) = pause {
                tokio::time::sleep(pause).await;
            }
            let key = done % KEYS;
            let start = Instant::now();
            writer.execute(&insert, &[&key, &7_i32, &"a note"]).await.expect("INSERT");
            acknowledged.push(start.elapsed());
            let row = reader.query_one(&select, &[&key]).await.expect("SELECT");
            read.push(start.elapsed());
            assert_eq!(row.get::<_, i64>(0), 2 + done / KEYS, "an acknowledged row is not visible");
            begun.push((key, start));
            done += 1;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
        let heard = std::mem::take(&mut *heard.lock().unwrap());
        let last = begun.iter().rev().take(KEYS as usize / 2);
        last.filter_map(|(key, start)| Some(heard.get(key)?.duration_since(*start)))
            .for_each(|latency| told.push(latency));
        let cpu = usage(server.pid()).cpu_seconds - before.cpu_seconds;
        let name = pause.map_or("back to back".to_owned(), |_| format!("{rate} a second"));
        println!(
            "{name}: {:.0} INSERT + SELECT a second; server's CPU {:.0} µs each; others {:.0} % of a core, client included",
            acknowledged.len() as f64 / machine.seconds(),
            cpu / acknowledged.len() as f64 * 1e6,
            machine.others_percent(cpu)
        );
        println!("  acknowledged       {acknowledged}");
        println!("  read by another    {read}");
        println!("  told by SUBSCRIBE  {told}");
    }
}

/// Notes when each key was heard of last.
async fn listen(client: Client, heard: Arc<Mutex<HashMap<i64, Instant>>>) {
    let none: [&str; 0] = [];
    let rows = client.query_raw("SUBSCRIBE totals", none).await.expect("SUBSCRIBE");
    let mut rows = Box::pin(rows);
    while let Some(Ok(row)) = rows.next().await {
        // Tick, difference, then the view's columns.
        if row.get::<_, i64>(1) > 0 {
            heard.lock().unwrap().insert(row.get(2), Instant::now());
        }
    }
}
