//! A real server: the binary as a child process, on a data directory of its own.
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

use tokio_postgres::{Client, NoTls};

/// How long a server may take until it answers; builds may hold both cores meanwhile.
const START_SECONDS_MAX: u64 = 90;

/// The project's top folder.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ has a parent").to_path_buf()
}

/// The `tidemill` binary, built now if it is not up to date; or that of `TIDEMILL_BINARY`.
pub fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        if let Some(given) = std::env::var_os("TIDEMILL_BINARY") {
            return given.into();
        }
        let own = std::env::current_exe().expect("a test has a path");
        let profile = own.ancestors().nth(2).expect("target/debug").to_path_buf();
        // A benchmark runs what was optimised as it is itself.
        let release = profile.ends_with("release").then_some("--release");
        let built = Command::new(env!("CARGO"))
            // Of the whole workspace, so that dependencies keep the features they were built with.
            .args(["build", "--quiet", "--workspace", "--bins"])
            .args(release)
            .current_dir(root())
            .status()
            .expect("cargo runs");
        assert!(built.success(), "the binary does not build");
        profile.join("tidemill")
    })
}

/// A new, empty folder that no other test has.
pub fn scratch(name: &str) -> PathBuf {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let folder = format!("tidemill-{name}-{}-{number}", std::process::id());
    let path = std::env::temp_dir().join(folder);
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).expect("a scratch folder can be made");
    path
}

/// A port that nobody listens on.
pub fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a port is free");
    listener.local_addr().expect("a bound port has a number").port()
}

/// A running server; killed when dropped.
pub struct Server {
    child: Child,
    /// Its port on 127.0.0.1.
    pub port: u16,
    /// Where it keeps its data.
    pub data: PathBuf,
    /// What it has said so far: read as it comes, so that it never waits to be heard.
    said: Arc<Mutex<String>>,
}

impl Server {
    /// Starts a server on `data` with more arguments, and waits until it listens.
    pub fn start(data: &Path, arguments: &[&str]) -> Self {
        let (mut child, port) = spawn(data, arguments);
        let said = Arc::<Mutex<String>>::default();
        let mut speech = child.stderr.take().expect("piped");
        let heard = Arc::clone(&said);
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(read) = speech.read(&mut bytes)
                && read > 0
            {
                let text = String::from_utf8_lossy(&bytes[..read]);
                heard.lock().expect("no thread panics here").push_str(&text);
            }
        });
        let begun = Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            if let Some(status) = child.try_wait().expect("a child can be asked") {
                std::thread::sleep(Duration::from_millis(100));
                let said = said.lock().expect("no thread panics here");
                panic!("the server ended with {status} before it listened: {said}");
            }
            assert!(
                begun.elapsed() < Duration::from_secs(START_SECONDS_MAX),
                "the server did not listen in {START_SECONDS_MAX} s"
            );
            std::thread::sleep(Duration::from_millis(5));
        }
        Self { child, port, data: data.to_path_buf(), said }
    }

    /// Starts a server and kills it after a while, at work on whatever it finds then.
    pub fn start_and_kill(data: &Path, arguments: &[&str], after: Duration) {
        let (mut child, _) = spawn(data, arguments);
        std::thread::sleep(after);
        if let Ok(Some(status)) = child.try_wait() {
            let mut said = String::new();
            let _ = child.stderr.take().expect("piped").read_to_string(&mut said);
            panic!("the server ended with {status} while it started: {said}");
        }
        let _ = child.kill();
        let _ = child.wait();
    }

    /// The number of its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What it has complained of so far.
    pub fn said(&self) -> String {
        self.said.lock().expect("no thread panics here").clone()
    }

    /// Its memory in bytes, as the system counts it.
    pub fn memory(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid())).expect("it runs");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("VmRSS");
        line.trim().trim_end_matches(" kB").parse::<u64>().expect("a number") << 10
    }

    /// Kills it as a loss of the process would, and waits until it is gone.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Asks it to stop, and does not wait. Whether it could be asked.
    pub fn terminate(&self) -> bool {
        let pid = self.child.id().to_string();
        Command::new("kill").args(["-TERM", &pid]).status().expect("kill runs").success()
    }

    /// Asks it to stop, and says whether it ended well.
    pub fn stop(&mut self) -> bool {
        self.terminate() && self.child.wait().expect("a child can be waited for").success()
    }

    /// A connection to it.
    pub async fn connect(&self) -> Client {
        connect(self.port).await
    }
}

fn spawn(data: &Path, arguments: &[&str]) -> (Child, u16) {
    let port = free_port();
    let child = Command::new(binary())
        .arg("serve")
        .arg("--data-dir")
        .arg(data)
        .arg("--listen")
        .arg(format!("127.0.0.1:{port}"))
        .args(arguments)
        .env("TIDEMILL_LOG", "warn")
        .stdin(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    (child, port)
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A connection to a server on 127.0.0.1.
pub async fn connect(port: u16) -> Client {
    let config = format!("host=127.0.0.1 port={port} user=test dbname=tidemill");
    let (client, connection) = tokio_postgres::connect(&config, NoTls).await.expect("it answers");
    tokio::spawn(connection);
    client
}
