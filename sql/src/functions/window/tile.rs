//! `ntile`: the rows of a partition in so many buckets, as equal as can be.
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Int32Array};
use arrow::datatypes::Int32Type;
use datafusion::error::Result;
use datafusion::logical_expr::PartitionEvaluator;
use engine::Error;

use super::definition::window;
use crate::functions::WindowOverload;
use crate::types::Type;

#[derive(Debug)]
struct Tile;

impl PartitionEvaluator for Tile {
    fn evaluate_all(&mut self, values: &[ArrayRef], rows: usize) -> Result<ArrayRef> {
        let counts = values.first().and_then(|counts| counts.as_primitive_opt::<Int32Type>());
        let counts = counts.ok_or_else(|| Error::internal("ntile takes an integer"))?;
        // PostgreSQL, too, asks for the count in the first row only.
        if counts.is_empty() || counts.is_null(0) {
            return Ok(Arc::new(Int32Array::new_null(rows)));
        }
        let count = match usize::try_from(counts.value(0)) {
            Ok(count) if count > 0 => count,
            _ => {
                let message = "argument of ntile must be greater than zero";
                return Err(Error::data("22014", message).into());
            }
        };
        Ok(Arc::new(Int32Array::from_iter_values(tiles(rows, count))))
    }
}

/// The first buckets have one row more, where they cannot be equal.
fn tiles(rows: usize, count: usize) -> impl Iterator<Item = i32> {
    let (each, more) = (rows / count, rows % count);
    let sizes = (0..count.min(rows)).map(move |bucket| each + usize::from(bucket < more));
    sizes.zip(1..).flat_map(|(size, bucket)| std::iter::repeat_n(bucket, size))
}

/// The overloads of `ntile`.
pub(super) fn overloads() -> Vec<WindowOverload> {
    vec![WindowOverload {
        name: "ntile",
        arguments: vec![Type::Int4],
        result: |_| Ok(Type::Int4),
        udwf: |types| window("ntile", types, Type::Int4, |_| Box::new(Tile)),
    }]
}

#[cfg(test)]
mod tests {
    use super::tiles;

    #[test]
    fn the_first_buckets_are_the_larger() {
        let all = |rows, count| tiles(rows, count).collect::<Vec<_>>();
        assert_eq!(all(7, 3), [1, 1, 1, 2, 2, 3, 3]);
        assert_eq!(all(2, 4), [1, 2]);
        assert_eq!(all(4, 2), [1, 1, 2, 2]);
        assert!(all(0, 2).is_empty());
    }
}
