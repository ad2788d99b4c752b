//! A batch halved until the rows that fail stand alone.
//!
//! A row fails if evaluating it alone fails; what it does to its neighbours is of no
//! account. Errors that are not a row's own ([`ErrorKind::Unavailable`]) stop everything.
use std::ops::Range;

use arrow::array::RecordBatch;

use crate::{Error, ErrorKind, Result};

/// What became of a range of rows.
#[derive(Debug)]
pub(crate) enum Outcome<T> {
    /// They have a value.
    Good(T),
    /// The one row there fails.
    Failed(Error),
}

/// Evaluates all rows at once and, where that fails, in halves. The ranges cover the
/// batch in order; without a failure there is one.
pub(crate) fn split<T>(
    rows: &RecordBatch,
    evaluate: &dyn Fn(&RecordBatch) -> Result<T>,
) -> Result<Vec<(Range<usize>, Outcome<T>)>> {
    let mut outcomes = vec![];
    let whole = 0..rows.num_rows();
    let mut open = vec![whole];
    while let Some(range) = open.pop() {
        let part = match range.len() == rows.num_rows() {
            true => rows.clone(),
            false => rows.slice(range.start, range.len()),
        };
        match evaluate(&part) {
            Ok(value) => outcomes.push((range, Outcome::Good(value))),
            Err(error) if error.kind() == ErrorKind::Unavailable => return Err(error),
            Err(error) if range.len() <= 1 => outcomes.push((range, Outcome::Failed(error))),
            Err(_) => {
                let middle = range.start + range.len() / 2;
                open.push(middle..range.end);
                open.push(range.start..middle);
            }
        }
    }
    Ok(outcomes)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, AsArray, Int64Array};
    use arrow::datatypes::Int64Type;

    use super::*;

    /// Rows below zero fail; each part says how many rows it had.
    fn check(values: &[i64], expected: &str) {
        let column: ArrayRef = Arc::new(Int64Array::from(values.to_vec()));
        let rows = RecordBatch::try_from_iter([("n", column)]).unwrap();
        let outcomes = split(&rows, &|part| {
            let column = part.column(0).as_primitive::<Int64Type>();
            match column.values().iter().any(|value| *value < 0) {
                true => Err(Error::data("22003", "below zero")),
                false => Ok(column.len()),
            }
        });
        let texts: Vec<String> = outcomes
            .unwrap()
            .into_iter()
            .map(|(range, outcome)| match outcome {
                Outcome::Good(length) => format!("{range:?} {length}"),
                Outcome::Failed(error) => format!("{range:?} {error}"),
            })
            .collect();
        assert_eq!(texts.join(", "), expected);
    }

    #[test]
    fn culprits_stand_alone() {
        check(&[1, 2, 3], "0..3 3");
        check(&[-1], "0..1 below zero");
        check(&[1, 2, -3, 4, 5], "0..2 2, 2..3 below zero, 3..5 2");
        check(&[-1, -2], "0..1 below zero, 1..2 below zero");
        check(&[], "0..0 0");
    }
}
