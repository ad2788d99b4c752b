//! Plans of sets of rows: DISTINCT, groups of unlike keys, UNION, windows.
use expect_test::expect;

use super::fixture::check;

#[test]
fn distinct_is_an_aggregate_of_all_columns() {
    check(
        "SELECT DISTINCT a, b FROM t ORDER BY b",
        expect![[r#"
        a integer, b text
        Sort: t1.b ASC NULLS LAST
          Projection: t1.a, t1.b
            Aggregate: groupBy=[[t1.a, t1.b]], aggr=[[]]
              Projection: t1.a, t1.b
                TableScan: t1
    "#]],
    );
    check(
        "SELECT DISTINCT ON (a) a, b FROM t ORDER BY a, big DESC",
        expect![[r#"
        a integer, b text
        Projection: t1.a, t1.b
          Sort: t1.a ASC NULLS LAST, t1.big DESC NULLS FIRST
            Projection: t1.a, t1.b, t1.big
              Filter: w2 = Int64(1)
                WindowAggr: windowExpr=[[row_number() PARTITION BY [t1.a] ORDER BY [t1.a ASC NULLS LAST, t1.big DESC NULLS FIRST] RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW AS w2]]
                  TableScan: t1
    "#]],
    );
}

#[test]
fn set_operations_make_types_equal() {
    check(
        "SELECT a FROM t UNION ALL SELECT big FROM u UNION ALL SELECT '3'",
        expect![[r#"
        a bigint
        Union
          Projection: o3 AS u4
            Projection: cast_integer_to_bigint(t1.a) AS o3
              Projection: t1.a
                TableScan: t1
          Projection: t2.big
            TableScan: t2
          Projection: Int64(3) AS o5
            EmptyRelation: rows=1
    "#]],
    );
    check(
        "SELECT a FROM t UNION SELECT id FROM u ORDER BY a",
        expect![[r#"
        a integer
        Sort: u3 ASC NULLS LAST
          Projection: u3
            Aggregate: groupBy=[[u3]], aggr=[[]]
              Union
                Projection: t1.a AS u3
                  Projection: t1.a
                    TableScan: t1
                Projection: t2.id
                  TableScan: t2
    "#]],
    );
    check(
        "SELECT a FROM t INTERSECT SELECT id FROM u",
        expect![[r#"
        a integer
        LeftSemi Join: t1.a = t2.id
          Aggregate: groupBy=[[t1.a]], aggr=[[]]
            Projection: t1.a
              TableScan: t1
          Projection: t2.id
            TableScan: t2
    "#]],
    );
    check(
        "SELECT a FROM t EXCEPT ALL SELECT id FROM u",
        expect![[r#"
        a integer
        Projection: t1.a
          LeftAnti Join: t1.a = t2.id, w3 = w4
            WindowAggr: windowExpr=[[row_number() PARTITION BY [t1.a] ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING AS w3]]
              Projection: t1.a
                TableScan: t1
            WindowAggr: windowExpr=[[row_number() PARTITION BY [t2.id] ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING AS w4]]
              Projection: t2.id
                TableScan: t2
    "#]],
    );
}

#[test]
fn windows_stand_over_a_projection_of_what_they_read() {
    check(
        "SELECT a, sum(big + 1) OVER (PARTITION BY b ORDER BY a) FROM t",
        expect![[r#"
            a integer, sum numeric(38,0)
            Projection: t1.a, w2
              WindowAggr: windowExpr=[[sum(x3) PARTITION BY [t1.b] ORDER BY [t1.a ASC NULLS LAST] RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW AS w2]]
                Projection: t1.id, t1.a, t1.b, t1.big, t1.n, t1.f, t1.ok, +(t1.big, Int64(1)) AS x3
                  TableScan: t1
        "#]],
    );
}

#[test]
fn tumble_and_hop_are_a_node() {
    check(
        "SELECT window_start, count(*) FROM TUMBLE(events, ts, INTERVAL '1 minute')
         GROUP BY window_start",
        expect![[r#"
            window_start timestamp with time zone, count bigint
            Projection: b2, a4
              Aggregate: groupBy=[[b2]], aggr=[[count(Int64(1)) AS a4]]
                Projection: b2
                  WindowTable: time=t1.ts, size=60000000us, slide=60000000us, bounds=[b2, b3]
                    TableScan: t1
        "#]],
    );
    check(
        "SELECT * FROM TABLE(HOP(TABLE events, DESCRIPTOR(ts), INTERVAL '1' MINUTE, \
         INTERVAL '5' MINUTE)) AS h",
        expect![[r#"
            ts timestamp with time zone, user_id bigint, kind character varying(10), amount numeric, window_start timestamp with time zone, window_end timestamp with time zone
            Projection: t1.ts, t1.user_id, t1.kind, t1.amount, b2, b3
              WindowTable: time=t1.ts, size=300000000us, slide=60000000us, bounds=[b2, b3]
                TableScan: t1
        "#]],
    );
}

#[test]
fn grouping_sets_are_a_union() {
    check(
        "SELECT a, b, count(*), grouping(a, b) FROM t GROUP BY ROLLUP (a, b)",
        expect![[r#"
        a integer, b text, count bigint, grouping integer
        Projection: g2, g3, a4, g5
          Union
            Projection: g2, g3, a4, Int32(0) AS g5
              Projection: t1.a AS g2, t1.b AS g3, a4
                Aggregate: groupBy=[[t1.a, t1.b]], aggr=[[count(Int64(1)) AS a4]]
                  Projection: t1.a, t1.b
                    TableScan: t1
            Projection: g2, Utf8(NULL) AS g3, a4, Int32(1) AS g5
              Projection: t1.a AS g2, a4
                Aggregate: groupBy=[[t1.a]], aggr=[[count(Int64(1)) AS a4]]
                  Projection: t1.a
                    TableScan: t1
            Projection: Int32(NULL) AS g2, Utf8(NULL) AS g3, a4, Int32(3) AS g5
              Projection: a4
                Aggregate: groupBy=[[]], aggr=[[count(Int64(1)) AS a4]]
                  TableScan: t1
    "#]],
    );
}

#[test]
fn floats_are_grouped_by_value() {
    check(
        "SELECT f, count(*) FROM t GROUP BY f ORDER BY f",
        expect![[r#"
        f double precision, count bigint
        Projection: g2, a3
          Sort: o4 ASC NULLS LAST
            Projection: g2, a3, float_key(g2) AS o4
              Aggregate: groupBy=[[g2]], aggr=[[count(Int64(1)) AS a3]]
                Projection: float_key(t1.f) AS g2
                  TableScan: t1
    "#]],
    );
    check(
        "SELECT DISTINCT f, a FROM t",
        expect![[r#"
        f double precision, a integer
        Projection: o2, t1.a
          Aggregate: groupBy=[[o2, t1.a]], aggr=[[]]
            Projection: float_key(t1.f) AS o2, t1.a
              Projection: t1.f, t1.a
                TableScan: t1
    "#]],
    );
}

#[test]
fn intervals_are_grouped_by_length() {
    check(
        "SELECT iv, count(*) FROM every GROUP BY iv",
        expect![[r#"
        iv interval, count bigint
        Projection: g2, a3
          Aggregate: groupBy=[[x4]], aggr=[[min(t1.iv) AS g2, count(Int64(1)) AS a3]]
            Projection: interval_key(t1.iv) AS x4, t1.iv
              TableScan: t1
    "#]],
    );
    check(
        "SELECT DISTINCT i4, iv FROM every",
        expect![[r#"
        i4 integer, iv interval
        Projection: t1.i4, o3
          Projection: t1.i4, o3
            Aggregate: groupBy=[[t1.i4, x2]], aggr=[[min(t1.iv) AS o3]]
              Projection: t1.i4, t1.iv, interval_key(t1.iv) AS x2
                Projection: t1.i4, t1.iv
                  TableScan: t1
    "#]],
    );
}

#[test]
fn many_windows_share_nodes_by_partition_and_order() {
    check(
        "SELECT row_number() OVER w, rank() OVER w, sum(a) OVER (PARTITION BY b), \
         count(*) OVER (ORDER BY ts RANGE BETWEEN INTERVAL '1 hour' PRECEDING AND CURRENT ROW) \
         FROM t, every WINDOW w AS (PARTITION BY b ORDER BY a DESC)",
        expect![[r#"
            row_number bigint, rank bigint, sum bigint, count bigint
            Projection: w3, w4, w5, w6
              WindowAggr: windowExpr=[[count(Int64(1)) ORDER BY [t2.ts ASC NULLS LAST] RANGE BETWEEN IntervalMonthDayNano { months: 0, days: 0, nanoseconds: 3600000000000 } PRECEDING AND CURRENT ROW AS w6]]
                WindowAggr: windowExpr=[[sum(t1.a) PARTITION BY [t1.b] ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING AS w5]]
                  WindowAggr: windowExpr=[[rank() PARTITION BY [t1.b] ORDER BY [t1.a DESC NULLS FIRST] RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW AS w4]]
                    WindowAggr: windowExpr=[[row_number() PARTITION BY [t1.b] ORDER BY [t1.a DESC NULLS FIRST] RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW AS w3]]
                      Cross Join:
                        TableScan: t1
                        TableScan: t2
        "#]],
    );
}

#[test]
fn an_order_that_changes_nothing_is_left_out() {
    check(
        "SELECT sum(a ORDER BY b), string_agg(b, ',' ORDER BY a DESC) FROM t",
        expect![[r#"
        sum bigint, string_agg text
        Projection: a2, a3
          Aggregate: groupBy=[[]], aggr=[[sum(t1.a) AS a2, string_agg(t1.b, Utf8(",")) ORDER BY [t1.a DESC NULLS FIRST] AS a3]]
            Projection: t1.a, t1.b
              TableScan: t1
    "#]],
    );
}
