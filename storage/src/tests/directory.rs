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
