//! What the catalog says of itself: pg_catalog, information_schema, tidemill.
use super::harness::{World, check};
use crate::catalog::SYSTEM_SCHEMAS;
use crate::catalog::system::{System, SystemRelations};

const MADE: &str = "CREATE STREAM events (k int, v numeric(10,2) DEFAULT 0.5);
    CREATE TABLE t (a int PRIMARY KEY, b text NOT NULL, UNIQUE (b));
    CREATE INDEX t_both ON t (a, b);
    CREATE VIEW plain AS SELECT a FROM t;
    CREATE CONTINUOUS VIEW sums AS SELECT k, sum(v) AS s FROM events GROUP BY k;
    CREATE SCHEMA other;
    CREATE TABLE other.t (z bigint);";

/// The answer to a query over [`MADE`].
#[track_caller]
fn answer(query: &str, expected: &str) {
    let mut world = World::new();
    world.run(MADE);
    let got = world.run(query);
    super::harness::compare(&got, expected);
}

#[test]
fn every_system_relation_can_be_read() {
    let mut world = World::new();
    world.run(MADE);
    for relation in System.all() {
        assert!(SYSTEM_SCHEMAS.contains(&relation.schema.as_str()));
        let got = world.run(&format!("SELECT * FROM {}.{}", relation.schema, relation.name));
        let last = got.lines().last().unwrap_or_default();
        assert!(last.starts_with("SELECT "), "{}: {last}", relation.name);
    }
}

#[test]
fn relations_have_the_kinds_that_tools_know() {
    answer(
        "SELECT n.nspname, c.relname, c.relkind, am.amname, c.relhasindex
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         LEFT JOIN pg_am am ON am.oid = c.relam
         WHERE c.oid >= 16384 ORDER BY 1, 2",
        "other|t|r|heap|f
         public|events|r|stream|f
         public|plain|v|~|f
         public|sums|m|continuous|t
         public|sums_key|i|hash|f
         public|t|r|heap|t
         public|t_b_key|i|hash|f
         public|t_both|i|hash|f
         public|t_pkey|i|hash|f
         SELECT 9",
    );
}

#[test]
fn columns_have_numbers_types_and_defaults() {
    answer(
        "SELECT attname, attnum, format_type(atttypid, atttypmod), attnotnull,
           (SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef
            WHERE adrelid = attrelid AND adnum = attnum)
         FROM pg_attribute WHERE attrelid = 'events'::regclass AND attnum > 0 ORDER BY attnum;
         SELECT attname, attnotnull FROM pg_attribute WHERE attrelid = 't'::regclass;
         SELECT count(*) FROM pg_attribute WHERE attrelid = 'events'::regclass AND attnum < 0;",
        "k|1|integer|f|~
         v|2|numeric(10,2)|f|0.5
         SELECT 2
         a|t
         b|t
         SELECT 2
         5
         SELECT 1",
    );
}

#[test]
fn indexes_and_keys_are_written_as_statements() {
    answer(
        "SELECT pg_get_indexdef(indexrelid), indisunique, indisprimary, indkey
         FROM pg_index ORDER BY indexrelid::regclass::text;
         SELECT conname, contype, pg_get_constraintdef(oid), conrelid::regclass::text
         FROM pg_constraint;
         SELECT pg_get_viewdef('plain'::regclass);
         SELECT indkey[0], indkey[1], indkey[2], array_lower(indkey, 1), array_upper(indkey, 1),
           2 = ANY(indkey), unnest(indkey), generate_subscripts(indkey, 1), indkey::int2[]
         FROM pg_index WHERE indexrelid = 't_both'::regclass;",
        "CREATE UNIQUE INDEX sums_key ON public.sums USING hash (k)|t|f|1
         CREATE UNIQUE INDEX t_b_key ON public.t USING hash (b)|t|f|2
         CREATE INDEX t_both ON public.t USING hash (a, b)|f|f|1 2
         CREATE UNIQUE INDEX t_pkey ON public.t USING hash (a)|t|t|1
         SELECT 4
         t_pkey|p|PRIMARY KEY (a)|t
         SELECT 1
         SELECT a FROM t;
         SELECT 1
         1|2|~|0|1|t|1|0|{1,2}
         1|2|~|0|1|t|2|1|{1,2}
         SELECT 2",
    );
}

#[test]
fn names_of_oids_follow_the_search_path() {
    answer(
        "SELECT 't'::regclass::text, 'other.t'::regclass::text, 'pg_class'::regclass::oid;
         SELECT pg_table_is_visible('t'::regclass), pg_table_is_visible('other.t'::regclass);
         SET search_path TO other;
         SELECT 't'::regclass::text, 'public.t'::regclass::text, current_schemas(true);
         SELECT 'nothing'::regclass;
         SELECT to_regclass('nothing'), to_regtype('int4')::text, 23::regtype::text;
         SELECT 'other'::regnamespace::text, pg_typeof(1.5)::text;",
        "t|other.t|1259
         SELECT 1
         t|f
         SELECT 1
         SET
         t|public.t|{pg_catalog,other}
         SELECT 1
         42P01 relation \"nothing\" does not exist
         ~|integer|integer
         SELECT 1
         other|numeric
         SELECT 1",
    );
}

#[test]
fn the_standards_schema_lists_continuous_views_as_views() {
    answer(
        "SELECT table_schema, table_name, table_type, is_insertable_into
         FROM information_schema.tables WHERE table_schema IN ('public', 'other') ORDER BY 1, 2;
         SELECT column_name, data_type, is_nullable, numeric_precision, numeric_scale
         FROM information_schema.columns WHERE table_name = 'events' ORDER BY ordinal_position;
         SELECT constraint_name, column_name FROM information_schema.key_column_usage;",
        "other|t|BASE TABLE|YES
         public|events|BASE TABLE|YES
         public|plain|VIEW|NO
         public|sums|VIEW|NO
         public|t|BASE TABLE|YES
         SELECT 5
         k|integer|YES|32|0
         v|numeric|YES|10|2
         SELECT 2
         t_pkey|a
         SELECT 1",
    );
}

#[test]
fn rows_that_fail_are_shown_until_they_are_gone() {
    check(
        "CREATE TABLE d (a int PRIMARY KEY, b int);
         CREATE CONTINUOUS VIEW r AS SELECT a, 10 / b AS q FROM d WHERE a > 0;
         INSERT INTO d VALUES (1, 2), (2, 0), (3, 0);
         SELECT schema, relation, operator, place, sqlstate, message, row FROM tidemill.errors
         ORDER BY row;
         SELECT name, rows, is_current, errors FROM tidemill.views;
         UPDATE d SET b = 5 WHERE a = 2;
         DELETE FROM d WHERE a = 3;
         SELECT count(*) FROM tidemill.errors;
         SELECT tick, row FROM tidemill.error_log ORDER BY row;
         SELECT name, kind, rows FROM tidemill.relations ORDER BY name;",
        "CREATE TABLE
         CREATE CONTINUOUS VIEW
         INSERT 0 3
         public|r|0|Project: a, 10 / b|22012|division by zero|(2, 0)
         public|r|0|Project: a, 10 / b|22012|division by zero|(3, 0)
         SELECT 2
         r|1|t|2
         SELECT 1
         UPDATE 1
         DELETE 1
         0
         SELECT 1
         3|(2, 0)
         3|(3, 0)
         SELECT 2
         d|table|2
         r|continuous view|2
         SELECT 2",
    );
}

#[test]
fn a_continuous_view_cannot_stand_on_the_catalog() {
    check(
        "CREATE CONTINUOUS VIEW v AS SELECT count(*) FROM pg_class;
         CREATE TABLE t (a int);
         CREATE CONTINUOUS VIEW v AS SELECT pg_get_userbyid(a::oid) FROM t;
         CREATE VIEW v AS SELECT relname FROM pg_class WHERE oid = 't'::regclass;
         SELECT * FROM v;
         @restart
         SELECT * FROM v;
         CREATE TABLE pg_catalog.x (a int);",
        "0A000 system relation \"pg_class\" in a continuous view is not supported
         CREATE TABLE
         0A000 function pg_get_userbyid() in a continuous view is not supported
         CREATE VIEW
         t
         SELECT 1
         t
         SELECT 1
         42501 permission denied to create \"pg_catalog.x\"",
    );
}

#[test]
fn arrays_have_elements_and_series_unfold() {
    check(
        "SELECT (ARRAY[1,2,3])[2], ('{a,b}'::text[])[3], ('{\"k\": 7}'::jsonb)['k'];
         SELECT g FROM generate_series(1, 5, 2) g;
         SELECT a, (SELECT count(*) FROM generate_series(1, a) g) FROM (VALUES (0), (3)) AS x (a)
         ORDER BY a;
         SELECT (1)[1];
         SELECT v.a[2], a[1] FROM (VALUES ('{5,6}'::int[])) v (a);
         SELECT k, unnest(a), generate_subscripts(a, 1) AS n, unnest(b) || '!' AS u
         FROM (VALUES (1, '{5,6}'::int[], '{x}'::text[]), (2, '{}', NULL), (3, '{7}', '{y,z}'))
           AS v (k, a, b) ORDER BY k, n;
         SELECT count(*), unnest(ARRAY[1, 2]) FROM (VALUES (1), (2)) v (a);
         SELECT DISTINCT generate_series(1, 3) % 2 AS r ORDER BY r;
         SELECT (SELECT sum(x) FROM (SELECT unnest(a) AS x) y) FROM (VALUES ('{1,2}'::int[])) v (a);
         SELECT e, n FROM unnest('{a,b}'::text[]) WITH ORDINALITY AS x (e, n);
         SELECT 1 WHERE unnest(ARRAY[1]) = 1;
         SELECT CASE WHEN true THEN unnest(ARRAY[1]) END;
         SELECT sum(unnest(ARRAY[1]));",
        "2|~|7
         SELECT 1
         1
         3
         5
         SELECT 3
         0|0
         3|3
         SELECT 2
         42804 cannot subscript type integer because it does not support subscripting
         6|5
         SELECT 1
         1|5|1|x!
         1|6|2|~
         3|7|1|y!
         3|~|~|z!
         SELECT 4
         2|1
         2|2
         SELECT 2
         0
         1
         SELECT 2
         3
         SELECT 1
         a|1
         b|2
         SELECT 2
         0A000 set-returning functions are not allowed in WHERE
         0A000 set-returning functions are not allowed in CASE
         0A000 set-returning functions are not allowed in aggregate arguments",
    );
}

#[test]
fn settings_are_read_as_they_are_when_a_statement_runs() {
    check(
        "PREPARE p AS SELECT current_setting('statement_timeout'), current_setting('no', true);
         EXECUTE p;
         SET statement_timeout TO '5s';
         EXECUTE p;
         SELECT current_setting('no');
         SELECT setting FROM pg_settings WHERE name = 'statement_timeout';",
        "PREPARE
         0|~
         SELECT 1
         SET
         5s|~
         SELECT 1
         42704 unrecognized configuration parameter \"no\"
         5s
         SELECT 1",
    );
}

#[test]
fn each_row_of_the_catalog_knows_its_relation() {
    check(
        "SELECT DISTINCT tableoid::regclass::text FROM pg_namespace;
         SELECT d.objid::regclass::text, d.refobjid::regclass::text FROM pg_depend d;
         CREATE TABLE t (a int);
         CREATE VIEW v AS SELECT a FROM t;
         SELECT d.objid::regclass::text, d.refobjid::regclass::text FROM pg_depend d;",
        "pg_namespace
         SELECT 1
         SELECT 0
         CREATE TABLE
         CREATE VIEW
         v|t
         SELECT 1",
    );
}

#[test]
fn the_state_of_operators_is_counted() {
    check(
        "CREATE TABLE t (a int PRIMARY KEY, k int);
         CREATE CONTINUOUS VIEW v AS SELECT k, count(*) AS n FROM t GROUP BY k;
         SELECT count(*) FROM tidemill.operators WHERE bytes > 100000;
         INSERT INTO t SELECT g, g FROM generate_series(1, 20000) g;
         SELECT schema, view, operator, bool_and(bytes > 100000) FROM tidemill.operators
         GROUP BY schema, view, operator;",
        "CREATE TABLE
         CREATE CONTINUOUS VIEW
         0
         SELECT 1
         INSERT 0 20000
         public|v|aggregate|t
         SELECT 1",
    );
}
