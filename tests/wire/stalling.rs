//! Clients that take nothing of their answer, or send without end.
use std::time::{Duration, Instant};

use tidemill_tests::{Server, scratch};

use crate::raw::{Raw, frame};

/// What the server may grow by over one client that misbehaves.
const GROWTH_BYTES_MAX: u64 = 150 << 20;

fn wait_until(what: &str, done: impl Fn() -> bool) {
    let begun = Instant::now();
    while !done() {
        assert!(begun.elapsed() < Duration::from_secs(60), "not in a minute: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A table of some rows, together `megabytes` large.
fn fill(raw: &mut Raw, megabytes: usize) {
    raw.query("CREATE TABLE t (id int PRIMARY KEY, s text)");
    raw.send(&frame(b'Q', b"COPY t FROM STDIN\0"));
    let text = "x".repeat(1_000);
    for part in 0..megabytes * 10 {
        let lines: String = (0..100).map(|n| format!("{}\t{text}\n", part * 100 + n)).collect();
        raw.send(&frame(b'd', lines.as_bytes()));
    }
    raw.send(&frame(b'c', b""));
    let answers = raw.until_ready();
    assert!(answers.iter().any(|answer| answer.kind == b'C'), "the table is filled");
}

#[test]
fn who_does_not_read_a_large_result_is_let_go() {
    let data = scratch("wire-stalled");
    let server = Server::start(&data, &["--write-seconds-max", "2"]);
    let mut other = Raw::start(server.port);
    fill(&mut other, 60);
    other.query("SELECT count(*) FROM t");
    let before = server.memory();
    let mut stalled = vec![];
    for _ in 0..8 {
        let mut raw = Raw::start(server.port);
        raw.send(&frame(b'Q', b"SELECT * FROM t\0"));
        stalled.push(raw);
    }
    let is_let_go = || server.said().matches("is let go").count() == stalled.len();
    wait_until("all clients are let go", || {
        let grown = server.memory().saturating_sub(before);
        assert!(grown < GROWTH_BYTES_MAX, "the server has grown by {grown} bytes");
        is_let_go()
    });
    let begun = Instant::now();
    assert!(other.query("SELECT s FROM t WHERE id = 5").iter().any(|a| a.kind == b'D'));
    assert!(begun.elapsed() < Duration::from_secs(2), "another client has waited");
    // One that reads slowly, but reads, gets all of it.
    let mut slow = Raw::start(server.port);
    slow.send(&frame(b'Q', b"SELECT * FROM t WHERE id < 20000\0"));
    std::thread::sleep(Duration::from_millis(1_500));
    let mut rows = 0;
    while let Some(answer) = slow.next().filter(|answer| answer.kind != b'Z') {
        rows += usize::from(answer.kind == b'D');
        if rows % 4_000 == 0 {
            std::thread::sleep(Duration::from_millis(100));
        }
    }
    assert_eq!(rows, 20_000);
    drop(server);
    std::fs::remove_dir_all(data).unwrap();
}

#[test]
fn who_does_not_read_a_subscription_is_let_go() {
    let data = scratch("wire-subscriber");
    let server = Server::start(&data, &["--write-seconds-max", "2"]);
    let mut other = Raw::start(server.port);
    fill(&mut other, 1);
    let mut subscriber = Raw::start(server.port);
    subscriber.send(&frame(b'Q', b"SUBSCRIBE TO t\0"));
    assert_eq!(subscriber.next().unwrap().kind, b'T');
    let before = server.memory();
    let text = "y".repeat(1_000);
    // Each update is 2 MB for the subscriber.
    for round in 0..60 {
        let update = format!("UPDATE t SET s = '{round}{text}'");
        assert!(other.query(&update).iter().any(|answer| answer.kind == b'C'));
    }
    wait_until("the subscriber is let go", || server.said().contains("is let go"));
    let grown = server.memory().saturating_sub(before);
    assert!(grown < 2 * GROWTH_BYTES_MAX, "the server has grown by {grown} bytes");
    drop(server);
    std::fs::remove_dir_all(data).unwrap();
}

#[test]
fn who_sends_without_end_while_it_listens_is_refused() {
    let data = scratch("wire-endless");
    let server = Server::start(&data, &[]);
    let mut other = Raw::start(server.port);
    other.query("CREATE TABLE t (n int)");
    let before = server.memory();
    for bytes in [frame(b'S', b""), frame(b'Q', b"SELECT 1\0"), vec![b'Q', 0x0f, 0, 0, 0]] {
        let mut raw = Raw::start(server.port);
        raw.send(&frame(b'Q', b"SUBSCRIBE TO t\0"));
        assert_eq!(raw.next().unwrap().kind, b'T');
        let mut sender = raw.stream.try_clone().unwrap();
        let sending = std::thread::spawn(move || {
            use std::io::Write;
            let piece = bytes.repeat(10_000);
            (0..2_000).take_while(|_| sender.write_all(&piece).is_ok()).count()
        });
        let told = raw.next().and_then(|answer| answer.error());
        // The reset may overtake what the server has said last.
        assert!(told.is_none() || told.as_deref() == Some("FATAL 53400"), "{told:?}");
        assert!(sending.join().unwrap() < 2_000, "the server took all of it");
    }
    let grown = server.memory().saturating_sub(before);
    assert!(grown < 64 << 20, "the server has grown by {grown} bytes");
    // A little is kept for later.
    let mut raw = Raw::start(server.port);
    raw.send(&frame(b'Q', b"SUBSCRIBE TO t\0"));
    assert_eq!(raw.next().unwrap().kind, b'T');
    raw.send(&frame(b'Q', b"SELECT 1\0").repeat(100));
    other.query("INSERT INTO t VALUES (1)");
    assert_eq!(raw.next().unwrap().kind, b'D');
    drop(server);
    std::fs::remove_dir_all(data).unwrap();
}
