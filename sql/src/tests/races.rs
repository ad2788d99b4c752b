//! Sessions against one another.
use std::sync::Arc;

use futures::executor::block_on;

use super::harness::{World, check};
use crate::{Response, Session, SessionOptions};

#[test]
fn the_first_committer_of_a_row_wins() {
    check(
        "CREATE TABLE t (a int PRIMARY KEY, n int);
         INSERT INTO t VALUES (1, 0), (2, 0);
         BEGIN;
         UPDATE t SET n = n + 1 WHERE a = 1;
         @b
         BEGIN;
         UPDATE t SET n = n + 10 WHERE a = 1;
         COMMIT;
         @a
         COMMIT;
         SELECT n FROM t WHERE a = 1;
         BEGIN;
         DELETE FROM t WHERE a = 2;
         @b
         DELETE FROM t WHERE a = 2;
         @a
         COMMIT;",
        "CREATE TABLE
         INSERT 0 2
         BEGIN
         UPDATE 1
         BEGIN
         UPDATE 1
         COMMIT
         40001 could not serialize access due to concurrent update
         10
         SELECT 1
         BEGIN
         DELETE 1
         DELETE 1
         40001 could not serialize access due to concurrent update",
    );
}

#[test]
fn a_key_taken_meanwhile_is_a_duplicate() {
    check(
        "CREATE TABLE t (a int PRIMARY KEY, n int DEFAULT 0);
         BEGIN;
         INSERT INTO t VALUES (1);
         INSERT INTO t VALUES (2) ON CONFLICT DO NOTHING;
         @b
         INSERT INTO t VALUES (1);
         @a
         COMMIT;
         BEGIN;
         SELECT count(*) FROM t;
         @b
         INSERT INTO t VALUES (5);
         @a
         INSERT INTO t VALUES (5);
         ROLLBACK;",
        "CREATE TABLE
         BEGIN
         INSERT 0 1
         INSERT 0 1
         INSERT 0 1
         40001 could not serialize access due to concurrent update
         BEGIN
         1
         SELECT 1
         INSERT 0 1
         23505 duplicate key value violates unique constraint \"t_pkey\"
         ROLLBACK",
    );
}

#[test]
fn serializable_refuses_what_was_read_and_has_changed() {
    check(
        "CREATE TABLE t (a int);
         CREATE TABLE u (a int);
         BEGIN ISOLATION LEVEL SERIALIZABLE;
         SELECT count(*) FROM t;
         INSERT INTO u VALUES (1);
         @b
         INSERT INTO t VALUES (1);
         @a
         COMMIT;
         BEGIN;
         SELECT count(*) FROM t;
         INSERT INTO u VALUES (1);
         @b
         INSERT INTO t VALUES (1);
         @a
         COMMIT;",
        "CREATE TABLE
         CREATE TABLE
         BEGIN
         0
         SELECT 1
         INSERT 0 1
         INSERT 0 1
         40001 could not serialize access due to concurrent update
         BEGIN
         1
         SELECT 1
         INSERT 0 1
         INSERT 0 1
         COMMIT",
    );
}

#[test]
fn definitions_of_two_blocks_stand_together_unless_they_collide() {
    check(
        "BEGIN;
         CREATE TABLE t (a int);
         @b
         CREATE TABLE u (a int);
         @a
         COMMIT;
         BEGIN;
         CREATE TABLE x (a int);
         @b
         CREATE TABLE x (b int);
         @a
         COMMIT;
         BEGIN;
         DROP TABLE u;
         @b
         CREATE VIEW v AS SELECT * FROM u;
         @a
         COMMIT;
         SELECT * FROM v;",
        "BEGIN
         CREATE TABLE
         CREATE TABLE
         COMMIT
         BEGIN
         CREATE TABLE
         CREATE TABLE
         40001 could not serialize access due to concurrent changes of definitions
         BEGIN
         DROP TABLE
         CREATE VIEW
         40001 could not serialize access due to concurrent changes of definitions
         SELECT 0",
    );
}

#[test]
fn statements_that_lose_a_race_are_run_again() {
    const SESSIONS: usize = 4;
    const ROUNDS: usize = 25;
    let mut world = World::new();
    world.run(
        "CREATE TABLE t (a int PRIMARY KEY, n int);
         INSERT INTO t VALUES (1, 0);
         CREATE TABLE u (k int PRIMARY KEY, n int);",
    );
    let database = Arc::clone(world.session("a").database());
    let threads: Vec<_> = (0..SESSIONS)
        .map(|_| {
            let database = Arc::clone(&database);
            std::thread::spawn(move || {
                let mut session = database.session(SessionOptions::default()).unwrap();
                for _ in 0..ROUNDS {
                    one(&mut session, "UPDATE t SET n = n + 1 WHERE a = 1", "UPDATE 1");
                    let upsert = "INSERT INTO u VALUES (7, 1)
                        ON CONFLICT (k) DO UPDATE SET n = u.n + EXCLUDED.n";
                    one(&mut session, upsert, "INSERT 0 1");
                }
            })
        })
        .collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    let total = SESSIONS * ROUNDS;
    let got = world.run("SELECT t.n, u.n FROM t, u");
    assert_eq!(got, format!("{total}|{total}\nSELECT 1\n"));
}

fn one(session: &mut Session, text: &str, expected: &str) {
    let parsed = Session::parse(text).unwrap().remove(0);
    match block_on(session.run(&parsed)).unwrap() {
        Response::Done(tag) => assert_eq!(tag, expected),
        _ => panic!("no tag"),
    }
}

#[test]
fn an_index_that_goes_is_missed_by_no_block() {
    check(
        "CREATE TABLE t (a int PRIMARY KEY, b int);
         INSERT INTO t VALUES (1, 1), (2, 2);
         CREATE INDEX i ON t (b);
         CREATE UNIQUE INDEX u ON t (b, a);
         @b
         BEGIN;
         SELECT 1;
         @a
         DROP INDEX i, u;
         @b
         SELECT a FROM t WHERE b = 2;
         SELECT a FROM t WHERE b = 2 AND a = 2;
         UPDATE t SET b = 5 WHERE a = 2;
         INSERT INTO t VALUES (3, 5);
         COMMIT;
         SELECT * FROM t ORDER BY a;",
        "CREATE TABLE
         INSERT 0 2
         CREATE INDEX
         CREATE INDEX
         BEGIN
         1
         SELECT 1
         DROP INDEX
         2
         SELECT 1
         2
         SELECT 1
         UPDATE 1
         INSERT 0 1
         COMMIT
         1|1
         2|5
         3|5
         SELECT 3",
    );
}
