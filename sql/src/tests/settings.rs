//! SET, SHOW, PREPARE, cursors, EXPLAIN, statements by name.
use super::harness::check;

#[test]
fn settings_are_set_and_shown() {
    check(
        "SET timezone = 'Europe/Berlin';
         SHOW TimeZone;
         SET TIME ZONE 'UTC';
         SHOW TIME ZONE;
         SET search_path TO \"My\", public;
         SHOW search_path;
         RESET search_path;
         SHOW search_path;
         SET statement_timeout = '2s';
         SHOW statement_timeout;
         SET sails = 5;
         SHOW sails;
         SET rw_streaming_parallelism = 4;
         SET server_version = '1';
         BEGIN; SET LOCAL timezone = 'Asia/Tokyo'; SHOW timezone; COMMIT; SHOW timezone;
         DISCARD ALL;
         SHOW statement_timeout;",
        "SET
         Europe/Berlin
         SHOW
         SET
         UTC
         SHOW
         SET
         \"My\", public
         SHOW
         RESET
         \"$user\", public
         SHOW
         SET
         2s
         SHOW
         42704 unrecognized configuration parameter \"sails\"
         42704 unrecognized configuration parameter \"sails\"
         SET
         NOTICE: parameter \"rw_streaming_parallelism\" has no meaning here and is ignored
         55P02 parameter \"server_version\" cannot be changed
         BEGIN
         SET
         Asia/Tokyo
         SHOW
         COMMIT
         UTC
         SHOW
         DISCARD ALL
         0
         SHOW",
    );
}

#[test]
fn a_prepared_statement_follows_the_catalog() {
    check(
        "CREATE TABLE t (a int PRIMARY KEY, b text);
         INSERT INTO t VALUES (1, 'x'), (2, 'y');
         PREPARE q AS SELECT b FROM t WHERE a = $1;
         PREPARE i (int, text) AS INSERT INTO t VALUES ($1, $2);
         EXECUTE q (2);
         EXECUTE q ('1');
         EXECUTE i (3, 'z');
         CREATE INDEX ON t (b);
         EXECUTE q (3);
         EXECUTE q (1, 2);
         PREPARE q AS SELECT 1;
         DROP TABLE t;
         EXECUTE q (3);
         CREATE TABLE t (a int, b int);
         EXECUTE q (3);
         DEALLOCATE q;
         EXECUTE q (3);
         DEALLOCATE ALL;",
        "CREATE TABLE
         INSERT 0 2
         PREPARE
         PREPARE
         y
         SELECT 1
         x
         SELECT 1
         INSERT 0 1
         CREATE INDEX
         z
         SELECT 1
         42601 wrong number of parameters for prepared statement
         42P05 prepared statement \"q\" already exists
         DROP TABLE
         42P01 relation \"t\" does not exist
         CREATE TABLE
         0A000 cached plan must not change result type
         DEALLOCATE
         26000 prepared statement \"q\" does not exist
         DEALLOCATE ALL",
    );
}

#[test]
fn a_cursor_gives_its_rows_in_pieces() {
    check(
        "CREATE TABLE t (a int);
         INSERT INTO t VALUES (1), (2), (3), (4);
         DECLARE c CURSOR FOR SELECT a FROM t ORDER BY a;
         BEGIN;
         DECLARE c CURSOR FOR SELECT a FROM t ORDER BY a;
         FETCH 2 FROM c;
         FETCH NEXT FROM c;
         FETCH ALL FROM c;
         FETCH 1 FROM c;
         CLOSE c;
         FETCH 1 FROM c;
         ROLLBACK;",
        "CREATE TABLE
         INSERT 0 4
         25P01 DECLARE CURSOR can only be used in transaction blocks
         BEGIN
         DECLARE CURSOR
         1
         2
         FETCH 2
         3
         FETCH 1
         4
         FETCH 1
         FETCH 0
         CLOSE CURSOR
         34000 cursor \"c\" does not exist
         ROLLBACK",
    );
}

#[test]
fn objects_are_listed() {
    check(
        "CREATE TABLE b (x int NOT NULL DEFAULT 4, y text);
         CREATE TABLE a (x int);
         CREATE STREAM s (x int);
         CREATE CONTINUOUS VIEW v AS SELECT x FROM s;
         SHOW TABLES;
         SHOW TABLES LIKE 'b%';
         SHOW STREAMS;
         SHOW MATERIALIZED VIEWS;
         SHOW COLUMNS FROM b;
         SHOW SCHEMAS;
         SHOW DATABASES;
         SHOW COLUMNS FROM nowhere;",
        "CREATE TABLE
         CREATE TABLE
         CREATE STREAM
         CREATE CONTINUOUS VIEW
         public|a|table
         public|b|table
         SHOW
         public|b|table
         SHOW
         public|s|stream
         SHOW
         public|v|continuous view
         SHOW
         x|integer|no|4
         y|text|yes|~
         SHOW
         public
         SHOW
         tidemill
         SHOW
         42P01 relation \"nowhere\" does not exist",
    );
}

#[test]
fn a_sleep_ends_with_the_statement() {
    check(
        "SET statement_timeout = 20;
         SELECT pg_sleep(3600);
         RESET statement_timeout;
         SELECT pg_sleep(0.01), pg_typeof(pg_sleep(0));
         SELECT set_config('application_name', 'x', false), 1 / (pg_backend_pid() - 0);
         SHOW application_name;",
        "SET
         57014 canceling statement due to statement timeout
         RESET
         |void
         SELECT 1
         22012 division by zero

         SHOW",
    );
}
