//! What happens at the limits.
use std::time::Duration;

use futures::executor::block_on;

use super::harness::World;
use crate::{DatabaseOptions, Response, Session};

const FULL: &str = "53200 out of memory";

fn small() -> World {
    let mut options = DatabaseOptions::default();
    options.engine.memory_bytes_max = 2 << 20;
    World::with(options)
}

/// The first word of what each statement answers.
fn codes(world: &mut World, script: &str) -> Vec<String> {
    let word = |line: &str| line.split_whitespace().next().unwrap_or_default().to_owned();
    world.run(script).lines().map(word).collect()
}

#[test]
fn what_is_dropped_or_deleted_makes_room_again() {
    let mut world = small();
    let fill = "INSERT INTO t SELECT g, repeat('x', 200) FROM generate_series(1, 9000) g;";
    world.run("CREATE TABLE t (a int PRIMARY KEY, b text); CREATE STREAM s (a int);");
    world.run("CREATE CONTINUOUS VIEW v AS SELECT b, a, count(*) FROM t GROUP BY b, a;");
    assert_eq!(world.run(fill), "INSERT 0 9000\n");
    assert!(world.run("INSERT INTO s VALUES (1);").starts_with(FULL));
    assert!(world.run("CREATE INDEX i ON t (b);").starts_with(FULL));
    assert!(world.run("CREATE CONTINUOUS VIEW w AS SELECT a FROM t;").starts_with(FULL));
    let again = codes(&mut world, "DROP VIEW v; DROP TABLE t; INSERT INTO s VALUES (1);");
    assert_eq!(again, ["DROP", "DROP", "INSERT"]);
}

#[test]
fn an_insertion_larger_than_the_room_is_refused() {
    let mut world = small();
    world.run("CREATE TABLE t (a int PRIMARY KEY, b text);");
    let large = "INSERT INTO t SELECT g, repeat('x', 500) FROM generate_series(1, 9000) g;";
    assert!(world.run(large).starts_with(FULL));
    assert_eq!(world.run("INSERT INTO t VALUES (1, 'x');"), "INSERT 0 1\n");
}

#[test]
fn a_join_without_end_is_stopped_and_leaves_its_thread() {
    let mut world = World::new();
    world.run("CREATE TABLE t (a int, b int);");
    world.run("INSERT INTO t SELECT g, 1 FROM generate_series(1, 20000) g;");
    world.run("SET statement_timeout = 100;");
    let timeout = "57014 canceling statement due to statement timeout\n";
    for query in [
        "SELECT count(*) FROM t x, t y, t z;",
        "SELECT count(*) FROM t x JOIN t y ON x.b = y.b JOIN t z ON z.b = x.b;",
        "SELECT count(*) FROM t x JOIN t y ON x.a + y.a = -1 JOIN t z ON x.a + y.a + z.a = -1;",
        "SELECT count(*) FROM t x JOIN t y ON x.b = y.b AND x.a + y.a = -1 JOIN t z ON true;",
    ] {
        assert_eq!(world.run(query), timeout, "{query}");
        let other = world.run("SET statement_timeout = 0; SELECT count(*) + 0 FROM t;");
        assert_eq!(other, "SET\n20000\nSELECT 1\n");
        world.run("SET statement_timeout = 100;");
    }
}

#[test]
fn a_subscription_ends_with_its_time() {
    let mut world = World::new();
    world.run("CREATE STREAM s (a int); SET statement_timeout = 50;");
    let parsed = Session::parse("SUBSCRIBE TO s").unwrap().remove(0);
    let Response::Subscribe(mut changes) = block_on(world.session("a").run(&parsed)).unwrap()
    else {
        panic!("no subscription")
    };
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || sender.send(block_on(changes.next()).unwrap_err()));
    let error = receiver.recv_timeout(Duration::from_secs(10)).unwrap();
    assert_eq!(error.message(), "canceling statement due to statement timeout");
}

#[test]
fn a_statement_over_many_relations_needs_no_more_stack_than_there_is() {
    // A runtime's thread has 32 MiB of it.
    let run = || {
        let mut world = World::new();
        let ones: Vec<String> = (0..300).map(|n| format!("(SELECT 1) x{n}")).collect();
        let query = format!("SELECT 1 FROM {};", ones.join(" CROSS JOIN "));
        assert_eq!(world.run(&query), "1\nSELECT 1\n");
    };
    std::thread::Builder::new().stack_size(32 << 20).spawn(run).unwrap().join().unwrap();
}
