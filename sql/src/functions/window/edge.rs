//! `first_value`, `last_value` and `nth_value`: a value of the frame.
use std::ops::Range;

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::Int32Type;
use datafusion::common::ScalarValue;
use datafusion::error::Result;
use datafusion::logical_expr::PartitionEvaluator;
use engine::Error;

use super::definition::window;
use crate::functions::WindowOverload;
use crate::types::Type;

#[derive(Clone, Copy, Debug)]
enum Edge {
    First,
    Last,
    Nth,
}

impl PartitionEvaluator for Edge {
    fn uses_window_frame(&self) -> bool {
        true
    }

    fn evaluate(&mut self, values: &[ArrayRef], frame: &Range<usize>) -> Result<ScalarValue> {
        let Some(value) = values.first() else {
            return Err(Error::internal("a value of the frame is asked of no column").into());
        };
        let null = || ScalarValue::try_from(value.data_type());
        if frame.is_empty() {
            return null();
        }
        match self {
            Self::First => ScalarValue::try_from_array(value, frame.start),
            Self::Last => ScalarValue::try_from_array(value, frame.end - 1),
            Self::Nth => match nth(values.get(1), frame)? {
                Some(place) => ScalarValue::try_from_array(value, place),
                None => null(),
            },
        }
    }
}

/// The place of the row that the second argument counts in the frame, if it is there.
fn nth(counts: Option<&ArrayRef>, frame: &Range<usize>) -> Result<Option<usize>> {
    let counts = counts.and_then(|counts| counts.as_primitive_opt::<Int32Type>());
    let counts = counts.ok_or_else(|| Error::internal("nth_value takes an integer"))?;
    if counts.is_null(frame.start) {
        return Ok(None);
    }
    match usize::try_from(counts.value(frame.start)) {
        Ok(count) if count > 0 => Ok(Some(frame.start + count - 1).filter(|at| *at < frame.end)),
        _ => {
            let message = "argument of nth_value must be greater than zero";
            Err(Error::data("22016", message).into())
        }
    }
}

/// The overloads of these functions.
pub(super) fn overloads() -> Vec<WindowOverload> {
    macro_rules! edge {
        ($name:literal, $arguments:expr, $edge:ident) => {
            WindowOverload {
                name: $name,
                arguments: $arguments,
                result: |types| Ok(types.first().cloned().unwrap_or(Type::Text)),
                udwf: |types| {
                    let result = types.first().cloned().unwrap_or(Type::Text);
                    window($name, types, result, |_| Box::new(Edge::$edge))
                },
            }
        };
    }
    vec![
        edge!("first_value", vec![Type::Unknown], First),
        edge!("last_value", vec![Type::Unknown], Last),
        edge!("nth_value", vec![Type::Unknown, Type::Int4], Nth),
    ]
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::Int32Array;

    use super::*;

    fn check(edge: Edge, frame: Range<usize>, expected: Option<i32>) {
        let values: ArrayRef = Arc::new(Int32Array::from(vec![Some(5), None, Some(7)]));
        let counts: ArrayRef = Arc::new(Int32Array::from(vec![Some(2); 3]));
        let mut edge = edge;
        let found = edge.evaluate(&[values, counts], &frame).unwrap();
        assert_eq!(found, ScalarValue::Int32(expected));
    }

    #[test]
    fn the_frame_bounds_what_is_seen() {
        check(Edge::First, 0..3, Some(5));
        check(Edge::First, 1..3, None);
        check(Edge::Last, 0..3, Some(7));
        check(Edge::Last, 0..1, Some(5));
        check(Edge::Nth, 1..3, Some(7));
        check(Edge::Nth, 2..3, None);
        check(Edge::First, 1..1, None);
    }
}
