//! The catalog: every schema, relation, index, as one immutable value.
//!
//! A reader holds an `Arc` of it and never sees it change; a change clones the maps
//! (whose values are shared) and publishes a new value. Names and identity are kept
//! apart: relations and indexes share one namespace a schema, and one series of ids.
//! System relations are not in the maps: they are asked of [`SystemRelations`].
use std::collections::BTreeMap;
use std::sync::Arc;

use engine::plan::RelationId;

use super::system::{NoSystemRelations, SystemRelations};
use super::{Change, Index, Relation, RelationKind, Schema};
use crate::{Error, Result};

/// The schema that is there from the start, and last in a new session's search path.
pub const PUBLIC_SCHEMA: &str = "public";

/// Schemas of system relations; nothing can be created in them.
pub const SYSTEM_SCHEMAS: [&str; 3] = ["pg_catalog", "information_schema", "tidemill"];

/// All that has a name.
#[derive(Clone)]
pub struct Catalog {
    version: u64,
    schemas: BTreeMap<String, Arc<Schema>>,
    relations: BTreeMap<RelationId, Arc<Relation>>,
    indexes: BTreeMap<RelationId, Arc<Index>>,
    /// By schema, then name.
    names: BTreeMap<String, BTreeMap<String, Entry>>,
    system: Arc<dyn SystemRelations>,
}

/// What a name of a schema's one namespace means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// Something that can stand in FROM.
    Relation(Arc<Relation>),
    /// An index.
    Index(Arc<Index>),
}

impl Entry {
    /// The id, from the same numbers for both.
    pub fn id(&self) -> RelationId {
        match self {
            Entry::Relation(relation) => relation.id,
            Entry::Index(index) => index.id,
        }
    }
}

impl Default for Catalog {
    fn default() -> Self {
        Self::new(Arc::new(NoSystemRelations))
    }
}

impl Catalog {
    /// A catalog of one empty schema, [`PUBLIC_SCHEMA`].
    pub fn new(system: Arc<dyn SystemRelations>) -> Self {
        let public = Schema { id: RelationId(0), name: PUBLIC_SCHEMA.to_owned() };
        Self {
            version: 0,
            schemas: BTreeMap::from([(public.name.clone(), Arc::new(public))]),
            relations: BTreeMap::new(),
            indexes: BTreeMap::new(),
            names: BTreeMap::new(),
            system,
        }
    }

    /// Grows with every change, so that equal versions of one line of catalogs are equal.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// The relation with this id, system relations included.
    pub fn relation(&self, id: RelationId) -> Option<Arc<Relation>> {
        self.relations.get(&id).cloned().or_else(|| self.system.relation(id))
    }

    /// The index with this id.
    pub fn index(&self, id: RelationId) -> Option<Arc<Index>> {
        self.indexes.get(&id).cloned()
    }

    /// What `name` means in `schema`.
    pub fn find(&self, schema: &str, name: &str) -> Option<Entry> {
        if SYSTEM_SCHEMAS.contains(&schema) {
            return self.system.find(schema, name).map(Entry::Relation);
        }
        self.names.get(schema)?.get(name).cloned()
    }

    /// What `name` means, in `schema` or else in the first schema of `search_path` that
    /// has it. `pg_catalog` is searched first unless the path names it.
    pub fn resolve(
        &self,
        schema: Option<&str>,
        name: &str,
        search_path: &[String],
    ) -> Option<Entry> {
        if let Some(schema) = schema {
            return self.find(schema, name);
        }
        let named = search_path.iter().any(|schema| schema == "pg_catalog");
        let first = (!named).then_some("pg_catalog");
        first
            .into_iter()
            .chain(search_path.iter().map(String::as_str))
            .find_map(|schema| self.find(schema, name))
    }

    /// Like [`Catalog::resolve`], for relations only: 42P01 where there is none, 42809
    /// where the name is an index's.
    pub fn resolve_relation(
        &self,
        schema: Option<&str>,
        name: &str,
        search_path: &[String],
    ) -> Result<Arc<Relation>> {
        match self.resolve(schema, name, search_path) {
            Some(Entry::Relation(relation)) => Ok(relation),
            Some(Entry::Index(_)) => {
                Err(Error::new("42809", format!("cannot open relation \"{name}\""))
                    .with_detail("This operation is not supported for indexes."))
            }
            None => Err(match schema {
                Some(schema) => {
                    Error::new("42P01", format!("relation \"{schema}.{name}\" does not exist"))
                }
                None => Error::new("42P01", format!("relation \"{name}\" does not exist")),
            }),
        }
    }

    /// Whether there is a schema of this name, system schemas included.
    pub fn has_schema(&self, name: &str) -> bool {
        self.schemas.contains_key(name) || SYSTEM_SCHEMAS.contains(&name)
    }

    /// The schema of this name, unless it is a system schema.
    pub fn schema(&self, name: &str) -> Option<Arc<Schema>> {
        self.schemas.get(name).cloned()
    }

    /// All schemas but the system's, by name.
    pub fn schemas(&self) -> impl Iterator<Item = &Arc<Schema>> {
        self.schemas.values()
    }

    /// All relations but the system's, by id: each after what it stands on.
    pub fn relations(&self) -> impl Iterator<Item = &Arc<Relation>> {
        self.relations.values()
    }

    /// All indexes, by id.
    pub fn indexes(&self) -> impl Iterator<Item = &Arc<Index>> {
        self.indexes.values()
    }

    /// The indexes of a relation, by id.
    pub fn indexes_of(&self, relation: RelationId) -> impl Iterator<Item = &Arc<Index>> {
        self.indexes.values().filter(move |index| index.relation == relation)
    }

    /// The relations that read `relation` directly, by id.
    pub fn dependants(&self, relation: RelationId) -> impl Iterator<Item = &Arc<Relation>> {
        self.relations.values().filter(move |other| other.depends_on.contains(&relation))
    }

    /// The system relations.
    pub fn system(&self) -> &Arc<dyn SystemRelations> {
        &self.system
    }

    /// The catalog after `changes`, or why one of them cannot be made: 42P06 and 42P07
    /// where a name is taken, 3F000 and 42P01 where something it stands on is missing.
    pub fn with(&self, changes: &[Change]) -> Result<Self> {
        let mut after = self.clone();
        for change in changes {
            after.apply(change)?;
            after.version = after.version.saturating_add(1);
        }
        Ok(after)
    }

    fn apply(&mut self, change: &Change) -> Result<()> {
        match change {
            Change::CreateSchema(schema, _) => {
                if self.has_schema(&schema.name) {
                    let message = format!("schema \"{}\" already exists", schema.name);
                    return Err(Error::new("42P06", message));
                }
                self.schemas.insert(schema.name.clone(), Arc::clone(schema));
            }
            Change::DropSchema(schema) => {
                self.schemas.remove(&schema.name);
            }
            Change::CreateRelation(relation, _) => {
                for id in &relation.depends_on {
                    self.must_have(*id)?;
                }
                let entry = Entry::Relation(Arc::clone(relation));
                self.name(&relation.schema, &relation.name, entry)?;
                self.relations.insert(relation.id, Arc::clone(relation));
            }
            Change::CreateIndex(index, _) => {
                self.must_have(index.relation)?;
                self.name(&index.schema, &index.name, Entry::Index(Arc::clone(index)))?;
                self.indexes.insert(index.id, Arc::clone(index));
            }
            Change::DropRelation(relation) => {
                self.relations.remove(&relation.id);
                self.forget(&relation.schema, &relation.name);
            }
            Change::DropIndex(index) => {
                self.indexes.remove(&index.id);
                self.forget(&index.schema, &index.name);
            }
        }
        Ok(())
    }

    fn must_have(&self, id: RelationId) -> Result<()> {
        match self.relation(id) {
            Some(_) => Ok(()),
            None => Err(Error::new("42P01", "a relation it depends on does not exist any more")),
        }
    }

    fn name(&mut self, schema: &str, name: &str, entry: Entry) -> Result<()> {
        if !self.schemas.contains_key(schema) {
            return Err(Error::new("3F000", format!("schema \"{schema}\" does not exist")));
        }
        let names = self.names.entry(schema.to_owned()).or_default();
        if names.contains_key(name) {
            return Err(Error::new("42P07", format!("relation \"{name}\" already exists")));
        }
        names.insert(name.to_owned(), entry);
        Ok(())
    }

    fn forget(&mut self, schema: &str, name: &str) {
        if let Some(names) = self.names.get_mut(schema) {
            names.remove(name);
        }
    }
}

impl Relation {
    /// Its columns that `*` shows, with their numbers.
    pub fn visible(&self) -> impl Iterator<Item = (usize, &super::Column)> {
        self.columns.iter().enumerate().filter(|(_, column)| !column.hidden)
    }

    /// The number and definition of the column of this name, hidden ones included.
    pub fn column(&self, name: &str) -> Option<(usize, &super::Column)> {
        self.columns.iter().enumerate().find(|(_, column)| column.name == name)
    }

    /// Its columns as Arrow fields that carry their types.
    pub fn arrow_schema(&self) -> arrow::datatypes::SchemaRef {
        let fields = self.columns.iter().map(|c| c.ty.field(&c.name, c.nullable));
        Arc::new(arrow::datatypes::Schema::new(fields.collect::<Vec<_>>()))
    }
}

impl RelationKind {
    /// Whether its rows live in the engine, rather than in a query or in the catalog.
    pub fn is_stored(self) -> bool {
        !matches!(self, RelationKind::View | RelationKind::System)
    }
}

/// As messages name it.
impl std::fmt::Display for RelationKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            RelationKind::Table => "table",
            RelationKind::Stream => "stream",
            RelationKind::Source => "source",
            RelationKind::View => "view",
            RelationKind::ContinuousView => "continuous view",
            RelationKind::System => "system relation",
        })
    }
}
