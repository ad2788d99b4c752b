//! What blobs promise, as an exam.
#![expect(clippy::unwrap_used, reason = "an exam fails by panicking")]
use super::Opener;
use crate::{BLOB_BYTES_MAX, BlobId, Blobs, ErrorKind, Generator, Pointer};
use std::collections::{BTreeMap, BTreeSet};

/// Panics where blobs do not do what [`Blobs`] says.
pub fn check_blobs(fresh: &dyn Fn() -> Opener) {
    for fact in [
        blobs_of_any_size_come_back,
        a_new_store_has_no_pointer,
        the_last_pointer_comes_back_with_its_blobs,
        what_was_never_put_cannot_be_named_or_read,
        a_blob_outlives_one_commit_that_does_not_name_it,
        ids_are_never_used_again,
        space_is_used_again_and_nothing_is_mixed_up,
        blobs_may_be_put_from_many_threads,
    ] {
        fact(&fresh());
    }
}

fn commit(blobs: &dyn Blobs, epoch: u64, named: &[BlobId]) -> Pointer {
    let manifest = Generator::new(epoch).bytes(epoch as usize % 100);
    let pointer = Pointer { epoch, tick: 10 * epoch, blobs: named.to_vec(), manifest };
    blobs.commit(&pointer).unwrap();
    assert_eq!(blobs.pointer().unwrap().as_ref(), Some(&pointer));
    pointer
}

fn blobs_of_any_size_come_back(open: &Opener) {
    let sizes = [0, 1, 100, 4071, 4072, 4073, 4096, 65_536, BLOB_BYTES_MAX - 1, BLOB_BYTES_MAX];
    let body = |size: usize| Generator::new(size as u64).bytes(size);
    let blobs = open().blobs;
    let ids = sizes.map(|size| blobs.put(&body(size)).unwrap());
    commit(&*blobs, 1, &ids);
    let check = |blobs: &dyn Blobs| {
        for (size, id) in sizes.into_iter().zip(ids) {
            assert!(blobs.get(id).unwrap() == body(size), "blob of {size} bytes");
        }
    };
    check(&*blobs);
    drop(blobs);
    let blobs = open().blobs;
    check(&*blobs);
    let error = blobs.put(&vec![0; BLOB_BYTES_MAX + 1]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
}

fn a_new_store_has_no_pointer(open: &Opener) {
    for _ in 0..3 {
        assert_eq!(open().blobs.pointer().unwrap(), None);
    }
    open().blobs.put(b"of no epoch").unwrap();
    assert_eq!(open().blobs.pointer().unwrap(), None);
}

fn the_last_pointer_comes_back_with_its_blobs(open: &Opener) {
    let mut kept = open().blobs.put(b"lost with the process").map(|_| Vec::new()).unwrap();
    for epoch in 1..10 {
        let blobs = open().blobs;
        let id = blobs.put(&epoch.to_string().into_bytes()).unwrap();
        kept.push((epoch, id));
        let ids: Vec<_> = kept.iter().map(|(_, id)| *id).collect();
        let pointer = commit(&*blobs, epoch, &ids);
        blobs.put(b"of no epoch").unwrap();
        drop(blobs);
        let blobs = open().blobs;
        assert_eq!(blobs.pointer().unwrap(), Some(pointer));
        for (epoch, id) in &kept {
            assert_eq!(blobs.get(*id).unwrap(), epoch.to_string().into_bytes());
        }
    }
}

fn what_was_never_put_cannot_be_named_or_read(open: &Opener) {
    let blobs = open().blobs;
    let id = blobs.put(b"one").unwrap();
    let pointer = commit(&*blobs, 1, &[id]);
    let unknown = BlobId(u64::MAX);
    assert_eq!(blobs.get(unknown).unwrap_err().kind(), ErrorKind::Invalid);
    let wrong = Pointer { epoch: 2, blobs: vec![id, unknown], ..Pointer::default() };
    assert_eq!(blobs.commit(&wrong).unwrap_err().kind(), ErrorKind::Invalid);
    assert_eq!(blobs.pointer().unwrap(), Some(pointer.clone()));
    drop(blobs);
    assert_eq!(open().blobs.pointer().unwrap(), Some(pointer));
}

fn a_blob_outlives_one_commit_that_does_not_name_it(open: &Opener) {
    let blobs = open().blobs;
    let old = blobs.put(b"old").unwrap();
    commit(&*blobs, 1, &[old]);
    let next = blobs.put(b"next").unwrap();
    commit(&*blobs, 2, &[]);
    assert_eq!(blobs.get(old).unwrap(), b"old");
    assert_eq!(blobs.get(next).unwrap(), b"next");
    commit(&*blobs, 3, &[next]);
    drop(blobs);
    assert_eq!(open().blobs.get(next).unwrap(), b"next");
}

fn ids_are_never_used_again(open: &Opener) {
    let mut ids = BTreeSet::new();
    for round in 0..30 {
        let blobs = open().blobs;
        for _ in 0..round % 4 {
            let id = blobs.put(b"same").unwrap();
            assert!(ids.insert(id), "{id:?} came twice");
            if round % 3 == 0 {
                commit(&*blobs, round + 1, &[id]);
            }
        }
    }
}

fn space_is_used_again_and_nothing_is_mixed_up(open: &Opener) {
    let mut generator = Generator::new(3);
    let mut live: BTreeMap<BlobId, Vec<u8>> = BTreeMap::new();
    let mut blobs = open().blobs;
    for epoch in 1..200 {
        for _ in 0..generator.below(6) {
            let size = generator.below(30_000) as usize;
            let bytes = generator.bytes(size);
            live.insert(blobs.put(&bytes).unwrap(), bytes);
        }
        live.retain(|_, _| live_on(&mut generator));
        commit(&*blobs, epoch, &live.keys().copied().collect::<Vec<_>>());
        if epoch % 20 == 0 {
            drop(blobs);
            blobs = open().blobs;
        }
        for (id, bytes) in &live {
            assert!(blobs.get(*id).unwrap() == *bytes, "{id:?} in epoch {epoch}");
        }
    }
}

fn live_on(generator: &mut Generator) -> bool {
    generator.below(3) > 0
}

fn blobs_may_be_put_from_many_threads(open: &Opener) {
    let blobs = open().blobs;
    let body = |thread: u64, number: u64| Generator::new(thread << 32 | number).bytes(20_000);
    let put = |thread| (0..20).map(|n| blobs.put(&body(thread, n)).unwrap()).collect::<Vec<_>>();
    let ids: Vec<Vec<BlobId>> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|thread| scope.spawn(move || put(thread))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    commit(&*blobs, 1, &ids.concat());
    drop(blobs);
    let blobs = open().blobs;
    for (thread, ids) in ids.iter().enumerate() {
        for (number, id) in ids.iter().enumerate() {
            assert!(blobs.get(*id).unwrap() == body(thread as u64, number as u64));
        }
    }
}
