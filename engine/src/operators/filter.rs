//! The rows for which a predicate is true.
use crate::expression::{Outcome, evaluate_mask, split};
use crate::operator::{Context, Operator, only};
use crate::plan::Expression;
use crate::{Delta, Result};

/// Keeps no state: a retraction passes where its insertion passed.
pub(crate) struct Filter {
    predicate: Expression,
}

impl Filter {
    pub(crate) fn new(predicate: Expression) -> Self {
        Self { predicate }
    }
}

impl Operator for Filter {
    fn process(&mut self, inputs: &[Delta], context: &mut Context<'_>) -> Result<Delta> {
        let input = only(inputs)?;
        let mut kept = vec![];
        for (range, outcome) in split(input.rows(), &|rows| evaluate_mask(&self.predicate, rows))? {
            let part = input.slice(range.start, range.len());
            match outcome {
                Outcome::Good(mask) => match mask.true_count() {
                    0 => {}
                    all if all == part.len() => kept.push(part),
                    _ => kept.push(part.filter(&mask)?),
                },
                Outcome::Failed(error) => {
                    let weight = part.weights_iter().sum();
                    let row = (input.rows().columns(), range.start);
                    context.failures.push(context.operator, &error, row, weight);
                }
            }
        }
        Delta::concat(&input.schema(), &kept)
    }
}
