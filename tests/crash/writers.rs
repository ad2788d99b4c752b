//! The load: writers that note what was acknowledged, and what was under way at the end.
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use bytes::Bytes;
use futures_util::SinkExt;
use tidemill_tests::{Random, connect};
use tokio::task::JoinHandle;
use tokio_postgres::{Client, Error};

pub const ACCOUNTS: i32 = 50;
pub const OPENING_BALANCE: i64 = 1_000;
const INSERTERS: i32 = 3;
const COPIERS: i32 = 2;
const TRANSFERERS: i32 = 2;
const KEEPERS: i32 = 2;
const COPY_ROWS: i32 = 200;
/// So that minutes of load can be checked in a second.
const COPY_PAUSE: Duration = Duration::from_millis(15);
const ITEMS_PER_KEEPER: i32 = 40;

/// What one writer of events knows: all numbers below `next` are acknowledged, those from
/// there to `under_way` were sent as one statement whose answer never came.
#[derive(Clone, Copy, Debug, Default)]
pub struct Events {
    pub next: i32,
    pub under_way: i32,
}

/// A block that moves one from an account to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Transfer {
    pub id: i32,
    pub source: i32,
    pub target: i32,
}

/// What one item is known to be, and what it may have become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Item {
    pub version: Option<i32>,
    pub maybe: Option<Option<i32>>,
}

#[derive(Clone, Debug, Default)]
pub struct Ledger {
    pub events: BTreeMap<i32, Events>,
    pub transfers: BTreeSet<Transfer>,
    pub maybe_transfers: BTreeSet<Transfer>,
    pub next_transfer: BTreeMap<i32, i32>,
    pub items: BTreeMap<i32, Item>,
}

impl Ledger {
    pub fn events(&self) -> i64 {
        self.events.values().map(|events| i64::from(events.next)).sum()
    }

    pub fn blocks(&self) -> usize {
        self.transfers.len()
    }
}

enum Note {
    Events(i32, Events),
    Transfers(i32, i32, Vec<Transfer>, Option<Transfer>),
    Items(BTreeMap<i32, Item>),
}

/// Writers at work, until their server dies.
pub struct Load(Vec<JoinHandle<Note>>);

impl Load {
    /// Waits until all have noticed, and adds their notes to the ledger.
    pub async fn finish(self, mut ledger: Ledger) -> Ledger {
        for writer in self.0 {
            match writer.await.unwrap() {
                Note::Events(writer, events) => {
                    ledger.events.insert(writer, events);
                }
                Note::Transfers(writer, next, done, maybe) => {
                    ledger.next_transfer.insert(writer, next);
                    ledger.transfers.extend(done);
                    ledger.maybe_transfers.extend(maybe);
                }
                Note::Items(items) => ledger.items.extend(items),
            }
        }
        ledger
    }
}

pub fn start(port: u16, ledger: &Ledger, seed: u64) -> Load {
    let mut writers = vec![];
    for writer in 0..INSERTERS {
        let from = ledger.events.get(&writer).copied().unwrap_or_default();
        writers.push(tokio::spawn(insert(port, writer, from.next)));
    }
    for writer in INSERTERS..INSERTERS + COPIERS {
        let from = ledger.events.get(&writer).copied().unwrap_or_default();
        writers.push(tokio::spawn(copy(port, writer, from.next)));
    }
    for writer in 0..TRANSFERERS {
        let next = ledger.next_transfer.get(&writer).copied().unwrap_or(writer);
        writers.push(tokio::spawn(transfer(port, writer, next, Random(seed ^ 77 ^ writer as u64))));
    }
    for keeper in 0..KEEPERS {
        let own = |id: &i32| id / ITEMS_PER_KEEPER == keeper;
        let items = ledger.items.iter().filter(|(id, _)| own(id)).map(|(id, item)| (*id, *item));
        let random = Random(seed ^ 99 ^ keeper as u64);
        writers.push(tokio::spawn(keep(port, keeper, items.collect(), random)));
    }
    Load(writers)
}

async fn insert(port: u16, writer: i32, mut next: i32) -> Note {
    let client = connect(port).await;
    let done = |next| Note::Events(writer, Events { next, under_way: next + 1 });
    let insert = "INSERT INTO events VALUES ($1, $2)";
    let Ok(statement) = client.prepare(insert).await else { return done(next) };
    loop {
        match client.execute(&statement, &[&writer, &next]).await {
            Ok(count) => assert_eq!(count, 1),
            Err(error) => {
                only_gone(&error);
                return done(next);
            }
        }
        next += 1;
    }
}

async fn copy(port: u16, writer: i32, mut next: i32) -> Note {
    let client = connect(port).await;
    loop {
        let lines: String = (next..next + COPY_ROWS).map(|n| format!("{writer},{n}\n")).collect();
        let sent = async {
            let sink = client.copy_in("COPY events FROM STDIN (FORMAT csv)").await?;
            let mut sink = std::pin::pin!(sink);
            sink.send(Bytes::from(lines)).await?;
            sink.finish().await
        };
        match sent.await {
            Ok(count) => assert_eq!(count, COPY_ROWS as u64),
            Err(error) => {
                only_gone(&error);
                return Note::Events(writer, Events { next, under_way: next + COPY_ROWS });
            }
        }
        next += COPY_ROWS;
        tokio::time::sleep(COPY_PAUSE).await;
    }
}

async fn transfer(port: u16, writer: i32, mut next: i32, mut random: Random) -> Note {
    let mut client = connect(port).await;
    let mut done = vec![];
    loop {
        let source = random.below(ACCOUNTS);
        let target = (source + 1 + random.below(ACCOUNTS - 1)) % ACCOUNTS;
        let transfer = Transfer { id: next, source, target };
        match block(&mut client, transfer).await {
            Ok(()) => done.push(transfer),
            Err(error) if lost_race(&error) => {}
            Err(error) => {
                only_gone(&error);
                return Note::Transfers(writer, next + TRANSFERERS, done, Some(transfer));
            }
        }
        next += TRANSFERERS;
    }
}

async fn block(client: &mut Client, transfer: Transfer) -> Result<(), Error> {
    let Transfer { id, source, target } = transfer;
    let block = client.transaction().await?;
    let change = "UPDATE accounts SET balance = balance + $1 WHERE id = $2";
    assert_eq!(block.execute(change, &[&-1_i64, &source]).await?, 1);
    assert_eq!(block.execute(change, &[&1_i64, &target]).await?, 1);
    block.execute("INSERT INTO transfers VALUES ($1, $2, $3)", &[&id, &source, &target]).await?;
    block.commit().await
}

async fn keep(port: u16, keeper: i32, mut items: BTreeMap<i32, Item>, mut random: Random) -> Note {
    let client = connect(port).await;
    loop {
        let id = keeper * ITEMS_PER_KEEPER + random.below(ITEMS_PER_KEEPER);
        let known = items.get(&id).and_then(|item| item.version);
        let version = known.unwrap_or(0) + 1;
        let (statement, becomes) = match known {
            None => (format!("INSERT INTO items VALUES ({id}, {version})"), Some(version)),
            Some(_) if random.below(4) == 0 => (format!("DELETE FROM items WHERE id = {id}"), None),
            Some(_) => {
                (format!("UPDATE items SET version = {version} WHERE id = {id}"), Some(version))
            }
        };
        match client.execute(&statement, &[]).await {
            Ok(count) => {
                assert_eq!(count, 1, "{statement}");
                items.insert(id, Item { version: becomes, maybe: None });
            }
            Err(error) => {
                only_gone(&error);
                items.insert(id, Item { version: known, maybe: Some(becomes) });
                return Note::Items(items);
            }
        }
    }
}

fn lost_race(error: &Error) -> bool {
    error.code().is_some_and(|code| code.code() == "40001")
}

/// The only error a writer may see is that its server is gone, or says so while it goes.
fn only_gone(error: &Error) {
    if let Some(database) = error.as_db_error() {
        assert_eq!(database.code().code(), "57P01", "a writer was refused: {database:?}");
    }
}
