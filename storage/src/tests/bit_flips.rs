//! One bit changed, anywhere.
use super::backends::{TemporaryDirectory, open_small};
use super::model::{Broken, Model};
use crate::sqlite::SqliteRecords;
use crate::{
    Error, ErrorKind, ForgetfulFiles, Generator, Record, RecordChange, RecordTransaction, Records,
};
use std::path::Path;
use std::sync::Arc;

/// A directory that was used for a while and closed in good order.
fn used() -> (Arc<ForgetfulFiles>, Model) {
    let files = ForgetfulFiles::new();
    let mut random = Generator::new(5);
    let mut model = Model::default();
    for _ in 0..3 {
        let mut stores = open_small(&files).unwrap();
        for _ in 0..30 {
            model.act(&mut stores, &mut random).unwrap();
        }
        model.put(&stores, &mut random).unwrap();
        model.sync(&mut stores).unwrap();
        model.commit(&mut stores, &mut random).unwrap();
        model.append(&mut stores, &mut random).unwrap();
        model.sync(&mut stores).unwrap();
    }
    (files, model)
}

#[test]
fn a_flipped_bit_is_found_and_named_or_does_no_harm() {
    let (files, model) = used();
    let mut found = 0;
    let mut all = 0;
    for (path, length) in files.lengths() {
        // All bytes of the log and of headers, some of the blobs.
        let is_chosen =
            |offset: &u64| !path.contains("/0") || offset % 4096 < 40 || offset.is_multiple_of(89);
        for offset in (0..length).filter(|offset| path.starts_with("log") || is_chosen(offset)) {
            let copy = files.copy();
            copy.flip_bit(&path, offset, (offset % 8) as u32);
            let mut model = model.clone();
            let outcome = open_small(&copy)
                .map_err(Broken::Operation)
                .and_then(|mut stores| model.check(&mut stores));
            all += 1;
            match outcome {
                Ok(()) => {}
                Err(Broken::Promise(what)) => panic!("\"{path}\" at {offset}: {what}"),
                Err(Broken::Operation(error)) => {
                    check_named(&error, &path, offset);
                    found += 1;
                }
            }
        }
    }
    assert!(found > all / 10, "{found} of {all} were found");
}

fn check_named(error: &Error, path: &str, offset: u64) {
    let message = error.message();
    if path == "format" {
        assert!(message.contains("format"), "{message}");
        return;
    }
    assert_eq!(error.kind(), ErrorKind::Corrupt, "{path} at {offset}: {message}");
    assert!(message.contains(path), "{path} at {offset}: {message}");
    let named = message.split(path).nth(1).unwrap().split("at offset ").nth(1).expect(message);
    let named: u64 = named.split([':', ',']).next().unwrap().parse().unwrap();
    // The place that is named is the beginning of what is broken.
    assert!(named <= offset && offset < named + 30_000, "{path} at {offset}: {message}");
}

#[test]
fn a_flipped_bit_of_the_records_is_found_or_does_no_harm() {
    let directory = TemporaryDirectory::new();
    std::fs::create_dir_all(directory.path()).unwrap();
    let path = directory.path().join("records.sqlite");
    let expected = {
        let records = SqliteRecords::open(&path, Arc::new(())).unwrap();
        for transaction in 0..40 {
            let id = records.next_id().unwrap();
            let text = format!("create stream s{id} (a int, b text) -- {transaction}");
            let record = Record { id, kind: "stream".into(), name: format!("s{id}"), text };
            let changes = vec![RecordChange::Put(record), RecordChange::Remove(id / 2)];
            records.stage(&RecordTransaction { transaction, changes }).unwrap();
            if transaction < 35 {
                records.settle(transaction, true).unwrap();
            }
        }
        (records.live().unwrap(), records.pending().unwrap())
    };
    let sound = std::fs::read(&path).unwrap();
    let mut random = Generator::new(1);
    let mut found = 0;
    for _ in 0..600 {
        let bit = random.below(8 * sound.len() as u64) as usize;
        let mut bytes = sound.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        std::fs::write(&path, &bytes).unwrap();
        match read(&path) {
            Ok(read) => assert!(read == expected, "bit {bit} did harm"),
            Err(error) => {
                assert!(error.message().contains("records.sqlite"), "{error}");
                found += 1;
            }
        }
    }
    assert!(found > 50, "only {found} were found");
}

type Contents = (Vec<Record>, Vec<RecordTransaction>);

fn read(path: &Path) -> crate::Result<Contents> {
    let records = SqliteRecords::open(path, Arc::new(()))?;
    let contents = (records.live()?, records.pending()?);
    let id = records.next_id()?;
    assert!(id > 40, "id {id} is given again");
    Ok(contents)
}
