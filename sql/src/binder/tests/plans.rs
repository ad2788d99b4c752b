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
              Projection: g2, a3, a4, +(a5, Decimal128(1,1,0)) AS o8
                Filter: a3 > Int64(1)
                  Aggregate: groupBy=[[g2]], aggr=[[count(Int64(1)) AS a3, sum(x6) FILTER (WHERE t1.ok) AS a4, sum(x7) AS a5]]
                    Projection: +(t1.a, Int32(1)) AS g2, CASE WHEN t1.ok THEN *(t1.big, Int64(2)) END AS x6, t1.ok, *(t1.big, Int64(2)) AS x7
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
fn a_case_computes_its_operand_once() {
    check(
        "SELECT CASE a + 1 WHEN 1 THEN 'x' WHEN 2 THEN 'y' END FROM t",
        expect![[r#"
        case text
        Projection: CASE +(t1.a, Int32(1)) WHEN Int32(1) THEN Utf8("x") WHEN Int32(2) THEN Utf8("y") ELSE Utf8(NULL) END AS o2
          TableScan: t1
    "#]],
    );
    check(
        "SELECT CASE a WHEN 1 THEN 'x' WHEN 2.5 THEN 'y' END FROM t",
        expect![[r#"
        case text
        Projection: CASE WHEN t1.a = Int32(1) THEN Utf8("x") WHEN widen(cast_integer_to_numeric_10_0(t1.a)) = widen(Decimal128(2.5,2,1)) THEN Utf8("y") ELSE Utf8(NULL) END AS o2
          TableScan: t1
    "#]],
    );
}

#[test]
fn greatest_compares_each_value_with_those_after_it() {
    check(
        "SELECT greatest(a, id, 3), least(a) FROM t",
        expect![[r#"
        greatest integer, least integer
        Projection: CASE WHEN t1.a IS NOT NULL AND (t1.id IS NULL OR t1.a >= t1.id) AND (Int32(3) IS NULL OR t1.a >= Int32(3)) THEN t1.a WHEN t1.id IS NOT NULL AND (Int32(3) IS NULL OR t1.id >= Int32(3)) THEN t1.id ELSE Int32(3) END AS o2, t1.a
          TableScan: t1
    "#]],
    );
}
