//! Rows of every type: found, retracted and stored by what PostgreSQL calls equal.
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, Float32Array, Float64Array, IntervalMonthDayNanoArray, ListArray, RecordBatch,
    StringArray,
};
use arrow::compute::concat_batches;
use arrow::datatypes::{Float64Type, IntervalMonthDayNano};

use super::*;
use crate::Delta;
use crate::codec::tests::{batch_of, columns};

fn rows_of(rows: &Rows) -> RecordBatch {
    let batches: Vec<RecordBatch> =
        rows.snapshot().unwrap().batches(None).map(|batch| batch.unwrap()).collect();
    concat_batches(&rows.schema(), &batches).unwrap()
}

#[test]
fn every_type_can_be_a_key() {
    for column in columns() {
        // The first three are different in every type.
        let column = column.slice(0, 3);
        let keys = batch_of(vec![column.clone()]);
        for key in [Key::Bag, Key::Unique(vec![0])] {
            let mut rows = Rows::new(keys.schema(), key, 1).unwrap();
            rows.apply(&Delta::inserted(keys.clone())).unwrap();
            // The tail first, then a sealed chunk.
            for _ in 0..2 {
                let found = rows.find(IndexId::PRIMARY, std::slice::from_ref(&column)).unwrap();
                assert!(found.iter().all(Option::is_some), "{}", column.data_type());
                let places: Vec<u64> = found.into_iter().flatten().collect();
                assert_eq!(rows.gather(&places, None).unwrap(), keys);
                assert_eq!(rows_of(&rows), keys);
                let first = rows.gather(&places[..1], Some(&[0])).unwrap();
                rows.apply(&Delta::retracted(first.clone())).unwrap();
                assert_eq!(rows.locate(&first).unwrap(), [None]);
                rows.apply(&Delta::retracted(keys.slice(1, 2))).unwrap();
                assert!(rows.is_empty());
                for _ in 0..CHUNK_ROWS / 8 {
                    rows.apply(&Delta::inserted(keys.clone())).unwrap();
                    rows.apply(&Delta::retracted(keys.clone())).unwrap();
                }
                rows.apply(&Delta::inserted(keys.clone())).unwrap();
            }
        }
    }
}

#[test]
fn every_type_survives_compaction() {
    let all = batch_of(columns());
    let mut rows = Rows::new(all.schema(), Key::Bag, 1).unwrap();
    for _ in 0..CHUNK_ROWS {
        rows.apply(&Delta::inserted(all.clone())).unwrap();
    }
    for _ in 0..CHUNK_ROWS - 1 {
        rows.apply(&Delta::retracted(all.clone())).unwrap();
        rows.compact(7).unwrap();
    }
    while rows.compact(100).unwrap() > 0 {}
    assert_eq!(rows.len(), 4);
    assert!(rows.locate(&all).unwrap().iter().all(Option::is_some));
    let image = rows.capture(&Image::default()).unwrap();
    let mut blobs = Vec::new();
    let put = &mut |bytes: &[u8]| {
        blobs.push(bytes.to_vec());
        Ok(storage::BlobId(blobs.len() as u64 - 1))
    };
    let image = image.write(put).unwrap();
    let get = &mut |blob: storage::BlobId| Ok(blobs[blob.0 as usize].clone());
    let restored = Rows::restore(all.schema(), Key::Bag, 1, &image, get).unwrap();
    assert_eq!(rows_of(&restored), rows_of(&rows));
}

/// Whether two one-row columns are one key, from either side, in the tail as in a chunk.
fn check(one: impl Array + 'static, two: impl Array + 'static, same: bool) {
    let (one, two): (ArrayRef, ArrayRef) = (Arc::new(one), Arc::new(two));
    for (stored, probe) in [(&one, &two), (&two, &one)] {
        let stored = batch_of(vec![stored.clone()]);
        let mut rows = Rows::new(stored.schema(), Key::None, 5).unwrap();
        let index = rows.add_index(vec![0], false, true).unwrap();
        for _ in 0..2 * CHUNK_ROWS + 1 {
            rows.apply(&Delta::inserted(stored.clone())).unwrap();
        }
        let found = rows.probe(index, std::slice::from_ref(probe)).unwrap().places.len();
        assert_eq!(found, if same { rows.len() } else { 0 }, "{one:?} {two:?}");
        let mut keyed = Rows::new(stored.schema(), Key::Unique(vec![0]), 5).unwrap();
        keyed.apply(&Delta::inserted(stored)).unwrap();
        assert_eq!(keyed.locate(&batch_of(vec![probe.clone()])).unwrap()[0].is_some(), same);
        let retracted = keyed.apply(&Delta::retracted(batch_of(vec![probe.clone()])));
        assert_eq!(retracted.is_ok(), same);
    }
}

#[test]
fn floats_are_equal_as_in_postgresql() {
    let negative = f64::from_bits(f64::NAN.to_bits() | 1 << 63 | 5);
    check(Float64Array::from(vec![0.0]), Float64Array::from(vec![-0.0]), true);
    check(Float64Array::from(vec![f64::NAN]), Float64Array::from(vec![negative]), true);
    check(Float64Array::from(vec![1.0]), Float64Array::from(vec![1.0 + f64::EPSILON]), false);
    check(Float32Array::from(vec![0.0]), Float32Array::from(vec![-0.0]), true);
    check(Float32Array::from(vec![f32::NAN]), Float32Array::from(vec![-f32::NAN]), true);
    check(Float64Array::from(vec![None]), Float64Array::from(vec![f64::NAN]), false);
    check(Float64Array::from(vec![None]), Float64Array::from(vec![None]), true);
}

#[test]
fn intervals_are_equal_by_their_length() {
    let interval = |months, days, nanoseconds| {
        let value = IntervalMonthDayNano::new(months, days, nanoseconds);
        IntervalMonthDayNanoArray::from(vec![value])
    };
    check(interval(1, 0, 0), interval(0, 30, 0), true);
    check(interval(0, 1, 0), interval(0, 0, 86_400_000_000_000), true);
    check(interval(1, -30, 0), interval(0, 0, 0), true);
    check(interval(1, 0, 0), interval(0, 31, 0), false);
}

#[test]
fn lists_are_equal_by_their_items() {
    let list = |items: Vec<Option<f64>>| {
        ListArray::from_iter_primitive::<Float64Type, _, _>(vec![Some(items)])
    };
    check(list(vec![Some(0.0), None]), list(vec![Some(-0.0), None]), true);
    check(list(vec![Some(1.0), None]), list(vec![Some(1.0)]), false);
    check(list(vec![Some(1.0)]), list(vec![None]), false);
    check(list(vec![]), list(vec![]), true);
}

#[test]
fn strings_are_equal_by_their_bytes() {
    check(StringArray::from(vec!["a"]), StringArray::from(vec!["a "]), false);
    check(StringArray::from(vec![""]), StringArray::from(vec![None::<&str>]), false);
    check(StringArray::from(vec!["ä"]), StringArray::from(vec!["ä"]), true);
}
