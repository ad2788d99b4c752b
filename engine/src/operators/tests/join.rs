//! Joins: rows that find a partner, and rows that lose one.
use super::kit::{check, join, scan};
use crate::plan::JoinKind;

#[test]
fn pairs_come_and_go_with_either_side() {
    let plan = join(&scan(1, "int8 text"), &scan(2, "int8 text"), JoinKind::Inner, &[(0, 0)], None);
    check(
        &plan,
        "1: +1 7 a; 2: +2 7 x | +1 null y\n1: +1 7 b | +1 null c\n2: -1 7 x\n1: -1 7 a",
        "
        +2 7 a 7 x
        +2 7 b 7 x
        -1 7 a 7 x | -1 7 b 7 x
        -1 7 a 7 x",
    );
}

#[test]
fn a_row_without_a_match_stands_with_nulls() {
    let plan = join(&scan(1, "int8"), &scan(2, "int8"), JoinKind::Full, &[(0, 0)], None);
    check(
        &plan,
        "1: +1 7 | +1 null; 2: +1 8\n2: +2 7\n2: -1 7\n2: -1 7\n1: -1 7; 2: +1 7",
        "
        +1 7 null | +1 null 8 | +1 null null
        +2 7 7 | -1 7 null
        -1 7 7
        +1 7 null | -1 7 7
        +1 null 7 | -1 7 null",
    );
}

#[test]
fn semi_and_anti_joins_show_a_row_as_often_as_it_is_there() {
    let semi = join(&scan(1, "int8"), &scan(2, "int8"), JoinKind::Semi, &[(0, 0)], None);
    let ticks = "1: +3 7 | +1 null\n2: +1 7 | +1 7\n2: -1 7\n2: -1 7";
    check(&semi, ticks, "\n\n+3 7\n\n-3 7");
    let anti = join(&scan(1, "int8"), &scan(2, "int8"), JoinKind::Anti, &[(0, 0)], None);
    check(&anti, ticks, "\n+1 null | +3 7\n-3 7\n\n+3 7");
}

#[test]
fn a_skewed_key_meets_all_its_rows() {
    let plan = join(&scan(1, "int8 int8"), &scan(2, "int8 int8"), JoinKind::Inner, &[(0, 0)], None);
    let rows = |count: u64| (0..count).map(|n| format!("+1 1 {n}")).collect::<Vec<_>>().join(" | ");
    let ticks = format!("1: {}; 2: {}\n1: -1 1 5", rows(300), rows(100));
    let found = super::kit::run(&plan, &ticks).unwrap();
    assert_eq!(found[1].split(" | ").count(), 30_000);
    assert_eq!(found[2].split(" | ").count(), 100);
}
