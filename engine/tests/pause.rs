//! How long a commit waits while an epoch is written, printed rather than judged.
//!
//! `cargo test --workspace --test pause -- --ignored --nocapture`, with the engine optimised:
//! `--config profile.dev.package.tidemill-engine.opt-level=3`.
#![expect(clippy::unwrap_used, reason = "a test fails where it finds what it did not expect")]
#![expect(clippy::disallowed_methods, reason = "it measures by the real clock")]
#![expect(clippy::print_stderr, reason = "what it measures is for the reader")]
use std::fs::{File, create_dir_all, remove_dir_all};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use arrow::array::{ArrayRef, Int64Array, RecordBatch};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use engine::commit::{CatalogChange, Change, Commit, Definition, OnConflict, hidden_fields};
use engine::pipeline::Environment;
use engine::plan::{AggregateFunction, Call, JoinKind, Node, Plan, RelationId};
use engine::rows::{Image, IndexId, Key, Rows};
use engine::{Delta, Engine, Options, Pipeline};

const TABLE: RelationId = RelationId(10);
const STREAM: RelationId = RelationId(11);
const FIRST_VIEW: u64 = 20;
const GROUPS: i64 = 1_000_000;
const FRAME_ROWS: usize = 50_000;

fn schema(names: &[&str]) -> SchemaRef {
    let fields = names.iter().map(|name| Field::new(*name, DataType::Int64, *name != "k"));
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

fn scan(relation: RelationId) -> Arc<Plan> {
    let node = Node::Scan { relation, columns: vec![0, 1] };
    Arc::new(Plan { node, schema: schema(&["k", "v"]) })
}

/// `SELECT k, count(*), min(v), max(v) FROM relation GROUP BY k`
fn aggregate(relation: RelationId, filter: bool) -> Arc<Plan> {
    use AggregateFunction as F;
    let call = |function, argument| Call { function, argument, filter: None, distinct: filter };
    let calls = vec![call(F::Count, None), call(F::Min, Some(1)), call(F::Max, Some(1))];
    let node = Node::Aggregate { input: scan(relation), keys: vec![0], calls };
    Arc::new(Plan { node, schema: schema(&["g", "a", "b", "c"]) })
}

/// No key is NULL, so that both mean the same.
fn join(nulls_equal: bool) -> Arc<Plan> {
    let node = Node::Join {
        left: scan(TABLE),
        right: scan(STREAM),
        kind: JoinKind::Inner,
        on: vec![(0, 0)],
        nulls_equal,
        residual: None,
    };
    Arc::new(Plan { node, schema: schema(&["a", "b", "c", "d"]) })
}

fn tables() -> Vec<Definition> {
    let own = schema(&["k", "v"]);
    let own = own.fields().iter().map(|field| field.as_ref().clone());
    let of_stream = Arc::new(Schema::new(own.chain(hidden_fields()).collect::<Vec<_>>()));
    vec![
        Definition::Table { id: TABLE, schema: schema(&["k", "v"]), key: vec![0] },
        Definition::Stream { id: STREAM, schema: of_stream },
    ]
}

fn definitions(views: Vec<Arc<Plan>>) -> Vec<Definition> {
    let views = (FIRST_VIEW..).zip(views);
    let views = views.map(|(id, plan)| Definition::View { id: RelationId(id), plan });
    tables().into_iter().chain(views).collect()
}

fn open(directory: &Path, definitions: Vec<Definition>) -> Engine {
    let options = Options {
        epoch_interval_micros: i64::MAX,
        epoch_log_bytes: u64::MAX,
        workers: 1,
        ..Options::default()
    };
    let stores = storage::open_embedded(directory).unwrap();
    Engine::recover(stores, options).unwrap().finish(definitions).unwrap()
}

fn create(engine: &Engine, create: Vec<Definition>) {
    let change = CatalogChange { transaction: 1, create, drop: vec![] };
    engine.commit(Commit { catalog: Some(change), ..Commit::default() }).wait().unwrap();
}

fn insert(engine: &Engine, relation: RelationId, keys: impl Iterator<Item = i64>) {
    let keys: ArrayRef = Arc::new(Int64Array::from_iter_values(keys));
    let values = Arc::new(Int64Array::from_iter_values((0..keys.len()).map(|n| n as i64 * 7)));
    let rows = RecordBatch::try_new(schema(&["k", "v"]), vec![keys, values]).unwrap();
    let changes = vec![Change::Insert { relation, rows, conflict: OnConflict::Overwrite }];
    engine.commit(Commit { changes, ..Commit::default() }).wait().unwrap();
}

fn fill(engine: &Engine, relation: RelationId) {
    let begun = Instant::now();
    for first in (0..GROUPS).step_by(FRAME_ROWS) {
        insert(engine, relation, first..(first + FRAME_ROWS as i64).min(GROUPS));
    }
    eprintln!("  {GROUPS} rows inserted in {:?}", begun.elapsed());
}

/// Commits of one row, back to back, for as long as `going` says.
fn latencies(engine: &Engine, relation: RelationId, going: &dyn Fn() -> bool) -> Vec<Duration> {
    let mut found = vec![];
    let mut key = 0;
    while going() {
        let begun = Instant::now();
        key = (key + 7_919) % GROUPS;
        insert(engine, relation, key..key + 1);
        found.push(begun.elapsed());
    }
    found
}

fn print(name: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    let at = |share: f64| times.get((times.len() as f64 * share) as usize).or(times.last());
    eprintln!(
        "  {name}: {} times, p50 {:?}, p99 {:?}, p99.9 {:?}, max {:?}",
        times.len(),
        at(0.5).unwrap(),
        at(0.99).unwrap(),
        at(0.999).unwrap(),
        times.last().unwrap()
    );
}

fn bare_syncs(directory: &Path) -> Vec<Duration> {
    let mut file = File::create(directory.join("bare")).unwrap();
    file.write_all(&vec![0; 8 << 20]).unwrap();
    file.sync_all().unwrap();
    let mut file = File::options().write(true).open(directory.join("bare")).unwrap();
    let sync = |_| {
        let begun = Instant::now();
        file.write_all(&[1; 200]).unwrap();
        file.sync_data().unwrap();
        begun.elapsed()
    };
    (0..5_000).map(sync).collect()
}

/// How long this thread has been on a processor, which others may have busied too.
fn busy() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    Duration::from_nanos(text.split(' ').next().unwrap().parse().unwrap())
}

fn scratch(name: &str) -> PathBuf {
    let directory = std::env::temp_dir().join(format!("tidemill-{name}-{}", std::process::id()));
    create_dir_all(&directory).unwrap();
    directory
}

fn check(name: &str, relation: RelationId, views: Vec<Arc<Plan>>) {
    eprintln!("{name}");
    let directory = scratch("pause");
    let engine = open(&directory, vec![]);
    create(&engine, definitions(views));
    fill(&engine, relation);
    if relation == STREAM {
        insert(&engine, TABLE, 0..GROUPS);
    }
    for what in ["the first epoch", "an epoch of all groups"] {
        let begun = Instant::now();
        let still = || begun.elapsed() < Duration::from_secs(2);
        print("without an epoch", latencies(&engine, relation, &still));
        let begun = Instant::now();
        let other = engine.clone();
        let epoch = std::thread::spawn(move || other.checkpoint().unwrap());
        let during = latencies(&engine, relation, &|| !epoch.is_finished());
        epoch.join().unwrap();
        let took = begun.elapsed();
        print(&format!("{what}, {took:?}"), during);
        fill(&engine, relation);
    }
    engine.shutdown().unwrap();
    print("bare syncs", bare_syncs(&directory));
    remove_dir_all(directory).unwrap();
}

#[test]
#[ignore = "it measures"]
fn commits_go_on_while_an_epoch_is_written() {
    check("1 M groups, stream", STREAM, vec![aggregate(STREAM, false)]);
    check("1 M groups, table (sets of values)", TABLE, vec![aggregate(TABLE, false)]);
    check("1 M keys on both sides of a join", STREAM, vec![join(false)]);
}

fn feed(pipeline: &mut Pipeline, value: i64, weight: i64) {
    for first in (0..GROUPS).step_by(FRAME_ROWS) {
        let keys: ArrayRef =
            Arc::new(Int64Array::from_iter_values(first..first + FRAME_ROWS as i64));
        let values = Arc::new(Int64Array::from_value(value, FRAME_ROWS));
        let rows = RecordBatch::try_new(schema(&["k", "v"]), vec![keys, values]).unwrap();
        let delta = Delta::new(rows, Int64Array::from_value(weight, FRAME_ROWS)).unwrap();
        pipeline.process(&[(TABLE, delta.clone()), (STREAM, delta)], 1).unwrap();
    }
}

fn slices(name: &str, plan: &Arc<Plan>) {
    let environment = Environment { seed: 42, pool: None, append_only: &|_| false };
    let mut pipeline = Pipeline::build(plan, &environment).unwrap();
    pipeline.start().unwrap();
    feed(&mut pipeline, 1, 1);
    for what in ["all", "all changed"] {
        let (mut times, mut bytes, before) = (vec![], 0, busy());
        loop {
            let begun = Instant::now();
            let mut stream = vec![];
            let left = pipeline.capture(1_000, &mut stream).unwrap();
            times.push(begun.elapsed());
            bytes += stream.len();
            if left.is_some() {
                break;
            }
        }
        let mean = (busy() - before) / times.len() as u32;
        print(&format!("{name}, {what}, {} MiB, mean {mean:?}", bytes >> 20), times);
        pipeline.end_capture();
        feed(&mut pipeline, 1, -1);
        feed(&mut pipeline, 2, 1);
    }
}

/// The mean is measured on the processor, so that neighbours do not count; the rest by the
/// clock.
#[test]
#[ignore = "it measures"]
fn a_slice_takes_a_tenth_of_a_millisecond() {
    slices("count, min and max", &aggregate(TABLE, false));
    slices("join", &join(false));
    let keys = Plan {
        node: Node::Aggregate { input: scan(TABLE), keys: vec![0], calls: vec![] },
        schema: schema(&["g"]),
    };
    slices("distinct", &Arc::new(keys));
    let call = |distinct| Call {
        function: if distinct { AggregateFunction::Count } else { AggregateFunction::Max },
        argument: Some(0),
        filter: None,
        distinct,
    };
    for distinct in [false, true] {
        let calls = vec![call(distinct)];
        let node = Node::Aggregate { input: scan(TABLE), keys: vec![1], calls };
        let name = if distinct { "count of distinct values" } else { "one large set" };
        slices(name, &Arc::new(Plan { node, schema: schema(&["g", "a"]) }));
    }
}

/// What every relation costs at the cut, under the lock of the world.
#[test]
#[ignore = "it measures"]
fn rows_freeze_for_a_pointer_a_chunk() {
    let mut rows = Rows::new(schema(&["k", "v"]), Key::Unique(vec![0]), 42).unwrap();
    let mut image = Image::default();
    let mut blobs = 0;
    let mut times = vec![];
    for step in 0..200_i64 {
        let many = if step % 10 == 0 { GROUPS } else { 4_000 };
        for first in (0..many).step_by(FRAME_ROWS) {
            let keys = || Arc::new(Int64Array::from_iter_values(first..many.min(first + 50_000)));
            let count = keys().len();
            let batch = |value| {
                let values = Arc::new(Int64Array::from_value(value, count));
                RecordBatch::try_new(schema(&["k", "v"]), vec![keys(), values]).unwrap()
            };
            if step > 0 {
                let old = rows.probe(IndexId::PRIMARY, &[keys() as ArrayRef]).unwrap();
                let old = rows.gather(&old.places, None).unwrap();
                rows.apply(&Delta::retracted(old)).unwrap();
            }
            rows.apply(&Delta::inserted(batch(step))).unwrap();
            rows.compact(3 * FRAME_ROWS).unwrap();
        }
        let begun = Instant::now();
        let capture = rows.capture(&image).unwrap();
        times.push(begun.elapsed());
        let mut put = |_: &[u8]| {
            blobs += 1;
            Ok(storage::BlobId(blobs))
        };
        image = capture.write(&mut put).unwrap();
    }
    print("cut of 1 M rows", times);
}

/// Time from opening to answering, with state from the epoch, and with views filled anew.
#[test]
#[ignore = "it measures"]
fn recovery_loads_views_or_fills_them() {
    let directory = scratch("recovery");
    let engine = open(&directory, vec![]);
    let views = || vec![aggregate(STREAM, false), aggregate(TABLE, false), join(false)];
    create(&engine, definitions(views()));
    fill(&engine, TABLE);
    (0..3).for_each(|_| fill(&engine, STREAM));
    engine.checkpoint().unwrap();
    (0..100).for_each(|n| insert(&engine, STREAM, n..n + 10));
    drop(engine);
    for (name, distinct) in [("loaded", false), ("filled", true)] {
        // The engine that was left behind keeps the lock of its directory.
        let copy = scratch(name);
        let mut command = std::process::Command::new("cp");
        assert!(command.arg("-a").arg(directory.join(".")).arg(&copy).status().unwrap().success());
        let mut views = views();
        if distinct {
            // The same meaning in another text.
            views = vec![aggregate(STREAM, true), aggregate(TABLE, true), join(true)];
        }
        let (begun, busy) = (Instant::now(), busy());
        let engine = open(&copy, definitions(views));
        let status = engine.status();
        let restored = status.relations.iter().filter(|one| one.restored).count();
        let (took, busy) = (begun.elapsed(), self::busy() - busy);
        eprintln!(
            "{name} ({restored} of 5 restored): {took:?}, of which on the processor {busy:?}"
        );
        drop(engine);
        remove_dir_all(copy).unwrap();
    }
    remove_dir_all(directory).unwrap();
}
