//! CREATE, DROP.
use super::harness::check;

#[test]
fn names_are_taken_once() {
    check(
        "CREATE TABLE t (a int);
         CREATE TABLE t (a int);
         CREATE TABLE IF NOT EXISTS t (a int);
         CREATE STREAM t (a int);
         CREATE INDEX t ON t (a);
         CREATE INDEX ON t (a);
         CREATE INDEX ON t (a);
         CREATE INDEX IF NOT EXISTS t_a_idx ON t (a);
         SHOW INDEXES;
         CREATE SCHEMA s;
         CREATE SCHEMA s;
         CREATE SCHEMA IF NOT EXISTS s;
         CREATE SCHEMA pg_mine;
         CREATE TABLE nowhere.t (a int);
         CREATE TABLE pg_catalog.t (a int);
         CREATE TABLE s.t (a int);",
        "CREATE TABLE
         42P07 relation \"t\" already exists
         CREATE TABLE
         NOTICE: relation \"t\" already exists, skipping
         42P07 relation \"t\" already exists
         42P07 relation \"t\" already exists
         CREATE INDEX
         CREATE INDEX
         CREATE INDEX
         NOTICE: relation \"t_a_idx\" already exists, skipping
         public|t_a_idx|t|a|no
         public|t_a_idx1|t|a|no
         SHOW
         CREATE SCHEMA
         42P06 schema \"s\" already exists
         CREATE SCHEMA
         NOTICE: schema \"s\" already exists, skipping
         42939 unacceptable schema name \"pg_mine\"
         3F000 schema \"nowhere\" does not exist
         42501 permission denied to create \"pg_catalog.t\"
         CREATE TABLE",
    );
}

#[test]
fn what_cannot_be_kept_is_refused() {
    check(
        "CREATE TABLE t (a int, a text);
         CREATE TABLE t (a serial);
         CREATE TABLE t (a int CHECK (a > 0));
         CREATE TABLE t (a int REFERENCES u);
         CREATE TABLE t (a int PRIMARY KEY, b int PRIMARY KEY);
         CREATE TABLE t (a int, PRIMARY KEY (b));
         CREATE TABLE t (a int DEFAULT 'x');
         CREATE TABLE t (a nonesuch);
         CREATE TABLE t ();
         CREATE TABLE t (a int) ON CONFLICT OVERWRITE;
         CREATE TABLE t WITH (x = 1) AS SELECT 1;
         CREATE STREAM s (a int PRIMARY KEY);
         CREATE STREAM s (_position int);
         CREATE VIEW v AS SELECT 1 AS a, 2 AS a;
         CREATE VIEW v AS SELECT $1;
         CREATE CONTINUOUS VIEW v AS SELECT a FROM nowhere;
         CREATE SOURCE s (a int) WITH (connector = 'pigeon');",
        "42701 column \"a\" specified more than once
         0A000 type serial is not supported
         0A000 a CHECK constraint is not supported
         0A000 a FOREIGN KEY constraint is not supported
         42P16 multiple primary keys for a table are not allowed
         42703 column \"b\" named in key does not exist
         22P02 invalid input syntax for type integer: \"x\"
         42704 type \"nonesuch\" does not exist
         0A000 a table without columns is not supported
         42P16 ON CONFLICT needs a primary key
         0A000 this form of CREATE TABLE AS is not supported
         0A000 a key of a stream is not supported
         42701 column name \"_position\" is reserved
         42701 column \"a\" specified more than once
         42P02 there is no parameter $1
         42P01 relation \"nowhere\" does not exist
         42704 connector \"pigeon\" does not exist",
    );
}

#[test]
fn a_table_of_a_query_is_a_plain_one_after_a_restart() {
    check(
        "CREATE TABLE t (a int PRIMARY KEY, b int);
         INSERT INTO t VALUES (1, 2), (2, 3);
         CREATE TABLE c AS SELECT b AS \"index\", avg(a) AS mean, NULL AS word FROM t GROUP BY b;
         SHOW CREATE TABLE c;
         CREATE CONTINUOUS VIEW v AS SELECT count(*) FROM c;
         DROP TABLE t;
         @restart
         SELECT * FROM c ORDER BY mean;
         INSERT INTO c VALUES (1, 1.5, 'x');
         SELECT * FROM v;",
        "CREATE TABLE
         INSERT 0 2
         SELECT 2
         c|CREATE TABLE c (index integer, mean numeric(38,20), word text)
         SHOW
         CREATE CONTINUOUS VIEW
         DROP TABLE
         2|1.00000000000000000000|~
         3|2.00000000000000000000|~
         SELECT 2
         INSERT 0 1
         3
         SELECT 1",
    );
}

#[test]
fn a_view_takes_the_place_of_another_in_one_commit() {
    check(
        "CREATE TABLE t (a int, b int);
         INSERT INTO t VALUES (1, 2), (1, 3);
         CREATE OR REPLACE CONTINUOUS VIEW c AS SELECT a, count(*) AS n FROM t GROUP BY a;
         CREATE INDEX c_n ON c (n);
         CREATE OR REPLACE CONTINUOUS VIEW c AS SELECT a, sum(b) AS total FROM t GROUP BY a;
         SELECT * FROM c WHERE total = 5;
         CREATE VIEW v AS SELECT total + 1 AS more FROM c;
         CREATE OR REPLACE CONTINUOUS VIEW c AS SELECT a FROM t;
         CREATE OR REPLACE VIEW v AS SELECT total + 2 AS more FROM c;
         CREATE OR REPLACE VIEW v AS SELECT more FROM v;
         CREATE OR REPLACE VIEW c AS SELECT 1 AS a;
         CREATE OR REPLACE VIEW t AS SELECT 1 AS a;
@restart
         SELECT * FROM c;
         SELECT * FROM v;
         INSERT INTO t VALUES (1, 10);
         BEGIN;
         DROP VIEW v;
         CREATE OR REPLACE CONTINUOUS VIEW c AS SELECT a, max(b) AS top FROM t GROUP BY a;
         CREATE VIEW v AS SELECT top FROM c;
         SELECT * FROM v;
         COMMIT;
         SELECT * FROM v;",
        "CREATE TABLE
         INSERT 0 2
         CREATE CONTINUOUS VIEW
         CREATE INDEX
         CREATE CONTINUOUS VIEW
         1|5
         SELECT 1
         CREATE VIEW
         2BP01 cannot replace continuous view c because other objects depend on it
         CREATE VIEW
         42P17 the query of view \"v\" reads the view itself
         42809 \"c\" is not a view
         42809 \"t\" is not a view
         1|5
         SELECT 1
         7
         SELECT 1
         INSERT 0 1
         BEGIN
         DROP VIEW
         CREATE CONTINUOUS VIEW
         CREATE VIEW
         10
         SELECT 1
         COMMIT
         10
         SELECT 1",
    );
}

#[test]
fn drop_asks_who_stands_on_it() {
    check(
        "CREATE TABLE t (a int);
         CREATE INDEX i ON t (a);
         CREATE VIEW v AS SELECT a FROM t;
         CREATE CONTINUOUS VIEW c AS SELECT a FROM v;
         DROP TABLE t;
         DROP VIEW t;
         DROP CONTINUOUS VIEW v;
         DROP TABLE nowhere;
         DROP TABLE IF EXISTS nowhere, t;
         DROP TABLE t CASCADE;
         SHOW VIEWS;
         SHOW INDEXES;
         CREATE SCHEMA s;
         CREATE TABLE s.t (a int);
         DROP SCHEMA s;
         DROP SCHEMA s CASCADE;
         DROP SCHEMA IF EXISTS s;
         DROP SCHEMA public;
         DROP INDEX nowhere;",
        "CREATE TABLE
         CREATE INDEX
         CREATE VIEW
         CREATE CONTINUOUS VIEW
         2BP01 cannot drop table t because other objects depend on it
         42809 \"t\" is not a view
         42809 \"v\" is not a continuous view
         42P01 table \"nowhere\" does not exist
         2BP01 cannot drop table t because other objects depend on it
         DROP TABLE
         NOTICE: drop cascades to 2 other objects
         SHOW
         SHOW
         CREATE SCHEMA
         CREATE TABLE
         2BP01 cannot drop schema s because other objects depend on it
         DROP SCHEMA
         NOTICE: drop cascades to table t
         DROP SCHEMA
         NOTICE: schema \"s\" does not exist, skipping
         2BP01 cannot drop schema public because it is required by the database system
         42704 index \"nowhere\" does not exist",
    );
}

#[test]
fn dropped_objects_stay_away_after_a_restart() {
    check(
        "CREATE TABLE t (a int);
         CREATE CONTINUOUS VIEW c AS SELECT a FROM t;
         INSERT INTO t VALUES (1);
         DROP TABLE t CASCADE;
         CREATE TABLE t (a text UNIQUE);
         CREATE INDEX ON t (a);
         CREATE CONTINUOUS VIEW c AS SELECT upper(a) AS a FROM t;
         INSERT INTO t VALUES ('x');
         @restart
         SHOW INDEXES;
         SELECT * FROM c;
         INSERT INTO t VALUES ('x');
         SHOW CREATE TABLE t;",
        "CREATE TABLE
         CREATE CONTINUOUS VIEW
         INSERT 0 1
         DROP TABLE
         NOTICE: drop cascades to continuous view c
         CREATE TABLE
         CREATE INDEX
         CREATE CONTINUOUS VIEW
         INSERT 0 1
         public|t_a_idx|t|a|no
         public|t_a_key|t|a|yes
         SHOW
         X
         SELECT 1
         23505 duplicate key value violates unique constraint \"t_a_key\"
         t|CREATE TABLE t (a text UNIQUE)
         SHOW",
    );
}

#[test]
fn a_unique_index_needs_unique_rows() {
    check(
        "CREATE TABLE t (a int, b int);
         INSERT INTO t VALUES (1, 1), (1, 2);
         CREATE UNIQUE INDEX i ON t (a);
         CREATE UNIQUE INDEX i ON t (b);
         INSERT INTO t VALUES (3, 2);
         INSERT INTO t VALUES (3, NULL), (4, NULL);
         CREATE STREAM s (a int);
         CREATE UNIQUE INDEX ON s (a);
         CREATE INDEX ON t (lower(a));
         CREATE INDEX ON t (zz);",
        "CREATE TABLE
         INSERT 0 2
         23505 could not create unique index \"i\"
         CREATE INDEX
         23505 duplicate key value violates unique constraint \"i\"
         INSERT 0 2
         CREATE STREAM
         0A000 a unique index on a stream is not supported
         0A000 an index over an expression is not supported
         42703 column \"zz\" does not exist",
    );
}
