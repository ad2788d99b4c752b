//! Cases that once failed, as they were printed.

/// One case a string.
pub const CASES: &[&str] = &[
    "CREATE TABLE t (k int PRIMARY KEY, v int)
     CREATE CONTINUOUS VIEW w AS SELECT v, count(*) AS n FROM t GROUP BY v
     INSERT INTO t VALUES (1, 1), (2, NULL), (3, 1)
     UPDATE t SET v = 2 WHERE k = 1
     DELETE FROM t WHERE k = 2",
    // FILTER did not keep an argument from failing.
    "CREATE STREAM s0 (c0 int, c1 int)
     CREATE CONTINUOUS VIEW v0 AS SELECT sum(DISTINCT 10 / l.c0) FILTER (WHERE l.c0 <> 0) AS c0, \
       count(10 / l.c1) FILTER (WHERE l.c1 > 0) AS c1 /*from*/ FROM s0 AS l /*group*/ \
       /*rows CASE WHEN l.c0 <> 0 THEN 10 / l.c0 END ;; CASE WHEN l.c1 > 0 THEN 10 / l.c1 END */
     INSERT INTO s0 VALUES (0, 1), (5, 0), (NULL, 2), (2, NULL)",
    // Run once, the inner select kept any row.
    "CREATE STREAM s0 (c0 int, c1 double precision)
     INSERT INTO s0 VALUES (1, 1.25), (2, 0.875), (3, '5.5e209')
     CREATE CONTINUOUS VIEW v3 AS SELECT l.c0 AS c0 FROM (SELECT l.c0 AS c0, l.c1 AS c1 \
       FROM s0 AS l ORDER BY 2, 1 LIMIT 1) AS l WHERE (l.c0 = 7) IS NOT TRUE",
    // The numbers in a jsonb were compared by their looks.
    "CREATE STREAM s0 (c0 int, c1 jsonb)
     CREATE CONTINUOUS VIEW v0 AS SELECT l.c1 AS c0, count(*) AS c1 FROM s0 AS l GROUP BY 1
     CREATE CONTINUOUS VIEW v1 AS SELECT count(DISTINCT l.c1) AS c0 FROM s0 AS l
     CREATE CONTINUOUS VIEW v2 AS SELECT l.c0 AS c0, r.c0 AS c1 FROM s0 AS l JOIN s0 AS r ON l.c1 = r.c1
     INSERT INTO s0 VALUES (1, '1.0'), (2, '1'), (3, '150'), (4, '1.5e2'), (5, '1.50')",
    // An aggregate's first row and its retraction stood in one delta.
    "CREATE STREAM s0 (c0 int, c1 smallint)
     CREATE CONTINUOUS VIEW v0 AS SELECT count(*) AS c0, count(*) AS c1, min(r.c1) AS c2 FROM (SELECT min(r.c0) AS c0 \
       FROM s0 AS r) AS l LEFT JOIN s0 AS r ON l.c0 = r.c0
     INSERT INTO s0 VALUES (1, 2), (2, NULL)",
];
