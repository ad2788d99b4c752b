//! Compares every view with the same SELECT run from scratch by PostgreSQL, after every step.
//!
//! A case is a schema, views, and steps that change rows; all of it is SQL text made from
//! a seed, and the same text goes to both. What Tidemill keeps as a continuous view is a
//! plain view there, so that PostgreSQL computes it anew each time it is asked. Statements
//! must also give the same count of rows or the same SQLSTATE. Rows and groups on which a
//! query fails are found there one by one: the view must equal the query over the others,
//! and the error relation must hold just them. Sums of floats are exact there, then rounded.
//!
//! The same cases are run each time; `TIDEMILL_ORACLE_SECONDS` runs new ones for so long
//! instead, or those from `TIDEMILL_FIRST_SEED` on, and `TIDEMILL_SEED` repeats one.
//! A failing case is shrunk before it is printed; cases that once failed are in `kept.rs`.
#![expect(clippy::disallowed_methods, reason = "how long it runs is by the real clock")]
mod answer;
mod canonical;
mod case;
mod change;
mod expression;
mod failing;
mod fallible;
mod generate;
mod kept;
mod load;
mod query;
mod reference;
mod run;
mod shrink;
mod values;
mod view;
mod windows;
mod workers;

use std::time::{Duration, Instant};

use run::Pair;
use tidemill_tests::Random;

/// Cases that are run each time.
const CASES: usize = 300;

/// After so many failures a run ends.
const FAILURES_MAX: usize = 10;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_view_equals_its_select_run_from_scratch() {
    let mut pair = Pair::start().await;
    if let Some(seed) = number("TIDEMILL_SEED") {
        eprintln!("{}", generate::case(seed));
        let failure = failure(&mut pair, seed).await;
        assert!(failure.is_none(), "{}", failure.unwrap_or_default());
        return;
    }
    let seconds = number("TIDEMILL_ORACLE_SECONDS");
    let first = match (number("TIDEMILL_FIRST_SEED"), seconds) {
        (Some(first), _) => first,
        (None, None) => 7_919,
        (None, Some(_)) => since_epoch().wrapping_mul(7_919) ^ u64::from(std::process::id()),
    };
    eprintln!("first seed {first}");
    let mut seeds = Random(first);
    let begun = Instant::now();
    let (mut cases, mut failures) = (0, vec![]);
    while failures.len() < FAILURES_MAX
        && match seconds {
            None => cases < CASES,
            Some(seconds) => begun.elapsed() < Duration::from_secs(seconds),
        }
    {
        failures.extend(failure(&mut pair, seeds.number()).await);
        cases += 1;
    }
    report(cases, &pair);
    let (failed, shown) = (failures.len(), failures.join("\n"));
    assert!(failures.is_empty(), "{failed} of {cases} cases failed:\n{shown}");
    assert!(pair.counts.views > 10, "nothing was compared");
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

/// How the case of a seed fails, with a small one like it; None if it holds.
async fn failure(pair: &mut Pair, seed: u64) -> Option<String> {
    let case = generate::case(seed);
    let difference = pair.run(&case).await.err()?;
    eprintln!("seed {seed} fails: {difference}; looking for a smaller case");
    let (case, difference) = shrink::shrink(pair, case, difference).await;
    Some(format!("seed {seed}: {difference}\n\n{case}"))
}

fn report(cases: usize, pair: &Pair) {
    let run::Counts { views, failing, selects, skipped } = &pair.counts;
    eprintln!(
        "{cases} cases: {views} views compared, {failing} kinds of failures, {selects} selects"
    );
    let skips: usize = skipped.values().sum();
    eprintln!("{skips} skipped:");
    for (reason, count) in skipped {
        eprintln!("{count:>8} {reason}");
    }
}

fn since_epoch() -> u64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    now.map_or(0, |time| time.as_secs())
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().expect("a number"))
}
