//! What records promise, as an exam.
#![expect(clippy::unwrap_used, reason = "an exam fails by panicking")]
use super::Opener;
use crate::{ErrorKind, Record, RecordChange, RecordTransaction, Records};
use std::collections::BTreeSet;

/// Panics where records do not do what [`Records`] says.
pub fn check_records(fresh: &dyn Fn() -> Opener) {
    for fact in [
        ids_are_never_given_twice,
        what_is_staged_is_pending_until_it_is_settled,
        changes_go_live_in_their_order,
        what_is_forgotten_never_was,
        settling_again_does_nothing,
        a_transaction_is_staged_once,
        any_text_comes_back,
        the_records_may_be_used_from_many_threads,
    ] {
        fact(&fresh());
    }
}

fn record(id: u64, text: &str) -> Record {
    let (kind, name) = ("stream".to_owned(), format!("public.s{id}"));
    Record { id, kind, name, text: text.to_owned() }
}

fn put(id: u64, text: &str) -> RecordChange {
    RecordChange::Put(record(id, text))
}

fn transaction(transaction: u64, changes: &[RecordChange]) -> RecordTransaction {
    RecordTransaction { transaction, changes: changes.to_vec() }
}

fn go_live(records: &dyn Records, id: u64, changes: &[RecordChange]) {
    records.stage(&transaction(id, changes)).unwrap();
    records.settle(id, true).unwrap();
}

fn ids_are_never_given_twice(open: &Opener) {
    let mut ids = BTreeSet::new();
    for round in 0..5 {
        let records = open().records;
        for _ in 0..round * 20 {
            let id = records.next_id().unwrap();
            assert!(id > 0 && ids.insert(id), "{id} came twice");
        }
    }
}

fn what_is_staged_is_pending_until_it_is_settled(open: &Opener) {
    let first = transaction(7, &[put(1, "one"), RecordChange::Remove(9)]);
    let second = transaction(3, &[]);
    let records = open().records;
    records.stage(&first).unwrap();
    records.stage(&second).unwrap();
    drop(records);
    let records = open().records;
    assert_eq!(records.pending().unwrap(), [second.clone(), first]);
    assert_eq!(records.live().unwrap(), []);
    records.settle(7, true).unwrap();
    drop(records);
    let records = open().records;
    assert_eq!(records.pending().unwrap(), [second]);
    assert_eq!(records.live().unwrap(), [record(1, "one")]);
}

fn changes_go_live_in_their_order(open: &Opener) {
    let records = open().records;
    go_live(&*records, 1, &[put(2, "two"), put(1, "one"), put(2, "two again")]);
    assert_eq!(records.live().unwrap(), [record(1, "one"), record(2, "two again")]);
    go_live(&*records, 2, &[RecordChange::Remove(2), put(3, "three"), RecordChange::Remove(4)]);
    assert_eq!(records.live().unwrap(), [record(1, "one"), record(3, "three")]);
    go_live(&*records, 3, &[put(1, "x"), RecordChange::Remove(1), RecordChange::Remove(3)]);
    go_live(&*records, 4, &[RecordChange::Remove(3), put(3, "back")]);
    drop(records);
    assert_eq!(open().records.live().unwrap(), [record(3, "back")]);
}

fn what_is_forgotten_never_was(open: &Opener) {
    let records = open().records;
    go_live(&*records, 1, &[put(1, "one")]);
    let changes = [put(1, "other"), put(2, "two"), RecordChange::Remove(1)];
    records.stage(&transaction(2, &changes)).unwrap();
    records.settle(2, false).unwrap();
    drop(records);
    let records = open().records;
    assert_eq!(records.live().unwrap(), [record(1, "one")]);
    assert_eq!(records.pending().unwrap(), []);
}

fn settling_again_does_nothing(open: &Opener) {
    let records = open().records;
    go_live(&*records, 1, &[put(1, "one")]);
    go_live(&*records, 2, &[RecordChange::Remove(1)]);
    for (id, live) in [(1, true), (1, false), (2, false), (99, true)] {
        records.settle(id, live).unwrap();
    }
    assert_eq!(records.live().unwrap(), []);
}

fn a_transaction_is_staged_once(open: &Opener) {
    let records = open().records;
    records.stage(&transaction(1, &[put(1, "one")])).unwrap();
    let error = records.stage(&transaction(1, &[put(2, "two")])).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    records.settle(1, true).unwrap();
    assert_eq!(records.live().unwrap(), [record(1, "one")]);
}

fn any_text_comes_back(open: &Opener) {
    let texts = ["", "'", "a\0b", "größe ☂", "select 1;\n-- \"x\"", "%s ?1 :a $1"];
    let changes: Vec<_> = texts.iter().zip(1..).map(|(text, id)| put(id, text)).collect();
    let large = "x".repeat(2_000_000);
    let records = open().records;
    go_live(&*records, 1, &changes);
    go_live(&*records, 2, &[put(100, &large)]);
    drop(records);
    let mut live = open().records.live().unwrap();
    assert!(live.pop() == Some(record(100, &large)));
    let found: Vec<_> = live.iter().map(|record| record.text.as_str()).collect();
    assert_eq!(found, texts);
}

fn the_records_may_be_used_from_many_threads(open: &Opener) {
    let records = open().records;
    let work = |thread: u64| {
        let mut ids = Vec::new();
        for number in 0..10 {
            let id = records.next_id().unwrap();
            go_live(&*records, 100 * thread + number + 1, &[put(id, "x")]);
            ids.push(id);
        }
        ids
    };
    let mut ids: Vec<u64> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|thread| scope.spawn(move || work(thread))).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    ids.sort_unstable();
    let live: Vec<u64> = records.live().unwrap().iter().map(|record| record.id).collect();
    assert_eq!(live, ids);
}
