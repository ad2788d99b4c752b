//! What must hold after every restart.
use std::collections::{BTreeMap, BTreeSet};

use tokio_postgres::{Client, SimpleQueryMessage};

use crate::VIEWS;
use crate::writers::{ACCOUNTS, Events, Item, Ledger, OPENING_BALANCE, Transfer};

/// What a writer's events add up to: how many, least, greatest, sum, sum of squares.
type Digest = (i64, i32, i32, i64, String);

/// Checks everything, and lets the ledger know what became of what was under way.
///
/// Events are added up by the server; a sum that is not what it should be is looked into.
pub async fn all(client: &Client, ledger: &mut Ledger) {
    events(client, ledger).await;
    transfers(client, ledger).await;
    items(client, ledger).await;
    for (view, query) in VIEWS {
        let kept = lines(client, &format!("SELECT * FROM {view}")).await;
        assert_eq!(kept, lines(client, query).await, "the view {view} and its SELECT");
    }
}

/// Fetches every event, and checks that each is there once.
pub async fn every_event(client: &Client, ledger: &Ledger) {
    let mut found: BTreeMap<i32, Vec<i32>> = BTreeMap::new();
    for row in client.query("SELECT writer, n FROM events", &[]).await.unwrap() {
        found.entry(row.get(0)).or_default().push(row.get(1));
    }
    for (writer, numbers) in &mut found {
        numbers.sort_unstable();
        let twice = numbers.windows(2).find(|pair| pair[0] == pair[1]);
        assert!(twice.is_none(), "writer {writer}: an event is there twice: {twice:?}");
        let missing = (0..).zip(numbers.iter()).find(|(n, found)| n != *found);
        let known = ledger.events.get(writer);
        assert!(missing.is_none(), "writer {writer}: missing or strange: {missing:?}; {known:?}");
    }
    for (writer, known) in &ledger.events {
        let count = found.get(writer).map_or(0, Vec::len);
        let whole = [known.next, known.under_way].iter().any(|end| *end as usize == count);
        assert!(whole, "writer {writer}: {count} events; acknowledged {known:?}");
    }
}

async fn events(client: &Client, ledger: &mut Ledger) {
    let query = "SELECT writer, count(*), min(n), max(n), sum(n), sum(n::bigint * n)::text \
                 FROM events GROUP BY writer";
    let mut found: BTreeMap<i32, Digest> = BTreeMap::new();
    for row in client.query(query, &[]).await.unwrap() {
        let digest = (row.get(1), row.get(2), row.get(3), row.get(4), row.get(5));
        found.insert(row.get(0), digest);
    }
    let mut expected: BTreeMap<i32, (i64, i64, i32)> = BTreeMap::new();
    let mut ends = BTreeMap::new();
    for (writer, known) in &ledger.events {
        let digest = found.remove(writer);
        let end = [known.next, known.under_way].into_iter().find(|end| digest == digest_of(*end));
        let Some(end) = end else {
            every_event(client, ledger).await;
            panic!("writer {writer}: {digest:?} is not the sum of its events; {known:?}");
        };
        ends.insert(*writer, Events { next: end, under_way: end });
        if let Some((count, _, last, total, _)) = digest_of(end) {
            expected.insert(*writer, (count, total, last));
        }
    }
    assert!(found.is_empty(), "events that nobody wrote: {found:?}");
    ledger.events = ends;
    let view = client.query("SELECT writer, events, total, last FROM per_writer", &[]).await;
    let view: BTreeMap<i32, (i64, i64, i32)> = view
        .unwrap()
        .iter()
        .map(|row| (row.get(0), (row.get(1), row.get(2), row.get(3))))
        .collect();
    assert_eq!(view, expected, "the view per_writer");
}

/// The digest of the numbers below `end`; no row if there are none.
fn digest_of(end: i32) -> Option<Digest> {
    let count = i64::from(end);
    let squares = i128::from(count) * i128::from(count - 1) * i128::from(2 * count - 1) / 6;
    (end > 0).then(|| (count, 0, end - 1, count * (count - 1) / 2, squares.to_string()))
}

async fn transfers(client: &Client, ledger: &mut Ledger) {
    let rows = client.query("SELECT id, source, target FROM transfers", &[]).await.unwrap();
    let found: BTreeSet<Transfer> = rows
        .iter()
        .map(|row| Transfer { id: row.get(0), source: row.get(1), target: row.get(2) })
        .collect();
    assert_eq!(found.len(), rows.len(), "a transfer is there twice");
    let lost: Vec<&Transfer> = ledger.transfers.difference(&found).collect();
    assert!(lost.is_empty(), "acknowledged blocks are lost: {lost:?}");
    for stray in found.difference(&ledger.transfers) {
        assert!(ledger.maybe_transfers.contains(stray), "a block nobody made: {stray:?}");
    }
    let mut balances: BTreeMap<i32, i64> = (0..ACCOUNTS).map(|id| (id, OPENING_BALANCE)).collect();
    let mut sent: BTreeMap<i32, i64> = BTreeMap::new();
    for transfer in &found {
        *balances.get_mut(&transfer.source).unwrap() -= 1;
        *balances.get_mut(&transfer.target).unwrap() += 1;
        *sent.entry(transfer.source).or_default() += 1;
    }
    assert_eq!(pairs(client, "SELECT id, balance FROM accounts").await, balances, "half a block");
    assert_eq!(pairs(client, "SELECT id, sent FROM busy").await, sent, "the view busy");
    let row = client.query_one("SELECT accounts, total::bigint FROM balance", &[]).await.unwrap();
    let total = i64::from(ACCOUNTS) * OPENING_BALANCE;
    assert_eq!((row.get::<_, i64>(0), row.get::<_, i64>(1)), (i64::from(ACCOUNTS), total));
    ledger.transfers = found;
    ledger.maybe_transfers.clear();
}

async fn items(client: &Client, ledger: &mut Ledger) {
    let rows = client.query("SELECT id, version FROM items", &[]).await.unwrap();
    let found: BTreeMap<i32, i32> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
    assert_eq!(found.len(), rows.len(), "an item is there twice");
    for (id, item) in &mut ledger.items {
        let now = found.get(id).copied();
        let known = now == item.version || item.maybe == Some(now);
        assert!(known, "item {id} is {now:?}; the ledger says {item:?}");
        *item = Item { version: now, maybe: None };
    }
    assert!(found.keys().all(|id| ledger.items.contains_key(id)), "an item nobody made");
    let mut versions: BTreeMap<i32, i64> = BTreeMap::new();
    found.values().for_each(|version| *versions.entry(*version).or_default() += 1);
    let view = pairs(client, "SELECT version, items FROM versions").await;
    assert_eq!(view, versions, "the view versions");
    let mut newest: Vec<(i32, i32)> = found.iter().map(|(id, v)| (-v, *id)).collect();
    newest.sort_unstable();
    let newest: BTreeMap<i32, i64> =
        newest.into_iter().take(5).map(|(version, id)| (id, i64::from(-version))).collect();
    let view = pairs(client, "SELECT id, version::bigint FROM newest").await;
    assert_eq!(view, newest, "the view newest");
}

async fn pairs(client: &Client, query: &str) -> BTreeMap<i32, i64> {
    let rows = client.query(query, &[]).await.unwrap();
    rows.iter().map(|row| (row.get(0), row.get(1))).collect()
}

/// The rows of a query as text, in an order of their own.
async fn lines(client: &Client, query: &str) -> Vec<Vec<Option<String>>> {
    let mut lines = vec![];
    for message in client.simple_query(query).await.unwrap() {
        if let SimpleQueryMessage::Row(row) = message {
            lines.push((0..row.len()).map(|n| row.get(n).map(str::to_owned)).collect());
        }
    }
    lines.sort();
    lines
}
