//! `width_bucket`: which of equally wide buckets a number falls into.
use arrow::array::ArrayRef;
use arrow::datatypes::i256;
use engine::{Error, Result};

use crate::functions::Overload;
use crate::functions::kernel::{Arguments, map4, overload};
use crate::functions::operator::integer::out_of_range;
use crate::functions::operator::numeric_value::widened;

fn wrong(message: &str) -> Error {
    Error::data("2201G", message)
}

fn check_count(count: i32) -> Result<()> {
    match count > 0 {
        true => Ok(()),
        false => Err(wrong("count must be greater than zero")),
    }
}

fn after(count: i32) -> Result<i32> {
    count.checked_add(1).ok_or_else(out_of_range::<arrow::datatypes::Int32Type>)
}

/// The bucket, from 1; 0 before the first, `count + 1` behind the last.
fn bucket(operand: f64, low: f64, high: f64, count: i32) -> Result<i32> {
    check_count(count)?;
    if operand.is_nan() || low.is_nan() || high.is_nan() {
        return Err(wrong("operand, lower bound, and upper bound cannot be NaN"));
    }
    if low.is_infinite() || high.is_infinite() {
        return Err(wrong("lower and upper bounds must be finite"));
    }
    if low == high {
        return Err(wrong("lower bound cannot equal upper bound"));
    }
    let (before, behind) = match low < high {
        true => (operand < low, operand >= high),
        false => (operand > low, operand <= high),
    };
    if before {
        return Ok(0);
    }
    if behind {
        return after(count);
    }
    // Halved, so that the difference of two great numbers is finite.
    let share = (operand / 2.0 - low / 2.0) / (high / 2.0 - low / 2.0);
    let place = (f64::from(count) * share) as i32;
    Ok(place.min(count - 1) + 1)
}

fn numeric_buckets(arguments: &Arguments<'_>) -> Result<ArrayRef> {
    let scale = (0..3).map(|index| arguments.scale(index)).max().unwrap_or(0);
    let places: Vec<i32> = (0..3).map(|index| scale - arguments.scale(index)).collect();
    let &[first, second, third] = places.as_slice() else { return Err(Error::internal("scales")) };
    map4(arguments, |operand: i128, low: i128, high: i128, count: i32| {
        let wide = (widened(operand, first), widened(low, second), widened(high, third));
        let (Some(operand), Some(low), Some(high)) = wide else {
            return Err(wrong("the bounds are too far apart"));
        };
        numeric_bucket(operand, low, high, count)
    })
}

fn numeric_bucket(operand: i256, low: i256, high: i256, count: i32) -> Result<i32> {
    check_count(count)?;
    if low == high {
        return Err(wrong("lower bound cannot equal upper bound"));
    }
    let (before, behind) = match low < high {
        true => (operand < low, operand >= high),
        false => (operand > low, operand <= high),
    };
    if before {
        return Ok(0);
    }
    if behind {
        return after(count);
    }
    let steps = operand.wrapping_sub(low).checked_mul(i256::from_i128(count.into()));
    let place = steps.and_then(|steps| steps.checked_div(high.wrapping_sub(low)));
    let place = place.and_then(i256::to_i128).and_then(|place| i32::try_from(place).ok());
    place.map(|place| place + 1).ok_or_else(|| wrong("the bounds are too far apart"))
}

/// The overloads of `width_bucket`.
pub(super) fn overloads() -> Vec<Overload> {
    vec![
        overload!("width_bucket", [Float8, Float8, Float8, Int4] -> Int4,
            |arguments| map4(arguments, bucket)),
        overload!("width_bucket", [BareNumeric, BareNumeric, BareNumeric, Int4] -> Int4,
            numeric_buckets),
    ]
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::{check, check_errors};

    #[test]
    fn cases() {
        check(&[
            ("width_bucket(5.35::float8, 0.024, 10.06, 5)", "3"),
            ("width_bucket(5.35, 0.024, 10.06, 5)", "3"),
            ("width_bucket(-1, 0, 10, 5)", "0"),
            ("width_bucket(10, 0, 10, 5)", "6"),
            ("width_bucket(3.0, 10.0, 0.0, 5)", "4"),
            ("width_bucket(0.0, 0.0, 10.0, 5)", "1"),
        ]);
        check_errors(&[
            ("width_bucket(1.0, 0.0, 0.0, 5)", "2201G lower bound cannot equal upper bound"),
            ("width_bucket(1.0, 0.0, 1.0, 0)", "2201G count must be greater than zero"),
        ]);
    }
}
