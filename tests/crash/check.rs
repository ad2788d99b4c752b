//! What must hold after every restart.
use std::collections::{BTreeMap, BTreeSet};

use tokio_postgres::Client;

use crate::writers::{ACCOUNTS, Events, Item, Ledger, OPENING_BALANCE, Transfer};

/// Checks everything, and lets the ledger know what became of what was under way.
pub async fn all(client: &Client, ledger: &mut Ledger) {
    events(client, ledger).await;
    transfers(client, ledger).await;
    items(client, ledger).await;
}

async fn events(client: &Client, ledger: &mut Ledger) {
    let mut found: BTreeMap<i32, Vec<i32>> = BTreeMap::new();
    for row in client.query("SELECT writer, n FROM events", &[]).await.unwrap() {
        found.entry(row.get(0)).or_default().push(row.get(1));
    }
    for (writer, known) in &mut ledger.events {
        let numbers = found.entry(*writer).or_default();
        numbers.sort_unstable();
        let count = i32::try_from(numbers.len()).unwrap();
        assert!(
            numbers.iter().copied().eq(0..count),
            "writer {writer}: an event is missing or there twice among {count}"
        );
        let whole = count == known.next || count == known.under_way;
        assert!(whole, "writer {writer}: {count} events; acknowledged {known:?}");
        *known = Events { next: count, under_way: count };
    }
    let expected: BTreeMap<i32, (i64, i64, i32)> = found
        .iter()
        .filter(|(_, numbers)| !numbers.is_empty())
        .map(|(writer, numbers)| {
            let total = numbers.iter().copied().map(i64::from).sum();
            (*writer, (numbers.len() as i64, total, *numbers.last().unwrap()))
        })
        .collect();
    let view = client.query("SELECT writer, events, total, last FROM per_writer", &[]).await;
    let view: BTreeMap<i32, (i64, i64, i32)> = view
        .unwrap()
        .iter()
        .map(|row| (row.get(0), (row.get(1), row.get(2), row.get(3))))
        .collect();
    assert_eq!(view, expected, "the view per_writer");
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
}

async fn pairs(client: &Client, query: &str) -> BTreeMap<i32, i64> {
    let rows = client.query(query, &[]).await.unwrap();
    rows.iter().map(|row| (row.get(0), row.get(1))).collect()
}
