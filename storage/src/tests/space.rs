//! Disk space that is used again.
use super::backends::open_small;
use crate::{BlobId, ForgetfulFiles, Generator, Pointer};

fn bytes_of(files: &ForgetfulFiles, folder: &str) -> u64 {
    let lengths = files.lengths().into_iter().filter(|(path, _)| path.starts_with(folder));
    lengths.map(|(_, length)| length).sum()
}

#[test]
fn a_log_that_is_cut_takes_no_more_space() {
    let files = ForgetfulFiles::new();
    let mut stores = open_small(&files).unwrap();
    for tick in 1..2000 {
        stores.log.append(tick, &[1; 300]).unwrap();
        stores.log.sync().unwrap();
        stores.log.cut(tick.saturating_sub(20)).unwrap();
    }
    assert!(bytes_of(&files, "log/") <= 5 * 4096, "{}", bytes_of(&files, "log/"));
    assert!(stores.log.bytes() < 70_000 + 21 * 400);
}

#[test]
fn a_closed_log_keeps_few_spare_files_and_no_large_ones() {
    let files = ForgetfulFiles::new();
    let mut stores = open_small(&files).unwrap();
    for tick in 1..200 {
        let size = if tick == 100 { 100_000 } else { 2000 };
        stores.log.append(tick, &vec![1; size]).unwrap();
    }
    stores.log.sync().unwrap();
    let many = files.lengths().len();
    stores.log.cut(199).unwrap();
    assert_eq!(files.lengths().len(), many, "nothing is removed while the log is open");
    drop(stores);
    assert!(bytes_of(&files, "log/") < 10 * 4096);
}

#[test]
fn small_blobs_share_a_container() {
    let files = ForgetfulFiles::new();
    let stores = open_small(&files).unwrap();
    let blobs: Vec<BlobId> = (0..400).map(|_| stores.blobs.put(&[1; 100]).unwrap()).collect();
    stores.blobs.commit(&Pointer { epoch: 1, blobs, ..Pointer::default() }).unwrap();
    assert!(bytes_of(&files, "blobs/0") <= 400 * 4096);
}

#[test]
fn blobs_of_old_epochs_give_their_space_back() {
    let files = ForgetfulFiles::new();
    let mut random = Generator::new(1);
    let stores = open_small(&files).unwrap();
    for epoch in 1..300 {
        let mut blobs = Vec::new();
        for _ in 0..4 {
            let size = random.below(100_000) as usize;
            blobs.push(stores.blobs.put(&random.bytes(size)).unwrap());
            // An epoch that was given up leaves blobs which nobody ever names.
            stores.blobs.put(&[0; 5000]).unwrap();
        }
        stores.blobs.commit(&Pointer { epoch, blobs, ..Pointer::default() }).unwrap();
    }
    assert!(bytes_of(&files, "blobs/0") <= 2 << 20, "{}", bytes_of(&files, "blobs/0"));
}

#[test]
fn the_pages_of_the_epoch_before_are_not_written_to() {
    // The last pointer rots; the one before still has all its blobs.
    let files = ForgetfulFiles::new();
    let stores = open_small(&files).unwrap();
    let mut pointers = Vec::new();
    for epoch in 1..20 {
        let blobs = (0..3).map(|_| stores.blobs.put(&[epoch as u8; 9000]).unwrap()).collect();
        let pointer = Pointer { epoch, blobs, ..Pointer::default() };
        stores.blobs.commit(&pointer).unwrap();
        pointers.push(pointer);
        for _ in 0..3 {
            stores.blobs.put(&[0; 9000]).unwrap();
        }
        let copy = files.copy();
        // Epoch 1 is the third record: the start of an empty store is the first.
        let last = if epoch % 2 == 0 { "blobs/pointer-b" } else { "blobs/pointer-a" };
        copy.flip_bit(last, 20, 0);
        copy.flip_bit(last, 4096 + 20, 0);
        let stores = open_small(&copy).unwrap();
        let Some(found) = stores.blobs.pointer().unwrap() else {
            assert_eq!(epoch, 1);
            continue;
        };
        assert_eq!(Some(&found), pointers.iter().rev().nth(1));
        for blob in found.blobs {
            assert_eq!(stores.blobs.get(blob).unwrap(), [epoch as u8 - 1; 9000]);
        }
    }
}
