//! Many connections at once, and one more than there may be.
use std::time::Duration;

use tidemill_tests::{Server, connect, scratch};
use tokio_postgres::NoTls;

const CLIENTS: i32 = 500;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_hundred_connections_are_served_at_once() {
    let data = scratch("wire-crowd");
    let server = Server::start(&data, &[]);
    let first = server.connect().await;
    first
        .batch_execute(
            "CREATE TABLE t (id int PRIMARY KEY, n int NOT NULL);
             CREATE CONTINUOUS VIEW v AS SELECT count(*) AS c, sum(n) AS s FROM t",
        )
        .await
        .unwrap();
    let barrier = std::sync::Arc::new(tokio::sync::Barrier::new(CLIENTS as usize));
    let port = server.port;
    let clients: Vec<_> = (0..CLIENTS)
        .map(|id| {
            let barrier = std::sync::Arc::clone(&barrier);
            tokio::spawn(async move {
                let client = connect(port).await;
                barrier.wait().await;
                for n in 0..3 {
                    let insert = "INSERT INTO t VALUES ($1, $2)";
                    client.execute(insert, &[&(id * 3 + n), &n]).await.unwrap();
                    let own = "SELECT n FROM t WHERE id = $1";
                    let row = client.query_one(own, &[&(id * 3 + n)]).await.unwrap();
                    assert_eq!(row.get::<_, i32>(0), n);
                }
                barrier.wait().await;
            })
        })
        .collect();
    for client in clients {
        client.await.unwrap();
    }
    let row = first.query_one("SELECT c, s::bigint FROM v", &[]).await.unwrap();
    let clients = i64::from(CLIENTS);
    assert_eq!((row.get::<_, i64>(0), row.get::<_, i64>(1)), (clients * 3, clients * 3));
    drop(server);
    std::fs::remove_dir_all(data).unwrap();
}

#[tokio::test]
async fn one_too_many_is_told_so_until_another_leaves() {
    let data = scratch("wire-limit");
    let server = Server::start(&data, &["--connections-max", "20"]);
    let config = format!("host=127.0.0.1 port={} user=test dbname=tidemill", server.port);
    let mut clients = vec![];
    for _ in 0..20 {
        clients.push(server.connect().await);
    }
    let refused = tokio_postgres::connect(&config, NoTls).await.err().expect("no more room");
    assert_eq!(refused.code().map(|code| code.code()), Some("53300"));
    for client in &clients {
        client.simple_query("SELECT 1").await.unwrap();
    }
    clients.truncate(19);
    for tries in 0.. {
        if tokio_postgres::connect(&config, NoTls).await.is_ok() {
            break;
        }
        assert!(tries < 500, "there is no room although one has left");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    drop(server);
    std::fs::remove_dir_all(data).unwrap();
}
