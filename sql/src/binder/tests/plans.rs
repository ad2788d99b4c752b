//! Plans of queries.
use expect_test::expect;

use super::fixture::check;

#[test]
fn a_select_is_a_projection_over_a_filter_over_a_scan() {
    check(
        "SELECT a, b AS name, a + 1 FROM t WHERE a > 3 AND ok",
        expect![[r#"
        a integer, name text, ?column? integer
        Projection: t1.a, t1.b, +(t1.a, Int32(1)) AS o2
          Filter: t1.a > Int32(3) AND t1.ok
            TableScan: t1
    "#]],
    );
}

#[test]
fn equal_outputs_have_names_of_their_own() {
    check(
        "SELECT a, a, 1, 1 FROM t",
        expect![[r#"
        a integer, a integer, ?column? integer, ?column? integer
        Projection: t1.a, t1.a AS o2, Int32(1) AS o3, Int32(1) AS o4
          TableScan: t1
    "#]],
    );
}

#[test]
fn each_scan_has_a_name_of_its_own() {
    check(
        "SELECT x.a, y.a FROM t x, t AS y WHERE x.id = y.a",
        expect![[r#"
        a integer, a integer
        Projection: t1.a, t2.a
          Filter: t1.id = t2.a
            Cross Join:
              TableScan: t1
              TableScan: t2
    "#]],
    );
}

#[test]
fn an_aggregate_stands_over_a_projection_of_what_it_reads() {
    check(
        "SELECT a + 1 AS k, count(*), sum(big * 2) FILTER (WHERE ok), sum(big * 2) + 1
         FROM t GROUP BY a + 1 HAVING count(*) > 1 ORDER BY 2 DESC, k",
        expect![[r#"
            k integer, count bigint, sum numeric(38,0), ?column? numeric(38,0)
            Sort: a3 DESC NULLS FIRST, g2 ASC NULLS LAST
              Projection: g2, a3, a4, +(a5, Decimal128(1,1,0)) AS o7
                Filter: a3 > Int64(1)
                  Aggregate: groupBy=[[g2]], aggr=[[count(Int64(1)) AS a3, sum(x6) FILTER (WHERE t1.ok) AS a4, sum(x6) AS a5]]
                    Projection: +(t1.a, Int32(1)) AS g2, *(t1.big, Int64(2)) AS x6, t1.ok
                      TableScan: t1
        "#]],
    );
}

#[test]
fn joins_take_their_keys_from_the_condition() {
    check(
        "SELECT t.b, u.c FROM t LEFT JOIN u ON u.t_id = t.id AND u.big > 3 AND t.big = u.id",
        expect![[r#"
            b text, c text
            Projection: t1.b, t2.c
              Left Join: t1.id = t2.t_id, t1.big = cast_integer_to_bigint(t2.id) Filter: t2.big > Int64(3)
                TableScan: t1
                TableScan: t2
        "#]],
    );
}

#[test]
fn using_merges_columns() {
    check(
        "SELECT * FROM t JOIN u USING (id, big)",
        expect![[r#"
        id integer, big bigint, a integer, b text, n numeric(10,2), f double precision, ok boolean, t_id integer, c text
        Projection: t1.id, t1.big, t1.a, t1.b, t1.n, t1.f, t1.ok, t2.t_id, t2.c
          Inner Join: t1.id = t2.id, t1.big = t2.big
            TableScan: t1
            TableScan: t2
    "#]],
    );
    check(
        "SELECT id, t.id FROM t FULL JOIN u USING (id)",
        expect![[r#"
        id integer, id integer
        Projection: CASE WHEN t1.id IS NOT NULL THEN t1.id ELSE t2.id END AS o3, t1.id
          Full Join: t1.id = t2.id
            TableScan: t1
            TableScan: t2
    "#]],
    );
    check(
        "SELECT * FROM u NATURAL JOIN (SELECT 1 AS id, 'x' AS c) s",
        expect![[r#"
        id integer, c text, t_id integer, big bigint
        Projection: t1.id, t1.c, t1.t_id, t1.big
          Inner Join: t1.id = o2, t1.c = o3
            TableScan: t1
            Projection: Int32(1) AS o2, Utf8("x") AS o3
              EmptyRelation: rows=1
    "#]],
    );
}

#[test]
fn a_view_is_bound_in_place() {
    check(
        "SELECT total FROM v WHERE k = 1",
        expect![[r#"
        total bigint
        Projection: a2
          Filter: t1.a = Int32(1)
            Projection: t1.a, a2
              Aggregate: groupBy=[[t1.a]], aggr=[[count(Int64(1)) AS a2]]
                Projection: t1.a
                  Filter: t1.ok
                    TableScan: t1
    "#]],
    );
}

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
fn sort_keys_that_are_no_outputs_are_computed_beside_them() {
    check(
        "SELECT b FROM t ORDER BY a + 1 LIMIT 3 OFFSET 1",
        expect![[r#"
        b text
        Projection: t1.b
          Limit: skip=1, fetch=3
            Sort: o2 ASC NULLS LAST
              Projection: t1.b, +(t1.a, Int32(1)) AS o2
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
fn values_are_a_table() {
    check(
        "SELECT * FROM (VALUES (1, 'a'), (2.5, NULL)) AS x(p, q)",
        expect![[r#"
        p numeric(11,1), q text
        Projection: v1, v2
          Values: (Decimal128(1.0,11,1), Utf8("a")), (Decimal128(2.5,11,1), Utf8(NULL))
    "#]],
    );
}

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
fn a_key_lets_other_columns_of_its_table_through() {
    check(
        "SELECT id, b, count(*) FROM t GROUP BY id",
        expect![[r#"
        id integer, b text, count bigint
        Projection: t1.id, t1.b, a2
          Aggregate: groupBy=[[t1.id, t1.b]], aggr=[[count(Int64(1)) AS a2]]
            Projection: t1.id, t1.b
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
fn a_function_in_from_is_a_row_or_the_elements_of_an_array() {
    check(
        "SELECT * FROM lower('X')",
        expect![[r#"
        lower text
        Projection: s1
          Projection: lower(Utf8("X")) AS s1
            EmptyRelation: rows=1
    "#]],
    );
    check(
        "SELECT g FROM unnest(ARRAY[1, 2]) AS g",
        expect![[r#"
        g integer
        Projection: s1
          Unnest: lists[s1|depth=1] structs[]
            Projection: List([1, 2]) AS s1
              EmptyRelation: rows=1
    "#]],
    );
    check(
        "SELECT i4, x FROM every, unnest(ai) AS u(x)",
        expect![[r#"
        i4 integer, x integer
        Projection: t1.i4, s2
          Cross Join:
            TableScan: t1
            Subquery:
              Unnest: lists[s2|depth=1] structs[]
                Projection: outer_ref(t1.ai) AS s2
                  EmptyRelation: rows=1
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
                  WindowAggr: windowExpr=[[row_number() PARTITION BY [t1.b] ORDER BY [t1.a DESC NULLS FIRST] RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW AS w3, rank() PARTITION BY [t1.b] ORDER BY [t1.a DESC NULLS FIRST] RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW AS w4]]
                    Cross Join:
                      TableScan: t1
                      TableScan: t2
        "#]],
    );
}

#[test]
fn a_condition_of_many_parts_is_a_tree_of_little_depth() {
    check(
        "SELECT a FROM t WHERE a = 1 OR a = 2 OR a = 3 OR a = 4 OR a = 5",
        expect![[r#"
        a integer
        Projection: t1.a
          Filter: t1.a = Int32(1) OR t1.a = Int32(2) OR t1.a = Int32(3) OR t1.a = Int32(4) OR t1.a = Int32(5)
            TableScan: t1
    "#]],
    );
}

#[test]
fn values_for_columns_are_cast_to_them() {
    use super::fixture::bind_as;
    use crate::types::Type;
    let types = [Type::Int8, Type::Varchar(Some(3)), Type::Numeric(5, 1), Type::Text];
    let text = bind_as("VALUES (1, 'abc', 2.25, 4), ('5', NULL, 3, true)", &types);
    expect![[r#"
        Projection: v1, v2, v3, v4
          Values: (Int64(1), Utf8("abc"), Decimal128(2.3,5,1), Utf8("4")), (Int64(5), Utf8(NULL), Decimal128(3.0,5,1), Utf8("true"))
    "#]].assert_eq(&text);
    let text = bind_as("SELECT a, b, n, big FROM t", &types);
    expect![[r#"
        Projection: cast_integer_to_bigint(t1.a) AS o2, cast_text_to_varchar_3(t1.b) AS o3, cast_numeric_10_2_to_numeric_5_1(t1.n) AS o4, cast_bigint_to_text(t1.big) AS o5
          Projection: t1.a, t1.b, t1.n, t1.big
            TableScan: t1
    "#]].assert_eq(&text);
    expect!["42846: cannot cast type boolean to integer"]
        .assert_eq(&bind_as("SELECT ok FROM t", &[Type::Int4]));
    expect!["22001: value too long for type character varying(3) @9"]
        .assert_eq(&bind_as("VALUES ('abcd')", &[Type::Varchar(Some(3))]));
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
