//! Kills the real binary while it reads files, and counts each row once.
//!
//! One source reads a large file whole, another follows files that grow, whose lines are
//! cut anywhere and which are rotated, also while nobody watches. After many kills every
//! row is there once, in the views too, and what could not be read was passed over once.
//!
//! `TIDEMILL_CRASH_SECONDS` says how long (default 20); `TIDEMILL_SEED` repeats a run.
#![expect(clippy::disallowed_methods, reason = "how long it runs is by the real clock")]
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tidemill_tests::{Random, Server, scratch};

/// Rows of the file that is read whole.
const WHOLE_ROWS: i64 = 300_000;

/// How long it may take until all is read.
const SETTLE_SECONDS_MAX: u64 = 120;

/// Grows and rotates files; numbers from 0, and a line that is none now and then.
struct Writer {
    folder: PathBuf,
    file: File,
    next: i64,
    /// Lines that are no numbers.
    wrong: i64,
    rotated: usize,
    random: Random,
}

impl Writer {
    fn new(folder: &Path, random: Random) -> Self {
        let file = File::create(folder.join("log")).unwrap();
        Self { folder: folder.to_path_buf(), file, next: 0, wrong: 0, rotated: 0, random }
    }

    fn step(&mut self) {
        let mut lines = String::new();
        for _ in 0..=self.random.below(200) {
            if self.random.chance(1) {
                lines.push_str(&format!("no {}\n", self.next));
                self.wrong += 1;
            }
            lines.push_str(&format!("{}\n", self.next));
            self.next += 1;
        }
        let (first, rest) = lines.split_at(self.random.below(lines.len() as i32) as usize);
        self.file.write_all(first.as_bytes()).unwrap();
        std::thread::sleep(Duration::from_millis(5 + self.random.number() % 10));
        self.file.write_all(rest.as_bytes()).unwrap();
        if self.random.chance(3) {
            self.rotated += 1;
            let away = self.folder.join(format!("log.{}", self.rotated));
            fs::rename(self.folder.join("log"), away).unwrap();
            let mut new = OpenOptions::new();
            new.create_new(true).append(true);
            self.file = new.open(self.folder.join("log")).unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_row_of_a_file_is_taken_once() {
    let seconds = number("TIDEMILL_CRASH_SECONDS", 20);
    let seed = number("TIDEMILL_SEED", u64::from(std::process::id()));
    eprintln!("seed {seed}, {seconds} s");
    let mut random = Random(seed);
    let (data, folder) = (scratch("sources-data"), scratch("sources-files"));
    let whole = (0..WHOLE_ROWS).map(|n| format!("{n},{}\n", n % 7)).collect::<String>();
    fs::write(folder.join("whole.csv"), whole).unwrap();
    let mut writer = Writer::new(&folder, Random(random.number()));
    let stop = Arc::new(AtomicBool::new(false));
    let stopped = Arc::clone(&stop);
    let writes = std::thread::spawn(move || {
        while !stopped.load(Ordering::Relaxed) {
            writer.step();
        }
        writer
    });
    let arguments = ["--epoch-log", "256KiB", "--epoch-seconds", "1"];
    let mut server = Server::start(&data, &arguments);
    server.connect().await.batch_execute(&schema(&folder)).await.unwrap();
    let (begun, mut kills) = (Instant::now(), 0);
    while begun.elapsed() < Duration::from_secs(seconds) || kills < 3 {
        tokio::time::sleep(Duration::from_millis(50 + random.number() % 800)).await;
        server.kill();
        tokio::time::sleep(Duration::from_millis(random.number() % 100)).await;
        server = Server::start(&data, &arguments);
        kills += 1;
    }
    stop.store(true, Ordering::Relaxed);
    let writer = writes.join().unwrap();
    eprintln!("{kills} kills, {} rows, {} rotations", writer.next, writer.rotated);
    settle(&server, &writer).await;
    server.kill();
    server = Server::start(&data, &arguments);
    settle(&server, &writer).await;
    assert!(server.stop(), "the server stops well on SIGTERM");
    fs::remove_dir_all(data).unwrap();
    fs::remove_dir_all(folder).unwrap();
}

fn schema(folder: &Path) -> String {
    let folder = folder.display();
    format!(
        "CREATE SOURCE whole (n bigint, d int)
           WITH (connector = 'file', path = '{folder}/whole.csv', format = 'csv');
         CREATE SOURCE log (n bigint)
           WITH (connector = 'file', path = '{folder}/log*', format = 'csv', follow = true);
         CREATE CONTINUOUS VIEW of_whole AS SELECT d, count(*) AS c FROM whole GROUP BY d;
         CREATE CONTINUOUS VIEW of_log AS SELECT count(*) AS c, sum(n) AS t FROM log;"
    )
}

/// Waits until all rows are there, then looks whether each is so once.
async fn settle(server: &Server, writer: &Writer) {
    let (whole, log) = (WHOLE_ROWS, writer.next);
    let client = server.connect().await;
    let numbers = async |query: &str| -> Vec<i64> {
        let row = client.query_one(query, &[]).await.unwrap();
        (0..row.len()).map(|place| row.get(place)).collect()
    };
    let begun = Instant::now();
    loop {
        let counts = numbers("SELECT (SELECT count(*) FROM whole), (SELECT count(*) FROM log)");
        let counts = counts.await;
        assert!(counts[0] <= whole && counts[1] <= log, "rows are there twice: {counts:?}");
        if counts == [whole, log] {
            break;
        }
        let late = begun.elapsed() > Duration::from_secs(SETTLE_SECONDS_MAX);
        assert!(!late, "{counts:?} of {:?}", [whole, log]);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let each = "SELECT count(DISTINCT n), min(n), max(n) FROM";
    assert_eq!(numbers(&format!("{each} whole")).await, [whole, 0, whole - 1]);
    assert_eq!(numbers(&format!("{each} log")).await, [log, 0, log - 1]);
    let views = "SELECT (SELECT sum(c) FROM of_whole)::bigint, (SELECT c FROM of_log), \
                 (SELECT t FROM of_log)::bigint";
    assert_eq!(numbers(views).await, [whole, log, log * (log - 1) / 2]);
    let errors = "SELECT count(*), count(DISTINCT \"row\") FROM tidemill.errors";
    assert_eq!(numbers(errors).await, [writer.wrong, writer.wrong]);
}

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().map_or(default, |text| text.parse().expect("a number"))
}
