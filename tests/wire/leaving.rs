//! Clients that leave a block open, or go away in the middle of something.
use std::time::{Duration, Instant};

use tidemill_tests::{Server, connect, scratch};

use crate::raw::{Raw, frame};

fn code(error: &tokio_postgres::Error) -> Option<&str> {
    error.code().map(|code| code.code())
}

#[tokio::test]
async fn a_block_left_open_holds_nobody_back() {
    let data = scratch("wire-block");
    let server = Server::start(&data, &[]);
    let (open, other) = (server.connect().await, server.connect().await);
    other.batch_execute("CREATE TABLE t (id int PRIMARY KEY, n int)").await.unwrap();
    other.batch_execute("INSERT INTO t VALUES (1, 0)").await.unwrap();
    open.batch_execute("BEGIN; UPDATE t SET n = 1 WHERE id = 1").await.unwrap();
    let begun = Instant::now();
    for n in 0..100 {
        other.execute("UPDATE t SET n = $1 WHERE id = 1", &[&n]).await.unwrap();
    }
    other.batch_execute("CREATE CONTINUOUS VIEW v AS SELECT sum(n) AS s FROM t").await.unwrap();
    assert!(begun.elapsed() < Duration::from_secs(20), "the open block holds others back");
    assert_eq!(code(&open.batch_execute("COMMIT").await.unwrap_err()), Some("40001"));
    open.batch_execute("SET idle_in_transaction_session_timeout = '300ms'").await.unwrap();
    // Idle without a block is no fault.
    tokio::time::sleep(Duration::from_millis(600)).await;
    open.batch_execute("BEGIN; INSERT INTO t VALUES (2, 2)").await.unwrap();
    tokio::time::sleep(Duration::from_millis(900)).await;
    let ended = open.batch_execute("COMMIT").await.unwrap_err();
    assert!(open.is_closed() || code(&ended) == Some("25P03"), "{ended}");
    let row = other.query_one("SELECT count(*) FROM t", &[]).await.unwrap();
    assert_eq!(row.get::<_, i64>(0), 1);
    let mut raw = Raw::start(server.port);
    raw.query("SET idle_in_transaction_session_timeout = 100");
    raw.query("BEGIN");
    let told = raw.next().and_then(|answer| answer.error());
    assert_eq!(told.as_deref(), Some("FATAL 25P03"));
    assert_eq!(raw.next(), None);
    drop(server);
    std::fs::remove_dir_all(data).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_goes_away_leaves_nothing_behind() {
    let data = scratch("wire-leaving");
    let server = Server::start(&data, &["--connections-max", "60"]);
    let port = server.port;
    let client = server.connect().await;
    client
        .batch_execute(
            "CREATE TABLE t (id int PRIMARY KEY, s text); CREATE STREAM e (n int);
             CREATE CONTINUOUS VIEW v AS SELECT count(*) AS c FROM e",
        )
        .await
        .unwrap();
    let filling = (0..2_000).map(|n| format!("({n}, 'x')")).collect::<Vec<_>>().join(",");
    client.batch_execute(&format!("INSERT INTO t VALUES {filling}")).await.unwrap();
    for round in 0..50 {
        let mut copy = Raw::start(port);
        copy.send(&frame(b'Q', b"COPY t FROM STDIN\0"));
        copy.next().unwrap();
        copy.send(&frame(b'd', b"100001\ta\n100002\tb\n"));
        let mut block = Raw::start(port);
        block.query("BEGIN");
        block.query("UPDATE t SET s = 'y'");
        let mut portal = Raw::start(port);
        portal.send(&frame(b'P', b"\0SELECT * FROM t\0\0\0"));
        portal.send(&frame(b'B', b"p\0\0\0\0\0\0\0\0"));
        portal.send(&frame(b'E', b"p\0\0\0\0\x05"));
        portal.send(&frame(b'H', b""));
        portal.next().unwrap();
        let mut subscription = Raw::start(port);
        subscription.send(&frame(b'Q', b"SUBSCRIBE TO v\0"));
        subscription.next().unwrap();
        let mut torn = Raw::start(port);
        torn.send(b"Q\0\0\x01\0SELECT");
        if round % 2 == 0 {
            // Some have more to read than they did, which resets the connection.
            portal.send(&frame(b'E', b"p\0\0\0\0\0"));
            portal.send(&frame(b'S', b""));
        }
        client.batch_execute("INSERT INTO e VALUES (1)").await.unwrap();
    }
    // 250 came and went: there is room for all that may be.
    let begun = Instant::now();
    let mut others = vec![];
    while others.len() < 55 {
        let config = format!("host=127.0.0.1 port={port} user=test dbname=tidemill");
        match tokio_postgres::connect(&config, tokio_postgres::NoTls).await {
            Ok((other, connection)) => {
                tokio::spawn(connection);
                others.push(other);
            }
            Err(error) => assert!(begun.elapsed() < Duration::from_secs(20), "{error}"),
        }
    }
    drop(others);
    let client = connect(port).await;
    let row = client.query_one("SELECT count(*), max(s) FROM t", &[]).await.unwrap();
    assert_eq!((row.get::<_, i64>(0), row.get::<_, &str>(1)), (2_000, "x"));
    client.batch_execute("UPDATE t SET s = 'z'").await.unwrap();
    let row = client.query_one("SELECT c FROM v", &[]).await.unwrap();
    assert_eq!(row.get::<_, i64>(0), 50);
    assert!(!server.said().contains("panicked"), "{}", server.said());
    drop(server);
    std::fs::remove_dir_all(data).unwrap();
}
