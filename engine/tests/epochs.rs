//! What an epoch keeps of views, and what a restart makes of it.
#![expect(clippy::unwrap_used, reason = "a test fails where it finds what it did not expect")]
#![expect(clippy::indexing_slicing, reason = "a test fails where it finds what it did not expect")]
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use arrow::array::{ArrayRef, Int64Array, RecordBatch};
use arrow::compute::SortOptions;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::util::pretty::pretty_format_batches;
use datafusion_common::ScalarValue;
use datafusion_expr::{ColumnarValue, Operator};
use datafusion_physical_expr::PhysicalExpr;
use datafusion_physical_expr::expressions::{BinaryExpr, Column, Literal};
use engine::commit::{CatalogChange, Change, Commit, Definition, OnConflict, hidden_fields};
use engine::plan::{
    AggregateFunction, Call, Expression, JoinKind, Node, Plan, RelationId, SortKey,
};
use engine::{Engine, FAILURES, Options};
use storage::{BlobId, Blobs, Memory, Pointer, Stores};

const TABLE: RelationId = RelationId(10);
const STREAM: RelationId = RelationId(11);
/// The views of [`views`] have ids from here on.
const FIRST_VIEW: u64 = 20;

fn schema(names: &[&str]) -> SchemaRef {
    let fields = names.iter().map(|name| Field::new(*name, DataType::Int64, *name != "k"));
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

fn stream_schema() -> SchemaRef {
    let own = schema(&["k", "v"]);
    let own = own.fields().iter().map(|field| field.as_ref().clone());
    Arc::new(Schema::new(own.chain(hidden_fields()).collect::<Vec<_>>()))
}

fn scan(relation: RelationId) -> Arc<Plan> {
    Arc::new(Plan {
        node: Node::Scan { relation, columns: vec![0, 1] },
        schema: schema(&["k", "v"]),
    })
}

fn call(function: AggregateFunction, argument: Option<usize>, distinct: bool) -> Call {
    Call { function, argument, filter: None, distinct }
}

fn aggregate(input: &Arc<Plan>, key: usize, calls: Vec<Call>) -> Arc<Plan> {
    let names = ["g", "a", "b", "c", "d"];
    let schema = schema(&names[..=calls.len()]);
    let node = Node::Aggregate { input: Arc::clone(input), keys: vec![key], calls };
    Arc::new(Plan { node, schema })
}

fn join(kind: JoinKind) -> Arc<Plan> {
    let node = Node::Join {
        left: scan(TABLE),
        right: scan(STREAM),
        kind,
        on: vec![(0, 1)],
        nulls_equal: false,
        residual: None,
    };
    let names: &[&str] = match kind {
        JoinKind::Semi | JoinKind::Anti => &["a", "b"],
        _ => &["a", "b", "c", "d"],
    };
    Arc::new(Plan { node, schema: schema(names) })
}

/// `SELECT 12 / v FROM relation`, which fails where `v` is zero.
fn quotient(relation: RelationId) -> Arc<Plan> {
    let twelve: Arc<dyn PhysicalExpr> = Arc::new(Literal::new(ScalarValue::Int64(Some(12))));
    let physical =
        Arc::new(BinaryExpr::new(twelve, Operator::Divide, Arc::new(Column::new("v", 1))));
    let expressions = vec![Expression { physical, fallible: true }];
    let node = Node::Project { input: scan(relation), expressions };
    Arc::new(Plan { node, schema: schema(&["q"]) })
}

/// A view of each kind of state, and some that stand on others.
fn views() -> Vec<Definition> {
    use AggregateFunction as F;
    let top = |relation, limit| {
        let options = SortOptions { descending: true, nulls_first: false };
        let node = Node::TopK {
            input: scan(relation),
            partition: vec![1],
            order: vec![SortKey { column: 0, options }],
            skip: 0,
            limit,
            row_number: false,
        };
        Arc::new(Plan { node, schema: schema(&["k", "v"]) })
    };
    let of = |place: u64| RelationId(FIRST_VIEW + place);
    let counts = vec![
        call(F::Count, None, false),
        call(F::Min, Some(0), false),
        call(F::Max, Some(0), false),
        call(F::Count, Some(0), true),
    ];
    let numbers = |relation| {
        let node = Node::Scan { relation, columns: vec![0, 1] };
        Arc::new(Plan { node, schema: schema(&["g", "a"]) })
    };
    let plans = vec![
        aggregate(&scan(TABLE), 1, counts.clone()),
        aggregate(&scan(STREAM), 1, counts),
        join(JoinKind::Inner),
        join(JoinKind::Left),
        join(JoinKind::Anti),
        top(TABLE, 2),
        top(STREAM, 3),
        aggregate(
            &numbers(of(0)),
            1,
            vec![call(F::Count, None, false), call(F::Max, Some(0), false)],
        ),
        quotient(TABLE),
        aggregate(&numbers(of(7)), 0, vec![call(F::Count, None, false)]),
    ];
    (0..).zip(plans).map(|(place, plan)| Definition::View { id: of(place), plan }).collect()
}

fn tables() -> Vec<Definition> {
    vec![
        Definition::Table { id: TABLE, schema: schema(&["k", "v"]), key: vec![0] },
        Definition::Stream { id: STREAM, schema: stream_schema() },
    ]
}

fn options() -> Options {
    Options { epoch_interval_micros: i64::MAX, ..Options::default() }
}

fn open(stores: Stores, definitions: &[Definition]) -> engine::Result<Engine> {
    Engine::recover(stores, options())?.finish(definitions.to_vec())
}

fn create(engine: &Engine, definitions: &[Definition]) {
    let create = definitions.to_vec();
    let change = CatalogChange { transaction: 1, create, drop: vec![] };
    engine.commit(Commit { catalog: Some(change), ..Commit::default() }).wait().unwrap();
}

fn drop_view(engine: &Engine, id: RelationId) {
    let change = CatalogChange { transaction: 2, create: vec![], drop: vec![id] };
    engine.commit(Commit { catalog: Some(change), ..Commit::default() }).wait().unwrap();
}

fn rows(rows: &[(i64, i64)]) -> RecordBatch {
    let keys: ArrayRef = Arc::new(Int64Array::from_iter_values(rows.iter().map(|row| row.0)));
    let values: ArrayRef = Arc::new(Int64Array::from_iter_values(rows.iter().map(|row| row.1)));
    RecordBatch::try_new(schema(&["k", "v"]), vec![keys, values]).unwrap()
}

fn insert(relation: RelationId, data: &[(i64, i64)]) -> Change {
    Change::Insert { relation, rows: rows(data), conflict: OnConflict::Overwrite }
}

fn commit(engine: &Engine, changes: Vec<Change>) {
    engine.commit(Commit { changes, ..Commit::default() }).wait().unwrap();
}

/// The rows of relations as sorted lines.
type Contents = Vec<(RelationId, Vec<String>)>;

/// All rows of some relations as sorted lines, without when a stream's rows arrived.
fn read(engine: &Engine, relations: &[RelationId]) -> Contents {
    let snapshot = engine.snapshot().unwrap();
    let lines = |id: &RelationId| {
        let batches: Vec<RecordBatch> =
            snapshot.rows(*id).unwrap().batches(None).map(Result::unwrap).collect();
        let own = batches.iter().map(|batch| {
            let columns: Vec<usize> = (0..batch.num_columns().min(5)).collect();
            let columns = if *id == STREAM { vec![0, 1, 2] } else { columns };
            batch.project(&columns).unwrap()
        });
        let text = pretty_format_batches(&own.collect::<Vec<_>>()).unwrap().to_string();
        let mut lines: Vec<String> = text.lines().skip(3).map(str::to_owned).collect();
        lines.sort();
        (*id, lines)
    };
    relations.iter().map(lines).collect()
}

fn ids(definitions: &[Definition]) -> Vec<RelationId> {
    let id = |definition: &Definition| match definition {
        Definition::Table { id, .. }
        | Definition::Stream { id, .. }
        | Definition::View { id, .. } => *id,
        Definition::Index { id, .. } => *id,
    };
    definitions.iter().map(id).chain([FAILURES]).collect()
}

/// Which views were not taken from the epoch, by their places in [`views`].
fn filled(engine: &Engine) -> Vec<u64> {
    let status = engine.status();
    let views = status.relations.iter().filter(|relation| relation.id.0 >= FIRST_VIEW);
    views.filter(|view| !view.restored).map(|view| view.id.0 - FIRST_VIEW).collect()
}

struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let mixed = (self.0 ^ self.0 >> 31).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (mixed ^ mixed >> 29) % bound
    }
}

/// Changes that are possible, given what the table holds.
fn changes(random: &mut Random, table: &mut BTreeMap<i64, i64>) -> Vec<Change> {
    let mut changes = vec![];
    for _ in 0..1 + random.below(3) {
        let (key, value) = (random.below(40) as i64, random.below(5) as i64);
        match (random.below(4), table.get(&key).copied()) {
            (0, _) => changes.push(insert(STREAM, &[(key, value), (key + 1, value)])),
            (1, Some(old)) => {
                table.remove(&key);
                changes.push(Change::Delete { relation: TABLE, old: rows(&[(key, old)]) });
            }
            _ => {
                table.insert(key, value);
                changes.push(insert(TABLE, &[(key, value)]));
            }
        }
    }
    changes
}

/// One engine is restarted and cut at random; the other lives undisturbed.
#[test]
fn an_engine_that_is_restarted_equals_one_that_is_not() {
    for seed in 0..12 {
        let mut random = Random(seed);
        let (memory, calm) = (Memory::default(), open(Memory::default().open(), &[]).unwrap());
        let mut engine = open(memory.open(), &[]).unwrap();
        let mut definitions = tables();
        let mut later = views();
        for engine in [&engine, &calm] {
            create(engine, &definitions);
        }
        let mut table = BTreeMap::new();
        let mut restored = 0;
        for step in 0..60 {
            if step % 4 == 0 && !later.is_empty() {
                let view = later.remove(0);
                for engine in [&engine, &calm] {
                    create(engine, std::slice::from_ref(&view));
                }
                definitions.push(view);
            }
            if step == 50 {
                let last = definitions.pop().unwrap();
                let id = ids(std::slice::from_ref(&last))[0];
                for engine in [&engine, &calm] {
                    drop_view(engine, id);
                }
            }
            let changes = changes(&mut random, &mut table);
            commit(&engine, changes.clone());
            commit(&calm, changes);
            if random.below(4) == 0 {
                engine.checkpoint().unwrap();
            }
            match random.below(6) {
                // What is in memory is simply left behind, as by a kill.
                0 => engine = open(memory.open(), &definitions).unwrap(),
                1 if random.below(3) == 0 => {
                    engine.shutdown().unwrap();
                    engine = open(memory.open(), &definitions).unwrap();
                    assert_eq!(filled(&engine), [0; 0], "all views are in the last epoch");
                }
                _ => {}
            }
            restored += engine.status().relations.iter().filter(|one| one.restored).count();
            let ids = ids(&definitions);
            assert_eq!(read(&engine, &ids), read(&calm, &ids), "seed {seed}, step {step}");
        }
        let lines = |engine: &Engine| {
            let lines = engine.failures().into_iter();
            let mut views: Vec<u64> =
                lines.flat_map(|line| vec![line.view.0; line.rows.num_rows()]).collect();
            views.sort_unstable();
            views.len()
        };
        assert!(lines(&calm) == 0 || lines(&engine) > 0);
        assert!(restored > 0);
        engine.shutdown().unwrap();
        calm.shutdown().unwrap();
    }
}

/// An engine with all views and some rows, after an epoch and a frame behind it.
fn filled_memory() -> (Memory, Vec<Definition>, Contents) {
    let memory = Memory::default();
    let engine = open(memory.open(), &[]).unwrap();
    let definitions = [tables(), views()].concat();
    create(&engine, &definitions);
    let mut table = BTreeMap::new();
    for step in 0..40 {
        commit(&engine, changes(&mut Random(step), &mut table));
        if step == 20 || step == 35 {
            engine.checkpoint().unwrap();
        }
    }
    let before = read(&engine, &ids(&definitions));
    (memory, definitions, before)
}

#[test]
fn what_follows_the_epoch_reaches_restored_views() {
    let (memory, definitions, before) = filled_memory();
    let engine = open(memory.open(), &definitions).unwrap();
    assert_eq!(filled(&engine), [0; 0]);
    assert_eq!(read(&engine, &ids(&definitions)), before);
    assert!(before.iter().any(|(id, lines)| *id == FAILURES && !lines.is_empty()));
    assert!(!engine.failures().is_empty());
}

#[test]
fn a_view_whose_plan_has_another_text_is_filled_with_all_that_stand_on_it() {
    let (memory, mut definitions, before) = filled_memory();
    let of = |place: u64| RelationId(FIRST_VIEW + place);
    for definition in &mut definitions {
        if let Definition::View { id, plan } = definition
            && *id == of(0)
        {
            let Node::Aggregate { input, keys, calls } = &plan.node else { panic!() };
            let mut calls = calls.clone();
            calls[0].argument = Some(1);
            let (input, keys) = (Arc::clone(input), keys.clone());
            let schema = Arc::clone(&plan.schema);
            *plan = Arc::new(Plan { node: Node::Aggregate { input, keys, calls }, schema });
        }
    }
    let engine = open(memory.open(), &definitions).unwrap();
    assert_eq!(filled(&engine), [0, 7, 9]);
    // No value is NULL, so that both plans mean the same.
    assert_eq!(read(&engine, &ids(&definitions)), before);
    commit(&engine, vec![insert(TABLE, &[(3, 3)])]);
    engine.checkpoint().unwrap();
    let after = read(&engine, &ids(&definitions));
    let again = open(memory.open(), &definitions).unwrap();
    assert_eq!(filled(&again), [0; 0]);
    assert_eq!(read(&again, &ids(&definitions)), after);
}

#[test]
fn views_after_the_epoch_are_filled_and_dropped_ones_passed_over() {
    let (memory, mut definitions, _) = filled_memory();
    let engine = open(memory.open(), &definitions).unwrap();
    let id = RelationId(FIRST_VIEW + 99);
    let new = Definition::View { id, plan: quotient(STREAM) };
    create(&engine, std::slice::from_ref(&new));
    definitions.push(new);
    drop_view(&engine, RelationId(FIRST_VIEW + 8));
    definitions.remove(10);
    commit(&engine, vec![insert(STREAM, &[(7, 0)]), insert(TABLE, &[(7, 0)])]);
    let before = read(&engine, &ids(&definitions));
    let again = open(memory.open(), &definitions).unwrap();
    assert_eq!(filled(&again), [99]);
    assert_eq!(read(&again, &ids(&definitions)), before);
    assert!(before.iter().any(|(id, lines)| *id == FAILURES && !lines.is_empty()));
    assert!(again.failures().iter().all(|line| line.view == id));
}

/// The second column, until it panics.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Fragile;

static PANICS: AtomicBool = AtomicBool::new(false);

impl std::fmt::Display for Fragile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("fragile")
    }
}

impl PhysicalExpr for Fragile {
    fn data_type(&self, _: &Schema) -> datafusion_common::Result<DataType> {
        Ok(DataType::Int64)
    }

    fn nullable(&self, _: &Schema) -> datafusion_common::Result<bool> {
        Ok(true)
    }

    fn evaluate(&self, batch: &RecordBatch) -> datafusion_common::Result<ColumnarValue> {
        assert!(!PANICS.load(Ordering::Relaxed), "as it was told");
        Ok(ColumnarValue::Array(Arc::clone(batch.column(1))))
    }

    fn children(&self) -> Vec<&Arc<dyn PhysicalExpr>> {
        vec![]
    }

    fn with_new_children(
        self: Arc<Self>,
        _: Vec<Arc<dyn PhysicalExpr>>,
    ) -> datafusion_common::Result<Arc<dyn PhysicalExpr>> {
        Ok(self)
    }

    fn fmt_sql(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("fragile")
    }
}

#[test]
fn a_broken_view_is_filled_at_the_next_start_with_all_that_stand_on_it() {
    let memory = Memory::default();
    let engine = open(memory.open(), &[]).unwrap();
    let of = |place: u64| RelationId(FIRST_VIEW + place);
    let expressions = vec![
        Expression { physical: Arc::new(Column::new("k", 0)), fallible: false },
        Expression { physical: Arc::new(Fragile), fallible: false },
    ];
    let node = Node::Project { input: scan(TABLE), expressions };
    let fragile = Arc::new(Plan { node, schema: schema(&["k", "v"]) });
    let count =
        |relation| aggregate(&scan(relation), 1, vec![call(AggregateFunction::Count, None, false)]);
    let plans = [fragile, count(of(0)), count(TABLE)];
    let views = (0..).zip(plans).map(|(n, plan)| Definition::View { id: of(n), plan });
    let definitions: Vec<Definition> = tables().into_iter().chain(views).collect();
    create(&engine, &definitions);
    commit(&engine, vec![insert(TABLE, &[(1, 1), (2, 1)])]);
    engine.checkpoint().unwrap();
    PANICS.store(true, Ordering::Relaxed);
    commit(&engine, vec![insert(TABLE, &[(3, 1)])]);
    // One epoch is cut while it is broken, and one frame lies behind.
    engine.checkpoint().unwrap();
    commit(&engine, vec![insert(TABLE, &[(4, 2)])]);
    let broken = |engine: &Engine| {
        let status = engine.status();
        status.relations.iter().filter(|one| one.broken.is_some()).map(|one| one.id.0).collect()
    };
    assert_eq!(broken(&engine), vec![of(0).0]);
    assert_eq!(read(&engine, &[of(0)])[0].1.len(), 3, "two rows and the frame");
    // The reason is still there: it breaks by itself, and the rest is as it should be.
    let again = open(memory.open(), &definitions).unwrap();
    assert_eq!(broken(&again), vec![of(0).0]);
    assert_eq!(filled(&again), [0, 1]);
    assert_eq!(read(&again, &[of(2)])[0].1.len(), 3);
    PANICS.store(false, Ordering::Relaxed);
    let whole = open(memory.open(), &definitions).unwrap();
    assert_eq!((broken(&whole), filled(&whole)), (vec![0; 0], vec![0, 1]));
    assert_eq!(read(&whole, &[of(0)])[0].1, read(&whole, &[TABLE])[0].1);
    assert_eq!(read(&whole, &[of(1)])[0].1, read(&whole, &[of(2)])[0].1);
}

/// Blobs that are lost, or that cannot be put.
struct Faulty {
    blobs: Box<dyn Blobs>,
    lost: Option<BlobId>,
    full: Arc<AtomicBool>,
}

impl Blobs for Faulty {
    fn put(&self, bytes: &[u8]) -> storage::Result<BlobId> {
        if self.full.load(Ordering::Relaxed) {
            return Err(storage::Error::new(storage::ErrorKind::Unavailable, "the disk is full"));
        }
        self.blobs.put(bytes)
    }

    fn get(&self, blob: BlobId) -> storage::Result<Vec<u8>> {
        if self.lost == Some(blob) {
            let message = format!("blob {} is lost", blob.0);
            return Err(storage::Error::new(storage::ErrorKind::Corrupt, message));
        }
        self.blobs.get(blob)
    }

    fn commit(&self, pointer: &Pointer) -> storage::Result<()> {
        self.blobs.commit(pointer)
    }

    fn pointer(&self) -> storage::Result<Option<Pointer>> {
        self.blobs.pointer()
    }
}

fn faulty(memory: &Memory, lost: Option<BlobId>, full: &Arc<AtomicBool>) -> Stores {
    let stores = memory.open();
    let blobs = Box::new(Faulty { blobs: stores.blobs, lost, full: Arc::clone(full) });
    Stores { blobs, ..stores }
}

#[test]
fn a_lost_blob_is_named_and_nothing_is_answered_without_it() {
    let (memory, definitions, _) = filled_memory();
    let never = Arc::new(AtomicBool::new(false));
    let blobs = memory.open().blobs.pointer().unwrap().unwrap().blobs;
    assert!(blobs.len() > 4);
    for blob in blobs {
        let refused = open(faulty(&memory, Some(blob), &never), &definitions).err().unwrap();
        assert_eq!(refused.code(), "XX001");
        assert!(refused.message().contains(&blob.0.to_string()), "{refused}");
    }
}

#[test]
fn an_epoch_that_cannot_be_stored_is_made_up_for_by_the_next() {
    let (memory, definitions, _) = filled_memory();
    let full = Arc::new(AtomicBool::new(false));
    let engine = open(faulty(&memory, None, &full), &definitions).unwrap();
    let mut table = BTreeMap::new();
    commit(&engine, vec![insert(TABLE, &(0..40).map(|k| (k, 1)).collect::<Vec<_>>())]);
    table.extend((0..40).map(|k| (k, 1)));
    for step in 0..12 {
        commit(&engine, changes(&mut Random(step), &mut table));
        full.store(step % 3 != 2, Ordering::Relaxed);
        assert_eq!(engine.checkpoint().is_err(), step % 3 != 2);
        if step % 3 == 2 {
            let before = read(&engine, &ids(&definitions));
            let again = open(memory.open(), &definitions).unwrap();
            assert_eq!(filled(&again), [0; 0]);
            assert_eq!(read(&again, &ids(&definitions)), before);
        }
    }
}
