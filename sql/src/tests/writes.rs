//! INSERT, UPDATE, DELETE, ON CONFLICT, RETURNING, TRUNCATE.
use super::harness::check;

#[test]
fn insert_fills_in_what_is_left_out() {
    check(
        "CREATE TABLE t (a int PRIMARY KEY, b text DEFAULT 'none', c numeric(6,2) NOT NULL DEFAULT 1);
         INSERT INTO t (a) VALUES (1);
         INSERT INTO t (c, a) VALUES (2.345, 2), (DEFAULT, 3);
         INSERT INTO t VALUES (4, DEFAULT);
         INSERT INTO t SELECT a + 10, b FROM t WHERE a < 3;
         SELECT * FROM t ORDER BY a;",
        "CREATE TABLE
         INSERT 0 1
         INSERT 0 2
         INSERT 0 1
         INSERT 0 2
         1|none|1.00
         2|none|2.35
         3|none|1.00
         4|none|1.00
         11|none|1.00
         12|none|1.00
         SELECT 6",
    );
    check(
        "CREATE TABLE t (a int DEFAULT 5, b int);
         INSERT INTO t DEFAULT VALUES RETURNING a, b;",
        "CREATE TABLE
         5|~
         INSERT 0 1",
    );
}

#[test]
fn insert_refuses_what_does_not_fit() {
    check(
        "CREATE TABLE t (a int PRIMARY KEY, b varchar(3) NOT NULL, c date);
         INSERT INTO t VALUES (1);
         INSERT INTO t VALUES (1, 'long');
         INSERT INTO t VALUES (1, 'abc', 'yesterday-ish');
         INSERT INTO t VALUES (1, 'abc', NULL, 4);
         INSERT INTO t (a, b, c) VALUES (1, 'abc');
         INSERT INTO t (a, a) VALUES (1, 2);
         INSERT INTO t (z) VALUES (1);
         INSERT INTO t VALUES (true, 'abc');
         INSERT INTO nowhere VALUES (1);
         INSERT INTO t VALUES (1, 'abc');
         INSERT INTO t VALUES (1, 'def');
         INSERT INTO t VALUES (2, 'x'), (2, 'y');
         SELECT count(*) FROM t;",
        "CREATE TABLE
         23502 null value in column \"b\" of relation \"t\" violates not-null constraint
         22001 value too long for type character varying(3)
         22007 invalid input syntax for type date: \"yesterday-ish\"
         42601 INSERT has more expressions than target columns
         42601 INSERT has more target columns than expressions
         42701 column \"a\" specified more than once
         42703 column \"z\" of relation \"t\" does not exist
         42804 column \"a\" is of type integer but expression is of type boolean
         42P01 relation \"nowhere\" does not exist
         INSERT 0 1
         23505 duplicate key value violates unique constraint \"t_pkey\"
         23505 duplicate key value violates unique constraint \"t_pkey\"
         1
         SELECT 1",
    );
}

#[test]
fn only_tables_and_streams_can_be_written() {
    check(
        "CREATE TABLE t (a int);
         CREATE STREAM s (a int);
         CREATE VIEW v AS SELECT a FROM t;
         CREATE CONTINUOUS VIEW c AS SELECT a FROM t;
         INSERT INTO v VALUES (1);
         INSERT INTO c VALUES (1);
         DELETE FROM s;
         UPDATE s SET a = 1;
         TRUNCATE s;
         UPDATE c SET a = 1;
         INSERT INTO s VALUES (1) ON CONFLICT (a) DO NOTHING;",
        "CREATE TABLE
         CREATE STREAM
         CREATE VIEW
         CREATE CONTINUOUS VIEW
         55000 cannot insert into view \"v\"
         42809 cannot change continuous view \"c\"
         0A000 DELETE on a stream is not supported
         0A000 UPDATE on a stream is not supported
         0A000 TRUNCATE TABLE on a stream is not supported
         42809 cannot change continuous view \"c\"
         42P10 there is no unique or exclusion constraint matching the ON CONFLICT specification",
    );
}

#[test]
fn update_changes_rows() {
    check(
        "CREATE TABLE t (a int PRIMARY KEY, b text, n int DEFAULT 9);
         INSERT INTO t VALUES (1, 'x', 1), (2, 'y', 2), (3, 'z', 3);
         UPDATE t SET b = b || '!', n = n + 1 WHERE a > 1 RETURNING a, b, n;
         UPDATE t AS u SET n = DEFAULT, b = 'new' WHERE u.a = 1;
         UPDATE t SET (b, n) = ('p', 0) WHERE a = 3;
         UPDATE t SET a = 4 WHERE a = 3;
         UPDATE t SET a = 4 WHERE a = 2;
         UPDATE t SET a = NULL;
         UPDATE t SET zz = 1;
         UPDATE t SET a = 1, a = 2;
         UPDATE t SET n = n + 1 WHERE false;
         SELECT * FROM t ORDER BY a;",
        "CREATE TABLE
         INSERT 0 3
         2|y!|3
         3|z!|4
         UPDATE 2
         UPDATE 1
         UPDATE 1
         UPDATE 1
         23505 duplicate key value violates unique constraint \"t_pkey\"
         23502 null value in column \"a\" of relation \"t\" violates not-null constraint
         42703 column \"zz\" of relation \"t\" does not exist
         42601 multiple assignments to same column \"a\"
         UPDATE 0
         1|new|9
         2|y!|3
         4|p|0
         SELECT 3",
    );
}

#[test]
fn update_and_delete_join_other_relations() {
    check(
        "CREATE TABLE t (a int PRIMARY KEY, n int);
         CREATE TABLE u (a int, n int);
         INSERT INTO t VALUES (1, 0), (2, 0), (3, 0);
         INSERT INTO u VALUES (1, 10), (2, 20), (2, 20);
         UPDATE t SET n = u.n FROM u WHERE t.a = u.a;
         SELECT * FROM t ORDER BY a;
         DELETE FROM t USING u WHERE t.a = u.a AND u.n = 20 RETURNING t.a;
         SELECT a FROM t ORDER BY a;",
        "CREATE TABLE
         CREATE TABLE
         INSERT 0 3
         INSERT 0 3
         UPDATE 2
         1|10
         2|20
         3|0
         SELECT 3
         2
         DELETE 1
         1
         3
         SELECT 2",
    );
}

#[test]
fn delete_takes_rows_away() {
    check(
        "CREATE TABLE t (a int, b int);
         INSERT INTO t VALUES (1, 1), (1, 1), (2, 2), (3, 3);
         DELETE FROM t WHERE a = 1;
         DELETE FROM t WHERE a = 2 RETURNING *;
         DELETE FROM t WHERE a = 99;
         SELECT * FROM t;
         TRUNCATE t;
         SELECT count(*) FROM t;",
        "CREATE TABLE
         INSERT 0 4
         DELETE 2
         2|2
         DELETE 1
         DELETE 0
         3|3
         SELECT 1
         TRUNCATE TABLE
         0
         SELECT 1",
    );
}

#[test]
fn on_conflict_decides_about_taken_keys() {
    check(
        "CREATE TABLE t (a int PRIMARY KEY, b text UNIQUE, n int DEFAULT 0);
         INSERT INTO t VALUES (1, 'x', 1);
         INSERT INTO t VALUES (1, 'y', 2), (2, 'z', 2) ON CONFLICT DO NOTHING;
         INSERT INTO t VALUES (3, 'x', 2) ON CONFLICT (a) DO NOTHING;
         INSERT INTO t VALUES (3, 'x', 2) ON CONFLICT (b) DO NOTHING;
         INSERT INTO t VALUES (1, 'x', 5), (7, 'q', 7)
             ON CONFLICT (a) DO UPDATE SET n = t.n + EXCLUDED.n RETURNING a, n;
         INSERT INTO t AS old VALUES (1, 'x', 5)
             ON CONFLICT (a) DO UPDATE SET n = 100 WHERE old.n > 50;
         INSERT INTO t VALUES (9, 'x', 50)
             ON CONFLICT ON CONSTRAINT t_b_key DO UPDATE SET n = EXCLUDED.n;
         INSERT INTO t VALUES (5, 'e', 1), (5, 'f', 2) ON CONFLICT (a) DO UPDATE SET n = 0;
         INSERT INTO t VALUES (5, 'e', 1) ON CONFLICT (n) DO NOTHING;
         INSERT INTO t VALUES (5, 'e', 1) ON CONFLICT DO UPDATE SET n = 0;
         SELECT * FROM t ORDER BY a;",
        "CREATE TABLE
         INSERT 0 1
         INSERT 0 1
         23505 duplicate key value violates unique constraint \"t_b_key\"
         INSERT 0 0
         7|7
         1|6
         INSERT 0 2
         INSERT 0 0
         INSERT 0 1
         21000 ON CONFLICT DO UPDATE command cannot affect row a second time
         42P10 there is no unique or exclusion constraint matching the ON CONFLICT specification
         42601 ON CONFLICT DO UPDATE requires inference specification or constraint name
         1|x|50
         2|z|2
         7|q|7
         SELECT 3",
    );
}

#[test]
fn a_table_can_say_what_becomes_of_taken_keys() {
    check(
        "CREATE TABLE o (a int PRIMARY KEY, b text) ON CONFLICT OVERWRITE;
         CREATE TABLE i (a int PRIMARY KEY, b text) ON CONFLICT IGNORE;
         INSERT INTO o VALUES (1, 'x');
         INSERT INTO o VALUES (1, 'y'), (2, 'z');
         INSERT INTO i VALUES (1, 'x');
         INSERT INTO i VALUES (1, 'y'), (2, 'z') RETURNING a;
         BEGIN;
         INSERT INTO o VALUES (1, 'block');
         INSERT INTO i VALUES (1, 'block'), (3, 'w');
         COMMIT;
         SELECT * FROM o ORDER BY a;
         SELECT * FROM i ORDER BY a;",
        "CREATE TABLE
         CREATE TABLE
         INSERT 0 1
         INSERT 0 2
         INSERT 0 1
         2
         INSERT 0 1
         BEGIN
         INSERT 0 1
         INSERT 0 1
         COMMIT
         1|block
         2|z
         SELECT 2
         1|x
         2|z
         3|w
         SELECT 3",
    );
}

#[test]
fn keys_that_are_equal_are_one_however_they_look() {
    check(
        "CREATE TABLE t (a float8 PRIMARY KEY, b int);
         INSERT INTO t VALUES (0, 1), ('-0', 2);
         INSERT INTO t VALUES ('-0', 1), ('NaN', 2);
         INSERT INTO t VALUES (0, 3) ON CONFLICT (a) DO UPDATE SET b = t.b + EXCLUDED.b;
         INSERT INTO t VALUES (0, 5), ('-0', 6), ('NaN', 7), (1, 1) ON CONFLICT DO NOTHING;
         UPDATE t SET a = 0 WHERE a = 0;
         BEGIN;
         INSERT INTO t VALUES (2, 2), ('-2', 2);
         UPDATE t SET a = -a WHERE abs(a) = 2;
         SELECT * FROM t ORDER BY a;
         ROLLBACK;
         BEGIN; INSERT INTO t VALUES ('-0', 6); ROLLBACK;
         SELECT * FROM t ORDER BY a;",
        "CREATE TABLE
         23505 duplicate key value violates unique constraint \"t_pkey\"
         INSERT 0 2
         INSERT 0 1
         INSERT 0 1
         UPDATE 1
         BEGIN
         INSERT 0 2
         UPDATE 2
         -2|2
         0|4
         1|1
         2|2
         NaN|2
         SELECT 5
         ROLLBACK
         BEGIN
         23505 duplicate key value violates unique constraint \"t_pkey\"
         ROLLBACK
         0|4
         1|1
         NaN|2
         SELECT 3",
    );
    check(
        "CREATE TABLE t (a interval PRIMARY KEY);
         INSERT INTO t VALUES ('1 month'), ('30 days');
         INSERT INTO t VALUES ('30 days');
         INSERT INTO t VALUES ('1 month'), ('720 hours') ON CONFLICT DO NOTHING;
         SELECT * FROM t;",
        "CREATE TABLE
         23505 duplicate key value violates unique constraint \"t_pkey\"
         INSERT 0 1
         INSERT 0 0
         30 days
         SELECT 1",
    );
}

#[test]
fn rows_without_a_key_are_known_by_their_looks() {
    check(
        "CREATE TABLE t (a float8, b interval);
         CREATE CONTINUOUS VIEW v AS SELECT a::text AS a, b::text AS b FROM t;
         INSERT INTO t VALUES (0, '1 month'), ('-0', '30 days'), ('-0', '1 month');
         SELECT * FROM v ORDER BY a, b;
         UPDATE t SET a = a * 2;
         DELETE FROM t WHERE b::text = '30 days';
         SELECT * FROM v ORDER BY a, b;
         DELETE FROM t;
         SELECT count(*) FROM v;",
        "CREATE TABLE
         CREATE CONTINUOUS VIEW
         INSERT 0 3
         -0|1 mon
         -0|30 days
         0|1 mon
         SELECT 3
         UPDATE 3
         DELETE 1
         -0|1 mon
         0|1 mon
         SELECT 2
         DELETE 2
         0
         SELECT 1",
    );
}

#[test]
fn an_upsert_that_moves_a_row_onto_another_says_so() {
    let taken = "23505 duplicate key value violates unique constraint \"t_pkey\"";
    check(
        "CREATE TABLE t (a int PRIMARY KEY, b int);
         INSERT INTO t VALUES (1, 1), (2, 2);
         INSERT INTO t VALUES (1, 9) ON CONFLICT (a) DO UPDATE SET a = 2;
         INSERT INTO t VALUES (1, 9), (7, 9) ON CONFLICT (a) DO UPDATE SET a = 7;
         INSERT INTO t VALUES (1, 9), (2, 9) ON CONFLICT (a) DO UPDATE SET a = 3 - t.a;
         BEGIN;
         INSERT INTO t VALUES (1, 9) ON CONFLICT (a) DO UPDATE SET a = 2;
         ROLLBACK;
         INSERT INTO t VALUES (1, 9) ON CONFLICT (a) DO UPDATE SET a = 5;
         SELECT * FROM t ORDER BY a;",
        &format!(
            "CREATE TABLE
             INSERT 0 2
             {taken}
             {taken}
             INSERT 0 2
             BEGIN
             {taken}
             ROLLBACK
             INSERT 0 1
             2|1
             5|2
             SELECT 2"
        ),
    );
}

#[test]
fn a_large_change_takes_no_longer_than_its_rows() {
    // With a step for every pair of rows this would take minutes.
    check(
        "CREATE TABLE t (a int PRIMARY KEY, b int);
         INSERT INTO t SELECT g, 0 FROM generate_series(1, 200000) g;
         UPDATE t SET b = a;
         DELETE FROM t WHERE b > 1;
         SELECT * FROM t;",
        "CREATE TABLE
         INSERT 0 200000
         UPDATE 200000
         DELETE 199999
         1|1
         SELECT 1",
    );
}
