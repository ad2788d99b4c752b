//! Relations: folding a tick's changes, and the codec of frames and blobs.
//!
//! `cargo bench --bench rows`. The goal is 300 ns a changed row (−old +new), compaction
//! included, paced at a tick each millisecond.
#![expect(clippy::disallowed_methods, reason = "a benchmark measures by the real clock")]
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use engine::Delta;
use engine::codec::{read_batch, write_batch};
use engine::rows::{Key, Rows};
use tidemill_tests::Random;

const ROWS: usize = 1_000_000;

/// Compaction after a tick moves at most as many rows as it changed, plus these: as the
/// engine does it.
const COMPACT_ROWS: usize = 64;

fn schema() -> SchemaRef {
    let number = |name: &str| Field::new(name, DataType::Int64, false);
    Arc::new(Schema::new(vec![
        number("key"),
        number("count"),
        number("sum"),
        number("max"),
        Field::new("name", DataType::Utf8, false),
    ]))
}

/// Rows of these keys as they are in a generation.
fn batch(keys: &[i64], generation: &[i64]) -> RecordBatch {
    let of = |f: &dyn Fn(i64, i64) -> i64| -> ArrayRef {
        Arc::new(Int64Array::from_iter_values(keys.iter().zip(generation).map(|(k, g)| f(*k, *g))))
    };
    let name = StringArray::from_iter_values(keys.iter().map(|key| format!("the name of {key:7}")));
    let columns = vec![
        of(&|key, _| key),
        of(&|_, generation| generation),
        of(&|key, generation| key * 31 + generation),
        of(&|key, generation| key ^ generation),
        Arc::new(name),
    ];
    RecordBatch::try_new(schema(), columns).unwrap()
}

/// A relation under changes of random keys.
struct World {
    rows: Rows,
    generation: Vec<i64>,
    random: Random,
}

impl World {
    fn new() -> Self {
        let mut rows = Rows::new(schema(), Key::Unique(vec![0]), 7).unwrap();
        let keys: Vec<i64> = (0..ROWS as i64).collect();
        for keys in keys.chunks(8_192) {
            rows.apply(&Delta::inserted(batch(keys, &vec![0; keys.len()]))).unwrap();
        }
        Self { rows, generation: vec![0; ROWS], random: Random(3) }
    }

    /// What a tick changes: −old +new of `count` different keys.
    fn tick(&mut self, count: usize) -> Delta {
        let mut keys: Vec<i64> =
            (0..count * 2).map(|_| (self.random.number() % ROWS as u64) as i64).collect();
        keys.sort_unstable();
        keys.dedup();
        while keys.len() > count {
            keys.swap_remove((self.random.number() % keys.len() as u64) as usize);
        }
        let old: Vec<i64> = keys.iter().map(|key| self.generation[*key as usize]).collect();
        let new: Vec<i64> = old.iter().map(|generation| generation + 1).collect();
        keys.iter().for_each(|key| self.generation[*key as usize] += 1);
        let retracted = Delta::retracted(batch(&keys, &old));
        let inserted = Delta::inserted(batch(&keys, &new));
        Delta::concat(&schema(), &[retracted, inserted]).unwrap()
    }

    /// Folds ticks of `count` changed rows, and says how long the folding took.
    fn fold(&mut self, ticks: u64, count: usize, pause: Option<Duration>) -> Duration {
        let mut worked = Duration::ZERO;
        for _ in 0..ticks {
            let delta = self.tick(count);
            pause.into_iter().for_each(std::thread::sleep);
            let begun = Instant::now();
            self.rows.apply(&delta).unwrap();
            self.rows.compact(delta.len() + COMPACT_ROWS).unwrap();
            worked += begun.elapsed();
        }
        worked
    }
}

fn folds(criterion: &mut Criterion) {
    let mut world = World::new();
    // Until as many chunks are sparse as stay sparse.
    world.fold(200, 8_192, None);
    let mut group = criterion.benchmark_group("fold, 1 M rows");
    for count in [100, 1_000, 8_192] {
        group.throughput(Throughput::Elements(count as u64));
        group.bench_function(BenchmarkId::new("back to back", count), |bencher| {
            bencher.iter_custom(|ticks| world.fold(ticks, count, None));
        });
        let pause = Some(Duration::from_millis(1));
        group.bench_function(BenchmarkId::new("paced 1 ms", count), |bencher| {
            bencher.iter_custom(|ticks| world.fold(ticks, count, pause));
        });
    }
    group.finish();
}

fn appends(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("append");
    let keys: Vec<i64> = (0..8_192).collect();
    let delta = Delta::inserted(batch(&keys, &vec![0; keys.len()]));
    group.throughput(Throughput::Elements(keys.len() as u64));
    for (name, key) in [("stream", Key::None), ("bag", Key::Bag)] {
        group.bench_function(name, |bencher| {
            bencher.iter_custom(|ticks| {
                let mut worked = Duration::ZERO;
                let mut rows = Rows::new(schema(), key.clone(), 7).unwrap();
                for tick in 0..ticks {
                    if tick % 256 == 0 {
                        rows = Rows::new(schema(), key.clone(), 7).unwrap();
                    }
                    let begun = Instant::now();
                    rows.apply(&delta).unwrap();
                    worked += begun.elapsed();
                }
                worked
            });
        });
    }
    group.finish();
}

fn codec(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("codec");
    let keys: Vec<i64> = (0..8_192).collect();
    let rows = batch(&keys, &vec![0; keys.len()]);
    let mut bytes = vec![];
    write_batch(&rows, &mut bytes).unwrap();
    group.throughput(Throughput::Elements(keys.len() as u64));
    group.bench_function("write", |bencher| {
        bencher.iter(|| {
            bytes.clear();
            write_batch(black_box(&rows), &mut bytes).unwrap();
        });
    });
    let schema = schema();
    group.bench_function("read", |bencher| {
        bencher.iter(|| read_batch(&schema, &mut black_box(bytes.as_slice())).unwrap());
    });
    group.finish();
}

criterion_group!(benches, folds, appends, codec);
criterion_main!(benches);
