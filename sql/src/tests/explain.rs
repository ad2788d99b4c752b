//! EXPLAIN, of queries and of views.
use super::harness::check;

const TABLES: &str = "CREATE TABLE t (id int PRIMARY KEY, k text, a int);
    CREATE TABLE s (id int PRIMARY KEY, tid int, w text);";

#[test]
fn a_query_is_told_in_its_own_words() {
    check(
        &format!(
            "{TABLES}
             EXPLAIN SELECT k, sum(a) AS total FROM t WHERE a > 5 AND 10 / a > 1 GROUP BY k
             HAVING sum(a) > 3 ORDER BY total DESC LIMIT 5;
             EXPLAIN SELECT x.k, upper(s.w) FROM t x JOIN t y ON y.id < x.id AND y.a = x.a
             LEFT JOIN s ON s.tid = x.id;
             EXPLAIN (COSTS OFF, VERBOSE) SELECT id + 1 AS n, a::text FROM t WHERE k IS NULL;
             EXPLAIN SELECT w FROM s WHERE id = 3;"
        ),
        "CREATE TABLE
         CREATE TABLE
         Limit 5
         Sort by sum(a) DESC, k
         Filter: sum(a) > 3
         Aggregate by k: sum(a)
         Filter: (10 / a) > 1
         Filter: a > 5
         Scan t: k, a
         EXPLAIN
         Project: t.k, upper(s.w)
         Left Join on t.id = s.tid
         Project: t.id, t.k
         Inner Join on t.a = t_1.a AND t_1.id < t.id
         Scan t: id, k, a
         Scan t AS t_1: id, a
         Scan s: tid, w
         EXPLAIN
         Project: t.id + 1 AS n, t.a::text AS a
         Filter: t.k IS NULL
         Scan public.t: id, k, a
         EXPLAIN
         Point Read on s
         Project: w
         Filter: id = 3
         Scan s: id, w
         EXPLAIN",
    );
}

#[test]
fn a_view_is_explained_without_being_made() {
    check(
        &format!(
            "{TABLES}
             EXPLAIN CREATE CONTINUOUS VIEW v AS SELECT k, count(*) AS n FROM t GROUP BY k;
             SELECT * FROM v;
             EXPLAIN CREATE CONTINUOUS VIEW v AS SELECT random() FROM t;
             EXPLAIN CREATE TABLE x (a int);"
        ),
        "CREATE TABLE
         CREATE TABLE
         Aggregate by k: count(*)  [state: groups]
         Scan t: k
         EXPLAIN
         42P01 relation \"v\" does not exist
         0A000 function random() in a continuous view is not supported
         0A000 EXPLAIN of this statement is not supported",
    );
}

#[test]
fn options_are_honoured_or_refused() {
    check(
        "EXPLAIN (ANALYZE false, FORMAT text, TIMING off) SELECT 1;
         EXPLAIN (SELECT 1);
         EXPLAIN ANALYZE SELECT 1;
         EXPLAIN (BUFFERS) SELECT 1;
         EXPLAIN (FORMAT json) SELECT 1;
         EXPLAIN (FORMAT nothing) SELECT 1;
         EXPLAIN (VERBOSE maybe) SELECT 1;",
        "Project: 1
         Result
         EXPLAIN
         Project: 1
         Result
         EXPLAIN
         0A000 EXPLAIN ANALYZE is not supported
         0A000 EXPLAIN (BUFFERS) is not supported
         0A000 EXPLAIN in another format than TEXT is not supported
         22023 unrecognized value for EXPLAIN option \"format\": \"nothing\"
         42601 verbose requires a Boolean value",
    );
}
