//! A database in memory with running sources, a folder for their files.
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use arrow::array::ArrayRef;
use arrow::util::display::array_value_to_string;
use engine::FAILURES;
use sql::{Database, DatabaseOptions, Response, Session, SessionOptions};
use storage::Memory;
use tokio::sync::watch;

/// How long something may take to come, in steps of 5 ms.
const STEPS_MAX: usize = 4_000;

pub(super) const CSV: &str = "format = 'csv'";
pub(super) const TAIL: &str = "format = 'csv', follow = true";

pub(super) struct World {
    pub(super) folder: PathBuf,
    memory: Memory,
    running: Option<Running>,
}

struct Running {
    database: Arc<Database>,
    stop: watch::Sender<bool>,
    thread: std::thread::JoinHandle<()>,
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

impl World {
    pub(super) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("tidemill-files-{}-{number}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        fs::create_dir_all(&folder).unwrap();
        let mut world = Self { folder, memory: Memory::default(), running: None };
        world.start();
        world
    }

    pub(super) fn start(&mut self) {
        let connectors = crate::connectors::connectors();
        let options = DatabaseOptions { connectors, ..DatabaseOptions::default() };
        let database = Database::open(self.memory.open(), options).unwrap();
        let (stop, stopping) = watch::channel(false);
        let served = Arc::clone(&database);
        let thread = std::thread::spawn(move || {
            runtime().block_on(crate::connectors::run(served, stopping));
        });
        self.running = Some(Running { database, stop, thread });
    }

    /// Stops the sources where they are, and the engine after them.
    pub(super) fn stop(&mut self) {
        let Running { database, stop, thread } = self.running.take().unwrap();
        stop.send(true).unwrap();
        thread.join().unwrap();
        database.shutdown().unwrap();
    }

    pub(super) fn restart(&mut self) {
        self.stop();
        self.start();
    }

    pub(super) fn database(&self) -> &Arc<Database> {
        &self.running.as_ref().unwrap().database
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    pub(super) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        fs::write(self.path(name), bytes).unwrap();
    }

    pub(super) fn append(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let mut file = OpenOptions::new().append(true).create(true).open(self.path(name)).unwrap();
        file.write_all(bytes.as_ref()).unwrap();
    }

    /// Cuts a file to nothing, then writes.
    pub(super) fn write_anew(&self, name: &str, bytes: &[u8]) {
        let mut file = OpenOptions::new().write(true).truncate(true).open(self.path(name)).unwrap();
        file.write_all(bytes).unwrap();
    }

    pub(super) fn rename(&self, from: &str, to: &str) {
        fs::rename(self.path(from), self.path(to)).unwrap();
    }

    pub(super) fn remove(&self, name: &str) {
        fs::remove_file(self.path(name)).unwrap();
    }

    /// `CREATE SOURCE s (columns) WITH (connector = 'file', path = …, rest)`
    pub(super) fn create(&self, columns: &str, name: &str, rest: &str) {
        let path = self.path(name);
        let path = path.display();
        let with = format!("WITH (connector = 'file', path = '{path}', {rest})");
        assert_eq!(self.run(&format!("CREATE SOURCE s ({columns}) {with}")), "CREATE SOURCE");
    }

    /// Rows as text, a tag, or the code of an error.
    pub(super) fn run(&self, text: &str) -> String {
        let options = SessionOptions { user: "test".into(), ..SessionOptions::default() };
        let mut session = self.database().session(options).unwrap();
        let parsed = Session::parse(text).unwrap();
        runtime().block_on(async {
            match session.run(&parsed[0]).await {
                Err(error) => error.code().to_owned(),
                Ok(Response::Done(tag)) => tag,
                Ok(Response::Rows(mut rows)) => {
                    let mut lines = vec![];
                    while let Some(batch) = rows.next().await.unwrap() {
                        for row in 0..batch.num_rows() {
                            let cell = |column: &ArrayRef| array_value_to_string(column, row);
                            let cells: Vec<String> = batch
                                .columns()
                                .iter()
                                .map(|column| cell(column).unwrap())
                                .collect();
                            lines.push(cells.join(","));
                        }
                    }
                    lines.join(" ")
                }
                Ok(_) => panic!("{text} has no rows"),
            }
        })
    }

    /// Waits until `query` gives `expected`.
    pub(super) fn wait(&self, query: &str, expected: &str) {
        let mut found = String::new();
        for _ in 0..STEPS_MAX {
            found = self.run(query);
            if found == expected {
                return;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        panic!("{query}: {found} instead of {expected}; {}", self.run("SHOW SOURCES"));
    }

    /// Waits for all rows of the source, in order of arrival.
    pub(super) fn rows(&self, expected: &str) {
        self.wait("SELECT * FROM s ORDER BY _position", expected);
    }

    /// Waits until SHOW SOURCES says `state`.
    pub(super) fn state(&self, state: &str) {
        for _ in 0..STEPS_MAX {
            if self.run("SHOW SOURCES").contains(state) {
                return;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        panic!("{} instead of {state}", self.run("SHOW SOURCES"));
    }

    /// The error relation: code, record and place, without the folder.
    pub(super) fn failures(&self) -> Vec<String> {
        let snapshot = self.database().engine().snapshot_of(&[FAILURES]).unwrap();
        let mut lines = vec![];
        for batch in snapshot.rows(FAILURES).unwrap().batches(None) {
            let batch = batch.unwrap();
            for row in 0..batch.num_rows() {
                let column = |name: &str| batch.column_by_name(name).unwrap();
                let cell = |name: &str| array_value_to_string(column(name), row).unwrap();
                let folder = format!("{}/", self.folder.display());
                let place = cell("place").replace(&folder, "");
                lines.push(format!("{} {} {place}", cell("sqlstate"), cell("row")));
            }
        }
        lines.sort();
        lines
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if let Some(Running { stop, thread, .. }) = self.running.take() {
            let _ = stop.send(true);
            let _ = thread.join();
        }
        let _ = fs::remove_dir_all(&self.folder);
    }
}
