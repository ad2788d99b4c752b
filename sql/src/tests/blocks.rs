//! BEGIN to COMMIT: what a block sees, what it leaves.
use super::harness::check;

#[test]
fn a_block_sees_its_own_writes_and_nobody_else_does() {
    check(
        "CREATE TABLE t (a int PRIMARY KEY, b text);
         INSERT INTO t VALUES (1, 'x');
         BEGIN;
         INSERT INTO t VALUES (2, 'y');
         UPDATE t SET b = 'changed' WHERE a = 1;
         SELECT * FROM t ORDER BY a;
         @b
         SELECT * FROM t ORDER BY a;
         @a
         DELETE FROM t WHERE a = 2;
         SELECT * FROM t ORDER BY a;
         COMMIT;
         @b
         SELECT * FROM t ORDER BY a;",
        "CREATE TABLE
         INSERT 0 1
         BEGIN
         INSERT 0 1
         UPDATE 1
         1|changed
         2|y
         SELECT 2
         1|x
         SELECT 1
         DELETE 1
         1|changed
         SELECT 1
         COMMIT
         1|changed
         SELECT 1",
    );
}

#[test]
fn a_block_reads_one_snapshot() {
    check(
        "CREATE TABLE t (a int);
         INSERT INTO t VALUES (1);
         BEGIN;
         SELECT count(*) FROM t;
         @b
         INSERT INTO t VALUES (2);
         @a
         SELECT count(*) FROM t;
         COMMIT;
         SELECT count(*) FROM t;",
        "CREATE TABLE
         INSERT 0 1
         BEGIN
         1
         SELECT 1
         INSERT 0 1
         1
         SELECT 1
         COMMIT
         2
         SELECT 1",
    );
}

#[test]
fn rollback_leaves_nothing() {
    check(
        "CREATE TABLE t (a int PRIMARY KEY);
         BEGIN;
         INSERT INTO t VALUES (1);
         CREATE TABLE u (a int);
         SET timezone TO 'Asia/Tokyo';
         ROLLBACK;
         SELECT count(*) FROM t;
         SELECT * FROM u;
         SHOW timezone;",
        "CREATE TABLE
         BEGIN
         INSERT 0 1
         CREATE TABLE
         SET
         ROLLBACK
         0
         SELECT 1
         42P01 relation \"u\" does not exist
         UTC
         SHOW",
    );
}

#[test]
fn after_an_error_a_block_only_ends() {
    check(
        "CREATE TABLE t (a int PRIMARY KEY);
         BEGIN;
         INSERT INTO t VALUES (1);
         INSERT INTO t VALUES (1);
         SELECT 1;
         SAVEPOINT p;
         COMMIT;
         SELECT count(*) FROM t;",
        "CREATE TABLE
         BEGIN
         INSERT 0 1
         23505 duplicate key value violates unique constraint \"t_pkey\"
         25P02 current transaction is aborted, commands ignored until end of transaction block
         25P02 current transaction is aborted, commands ignored until end of transaction block
         ROLLBACK
         0
         SELECT 1",
    );
}

#[test]
fn savepoints_cut_what_came_after_them() {
    check(
        "CREATE TABLE t (a int PRIMARY KEY);
         BEGIN;
         INSERT INTO t VALUES (1);
         SAVEPOINT p;
         INSERT INTO t VALUES (2);
         CREATE TABLE u (a int);
         INSERT INTO u VALUES (1);
         INSERT INTO t VALUES (2);
         ROLLBACK TO p;
         SELECT a FROM t;
         SELECT * FROM u;
         ROLLBACK TO SAVEPOINT p;
         INSERT INTO t VALUES (3);
         RELEASE p;
         ROLLBACK TO p;
         ROLLBACK;
         BEGIN;
         INSERT INTO t VALUES (1);
         SAVEPOINT p;
         INSERT INTO t VALUES (2);
         ROLLBACK TO p;
         INSERT INTO t VALUES (2), (3);
         COMMIT;
         SELECT a FROM t ORDER BY a;
         SAVEPOINT outside;",
        "CREATE TABLE
         BEGIN
         INSERT 0 1
         SAVEPOINT
         INSERT 0 1
         CREATE TABLE
         INSERT 0 1
         23505 duplicate key value violates unique constraint \"t_pkey\"
         ROLLBACK
         1
         SELECT 1
         42P01 relation \"u\" does not exist
         ROLLBACK
         INSERT 0 1
         RELEASE
         3B001 savepoint \"p\" does not exist
         ROLLBACK
         BEGIN
         INSERT 0 1
         SAVEPOINT
         INSERT 0 1
         ROLLBACK
         INSERT 0 2
         COMMIT
         1
         2
         3
         SELECT 3
         25P01 SAVEPOINT can only be used in transaction blocks",
    );
}

#[test]
fn definitions_are_part_of_their_block() {
    check(
        "CREATE TABLE t (a int PRIMARY KEY, n int);
         INSERT INTO t VALUES (1, 10);
         BEGIN;
         CREATE TABLE u (a int PRIMARY KEY);
         INSERT INTO u VALUES (1), (2);
         INSERT INTO u VALUES (2) ON CONFLICT DO NOTHING;
         CREATE CONTINUOUS VIEW v AS SELECT sum(n) AS total FROM t;
         SELECT * FROM v;
         SELECT count(*) FROM u;
         CREATE STREAM s (a int);
         INSERT INTO s VALUES (5);
         SELECT a FROM s;
         @b
         SELECT * FROM v;
         @a
         COMMIT;
         @b
         SELECT * FROM v;
         SELECT count(*) FROM u;
         SELECT a, _position FROM s;
         @restart
         SELECT * FROM v;
         SELECT count(*) FROM u;",
        "CREATE TABLE
         INSERT 0 1
         BEGIN
         CREATE TABLE
         INSERT 0 2
         INSERT 0 0
         CREATE CONTINUOUS VIEW
         10
         SELECT 1
         2
         SELECT 1
         CREATE STREAM
         INSERT 0 1
         5
         SELECT 1
         42P01 relation \"v\" does not exist
         COMMIT
         10
         SELECT 1
         2
         SELECT 1
         5|1
         SELECT 1
         10
         SELECT 1
         2
         SELECT 1",
    );
}

#[test]
fn what_comes_and_goes_in_a_block_was_never_there() {
    check(
        "BEGIN;
         CREATE TABLE t (a int UNIQUE);
         INSERT INTO t VALUES (1);
         DROP TABLE t;
         CREATE TABLE t (b text);
         INSERT INTO t VALUES ('kept');
         COMMIT;
         SELECT * FROM t;
         BEGIN;
         DROP TABLE t;
         SELECT * FROM t;
         ROLLBACK;
         SELECT * FROM t;",
        "BEGIN
         CREATE TABLE
         INSERT 0 1
         DROP TABLE
         CREATE TABLE
         INSERT 0 1
         COMMIT
         kept
         SELECT 1
         BEGIN
         DROP TABLE
         42P01 relation \"t\" does not exist
         ROLLBACK
         kept
         SELECT 1",
    );
}

#[test]
fn a_read_only_block_refuses_writes() {
    check(
        "CREATE TABLE t (a int);
         BEGIN READ ONLY;
         INSERT INTO t VALUES (1);
         ROLLBACK;
         START TRANSACTION ISOLATION LEVEL SERIALIZABLE, READ ONLY;
         SHOW transaction_isolation;
         SHOW transaction_read_only;
         SELECT count(*) FROM t;
         SET TRANSACTION ISOLATION LEVEL REPEATABLE READ;
         ROLLBACK;
         SHOW transaction_isolation;
         SET default_transaction_read_only TO on;
         CREATE TABLE u (a int);",
        "CREATE TABLE
         BEGIN
         25006 cannot execute INSERT in a read-only transaction
         ROLLBACK
         START TRANSACTION
         serializable
         SHOW
         on
         SHOW
         0
         SELECT 1
         25001 SET TRANSACTION ISOLATION LEVEL must be called before any query
         ROLLBACK
         read committed
         SHOW
         SET
         25006 cannot execute CREATE TABLE in a read-only transaction",
    );
}

#[test]
fn blocks_that_are_not_there_are_warned_of() {
    check(
        "COMMIT; ROLLBACK; BEGIN; BEGIN; COMMIT AND CHAIN; SHOW transaction_isolation; ROLLBACK;
         SET LOCAL timezone TO 'UTC';",
        "COMMIT
         WARNING: there is no transaction in progress
         ROLLBACK
         WARNING: there is no transaction in progress
         BEGIN
         BEGIN
         WARNING: there is already a transaction in progress
         COMMIT
         read committed
         SHOW
         ROLLBACK
         SET
         WARNING: SET LOCAL can only be used in transaction blocks",
    );
}

#[test]
fn a_key_that_an_update_takes_twice_is_told_in_the_block() {
    check(
        "CREATE TABLE t (a int PRIMARY KEY, b text);
         INSERT INTO t VALUES (1, 'x'), (2, 'y'), (3, 'z');
         BEGIN;
         UPDATE t SET a = 4 - a WHERE a <> 2;
         UPDATE t SET a = a, b = 'w' WHERE a = 2;
         UPDATE t SET a = 2 WHERE a = 3;
         SELECT * FROM t;
         ROLLBACK;
         BEGIN;
         UPDATE t SET a = 9 WHERE a < 3;
         ROLLBACK;
         SELECT '00000000-0000-4000-8000-000000000003'::date;
         SELECT '1-2-3-99'::date;",
        "CREATE TABLE
         INSERT 0 3
         BEGIN
         UPDATE 2
         UPDATE 1
         23505 duplicate key value violates unique constraint \"t_pkey\"
         25P02 current transaction is aborted, commands ignored until end of transaction block
         ROLLBACK
         BEGIN
         23505 duplicate key value violates unique constraint \"t_pkey\"
         ROLLBACK
         22007 invalid input syntax for type date: \"00000000-0000-4000-8000-000000000003\"
         22007 invalid input syntax for type date: \"1-2-3-99\"",
    );
}
