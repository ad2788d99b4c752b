//! Deals connections out, round robin, to one single-threaded runtime a core.
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use sql::Database;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tracing::{info, warn};

use super::cancel::Cancels;
use super::connection;

/// Connections that wait for one core's runtime to take them.
const HANDOVER_CONNECTIONS_MAX: usize = 256;

/// The stack of a runtime's thread: trees of large statements are walked on it.
const STACK_BYTES: usize = 32 << 20;

/// How long connections may take to end when the server stops.
const STOP_SECONDS_MAX: u64 = 20;

/// What every connection shares.
pub(crate) struct Door {
    pub(crate) database: Arc<Database>,
    pub(crate) cancels: Cancels,
    pub(crate) connections: AtomicUsize,
    pub(crate) connections_max: usize,
    /// How long a client may take nothing of its answer.
    pub(crate) write_seconds_max: u64,
    /// Turns true when the server is to stop.
    pub(crate) stopping: watch::Receiver<bool>,
}

/// Listens until `stopping` turns true, then waits for the runtimes to end.
pub(crate) async fn listen(
    door: Arc<Door>,
    listener: TcpListener,
    cores: usize,
) -> Result<(), String> {
    let (runtimes, threads) = runtimes(&door, cores)?;
    let mut stopping = door.stopping.clone();
    let mut next = 0;
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stopping.wait_for(|stop| *stop) => break,
        };
        match accepted {
            Ok((stream, _)) => {
                let runtime = runtimes.get(next % runtimes.len().max(1));
                next = next.wrapping_add(1);
                // A stream stays with the runtime that it was made in, which would be woken
                // by each of its messages only to wake the other: so it is made there anew.
                if let (Some(runtime), Ok(stream)) = (runtime, stream.into_std()) {
                    let _ = runtime.send(stream).await;
                }
            }
            Err(error) => {
                // Out of file descriptors, most likely: those connected go on.
                warn!("cannot accept a connection: {error}");
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            }
        }
    }
    drop(runtimes);
    let joined = tokio::task::spawn_blocking(move || {
        threads.into_iter().for_each(|thread| {
            let _ = thread.join();
        });
    });
    joined.await.map_err(|error| error.to_string())
}

/// Binds the address, so that a port that is taken is known at once.
pub(crate) async fn bind(address: SocketAddr) -> Result<TcpListener, String> {
    let listener = TcpListener::bind(address)
        .await
        .map_err(|error| format!("cannot listen on {address}: {error}"))?;
    info!("listening on {address}");
    Ok(listener)
}

type Runtimes = (Vec<mpsc::Sender<std::net::TcpStream>>, Vec<std::thread::JoinHandle<()>>);

fn runtimes(door: &Arc<Door>, cores: usize) -> Result<Runtimes, String> {
    let (mut senders, mut threads) = (vec![], vec![]);
    for core in 0..cores.max(1) {
        let (sender, receiver) = mpsc::channel(HANDOVER_CONNECTIONS_MAX);
        let door = Arc::clone(door);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| format!("cannot start a runtime: {error}"))?;
        let thread = std::thread::Builder::new()
            .name(format!("wire-{core}"))
            .stack_size(STACK_BYTES)
            .spawn(move || runtime.block_on(run(door, receiver)))
            .map_err(|error| format!("cannot start a thread: {error}"))?;
        senders.push(sender);
        threads.push(thread);
    }
    Ok((senders, threads))
}

/// Runs connections until no more come and all have ended.
async fn run(door: Arc<Door>, mut streams: mpsc::Receiver<std::net::TcpStream>) {
    let mut connections = tokio::task::JoinSet::new();
    while let Some(stream) = streams.recv().await {
        while connections.try_join_next().is_some() {}
        let Ok(stream) = TcpStream::from_std(stream) else { continue };
        let door = Arc::clone(&door);
        connections.spawn(async move {
            door.connections.fetch_add(1, Ordering::Relaxed);
            connection::run(&door, stream).await;
            door.connections.fetch_sub(1, Ordering::Relaxed);
        });
    }
    let ended = async { while connections.join_next().await.is_some() {} };
    let ended = tokio::time::timeout(Duration::from_secs(STOP_SECONDS_MAX), ended).await;
    if ended.is_err() {
        warn!("connections did not end in {STOP_SECONDS_MAX} s, and are cut off");
    }
}
