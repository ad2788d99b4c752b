//! `row_number`, `rank`, `dense_rank`, `percent_rank` and `cume_dist`: where a row stands.
use std::ops::Range;
use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, Int64Array};
use datafusion::error::Result;
use datafusion::logical_expr::PartitionEvaluator;

use super::definition::window;
use crate::functions::WindowOverload;
use crate::types::Type;

/// The number of a row, whatever its peers.
#[derive(Debug)]
struct Number;

impl PartitionEvaluator for Number {
    fn evaluate_all(&mut self, _: &[ArrayRef], rows: usize) -> Result<ArrayRef> {
        Ok(Arc::new(Int64Array::from_iter_values((1..).take(rows))))
    }
}

/// What peers, rows that are equal in the order, have in common.
#[derive(Clone, Copy, Debug)]
enum Peers {
    Rank,
    DenseRank,
    PercentRank,
    CumeDist,
}

impl PartitionEvaluator for Peers {
    fn include_rank(&self) -> bool {
        true
    }

    fn evaluate_all_with_rank(&self, rows: usize, peers: &[Range<usize>]) -> Result<ArrayRef> {
        let integers = |of: fn(usize, &Range<usize>) -> usize| -> ArrayRef {
            let each = peers.iter().enumerate().flat_map(|(place, group)| {
                std::iter::repeat_n(of(place, group) as i64, group.len())
            });
            Arc::new(Int64Array::from_iter_values(each))
        };
        let fractions = |of: &dyn Fn(&Range<usize>) -> f64| -> ArrayRef {
            let each = peers.iter().flat_map(|group| std::iter::repeat_n(of(group), group.len()));
            Arc::new(Float64Array::from_iter_values(each))
        };
        Ok(match self {
            Self::Rank => integers(|_, group| group.start + 1),
            Self::DenseRank => integers(|place, _| place + 1),
            Self::PercentRank => fractions(&|group| match rows {
                0 | 1 => 0.0,
                _ => group.start as f64 / (rows - 1) as f64,
            }),
            Self::CumeDist => fractions(&|group| group.end as f64 / rows as f64),
        })
    }
}

/// The overloads of these functions.
pub(super) fn overloads() -> Vec<WindowOverload> {
    macro_rules! rank {
        ($name:literal, $result:ident, $evaluator:expr) => {
            WindowOverload {
                name: $name,
                arguments: vec![],
                result: |_| Ok(Type::$result),
                udwf: |types| window($name, types, Type::$result, |_| Box::new($evaluator)),
            }
        };
    }
    vec![
        rank!("row_number", Int8, Number),
        rank!("rank", Int8, Peers::Rank),
        rank!("dense_rank", Int8, Peers::DenseRank),
        rank!("percent_rank", Float8, Peers::PercentRank),
        rank!("cume_dist", Float8, Peers::CumeDist),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Six rows of which the second and third, and the last two, are equal.
    #[expect(clippy::single_range_in_vec_init, reason = "peers are ranges")]
    fn check(function: Peers, expected: &str) {
        let array = function.evaluate_all_with_rank(6, &[0..1, 1..3, 3..4, 4..6]).unwrap();
        let values: Vec<String> = (0..6)
            .map(|row| arrow::util::display::array_value_to_string(&array, row).unwrap())
            .collect();
        assert_eq!(values.join(" "), expected);
        let one = function.evaluate_all_with_rank(1, &[0..1]).unwrap();
        assert_eq!(one.len(), 1);
    }

    #[test]
    fn peers_have_one_rank() {
        check(Peers::Rank, "1 2 2 4 5 5");
        check(Peers::DenseRank, "1 2 2 3 4 4");
        check(Peers::PercentRank, "0.0 0.2 0.2 0.6 0.8 0.8");
        check(Peers::CumeDist, "0.16666666666666666 0.5 0.5 0.6666666666666666 1.0 1.0");
    }

    #[test]
    fn rows_are_numbered_from_one() {
        let array = Number.evaluate_all(&[], 3).unwrap();
        assert_eq!(array.as_ref(), &Int64Array::from(vec![1, 2, 3]));
    }
}
