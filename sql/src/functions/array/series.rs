//! `generate_series`, `generate_subscripts`: numbers or times as an array that is unfolded.
use std::sync::Arc;

use arrow::array::{ArrayRef, ArrowPrimitiveType, ListArray, NullBufferBuilder, PrimitiveArray};
use arrow::buffer::{OffsetBuffer, ScalarBuffer};
use arrow::datatypes::{DataType, Decimal128Type, Int32Type, Int64Type, TimestampMicrosecondType};
use engine::{Error, Result};

use super::items::any_array;
use crate::functions::Overload;
use crate::functions::kernel::{Arguments, Interval, List, Slice, Timestamp, overload};
use crate::functions::operator::numeric_value::{Digits, rescaled};
use crate::functions::time::{shifted, shifted_in};
use crate::types::Type;

/// The most values of one series, which are all in memory at once.
const SERIES_VALUES_MAX: usize = 10_000_000;

fn too_many() -> Error {
    let message = format!("a series can have at most {SERIES_VALUES_MAX} values");
    Error::data("54000", message)
}

fn no_step() -> Error {
    Error::data("22023", "step size cannot equal zero")
}

/// Arrays of what `add` puts in for each row; a row with a NULL has a NULL array.
fn series<T: ArrowPrimitiveType>(
    arguments: &Arguments<'_>,
    mut add: impl FnMut(usize, &mut Vec<T::Native>) -> Result<()>,
) -> Result<ArrayRef> {
    let target = arguments.result().arrow();
    let DataType::List(field) = &target else {
        return Err(Error::internal("a series is an array"));
    };
    let nulls = arguments.nulls();
    let (mut values, mut ends) = (vec![], vec![0_i32]);
    let mut present = NullBufferBuilder::new(arguments.rows());
    for row in 0..arguments.rows() {
        let is_null = nulls.as_ref().is_some_and(|nulls| nulls.is_null(row));
        if !is_null {
            add(row, &mut values)?;
        }
        present.append(!is_null);
        ends.push(i32::try_from(values.len()).map_err(|_| too_many())?);
    }
    let values = PrimitiveArray::<T>::from_iter_values(values);
    let values = values.with_data_type(field.data_type().clone());
    let offsets = OffsetBuffer::new(ScalarBuffer::from(ends));
    let list = ListArray::try_new(field.clone(), offsets, Arc::new(values), present.finish())?;
    Ok(Arc::new(list))
}

/// From the first by steps as far as the last.
fn numbers<T>(arguments: &Arguments<'_>) -> Result<ArrayRef>
where
    T: ArrowPrimitiveType,
    T::Native: TryFrom<i128> + Into<i64>,
{
    let (first, last) = (arguments.slice::<T>(0)?, arguments.slice::<T>(1)?);
    let step = if arguments.len() > 2 { arguments.slice::<T>(2)? } else { None };
    let at = |values: &Option<Slice<'_, T::Native>>, row: usize, otherwise: i128| {
        values.as_ref().map_or(otherwise, |values| i128::from(values.at(row).into()))
    };
    series::<T>(arguments, |row, values| {
        let (mut value, last, step) = (at(&first, row, 0), at(&last, row, 0), at(&step, row, 1));
        if step == 0 {
            return Err(no_step());
        }
        while if step > 0 { value <= last } else { value >= last } {
            if values.len() >= SERIES_VALUES_MAX {
                return Err(too_many());
            }
            values.extend(T::Native::try_from(value).ok());
            value += step;
        }
        Ok(())
    })
}

/// The places of an array's elements, from the first's; there is one dimension.
fn subscripts(arguments: &Arguments<'_>, first: i32) -> Result<ArrayRef> {
    let (lists, dimensions) = (arguments.reader::<List<'_>>(0)?, arguments.reader::<i32>(1)?);
    series::<Int32Type>(arguments, |row, values| {
        let list = lists.at(row);
        let length = if dimensions.at(row) == 1 { list.end - list.start } else { 0 };
        values.extend((first..).take(length));
        Ok(())
    })
}

fn times(
    arguments: &Arguments<'_>,
    add: impl Fn(Timestamp, Interval) -> Result<Timestamp>,
) -> Result<ArrayRef> {
    let (first, last) = (arguments.reader::<Timestamp>(0)?, arguments.reader::<Timestamp>(1)?);
    let steps = arguments.reader::<Interval>(2)?;
    series::<TimestampMicrosecondType>(arguments, |row, values| {
        let (mut time, last, step) = (first.at(row), last.at(row), steps.at(row));
        // A month is taken for 30 days to tell which way the steps go.
        const DAY: i128 = crate::types::calendar::DAY as i128;
        let days = i128::from(step.months) * 30 + i128::from(step.days);
        let way = days * DAY + i128::from(step.micros);
        if way == 0 {
            return Err(no_step());
        }
        if !time.is_finite() || !last.is_finite() {
            return Err(Error::data("22023", "a series of times cannot be infinite"));
        }
        while if way > 0 { time.0 <= last.0 } else { time.0 >= last.0 } {
            if values.len() >= SERIES_VALUES_MAX {
                return Err(too_many());
            }
            values.push(time.0);
            time = add(time, step)?;
        }
        Ok(())
    })
}

/// Numerics from the first by steps as far as the last, with the digits of all three.
fn numerics(arguments: &Arguments<'_>) -> Result<ArrayRef> {
    let Type::Array(item) = arguments.result() else {
        return Err(Error::internal("a series is an array"));
    };
    let scale = Digits::of(item).scale;
    let readers = (0..arguments.len())
        .map(|index| Ok((arguments.reader::<i128>(index)?, arguments.scale(index))))
        .collect::<Result<Vec<_>>>()?;
    series::<Decimal128Type>(arguments, |row, values| {
        let at = |index: usize| match readers.get(index) {
            Some((reader, own)) => rescaled(reader.at(row), *own, scale),
            None => rescaled(1, 0, scale),
        };
        let (mut value, last, step) = (at(0)?, at(1)?, at(2)?);
        if step == 0 {
            return Err(no_step());
        }
        while if step > 0 { value <= last } else { value >= last } {
            if values.len() >= SERIES_VALUES_MAX {
                return Err(too_many());
            }
            values.push(value);
            // Beyond 38 digits nothing is before the last.
            let Some(next) = value.checked_add(step) else { break };
            value = next;
        }
        Ok(())
    })
}

fn numeric_array(types: &[Type]) -> crate::Result<Type> {
    let all = types.iter().map(Digits::of).reduce(Digits::union);
    Ok(array_of(all.map_or(Type::BareNumeric, Digits::to_type)))
}

fn array_of(item: Type) -> Type {
    Type::Array(Box::new(item))
}

/// The overloads of `generate_series`.
pub(super) fn overloads() -> Vec<Overload> {
    vec![
        overload!("generate_series", [Int4, Int4] -> array_of(Int4), numbers::<Int32Type>),
        overload!("generate_series", [Int4, Int4, Int4] -> array_of(Int4), numbers::<Int32Type>),
        overload!("generate_series", [Int8, Int8] -> array_of(Int8), numbers::<Int64Type>),
        overload!("generate_series", [Int8, Int8, Int8] -> array_of(Int8), numbers::<Int64Type>),
        overload!("generate_series", [BareNumeric, BareNumeric] => numeric_array, numerics),
        overload!("generate_series", [BareNumeric, BareNumeric, BareNumeric] => numeric_array,
            numerics),
        overload!("generate_subscripts", [any_array(), Int4] -> array_of(Int4),
            |arguments| subscripts(arguments, 1)),
        overload!("generate_subscripts from 0", [any_array(), Int4] -> array_of(Int4),
            |arguments| subscripts(arguments, 0)),
        overload!("generate_series", [Timestamp, Timestamp, Interval] -> array_of(Timestamp),
            |arguments| times(arguments, shifted)),
        overload!("generate_series",
            [TimestampTz, TimestampTz, Interval] -> array_of(TimestampTz), |arguments| {
                let zone = arguments.zone();
                times(arguments, |time, step| shifted_in(time, step, &zone))
            }, zoned: true),
    ]
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::{check, check_errors};

    #[test]
    fn cases() {
        check(&[
            ("generate_series(1, 3)", "{1,2,3}"),
            ("generate_series(3, 1)", "{}"),
            ("generate_series(5, 1, -2)", "{5,3,1}"),
            ("generate_series(2147483646, 2147483647)", "{2147483646,2147483647}"),
            ("generate_series(1, 2::int8)", "{1,2}"),
            ("generate_series(1, NULL)", "NULL"),
            ("generate_subscripts('{a,b}'::text[], 1)", "{1,2}"),
            ("generate_subscripts('{a,b}'::text[], 2)", "{}"),
            (
                "generate_series('2024-01-31'::timestamp, '2024-03-31', '1 month'::interval)",
                "{\"2024-01-31 00:00:00\",\"2024-02-29 00:00:00\",\"2024-03-29 00:00:00\"}",
            ),
        ]);
        check_errors(&[
            ("generate_series(1, 3, 0)", "22023 step size cannot equal zero"),
            ("generate_series(1, 2000000000)", "54000 a series can have at most 10000000 values"),
        ]);
    }
}
