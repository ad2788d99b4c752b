//! Aggregates: groups that come, change, fail and go.
use super::kit::{aggregate, check, run, scan};

#[test]
fn a_retraction_removes_the_group() {
    let plan = aggregate(&scan(1, "text int4"), &[0], &["count(*)", "sum(1)"]);
    check(
        &plan,
        "1: +1 a 5 | +1 b 7 | +1 a 1\n1: -1 a 5\n1: -1 a 1\n1: +2 b 3 | -1 b 7",
        "
        +1 a 2 6 | +1 b 1 7
        +1 a 1 1 | -1 a 2 6
        -1 a 1 1
        +1 b 2 6 | -1 b 1 7",
    );
}

#[test]
fn a_group_is_shown_again_only_if_its_row_changes() {
    let plan = aggregate(&scan(1, "text int4"), &[0], &["max(1)"]);
    check(
        &plan,
        "1: +1 a 5\n1: +1 a 3\n1: -1 a 5\n1: -1 a 3 | +1 a 3",
        "
        +1 a 5

        +1 a 3 | -1 a 5
        ",
    );
}

#[test]
fn nulls_are_one_group_and_no_value() {
    let plan =
        aggregate(&scan(1, "int8 int8"), &[0], &["count(*)", "count(1)", "sum(1)", "min(1)"]);
    check(
        &plan,
        "1: +1 null null | +1 null 4 | +1 1 null\n1: -1 null 4",
        "
        +1 1 1 0 null null | +1 null 2 1 4 4
        +1 null 1 0 null null | -1 null 2 1 4 4",
    );
}

#[test]
fn without_keys_there_is_one_row_always() {
    let plan = aggregate(&scan(1, "int4"), &[], &["count(*)", "sum(0)"]);
    check(&plan, "1: +1 7\n1: -1 7", "+1 0 null\n+1 1 7 | -1 0 null\n+1 0 null | -1 1 7");
}

#[test]
fn without_calls_it_is_distinct() {
    let plan = aggregate(&scan(1, "text"), &[0], &[]);
    check(&plan, "1: +1 a | +2 a | +1 b\n1: -2 a\n1: -1 a", "\n+1 a | +1 b\n\n-1 a");
}

#[test]
fn a_sum_out_of_range_is_withdrawn_and_heals() {
    let plan = aggregate(&scan(1, "int4 numeric38.0"), &[0], &["sum(1)"]);
    let nines = "9".repeat(38);
    let ticks = format!("1: +1 1 {nines} | +1 2 5\n1: +1 1 1\n1: +1 1 1\n1: -1 1 {nines}");
    let expected = format!(
        "
        +1 1 {nines} | +1 2 5
        -1 1 {nines} | ! +1 0 22003 numeric field overflow (1)

        +1 1 2 | ! -1 0 22003 numeric field overflow (1)"
    );
    check(&plan, &ticks, &expected);
}

#[test]
fn a_mean_of_integers_has_sixteen_digits() {
    let plan = aggregate(&scan(1, "int4 numeric10.2"), &[], &["avg(0)", "avg(1)"]);
    check(
        &plan,
        "1: +1 1 0.01 | +1 2 0.01 | +1 2 0.03",
        "+1 null null\n+1 1.6666666666666667 0.0166666666666667 | -1 null null",
    );
}

#[test]
fn booleans_are_counted() {
    let plan = aggregate(&scan(1, "bool"), &[], &["bool_and(0)", "bool_or(0)"]);
    check(
        &plan,
        "1: +1 null\n1: +1 true\n1: +1 false\n1: -1 true",
        "+1 null null\n\n+1 true true | -1 null null\n+1 false true | -1 true true\n+1 false false | -1 false true",
    );
}

#[test]
fn a_filter_counts_only_where_it_is_true() {
    let plan = aggregate(
        &scan(1, "int4 bool"),
        &[],
        &["count(*) filter 1", "sum(0) filter 1", "count(*)"],
    );
    check(
        &plan,
        "1: +1 5 true | +1 6 false | +1 7 null\n1: -1 5 true",
        "+1 0 null 0\n+1 1 5 3 | -1 0 null 0\n+1 0 null 2 | -1 1 5 3",
    );
}

#[test]
fn distinct_calls_count_equal_values_once() {
    let plan = aggregate(
        &scan(1, "text int4 bool"),
        &[0],
        &["count(distinct 1)", "sum(distinct 1)", "count(distinct 1) filter 2", "sum(1)"],
    );
    check(
        &plan,
        "1: +1 a 5 true | +1 a 5 false | +1 a 6 false | +1 a null true\n1: -1 a 5 true\n1: -1 a 5 false",
        "
        +1 a 2 11 1 16
        +1 a 2 11 0 11 | -1 a 2 11 1 16
        +1 a 1 6 0 6 | -1 a 2 11 0 11",
    );
}

#[test]
fn extremes_of_every_type_follow_postgresql_order() {
    let extremes = |kind: &str, values: &str, expected: &str| {
        let plan = aggregate(&scan(1, kind), &[], &["min(0)", "max(0)"]);
        let rows: Vec<String> = values.split(' ').map(|value| format!("+1 {value}")).collect();
        check(
            &plan,
            &format!("1: {}", rows.join(" | ")),
            &format!("+1 null null\n+1 {expected} | -1 null null"),
        );
    };
    extremes("int2", "3 -1 null 2", "-1 3");
    extremes("float8", "1.5 NaN -inf inf", "-inf NaN");
    extremes("float4", "0.1 -2.5", "-2.5 0.1");
    extremes("text", "b a B ä", "B ä");
    extremes("numeric10.2", "1.50 -0.25", "-0.25 1.50");
    extremes("date", "2020-01-01 1999-12-31", "1999-12-31 2020-01-01");
    extremes(
        "timestamp",
        "2020-01-01T00:00:00 1999-12-31T00:00:00",
        "1999-12-31T00:00:00 2020-01-01T00:00:00",
    );
    extremes("bytea", "a b", "61 62");
}

#[test]
fn the_extreme_gives_way_to_the_next() {
    for kind in ["int8", "text", "numeric9.0"] {
        let plan = aggregate(&scan(1, kind), &[], &["max(0)"]);
        let all: Vec<String> = (100..300).map(|n| format!("+1 {n}")).collect();
        let most: Vec<String> = (101..300).map(|n| format!("-1 {n}")).collect();
        check(
            &plan,
            &format!("1: {}\n1: {}\n1: -1 100", all.join(" | "), most.join(" | ")),
            "+1 null\n+1 299 | -1 null\n+1 100 | -1 299\n+1 null | -1 100",
        );
    }
}

#[test]
fn equal_floats_and_intervals_are_one_group() {
    let plan = aggregate(&scan(1, "float8"), &[0], &["count(*)"]);
    check(&plan, "1: +1 0.0 | +1 -0.0 | +1 NaN | +1 NaN", "\n+1 0.0 2 | +1 NaN 2");
}

#[test]
fn an_unknown_aggregate_is_refused() {
    let plan = aggregate(&scan(1, "bool"), &[], &["min(0)"]);
    assert_eq!(run(&plan, "").unwrap_err().code(), "0A000");
}

#[test]
fn float_sums_forget_what_was_retracted() {
    let plan = aggregate(&scan(1, "float8 float4"), &[], &["sum(0)", "avg(0)", "sum(1)"]);
    check(
        &plan,
        "1: +1 0.1 0.1 | +1 0.2 0.2 | +1 0.3 0.3\n1: +1 1e300 1e38\n1: -1 1e300 1e38\n1: +3 1e308 0\n1: -3 1e308 0",
        "+1 null null null
        +1 0.6 0.2 0.6 | -1 null null null
        +1 1e300 2.5e299 1e38 | -1 0.6 0.2 0.6
        +1 0.6 0.2 0.6 | -1 1e300 2.5e299 1e38
        -1 0.6 0.2 0.6 | ! +1 0 22003 value out of range: overflow ()
        +1 0.6 0.2 0.6 | ! -1 0 22003 value out of range: overflow ()",
    );
}
