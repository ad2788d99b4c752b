//! Clauses of queries: names and types of their columns, as PostgreSQL 15 tells them with `\gdesc`.
use super::fixture::check_columns;

#[test]
fn queries_have_the_columns_that_postgresql_gives() {
    check_columns(CASES);
}

const CASES: &[(&str, &str)] = &[
    (
        "SELECT * FROM t",
        "id integer, a integer, b text, big bigint, n numeric, f double precision, ok boolean",
    ),
    (
        "SELECT t.*, u.c FROM t, u",
        "id integer, a integer, b text, big bigint, n numeric, f double precision, ok boolean, c text",
    ),
    (
        "SELECT x.* FROM t AS x(p, q)",
        "p integer, q integer, b text, big bigint, n numeric, f double precision, ok boolean",
    ),
    ("SELECT p, b FROM t AS x(p)", "p integer, b text"),
    ("SELECT * FROM (SELECT 1 AS a, 'x') AS s", "a integer, ?column? text"),
    ("SELECT * FROM (VALUES (1, 'a'), (2, 'b')) AS v", "column1 integer, column2 text"),
    ("SELECT * FROM (VALUES (1, 'a'), (2.5, NULL)) AS v(p, q)", "p numeric, q text"),
    ("VALUES (1, 2), (3, 4)", "column1 integer, column2 integer"),
    ("VALUES (1), ('2')", "column1 integer"),
    ("VALUES ('a'), (NULL)", "column1 text"),
    (
        "SELECT * FROM t JOIN u ON t.id = u.t_id",
        "id integer, a integer, b text, big bigint, n numeric, f double precision, ok boolean, id integer, t_id integer, c text, big bigint",
    ),
    (
        "SELECT * FROM t JOIN u USING (id)",
        "id integer, a integer, b text, big bigint, n numeric, f double precision, ok boolean, t_id integer, c text, big bigint",
    ),
    ("SELECT id FROM t JOIN u USING (id)", "id integer"),
    ("SELECT t.id, u.id FROM t LEFT JOIN u USING (id)", "id integer, id integer"),
    (
        "SELECT * FROM t FULL JOIN u USING (id, big)",
        "id integer, big bigint, a integer, b text, n numeric, f double precision, ok boolean, t_id integer, c text",
    ),
    (
        "SELECT * FROM t NATURAL JOIN u",
        "id integer, big bigint, a integer, b text, n numeric, f double precision, ok boolean, t_id integer, c text",
    ),
    (
        "SELECT * FROM t CROSS JOIN u",
        "id integer, a integer, b text, big bigint, n numeric, f double precision, ok boolean, id integer, t_id integer, c text, big bigint",
    ),
    (
        "SELECT * FROM (t JOIN u ON true) AS j",
        "id integer, a integer, b text, big bigint, n numeric, f double precision, ok boolean, id integer, t_id integer, c text, big bigint",
    ),
    (
        "SELECT * FROM (t JOIN u USING (id)) AS j(x)",
        "x integer, a integer, b text, big bigint, n numeric, f double precision, ok boolean, t_id integer, c text, big bigint",
    ),
    ("SELECT \"A\" FROM (SELECT 1 AS \"A\") s", "A integer"),
    ("SELECT a AS \"Weird Name\" FROM t", "Weird Name integer"),
    ("SELECT T.A, B FROM T", "a integer, b text"),
    ("SELECT public.t.a FROM public.t", "a integer"),
    ("SELECT count(*), sum(a) FROM t", "count bigint, sum bigint"),
    ("SELECT a, count(*) FROM t GROUP BY a", "a integer, count bigint"),
    ("SELECT a, count(*) FROM t GROUP BY 1", "a integer, count bigint"),
    ("SELECT a AS k, count(*) FROM t GROUP BY k", "k integer, count bigint"),
    ("SELECT a % 2 AS k, count(*) FROM t GROUP BY k HAVING sum(a) > 1", "k integer, count bigint"),
    ("SELECT a + 1, count(*) FROM t GROUP BY a + 1", "?column? integer, count bigint"),
    ("SELECT a + 2 FROM t GROUP BY a", "?column? integer"),
    ("SELECT id, b FROM t GROUP BY id", "id integer, b text"),
    (
        "SELECT t.*, count(*) FROM t JOIN u ON u.t_id = t.id GROUP BY t.id",
        "id integer, a integer, b text, big bigint, n numeric, f double precision, ok boolean, count bigint",
    ),
    (
        "SELECT a, b, count(*) FROM t GROUP BY GROUPING SETS ((a), (b), ())",
        "a integer, b text, count bigint",
    ),
    (
        "SELECT a, b, count(*), grouping(a), grouping(a, b) FROM t GROUP BY CUBE (a, b)",
        "a integer, b text, count bigint, grouping integer, grouping integer",
    ),
    ("SELECT a FROM t GROUP BY a ORDER BY count(*)", "a integer"),
    ("SELECT count(*) FROM t HAVING count(*) > 1", "count bigint"),
    ("SELECT 1 FROM t HAVING true", "?column? integer"),
    ("SELECT DISTINCT a, b FROM t ORDER BY b", "a integer, b text"),
    ("SELECT DISTINCT ON (a) a, b FROM t ORDER BY a, b", "a integer, b text"),
    ("SELECT DISTINCT ON (1) a, b FROM t", "a integer, b text"),
    ("SELECT a FROM t ORDER BY b", "a integer"),
    ("SELECT a AS b FROM t ORDER BY b", "b integer"),
    ("SELECT a FROM t ORDER BY a + 1 DESC NULLS LAST", "a integer"),
    ("SELECT a FROM t ORDER BY 1 LIMIT 3 OFFSET 2", "a integer"),
    ("SELECT a FROM t LIMIT ALL", "a integer"),
    ("SELECT a FROM t FETCH FIRST 3 ROWS ONLY", "a integer"),
    ("SELECT a FROM t LIMIT NULL", "a integer"),
    ("SELECT a FROM t LIMIT 1 + 1", "a integer"),
    ("SELECT a FROM t UNION SELECT big FROM u", "a bigint"),
    ("SELECT a FROM t UNION ALL SELECT n FROM t", "a numeric"),
    ("SELECT 'x' UNION SELECT b FROM t", "?column? text"),
    ("SELECT 'x' UNION SELECT 'y'", "?column? text"),
    ("SELECT NULL UNION SELECT a FROM t", "?column? integer"),
    ("SELECT a, b FROM t INTERSECT SELECT id, c FROM u ORDER BY 1", "a integer, b text"),
    ("SELECT a FROM t EXCEPT ALL SELECT id FROM u ORDER BY a LIMIT 1", "a integer"),
    ("(SELECT a FROM t LIMIT 1) UNION ALL (SELECT id FROM u ORDER BY id LIMIT 1)", "a integer"),
    ("SELECT a AS x FROM t UNION SELECT id AS y FROM u", "x integer"),
    ("WITH w AS (SELECT a FROM t) SELECT * FROM w, w AS x", "a integer, a integer"),
    (
        "WITH w(z) AS (SELECT a FROM t), v AS (SELECT z + 1 AS y FROM w) SELECT y, z FROM v, w",
        "y integer, z integer",
    ),
    ("WITH t AS (SELECT 1 AS only) SELECT * FROM t", "only integer"),
    ("SELECT a FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.t_id = t.id)", "a integer"),
    ("SELECT (SELECT max(c) FROM u WHERE u.t_id = t.id) FROM t", "max text"),
    (
        "SELECT a FROM t WHERE a IN (SELECT t_id FROM u) AND a NOT IN (SELECT id FROM u)",
        "a integer",
    ),
    (
        "SELECT a FROM t WHERE a > ANY (SELECT t_id FROM u) AND a <= ALL (SELECT id FROM u)",
        "a integer",
    ),
    ("SELECT s.x FROM t, LATERAL (SELECT t.a + 1 AS x) s", "x integer"),
    (
        "SELECT s.c FROM t LEFT JOIN LATERAL (SELECT c FROM u WHERE t_id = t.id LIMIT 1) s ON true",
        "c text",
    ),
    (
        "SELECT a, (SELECT count(*) FROM u WHERE t_id = t.a) FROM t GROUP BY a",
        "a integer, count bigint",
    ),
    (
        "SELECT sum(a) OVER w, avg(n) OVER (PARTITION BY b ORDER BY a ROWS 3 PRECEDING) FROM t WINDOW w AS (ORDER BY a)",
        "sum bigint, avg numeric",
    ),
    ("SELECT sum(sum(a)) OVER (ORDER BY b) FROM t GROUP BY b", "sum numeric"),
    ("SELECT k, total FROM v", "k integer, total bigint"),
    ("SELECT v.* FROM v WHERE total > 1", "k integer, total bigint"),
    ("SELECT relname FROM pg_class", "relname name"),
    ("SELECT c.relname FROM pg_catalog.pg_class c", "relname name"),
    ("SELECT FROM t", ""),
    (
        "SELECT count(*) FILTER (WHERE ok), count(DISTINCT a), sum(DISTINCT n) FROM t",
        "count bigint, count bigint, sum numeric",
    ),
    (
        "SELECT a FROM t WHERE b = 'x' AND (a, big) > (1, 2) OR (a, b) IN ((1, 'x'), (2, 'y'))",
        "a integer",
    ),
    (
        "SELECT ROW(1, 2) = ROW(1, 3), (a, b) IS NULL, (a, b) IS DISTINCT FROM (1, 'x') FROM t",
        "?column? boolean, ?column? boolean, ?column? boolean",
    ),
    ("SELECT max(b) FROM t WHERE NOT ok IS NULL", "max text"),
    ("SELECT CASE a WHEN 1 THEN 'one' ELSE b END FROM t", "b text"),
    ("SELECT a::text || b AS x FROM t", "x text"),
    ("SELECT -a FROM t", "?column? integer"),
    ("SELECT a b FROM t", "b integer"),
];
