//! Cases that once failed, as they were printed.

/// One case a string.
pub const CASES: &[&str] = &["CREATE TABLE t (k int PRIMARY KEY, v int)
     CREATE CONTINUOUS VIEW w AS SELECT v, count(*) AS n FROM t GROUP BY v
     INSERT INTO t VALUES (1, 1), (2, NULL), (3, 1)
     UPDATE t SET v = 2 WHERE k = 1
     DELETE FROM t WHERE k = 2"];
