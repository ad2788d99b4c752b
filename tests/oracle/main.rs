//! Compares every view with the same SELECT run from scratch by PostgreSQL, after every step.
//!
//! A case is a schema, views, and steps that change rows; all of it is SQL text made from
//! a seed, and the same text goes to both. What Tidemill keeps as a continuous view is a
//! plain view there, so that PostgreSQL computes it anew each time it is asked. Statements
//! must also give the same count of rows or the same SQLSTATE.
//!
//! By default the same cases are run each time; `TIDEMILL_ORACLE_SECONDS` runs new ones for
//! so long, and `TIDEMILL_SEED` repeats one.
//! A failing case is shrunk before it is printed; cases that once failed are in `kept.rs`.
#![expect(clippy::disallowed_methods, reason = "how long it runs is by the real clock")]
mod case;
mod expression;
mod generate;
mod kept;
mod run;
mod shrink;
mod view;

use std::time::{Duration, Instant};

use run::Pair;
use tidemill_tests::Random;

/// Cases of a plain run.
const CASES: usize = 300;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_view_equals_its_select_run_from_scratch() {
    let mut pair = Pair::start().await;
    if let Some(seed) = number("TIDEMILL_SEED") {
        return check(&mut pair, seed).await;
    }
    let begun = Instant::now();
    let mut cases = 0;
    match number("TIDEMILL_ORACLE_SECONDS") {
        None => {
            let mut seeds = Random(7_919);
            while cases < CASES {
                check(&mut pair, seeds.number()).await;
                cases += 1;
            }
        }
        Some(seconds) => {
            let mut seeds = Random(u64::from(std::process::id()) * 7_919);
            while begun.elapsed() < Duration::from_secs(seconds) {
                check(&mut pair, seeds.number()).await;
                cases += 1;
            }
        }
    }
    let skipped = pair.skipped();
    eprintln!("{cases} cases, {} comparisons; skipped: {skipped:?}", pair.comparisons());
    assert!(pair.comparisons() > 10, "nothing was compared");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cases_that_once_failed_pass() {
    let mut pair = Pair::start().await;
    for kept in kept::CASES {
        let case = case::Case::parse(kept);
        if let Err(difference) = pair.run(&case).await {
            panic!("{difference}\n{kept}");
        }
    }
}

async fn check(pair: &mut Pair, seed: u64) {
    let case = generate::case(seed);
    if let Err(difference) = pair.run(&case).await {
        let (case, difference) = shrink::shrink(pair, case, difference).await;
        panic!("seed {seed}: {difference}\n\n{case}");
    }
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().expect("a number"))
}
