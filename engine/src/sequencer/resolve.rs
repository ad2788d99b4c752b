//! Resolves commits into outcomes, one frame at a time.
//!
//! A commit is applied to the frame wholly or not at all; those after it in the frame
//! see it. Nothing here is durable or visible yet.
use std::collections::BTreeMap;

use arrow::array::RecordBatch;
use parking_lot::Mutex;

use super::staged::{StagedTable, lost_race};
use super::stream::{Arrival, Constants};
use crate::commit::{Applied, Change, Commit, OnConflict, Position, rejected, source_of};
use crate::frame::{Frame, Part};
use crate::plan::RelationId;
use crate::world::{Kind, Relation, World};
use crate::{Delta, Error, Result};

/// The frame that is being made.
pub(crate) struct Resolver<'a> {
    world: &'a World,
    constants: &'a Mutex<Constants>,
    time: i64,
    tables: BTreeMap<RelationId, StagedTable>,
    streams: BTreeMap<RelationId, Vec<Part>>,
    positions: Vec<Position>,
    transactions: Vec<u64>,
    rows: usize,
}

impl<'a> Resolver<'a> {
    /// An empty frame at `time`, over the world as last published.
    pub(crate) fn new(world: &'a World, constants: &'a Mutex<Constants>, time: i64) -> Self {
        Self {
            world,
            constants,
            time,
            tables: BTreeMap::new(),
            streams: BTreeMap::new(),
            positions: vec![],
            transactions: vec![],
            rows: 0,
        }
    }

    /// How many rows the frame's commits have touched.
    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    /// Whether there is anything to write down.
    pub(crate) fn is_empty(&self) -> bool {
        self.rows == 0 && self.transactions.is_empty() && self.positions.is_empty()
    }

    /// Adds a commit to the frame. `created` are relations that it brings along.
    pub(crate) fn admit(
        &mut self,
        commit: &Commit,
        created: &BTreeMap<RelationId, Relation>,
    ) -> Result<Vec<Applied>> {
        self.check_unchanged(commit)?;
        self.check_positions(commit)?;
        let streams: BTreeMap<RelationId, usize> =
            self.streams.iter().map(|(id, parts)| (*id, parts.len())).collect();
        let applied: Result<Vec<Applied>> =
            commit.changes.iter().map(|change| self.apply(change, commit, created)).collect();
        match &applied {
            Ok(applied) => {
                self.tables.values_mut().for_each(StagedTable::keep);
                self.rows += applied.iter().map(|a| a.rows as usize).sum::<usize>();
                self.positions.extend(commit.positions.iter().cloned());
                self.transactions.extend(commit.catalog.iter().map(|change| change.transaction));
            }
            Err(_) => {
                self.tables.values_mut().for_each(StagedTable::undo);
                for (id, parts) in &mut self.streams {
                    parts.truncate(streams.get(id).copied().unwrap_or(0));
                }
            }
        }
        applied
    }

    /// The frame: what each relation gains and loses.
    pub(crate) fn finish(self) -> Result<Frame> {
        let mut parts = vec![];
        for (relation, table) in &self.tables {
            let delta = table.delta()?;
            if !delta.is_empty() {
                parts.push(Part { relation: *relation, delta, arrival: None });
            }
        }
        parts.extend(self.streams.into_values().flatten());
        Ok(Frame {
            time: self.time,
            parts,
            positions: self.positions,
            transactions: self.transactions,
        })
    }

    fn check_unchanged(&self, commit: &Commit) -> Result<()> {
        let Some((tick, relations)) = &commit.unchanged else { return Ok(()) };
        let changed = |id: &RelationId| {
            let staged = self.tables.contains_key(id) || self.streams.contains_key(id);
            staged || self.world.relation(*id).is_none_or(|relation| relation.changed_at() > *tick)
        };
        if relations.iter().any(changed) { Err(lost_race()) } else { Ok(()) }
    }

    /// Positions of a source that was dropped meanwhile would never be forgotten; those that
    /// a commit follows are the last ones.
    fn check_positions(&self, commit: &Commit) -> Result<()> {
        let gone = |position: &Position| self.world.relation(position.relation).is_none();
        let moved = |Position { relation, part, place }: &Position| {
            let is_it = |other: &&Position| other.relation == *relation && other.part == *part;
            let staged = self.positions.iter().rev().find(is_it);
            let last = staged.map(|position| position.place.as_slice());
            last.unwrap_or_else(|| self.world.place(*relation, part)) != place.as_slice()
        };
        let lost = commit.positions.iter().any(gone) || commit.follows.iter().any(moved);
        if lost { Err(lost_race()) } else { Ok(()) }
    }

    fn apply(
        &mut self,
        change: &Change,
        commit: &Commit,
        created: &BTreeMap<RelationId, Relation>,
    ) -> Result<Applied> {
        let id = match change {
            Change::Insert { relation, .. }
            | Change::Delete { relation, .. }
            | Change::Update { relation, .. } => *relation,
        };
        if let (Some(source), Change::Insert { rows, .. }) = (source_of(id), change) {
            return self.reject(source, rows);
        }
        // A relation dropped since the statement was bound: the statement is to be bound again.
        let relation =
            created.get(&id).or_else(|| self.world.relation(id)).ok_or_else(lost_race)?;
        if let (Kind::Stream, Change::Insert { rows, .. }) = (relation.kind(), change) {
            return self.append(relation, rows, commit.source.clone());
        }
        if relation.kind() != Kind::Table {
            return Err(Error::data("42809", "only tables can be updated"));
        }
        let table = match self.tables.entry(id) {
            std::collections::btree_map::Entry::Occupied(entry) => entry.into_mut(),
            std::collections::btree_map::Entry::Vacant(entry) => {
                entry.insert(StagedTable::new(relation)?)
            }
        };
        match change {
            Change::Insert { rows, conflict, .. } => table.insert(relation, rows, *conflict),
            Change::Delete { old, .. } => table.delete(relation, old),
            Change::Update { old, new, .. } => {
                table.delete(relation, old)?;
                table.insert(relation, new, OnConflict::Error)
            }
        }
    }

    fn reject(&mut self, source: RelationId, rows: &RecordBatch) -> Result<Applied> {
        self.world.relation(source).ok_or_else(lost_race)?;
        let (relation, delta) = (rejected(source), Delta::inserted(rows.clone()));
        let parts = self.streams.entry(relation).or_default();
        parts.push(Part { relation, delta, arrival: None });
        Ok(Applied { rows: rows.num_rows() as u64, kept: None })
    }

    fn append(
        &mut self,
        stream: &Relation,
        rows: &RecordBatch,
        source: Option<String>,
    ) -> Result<Applied> {
        let parts = self.streams.entry(stream.id()).or_default();
        let position = parts.last().map_or(stream.next_position(), Part::next_position);
        let arrival = Arrival { position, time: self.time, source };
        let delta =
            Delta::inserted(self.constants.lock().hide(&stream.schema(), rows, &arrival)?);
        let count = rows.num_rows() as u64;
        parts.push(Part { relation: stream.id(), delta, arrival: Some(arrival) });
        Ok(Applied { rows: count, kept: None })
    }
}
