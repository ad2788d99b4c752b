//! The records as which the groups of a shard are written down.
//!
//! Rows of words are replaced as they are. Values beside them (the sets of min and max,
//! distinct values) are written one by one, so that a group of many costs only those that
//! changed.
use super::distinct::Distinct;
use super::groups::Groups;
use crate::aggregates::Words;
use crate::state::record::{Reader, Writer};
use crate::state::unwritten::Change;
use crate::{Error, ErrorKind, Result};

/// A group that is gone: its key.
const GONE: u64 = 0;

/// A group: its key, its words, and what calls write behind them.
const GROUP: u64 = 1;

/// A value of a call: the group's key, the call, what the call writes.
const VALUE: u64 = 2;

/// A row of a table of distinct values: which table, and what it writes.
const DISTINCT: u64 = 3;

impl Groups {
    /// From now on changes are noted; what is there counts as written, or is to be.
    pub(crate) fn track(&mut self, written: bool) {
        self.table.track(written);
        self.calls.iter_mut().for_each(|call| call.accumulator.track(written));
        self.distinct.iter_mut().for_each(|distinct| distinct.track(written));
    }

    /// How much is to be written at most.
    pub(crate) fn unwritten(&self) -> usize {
        let slots = self.table.slots();
        let calls = self.calls.iter().map(|call| call.accumulator.unwritten(slots));
        let distinct = self.distinct.iter().map(Distinct::unwritten);
        self.table.unwritten() + calls.chain(distinct).sum::<usize>()
    }

    /// Writes what has changed since it was written, until the writer is full.
    pub(crate) fn capture(&mut self, writer: &mut Writer) {
        while !writer.is_full() {
            let Some(change) = self.table.next_change() else { break };
            match change {
                Change::Nothing => writer.pass(),
                Change::Gone(key) => {
                    writer.row();
                    writer.number(GONE);
                    writer.bytes(&key);
                }
                Change::Row(slot) => {
                    writer.row();
                    writer.number(GROUP);
                    self.table.write_key(slot, writer);
                    let words = self.table.row(slot);
                    writer.words(words);
                    for call in &mut self.calls {
                        let words = words.get(call.offset..).unwrap_or_default();
                        call.accumulator.write(words, writer);
                    }
                }
            }
        }
        for (number, call) in self.calls.iter_mut().enumerate() {
            while !writer.is_full() {
                let all = Words { table: &self.table, offset: call.offset };
                let mut value = Writer::default();
                let Some(slot) = call.accumulator.write_value(&all, &mut value) else { break };
                // The values of a group that is gone are gone with it.
                let Some(slot) = slot.filter(|slot| self.table.is_live(*slot)) else {
                    writer.pass();
                    continue;
                };
                writer.row();
                writer.number(VALUE);
                self.table.write_key(slot, writer);
                writer.number(number as u64);
                writer.append(&value.finish());
            }
        }
        for (number, distinct) in self.distinct.iter_mut().enumerate() {
            while !writer.is_full() {
                let Some(change) = distinct.next_change() else { break };
                if change == Change::Nothing {
                    writer.pass();
                    continue;
                }
                writer.row();
                writer.number(DISTINCT);
                writer.number(number as u64);
                distinct.write(change, writer);
            }
        }
    }

    /// Takes back what [`Groups::capture`] wrote.
    pub(crate) fn restore(&mut self, reader: &mut Reader<'_>) -> Result<()> {
        while !reader.is_empty() {
            match reader.number()? {
                GONE => {
                    if let Some(slot) = self.table.find_removed(reader.bytes()?)? {
                        self.remove(slot);
                    }
                }
                GROUP => self.restore_group(reader)?,
                VALUE => {
                    let slot = self.table.read_key(reader)?;
                    let number = reader.number()? as usize;
                    let call = self.calls.get_mut(number).ok_or_else(unknown)?;
                    let words = self.table.row_mut(slot).get_mut(call.offset..);
                    call.accumulator.restore_value(words.unwrap_or_default(), reader)?;
                }
                DISTINCT => {
                    let number = reader.number()? as usize;
                    self.distinct.get_mut(number).ok_or_else(unknown)?.restore(reader)?;
                }
                _ => return Err(unknown()),
            }
        }
        Ok(())
    }

    fn restore_group(&mut self, reader: &mut Reader<'_>) -> Result<()> {
        let slot = self.table.read_key(reader)?;
        let written = reader.words(self.table.row(slot).len())?;
        let row = self.table.row_mut(slot);
        if let (Some(count), Some(before)) = (row.first_mut(), written.first()) {
            *count = *before;
        }
        for call in &mut self.calls {
            let place = call.offset..call.offset + call.accumulator.words();
            let words = row.get_mut(place.clone()).ok_or_else(unknown)?;
            let written = written.get(place).ok_or_else(unknown)?;
            call.accumulator.restore(words, written, reader)?;
        }
        Ok(())
    }
}

fn unknown() -> Error {
    Error::new(ErrorKind::Corrupt, "XX001", "a group was written in an unknown form")
}
