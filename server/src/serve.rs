//! A running server: the database, its door, and the signals that stop it.
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use sql::{Database, DatabaseOptions};
use storage::Stores;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tracing::info;

use crate::config::{Config, ServeOptions};
use crate::connectors;
use crate::pgwire::{self, Cancels, Door};
use crate::telemetry;

/// How often it is looked whether the engine has stopped by itself.
const WATCH_INTERVAL: std::time::Duration = std::time::Duration::from_millis(200);

/// A server that has its data and its port.
pub struct Server {
    runtime: tokio::runtime::Runtime,
    database: Arc<Database>,
    listener: Option<TcpListener>,
    address: SocketAddr,
    config: Config,
}

/// Serves until a signal comes.
pub fn serve(options: ServeOptions) -> Result<(), String> {
    telemetry::start();
    Server::start(options.settle()?)?.run_with(async |_| {
        std::future::pending::<()>().await;
        Ok(())
    })
}

impl Server {
    /// Opens the data and the port.
    pub fn start(config: Config) -> Result<Self, String> {
        let stores = storage::open_embedded(&config.data_dir).map_err(|error| error.to_string())?;
        let server = Self::start_on(stores, config)?;
        info!("data in {}", server.config.data_dir.display());
        Ok(server)
    }

    /// Opens the port before data that are kept elsewhere than in the configured directory.
    pub fn start_on(stores: Stores, config: Config) -> Result<Self, String> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| format!("cannot start a runtime: {error}"))?;
        let engine = engine::Options {
            memory_bytes_max: config.memory_bytes_max,
            epoch_interval_micros: config.epoch_interval_micros,
            epoch_log_bytes: config.epoch_log_bytes,
            workers: config.workers,
            ..engine::Options::default()
        };
        let connectors = connectors::connectors();
        let options = DatabaseOptions { engine, connectors, ..DatabaseOptions::default() };
        let database = Database::open(stores, options).map_err(|error| error.to_string())?;
        // Only now, so that whoever can connect is answered.
        let listener = runtime.block_on(pgwire::bind(config.listen))?;
        let address = listener.local_addr().map_err(|error| error.to_string())?;
        Ok(Self { runtime, database, listener: Some(listener), address, config })
    }

    /// The address it listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The database it serves.
    pub fn database(&self) -> &Arc<Database> {
        &self.database
    }

    /// Serves until `work` ends or a signal comes, then stops in order: no new statements,
    /// a last epoch, the files closed.
    pub fn run_with(
        mut self,
        work: impl AsyncFnOnce(&Self) -> Result<(), String>,
    ) -> Result<(), String> {
        let Some(listener) = self.listener.take() else { return Err("already served".into()) };
        let (stop, stopping) = watch::channel(false);
        let door = Arc::new(Door {
            database: Arc::clone(&self.database),
            cancels: Cancels::default(),
            connections: AtomicUsize::new(0),
            connections_max: self.config.connections_max,
            write_seconds_max: self.config.write_seconds_max,
            stopping,
        });
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let outcome = self.runtime.block_on(async {
            let served = pgwire::listen(Arc::clone(&door), listener, cores);
            let ended = async {
                let outcome = tokio::select! {
                    outcome = work(&self) => outcome,
                    outcome = signalled() => outcome,
                    outcome = broken(&self.database) => outcome,
                };
                info!("stopping");
                door.cancels.shut_down();
                // The door holds a receiver, so this is heard.
                let _ = stop.send(true);
                outcome
            };
            let sources = connectors::run(Arc::clone(&self.database), door.stopping.clone());
            let (served, outcome, ()) = tokio::join!(served, ended, sources);
            outcome.and(served)
        });
        let closed = self.database.shutdown().map_err(|error| error.to_string());
        outcome.and(closed)
    }
}

async fn signalled() -> Result<(), String> {
    let listen = |kind| signal(kind).map_err(|error| format!("cannot wait for signals: {error}"));
    let mut terminate = listen(SignalKind::terminate())?;
    let mut interrupt = listen(SignalKind::interrupt())?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}

/// Ends when the engine has stopped by itself, as it does when its disk fails: what was
/// not acknowledged may be lost, so the process must not go on as if nothing had happened.
async fn broken(database: &Database) -> Result<(), String> {
    let mut watch = tokio::time::interval(WATCH_INTERVAL);
    loop {
        watch.tick().await;
        if let Some(error) = database.engine().stopped() {
            return Err(format!("the engine has stopped: {error}"));
        }
    }
}
