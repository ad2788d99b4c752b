//! Nexmark through the whole engine: events from CSV files in, views out, digests compared.
//!
//! ```sh
//! cargo bench --bench nexmark -- [--events 1000000] [--queries q0,q4] [--own] [--copy] [--verify]
//! ```
//!
//! Each query has a server of its own, the real binary on its default options but for the
//! memory: three sources, each a file, and the query as a continuous view over them, made
//! in one block. The time runs from its COMMIT until all sources have finished: all rows are
//! durable then, and in the view. `--own` loads only the files that the query reads;
//! `--copy` loads them through COPY instead, into streams, one connection a file;
//! `--verify` asks PostgreSQL for the digests, instead of those that are kept.
#![expect(clippy::disallowed_methods, reason = "a benchmark measures by the real clock")]
mod events;
mod kept;
mod queries;
mod reference;
mod run;

use std::time::Instant;

use tidemill_benches::Options;
use tidemill_tests::root;

use crate::events::Events;
use crate::queries::QUERIES;
use crate::reference::Reference;

const KNOWN: [&str; 6] = ["--events", "--queries", "--own", "--copy", "--verify", "--server"];

fn main() {
    let options = Options::of_process(&KNOWN);
    let count: u64 = options.get("--events", 1_000_000);
    let folder = root().join("target/nexmark");
    let events = Events::prepare(&folder, count).expect("the events can be written");
    for file in &events.files {
        println!("{:8} {:9} rows {:6} MB", file.stream, file.rows, file.bytes / 1_000_000);
    }
    let wanted = options.text("--queries").map(|text| text.split(',').collect::<Vec<_>>());
    let queries = QUERIES.iter().filter(|q| wanted.as_ref().is_none_or(|w| w.contains(&q.name)));
    let runtime = tokio::runtime::Runtime::new().expect("a runtime starts");
    runtime.block_on(async {
        let reference = match options.has("--verify") {
            true => Some(Reference::load(&events).await),
            false => None,
        };
        println!("{}", run::HEAD);
        for query in queries {
            let expected = match &reference {
                Some(reference) => {
                    let begun = Instant::now();
                    let digest = reference.digest(query).await;
                    let seconds = begun.elapsed().as_secs_f64();
                    let (rows, sum) = (digest.rows, digest.sum);
                    println!(
                        "    (\"{}\", {count}, {rows}, {sum:#018x}), // {seconds:.1} s",
                        query.name
                    );
                    Some(digest)
                }
                None => kept::digest(query.name, count),
            };
            run::run(&events, query, expected, &options).await;
        }
    });
}
