//! Captures, images and restored rows against the model.
use std::collections::BTreeMap;

use arrow::array::RecordBatch;
use storage::{BLOB_BYTES_MAX, BlobId};

use super::model::{Row, World, batch, contents, delta, schema, sorted};
use super::*;
use crate::{Delta, Error, ErrorKind, Result};

/// Blobs by name; those that no image names are lost.
#[derive(Default)]
struct Blobs {
    kept: BTreeMap<u64, Vec<u8>>,
    next: u64,
}

impl Blobs {
    fn put(&mut self, bytes: &[u8]) -> Result<BlobId> {
        assert!(bytes.len() <= BLOB_BYTES_MAX);
        self.next += 1;
        self.kept.insert(self.next, bytes.to_vec());
        Ok(BlobId(self.next))
    }

    fn commit(&mut self, image: &Image) {
        let named: Vec<u64> = image.blobs().map(|blob| blob.0).collect();
        self.kept.retain(|blob, _| named.contains(blob));
    }

    fn restore(&self, key: Key, image: &Image) -> Result<Rows> {
        let mut get = |blob: BlobId| {
            self.kept.get(&blob.0).cloned().ok_or_else(|| Error::internal("a blob was lost"))
        };
        Rows::restore(schema(), key, 99, image, &mut get)
    }

    fn store(&mut self, rows: &mut Rows, previous: &Image) -> Image {
        let image = rows.capture(previous).unwrap().write(&mut |bytes| self.put(bytes)).unwrap();
        self.commit(&image);
        through_a_manifest(&image)
    }
}

fn through_a_manifest(image: &Image) -> Image {
    let mut bytes = Vec::new();
    image.write(&mut bytes);
    let mut input = &bytes[..];
    let read = Image::read(&mut input).unwrap();
    assert!(input.is_empty());
    assert_eq!(&read, image);
    read
}

/// The batches as they are, since restored rows have the places that they had.
fn batches(rows: &Rows) -> Vec<RecordBatch> {
    rows.snapshot().unwrap().batches(None).map(|batch| batch.unwrap()).collect()
}

fn run(key: Key, keys: usize) {
    for seed in 10..14 {
        let mut world = World::new(seed, key.clone(), keys);
        let (mut blobs, mut image) = (Blobs::default(), Image::default());
        for _ in 0..80 {
            world.step();
            match world.random.below(8) {
                // An epoch is captured, the rows go on, and it is committed.
                0 | 1 => {
                    let expected = contents(&world.rows.snapshot().unwrap());
                    let capture = world.rows.capture(&image).unwrap();
                    world.step();
                    image = capture.write(&mut |bytes| blobs.put(bytes)).unwrap();
                    image = through_a_manifest(&image);
                    blobs.commit(&image);
                    let restored = blobs.restore(key.clone(), &image).unwrap();
                    assert_eq!(contents(&restored.snapshot().unwrap()), expected);
                }
                // An epoch is lost before it is committed.
                2 => {
                    let capture = world.rows.capture(&image).unwrap();
                    capture.write(&mut |bytes| blobs.put(bytes)).unwrap();
                }
                // The process starts again.
                3 => {
                    image = blobs.store(&mut world.rows, &image);
                    let mut restored = blobs.restore(key.clone(), &image).unwrap();
                    assert_eq!(batches(&restored), batches(&world.rows));
                    restored.add_index(vec![1], false, false).unwrap();
                    restored.add_index(vec![0, 3], false, true).unwrap();
                    world.rows = restored;
                    world.verify();
                }
                _ => {}
            }
        }
        world.verify();
    }
}

#[test]
fn restored_bags_are_what_was_captured() {
    run(Key::Bag, 40);
}

#[test]
fn restored_keyed_rows_are_what_was_captured() {
    run(Key::Unique(vec![0]), 2000);
}

fn numbered(range: std::ops::Range<i64>) -> Vec<Row> {
    range.map(|key| (Some(key), Some("tide".to_owned()), None, None)).collect()
}

#[test]
fn a_sealed_chunk_is_written_once() {
    let mut rows = Rows::new(schema(), Key::None, 1).unwrap();
    let (mut blobs, mut image) = (Blobs::default(), Image::default());
    let mut written = 0;
    for epoch in 0..200 {
        rows.apply(&Delta::inserted(batch(&numbered(epoch * 40..epoch * 40 + 40)))).unwrap();
        let capture = rows.capture(&image).unwrap();
        image = capture
            .write(&mut |bytes| {
                written += bytes.len();
                blobs.put(bytes)
            })
            .unwrap();
        blobs.commit(&image);
    }
    let kept: usize = blobs.kept.values().map(Vec::len).sum();
    assert!(written < 3 * kept, "{written} bytes were written for {kept}");
    let restored = blobs.restore(Key::None, &image).unwrap();
    assert_eq!(contents(&restored.snapshot().unwrap()), sorted(numbered(0..8000)));
}

#[test]
fn adopted_batches_are_as_copied_ones() {
    let mut rows = Rows::new(schema(), Key::None, 1).unwrap();
    let (mut blobs, mut image) = (Blobs::default(), Image::default());
    let (mut older, mut seen) = (rows.snapshot().unwrap(), vec![]);
    let mut end = 0;
    for count in [1000, 1, 63, 64, 7, 300, 128, 129, 127, 5, 90, 2000, 3] {
        // A slice, as what a filter lets through at once may be.
        let all = batch(&numbered(end - 50..end + count + 9));
        rows.apply(&Delta::inserted(all.slice(50, count as usize))).unwrap();
        end += count;
        let newer = rows.snapshot().unwrap();
        assert_eq!(contents(&newer), sorted(numbered(0..end)));
        for delta in difference(&older, &newer) {
            seen.push(delta.unwrap());
        }
        older = newer;
        image = blobs.store(&mut rows, &image);
        let restored = blobs.restore(Key::None, &image).unwrap();
        assert_eq!(batches(&restored), batches(&rows));
        assert_eq!(restored.starts(), rows.starts());
    }
    let seen: Vec<RecordBatch> = seen.iter().map(|delta| delta.rows().clone()).collect();
    let seen = arrow::compute::concat_batches(&schema(), &seen).unwrap();
    let all: Vec<RecordBatch> = batches(&rows);
    assert_eq!(seen, arrow::compute::concat_batches(&schema(), &all).unwrap());
    // Memory is counted once, and given back with the rows.
    let (bytes, plain) = (rows.bytes(), seen.get_array_memory_size());
    assert!(bytes < 3 * plain, "{bytes} bytes are counted for {plain}");
    rows.retire(u64::MAX).unwrap();
    assert!(rows.is_empty() && rows.bytes() < bytes / 3, "{} of {bytes}", rows.bytes());
}

#[test]
fn an_epoch_without_changes_writes_nothing() {
    let mut rows = Rows::new(schema(), Key::Bag, 1).unwrap();
    let mut blobs = Blobs::default();
    let none = blobs.store(&mut rows, &Image::default());
    assert_eq!(none, Image::default());
    assert!(blobs.restore(Key::Bag, &none).unwrap().is_empty());
    rows.apply(&Delta::inserted(batch(&numbered(0..300)))).unwrap();
    let image = blobs.store(&mut rows, &none);
    let next = blobs.next;
    assert_eq!(blobs.store(&mut rows, &image), image);
    assert_eq!(blobs.next, next);
    rows.apply(&Delta::retracted(batch(&numbered(7..8)))).unwrap();
    assert_ne!(blobs.store(&mut rows, &image), image);
    assert_eq!(blobs.next, next + 1);
}

#[test]
fn changes_do_not_pile_up() {
    let mut rows = Rows::new(schema(), Key::Unique(vec![0]), 1).unwrap();
    let (mut blobs, mut image) = (Blobs::default(), Image::default());
    rows.apply(&Delta::inserted(batch(&numbered(0..1000)))).unwrap();
    for epoch in 0..500i64 {
        let mut new = numbered(epoch..epoch + 1).remove(0);
        let old = (new.clone(), -1);
        new.0 = Some(epoch + 1000);
        rows.apply(&delta(&[old, (new, 1)])).unwrap();
        rows.compact(10).unwrap();
        image = blobs.store(&mut rows, &image);
        assert!(blobs.kept.len() < 90, "{}", blobs.kept.len());
    }
    let restored = blobs.restore(Key::Unique(vec![0]), &image).unwrap();
    assert_eq!(batches(&restored), batches(&rows));
}

#[test]
fn blobs_that_do_not_fit_are_corrupt() {
    let mut rows = Rows::new(schema(), Key::Unique(vec![0]), 1).unwrap();
    let mut blobs = Blobs::default();
    rows.apply(&Delta::inserted(batch(&numbered(0..300)))).unwrap();
    rows.apply(&Delta::retracted(batch(&numbered(3..90)))).unwrap();
    let image = blobs.store(&mut rows, &Image::default());
    let names: Vec<u64> = blobs.kept.keys().copied().collect();
    for name in names {
        let good = blobs.kept[&name].clone();
        for position in 0..good.len().min(400) {
            for bad in [
                good[..position].to_vec(),
                good.iter().enumerate().map(|(n, b)| b ^ u8::from(n == position)).collect(),
            ] {
                blobs.kept.insert(name, bad);
                // Some changes give other rows: it is the store's checksum that finds these.
                if let Err(error) = blobs.restore(Key::Unique(vec![0]), &image) {
                    assert_eq!(error.kind(), ErrorKind::Corrupt, "{error}");
                }
            }
        }
        blobs.kept.insert(name, good);
    }
    let mut manifest = Vec::new();
    image.write(&mut manifest);
    for length in 0..manifest.len() {
        assert!(Image::read(&mut &manifest[..length]).is_err());
    }
}
