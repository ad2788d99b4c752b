//! Disks that are full or broken.
use super::backends::open_small;
use crate::{ErrorKind, Fault, ForgetfulFiles, Log, Pointer};

fn last(log: &mut dyn Log) -> u64 {
    let mut last = 0;
    let each = &mut |tick, _: &[u8]| {
        last = tick;
        Ok(())
    };
    log.replay(0, each).unwrap();
    last
}

#[test]
fn a_log_that_failed_once_is_not_used_again() {
    for fault in [Fault::FailedSync, Fault::FailedWrite, Fault::NoSpace] {
        let files = ForgetfulFiles::new();
        let mut stores = open_small(&files).unwrap();
        stores.log.append(1, b"one").unwrap();
        stores.log.sync().unwrap();
        files.fail(fault, "log/*");
        stores.log.append(2, b"two").unwrap();
        let error = stores.log.sync().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable, "{fault:?}");
        files.heal();
        assert!(stores.log.append(3, b"three").unwrap_err().message().contains("unusable"));
        assert!(stores.log.sync().is_err());
        let files = files.lose_power(1);
        drop(stores);
        assert!((1..=2).contains(&last(&mut *open_small(&files).unwrap().log)), "{fault:?}");
    }
}

#[test]
fn a_blob_finds_no_space_until_there_is_some() {
    let files = ForgetfulFiles::new();
    let stores = open_small(&files).unwrap();
    let first = stores.blobs.put(b"first").unwrap();
    files.fail(Fault::NoSpace, "blobs/0*");
    assert_eq!(stores.blobs.put(b"second").unwrap_err().kind(), ErrorKind::Unavailable);
    files.heal();
    let third = stores.blobs.put(b"third").unwrap();
    let pointer = Pointer { epoch: 1, blobs: vec![first, third], ..Pointer::default() };
    stores.blobs.commit(&pointer).unwrap();
    let files = files.lose_power(1);
    drop(stores);
    let stores = open_small(&files).unwrap();
    assert_eq!(stores.blobs.get(first).unwrap(), b"first");
    assert_eq!(stores.blobs.get(third).unwrap(), b"third");
}

#[test]
fn no_epoch_follows_a_failed_sync() {
    for broken in ["blobs/0*", "blobs/pointer*"] {
        let files = ForgetfulFiles::new();
        let stores = open_small(&files).unwrap();
        let blob = stores.blobs.put(b"one").unwrap();
        let first = Pointer { epoch: 1, blobs: vec![blob], ..Pointer::default() };
        stores.blobs.commit(&first).unwrap();
        let second = stores.blobs.put(b"two").unwrap();
        files.fail(Fault::FailedSync, broken);
        let pointer = Pointer { epoch: 2, blobs: vec![second], ..Pointer::default() };
        assert!(stores.blobs.commit(&pointer).is_err());
        files.heal();
        assert!(stores.blobs.commit(&pointer).is_err(), "{broken}");
        assert!(stores.blobs.put(b"three").is_err(), "{broken}");
        let files = files.lose_power(1);
        drop(stores);
        assert_eq!(open_small(&files).unwrap().blobs.pointer().unwrap(), Some(first));
    }
}
