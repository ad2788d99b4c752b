//! The same load and the same checks over a disk that forgets what was not synced.
//!
//! The whole server runs in this process on simulated files. At a random moment the power
//! goes: any subset of what was not synced is kept, the next server starts on the rest.
//! Then the disk lies about one kind of sync, as a build would that has left it out: that
//! must be noticed, or this test could not notice a missing one.
//!
//! `TIDEMILL_POWER_SECONDS` says how long (default 40); `TIDEMILL_SEED` repeats the moments.
//! The catalog's records are kept in memory that forgets nothing: they are SQLite's to keep.
use std::path::PathBuf;
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use server::config::Config;
use storage::{ForgetfulFiles, Memory, open_embedded_on};
use tidemill_tests::{Random, connect};
use tokio::sync::oneshot;

use crate::writers::{self, Ledger};
use crate::{check, number, prepare};

/// Syncs that are left out, one kind at a time, and how the files are called.
const LIES: [(&str, &str); 3] =
    [("the log's segments", "log/*"), ("the blobs", "blobs/*"), ("the pointer", "blobs/pointer*")];

/// How many losses of power a lie may survive unnoticed: most lose what nobody misses.
const LIE_CYCLES_MAX: u64 = 300;

/// A disk, what is in the catalog, and what was acknowledged.
struct Machine {
    files: Arc<ForgetfulFiles>,
    records: Memory,
    ledger: Ledger,
    random: Random,
}

/// A server in a thread of its own.
struct Running {
    port: u16,
    stop: Option<oneshot::Sender<()>>,
    thread: JoinHandle<Result<(), String>>,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_loss_of_power_loses_nothing_that_was_acknowledged() {
    let seconds = number("TIDEMILL_POWER_SECONDS", 40);
    let seed = number("TIDEMILL_SEED", u64::from(std::process::id()));
    eprintln!("seed {seed}, {seconds} s");
    let mut machine = Machine::new(seed).await;
    let (begun, mut cycles) = (Instant::now(), 0);
    while begun.elapsed() < Duration::from_secs(seconds) || cycles < 3 {
        machine.cycle().await.unwrap_or_else(|error| panic!("after {cycles} losses: {error}"));
        cycles += 1;
    }
    let ledger = &machine.ledger;
    eprintln!("{cycles} losses of power, {} events, {} blocks", ledger.events(), ledger.blocks());
    assert!(ledger.events() > 0 && ledger.blocks() > 0, "the load did nothing");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sync_that_is_left_out_is_noticed() {
    for (what, pattern) in LIES {
        let mut machine = Machine::new(number("TIDEMILL_SEED", 7)).await;
        machine.files.skip_syncs_of(pattern);
        let mut cycles = 0;
        let error = loop {
            cycles += 1;
            assert!(cycles <= LIE_CYCLES_MAX, "nobody missed the syncs of {what}");
            // The checks panic where something is wrong; here that is what is wanted.
            match tokio::spawn(async move { machine.cycle().await.map(|()| machine) }).await {
                Ok(Ok(next)) => machine = next,
                Ok(Err(error)) => break error,
                Err(panic) => break panic.to_string(),
            }
        };
        eprintln!("without the syncs of {what}: noticed after {cycles} losses: {error}");
    }
}

impl Machine {
    async fn new(seed: u64) -> Self {
        let records = Memory::new();
        let mut machine = Self {
            files: ForgetfulFiles::new(),
            records,
            ledger: Ledger::default(),
            random: Random(seed),
        };
        let running = machine.start().unwrap();
        prepare(&connect(running.port).await).await;
        running.stop().await.unwrap();
        machine.files = machine.files.kill();
        machine
    }

    /// Load, loss of power, start, checks.
    async fn cycle(&mut self) -> Result<(), String> {
        let running = self.start()?;
        let load = writers::start(running.port, &self.ledger, self.random.number());
        let while_it_runs = Duration::from_millis(30 + self.random.number() % 300);
        tokio::time::sleep(while_it_runs).await;
        self.files = self.files.lose_power(self.random.number());
        // It may end well if it had nothing to write any more.
        let _ = running.stop().await;
        self.ledger = load.finish(std::mem::take(&mut self.ledger)).await;
        let running = self.start()?;
        check::all(&connect(running.port).await, &mut self.ledger).await;
        running.stop().await?;
        self.files = self.files.kill();
        Ok(())
    }

    fn start(&self) -> Result<Running, String> {
        let records = self.records.open().records;
        let files = Arc::clone(&self.files);
        let stores = open_embedded_on(files, records).map_err(|error| error.to_string())?;
        let (stop, stopped) = oneshot::channel();
        let (started, port) = mpsc::channel();
        // The server has a runtime of its own, which must not stand inside of this test's.
        let thread = std::thread::spawn(move || {
            let server = server::Server::start_on(stores, config())?;
            let _ = started.send(server.address().port());
            server.run_with(async |_| {
                let _ = stopped.await;
                Ok(())
            })
        });
        let Ok(port) = port.recv() else {
            return Err(thread.join().map_or("it panicked".into(), |ended| format!("{ended:?}")));
        };
        Ok(Running { port, stop: Some(stop), thread })
    }
}

impl Running {
    /// Ends it. The thread is joined apart, as its clients need this test's threads to go.
    async fn stop(mut self) -> Result<(), String> {
        drop(self.stop.take());
        let thread = self.thread;
        let joined = tokio::task::spawn_blocking(|| thread.join()).await.expect("it is joined");
        joined.unwrap_or_else(|_| Err("the server panicked".into()))
    }
}

/// Epochs come often, so that the power goes in the middle of some.
fn config() -> Config {
    Config {
        data_dir: PathBuf::new(),
        listen: ([127, 0, 0, 1], 0).into(),
        memory_bytes_max: 4 << 30,
        connections_max: 100,
        write_seconds_max: 60,
        epoch_interval_micros: 50_000,
        epoch_log_bytes: 64 << 10,
        workers: 2,
    }
}
