//! Rows against a model: a plain list of rows, under random changes.
use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray,
};
use arrow::datatypes::{DataType, Field, Float64Type, Int64Type, Schema, SchemaRef};

use super::*;
use crate::{Delta, ErrorKind};

/// A row as the model has it; floats by their bits.
pub(super) type Row = (Option<i64>, Option<String>, Option<u64>, Option<bool>);

/// Numbers that are the same in every run, and whether to make NULLs.
pub(super) struct Random(pub(super) u64, bool);

impl Random {
    pub(super) fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (((mixed ^ (mixed >> 31)) >> 32) as usize) % limit
    }

    fn maybe<T>(&mut self, value: T) -> Option<T> {
        (!self.1 || self.below(5) > 0).then_some(value)
    }

    fn key(&mut self, keys: usize) -> Option<i64> {
        let key = self.below(keys) as i64;
        if key == 0 && self.1 { None } else { Some(key) }
    }

    /// A row without a key.
    fn rest(&mut self, key: Option<i64>) -> Row {
        let float = [0.0, -0.0, f64::NAN, 2.5][self.below(4)];
        let text = "x".repeat(self.below(3)) + ["tide", "mill", ""][self.below(3)];
        let flag = self.below(2) == 0;
        (key, self.maybe(text), self.maybe(float.to_bits()), self.maybe(flag))
    }
}

pub(super) fn schema() -> SchemaRef {
    Arc::new(Schema::new(vec![
        Field::new("k", DataType::Int64, true),
        Field::new("name", DataType::Utf8, true),
        Field::new("x", DataType::Float64, true),
        Field::new("flag", DataType::Boolean, true),
    ]))
}

pub(super) fn batch(rows: &[Row]) -> RecordBatch {
    let floats = rows.iter().map(|row| row.2.map(f64::from_bits));
    let columns: Vec<ArrayRef> = vec![
        Arc::new(rows.iter().map(|row| row.0).collect::<Int64Array>()),
        Arc::new(rows.iter().map(|row| row.1.clone()).collect::<StringArray>()),
        Arc::new(floats.collect::<Float64Array>()),
        Arc::new(rows.iter().map(|row| row.3).collect::<BooleanArray>()),
    ];
    RecordBatch::try_new(schema(), columns).unwrap()
}

pub(super) fn read(batch: &RecordBatch) -> Vec<Row> {
    let (k, name) =
        (batch.column(0).as_primitive::<Int64Type>(), batch.column(1).as_string::<i32>());
    let (x, flag) = (batch.column(2).as_primitive::<Float64Type>(), batch.column(3).as_boolean());
    (0..batch.num_rows())
        .map(|row| {
            (
                k.is_valid(row).then(|| k.value(row)),
                name.is_valid(row).then(|| name.value(row).to_owned()),
                x.is_valid(row).then(|| x.value(row).to_bits()),
                flag.is_valid(row).then(|| flag.value(row)),
            )
        })
        .collect()
}

pub(super) fn delta(changes: &[(Row, i64)]) -> Delta {
    let rows: Vec<Row> = changes.iter().map(|(row, _)| row.clone()).collect();
    let weights: Int64Array = changes.iter().map(|(_, weight)| *weight).collect();
    Delta::new(batch(&rows), weights).unwrap()
}

pub(super) fn sorted(mut rows: Vec<Row>) -> Vec<Row> {
    rows.sort();
    rows
}

pub(super) fn contents(snapshot: &Snapshot) -> Vec<Row> {
    let mut rows = Vec::new();
    for batch in snapshot.batches(None) {
        let batch = batch.unwrap();
        assert!(batch.num_rows() <= CHUNK_ROWS && batch.num_rows() > 0);
        rows.extend(read(&batch));
    }
    assert_eq!(rows.len(), snapshot.len());
    sorted(rows)
}

/// Rows, their model, and snapshots with what they must show.
pub(super) struct World {
    pub(super) rows: Rows,
    pub(super) model: Vec<Row>,
    pub(super) random: Random,
    snapshots: Vec<(Snapshot, Vec<Row>)>,
    keys: usize,
}

impl World {
    pub(super) fn new(seed: u64, key: Key, keys: usize) -> Self {
        let mut rows = Rows::new(schema(), key, seed).unwrap();
        rows.add_index(vec![1], false, false).unwrap();
        rows.add_index(vec![0, 3], false, true).unwrap();
        Self {
            rows,
            model: Vec::new(),
            random: Random(seed, seed.is_multiple_of(2)),
            snapshots: Vec::new(),
            keys,
        }
    }

    fn unique(&self) -> bool {
        matches!(self.rows.key(), Key::Unique(_))
    }

    /// Random rows that can be inserted.
    fn insertions(&mut self, size: usize) -> Vec<Row> {
        let before = self.model.len();
        for _ in 0..self.random.below(size) {
            let key = self.random.key(self.keys);
            let row = self.random.rest(key);
            if !self.unique() || self.model.iter().all(|other| other.0 != key) {
                self.model.push(row);
            }
        }
        self.model[before..].to_vec()
    }

    /// Random retractions of what is there, and insertions.
    pub(super) fn changes(&mut self, size: usize) -> Vec<(Row, i64)> {
        let mut weights: BTreeMap<Row, i64> = BTreeMap::new();
        for _ in 0..self.random.below(size) {
            if !self.model.is_empty() {
                let gone = self.random.below(self.model.len());
                let gone = self.model.swap_remove(gone);
                if self.random.below(2) == 0 {
                    let new = self.random.rest(gone.0);
                    self.model.push(new.clone());
                    *weights.entry(new).or_default() += 1;
                }
                *weights.entry(gone).or_default() -= 1;
            }
        }
        for row in self.insertions(size) {
            *weights.entry(row).or_default() += 1;
        }
        let mut changes: Vec<(Row, i64)> =
            weights.into_iter().filter(|(_, weight)| *weight != 0).collect();
        // Old and new of a key side by side, or in two lists, or anywhere.
        match self.random.below(3) {
            0 => {}
            1 => changes.sort_by_key(|(row, weight)| (*weight > 0, row.0)),
            _ => {
                for last in (1..changes.len()).rev() {
                    changes.swap(last, self.random.below(last + 1));
                }
            }
        }
        changes
    }

    pub(super) fn step(&mut self) {
        match self.random.below(12) {
            0 => self.snapshot(),
            1 => self.refuse(),
            2 | 3 => {
                let budget = self.random.below(300);
                assert!(self.rows.compact(budget).unwrap() <= budget);
            }
            4 => {
                let rows = self.insertions(300);
                self.rows.apply(&Delta::inserted(batch(&rows))).unwrap();
            }
            size => {
                let changes = self.changes(if size == 5 { 400 } else { 40 });
                self.rows.apply(&delta(&changes)).unwrap();
            }
        }
        assert_eq!(self.rows.len(), self.model.len());
    }

    /// A delta of which one part cannot be must change nothing.
    fn refuse(&mut self) {
        let before = self.model.clone();
        let mut changes = self.changes(30);
        self.model = before;
        let at = self.random.below(changes.len() + 1);
        let strange = (Some(-1), Some("strange".to_owned()), Some(1), Some(true));
        changes.insert(at, (strange, -1));
        let error = self.rows.apply(&delta(&changes)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Internal);
        if let Some(taken) = self.model.iter().find(|_| self.unique()).cloned() {
            let mut changes: Vec<_> = changes.into_iter().filter(|change| change.1 < 0).collect();
            changes.retain(|change| change.0.0 != Some(-1) && change.0 != taken);
            let mut other = taken;
            other.1 = Some("another".to_owned());
            changes.push((other, 1));
            let error = self.rows.apply(&delta(&changes)).unwrap_err();
            assert_eq!(error.message(), "a row's key is taken already");
        }
        self.verify();
    }

    fn snapshot(&mut self) {
        if self.snapshots.len() == 4 {
            let gone = self.random.below(4);
            self.snapshots.swap_remove(gone);
        }
        self.snapshots.push((self.rows.snapshot().unwrap(), sorted(self.model.clone())));
        for (older, old_rows) in &self.snapshots {
            assert_eq!(&contents(older), old_rows, "a snapshot has changed");
        }
        let (newer, new_rows) = self.snapshots.last().unwrap();
        for (older, old_rows) in &self.snapshots {
            let mut rows = Rows::new(schema(), self.rows.key().clone(), 3).unwrap();
            rows.apply(&Delta::inserted(batch(old_rows))).unwrap();
            for delta in difference(older, newer) {
                rows.apply(&delta.unwrap()).unwrap();
            }
            assert_eq!(&contents(&rows.snapshot().unwrap()), new_rows);
        }
    }

    /// Everything that can be asked gives what the model has.
    pub(super) fn verify(&mut self) {
        assert_eq!(contents(&self.rows.snapshot().unwrap()), sorted(self.model.clone()));
        for _ in 0..20 {
            let key = self.random.key(self.keys);
            self.verify_probe(
                &self.rows.indexes[2],
                |row| (row.0, row.3) == (key, Some(true)),
                &[Arc::new(Int64Array::from(vec![key])), Arc::new(BooleanArray::from(vec![true]))],
            );
            if self.unique() {
                self.verify_probe(
                    &self.rows.indexes[0],
                    |row| row.0 == key,
                    &[Arc::new(Int64Array::from(vec![key]))],
                );
            }
        }
        for name in [None, Some("tide"), Some("xmill"), Some("")] {
            let is = |row: &Row| row.1.as_deref() == name && name.is_some();
            self.verify_probe(
                &self.rows.indexes[1],
                is,
                &[Arc::new(StringArray::from(vec![name]))],
            );
        }
        let located = self.rows.locate(&batch(&self.model)).unwrap();
        let places: Vec<u64> = located.into_iter().map(|place| place.unwrap()).collect();
        assert_eq!(read(&self.rows.gather(&places, None).unwrap()), self.model);
        let mut distinct = places.clone();
        distinct.sort_unstable();
        distinct.dedup();
        assert_eq!(distinct.len(), places.len());
        for (_, index) in &self.rows.indexes {
            let (kept, counted) = index.posting_bytes();
            assert_eq!(kept, counted);
        }
    }

    fn verify_probe(
        &self,
        (id, _): &(IndexId, index::Index),
        is: impl Fn(&Row) -> bool,
        keys: &[ArrayRef],
    ) {
        let expected: Vec<Row> = self.model.iter().filter(|row| is(row)).cloned().collect();
        let matches = self.rows.probe(*id, keys).unwrap();
        assert!(matches.places.is_sorted());
        let found = read(&self.rows.gather(&matches.places, None).unwrap());
        assert_eq!(sorted(found), sorted(expected));
        let one = self.rows.find(*id, keys).unwrap();
        assert_eq!(one, vec![matches.places.last().copied()]);
    }
}

fn run(key: Key, keys: usize, steps: usize) {
    for seed in 0..4 {
        let mut world = World::new(seed, key.clone(), keys);
        for step in 0..steps {
            world.step();
            if step % 20 == 0 {
                world.verify();
            }
        }
        world.verify();
    }
}

#[test]
fn bags_are_what_the_model_says() {
    run(Key::Bag, 40, 120);
}

#[test]
fn bags_with_few_keys_are_what_the_model_says() {
    run(Key::Bag, 2, 120);
}

#[test]
fn keyed_rows_are_what_the_model_says() {
    run(Key::Unique(vec![0]), 1000, 120);
}

#[test]
fn keyed_rows_are_found_by_their_key_alone() {
    for seed in 10..14 {
        let mut world = World::new(seed, Key::Unique(vec![0]), 1000);
        world.rows.is_strict = false;
        (0..120).for_each(|_| world.step());
        world.verify();
    }
}

#[test]
fn copies_of_a_long_row_do_not_make_a_large_chunk() {
    let mut rows = Rows::new(schema(), Key::Bag, 1).unwrap();
    let long = (Some(1), Some("a".repeat(CHUNK_BYTES_MAX / 2)), None, None);
    rows.apply(&delta(&[(long, 20)])).unwrap();
    assert!(rows.store.slots.len() >= 6, "{}", rows.store.slots.len());
}

#[test]
fn compaction_frees_chunks_whatever_its_budget() {
    for budget in [1, 3, CHUNK_ROWS / 2, CHUNK_ROWS, 10 * CHUNK_ROWS] {
        let mut world = World::new(1, Key::Bag, 10_000);
        let rows: Vec<Row> =
            (0..20 * CHUNK_ROWS as i64).map(|key| (Some(key), None, None, None)).collect();
        world.rows.apply(&Delta::inserted(batch(&rows))).unwrap();
        let (kept, gone): (Vec<Row>, Vec<Row>) =
            rows.into_iter().partition(|row| row.0.unwrap() % 4 == 0);
        world.rows.apply(&Delta::retracted(batch(&gone))).unwrap();
        world.model = kept;
        let before = world.rows.store.chunks;
        let mut rounds = 0;
        while world.rows.compact(budget).unwrap() > 0 {
            rounds += 1;
            if rounds % 200 == 1 {
                world.verify();
            }
        }
        world.verify();
        assert!(world.rows.store.chunks <= before / 2, "{}", world.rows.store.chunks);
    }
}

#[test]
fn rows_that_are_all_replaced_do_not_pile_up() {
    let mut rows = Rows::new(schema(), Key::Unique(vec![0]), 1).unwrap();
    let row = |key: usize, x: u64| (Some(key as i64), None, Some(x), None);
    // One row that never changes would hold all numbers of later chunks.
    rows.apply(&delta(&[(row(0, 0), 1)])).unwrap();
    for round in 1..300 {
        let mut changes: Vec<(Row, i64)> = (1..100).map(|key| (row(key, round), 1)).collect();
        if round > 1 {
            changes.extend((1..100).map(|key| (row(key, round - 1), -1)));
        }
        rows.apply(&delta(&changes)).unwrap();
        rows.compact(300).unwrap();
        assert!(rows.store.slots.len() < 80, "{}", rows.store.slots.len());
        assert!(rows.store.chunks < 4);
    }
    assert_eq!(rows.len(), 100);
}

#[test]
fn long_strings_seal_chunks_early() {
    let mut rows = Rows::new(schema(), Key::Bag, 1).unwrap();
    let long: Vec<Row> =
        (0..50).map(|key| (Some(key), Some("y".repeat(1500)), None, None)).collect();
    rows.apply(&Delta::inserted(batch(&long))).unwrap();
    assert!(rows.store.chunks > 10);
    assert_eq!(contents(&rows.snapshot().unwrap()), sorted(long.clone()));
    let doubled: Vec<(Row, i64)> = long.iter().map(|row| (row.clone(), 2)).collect();
    rows.apply(&delta(&doubled)).unwrap();
    rows.apply(&delta(&doubled).negate()).unwrap();
    assert_eq!(contents(&rows.snapshot().unwrap()), sorted(long.clone()));
    rows.apply(&Delta::retracted(batch(&long))).unwrap();
    assert!(rows.is_empty());
    assert_eq!(rows.store.chunks, 0);
}

#[test]
fn a_row_is_retracted_by_all_its_columns() {
    let mut rows = Rows::new(schema(), Key::Unique(vec![0]), 1).unwrap();
    rows.is_strict = true;
    let one = |x| (Some(1), None, Some(f64::to_bits(x)), None);
    rows.apply(&delta(&[(one(1.0), 1)])).unwrap();
    assert!(rows.apply(&delta(&[(one(2.0), -1)])).is_err());
    rows.apply(&delta(&[(one(2.0), 1), (one(1.0), -1)])).unwrap();
    assert_eq!(contents(&rows.snapshot().unwrap()), vec![one(2.0)]);
}

#[test]
fn a_replacement_that_a_second_index_refuses_is_undone() {
    let mut rows = Rows::new(schema(), Key::Unique(vec![0]), 1).unwrap();
    rows.add_index(vec![2], true, false).unwrap();
    let row = |key, x| (Some(key), None, Some(x), None);
    let first: Vec<_> = (0..40).map(|key| (row(key, key as u64), 1)).collect();
    rows.apply(&delta(&first)).unwrap();
    // All move on by 100, but the last one goes where another already is.
    let moved = |key: i64| row(key, if key == 39 { 100 } else { key as u64 + 100 });
    let changes: Vec<_> =
        (0..40).flat_map(|key| [(row(key, key as u64), -1), (moved(key), 1)]).collect();
    assert_eq!(rows.apply(&delta(&changes)).unwrap_err().code(), "23505");
    let all: Vec<Row> = first.iter().map(|(row, _)| row.clone()).collect();
    assert_eq!(contents(&rows.snapshot().unwrap()), all);
    assert!(rows.locate(&batch(&all)).unwrap().iter().all(Option::is_some));
    // A swap of what the second index holds is no conflict.
    let swap = [(row(1, 1), -1), (row(1, 2), 1), (row(2, 2), -1), (row(2, 1), 1)];
    rows.apply(&delta(&swap)).unwrap();
    assert_eq!(rows.len(), 40);
}

#[test]
fn a_row_that_its_own_delta_inserts_cannot_be_retracted() {
    let mut rows = Rows::new(schema(), Key::Unique(vec![0]), 1).unwrap();
    let row = |x| (Some(1), None, Some(x), None);
    rows.apply(&delta(&[(row(1), 1)])).unwrap();
    for again in [vec![(row(2), -1)], vec![(row(2), -1), (row(3), 1)]] {
        let changes = [vec![(row(1), -1), (row(2), 1)], again].concat();
        assert!(rows.apply(&delta(&changes)).is_err());
        assert_eq!(contents(&rows.snapshot().unwrap()), vec![row(1)]);
    }
}

#[test]
fn of_equal_rows_the_one_that_looks_the_same_goes() {
    let mut rows = Rows::new(schema(), Key::Bag, 1).unwrap();
    let one = |x| (Some(1), None, Some(f64::to_bits(x)), None);
    rows.apply(&delta(&[(one(0.0), 1), (one(-0.0), 1), (one(0.0), 1)])).unwrap();
    rows.apply(&delta(&[(one(-0.0), -1)])).unwrap();
    assert_eq!(contents(&rows.snapshot().unwrap()), vec![one(0.0), one(0.0)]);
    rows.apply(&delta(&[(one(-0.0), -2)])).unwrap();
    assert!(rows.is_empty());
}

#[test]
fn appended_rows_cannot_be_retracted() {
    let mut rows = Rows::new(schema(), Key::None, 1).unwrap();
    let one: Row = (Some(1), None, None, None);
    rows.apply(&delta(&[(one.clone(), 3)])).unwrap();
    assert!(rows.apply(&delta(&[(one.clone(), -1)])).is_err());
    assert_eq!(rows.len(), 3);
    assert_eq!(rows.compact(100).unwrap(), 0);
}

#[test]
fn a_unique_index_refuses_equal_rows_but_not_nulls() {
    let mut rows = Rows::new(schema(), Key::Unique(vec![0]), 1).unwrap();
    let named = |key: i64, name: Option<&str>| (Some(key), name.map(str::to_owned), None, None);
    let first = [(named(1, Some("a")), 1), (named(2, None), 1), (named(3, None), 1)];
    rows.apply(&delta(&first)).unwrap();
    let index = rows.add_index(vec![1], true, false).unwrap();
    let error = rows.apply(&delta(&[(named(4, None), 1), (named(5, Some("a")), 1)])).unwrap_err();
    assert_eq!(error.code(), "23505");
    assert_eq!(rows.len(), 3);
    rows.apply(&delta(&[(named(5, Some("a")), 1), (named(1, Some("a")), -1)])).unwrap();
    let keys: Vec<ArrayRef> = vec![Arc::new(StringArray::from(vec![Some("a"), None, Some("b")]))];
    let found = rows.find(index, &keys).unwrap();
    assert_eq!(found.iter().map(Option::is_some).collect::<Vec<_>>(), [true, false, false]);
    rows.drop_index(index);
    assert!(rows.find(index, &keys).is_err());
    rows.apply(&delta(&[(named(6, Some("a")), 1)])).unwrap();
    assert_eq!(rows.add_index(vec![1], true, false).unwrap_err().code(), "23505");
    assert_eq!(rows.indexes().count(), 1);
}

#[test]
fn weights_beyond_all_measure_change_nothing() {
    let mut rows = Rows::new(schema(), Key::Bag, 1).unwrap();
    let one: Row = (Some(1), None, None, None);
    rows.apply(&delta(&[(one.clone(), 3)])).unwrap();
    for weight in [i64::MIN, -4, i64::MAX] {
        assert!(rows.apply(&delta(&[(one.clone(), weight)])).is_err(), "{weight}");
        assert_eq!(rows.len(), 3);
    }
    rows.apply(&delta(&[(one.clone(), 0), (one, -3)])).unwrap();
    assert!(rows.is_empty());
}

#[test]
fn columns_of_other_types_are_refused() {
    let strange = Arc::new(Schema::new(vec![Field::new("a", DataType::UInt8, true)]));
    assert_eq!(Rows::new(strange, Key::Bag, 1).unwrap_err().code(), "0A000");
    let mut rows = Rows::new(schema(), Key::Bag, 1).unwrap();
    let other = Arc::new(Schema::new(vec![Field::new("a", DataType::Int64, true)]));
    let other = RecordBatch::try_new(other, vec![Arc::new(Int64Array::from(vec![1]))]).unwrap();
    assert!(rows.apply(&Delta::inserted(other)).is_err());
}

#[test]
fn retired_rows_are_the_oldest() {
    for key in [Key::None, Key::Bag, Key::Unique(vec![0])] {
        let mut rows = Rows::new(schema(), key, 1).unwrap();
        let index = rows.add_index(vec![3], false, true).unwrap();
        let all: Vec<Row> = (0..1000).map(|key| (Some(key), None, None, Some(true))).collect();
        // Few at once, so that they are copied and places have no gaps.
        for few in all.chunks(CHUNK_ROWS / 4) {
            rows.apply(&Delta::inserted(batch(few))).unwrap();
        }
        assert_eq!(rows.starts().len(), 1000usize.div_ceil(CHUNK_ROWS));
        for keep in [999, 500, 384, 3, 0] {
            let place = rows.starts()[0] + (rows.len() - keep) as u64;
            rows.retire(place).unwrap();
            assert_eq!(contents(&rows.snapshot().unwrap()), all[1000 - keep..]);
            let keys: Vec<ArrayRef> = vec![Arc::new(BooleanArray::from(vec![true]))];
            assert_eq!(rows.probe(index, &keys).unwrap().places.len(), keep);
            if keep == 0 {
                break;
            }
        }
        assert_eq!(rows.store.chunks, 0);
        rows.apply(&Delta::inserted(batch(&all))).unwrap();
        assert_eq!(contents(&rows.snapshot().unwrap()), all);
    }
}
