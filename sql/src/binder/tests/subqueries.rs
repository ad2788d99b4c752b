//! Plans of queries within queries.
use expect_test::expect;

use super::fixture::check;

#[test]
fn sub_selects_stay_in_expressions() {
    check(
        "SELECT a FROM t WHERE EXISTS (SELECT FROM u WHERE u.t_id = t.id)",
        expect![[r#"
        a integer
        Projection: t1.a
          Filter: EXISTS (<subquery>)
            Subquery:
              Projection:
                Filter: t2.t_id = outer_ref(t1.id)
                  TableScan: t2
            TableScan: t1
    "#]],
    );
    check(
        "SELECT a FROM t WHERE a NOT IN (SELECT big FROM u)",
        expect![[r#"
        a integer
        Projection: t1.a
          Filter: cast_integer_to_bigint(t1.a) NOT IN (<subquery>)
            Subquery:
              Projection: t2.big
                TableScan: t2
            TableScan: t1
    "#]],
    );
    check(
        "SELECT a, (SELECT max(c) FROM u WHERE t_id = t.a) FROM t GROUP BY a",
        expect![[r#"
            a integer, max text
            Projection: t1.a, (<subquery>) AS o4
              Subquery:
                Projection: a3
                  Aggregate: groupBy=[[]], aggr=[[max(t2.c) AS a3]]
                    Projection: t2.c
                      Filter: t2.t_id = outer_ref(t1.a)
                        TableScan: t2
              Aggregate: groupBy=[[t1.a]], aggr=[[]]
                Projection: t1.a
                  TableScan: t1
        "#]],
    );
    check(
        "SELECT a FROM t WHERE a < ALL (SELECT id FROM u)",
        expect![[r#"
        a integer
        Projection: t1.a
          Filter: t1.a < ALL (<subquery>)
            Subquery:
              Projection: t2.id
                TableScan: t2
            TableScan: t1
    "#]],
    );
}

#[test]
fn lateral_is_a_join_with_a_sub_select() {
    check(
        "SELECT t.a, s.c FROM t, LATERAL (SELECT c FROM u WHERE u.t_id = t.id LIMIT 1) s",
        expect![[r#"
            a integer, c text
            Projection: t1.a, t2.c
              Cross Join:
                TableScan: t1
                Subquery:
                  Limit: skip=0, fetch=1
                    Projection: t2.c
                      Filter: t2.t_id = outer_ref(t1.id)
                        TableScan: t2
        "#]],
    );
}

#[test]
fn with_is_bound_for_each_use() {
    check(
        "WITH w AS (SELECT a FROM t), x(z) AS (SELECT a FROM w) SELECT * FROM w, x",
        expect![[r#"
            a integer, z integer
            Projection: t1.a, t2.a
              Cross Join:
                Projection: t1.a
                  TableScan: t1
                Projection: t2.a
                  Projection: t2.a
                    TableScan: t2
        "#]],
    );
}

#[test]
fn references_to_outer_selects_pass_through_those_between() {
    check(
        "SELECT a FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.t_id IN \
         (SELECT i4 FROM every WHERE i8 = t.big AND te = u.c))",
        expect![[r#"
            a integer
            Projection: t1.a
              Filter: EXISTS (<subquery>)
                Subquery:
                  Projection: Int32(1) AS o4
                    Filter: t2.t_id IN (<subquery>)
                      Subquery:
                        Projection: t3.i4
                          Filter: t3.i8 = outer_ref(t1.big) AND t3.te = outer_ref(t2.c)
                            TableScan: t3
                      TableScan: t2
                TableScan: t1
        "#]],
    );
}

#[test]
fn a_sub_select_over_groups_reads_the_groups() {
    check(
        "SELECT a + 1 AS k, (SELECT max(c) FROM u WHERE t_id = k.a) FROM t AS k GROUP BY k.a, a + 1",
        expect![[r#"
            k integer, max text
            Projection: g4, (<subquery>) AS o5
              Subquery:
                Projection: a3
                  Aggregate: groupBy=[[]], aggr=[[max(t2.c) AS a3]]
                    Projection: t2.c
                      Filter: t2.t_id = outer_ref(t1.a)
                        TableScan: t2
              Aggregate: groupBy=[[t1.a, g4]], aggr=[[]]
                Projection: t1.a, +(t1.a, Int32(1)) AS g4
                  TableScan: t1
        "#]],
    );
    check(
        "SELECT id, (SELECT max(c) FROM u WHERE big = t.big) FROM t GROUP BY id",
        expect![[r#"
            id integer, max text
            Projection: t1.id, (<subquery>) AS o4
              Subquery:
                Projection: a3
                  Aggregate: groupBy=[[]], aggr=[[max(t2.c) AS a3]]
                    Projection: t2.c
                      Filter: t2.big = outer_ref(t1.big)
                        TableScan: t2
              Aggregate: groupBy=[[t1.id, t1.big]], aggr=[[]]
                Projection: t1.id, t1.big
                  TableScan: t1
        "#]],
    );
}

#[test]
fn a_row_in_a_sub_select_is_exists() {
    check(
        "SELECT a FROM t WHERE (a, b) IN (SELECT t_id, c FROM u) AND ok",
        expect![[r#"
        a integer
        Projection: t1.a
          Filter: EXISTS (<subquery>) AND t1.ok
            Subquery:
              Filter: outer_ref(t1.a) = t2.t_id AND outer_ref(t1.b) = t2.c
                Projection: t2.t_id, t2.c
                  TableScan: t2
            TableScan: t1
    "#]],
    );
    check(
        "SELECT a FROM t WHERE (a, big) NOT IN (SELECT id, t_id FROM u)",
        expect![[r#"
        a integer
        Projection: t1.a
          Filter: NOT EXISTS (<subquery>)
            Subquery:
              Filter: outer_ref(t1.a) = t2.id AND outer_ref(t1.big) = cast_integer_to_bigint(t2.t_id) IS NOT FALSE
                Projection: t2.id, t2.t_id
                  TableScan: t2
            TableScan: t1
    "#]],
    );
    check(
        "SELECT (a, b) IN (SELECT t_id, c FROM u) FROM t",
        expect![[r#"
        ?column? boolean
        Projection: CASE WHEN EXISTS (<subquery>) THEN Boolean(true) WHEN EXISTS (<subquery>) THEN Boolean(NULL) ELSE Boolean(false) END AS o4
          Subquery:
            Filter: outer_ref(t1.a) = t2.t_id AND outer_ref(t1.b) = t2.c
              Projection: t2.t_id, t2.c
                TableScan: t2
          Subquery:
            Filter: outer_ref(t1.a) = t3.t_id AND outer_ref(t1.b) = t3.c IS UNKNOWN
              Projection: t3.t_id, t3.c
                TableScan: t3
          TableScan: t1
    "#]],
    );
}
