//! Makes a failing case small: leaves out whatever it fails without.
use crate::case::Case;
use crate::run::Pair;

/// Runs of a case at most, so that shrinking ends.
const RUNS_MAX: usize = 300;

/// The smallest case found that still fails, and how.
pub async fn shrink(pair: &mut Pair, mut case: Case, mut difference: String) -> (Case, String) {
    let mut runs = 0;
    let mut length = case.steps.len().div_ceil(2);
    while length > 0 && runs < RUNS_MAX {
        let mut from = 0;
        let mut shrunk = false;
        while from < case.steps.len() && runs < RUNS_MAX {
            let mut smaller = case.clone();
            let end = (from + length).min(smaller.steps.len());
            smaller.steps.drain(from..end);
            runs += 1;
            match pair.run(&smaller).await {
                Err(found) if !found.starts_with("both refuse") => {
                    (case, difference, shrunk) = (smaller, found, true);
                }
                _ => from += length,
            }
        }
        if !shrunk || length > 1 {
            length /= 2;
        }
    }
    (case, difference)
}
