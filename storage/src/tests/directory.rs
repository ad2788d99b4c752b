//! Who may open a data directory.
use super::backends::TemporaryDirectory;
use crate::{ErrorKind, open_embedded};

#[test]
fn a_directory_is_open_once_until_all_its_stores_are_dropped() {
    let directory = TemporaryDirectory::new();
    let refused = || {
        let error = open_embedded(directory.path()).err().expect("opened twice");
        assert_eq!(error.kind(), ErrorKind::Unavailable);
        assert!(error.message().contains("in use by another process"), "{error}");
    };
    let stores = open_embedded(directory.path()).unwrap();
    refused();
    drop(stores.log);
    refused();
    drop(stores.blobs);
    refused();
    drop(stores.records);
    open_embedded(directory.path()).unwrap();
}

#[test]
fn a_directory_of_something_else_is_left_alone() {
    let directory = TemporaryDirectory::new();
    std::fs::create_dir_all(directory.path()).unwrap();
    std::fs::write(directory.path().join("letter.txt"), "dear").unwrap();
    let error = open_embedded(directory.path()).err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert!(!directory.path().join("log").exists());
}

#[test]
fn a_directory_of_another_version_is_refused() {
    let directory = TemporaryDirectory::new();
    drop(open_embedded(directory.path()).unwrap());
    std::fs::write(directory.path().join("format"), "tidemill 2\n").unwrap();
    let error = open_embedded(directory.path()).err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert!(error.message().contains("format 2"), "{error}");
}

#[test]
fn a_file_in_the_place_of_the_directory_is_refused() {
    let directory = TemporaryDirectory::new();
    std::fs::write(directory.path(), "").unwrap();
    assert!(open_embedded(directory.path()).is_err());
    std::fs::remove_file(directory.path()).unwrap();
}

#[test]
fn a_directory_is_made_with_all_above_it() {
    let directory = TemporaryDirectory::new();
    let nested = directory.path().join("a/b/c");
    drop(open_embedded(&nested).unwrap());
    assert!(nested.join("format").exists());
}

/// A directory with an epoch, a frame behind it and an id given out, without what `take` takes.
fn refuses_without(take: impl Fn(&std::path::Path)) -> String {
    let directory = TemporaryDirectory::new();
    let mut stores = open_embedded(directory.path()).unwrap();
    let transaction = stores.records.next_id().unwrap();
    let (kind, name, text) = ("table".to_owned(), "t".to_owned(), "CREATE TABLE t ()".to_owned());
    let changes = vec![crate::RecordChange::Put(crate::Record { id: 7, kind, name, text })];
    stores.records.stage(&crate::RecordTransaction { transaction, changes }).unwrap();
    stores.records.settle(transaction, true).unwrap();
    stores.log.append(1, b"one").unwrap();
    stores.log.sync().unwrap();
    let pointer = crate::Pointer { epoch: 1, tick: 1, ..crate::Pointer::default() };
    stores.blobs.commit(&pointer).unwrap();
    drop(stores);
    drop(open_embedded(directory.path()).unwrap());
    take(directory.path());
    let error = open_embedded(directory.path()).err().expect("opened without a file");
    assert_eq!(error.kind(), ErrorKind::Corrupt);
    error.message().to_owned()
}

#[test]
fn files_that_are_missing_are_named() {
    let records = |path: &std::path::Path| path.join("records.sqlite");
    let gone = refuses_without(|path| std::fs::remove_file(records(path)).unwrap());
    assert!(gone.contains("\"records.sqlite\" is missing"), "{gone}");
    let emptied = refuses_without(|path| std::fs::write(records(path), "").unwrap());
    assert!(emptied.contains("\"records.sqlite\" is missing"), "{emptied}");
    let log = refuses_without(|path| {
        for file in std::fs::read_dir(path.join("log")).unwrap() {
            std::fs::remove_file(file.unwrap().path()).unwrap();
        }
    });
    assert!(log.contains("\"log\" is empty"), "{log}");
}
