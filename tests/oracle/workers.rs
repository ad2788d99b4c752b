//! The same bytes with any number of workers.
//!
//! Three servers begin with copies of one data directory, so that they hash alike, and get
//! the same statements. Whatever is read from them is the same, in the same order.
use std::path::Path;

use futures_util::TryStreamExt;
use tidemill_tests::{Random, Server, scratch};
use tokio_postgres::Client;

use crate::answer::{Outcome, code, execute, load};
use crate::case::{Case, Step};
use crate::generate;
use crate::values::Taste;

/// How many threads share large changes.
const WORKERS: [&str; 3] = ["1", "2", "4"];

/// Cases that are run each time, and how many more at most until enough results are large.
const CASES: usize = 8;
const MORE_CASES_MAX: usize = 40;

/// Results of a thousand bytes and more, of which some at least tell something.
const LARGE_RESULTS_MIN: usize = 9;

/// Rows of a stream that are committed at once; more may be in one tick or in two.
const STREAM_ROWS_MAX: u64 = 8_192;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn results_have_the_same_bytes_with_any_number_of_workers() {
    let first = scratch("workers");
    assert!(Server::start(&first, &[]).stop(), "the server stops well");
    let (mut servers, mut clients) = (vec![], vec![]);
    for workers in WORKERS {
        let data = scratch("workers");
        copy(&first, &data);
        let server = Server::start(&data, &["--workers", workers]);
        clients.push(server.connect().await);
        servers.push(server);
    }
    let mut random = Random(crate::number("TIDEMILL_SEED").unwrap_or(7_919));
    let mut large = 0;
    for number in 0..CASES + MORE_CASES_MAX {
        if number >= CASES && large >= LARGE_RESULTS_MIN {
            break;
        }
        let taste = Taste { big: true, ..Taste::default() };
        let case = generate::case_of(&mut random, taste);
        large += compare(&clients, &case, number).await;
    }
    assert!(large >= LARGE_RESULTS_MIN, "too few large results to tell anything: {large}");
    drop(clients);
    for mut server in servers {
        server.kill();
        let _ = std::fs::remove_dir_all(&server.data);
    }
    let _ = std::fs::remove_dir_all(first);
}

/// Runs a case everywhere; how many results were of a thousand bytes and more.
async fn compare(clients: &[Client], case: &Case, number: usize) -> usize {
    let begin = format!("CREATE SCHEMA case_{number}");
    let set = format!("SET search_path = case_{number}");
    for client in clients {
        client.batch_execute(&begin).await.expect("a schema is made");
        client.batch_execute(&set).await.expect("a setting is set");
    }
    let (mut views, mut large) = (vec![], 0);
    for step in &case.steps {
        let mut outcomes = vec![];
        for client in clients {
            outcomes.push(run(client, step).await);
        }
        let same = outcomes.windows(2).all(|pair| pair[0] == pair[1]);
        assert!(same, "{outcomes:?}\nafter {step}");
        match (step, &outcomes[0][..]) {
            (Step::View(name, _), [Ok(_)]) => views.push(name.clone()),
            (Step::Drop(name), [Ok(_)]) => views.retain(|view| view != name),
            _ => {}
        }
        for view in &views {
            let mut texts = vec![];
            for client in clients {
                texts.push(bytes(client, view).await);
            }
            let same = texts.windows(2).all(|pair| pair[0] == pair[1]);
            assert!(same, "{view} is not the same with {WORKERS:?} workers, after {step}\n{case}");
            large += usize::from(texts[0].len() >= 1_000);
        }
    }
    for client in clients {
        let drop = format!("DROP SCHEMA case_{number} CASCADE");
        client.batch_execute(&drop).await.expect("a schema goes");
    }
    large
}

/// Counts and SQLSTATEs of a step's statements.
async fn run(client: &Client, step: &Step) -> Vec<Outcome> {
    let short = |outcome: Outcome| outcome.map_err(|refused| code(&refused).to_owned());
    let mut outcomes = vec![];
    if let Step::Load(rows) = step {
        let mut rows = rows.clone();
        if rows.relation.starts_with('s') {
            rows.rows = rows.rows.min(STREAM_ROWS_MAX);
        }
        outcomes.push(short(load(client, &rows).await));
    }
    for statement in step.ours() {
        outcomes.push(short(execute(client, &statement).await));
    }
    outcomes
}

async fn bytes(client: &Client, view: &str) -> Vec<u8> {
    let copy = format!("COPY (SELECT * FROM {view}) TO STDOUT");
    let stream = client.copy_out(&copy).await.expect("a view can be copied");
    let parts: Vec<bytes::Bytes> = stream.try_collect().await.expect("rows come");
    parts.concat()
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder can be made");
    for entry in std::fs::read_dir(from).expect("a folder can be read") {
        let entry = entry.expect("an entry can be read");
        let target = to.join(entry.file_name());
        match entry.file_type().expect("an entry has a type").is_dir() {
            true => copy(&entry.path(), &target),
            false => {
                std::fs::copy(entry.path(), target).expect("a file can be copied");
            }
        }
    }
}
