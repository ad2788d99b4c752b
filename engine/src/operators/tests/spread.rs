//! Large deltas, spread over cores: the same bytes on any number of them.
use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};

use super::kit::{aggregate, environment, join, scan, top_k};
use super::random::Random;
use crate::pipeline::{Output, Pipeline};
use crate::plan::{JoinKind, Plan, RelationId};
use crate::{Delta, Result};

const ROWS: u64 = 12_000;

fn delta(random: &mut Random, weight: i64) -> Delta {
    let mut numbers =
        |bound: u64| Int64Array::from_iter_values((0..ROWS).map(|_| random.below(bound) as i64));
    let (keys, values) = (numbers(5000), numbers(100));
    let texts = StringArray::from_iter_values(values.values().iter().map(|v| format!("text {v}")));
    let columns: Vec<ArrayRef> = vec![Arc::new(keys), Arc::new(values), Arc::new(texts)];
    let rows = RecordBatch::try_new(scan(1, "int8 int8 text").schema.clone(), columns).unwrap();
    Delta::new(rows, Int64Array::from_value(weight, ROWS as usize)).unwrap()
}

fn outputs(plan: &Arc<Plan>, threads: Option<usize>) -> Result<Vec<Output>> {
    let pool = threads.map(|threads| {
        Arc::new(rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap())
    });
    let mut pipeline = Pipeline::build(plan, &environment(pool))?;
    let mut random = Random(1);
    let mut outputs = vec![pipeline.start()?];
    for (tick, seed) in [(1, 1), (2, 2), (3, 1)] {
        let weight = if tick == 3 { -1 } else { 1 };
        let one = (RelationId(1), delta(&mut Random(seed), weight));
        let two = (RelationId(2), delta(&mut random, 1));
        outputs.push(pipeline.process(&[one, two], tick)?);
    }
    Ok(outputs)
}

fn check(plan: &Arc<Plan>) {
    let expected = outputs(plan, None).unwrap();
    assert!(expected.iter().map(|output| output.delta.len()).sum::<usize>() > 1000);
    for threads in [1, 2, 4] {
        let found = outputs(plan, Some(threads)).unwrap();
        for (found, expected) in found.iter().zip(&expected) {
            assert_eq!(found.delta.rows(), expected.delta.rows());
            assert_eq!(found.delta.weights(), expected.delta.weights());
            assert_eq!(found.failures.rows(), expected.failures.rows());
        }
    }
}

#[test]
fn results_have_the_same_bytes_on_any_number_of_cores() {
    let (left, right) = (scan(1, "int8 int8 text"), scan(2, "int8 int8 text"));
    let calls = ["count(*)", "sum(1)", "max(2)", "count(distinct 1)"];
    check(&aggregate(&left, &[0], &calls));
    check(&aggregate(&left, &[2, 0], &[]));
    check(&join(&left, &right, JoinKind::Full, &[(0, 0)], None));
    check(&join(&left, &right, JoinKind::Anti, &[(2, 2), (0, 0)], None));
    check(&top_k(&left, &[0], "1 desc", (0, 2), true));
}
