//! A column whose type was looked up once.
//!
//! It shares the buffers of the Arrow array that it was made of.
use arrow::array::{Array, AsArray, RecordBatch};
use arrow::buffer::{BooleanBuffer, Buffer, NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, Float32Type, Float64Type, Int16Type, Int32Type,
    Int64Type, IntervalMonthDayNano, IntervalMonthDayNanoType, IntervalUnit, Time64MicrosecondType,
    TimeUnit, TimestampMicrosecondType,
};

use super::{Bits, Cells, Items, View};
use crate::{Error, Result};

/// An immutable column, typed.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    pub(crate) values: Values,
    pub(crate) nulls: Option<NullBuffer>,
}

/// The values of a [`Column`], by physical kind; see [`Cells`].
#[derive(Clone, Debug)]
pub(crate) enum Values {
    Boolean(BooleanBuffer),
    Int16(ScalarBuffer<i16>),
    Int32(ScalarBuffer<i32>),
    Int64(ScalarBuffer<i64>),
    Float32(ScalarBuffer<f32>),
    Float64(ScalarBuffer<f64>),
    Int128(ScalarBuffer<i128>),
    Interval(ScalarBuffer<IntervalMonthDayNano>),
    Bytes(OffsetBuffer<i32>, Buffer),
    Fixed16(Buffer),
    List(OffsetBuffer<i32>, Box<Column>),
}

/// The columns of a batch, typed.
pub(crate) fn columns_of(batch: &RecordBatch) -> Result<Vec<Column>> {
    batch.columns().iter().map(|array| Column::of(array)).collect()
}

impl Column {
    /// The column that `array` is. Fails for types that no relation has.
    pub(crate) fn of(array: &dyn Array) -> Result<Self> {
        let values = match array.data_type() {
            DataType::Boolean => Values::Boolean(array.as_boolean().values().clone()),
            DataType::Int16 => Values::Int16(array.as_primitive::<Int16Type>().values().clone()),
            DataType::Int32 => Values::Int32(array.as_primitive::<Int32Type>().values().clone()),
            DataType::Int64 => Values::Int64(array.as_primitive::<Int64Type>().values().clone()),
            DataType::Float32 => {
                Values::Float32(array.as_primitive::<Float32Type>().values().clone())
            }
            DataType::Float64 => {
                Values::Float64(array.as_primitive::<Float64Type>().values().clone())
            }
            DataType::Decimal128(..) => {
                Values::Int128(array.as_primitive::<Decimal128Type>().values().clone())
            }
            DataType::Date32 => Values::Int32(array.as_primitive::<Date32Type>().values().clone()),
            DataType::Time64(TimeUnit::Microsecond) => {
                Values::Int64(array.as_primitive::<Time64MicrosecondType>().values().clone())
            }
            DataType::Timestamp(TimeUnit::Microsecond, _) => {
                Values::Int64(array.as_primitive::<TimestampMicrosecondType>().values().clone())
            }
            DataType::Interval(IntervalUnit::MonthDayNano) => {
                Values::Interval(array.as_primitive::<IntervalMonthDayNanoType>().values().clone())
            }
            DataType::Utf8 => {
                let strings = array.as_string::<i32>();
                Values::Bytes(strings.offsets().clone(), strings.values().clone())
            }
            DataType::Binary => {
                let strings = array.as_binary::<i32>();
                Values::Bytes(strings.offsets().clone(), strings.values().clone())
            }
            DataType::FixedSizeBinary(16) => {
                Values::Fixed16(array.as_fixed_size_binary().values().clone())
            }
            DataType::List(_) => {
                let lists = array.as_list::<i32>();
                let items = Column::of(lists.values())?;
                Values::List(lists.offsets().clone(), Box::new(items))
            }
            other => return Err(unsupported(other)),
        };
        // An array may carry a bitmap although nothing in it is null.
        let nulls = array.nulls().filter(|nulls| nulls.null_count() > 0).cloned();
        Ok(Self { values, nulls })
    }

    /// The cells.
    #[inline]
    pub(crate) fn view(&self) -> View<'_> {
        let cells = match &self.values {
            Values::Boolean(bits) => {
                Cells::Boolean(Bits { bytes: bits.values(), offset: bits.offset() })
            }
            Values::Int16(values) => Cells::Int16(values),
            Values::Int32(values) => Cells::Int32(values),
            Values::Int64(values) => Cells::Int64(values),
            Values::Float32(values) => Cells::Float32(values),
            Values::Float64(values) => Cells::Float64(values),
            Values::Int128(values) => Cells::Int128(values),
            Values::Interval(values) => Cells::Interval(values),
            Values::Bytes(offsets, bytes) => Cells::Bytes { offsets, bytes },
            Values::Fixed16(bytes) => Cells::Fixed16(bytes.as_slice().as_chunks().0),
            Values::List(offsets, items) => Cells::List { offsets, items: Items::Column(items) },
        };
        let valid = self
            .nulls
            .as_ref()
            .map(|nulls| Bits { bytes: nulls.validity(), offset: nulls.offset() });
        View { cells, valid }
    }
}

/// Says that no relation can hold `data_type`.
pub(crate) fn unsupported(data_type: &DataType) -> Error {
    Error::new(
        crate::ErrorKind::Invalid,
        "0A000",
        format!("columns of Arrow type {data_type} are not supported"),
    )
}
