//! What PostgreSQL 15 said that the queries hold, so that not every run has to ask it.
use tidemill_benches::Digest;

/// Query, events, rows, sum of the lines' hashes; lines as `--verify` prints them.
const KEPT: [(&str, u64, u64, u64); 0] = [];

/// The digest of a query over so many events, if it was ever asked.
pub fn digest(name: &str, events: u64) -> Option<Digest> {
    let kept = KEPT.iter().find(|(query, count, ..)| *query == name && *count == events);
    kept.map(|(_, _, rows, sum)| Digest { rows: *rows, sum: *sum })
}
