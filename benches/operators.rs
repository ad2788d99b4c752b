//! Operators over a million keys: nanoseconds an event, old and new output included.
//!
//! `cargo bench --bench operators [-- aggregate]`. Throughput is in events (elements): the
//! goal is 100 ns an event, 10 M events a second, for the aggregate.
#![expect(clippy::disallowed_methods, reason = "a benchmark measures by the real clock")]
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use arrow::array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use engine::pipeline::Environment;
use engine::plan::{AggregateFunction, Call, JoinKind, Node, Plan, RelationId};
use engine::{Delta, ExactSum, Pipeline};
use tidemill_tests::Random;

const KEYS: i64 = 1_000_000;

/// Batches made beforehand, so that making them is not measured.
const BATCHES: usize = 64;

const LEFT: RelationId = RelationId(1);
const RIGHT: RelationId = RelationId(2);

fn schema(kinds: &[DataType]) -> SchemaRef {
    let fields = kinds.iter().enumerate();
    Arc::new(Schema::new(
        fields.map(|(n, kind)| Field::new(format!("c{n}"), kind.clone(), true)).collect::<Vec<_>>(),
    ))
}

fn scan(relation: RelationId, kinds: &[DataType]) -> Arc<Plan> {
    let columns = (0..kinds.len()).collect();
    Arc::new(Plan { node: Node::Scan { relation, columns }, schema: schema(kinds) })
}

/// `SELECT key, count(*), sum(int4), max(int8) … GROUP BY key`.
fn aggregate() -> Arc<Plan> {
    let call = |function, argument| Call { function, argument, filter: None, distinct: false };
    Arc::new(Plan {
        node: Node::Aggregate {
            input: scan(LEFT, &[DataType::Int64, DataType::Int32, DataType::Int64]),
            keys: vec![0],
            calls: vec![
                call(AggregateFunction::Count, None),
                call(AggregateFunction::Sum, Some(1)),
                call(AggregateFunction::Max, Some(2)),
            ],
        },
        schema: schema(&[const { DataType::Int64 }; 4]),
    })
}

/// `SELECT * … JOIN … ON key = key`, an event on the left meeting one row on the right.
fn join() -> Arc<Plan> {
    let kinds = [DataType::Int64, DataType::Int64, DataType::Utf8];
    Arc::new(Plan {
        node: Node::Join {
            left: scan(LEFT, &kinds),
            right: scan(RIGHT, &kinds),
            kind: JoinKind::Inner,
            on: vec![(0, 0)],
            nulls_equal: false,
            residual: None,
        },
        schema: schema(&[kinds.clone(), kinds].concat()),
    })
}

fn pipeline(plan: &Arc<Plan>, workers: usize) -> Pipeline {
    let threads = || rayon::ThreadPoolBuilder::new().num_threads(workers).build().unwrap();
    let pool = (workers > 1).then(|| Arc::new(threads()));
    Pipeline::build(plan, &Environment { seed: 7, pool, append_only: &|_| true }).unwrap()
}

fn keys(random: &mut Random, rows: usize) -> ArrayRef {
    let key = |_| (random.number() % KEYS as u64) as i64;
    Arc::new(Int64Array::from_iter_values((0..rows).map(key)))
}

fn events(random: &mut Random, rows: usize) -> Delta {
    let key = keys(random, rows);
    let small = (0..rows).map(|_| random.below(1_000_000));
    let small: ArrayRef = Arc::new(arrow::array::Int32Array::from_iter_values(small));
    let large = (0..rows).map(|_| random.number() as i64);
    let large: ArrayRef = Arc::new(Int64Array::from_iter_values(large));
    let schema = schema(&[DataType::Int64, DataType::Int32, DataType::Int64]);
    Delta::inserted(RecordBatch::try_new(schema, vec![key, small, large]).unwrap())
}

fn rows_of(key: ArrayRef, random: &mut Random) -> Delta {
    let count = key.len();
    let number = Int64Array::from_iter_values((0..count).map(|_| random.number() as i64));
    let text = (0..count).map(|_| format!("a text of the row {}", random.below(1_000)));
    let text = StringArray::from_iter_values(text);
    let schema = schema(&[DataType::Int64, DataType::Int64, DataType::Utf8]);
    let columns: Vec<ArrayRef> = vec![key, Arc::new(number), Arc::new(text)];
    Delta::inserted(RecordBatch::try_new(schema, columns).unwrap())
}

/// All keys once, in batches, so that every later event finds its row.
fn fill(pipeline: &mut Pipeline, relation: RelationId, make: impl Fn(ArrayRef) -> Delta) {
    for start in (0..KEYS).step_by(8_192) {
        let key = Int64Array::from_iter_values(start..(start + 8_192).min(KEYS));
        pipeline.process(&[(relation, make(Arc::new(key)))], 1).unwrap();
    }
}

fn aggregates(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("aggregate, 1 M keys");
    for workers in [1, 2] {
        let mut pipeline = pipeline(&aggregate(), workers);
        fill(&mut pipeline, LEFT, |key| {
            let rows = key.len();
            let events = events(&mut Random(3), rows);
            let columns = [vec![key], events.rows().columns()[1..].to_vec()].concat();
            Delta::inserted(RecordBatch::try_new(events.schema(), columns).unwrap())
        });
        for rows in [512, 8_192, 65_536] {
            let mut random = Random(9);
            let batches: Vec<Delta> = (0..BATCHES).map(|_| events(&mut random, rows)).collect();
            let mut next = batches.iter().cycle();
            group.throughput(Throughput::Elements(rows as u64));
            group.bench_function(BenchmarkId::new(format!("{workers} workers"), rows), |bencher| {
                bencher.iter(|| {
                    let delta = next.next().unwrap().clone();
                    black_box(pipeline.process(&[(LEFT, delta)], 2).unwrap());
                });
            });
            // A tick each millisecond: caches have cooled, the core has slept.
            let name = format!("{workers} workers, paced 1 ms");
            group.bench_function(BenchmarkId::new(name, rows), |bencher| {
                bencher.iter_custom(|iterations| {
                    let mut worked = Duration::ZERO;
                    for _ in 0..iterations {
                        std::thread::sleep(Duration::from_millis(1));
                        let delta = next.next().unwrap().clone();
                        let begun = Instant::now();
                        black_box(pipeline.process(&[(LEFT, delta)], 2).unwrap());
                        worked += begun.elapsed();
                    }
                    worked
                });
            });
        }
    }
    group.finish();
}

fn joins(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("join, 1 M keys");
    for workers in [1, 2] {
        for rows in [512, 8_192] {
            let mut pipeline = pipeline(&join(), workers);
            fill(&mut pipeline, RIGHT, |key| rows_of(key, &mut Random(3)));
            let mut random = Random(9);
            let batches: Vec<Delta> = (0..BATCHES)
                .map(|_| {
                    let key = keys(&mut random, rows);
                    rows_of(key, &mut random)
                })
                .collect();
            // Each batch is inserted and then retracted, so that the state stays as it is.
            let mut next = batches.iter().cycle();
            group.throughput(Throughput::Elements(2 * rows as u64));
            group.bench_function(BenchmarkId::new(format!("{workers} workers"), rows), |bencher| {
                bencher.iter(|| {
                    let delta = next.next().unwrap();
                    let back = delta.negate();
                    black_box(pipeline.process(&[(LEFT, delta.clone())], 2).unwrap());
                    black_box(pipeline.process(&[(LEFT, back)], 3).unwrap());
                });
            });
        }
    }
    group.finish();
}

fn float_sums(criterion: &mut Criterion) {
    let mut random = Random(5);
    let cents: Vec<f64> = (0..4_096).map(|_| f64::from(random.below(10_000_000)) / 100.0).collect();
    let mut group = criterion.benchmark_group("exact float sum");
    group.throughput(Throughput::Elements(cents.len() as u64));
    group.bench_function("one group of cents", |bencher| {
        let mut sum = ExactSum::default();
        bencher.iter(|| {
            cents.iter().for_each(|value| sum.add(*value, 1));
            black_box(&sum);
        });
    });
    let call = |function, argument| Call { function, argument, filter: None, distinct: false };
    let plan = Arc::new(Plan {
        node: Node::Aggregate {
            input: scan(LEFT, &[DataType::Int64, DataType::Float64]),
            keys: vec![0],
            calls: vec![call(AggregateFunction::Sum, Some(1))],
        },
        schema: schema(&[DataType::Int64, DataType::Float64]),
    });
    for groups in [1_000, KEYS as u64] {
        let mut pipeline = pipeline(&plan, 1);
        let batches: Vec<Delta> = (0..256)
            .map(|_| {
                let key = (0..8_192).map(|_| (random.number() % groups) as i64);
                let key: ArrayRef = Arc::new(Int64Array::from_iter_values(key));
                let value = (0..8_192).map(|_| f64::from(random.below(10_000_000)) / 100.0);
                let value: ArrayRef = Arc::new(Float64Array::from_iter_values(value));
                let schema = schema(&[DataType::Int64, DataType::Float64]);
                Delta::inserted(RecordBatch::try_new(schema, vec![key, value]).unwrap())
            })
            .collect();
        let mut next = batches.iter().cycle();
        group.throughput(Throughput::Elements(8_192));
        group.bench_function(BenchmarkId::new("aggregate, groups", groups), |bencher| {
            bencher.iter(|| {
                let delta = next.next().unwrap().clone();
                black_box(pipeline.process(&[(LEFT, delta)], 2).unwrap());
            });
        });
    }
    group.finish();
}

criterion_group!(benches, aggregates, joins, float_sums);
criterion_main!(benches);
