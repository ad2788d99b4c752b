//! The accumulator for a call, by the types of its argument and result.
use arrow::datatypes::{DataType, TimeUnit};

use super::accumulator::Accumulator;
use super::boolean::Boolean;
use super::bytes_extreme::BytesExtreme;
use super::count::Count;
use super::extreme::Extreme;
use super::float_sum::{FloatSum, FloatTotal};
use super::mean::Mean;
use super::sum::{Sum, Total};
use super::value::Length;
use crate::plan::{AggregateFunction, Call};
use crate::{Error, ErrorKind, Result};

/// Whether a call counts the rows of its group, all of them.
pub(crate) fn counts_rows(call: &Call) -> bool {
    call.function == AggregateFunction::Count && call.argument.is_none() && call.filter.is_none()
}

/// Whether equal arguments make no difference to a function.
pub(crate) fn ignores_distinct(function: AggregateFunction) -> bool {
    use AggregateFunction as F;
    matches!(function, F::Min | F::Max | F::BoolAnd | F::BoolOr)
}

/// The accumulator of a call over an argument and with a result of these types.
pub(crate) fn accumulator(
    call: &Call,
    argument: Option<&DataType>,
    result: &DataType,
    append_only: bool,
) -> Result<Box<dyn Accumulator>> {
    use AggregateFunction as F;
    let found = match (call.function, argument) {
        (F::Count, _) if *result == DataType::Int64 => match counts_rows(call) {
            true => Some(Box::new(Count::of_group()) as Box<dyn Accumulator>),
            false => Some(Box::new(Count::new()) as Box<dyn Accumulator>),
        },
        (F::BoolAnd, Some(DataType::Boolean)) => Some(Box::new(Boolean::and()) as _),
        (F::BoolOr, Some(DataType::Boolean)) => Some(Box::new(Boolean::or()) as _),
        (F::Min, Some(argument)) if argument == result => extreme(true, argument, append_only),
        (F::Max, Some(argument)) if argument == result => extreme(false, argument, append_only),
        (F::Sum, Some(argument)) => sum(argument, result),
        (F::Avg | F::AvgTrimmed, Some(argument)) => {
            mean(argument, result, call.function == F::AvgTrimmed)
        }
        _ => None,
    };
    found.ok_or_else(|| {
        let argument = argument.map_or("*".to_owned(), DataType::to_string);
        let message =
            format!("{:?} of {argument} as {result} is not supported in a view", call.function);
        Error::new(ErrorKind::Invalid, "0A000", message)
    })
}

/// An array is not of the type for which the accumulator was chosen.
pub(crate) fn mismatch() -> Error {
    Error::internal("an aggregate's argument is of another type than planned")
}

fn extreme(least: bool, data_type: &DataType, append_only: bool) -> Option<Box<dyn Accumulator>> {
    let owned = data_type.clone();
    Some(match data_type {
        DataType::Int16
        | DataType::Int32
        | DataType::Int64
        | DataType::Float32
        | DataType::Float64
        | DataType::Date32
        | DataType::Time64(TimeUnit::Microsecond)
        | DataType::Timestamp(TimeUnit::Microsecond, _) => {
            Box::new(Extreme::<i64, 1, 2>::new(least, owned, append_only))
        }
        DataType::Decimal128(..) => Box::new(Extreme::<i128, 2, 3>::new(least, owned, append_only)),
        DataType::Interval(_) => Box::new(Extreme::<Length, 3, 4>::new(least, owned, append_only)),
        DataType::Utf8 | DataType::Binary | DataType::FixedSizeBinary(_) => {
            Box::new(BytesExtreme::new(least, owned, append_only))
        }
        _ => return None,
    })
}

fn sum(argument: &DataType, result: &DataType) -> Option<Box<dyn Accumulator>> {
    match (argument, result) {
        (DataType::Float64, DataType::Float64) => {
            return Some(Box::new(FloatSum::new(FloatTotal::Double)));
        }
        (DataType::Float32, DataType::Float32) => {
            return Some(Box::new(FloatSum::new(FloatTotal::Single)));
        }
        _ => {}
    }
    let (decimal, total) = match (argument, result) {
        (DataType::Int16 | DataType::Int32, DataType::Int64) => (false, Total::Int8),
        (DataType::Int64, DataType::Decimal128(precision, 0)) => {
            (false, Total::Numeric(*precision, 0))
        }
        (DataType::Decimal128(_, from), DataType::Decimal128(precision, scale))
            if from == scale =>
        {
            (true, Total::Numeric(*precision, *scale))
        }
        _ => return None,
    };
    Some(Box::new(Sum::new(decimal, total)))
}

fn mean(argument: &DataType, result: &DataType, trimmed: bool) -> Option<Box<dyn Accumulator>> {
    if let (DataType::Float32 | DataType::Float64, DataType::Float64) = (argument, result) {
        return Some(Box::new(FloatSum::new(FloatTotal::Mean)));
    }
    let DataType::Decimal128(precision, scale) = result else { return None };
    let (decimal, from) = match argument {
        DataType::Int16 | DataType::Int32 | DataType::Int64 => (false, 0),
        DataType::Decimal128(_, from) => (true, *from),
        _ => return None,
    };
    if *scale < from {
        return None;
    }
    let mean = Mean { argument: from, trimmed, result: *scale };
    Some(Box::new(Sum::new(decimal, Total::Mean(*precision, mean))))
}
