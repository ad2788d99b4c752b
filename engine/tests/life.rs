//! The life of a commit: into a frame, through the views, onto the disk and back.
#![expect(clippy::unwrap_used, reason = "a test fails where it finds what it did not expect")]
use std::sync::Arc;

use arrow::array::{ArrayRef, Int32Array, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use engine::commit::{
    CatalogChange, Change, Commit, Definition, OnConflict, Position, hidden_fields, rejected,
};
use engine::plan::{AggregateFunction, Call, Node, Plan, RelationId};
use engine::{Engine, Options, Pending};
use storage::Memory;

const TABLE: RelationId = RelationId(10);
const STREAM: RelationId = RelationId(11);
const TABLE_VIEW: RelationId = RelationId(12);
const STREAM_VIEW: RelationId = RelationId(13);
const INDEX: RelationId = RelationId(14);

fn pairs() -> SchemaRef {
    Arc::new(Schema::new(vec![
        Field::new("k", DataType::Int64, false),
        Field::new("v", DataType::Int64, true),
    ]))
}

fn stream_schema() -> SchemaRef {
    let own = pairs();
    let own = own.fields().iter().map(|field| field.as_ref().clone());
    Arc::new(Schema::new(own.chain(hidden_fields()).collect::<Vec<_>>()))
}

fn rows(rows: &[(i64, i64)]) -> RecordBatch {
    let keys: ArrayRef = Arc::new(Int64Array::from_iter_values(rows.iter().map(|row| row.0)));
    let values: ArrayRef = Arc::new(Int64Array::from_iter_values(rows.iter().map(|row| row.1)));
    RecordBatch::try_new(pairs(), vec![keys, values]).unwrap()
}

/// `SELECT v, count(*) FROM relation GROUP BY v`
fn count_by_v(relation: RelationId) -> Arc<Plan> {
    let scan = Plan { node: Node::Scan { relation, columns: vec![0, 1] }, schema: pairs() };
    let schema = Arc::new(Schema::new(vec![
        Field::new("v", DataType::Int64, true),
        Field::new("count", DataType::Int64, true),
    ]));
    let call =
        Call { function: AggregateFunction::Count, argument: None, filter: None, distinct: false };
    let input = Arc::new(scan);
    let node = Node::Aggregate { input, keys: vec![1], calls: vec![call] };
    Arc::new(Plan { node, schema })
}

fn all() -> Vec<Definition> {
    vec![
        Definition::Table { id: TABLE, schema: pairs(), key: vec![0] },
        Definition::Stream { id: STREAM, schema: stream_schema() },
        Definition::View { id: TABLE_VIEW, plan: count_by_v(TABLE) },
        Definition::View { id: STREAM_VIEW, plan: count_by_v(STREAM) },
    ]
}

fn create(definitions: Vec<Definition>) -> Commit {
    let change = CatalogChange { transaction: 1, create: definitions, drop: vec![] };
    Commit { catalog: Some(change), ..Commit::default() }
}

fn insert(relation: RelationId, data: &[(i64, i64)], conflict: OnConflict) -> Change {
    Change::Insert { relation, rows: rows(data), conflict }
}

fn commit(engine: &Engine, changes: Vec<Change>) -> engine::Result<engine::commit::Committed> {
    engine.commit(Commit { changes, ..Commit::default() }).wait()
}

fn open(memory: &Memory, definitions: Vec<Definition>) -> Engine {
    let recovery = Engine::recover(memory.open(), Options::default()).unwrap();
    recovery.finish(definitions).unwrap()
}

/// The first two columns of all rows, sorted.
fn read(engine: &Engine, relation: RelationId) -> Vec<(i64, i64)> {
    let snapshot = engine.snapshot().unwrap();
    let mut found = vec![];
    for batch in snapshot.rows(relation).unwrap().batches(None) {
        let batch = batch.unwrap();
        let column =
            |n: usize| batch.column(n).as_any().downcast_ref::<Int64Array>().unwrap().clone();
        found.extend(column(0).values().iter().copied().zip(column(1).values().iter().copied()));
    }
    found.sort_unstable();
    found
}

#[test]
fn views_follow_their_tables_and_streams() {
    let engine = open(&Memory::default(), vec![]);
    engine.commit(create(all())).wait().unwrap();
    let inserted = commit(
        &engine,
        vec![
            insert(TABLE, &[(1, 5), (2, 5), (3, 6)], OnConflict::Error),
            insert(STREAM, &[(1, 7), (1, 7)], OnConflict::Error),
        ],
    );
    assert_eq!(inserted.unwrap().applied.iter().map(|a| a.rows).collect::<Vec<_>>(), [3, 2]);
    assert_eq!(read(&engine, TABLE_VIEW), [(5, 2), (6, 1)]);
    assert_eq!(read(&engine, STREAM_VIEW), [(7, 2)]);
    let (old, new) = (rows(&[(1, 5)]), rows(&[(1, 6)]));
    commit(
        &engine,
        vec![
            Change::Update { relation: TABLE, old, new },
            Change::Delete { relation: TABLE, old: rows(&[(2, 5)]) },
        ],
    )
    .unwrap();
    assert_eq!(read(&engine, TABLE), [(1, 6), (3, 6)]);
    assert_eq!(read(&engine, TABLE_VIEW), [(6, 2)]);
    engine.shutdown().unwrap();
}

#[test]
fn a_view_created_after_the_data_equals_one_created_before() {
    let engine = open(&Memory::default(), vec![]);
    let mut definitions = all();
    let views = definitions.split_off(2);
    engine.commit(create(definitions)).wait().unwrap();
    let data: Vec<(i64, i64)> = (0..20_000).map(|n| (n, n % 7)).collect();
    commit(
        &engine,
        vec![insert(TABLE, &data, OnConflict::Error), insert(STREAM, &data, OnConflict::Error)],
    )
    .unwrap();
    engine.commit(create(views)).wait().unwrap();
    let expected: Vec<(i64, i64)> =
        (0..7).map(|v| (v, data.iter().filter(|row| row.1 == v).count() as i64)).collect();
    assert_eq!(read(&engine, TABLE_VIEW), expected);
    assert_eq!(read(&engine, STREAM_VIEW), expected);
    engine.shutdown().unwrap();
}

#[test]
fn a_commit_happens_wholly_or_not_at_all() {
    let engine = open(&Memory::default(), vec![]);
    engine.commit(create(all())).wait().unwrap();
    commit(&engine, vec![insert(TABLE, &[(1, 1)], OnConflict::Error)]).unwrap();
    let refused = commit(
        &engine,
        vec![
            insert(STREAM, &[(9, 9)], OnConflict::Error),
            insert(TABLE, &[(2, 2), (1, 3)], OnConflict::Error),
        ],
    );
    let refused = refused.unwrap_err();
    assert_eq!((refused.code(), refused.object()), ("23505", Some(TABLE)));
    assert_eq!(refused.detail(), Some("Key (k)=(1) already exists."));
    assert_eq!(read(&engine, TABLE), [(1, 1)]);
    assert_eq!(read(&engine, STREAM), []);
    engine.shutdown().unwrap();
}

#[test]
fn conflicts_are_ignored_or_overwritten_as_asked() {
    let engine = open(&Memory::default(), vec![]);
    engine.commit(create(all())).wait().unwrap();
    commit(&engine, vec![insert(TABLE, &[(1, 1)], OnConflict::Error)]).unwrap();
    let ignored =
        commit(&engine, vec![insert(TABLE, &[(1, 2), (2, 2), (2, 3)], OnConflict::Ignore)]);
    assert_eq!(ignored.unwrap().applied[0].kept, Some(vec![1]));
    assert_eq!(read(&engine, TABLE), [(1, 1), (2, 2)]);
    commit(&engine, vec![insert(TABLE, &[(1, 4), (1, 5)], OnConflict::Overwrite)]).unwrap();
    assert_eq!(read(&engine, TABLE), [(1, 5), (2, 2)]);
    assert_eq!(read(&engine, TABLE_VIEW), [(2, 1), (5, 1)]);
    engine.shutdown().unwrap();
}

#[test]
fn who_changes_a_row_that_has_changed_meanwhile_loses_the_race() {
    let engine = open(&Memory::default(), vec![]);
    engine.commit(create(all())).wait().unwrap();
    commit(&engine, vec![insert(TABLE, &[(1, 1)], OnConflict::Error)]).unwrap();
    let update =
        |to| Change::Update { relation: TABLE, old: rows(&[(1, 1)]), new: rows(&[(1, to)]) };
    commit(&engine, vec![update(2)]).unwrap();
    assert_eq!(commit(&engine, vec![update(3)]).unwrap_err().code(), "40001");
    let gone = vec![Change::Delete { relation: TABLE, old: rows(&[(5, 5)]) }];
    assert_eq!(commit(&engine, gone).unwrap_err().code(), "40001");
    let serial = Commit {
        changes: vec![insert(STREAM, &[(1, 1)], OnConflict::Error)],
        unchanged: Some((0, vec![TABLE])),
        ..Commit::default()
    };
    assert_eq!(engine.commit(serial).wait().unwrap_err().code(), "40001");
    engine.shutdown().unwrap();
}

#[test]
fn a_unique_index_refuses_what_is_there_and_what_goes_frees_it() {
    let engine = open(&Memory::default(), vec![]);
    engine.commit(create(all())).wait().unwrap();
    let index = Definition::Index { id: INDEX, relation: TABLE, columns: vec![1], unique: true };
    engine.commit(create(vec![index.clone()])).wait().unwrap();
    commit(&engine, vec![insert(TABLE, &[(1, 1)], OnConflict::Error)]).unwrap();
    let refused = commit(&engine, vec![insert(TABLE, &[(2, 1)], OnConflict::Error)]).unwrap_err();
    assert_eq!((refused.code(), refused.object()), ("23505", Some(INDEX)));
    commit(
        &engine,
        vec![
            Change::Delete { relation: TABLE, old: rows(&[(1, 1)]) },
            insert(TABLE, &[(2, 1)], OnConflict::Error),
        ],
    )
    .unwrap();
    let keys: ArrayRef = Arc::new(Int64Array::from(vec![1]));
    let keys = RecordBatch::try_from_iter([("v", keys)]).unwrap();
    assert_eq!(engine.probe(TABLE, Some(INDEX), &keys).unwrap().unwrap().1.num_rows(), 1);
    let drop_index = CatalogChange { transaction: 2, create: vec![], drop: vec![INDEX] };
    engine.commit(Commit { catalog: Some(drop_index), ..Commit::default() }).wait().unwrap();
    commit(&engine, vec![insert(TABLE, &[(3, 1)], OnConflict::Error)]).unwrap();
    assert_eq!(engine.commit(create(vec![index])).wait().unwrap_err().code(), "23505");
    engine.shutdown().unwrap();
}

#[test]
fn what_was_committed_is_there_after_a_restart_with_and_without_an_epoch() {
    let memory = Memory::default();
    let engine = open(&memory, vec![]);
    engine.commit(create(all())).wait().unwrap();
    for n in 0..30 {
        let data = [(n, n % 3), (n + 100, n % 5)];
        commit(
            &engine,
            vec![insert(TABLE, &data, OnConflict::Error), insert(STREAM, &data, OnConflict::Error)],
        )
        .unwrap();
        if n == 10 || n == 20 {
            engine.checkpoint().unwrap();
        }
        if n == 15 {
            commit(&engine, vec![Change::Delete { relation: TABLE, old: rows(&[(3, 0)]) }])
                .unwrap();
        }
    }
    let before = [TABLE, STREAM, TABLE_VIEW, STREAM_VIEW].map(|id| read(&engine, id));
    let tick = engine.tick();
    // Not shut down: what is in memory is simply left behind, as by a kill.
    let again = open(&memory, all());
    assert_eq!([TABLE, STREAM, TABLE_VIEW, STREAM_VIEW].map(|id| read(&again, id)), before);
    assert_eq!(again.tick(), tick);
    commit(&again, vec![insert(STREAM, &[(1, 1)], OnConflict::Error)]).unwrap();
    let positions: Vec<i64> = {
        let snapshot = again.snapshot().unwrap();
        let batches = snapshot.rows(STREAM).unwrap().batches(Some(&[2]));
        let column = |batch: RecordBatch| {
            batch.column(0).as_any().downcast_ref::<Int64Array>().unwrap().values().to_vec()
        };
        batches.flat_map(|batch| column(batch.unwrap())).collect()
    };
    assert_eq!(positions, (1..=61).collect::<Vec<_>>());
    again.shutdown().unwrap();
    let last = open(&memory, all());
    assert_eq!(read(&last, STREAM).len(), 61);
    last.shutdown().unwrap();
}

#[test]
fn a_subscriber_hears_every_change_and_can_go_on_where_it_was() {
    let engine = open(&Memory::default(), vec![]);
    engine.commit(create(all())).wait().unwrap();
    commit(&engine, vec![insert(TABLE, &[(1, 1)], OnConflict::Error)]).unwrap();
    let mut heard = engine.subscribe(TABLE_VIEW, None).unwrap();
    assert_eq!(heard.snapshot.as_ref().unwrap().len(), 1);
    let from = heard.tick;
    commit(&engine, vec![insert(TABLE, &[(2, 1)], OnConflict::Error)]).unwrap();
    commit(&engine, vec![insert(TABLE, &[(3, 2)], OnConflict::Error)]).unwrap();
    let (tick, delta) = futures::executor::block_on(heard.next()).unwrap();
    assert_eq!((tick, delta.weights_iter().sum::<i64>(), delta.len()), (from + 1, 0, 2));
    let mut later = engine.subscribe(TABLE_VIEW, Some(from + 1)).unwrap();
    assert!(later.snapshot.is_none());
    let (tick, delta) = futures::executor::block_on(later.next()).unwrap();
    assert_eq!((tick, delta.len()), (from + 2, 1));
    assert_eq!(engine.subscribe(TABLE_VIEW, Some(from + 99)).err().unwrap().code(), "22023");
    engine.shutdown().unwrap();
}

#[test]
fn writers_at_once_lose_nothing() {
    let engine = open(&Memory::default(), vec![]);
    engine.commit(create(all())).wait().unwrap();
    std::thread::scope(|scope| {
        for writer in 0..4 {
            let engine = &engine;
            scope.spawn(move || {
                for n in 0..200 {
                    let data = [(writer * 1_000 + n, writer)];
                    commit(engine, vec![insert(TABLE, &data, OnConflict::Error)]).unwrap();
                }
            });
        }
    });
    assert_eq!(read(&engine, TABLE_VIEW), [(0, 200), (1, 200), (2, 200), (3, 200)]);
    engine.shutdown().unwrap();
    assert_eq!(commit(&engine, vec![]).unwrap_err().code(), "57P01");
}

#[test]
fn rows_of_a_source_its_rejected_ones_and_its_position_are_one() {
    let memory = Memory::default();
    let source = || vec![Definition::Stream { id: STREAM, schema: stream_schema() }];
    let wrong = || {
        let text = |text: &str| -> ArrayRef { Arc::new(StringArray::from(vec![text])) };
        let number: ArrayRef = Arc::new(Int32Array::from(vec![0]));
        let columns = vec![number, text("22P02"), text("not a number"), text("x"), text("line 2")];
        RecordBatch::try_new(engine::rejected_schema(), columns).unwrap()
    };
    let place =
        |place: &[u8]| Position { relation: STREAM, part: "a.csv".into(), place: place.to_vec() };
    let feed = |engine: &Engine, bytes: &[u8]| {
        let refused = Change::Insert {
            relation: rejected(STREAM),
            rows: wrong(),
            conflict: OnConflict::Error,
        };
        let changes = vec![insert(STREAM, &[(1, 2)], OnConflict::Error), refused];
        let positions = vec![place(bytes)];
        engine.commit(Commit { changes, positions, ..Commit::default() }).wait()
    };
    let failures =
        |engine: &Engine| engine.snapshot().unwrap().rows(engine::FAILURES).unwrap().len();
    let engine = open(&memory, vec![]);
    engine.commit(create(source())).wait().unwrap();
    feed(&engine, b"10").unwrap();
    feed(&engine, b"20").unwrap();
    assert_eq!(failures(&engine), 2);
    drop(engine);
    // From the log, then from an epoch.
    for _ in 0..2 {
        let engine = open(&memory, source());
        assert_eq!(read(&engine, STREAM), [(1, 2), (1, 2)]);
        assert_eq!(engine.positions(STREAM), [place(b"20")]);
        assert_eq!((failures(&engine), engine.failures().len()), (2, 2));
        engine.shutdown().unwrap();
    }
    let engine = open(&memory, source());
    let change = CatalogChange { transaction: 2, create: vec![], drop: vec![STREAM] };
    engine.commit(Commit { catalog: Some(change), ..Commit::default() }).wait().unwrap();
    assert_eq!((failures(&engine), engine.positions(STREAM)), (0, vec![]));
    assert_eq!(feed(&engine, b"30").unwrap_err().code(), "40001");
    let positions = vec![place(b"30")];
    let late = engine.commit(Commit { positions, ..Commit::default() }).wait();
    assert_eq!(late.unwrap_err().code(), "40001");
    engine.shutdown().unwrap();
    let engine = open(&memory, vec![]);
    assert_eq!((failures(&engine), engine.positions(STREAM)), (0, vec![]));
}

#[test]
fn what_follows_a_refused_commit_is_refused() {
    let memory = Memory::default();
    let engine = open(&memory, vec![]);
    let stream = vec![Definition::Stream { id: STREAM, schema: stream_schema() }];
    engine.commit(create(stream)).wait().unwrap();
    let place =
        |place: &[u8]| Position { relation: STREAM, part: "a.csv".into(), place: place.to_vec() };
    let submit = |relation, from: &[u8], to: &[u8]| {
        let changes = vec![insert(relation, &[(1, 2)], OnConflict::Error)];
        let (follows, positions) = (vec![place(from)], vec![place(to)]);
        engine.commit(Commit { changes, follows, positions, ..Commit::default() })
    };
    let code = |pending: Pending| pending.wait().err().map(|error| error.code());
    assert_eq!(code(submit(STREAM, b"9", b"10")), Some("40001"));
    assert_eq!(code(submit(STREAM, b"", b"10")), None);
    // One after the other, before any is answered, in one frame or in several.
    for round in 1..50_u8 {
        let (here, there, beyond) = ([round * 3], [round * 3 + 1], [round * 3 + 2]);
        assert_eq!(code(submit(STREAM, &engine.positions(STREAM)[0].place, &here)), None);
        let gone = RelationId(9_999);
        let refused = [submit(gone, &here, &there), submit(STREAM, &there, &beyond)];
        assert_eq!(refused.map(code), [Some("40001"); 2]);
        let taken = [submit(STREAM, &here, &there), submit(STREAM, &there, &beyond)];
        assert_eq!(taken.map(code), [None; 2]);
        assert_eq!(engine.positions(STREAM), [place(&beyond)]);
    }
    assert_eq!(read(&engine, STREAM).len(), 1 + 3 * 49);
}
