//! Everything that is published: all relations at one instant.
//!
//! **Invariant:** only the sequencer's thread changes the world, under the write lock and
//! between ticks, so whoever holds the read lock sees one tick and nothing half-done.
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use rayon::ThreadPool;
use storage::Tick;

use crate::backfill::Surroundings;
use crate::commit::{Definition, Position, source_of};
use crate::dag::Changes;
use crate::failures::rejected_schema;
use crate::frame::Frame;
use crate::plan::RelationId;
use crate::{Delta, Error, Result};

pub(crate) use crate::relation::{Kind, Relation};

/// All relations, as of one tick.
pub(crate) struct World {
    pub(crate) tick: Tick,
    /// The time of the last tick.
    pub(crate) time: i64,
    relations: BTreeMap<RelationId, Relation>,
    /// Which relation an index belongs to.
    indexes: HashMap<RelationId, RelationId>,
    positions: BTreeMap<(RelationId, String), Vec<u8>>,
    /// The hash seed of the data directory.
    pub(crate) seed: u64,
    /// Who shares large deltas; absent where there is one worker.
    pool: Option<Arc<ThreadPool>>,
}

impl World {
    /// A world with nothing in it, before the first tick.
    pub(crate) fn new(seed: u64, pool: Option<Arc<ThreadPool>>) -> Self {
        Self {
            tick: 0,
            time: 0,
            relations: BTreeMap::new(),
            indexes: HashMap::new(),
            positions: BTreeMap::new(),
            seed,
            pool,
        }
    }

    /// A relation.
    pub(crate) fn relation(&self, id: RelationId) -> Option<&Relation> {
        self.relations.get(&id)
    }

    /// All relations, by id.
    pub(crate) fn relations(&self) -> impl Iterator<Item = &Relation> {
        self.relations.values()
    }

    /// All relations, to be captured.
    pub(crate) fn relations_mut(&mut self) -> impl Iterator<Item = &mut Relation> {
        self.relations.values_mut()
    }

    /// Adds a relation with its rows.
    pub(crate) fn add(&mut self, relation: Relation) {
        self.relations.insert(relation.id(), relation);
    }

    /// Adds an index, filled from the rows that are there.
    pub(crate) fn add_index(
        &mut self,
        id: RelationId,
        relation: RelationId,
        columns: &[usize],
        unique: bool,
    ) -> Result<()> {
        if let Some(relation) = self.relations.get_mut(&relation) {
            relation.add_index(id, columns, unique)?;
            self.indexes.insert(id, relation.id());
        }
        Ok(())
    }

    /// Notes which relations new indexes belong to, of relations that brought theirs along.
    pub(crate) fn note_indexes(&mut self, definitions: &[Definition]) {
        for definition in definitions {
            if let Definition::Index { id, relation, .. } = definition {
                self.indexes.insert(*id, *relation);
            }
        }
    }

    /// What new views stand in, the tables and streams in `definitions` included.
    pub(crate) fn surroundings(&self, definitions: &[Definition]) -> Surroundings {
        let there = self.relations.values().filter(|relation| relation.is_append_only());
        let new = definitions.iter().filter_map(|definition| match definition {
            Definition::Stream { id, .. } => Some(*id),
            _ => None,
        });
        Surroundings {
            keys: self.keys(definitions),
            append_only: there.map(Relation::id).chain(new).collect(),
            seed: self.seed,
            pool: self.pool.clone(),
        }
    }

    /// The unique keys of all relations, those of the tables in `definitions` included.
    fn keys(&self, definitions: &[Definition]) -> BTreeMap<RelationId, Vec<usize>> {
        let there = self.relations.values().map(|relation| (relation.id(), relation.key()));
        let new = definitions.iter().filter_map(|definition| match definition {
            Definition::Table { id, key, .. } => Some((*id, key.as_slice())),
            _ => None,
        });
        let keyed = there.chain(new).filter(|(_, key)| !key.is_empty());
        keyed.map(|(id, key)| (id, key.to_vec())).collect()
    }

    /// Takes a relation or an index away.
    pub(crate) fn remove(&mut self, id: RelationId) {
        if let Some(relation) = self.indexes.remove(&id) {
            if let Some(relation) = self.relations.get_mut(&relation) {
                relation.drop_index(id);
            }
            return;
        }
        self.relations.remove(&id);
        self.indexes.retain(|_, relation| *relation != id);
        self.positions.retain(|(relation, _), _| *relation != id);
    }

    /// Applies what a tick changed of one relation.
    pub(crate) fn apply(&mut self, id: RelationId, delta: &Delta, tick: Tick) -> Result<()> {
        match self.relations.get_mut(&id) {
            Some(relation) => relation.apply(delta, tick),
            None => Ok(()),
        }
    }

    /// Applies all that a frame and what the views make of it change: the world is then at
    /// the end of that tick. Returns the views that broke, and why.
    pub(crate) fn publish(
        &mut self,
        frame: &Frame,
        changes: &Changes,
        tick: Tick,
    ) -> Vec<(RelationId, Error)> {
        let mut broken = changes.broken.clone();
        for (id, delta) in &changes.deltas {
            if let Err(error) = self.apply(*id, delta, tick) {
                broken.push((*id, error));
            }
        }
        for part in &frame.parts {
            if let Some(relation) = self.relations.get_mut(&part.relation) {
                relation.set_next_position(part);
            }
        }
        frame.positions.iter().for_each(|position| self.set_position(position));
        self.tick = tick;
        self.time = frame.time;
        self.set_broken(&broken);
        broken
    }

    /// Notes that views are no longer kept up.
    pub(crate) fn set_broken(&mut self, views: &[(RelationId, Error)]) {
        for (id, error) in views {
            if let Some(relation) = self.relations.get_mut(id) {
                relation.set_broken(self.tick, error.clone());
            }
        }
    }

    /// Notes how far a source has been read.
    pub(crate) fn set_position(&mut self, position: &Position) {
        // In frames that are read back there are those of sources that have gone since.
        if !self.relations.contains_key(&position.relation) {
            return;
        }
        let key = (position.relation, position.part.clone());
        if position.place.is_empty() {
            self.positions.remove(&key);
        } else {
            self.positions.insert(key, position.place.clone());
        }
    }

    /// How far one part of a source has been read; nothing if it is not known.
    pub(crate) fn place(&self, relation: RelationId, part: &str) -> &[u8] {
        self.positions.get(&(relation, part.to_owned())).map_or(&[], Vec::as_slice)
    }

    /// How far all sources have been read.
    pub(crate) fn positions(&self) -> impl Iterator<Item = Position> {
        self.positions.iter().map(|((relation, part), place)| Position {
            relation: *relation,
            part: part.clone(),
            place: place.clone(),
        })
    }

    /// Memory of all rows with their indexes.
    pub(crate) fn bytes(&self) -> usize {
        self.relations.values().map(Relation::bytes).sum()
    }

    /// The schema of a relation, or of what a source has rejected.
    pub(crate) fn schema(&self, id: RelationId) -> Option<SchemaRef> {
        if let Some(source) = source_of(id) {
            return self.relations.contains_key(&source).then(rejected_schema);
        }
        self.relations.get(&id).map(Relation::schema)
    }
}
