//! Windows: which hold a row, wherever its time lies.
use std::sync::Arc;

use super::kit::{check, scan, schema, types};
use crate::plan::{Node, Plan};

const SECOND: i64 = 1_000_000;

fn window(size: i64, slide: i64, offset: i64) -> Arc<Plan> {
    let input = scan(1, "timestamp");
    let kind = types(&input).remove(0);
    let schema = schema([kind.clone(), kind.clone(), kind].into_iter());
    Arc::new(Plan { node: Node::Window { input, time: 0, size, slide, offset }, schema })
}

#[test]
fn tumbling_windows_begin_at_2000_even_before_1970() {
    check(
        &window(10 * SECOND, 10 * SECOND, 0),
        "1: +1 2000-01-01T00:00:09.999999 | +1 2000-01-01T00:00:10 | -2 1969-12-31T23:59:59 | +1 null",
        "
        +1 2000-01-01T00:00:09.999999 2000-01-01T00:00:00 2000-01-01T00:00:10 | +1 2000-01-01T00:00:10 2000-01-01T00:00:10 2000-01-01T00:00:20 | -2 1969-12-31T23:59:59 1969-12-31T23:59:50 1970-01-01T00:00:00",
    );
    // Seven days from a Saturday, 2000-01-01: 1970-01-01 was a Thursday.
    check(
        &window(7 * 86_400 * SECOND, 7 * 86_400 * SECOND, 0),
        "1: +1 1970-01-03T00:00:00",
        "\n+1 1970-01-03T00:00:00 1970-01-03T00:00:00 1970-01-10T00:00:00",
    );
}

#[test]
fn an_offset_shifts_windows_either_way() {
    let expected = "\n+1 2000-01-01T00:00:00 1999-12-31T23:59:53 2000-01-01T00:00:03";
    check(&window(10 * SECOND, 10 * SECOND, 3 * SECOND), "1: +1 2000-01-01T00:00:00", expected);
    check(&window(10 * SECOND, 10 * SECOND, -7 * SECOND), "1: +1 2000-01-01T00:00:00", expected);
}

#[test]
fn hopping_windows_hold_a_row_each() {
    check(
        &window(10 * SECOND, 4 * SECOND, 0),
        "1: +1 2000-01-01T00:00:09",
        "\n+1 2000-01-01T00:00:09 2000-01-01T00:00:00 2000-01-01T00:00:10 | +1 2000-01-01T00:00:09 2000-01-01T00:00:04 2000-01-01T00:00:14 | +1 2000-01-01T00:00:09 2000-01-01T00:00:08 2000-01-01T00:00:18",
    );
    check(
        &window(SECOND, 4 * SECOND, 0),
        "1: +1 2000-01-01T00:00:03 | +1 2000-01-01T00:00:04",
        "\n+1 2000-01-01T00:00:04 2000-01-01T00:00:04 2000-01-01T00:00:05",
    );
}

#[test]
fn infinities_fall_out_and_the_ends_of_time_fail() {
    use arrow::array::{RecordBatch, TimestampMicrosecondArray};

    let plan = window(10 * SECOND, 10 * SECOND, 0);
    let mut pipeline = crate::Pipeline::build(&plan, &super::kit::environment(None)).unwrap();
    let times = vec![i64::MAX, i64::MIN, i64::MAX - 1, i64::MIN + 1];
    let column = Arc::new(TimestampMicrosecondArray::from(times));
    let rows = RecordBatch::try_new(scan(1, "timestamp").schema.clone(), vec![column]).unwrap();
    let input = (crate::plan::RelationId(1), crate::Delta::inserted(rows));
    let output = pipeline.process(&[input], 1).unwrap();
    assert!(output.delta.is_empty());
    assert_eq!(output.failures.len(), 2);
}

#[test]
fn windows_without_end_or_beyond_number_are_refused() {
    for (size, slide) in [(0, SECOND), (SECOND, 0), (i64::MAX, 1)] {
        assert!(super::kit::run(&window(size, slide, 0), "").is_err());
    }
}
