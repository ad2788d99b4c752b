//! Operators without state.
use std::sync::Arc;

use datafusion_expr::Operator;

use super::kit::{binary, check, column, delta, filter, long, project, scan, schema, union};
use crate::plan::{Node, Plan};

#[test]
fn a_filter_keeps_rows_with_their_weights() {
    let plan = filter(&scan(1, "int8 text"), binary(column(0), Operator::Gt, long(5)));
    check(&plan, "1: +1 7 a | -2 9 b | +1 5 c | +3 null d\n1: +1 1 a", "\n+1 7 a | -2 9 b\n\n");
}

#[test]
fn only_the_culprits_fail_and_their_retraction_heals() {
    let inverse = binary(long(100), Operator::Divide, column(0));
    let plan = project(&scan(1, "int8"), vec![inverse.clone(), column(0)]);
    check(
        &plan,
        "1: +1 10 | +2 0 | +1 null | -1 5\n1: -2 0",
        "
        +1 10 10 | +1 null null | -1 20 5 | ! +2 0 22012 division by zero (0)
        ! -2 0 22012 division by zero (0)",
    );
    let plan = filter(&scan(1, "int8"), binary(inverse, Operator::Gt, long(10)));
    check(
        &plan,
        "1: +1 10 | +1 0 | +1 5 | -1 0 | +1 0",
        "\n+1 5 | ! +1 0 22012 division by zero (0)",
    );
}

#[test]
fn failures_name_their_operator_in_preorder() {
    let inverse = binary(long(100), Operator::Divide, column(0));
    let one = project(&scan(1, "int8"), vec![inverse.clone()]);
    let two = filter(&scan(2, "int8"), binary(inverse, Operator::Lt, long(10)));
    check(
        &union(&[&one, &two]),
        "1: +1 0; 2: +1 0 | +1 50",
        "\n+1 50 | ! +1 1 22012 division by zero (0) | ! +1 3 22012 division by zero (0)",
    );
}

#[test]
fn a_union_keeps_duplicates_and_a_relation_may_be_scanned_twice() {
    let input = scan(1, "int8");
    let again = scan(1, "int8");
    check(&union(&[&input, &again]), "1: +1 7\n1: -1 7 | +1 8", "\n+1 7 | +1 7\n+2 8 | -2 7");
}

#[test]
fn one_plan_is_one_operator_though_it_is_used_twice() {
    let input = filter(&scan(1, "int8"), binary(column(0), Operator::Gt, long(5)));
    check(&union(&[&input, &input]), "1: +1 7 | +1 1", "\n+1 7 | +1 7");
}

#[test]
fn values_are_there_from_the_start() {
    let schema = schema([arrow::datatypes::DataType::Int64].into_iter());
    let rows = delta(&schema, "+1 1 | +1 2 | +1 2").rows().clone();
    let values = Arc::new(Plan { node: Node::Values { rows }, schema });
    let plan = union(&[&values, &scan(1, "int8")]);
    check(&plan, "1: +1 7", "+1 1 | +1 2 | +1 2\n+1 7");
}
