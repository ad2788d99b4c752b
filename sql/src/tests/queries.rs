//! Rows in, rows out.
use futures::executor::block_on;

use super::harness::{World, check, compare, write_rows};
use crate::{Response, Session};

#[test]
fn a_table_keeps_what_is_inserted() {
    check(
        "CREATE TABLE t (a int PRIMARY KEY, b text);
         INSERT INTO t VALUES (1, 'one'), (2, NULL);
         SELECT a, b FROM t ORDER BY a;
         SELECT count(*) FROM t;",
        "CREATE TABLE
         INSERT 0 2
         1|one
         2|~
         SELECT 2
         2
         SELECT 1",
    );
}

#[test]
fn a_continuous_view_follows_its_stream() {
    check(
        "CREATE STREAM s (k text, n int);
         INSERT INTO s VALUES ('a', 1), ('b', 2);
         CREATE CONTINUOUS VIEW v AS SELECT k, sum(n) AS total FROM s GROUP BY k;
         SELECT * FROM v ORDER BY k;
         INSERT INTO s VALUES ('a', 10);
         SELECT * FROM v ORDER BY k;",
        "CREATE STREAM
         INSERT 0 2
         CREATE CONTINUOUS VIEW
         a|1
         b|2
         SELECT 2
         INSERT 0 1
         a|11
         b|2
         SELECT 2",
    );
}

#[test]
fn everything_is_there_after_a_restart() {
    check(
        "CREATE SCHEMA sales;
         CREATE TABLE sales.t (a int PRIMARY KEY, b int UNIQUE DEFAULT 7);
         SET search_path TO sales;
         CREATE CONTINUOUS VIEW v AS SELECT sum(b) AS total FROM t;
         CREATE VIEW w AS SELECT a + 1 AS a FROM t;
         INSERT INTO t (a) VALUES (1);
         @restart
         SELECT * FROM sales.v;
         SELECT * FROM sales.w;
         INSERT INTO sales.t VALUES (2, 7);
         INSERT INTO sales.t VALUES (2, 8);
         SELECT * FROM sales.v;",
        "CREATE SCHEMA
         CREATE TABLE
         SET
         CREATE CONTINUOUS VIEW
         CREATE VIEW
         INSERT 0 1
         7
         SELECT 1
         2
         SELECT 1
         23505 duplicate key value violates unique constraint \"t_b_key\"
         INSERT 0 1
         15
         SELECT 1",
    );
}

#[test]
fn a_point_is_read_as_the_transaction_sees_it() {
    check(
        "CREATE TABLE t (a int PRIMARY KEY, b text, c int);
         CREATE INDEX ON t (c);
         INSERT INTO t VALUES (1, 'x', 7), (2, 'y', 7), (3, 'z', NULL);
         SELECT b FROM t WHERE a = 2;
         SELECT a FROM t WHERE c = 7 AND b <> 'x';
         SELECT a FROM t WHERE a = NULL;
         SELECT a FROM t WHERE a = 99;
         BEGIN;
         SELECT b FROM t WHERE a = 1;
         UPDATE t SET b = 'own' WHERE a = 1;
         INSERT INTO t VALUES (4, 'new', 7);
         SELECT b FROM t WHERE a = 1;
         SELECT b FROM t WHERE a = 4;
         SELECT count(*) FROM (SELECT * FROM t WHERE c = 7) x;
         SELECT a FROM t WHERE c = 7 ORDER BY a;
         @b
         UPDATE t SET b = 'other' WHERE a = 2;
         @a
         SELECT b FROM t WHERE a = 2;
         SELECT b FROM t WHERE a = 1;
         DELETE FROM t WHERE a = 1;
         SELECT b FROM t WHERE a = 1;
         COMMIT;
         SELECT b FROM t WHERE a = 2;
         UPDATE t SET c = c + 1 WHERE a = 2 RETURNING c;
         DELETE FROM t WHERE c = 8 RETURNING a;",
        "CREATE TABLE
         CREATE INDEX
         INSERT 0 3
         y
         SELECT 1
         2
         SELECT 1
         SELECT 0
         SELECT 0
         BEGIN
         x
         SELECT 1
         UPDATE 1
         INSERT 0 1
         own
         SELECT 1
         new
         SELECT 1
         3
         SELECT 1
         1
         2
         4
         SELECT 3
         UPDATE 1
         y
         SELECT 1
         own
         SELECT 1
         DELETE 1
         SELECT 0
         COMMIT
         other
         SELECT 1
         8
         UPDATE 1
         2
         DELETE 1",
    );
}

#[test]
fn explain_tells_how_a_query_runs_and_what_keeps_a_view() {
    let mut world = World::new();
    let got = world.run(
        "CREATE TABLE t (a int PRIMARY KEY, b int);
         CREATE CONTINUOUS VIEW v AS SELECT b, count(*) AS n FROM t GROUP BY b;
         EXPLAIN SELECT b FROM t WHERE a = 1;
         EXPLAIN v;",
    );
    assert!(got.contains("Point Read on t"), "{got}");
    assert!(got.contains("Aggregate") && got.contains("rows: 0"), "{got}");
}

#[test]
fn a_changed_view_is_subscribed_to_with_its_rows_first() {
    let mut world = World::new();
    world.run(
        "CREATE STREAM s (k text);
         CREATE CONTINUOUS VIEW v AS SELECT k, count(*) AS n FROM s GROUP BY k;
         INSERT INTO s VALUES ('a'), ('a');",
    );
    let parsed = Session::parse("SUBSCRIBE TO v").unwrap().remove(0);
    let Response::Subscribe(mut changes) = block_on(world.session("b").run(&parsed)).unwrap()
    else {
        panic!("no subscription")
    };
    let mut out = String::new();
    let columns = changes.columns().clone();
    let first = block_on(changes.next()).unwrap().unwrap();
    write_rows(&columns, &first, &mut out);
    world.run("INSERT INTO s VALUES ('a')");
    let next = block_on(changes.next()).unwrap().unwrap();
    write_rows(&columns, &next, &mut out);
    let mut lines: Vec<String> =
        out.lines().map(|line| line.split_once('|').unwrap().1.to_owned()).collect();
    lines.sort();
    assert_eq!(lines, ["-1|a|2", "1|a|2", "1|a|3"]);
    world.session("b").cancel().cancel();
    assert_eq!(block_on(changes.next()).unwrap_err().code(), "57014");
}

#[test]
fn a_limit_keeps_the_first_rows_wherever_it_stands() {
    check(
        "CREATE TABLE t (a int PRIMARY KEY, b int, c float8);
         INSERT INTO t VALUES (1, 30, 3), (2, 10, 2), (3, 20, 1);
         SELECT a FROM (SELECT a FROM t ORDER BY b LIMIT 1) x WHERE a <> 9;
         SELECT x.c FROM (SELECT c FROM t ORDER BY c LIMIT 1) x WHERE x.c < 9;
         SELECT x.a, t.a FROM (SELECT a FROM t ORDER BY -b LIMIT 1) x JOIN t ON t.a = x.a + 1;
         SELECT a FROM t WHERE a IN (SELECT a FROM t ORDER BY b LIMIT 1 OFFSET 1);
         SELECT a + 1 FROM (SELECT a * 10 AS a FROM t ORDER BY c LIMIT 2) x ORDER BY 1;",
        "CREATE TABLE
         INSERT 0 3
         2
         SELECT 1
         1
         SELECT 1
         1|2
         SELECT 1
         3
         SELECT 1
         21
         31
         SELECT 2",
    );
}

#[test]
fn a_filter_guards_what_its_aggregate_computes() {
    check(
        "CREATE TABLE t (k int PRIMARY KEY, x int, s text);
         CREATE CONTINUOUS VIEW v AS
           SELECT sum(10 / x) FILTER (WHERE x <> 0) AS a,
             sum(DISTINCT 10 / x) FILTER (WHERE x <> 0) AS b,
             max(s::int) FILTER (WHERE s ~ '^[0-9]+$') AS c, count(*) AS n FROM t;
         INSERT INTO t VALUES (1, 0, 'x'), (2, 1, '12'), (3, 5, '7'), (4, 5, NULL);
         SELECT * FROM v;
         SELECT sum(10 / x) FILTER (WHERE x <> 0), sum(DISTINCT 10 / x) FILTER (WHERE x <> 0),
           max(s::int) FILTER (WHERE s ~ '^[0-9]+$'), count(*) FROM t;
         SELECT k, sum(10 / x) FILTER (WHERE x <> 0) OVER (ORDER BY k) FROM t ORDER BY k;
         SELECT array_agg(k ORDER BY 10 / x) FILTER (WHERE x <> 0) FROM t;
         SELECT sum(10 / x) FILTER (WHERE x < 5) FROM t;",
        "CREATE TABLE
         CREATE CONTINUOUS VIEW
         INSERT 0 4
         14|12|12|4
         SELECT 1
         14|12|12|4
         SELECT 1
         1|~
         2|10
         3|12
         4|14
         SELECT 4
         {3,4,2}
         SELECT 1
         22012 division by zero",
    );
}

#[test]
fn a_number_of_a_smaller_type_is_looked_up_by_the_key() {
    let mut world = World::new();
    world.run("CREATE TABLE t (a bigint PRIMARY KEY, b int); CREATE INDEX i ON t (b);");
    world.run("INSERT INTO t VALUES (1, 10), (2, 20), (70000, 30);");
    let plans = world.run("EXPLAIN SELECT b FROM t WHERE a = 2::smallint;");
    assert!(plans.contains("Point Read"), "{plans}");
    let statements = "PREPARE p(smallint) AS SELECT b FROM t WHERE a = $1;
        PREPARE q(int) AS SELECT b FROM t WHERE $1 = a;
        PREPARE r(smallint) AS SELECT a FROM t WHERE b = $1 AND a > 1;
        EXECUTE p(2); EXECUTE p(NULL); EXECUTE q(70000); EXECUTE r(20); EXECUTE r(10);";
    compare(
        &world.run(statements),
        "PREPARE
         PREPARE
         PREPARE
         20
         SELECT 1
         SELECT 0
         30
         SELECT 1
         2
         SELECT 1
         SELECT 0",
    );
}
