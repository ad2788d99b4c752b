//! What is said of plans without running them.
use std::sync::Arc;

use super::kit::{aggregate, binary, column, filter, join, long, project, scan, top_k, union};
use crate::plan::{JoinKind, Node, Plan, RelationId, describe, unique_key};

/// Relation 1 has no key, 2 has its first column, 3 its last two of three.
fn keys_of(relation: RelationId) -> Option<Vec<usize>> {
    match relation.0 {
        2 => Some(vec![0]),
        3 => Some(vec![1, 2]),
        _ => None,
    }
}

fn check(plan: &Arc<Plan>, expected: Option<&[usize]>) {
    assert_eq!(unique_key(plan, &keys_of).as_deref(), expected);
}

#[test]
fn keys_pass_where_their_columns_pass() {
    let (one, two, three) = (scan(1, "int8 int8"), scan(2, "int8 int8"), scan(3, "int8 int8 int8"));
    check(&one, None);
    check(&two, Some(&[0]));
    check(
        &filter(&three, binary(column(0), datafusion_expr::Operator::Gt, long(1))),
        Some(&[1, 2]),
    );
    check(&project(&three, vec![column(2), column(0), column(1)]), Some(&[0, 2]));
    check(&project(&three, vec![column(2), column(0)]), None);
    check(&union(&[&two, &two]), None);
    check(&aggregate(&one, &[1, 0], &["count(*)"]), Some(&[0, 1]));
    check(&aggregate(&one, &[], &["count(*)"]), Some(&[]));
    check(&top_k(&one, &[1], "0", (0, 1), false), Some(&[1]));
    check(&top_k(&one, &[1], "0", (0, 2), true), Some(&[1, 2]));
    check(&top_k(&two, &[1], "0", (0, 2), true), Some(&[0]));
    check(&top_k(&one, &[1], "0", (0, 2), false), None);
}

#[test]
fn windows_multiply_rows_only_where_they_overlap() {
    let window = |size, slide| {
        let input = scan(2, "int8 timestamp");
        let schema = scan(2, "int8 timestamp timestamp timestamp").schema.clone();
        Arc::new(Plan { node: Node::Window { input, time: 1, size, slide, offset: 0 }, schema })
    };
    check(&window(10, 10), Some(&[0]));
    check(&window(10, 5), Some(&[0, 2]));
}

#[test]
fn a_join_has_the_keys_of_both_sides_or_of_one() {
    use JoinKind::{Anti, Full, Inner, Left, Right, Semi};
    let (one, two, three) = (scan(1, "int8 int8"), scan(2, "int8 int8"), scan(3, "int8 int8 int8"));
    let on = |l: &Arc<Plan>, r: &Arc<Plan>, kind, on: &[(usize, usize)]| join(l, r, kind, on, None);
    check(&on(&two, &three, Inner, &[(1, 0)]), Some(&[0, 3, 4]));
    check(&on(&one, &two, Inner, &[(1, 0)]), None);
    check(&on(&three, &two, Inner, &[(0, 0)]), Some(&[1, 2]));
    check(&on(&three, &two, Left, &[(0, 0)]), Some(&[1, 2]));
    check(&on(&three, &two, Right, &[(0, 0)]), Some(&[1, 2, 3]));
    check(&on(&two, &three, Right, &[(0, 0)]), Some(&[3, 4]));
    check(&on(&two, &three, Full, &[(0, 0)]), None);
    check(&on(&two, &one, Semi, &[(0, 0)]), Some(&[0]));
    check(&on(&two, &one, Anti, &[(0, 0)]), Some(&[0]));
    let total = aggregate(&one, &[], &["count(*)"]);
    check(&on(&two, &total, Inner, &[]), Some(&[0]));
    check(&on(&total, &total, Full, &[(0, 0)]), None);
}

#[test]
fn a_plan_is_described_as_a_tree() {
    let inner =
        aggregate(&scan(1, "text int8 bool"), &[0], &["count(distinct 1) filter 2", "sum(1)"]);
    let plan = top_k(
        &join(&inner, &scan(2, "text"), JoinKind::Left, &[(0, 0)], None),
        &[0],
        "1 desc, 2",
        (1, 3),
        true,
    );
    let expected = "\
Top 3 after 1 of each c0 by c1 DESC, c2, numbered  [state: partitions, rows]
  Left Join on c0 = c0  [state: keys, left rows, right rows]
    Aggregate by c0: count(DISTINCT c1) FILTER (WHERE c2), sum(c1)  [state: groups, distinct values]
      Scan relation 1: c0, c1, c2
    Scan relation 2: c0";
    assert_eq!(describe(&plan).join("\n"), expected);
}
