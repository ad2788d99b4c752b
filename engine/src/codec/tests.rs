//! The codec's promises: round trips, one form, no panic on any bytes.
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, BinaryArray, BooleanArray, Date32Array, Decimal128Array, FixedSizeBinaryArray,
    Float32Array, Float64Array, Int16Array, Int32Array, Int64Array, IntervalMonthDayNanoArray,
    ListArray, RecordBatch, RecordBatchOptions, StringArray, Time64MicrosecondArray,
    TimestampMicrosecondArray, new_null_array,
};
use arrow::buffer::{NullBuffer, ScalarBuffer};
use arrow::compute::concat_batches;
use arrow::datatypes::{DataType, Field, Int32Type, IntervalMonthDayNano, Schema, SchemaRef};

use super::*;
use crate::{ErrorKind, Result};

/// A column of every type, each with a NULL, an ordinary and an extreme value.
pub(crate) fn columns() -> Vec<ArrayRef> {
    let interval = IntervalMonthDayNano::new(-1, 2, i64::MIN);
    vec![
        Arc::new(BooleanArray::from(vec![Some(true), None, Some(false), Some(true)])),
        Arc::new(Int16Array::from(vec![Some(i16::MIN), None, Some(2), Some(3)])),
        Arc::new(Int32Array::from(vec![Some(i32::MAX), None, Some(2), Some(3)])),
        Arc::new(Int64Array::from(vec![Some(i64::MIN), None, Some(2), Some(3)])),
        Arc::new(Float32Array::from(vec![Some(f32::NAN), None, Some(-0.0), Some(3.5)])),
        Arc::new(Float64Array::from(vec![Some(f64::INFINITY), None, Some(-0.0), Some(3.5)])),
        Arc::new(
            Decimal128Array::from(vec![Some(i128::MAX), None, Some(-2), Some(3)])
                .with_data_type(DataType::Decimal128(38, 16)),
        ),
        Arc::new(StringArray::from(vec![Some("tide"), None, Some(""), Some("mühle")])),
        Arc::new(BinaryArray::from(vec![Some(&b"\xff\x00"[..]), None, Some(b""), Some(b"a")])),
        Arc::new(Date32Array::from(vec![Some(i32::MAX), None, Some(0), Some(1)])),
        Arc::new(Time64MicrosecondArray::from(vec![Some(0), None, Some(86_399_999_999), Some(1)])),
        Arc::new(TimestampMicrosecondArray::from(vec![Some(i64::MAX), None, Some(0), Some(1)])),
        Arc::new(
            TimestampMicrosecondArray::from(vec![Some(i64::MIN), None, Some(0), Some(1)])
                .with_timezone("UTC"),
        ),
        Arc::new(IntervalMonthDayNanoArray::from(vec![
            Some(interval),
            None,
            Some(IntervalMonthDayNano::ZERO),
            Some(IntervalMonthDayNano::new(i32::MAX, i32::MIN, 7)),
        ])),
        Arc::new(
            FixedSizeBinaryArray::try_from_sparse_iter_with_size(
                [Some([7u8; 16]), None, Some([0; 16]), Some([255; 16])].into_iter(),
                16,
            )
            .unwrap(),
        ),
        Arc::new(ListArray::from_iter_primitive::<Int32Type, _, _>(vec![
            Some(vec![Some(1), None, Some(3)]),
            None,
            Some(vec![]),
            Some(vec![Some(4)]),
        ])),
    ]
}

pub(crate) fn batch_of(columns: Vec<ArrayRef>) -> RecordBatch {
    let fields: Vec<Field> = columns
        .iter()
        .enumerate()
        .map(|(n, column)| Field::new(format!("c{n}"), column.data_type().clone(), true))
        .collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).unwrap()
}

fn encode(batch: &RecordBatch) -> Vec<u8> {
    let mut bytes = Vec::new();
    write_batch(batch, &mut bytes).unwrap();
    bytes
}

fn decode(schema: &SchemaRef, bytes: &[u8]) -> RecordBatch {
    let mut input = bytes;
    let batch = read_batch(schema, &mut input).unwrap();
    assert!(input.is_empty(), "{} bytes were left", input.len());
    batch
}

#[test]
fn every_type_reads_back() {
    for column in columns() {
        let batch = batch_of(vec![column]);
        assert_eq!(decode(&batch.schema(), &encode(&batch)), batch);
    }
    let all = batch_of(columns());
    assert_eq!(decode(&all.schema(), &encode(&all)), all);
}

#[test]
fn slices_read_back_as_what_they_show() {
    let all = batch_of(columns());
    let twice = concat_batches(&all.schema(), [&all, &all]).unwrap();
    for offset in 0..=twice.num_rows() {
        for length in 0..=twice.num_rows() - offset {
            let slice = twice.slice(offset, length);
            let bytes = encode(&slice);
            assert_eq!(decode(&all.schema(), &bytes), slice, "{offset}, {length}");
            // The same rows in arrays of their own give the same bytes.
            let rebuilt = decode(&all.schema(), &bytes);
            assert_eq!(encode(&rebuilt), bytes, "{offset}, {length}");
        }
    }
}

#[test]
fn what_stands_under_a_null_is_not_written() {
    let nulls = || Some(NullBuffer::from(vec![true, false]));
    let one = Int64Array::new(ScalarBuffer::from(vec![1, 99]), nulls());
    let two = Int64Array::new(ScalarBuffer::from(vec![1, 0]), nulls());
    assert_eq!(encode(&batch_of(vec![Arc::new(one)])), encode(&batch_of(vec![Arc::new(two)])));
    let items = |values: Vec<i32>, ends: Vec<usize>| -> ArrayRef {
        let item = Arc::new(Field::new("item", DataType::Int32, true));
        let offsets = arrow::buffer::OffsetBuffer::from_lengths(ends);
        let nulls = Some(NullBuffer::from(vec![true, false, true]));
        Arc::new(ListArray::new(item, offsets, Arc::new(Int32Array::from(values)), nulls))
    };
    let hidden = batch_of(vec![items(vec![1, 7, 7, 2], vec![1, 2, 1])]);
    let plain = batch_of(vec![items(vec![1, 2], vec![1, 0, 1])]);
    assert_eq!(encode(&hidden), encode(&plain));
}

#[test]
fn a_bitmap_without_nulls_is_not_written() {
    let values = ScalarBuffer::from(vec![1, 2, 3]);
    let with = Int64Array::new(values.clone(), Some(NullBuffer::new_valid(3)));
    let without = Int64Array::new(values, None);
    assert_eq!(encode(&batch_of(vec![Arc::new(with)])), encode(&batch_of(vec![Arc::new(without)])));
}

#[test]
fn a_batch_without_columns_keeps_its_rows() {
    let options = RecordBatchOptions::new().with_row_count(Some(7));
    let batch = RecordBatch::try_new_with_options(Arc::new(Schema::empty()), vec![], &options);
    let batch = batch.unwrap();
    assert_eq!(decode(&batch.schema(), &encode(&batch)).num_rows(), 7);
}

#[test]
fn columns_of_nulls_take_a_bit_a_cell() {
    let columns = columns().iter().map(|column| new_null_array(column.data_type(), 800)).collect();
    let batch = batch_of(columns);
    let bytes = encode(&batch);
    assert!(bytes.len() < 16 * 104, "{} bytes", bytes.len());
    assert_eq!(decode(&batch.schema(), &bytes), batch);
}

#[test]
fn cells_that_are_all_the_same_are_written_once() {
    for column in columns() {
        for cell in 0..column.len() {
            let take = arrow::array::UInt32Array::from_value(cell as u32, 1_000);
            let batch = batch_of(vec![arrow::compute::take(&column, &take, None).unwrap()]);
            let bytes = encode(&batch);
            assert_eq!(decode(&batch.schema(), &bytes), batch);
            let plain = matches!(column.data_type(), DataType::Boolean | DataType::List(_));
            assert!(plain || bytes.len() < 40, "{}: {}", column.data_type(), bytes.len());
            for length in 0..bytes.len() {
                assert!(read_batch(&batch.schema(), &mut &bytes[..length]).is_err());
            }
        }
    }
    // Equal, but not the same.
    let zeros = (0..100).map(|n| if n == 50 { -0.0 } else { 0.0 });
    let zeros = batch_of(vec![Arc::new(Float64Array::from_iter_values(zeros))]);
    let back = decode(&zeros.schema(), &encode(&zeros));
    assert_eq!(format!("{back:?}"), format!("{zeros:?}"));
}

#[test]
fn many_cells_from_few_bytes_are_bounded() {
    let schema = batch_of(vec![Arc::new(StringArray::from(vec!["tide"]))]).schema();
    for (rows, text) in [(1 << 21, 1), (1 << 20, 1_000), (3, 1)] {
        let mut bytes = vec![1];
        put_u64(&mut bytes, rows);
        put_u64(&mut bytes, 1);
        bytes.extend_from_slice(&[2, 0]);
        put_bytes(&mut bytes, &vec![b'x'; text]);
        let error = read_batch(&schema, &mut &bytes[..]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Corrupt);
    }
    let mut nested = vec![1, 100, 1];
    nested.extend_from_slice(&[2; 100_000]);
    let error = read_batch(&schema, &mut &nested[..]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Corrupt);
}

#[test]
fn other_types_are_refused() {
    let batch = batch_of(vec![Arc::new(arrow::array::UInt8Array::from(vec![1]))]);
    assert_eq!(write_batch(&batch, &mut Vec::new()).unwrap_err().code(), "0A000");
}

#[test]
fn several_batches_follow_one_another() {
    let all = batch_of(columns());
    let mut bytes = encode(&all);
    write_batch(&all.slice(1, 2), &mut bytes).unwrap();
    let mut input = &bytes[..];
    assert_eq!(read_batch(&all.schema(), &mut input).unwrap(), all);
    assert_eq!(read_batch(&all.schema(), &mut input).unwrap(), all.slice(1, 2));
    assert!(input.is_empty());
}

#[test]
fn every_shorter_input_is_corrupt() {
    let all = batch_of(columns());
    let bytes = encode(&all);
    for length in 0..bytes.len() {
        let error = read_batch(&all.schema(), &mut &bytes[..length]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Corrupt, "{length}: {error}");
    }
}

#[test]
fn changed_bytes_never_panic() {
    let all = batch_of(columns());
    let bytes = encode(&all);
    let mut corrupt = 0;
    for position in 0..bytes.len() {
        for change in [0x01, 0x10, 0x80, 0xff] {
            let mut changed = bytes.clone();
            changed[position] ^= change;
            if let Err(error) = read_batch(&all.schema(), &mut &changed[..]) {
                assert_eq!(error.kind(), ErrorKind::Corrupt, "{position}: {error}");
                corrupt += 1;
            }
        }
    }
    assert!(corrupt > 0);
}

#[test]
fn random_bytes_never_panic() {
    let all = batch_of(columns());
    let mut state = 7u64;
    for _ in 0..20_000 {
        let mut bytes = vec![1];
        let length = state % 40;
        for _ in 0..length {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            bytes.push((state >> 33) as u8);
        }
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(3);
        // Half of them get past the header.
        if length > 3 && state >> 63 == 0 {
            bytes[1] &= 0x0f;
            bytes[2] = all.num_columns() as u8;
        }
        if let Err(error) = read_batch(&all.schema(), &mut &bytes[..]) {
            assert_eq!(error.kind(), ErrorKind::Corrupt, "{error}");
        }
    }
}

#[test]
fn claimed_sizes_cost_no_memory() {
    let schema = batch_of(columns()).schema();
    let mut bytes = vec![1];
    put_u64(&mut bytes, i32::MAX as u64);
    put_u64(&mut bytes, 16);
    bytes.extend_from_slice(&[0; 64]);
    assert_eq!(read_batch(&schema, &mut &bytes[..]).unwrap_err().kind(), ErrorKind::Corrupt);
}

#[test]
fn nulls_where_none_may_be_are_corrupt() {
    let nullable = batch_of(vec![Arc::new(Int64Array::from(vec![Some(1), None]))]);
    let strict = Arc::new(Schema::new(vec![Field::new("c0", DataType::Int64, false)]));
    let error = read_batch(&strict, &mut &encode(&nullable)[..]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Corrupt);
}

#[test]
fn integers_read_back() {
    let numbers = [0, 1, 127, 128, 16_383, 16_384, u64::from(u32::MAX), u64::MAX - 1, u64::MAX];
    let mut bytes = Vec::new();
    numbers.iter().for_each(|number| put_u64(&mut bytes, *number));
    let signed = [0, -1, 1, i64::MIN, i64::MAX];
    signed.iter().for_each(|number| put_i64(&mut bytes, *number));
    put_bytes(&mut bytes, b"tide");
    put_bytes(&mut bytes, b"");
    let mut input = &bytes[..];
    numbers.iter().for_each(|number| assert_eq!(get_u64(&mut input).unwrap(), *number));
    signed.iter().for_each(|number| assert_eq!(get_i64(&mut input).unwrap(), *number));
    assert_eq!(get_bytes(&mut input).unwrap(), b"tide");
    assert_eq!(get_bytes(&mut input).unwrap(), b"");
    assert!(get_u8(&mut input).is_err());
}

#[test]
fn a_length_that_comes_later_reads_as_any_other() {
    for length in [0, 1, 127, 128, 70_000] {
        let mut bytes = vec![7];
        let put = |output: &mut Vec<u8>| -> Result<()> {
            output.resize(output.len() + length, 9);
            Ok(())
        };
        put_within(&mut bytes, put).unwrap();
        let mut input = &bytes[1..];
        assert_eq!(get_bytes(&mut input).unwrap(), vec![9; length]);
        assert!(input.is_empty());
    }
}

#[test]
fn numbers_of_more_than_64_bits_are_corrupt() {
    let mut long = vec![0xff; 9];
    long.push(2);
    assert!(get_u64(&mut &long[..]).is_err());
    assert!(get_u64(&mut &[0x80; 11][..]).is_err());
    assert!(get_bytes(&mut &[0xff, 0xff, 0xff, 0xff, 0x0f][..]).is_err());
}
