//! Commits while epochs are captured: their latency beside that of a bare sync.
//!
//! ```sh
//! cargo bench --bench commit -- [--rate 100000] [--batch 10] [--seconds 20] [--rows 1000000]
//! ```
//!
//! Eight writers submit batches of upserts to a table of a million rows, which a view counts
//! and sums by key; an acknowledgement is the time from submission until the rows are durable
//! and visible. Epochs follow one another with a second between them. In the same seconds
//! another thread overwrites and syncs 4 KiB of a file of its own, again and again. The goal:
//! p99 of the commits during epochs at most that of the bare sync + 1 ms.
#![expect(clippy::disallowed_methods, reason = "a benchmark measures by the real clock")]
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use engine::Engine;
use engine::commit::{Change, Commit, OnConflict};
use engine::plan::RelationId;
use sql::{Database, DatabaseOptions, Session, SessionOptions};
use tidemill_benches::{Latencies, Machine, Options, usage};
use tidemill_tests::{Random, scratch};

const WRITERS: u64 = 8;

/// Between two epochs.
const PAUSE: Duration = Duration::from_secs(1);

const KNOWN: [&str; 4] = ["--rate", "--batch", "--seconds", "--rows"];

/// What the writers do.
#[derive(Clone, Copy)]
struct Load {
    rows: u64,
    rate: u64,
    batch: u64,
}

/// What is asked of all threads.
#[derive(Default)]
struct Signs {
    capturing: AtomicBool,
    stop: AtomicBool,
}

fn main() {
    let options = Options::of_process(&KNOWN);
    let load = Load {
        rows: options.get("--rows", 1_000_000),
        rate: options.get("--rate", 100_000),
        batch: options.get("--batch", 10),
    };
    let folder = scratch("commit");
    let stores = storage::open_embedded(&folder.join("data")).expect("a new directory");
    let engine = engine::Options {
        // Epochs are asked for here, and only here.
        epoch_interval_micros: i64::MAX,
        epoch_log_bytes: u64::MAX,
        memory_bytes_max: 12 << 30,
        ..engine::Options::default()
    };
    let database = Database::open(stores, DatabaseOptions { engine, ..Default::default() });
    let database = database.expect("a new database");
    let table = prepare(&database, load.rows);
    database.engine().checkpoint().expect("an epoch");
    let seconds = Duration::from_secs(options.get("--seconds", 20));
    println!("{} writers, batches of {}, {} rows/s asked", WRITERS, load.batch, load.rate);
    measure(database.engine(), table, load, seconds, &folder);
    database.shutdown().expect("it stops in order");
    let _ = std::fs::remove_dir_all(&folder);
}

/// A table with rows in it, and a view over it.
fn prepare(database: &Arc<Database>, rows: u64) -> RelationId {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut session = database.session(SessionOptions::default()).unwrap();
    for statement in [
        "CREATE TABLE kv (k bigint PRIMARY KEY, n bigint, v bigint, payload text)",
        "CREATE CONTINUOUS VIEW sums AS \
         SELECT k % 100000 AS k, count(*), sum(n), max(v) FROM kv GROUP BY k % 100000",
    ] {
        let parsed = Session::parse(statement).unwrap().remove(0);
        runtime.block_on(session.run(&parsed)).unwrap_or_else(|e| panic!("{statement}: {e}"));
    }
    let found = database.catalog();
    let table = found.relations().find(|relation| relation.name == "kv").expect("just made").id;
    let keys: Vec<i64> = (0..rows as i64).collect();
    let mut random = Random(1);
    for keys in keys.chunks(8_192) {
        database.engine().commit(upsert(table, keys, &mut random)).wait().expect("it fills");
    }
    table
}

fn measure(engine: &Engine, table: RelationId, load: Load, length: Duration, folder: &Path) {
    let signs = Signs::default();
    let before = usage(std::process::id());
    let machine = Machine::begin();
    let (mut all, mut during) = (Latencies::default(), Latencies::default());
    let (mut syncs, mut epochs) = (Latencies::default(), Latencies::default());
    std::thread::scope(|scope| {
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| {
                let signs = &signs;
                scope.spawn(move || write(engine, table, load, writer, signs))
            })
            .collect();
        let bare = scope.spawn(|| sync_bare(folder, &signs));
        let end = Instant::now() + length;
        while Instant::now() < end {
            std::thread::sleep(PAUSE);
            signs.capturing.store(true, Ordering::SeqCst);
            let begun = Instant::now();
            engine.checkpoint().expect("an epoch");
            epochs.push(begun.elapsed());
            signs.capturing.store(false, Ordering::SeqCst);
        }
        signs.stop.store(true, Ordering::SeqCst);
        for writer in writers {
            let (mine, mine_during) = writer.join().unwrap();
            all.append(mine);
            during.append(mine_during);
        }
        syncs.append(bare.join().unwrap());
    });
    let after = usage(std::process::id());
    let cpu = after.cpu_seconds - before.cpu_seconds;
    let rows = all.len() as f64 * load.batch as f64;
    println!(
        "{:.0} rows/s, peak {:.0} MB, others {:.0} % of a core",
        rows / machine.seconds(),
        after.peak_bytes as f64 / 1e6,
        machine.others_percent(cpu)
    );
    println!("all commits             {all}");
    println!("commits during an epoch {during}");
    println!("bare sync of 4 KiB      {syncs}");
    println!("epochs                  {epochs}");
    let over = during.percentile(0.99).as_secs_f64() - syncs.percentile(0.99).as_secs_f64();
    println!("p99 during an epoch is {:.3} ms over that of the bare sync (goal: 1)", over * 1e3);
}

/// Commits at an even pace; gives the latencies of all, and of those that met an epoch.
fn write(
    engine: &Engine,
    table: RelationId,
    load: Load,
    writer: u64,
    signs: &Signs,
) -> (Latencies, Latencies) {
    let (mut all, mut during) = (Latencies::default(), Latencies::default());
    let step = Duration::from_secs_f64(load.batch as f64 * WRITERS as f64 / load.rate as f64);
    let mut random = Random(writer + 1);
    let mut due = Instant::now() + step.mul_f64(writer as f64 / WRITERS as f64);
    while !signs.stop.load(Ordering::Relaxed) {
        let now = Instant::now();
        // Who is late by much has lost that time, rather than make up for it in a burst.
        due = due.max(now.checked_sub(Duration::from_millis(20)).unwrap_or(now));
        std::thread::sleep(due.saturating_duration_since(now));
        due += step;
        let mut keys: Vec<i64> =
            (0..load.batch).map(|_| (random.number() % load.rows) as i64).collect();
        keys.sort_unstable();
        keys.dedup();
        let commit = upsert(table, &keys, &mut random);
        let captured = signs.capturing.load(Ordering::Relaxed);
        let begun = Instant::now();
        engine.commit(commit).wait().expect("the commit stands");
        let took = begun.elapsed();
        all.push(took);
        if captured || signs.capturing.load(Ordering::Relaxed) {
            during.push(took);
        }
    }
    (all, during)
}

fn upsert(relation: RelationId, keys: &[i64], random: &mut Random) -> Commit {
    let numbers = || keys.iter().map(|key| key * 7 % 1_000).collect::<Vec<i64>>();
    let payload = keys.iter().map(|key| format!("a payload of {key:>17}"));
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("k", Arc::new(Int64Array::from(keys.to_vec()))),
        ("n", Arc::new(Int64Array::from(numbers()))),
        ("v", Arc::new(Int64Array::from_iter_values(keys.iter().map(|_| random.number() as i64)))),
        ("payload", Arc::new(StringArray::from_iter_values(payload))),
    ];
    let rows = RecordBatch::try_from_iter(columns).expect("equal lengths");
    let change = Change::Insert { relation, rows, conflict: OnConflict::Overwrite };
    Commit { changes: vec![change], ..Commit::default() }
}

/// Overwrites and syncs a few blocks until told to stop.
fn sync_bare(folder: &Path, signs: &Signs) -> Latencies {
    const BLOCK: usize = 4_096;
    const BLOCKS: u64 = 1_024;
    let file = File::create(folder.join("bare")).expect("a file");
    file.write_all_at(&vec![0; BLOCK * BLOCKS as usize], 0).expect("room on the disk");
    file.sync_all().expect("a sync");
    let mut latencies = Latencies::default();
    let mut random = Random(77);
    while !signs.stop.load(Ordering::Relaxed) {
        std::thread::sleep(Duration::from_millis(2));
        let block: Vec<u8> = (0..BLOCK).map(|_| random.number() as u8).collect();
        let begun = Instant::now();
        let place = latencies.len() as u64 % BLOCKS * BLOCK as u64;
        file.write_all_at(&block, place).expect("a write");
        file.sync_data().expect("a sync");
        latencies.push(begun.elapsed());
    }
    latencies
}
