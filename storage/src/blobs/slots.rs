//! The two files between which the pointer alternates.
//!
//! A write goes into the slot that does not hold the last record, so a torn one leaves
//! that in place. Each slot holds its record twice, in one write: rot of one copy is made
//! good by the other, and does not silently lead back to an earlier epoch.
use super::container::FOLDER;
use super::record::PointerRecord;
use crate::files::{File, Files, PAGE_BYTES};
use crate::{Error, Result};
use std::sync::Arc;

const PATHS: [&str; 2] = ["blobs/pointer-a", "blobs/pointer-b"];

/// The pointer's two files.
pub(super) struct Slots {
    files: [Arc<dyn File>; 2],
    /// The last record that is durable.
    pub(super) last: PointerRecord,
}

impl Slots {
    /// Opens the slots, or makes them in a store that is new.
    pub(super) fn open(files: &dyn Files, is_new: bool) -> Result<Self> {
        let names = files.list(FOLDER)?;
        let open = |path: &str| {
            let is_there = names.iter().any(|name| path.ends_with(name));
            if !is_there && is_new { files.create(path) } else { files.open(path) }
        };
        let [first, second] = PATHS;
        let slots = [open(first)?, open(second)?];
        files.sync_directory(FOLDER)?;
        let mut last = None;
        for slot in &slots {
            last = newer(last, newest(&**slot)?);
            // A process that was killed may have left a record that was not synced. It must
            // be durable before the other slot's, on which all could fall back, is written over.
            slot.sync()?;
        }
        match last {
            Some(last) => Ok(Self { files: slots, last }),
            None if is_new => Ok(Self { files: slots, last: PointerRecord::default() }),
            None => Err(Error::corrupt(format!(
                "blob pointers \"{first}\" and \"{second}\" are corrupt at offset 0: \
                 no record in them reads back"
            ))),
        }
    }

    /// Makes `record` the last one, wholly or not at all.
    pub(super) fn write(&mut self, mut record: PointerRecord) -> Result<()> {
        record.sequence = self.last.sequence + 1;
        let mut bytes = record.encode();
        bytes.resize(bytes.len().next_multiple_of(PAGE_BYTES as usize), 0);
        bytes.extend_from_within(..);
        let [even, odd] = &self.files;
        let slot = if record.sequence.is_multiple_of(2) { even } else { odd };
        slot.write_at(&bytes, 0)?;
        slot.sync()?;
        self.last = record;
        Ok(())
    }
}

fn newer(one: Option<PointerRecord>, other: Option<PointerRecord>) -> Option<PointerRecord> {
    let sequence = |record: &Option<PointerRecord>| record.as_ref().map(|record| record.sequence);
    if sequence(&other) > sequence(&one) { other } else { one }
}

/// The newest record of a slot, of whichever copy.
fn newest(slot: &dyn File) -> Result<Option<PointerRecord>> {
    let mut bytes = vec![0; slot.length()? as usize];
    let read = slot.read_at(&mut bytes, 0)?;
    bytes.truncate(read);
    let mut newest = None;
    for offset in (0..bytes.len()).step_by(PAGE_BYTES as usize) {
        let record = bytes.get(offset..).and_then(PointerRecord::decode);
        newest = newer(newest, record);
    }
    Ok(newest)
}
