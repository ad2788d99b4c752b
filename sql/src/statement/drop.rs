//! DROP of what is named, with CASCADE of what stands on it.
use std::collections::BTreeMap;

use engine::plan::RelationId;
use sqlparser::ast::ObjectName;

use super::definer::{Defined, Definitions, find_entry};
use crate::binder::name_parts;
use crate::catalog::{Catalog, Change, Entry, RelationKind, SYSTEM_SCHEMAS};
use crate::response::Notice;
use crate::{Error, Result};

/// What kind of object a DROP names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Relation(RelationKind),
    Index,
    Schema,
}

impl Kind {
    /// The words after DROP.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Kind::Relation(RelationKind::Table | RelationKind::System) => "TABLE",
            Kind::Relation(RelationKind::Stream) => "STREAM",
            Kind::Relation(RelationKind::Source) => "SOURCE",
            Kind::Relation(RelationKind::View) => "VIEW",
            Kind::Relation(RelationKind::ContinuousView) => "CONTINUOUS VIEW",
            Kind::Index => "INDEX",
            Kind::Schema => "SCHEMA",
        }
    }

    /// With its article, as messages name it.
    fn described(self) -> String {
        let name = self.words().to_lowercase();
        let article = if name.starts_with('i') { "an" } else { "a" };
        format!("{article} {name}")
    }
}

/// A DROP.
pub(crate) struct Drop<'a> {
    pub(crate) kind: Kind,
    pub(crate) names: &'a [ObjectName],
    pub(crate) if_exists: bool,
    pub(crate) cascade: bool,
}

/// What goes: dependants first.
pub(crate) fn define(
    catalog: &Catalog,
    search_path: &[String],
    statement: &Drop<'_>,
) -> Result<Definitions> {
    let mut named: Vec<Object> = vec![];
    let mut notices = vec![];
    for name in statement.names {
        match find(catalog, search_path, statement.kind, name)? {
            Ok(object) if named.iter().any(|other| other.is(&object)) => {}
            Ok(object) => named.push(object),
            Err(missing) if statement.if_exists => {
                let message = format!("{}, skipping", missing.message());
                notices.push(Notice::new(message));
            }
            Err(missing) => return Err(missing),
        }
    }
    let set = Doomed::of(catalog, named);
    let others = set.dependants(catalog);
    if !statement.cascade {
        set.refuse(&others)?;
    }
    notices.extend(cascade_notice(&others));
    let changes = set.changes(catalog);
    let defined = changes.into_iter().map(|change| Defined { change, definition: None });
    Ok(Definitions { defined: defined.collect(), notices })
}

/// Something that is dropped by name.
#[derive(Clone, Debug, PartialEq)]
enum Object {
    Entry(Entry),
    Schema(String),
}

impl Object {
    fn is(&self, other: &Object) -> bool {
        self == other
    }

    fn title(&self) -> String {
        match self {
            Object::Schema(name) => format!("schema {name}"),
            Object::Entry(Entry::Index(index)) => format!("index {}", index.name),
            Object::Entry(Entry::Relation(relation)) => {
                format!("{} {}", relation.kind, relation.name)
            }
        }
    }
}

fn find(
    catalog: &Catalog,
    search_path: &[String],
    kind: Kind,
    name: &ObjectName,
) -> Result<std::result::Result<Object, Error>> {
    if kind == Kind::Schema {
        let parts = name_parts(name)?;
        let schema = parts.last().cloned().unwrap_or_default();
        if SYSTEM_SCHEMAS.contains(&schema.as_str()) || schema == crate::catalog::PUBLIC_SCHEMA {
            let message = format!(
                "cannot drop schema {schema} because it is required by the database system"
            );
            return Err(Error::new("2BP01", message));
        }
        let missing = || Error::new("3F000", format!("schema \"{schema}\" does not exist"));
        let found = catalog.schema(&schema).map(|schema| Object::Schema(schema.name.clone()));
        return Ok(found.ok_or_else(missing));
    }
    let (written, entry) = match find_entry(catalog, search_path, name) {
        Ok(found) => found,
        // A missing schema is a missing object to IF EXISTS.
        Err(error) if error.code() == "3F000" => return Ok(Err(error)),
        Err(error) => return Err(error),
    };
    let Some(entry) = entry else {
        let noun = kind.words().to_lowercase();
        let code = if kind == Kind::Index { "42704" } else { "42P01" };
        return Ok(Err(Error::new(code, format!("{noun} \"{written}\" does not exist"))));
    };
    let is = match &entry {
        Entry::Relation(relation) => Kind::Relation(relation.kind),
        Entry::Index(_) => Kind::Index,
    };
    if is == Kind::Relation(RelationKind::System) {
        let message = format!("permission denied: \"{written}\" is a system catalog");
        return Err(Error::new("42501", message));
    }
    // DROP VIEW takes a view away, whether its rows are kept or not.
    let any_view =
        [Kind::Relation(RelationKind::View), Kind::Relation(RelationKind::ContinuousView)];
    if is != kind && !(kind == Kind::Relation(RelationKind::View) && any_view.contains(&is)) {
        return Err(Error::new("42809", format!("\"{written}\" is not {}", kind.described()))
            .with_hint(format!("Use DROP {} to remove {}.", is.words(), is.described())));
    }
    Ok(Ok(Object::Entry(entry)))
}

/// A view that another takes the place of, in the same commit.
pub(crate) struct Replaced {
    id: RelationId,
    name: String,
    changes: Vec<Change>,
}

impl Replaced {
    /// What goes, unless the new view reads one of what it replaces.
    pub(crate) fn unless_read_by(self, read: &[RelationId]) -> Result<Vec<Defined>> {
        if read.contains(&self.id) {
            let message = format!("the query of view \"{}\" reads the view itself", self.name);
            return Err(Error::new("42P17", message)
                .with_hint("Give the new view another name, or write the old query into it."));
        }
        let defined = |change| Defined { change, definition: None };
        Ok(self.changes.into_iter().map(defined).collect())
    }
}

/// The view of that name, if there is one, that CREATE OR REPLACE takes away with its
/// indexes. Refused while others stand on it: they were made of what it was.
pub(crate) fn replaced(
    catalog: &Catalog,
    (schema, name): (&str, &str),
    kind: RelationKind,
) -> Result<Option<Replaced>> {
    let Some(entry) = catalog.find(schema, name) else { return Ok(None) };
    let Entry::Relation(relation) = &entry else {
        return Err(Error::new("42809", format!("\"{name}\" is an index")));
    };
    if relation.kind != kind {
        let described = Kind::Relation(kind).described();
        let is = Kind::Relation(relation.kind);
        return Err(Error::new("42809", format!("\"{name}\" is not {described}"))
            .with_hint(format!("Use DROP {} to remove {} first.", is.words(), is.described())));
    }
    let (id, kind) = (relation.id, relation.kind);
    let doomed = Doomed::of(catalog, vec![Object::Entry(entry)]);
    let others = doomed.dependants(catalog);
    if !others.is_empty() {
        let lines: Vec<String> =
            others.iter().map(|(one, other)| format!("{one} depends on {other}")).collect();
        let message = format!("cannot replace {kind} {name} because other objects depend on it");
        return Err(Error::new("2BP01", message)
            .with_detail(lines.join("\n"))
            .with_hint("Drop them in the same block, and make them again there."));
    }
    Ok(Some(Replaced { id, name: name.to_owned(), changes: doomed.changes(catalog) }))
}

/// All that goes together.
struct Doomed {
    named: Vec<Object>,
    schemas: Vec<String>,
    /// Relations that go, by id, with those that stand on them.
    relations: BTreeMap<RelationId, Why>,
    indexes: Vec<RelationId>,
}

/// Why a relation goes.
#[derive(Clone, PartialEq)]
enum Why {
    /// It was named.
    Named,
    /// Its schema goes.
    Inside(String),
    /// It reads one that goes.
    Reads(RelationId),
}

impl Doomed {
    fn of(catalog: &Catalog, named: Vec<Object>) -> Self {
        let mut relations = BTreeMap::new();
        let mut indexes = vec![];
        let mut schemas = vec![];
        for object in &named {
            match object {
                Object::Entry(Entry::Relation(relation)) => {
                    relations.insert(relation.id, Why::Named);
                }
                Object::Entry(Entry::Index(index)) => indexes.push(index.id),
                Object::Schema(schema) => schemas.push(schema.clone()),
            }
        }
        for relation in catalog.relations().filter(|r| schemas.contains(&r.schema)) {
            let why = Why::Inside(relation.schema.clone());
            relations.entry(relation.id).or_insert(why);
        }
        // By id, so that what a relation stands on has been looked at before it.
        for relation in catalog.relations() {
            let lost = relation.depends_on.iter().filter(|id| relations.contains_key(id)).max();
            if let Some(lost) = lost.copied() {
                relations.entry(relation.id).or_insert(Why::Reads(lost));
            }
        }
        for index in catalog.indexes() {
            if relations.contains_key(&index.relation) && !indexes.contains(&index.id) {
                indexes.push(index.id);
            }
        }
        Self { named, schemas, relations, indexes }
    }

    /// What goes without having been named: its title, and that of what it stands on.
    fn dependants(&self, catalog: &Catalog) -> Vec<(String, String)> {
        let title = |id: RelationId| {
            let relation = catalog.relation(id);
            relation.map_or_else(String::new, |r| format!("{} {}", r.kind, r.name))
        };
        let because = |(id, why): (&RelationId, &Why)| match why {
            Why::Named => None,
            Why::Inside(schema) => Some((title(*id), format!("schema {schema}"))),
            Why::Reads(other) => Some((title(*id), title(*other))),
        };
        self.relations.iter().filter_map(because).collect()
    }

    fn refuse(&self, others: &[(String, String)]) -> Result<()> {
        if others.is_empty() {
            return Ok(());
        }
        let message = match self.named.as_slice() {
            [one] => {
                format!("cannot drop {} because other objects depend on it", one.title())
            }
            _ => "cannot drop desired object(s) because other objects depend on them".to_owned(),
        };
        let lines: Vec<String> =
            others.iter().map(|(one, other)| format!("{one} depends on {other}")).collect();
        Err(Error::new("2BP01", message)
            .with_detail(lines.join("\n"))
            .with_hint("Use DROP ... CASCADE to drop the dependent objects too."))
    }

    fn changes(&self, catalog: &Catalog) -> Vec<Change> {
        let mut changes: Vec<Change> = vec![];
        for id in self.indexes.iter().rev() {
            changes.extend(catalog.index(*id).map(Change::DropIndex));
        }
        for id in self.relations.keys().rev() {
            changes.extend(catalog.relation(*id).map(Change::DropRelation));
        }
        for schema in &self.schemas {
            changes.extend(catalog.schema(schema).map(Change::DropSchema));
        }
        changes
    }
}

fn cascade_notice(others: &[(String, String)]) -> Option<Notice> {
    match others {
        [] => None,
        [(one, _)] => Some(Notice::new(format!("drop cascades to {one}"))),
        several => {
            let lines: Vec<String> =
                several.iter().map(|(one, _)| format!("drop cascades to {one}")).collect();
            let mut notice =
                Notice::new(format!("drop cascades to {} other objects", several.len()));
            notice.content = notice.content.with_detail(lines.join("\n"));
            Some(notice)
        }
    }
}

/// The ids that the engine is to forget, in the changes' order.
pub(crate) fn dropped(changes: &[Change]) -> Vec<RelationId> {
    let gone = changes.iter().filter_map(|change| match change {
        Change::DropRelation(relation) if relation.kind.is_stored() => Some(relation.id),
        Change::DropIndex(index) => Some(index.id),
        _ => None,
    });
    gone.collect()
}
