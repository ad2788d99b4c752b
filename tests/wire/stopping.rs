//! SIGTERM while everyone is busy.
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use tidemill_tests::{Server, connect, scratch};

use crate::raw::{Raw, frame};

/// How long a stop may take, with clients that do not listen.
const STOP_SECONDS_MAX: u64 = 40;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_server_stops_in_order_under_load() {
    let data = scratch("wire-stop");
    let mut server = Server::start(&data, &[]);
    let client = server.connect().await;
    client.batch_execute("CREATE STREAM e (n int, s text)").await.unwrap();
    let port = server.port;
    let acknowledged = Arc::new(AtomicI64::new(0));
    let writers: Vec<_> = (0..8)
        .map(|n| {
            let acknowledged = Arc::clone(&acknowledged);
            tokio::spawn(async move {
                let client = connect(port).await;
                let insert = "INSERT INTO e VALUES ($1, $2)";
                let text = "x".repeat(500);
                while client.execute(insert, &[&n, &text]).await.is_ok() {
                    acknowledged.fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .collect();
    while acknowledged.load(Ordering::Relaxed) < 200 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let idle = Raw::start(port);
    let silent = Raw::open(port);
    let mut subscriber = Raw::start(port);
    subscriber.send(&frame(b'Q', b"SUBSCRIBE TO e\0"));
    let mut copy = Raw::start(port);
    copy.send(&frame(b'Q', b"COPY e FROM STDIN\0"));
    let mut stalled = Raw::start(port);
    stalled.send(&frame(b'Q', "SELECT * FROM e a, e b\0".as_bytes()));
    tokio::time::sleep(Duration::from_millis(300)).await;
    let begun = Instant::now();
    let stopped = tokio::task::spawn_blocking(move || (server.stop(), server)).await.unwrap();
    assert!(stopped.0, "the server ends well: {}", stopped.1.said());
    let took = begun.elapsed();
    assert!(took < Duration::from_secs(STOP_SECONDS_MAX), "stopping took {took:?}");
    for writer in writers {
        writer.await.unwrap();
    }
    let told = |raw: Raw| raw.drain().iter().rev().find_map(|answer| answer.error());
    assert_eq!(told(idle).as_deref(), Some("FATAL 57P01"));
    assert!(told(silent).is_none());
    let server = Server::start(&data, &[]);
    let client = server.connect().await;
    let row = client.query_one("SELECT count(*) FROM e", &[]).await.unwrap();
    let kept: i64 = row.get(0);
    let acknowledged = acknowledged.load(Ordering::Relaxed);
    // Each writer may have had one more under way.
    assert!((acknowledged..=acknowledged + 8).contains(&kept), "{kept} of {acknowledged}");
    drop(server);
    std::fs::remove_dir_all(data).unwrap();
}
