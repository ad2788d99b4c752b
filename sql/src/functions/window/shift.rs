//! `lag`, `lead`: the value of a row so many rows before or behind.
//!
//! Offset and default may be any expressions, taken from the current row.
use arrow::array::{Array, ArrayRef, AsArray, new_null_array};
use arrow::compute::{cast, interleave};
use arrow::datatypes::{DataType, Int32Type};
use datafusion::error::Result;
use datafusion::logical_expr::PartitionEvaluator;
use engine::Error;

use super::definition::window;
use crate::functions::WindowOverload;
use crate::functions::operator::{numeric_value::Digits, ordered_kinds};
use crate::types::Type;

#[derive(Debug)]
struct Shift {
    /// -1 looks back, 1 ahead.
    direction: i64,
    target: DataType,
}

impl PartitionEvaluator for Shift {
    fn evaluate_all(&mut self, values: &[ArrayRef], rows: usize) -> Result<ArrayRef> {
        let Some(value) = values.first() else {
            return Err(Error::internal("lag and lead take an argument").into());
        };
        let value = cast(value, &self.target)?;
        let default = match values.get(2) {
            Some(default) => cast(default, &self.target)?,
            None => new_null_array(&self.target, rows),
        };
        let offsets = values.get(1).and_then(|offsets| offsets.as_primitive_opt::<Int32Type>());
        let null = new_null_array(&self.target, 1);
        let pick = |row: usize| match offsets {
            Some(offsets) if offsets.is_null(row) => (2, 0),
            _ => {
                let offset = offsets.map_or(1, |offsets| i64::from(offsets.value(row)));
                let place = row as i64 + offset * self.direction;
                match usize::try_from(place) {
                    Ok(place) if place < rows => (0, place),
                    _ => (1, row),
                }
            }
        };
        let picks: Vec<(usize, usize)> = (0..rows).map(pick).collect();
        Ok(interleave(&[&value, &default, &null], &picks)?)
    }
}

/// The type of the value, with the digits of the default too.
fn result(types: &[Type]) -> crate::Result<Type> {
    let value = types.first().cloned().unwrap_or(Type::Text);
    Ok(match (&value, types.get(2)) {
        (_, Some(default)) if value != *default && value.is_numeric() => {
            let digits = Digits::of(&value).union(Digits::of(default));
            Digits { bare: matches!(value, Type::BareNumeric), ..digits }.to_type()
        }
        _ => value,
    })
}

/// The overloads of `lag` and `lead`.
pub(super) fn overloads() -> Vec<WindowOverload> {
    macro_rules! shift {
        ($name:literal, $direction:literal, $arguments:expr) => {
            WindowOverload {
                name: $name,
                arguments: $arguments,
                result,
                udwf: |types| {
                    let result = result(types).unwrap_or(Type::Text);
                    window($name, types, result, |result| {
                        Box::new(Shift { direction: $direction, target: result.arrow() })
                    })
                },
            }
        };
    }
    let mut overloads = vec![];
    let mut both = |arguments: Vec<Type>| {
        overloads.push(shift!("lag", -1, arguments.clone()));
        overloads.push(shift!("lead", 1, arguments));
    };
    both(vec![Type::Unknown]);
    both(vec![Type::Unknown, Type::Int4]);
    for kind in ordered_kinds().into_iter().chain([Type::Jsonb, Type::Json]) {
        both(vec![kind.clone(), Type::Int4, kind]);
    }
    overloads
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::Int32Array;

    use super::*;

    fn check(direction: i64, columns: &[Vec<Option<i32>>], expected: Vec<Option<i32>>) {
        let arrays: Vec<ArrayRef> = columns
            .iter()
            .map(|column| Arc::new(Int32Array::from(column.clone())) as ArrayRef)
            .collect();
        let mut shift = Shift { direction, target: DataType::Int32 };
        let shifted = shift.evaluate_all(&arrays, expected.len()).unwrap();
        assert_eq!(shifted.as_ref(), &Int32Array::from(expected));
    }

    #[test]
    fn rows_beyond_the_partition_give_the_default() {
        let column = vec![Some(1), None, Some(3)];
        check(-1, std::slice::from_ref(&column), vec![None, Some(1), None]);
        check(1, std::slice::from_ref(&column), vec![None, Some(3), None]);
        let two = vec![Some(2); 3];
        check(-1, &[column.clone(), two.clone()], vec![None, None, Some(1)]);
        let defaults = vec![Some(7), Some(8), Some(9)];
        check(-1, &[column.clone(), two, defaults.clone()], vec![Some(7), Some(8), Some(1)]);
        let offsets = vec![None, Some(-1), Some(0)];
        check(-1, &[column, offsets, defaults], vec![None, Some(3), Some(3)]);
    }
}
