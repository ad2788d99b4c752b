//! Top-k: what comes into view when something leaves it.
use super::kit::{check, scan, top_k};

#[test]
fn a_row_that_leaves_makes_room_for_the_next() {
    let plan = top_k(&scan(1, "text int8"), &[0], "1 desc", (0, 2), false);
    check(
        &plan,
        "1: +1 a 1 | +1 a 2 | +1 a 3 | +1 b 9\n1: +1 a 0\n1: -1 a 3\n1: -1 a 2 | -1 a 1",
        "
        +1 a 2 | +1 a 3 | +1 b 9

        +1 a 1 | -1 a 3
        +1 a 0 | -1 a 1 | -1 a 2",
    );
}

#[test]
fn copies_of_a_row_take_a_place_each() {
    let plan = top_k(&scan(1, "int8"), &[], "0", (1, 2), true);
    check(&plan, "1: +2 5 | +1 7\n1: +1 1", "\n+1 5 2 | +1 7 3\n+1 5 3 | -1 7 3");
}

#[test]
fn nulls_stand_where_they_are_told() {
    let plan = top_k(&scan(1, "int8"), &[], "0 nulls first", (0, 1), false);
    check(&plan, "1: +1 5 | +1 null", "\n+1 null");
    let plan = top_k(&scan(1, "int8"), &[], "0 desc nulls last", (0, 1), false);
    check(&plan, "1: +1 5 | +1 null", "\n+1 5");
}

#[test]
fn zeros_of_either_sign_tie() {
    let plan = top_k(&scan(1, "float8 int8"), &[], "0", (0, 1), false);
    check(&plan, "1: +1 0 1 | +1 -0 2 | +1 NaN 0\n1: -1 -0 2", "\n+1 -0.0 2\n+1 0.0 1 | -1 -0.0 2");
}

#[test]
fn an_interval_sorts_by_its_length() {
    let plan = top_k(&scan(1, "text interval"), &[], "1 desc", (0, 1), false);
    check(&plan, "1: +1 a 1month | +1 b 31days | +1 c 1hour", "\n+1 b 31 days");
}
