//! What a kernel returns for a row: a Rust type for each Arrow array.
use std::borrow::Cow;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BinaryBuilder, BooleanBuilder, Date32Array, Decimal128Array, FixedSizeBinaryBuilder,
    Float32Array, Float64Array, Int16Array, Int32Array, Int64Array, IntervalMonthDayNanoArray,
    NullBufferBuilder, PrimitiveArray, StringBuilder, Time64MicrosecondArray,
    TimestampMicrosecondArray,
};
use arrow::datatypes::{ArrowPrimitiveType, DataType};
use engine::{Error, Result};

use super::read::{Date, Interval, Time, Timestamp, Uuid};

/// Bytes that a text column has room for at first, for each row.
const TEXT_ROW_BYTES: usize = 16;

/// A type that a kernel returns for each row.
pub(crate) trait Write: Sized {
    /// An array of `rows` values, of the Arrow type `target`.
    fn collect(
        rows: usize,
        target: &DataType,
        value: impl FnMut(usize) -> Result<Option<Self>>,
    ) -> Result<ArrayRef>;
}

fn primitives<A: ArrowPrimitiveType>(
    rows: usize,
    mut value: impl FnMut(usize) -> Result<Option<A::Native>>,
) -> Result<PrimitiveArray<A>> {
    let mut values = Vec::with_capacity(rows);
    let mut nulls = NullBufferBuilder::new(rows);
    for row in 0..rows {
        match value(row)? {
            Some(value) => {
                values.push(value);
                nulls.append_non_null();
            }
            None => {
                values.push(A::Native::default());
                nulls.append_null();
            }
        }
    }
    Ok(PrimitiveArray::new(values.into(), nulls.finish()))
}

macro_rules! write_primitive {
    ($($value:ty, $array:ty, $into:expr;)*) => {$(
        impl Write for $value {
            fn collect(
                rows: usize,
                _: &DataType,
                mut value: impl FnMut(usize) -> Result<Option<Self>>,
            ) -> Result<ArrayRef> {
                let array: $array = primitives(rows, |row| Ok(value(row)?.map($into)))?;
                Ok(Arc::new(array))
            }
        }
    )*};
}

write_primitive! {
    i16, Int16Array, |value| value;
    i32, Int32Array, |value| value;
    i64, Int64Array, |value| value;
    f32, Float32Array, |value| value;
    f64, Float64Array, |value| value;
    Date, Date32Array, |value: Date| value.0;
    Time, Time64MicrosecondArray, |value: Time| value.0;
}

impl Write for i128 {
    fn collect(
        rows: usize,
        target: &DataType,
        value: impl FnMut(usize) -> Result<Option<Self>>,
    ) -> Result<ArrayRef> {
        let array: Decimal128Array = primitives(rows, value)?;
        let DataType::Decimal128(precision, scale) = target else { return Err(mistyped(target)) };
        Ok(Arc::new(array.with_precision_and_scale(*precision, *scale)?))
    }
}

impl Write for Timestamp {
    fn collect(
        rows: usize,
        target: &DataType,
        mut value: impl FnMut(usize) -> Result<Option<Self>>,
    ) -> Result<ArrayRef> {
        let array: TimestampMicrosecondArray =
            primitives(rows, |row| Ok(value(row)?.map(|value| value.0)))?;
        let DataType::Timestamp(_, zone) = target else { return Err(mistyped(target)) };
        Ok(Arc::new(array.with_timezone_opt(zone.clone())))
    }
}

impl Write for Interval {
    fn collect(
        rows: usize,
        _: &DataType,
        mut value: impl FnMut(usize) -> Result<Option<Self>>,
    ) -> Result<ArrayRef> {
        let out_of_range = || Error::data("22008", "interval out of range");
        let array: IntervalMonthDayNanoArray = primitives(rows, |row| match value(row)? {
            Some(value) => value.into_arrow().map(Some).ok_or_else(out_of_range),
            None => Ok(None),
        })?;
        Ok(Arc::new(array))
    }
}

impl Write for bool {
    fn collect(
        rows: usize,
        _: &DataType,
        mut value: impl FnMut(usize) -> Result<Option<Self>>,
    ) -> Result<ArrayRef> {
        let mut builder = BooleanBuilder::with_capacity(rows);
        for row in 0..rows {
            builder.append_option(value(row)?);
        }
        Ok(Arc::new(builder.finish()))
    }
}

fn texts<T: AsRef<str>>(
    rows: usize,
    mut value: impl FnMut(usize) -> Result<Option<T>>,
) -> Result<ArrayRef> {
    let mut builder = StringBuilder::with_capacity(rows, rows.saturating_mul(TEXT_ROW_BYTES));
    let mut bytes = 0_usize;
    for row in 0..rows {
        match value(row)? {
            Some(value) => {
                bytes = bytes.saturating_add(value.as_ref().len());
                check_size(bytes)?;
                builder.append_value(value.as_ref());
            }
            None => builder.append_null(),
        }
    }
    Ok(Arc::new(builder.finish()))
}

/// A column of text or bytes must fit 32-bit offsets.
fn check_size(bytes: usize) -> Result<()> {
    match i32::try_from(bytes) {
        Ok(_) => Ok(()),
        Err(_) => Err(Error::data("54000", "requested length too large")),
    }
}

macro_rules! write_text {
    ($($value:ty),*) => {$(
        impl Write for $value {
            fn collect(
                rows: usize,
                _: &DataType,
                value: impl FnMut(usize) -> Result<Option<Self>>,
            ) -> Result<ArrayRef> {
                texts(rows, value)
            }
        }
    )*};
}

write_text!(&str, String, Cow<'_, str>);

impl Write for Vec<u8> {
    fn collect(
        rows: usize,
        _: &DataType,
        mut value: impl FnMut(usize) -> Result<Option<Self>>,
    ) -> Result<ArrayRef> {
        let mut builder = BinaryBuilder::with_capacity(rows, rows.saturating_mul(TEXT_ROW_BYTES));
        let mut bytes = 0_usize;
        for row in 0..rows {
            match value(row)? {
                Some(value) => {
                    bytes = bytes.saturating_add(value.len());
                    check_size(bytes)?;
                    builder.append_value(&value);
                }
                None => builder.append_null(),
            }
        }
        Ok(Arc::new(builder.finish()))
    }
}

impl Write for Uuid {
    fn collect(
        rows: usize,
        _: &DataType,
        mut value: impl FnMut(usize) -> Result<Option<Self>>,
    ) -> Result<ArrayRef> {
        let mut builder = FixedSizeBinaryBuilder::with_capacity(rows, 16);
        for row in 0..rows {
            match value(row)? {
                Some(value) => builder.append_value(value.0)?,
                None => builder.append_null(),
            }
        }
        Ok(Arc::new(builder.finish()))
    }
}

fn mistyped(target: &DataType) -> Error {
    Error::internal(format!("a function returned another type than {target}"))
}
