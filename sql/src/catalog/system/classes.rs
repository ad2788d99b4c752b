//! All that has a row in pg_class: relations, indexes, the indexes of keys.
use std::sync::Arc;

use engine::plan::RelationId;

use super::SYSTEM_IDS_FROM;
use super::shapes::{SHAPES, with_id};
use crate::catalog::{Catalog, Column, Index, PUBLIC_SCHEMA, Relation, RelationKind};

/// Oids of the indexes of keys, which are no objects of the catalog, are those of their
/// relations and this.
pub(super) const KEY_OIDS_FROM: i64 = 1 << 31;

/// Oids of system schemas, and of the one that is there from the start.
const SCHEMA_OIDS: [(&str, i64); 4] = [
    ("pg_catalog", 11),
    ("information_schema", 13_000),
    ("tidemill", 9_100),
    (PUBLIC_SCHEMA, 2_200),
];

/// Something with a row in pg_class.
pub(super) struct Class {
    pub(super) oid: i64,
    pub(super) schema: String,
    pub(super) name: String,
    pub(super) what: What,
}

/// What has the row.
pub(super) enum What {
    /// Something that can stand in FROM.
    Relation(Arc<Relation>),
    /// The index of a relation's primary or derived key.
    Key(Arc<Relation>),
    /// An index that was created.
    Index(Arc<Index>, Arc<Relation>),
}

/// The oid of a relation or index.
pub(super) fn oid_of(id: RelationId) -> i64 {
    let oid = if id.0 >= SYSTEM_IDS_FROM { id.0 - SYSTEM_IDS_FROM } else { id.0 };
    i64::try_from(oid).unwrap_or_default()
}

/// The relation with this oid.
pub(super) fn relation_of(catalog: &Catalog, oid: i64) -> Option<Arc<Relation>> {
    let id = u64::try_from(oid).ok()?;
    catalog.relation(RelationId(id)).or_else(|| catalog.relation(RelationId(SYSTEM_IDS_FROM + id)))
}

/// The oid of a schema.
pub(super) fn schema_oid(catalog: &Catalog, name: &str) -> i64 {
    let fixed = SCHEMA_OIDS.iter().find(|(schema, _)| *schema == name);
    let own = || catalog.schema(name).map_or(0, |schema| oid_of(schema.id));
    fixed.map_or_else(own, |(_, oid)| *oid)
}

/// All schemas with their oids, the system's too.
pub(super) fn schemas(catalog: &Catalog) -> Vec<(String, i64)> {
    let system = crate::catalog::SYSTEM_SCHEMAS.iter().map(|name| (*name).to_owned());
    let all = system.chain(catalog.schemas().map(|schema| schema.name.clone()));
    all.map(|name| (name.clone(), schema_oid(catalog, &name))).collect()
}

/// The name of the index of a relation's key.
pub(super) fn key_name(relation: &Relation) -> String {
    let ending = if relation.kind == RelationKind::Table { "pkey" } else { "key" };
    format!("{}_{ending}", relation.name)
}

/// Relations with their columns: stored ones by id, then those of the system.
pub(super) fn relations(catalog: &Catalog) -> impl Iterator<Item = &Arc<Relation>> {
    catalog.relations().chain(SHAPES.iter().map(|shape| &shape.relation))
}

/// All classes.
pub(super) fn classes(catalog: &Catalog) -> Vec<Class> {
    let of = |oid, relation: &Relation, name: String, what| Class {
        oid,
        schema: relation.schema.clone(),
        name,
        what,
    };
    let mut all = vec![];
    for relation in relations(catalog) {
        let (oid, name) = (oid_of(relation.id), relation.name.clone());
        all.push(of(oid, relation, name, What::Relation(Arc::clone(relation))));
        if !relation.key.is_empty() {
            let what = What::Key(Arc::clone(relation));
            all.push(of(oid + KEY_OIDS_FROM, relation, key_name(relation), what));
        }
    }
    for index in catalog.indexes() {
        let Some(relation) = catalog.relation(index.relation) else { continue };
        let (oid, name) = (oid_of(index.id), index.name.clone());
        let what = What::Index(Arc::clone(index), Arc::clone(&relation));
        all.push(of(oid, &relation, name, what));
    }
    all
}

/// The class with this oid.
pub(super) fn class_of(catalog: &Catalog, oid: i64) -> Option<Class> {
    if let Some(relation) = relation_of(catalog, oid) {
        let (schema, name) = (relation.schema.clone(), relation.name.clone());
        return Some(Class { oid, schema, name, what: What::Relation(relation) });
    }
    if let Some(relation) = relation_of(catalog, oid - KEY_OIDS_FROM) {
        let (schema, name) = (relation.schema.clone(), key_name(&relation));
        let is_keyed = !relation.key.is_empty();
        return is_keyed.then_some(Class { oid, schema, name, what: What::Key(relation) });
    }
    let index = catalog.index(RelationId(u64::try_from(oid).ok()?))?;
    let relation = catalog.relation(index.relation)?;
    let (schema, name) = (index.schema.clone(), index.name.clone());
    Some(Class { oid, schema, name, what: What::Index(index, relation) })
}

impl Class {
    /// The relation that it is, or that it indexes.
    pub(super) fn relation(&self) -> &Arc<Relation> {
        match &self.what {
            What::Relation(relation) | What::Key(relation) | What::Index(_, relation) => relation,
        }
    }

    /// Its kind as pg_class says it. A stream or a source is a table to PostgreSQL's tools,
    /// which so list it, describe it and offer it for queries; its access method tells it
    /// from a table. A continuous view is a materialized one that is never stale.
    pub(super) fn kind(&self) -> char {
        match &self.what {
            What::Key(_) | What::Index(..) => 'i',
            What::Relation(relation) => match relation.kind {
                RelationKind::Table | RelationKind::Stream | RelationKind::Source => 'r',
                RelationKind::View => 'v',
                RelationKind::ContinuousView => 'm',
                RelationKind::System => with_id(relation.id).map_or('v', |shape| shape.kind),
            },
        }
    }

    /// Its access method's oid; 0 where it has no rows of its own.
    pub(super) fn method(&self) -> i64 {
        let name = match &self.what {
            What::Key(_) | What::Index(..) => "hash",
            What::Relation(relation) => match relation.kind {
                RelationKind::Table => "heap",
                RelationKind::Stream => "stream",
                RelationKind::Source => "source",
                RelationKind::ContinuousView => "continuous",
                RelationKind::View | RelationKind::System => return 0,
            },
        };
        METHODS.iter().find(|method| method.1 == name).map_or(0, |method| method.0)
    }

    /// Its columns: visible ones numbered from 1, hidden ones below 0.
    pub(super) fn columns(&self) -> Vec<(i64, &Column)> {
        match &self.what {
            What::Relation(relation) => {
                let visible = relation.columns.iter().filter(|column| !column.hidden);
                let hidden = relation.columns.iter().filter(|column| column.hidden);
                (1..)
                    .zip(visible)
                    .chain((1..).zip(hidden).map(|(n, c): (i64, _)| (-n, c)))
                    .collect()
            }
            What::Key(relation) => indexed(relation, &relation.key),
            What::Index(index, relation) => indexed(relation, &index.columns),
        }
    }
}

fn indexed<'a>(relation: &'a Relation, places: &[usize]) -> Vec<(i64, &'a Column)> {
    (1..).zip(places.iter().filter_map(|place| relation.columns.get(*place))).collect()
}

/// Access methods: oid, name, `t` for relations or `i` for indexes.
pub(super) const METHODS: [(i64, &str, char); 5] = [
    (2, "heap", 't'),
    (405, "hash", 'i'),
    (9_201, "stream", 't'),
    (9_202, "source", 't'),
    (9_203, "continuous", 't'),
];
