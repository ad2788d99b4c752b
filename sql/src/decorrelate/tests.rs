//! Sub-selects against PostgreSQL's answers, and as plans of views.
use std::sync::Arc;

use crate::plan::testing::Memory;

fn memory() -> Arc<Memory> {
    const N: Option<i32> = None;
    let s = |value: i32| Some(value);
    Arc::new(
        Memory::default()
            .table(
                "t",
                &["id", "k", "v"],
                &[
                    &[s(1), s(1), s(10)],
                    &[s(2), s(1), s(10)],
                    &[s(3), s(2), s(20)],
                    &[s(4), N, s(30)],
                    &[s(5), s(3), N],
                    &[s(6), N, s(30)],
                    &[s(7), s(4), s(0)],
                ],
            )
            .table(
                "s",
                &["k", "w"],
                &[
                    &[s(1), s(5)],
                    &[s(1), s(7)],
                    &[s(2), N],
                    &[N, s(9)],
                    &[s(2), s(20)],
                    &[s(4), s(0)],
                ],
            )
            .table("e", &["a"], &[])
            .table("u", &["n"], &[&[s(1)], &[N], &[s(10)]])
            .table("m", &["n"], &[&[s(1)], &[s(10)], &[s(20)]])
            .table("p", &["id", "x"], &[&[s(1), s(100)], &[s(2), s(200)], &[s(4), N]])
            .keyed("p"),
    )
}

#[test]
fn sub_selects_answer_as_in_postgresql() {
    let memory = memory();
    let failed: Vec<String> = memory.failures(include_str!("cases.txt"));
    assert!(failed.is_empty(), "{} of the cases:\n{}", failed.len(), failed.join("\n"));
}
