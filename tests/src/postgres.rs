//! A private PostgreSQL, the oracle: on loopback, without durability, gone with its test.
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tokio_postgres::{Client, NoTls};

use crate::server::{free_port, scratch};

/// A running PostgreSQL server; killed when dropped.
pub struct Postgres {
    child: Child,
    /// Its port on 127.0.0.1.
    pub port: u16,
    folder: PathBuf,
}

impl Postgres {
    /// Starts a new, empty server. Fails with what to install where there is none.
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    /// The same with more settings, as `name=value`.
    pub fn start_with(settings: &[&str]) -> Self {
        let programs = programs();
        let folder = scratch("postgres");
        let data = folder.join("data");
        let root = is_root();
        if root {
            run(Command::new("chown").args(["postgres", &folder.display().to_string()]));
        }
        let mut initdb = as_postgres(root, &programs.join("initdb"));
        initdb.args(["--auth=trust", "--username=postgres", "--encoding=UTF8"]);
        // Text compares by bytes, as in Tidemill; case is of all of Unicode.
        initdb.args(["--locale=C", "--lc-ctype=C.UTF-8"]);
        run(initdb.arg("--no-sync").arg("-D").arg(&data));
        let port = free_port();
        let mut server = as_postgres(root, &programs.join("postgres"));
        server.arg("-D").arg(&data).args(["-p", &port.to_string()]);
        let own = ["listen_addresses=127.0.0.1", "fsync=off", "unix_socket_directories="];
        for setting in own.iter().chain(settings) {
            server.args(["-c", setting]);
        }
        let child = server
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("PostgreSQL starts");
        Self { child, port, folder }
    }

    /// One of its programs, such as `pgbench`.
    pub fn program(name: &str) -> PathBuf {
        programs().join(name)
    }

    /// The number of its first process, once there can be a connection.
    pub fn pid(&self) -> Option<u32> {
        // Run through another user's shell, the server itself is a grandchild: it goes by
        // its lock file's first line.
        let text = std::fs::read_to_string(self.folder.join("data/postmaster.pid")).ok()?;
        text.lines().next()?.parse().ok()
    }

    /// A connection, as soon as there can be one.
    pub async fn connect(&self) -> Client {
        let config = format!("host=127.0.0.1 port={} user=postgres dbname=postgres", self.port);
        let begun = Instant::now();
        loop {
            match tokio_postgres::connect(&config, NoTls).await {
                Ok((client, connection)) => {
                    tokio::spawn(connection);
                    return client;
                }
                Err(error) => assert!(begun.elapsed() < Duration::from_secs(90), "{error}"),
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if let Some(pid) = self.pid() {
            let _ = Command::new("kill").args(["-QUIT", &pid.to_string()]).status();
        }
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn programs() -> PathBuf {
    let mut versions: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .map(|entries| entries.flatten().map(|entry| entry.path().join("bin")).collect())
        .unwrap_or_default();
    versions.retain(|folder| folder.join("postgres").exists());
    versions.sort();
    versions.pop().expect("no PostgreSQL server: `tests/run` installs it (Debian: postgresql)")
}

fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output().expect("id runs");
    output.stdout.starts_with(b"0")
}

/// PostgreSQL refuses to run as root.
fn as_postgres(root: bool, program: &std::path::Path) -> Command {
    if !root {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]).arg(program);
    command
}

fn run(command: &mut Command) {
    let output = command.output().expect("the command runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {said}");
}
