//! Who reads the catalog in a statement, and what names mean there.
use std::sync::Arc;

use super::classes::{class_of, classes, oid_of, schema_oid, schemas};
use super::procedures;
use crate::asked::Asked;
use crate::catalog::{Catalog, Entry, quote_identifier};
use crate::settings::{self, Settings};
use crate::types::{Names, Reg};

/// A catalog, and who asks.
#[derive(Clone)]
pub(crate) struct Reader {
    pub(crate) catalog: Arc<Catalog>,
    pub(crate) user: String,
    pub(crate) search_path: Vec<String>,
    pub(crate) settings: Settings,
    /// Where sizes are asked; absent while the database opens.
    pub(crate) engine: Option<engine::Engine>,
    /// What functions ask of the session.
    pub(crate) asked: Arc<Asked>,
}

impl Reader {
    /// Whether a relation or index is what its name alone means.
    pub(super) fn sees(&self, oid: i64) -> bool {
        let Some(class) = class_of(&self.catalog, oid) else { return false };
        match self.catalog.resolve(None, &class.name, &self.search_path) {
            Some(Entry::Relation(found)) => oid_of(found.id) == oid,
            Some(Entry::Index(found)) => oid_of(found.id) == oid,
            // The index of a key has no entry of its own.
            None => self.looks_in(&class.schema),
        }
    }

    /// Whether names are looked for in a schema.
    pub(super) fn looks_in(&self, schema: &str) -> bool {
        schema == "pg_catalog" || self.search_path.iter().any(|one| one == schema)
    }

    /// The schemas that are searched and exist; `pg_catalog` is before them unless named.
    pub(super) fn schemas(&self, implicit: bool) -> Vec<String> {
        let named = self.search_path.iter().any(|schema| schema == "pg_catalog");
        let first = (implicit && !named).then(|| "pg_catalog".to_owned());
        let own = self.search_path.iter().filter(|schema| self.catalog.has_schema(schema));
        first.into_iter().chain(own.cloned()).collect()
    }
}

impl Names for Reader {
    fn name_of(&self, reg: Reg, oid: i64) -> Option<String> {
        match reg {
            Reg::Class => {
                let class = class_of(&self.catalog, oid)?;
                let name = quote_identifier(&class.name);
                let is_plain = self.sees(oid);
                Some(if is_plain {
                    name
                } else {
                    format!("{}.{name}", quote_identifier(&class.schema))
                })
            }
            Reg::Namespace => {
                let all = schemas(&self.catalog);
                all.into_iter().find(|one| one.1 == oid).map(|one| quote_identifier(&one.0))
            }
            Reg::Proc => procedures::with_oid(oid).map(|found| quote_identifier(found.name)),
            Reg::Type => None,
        }
    }

    fn oid_of(&self, reg: Reg, name: &str) -> Option<i64> {
        let parts = dotted(name);
        match (reg, parts.as_slice()) {
            (Reg::Class, [name]) => self.class(None, name),
            (Reg::Class, [schema, name] | [_, schema, name]) => self.class(Some(schema), name),
            (Reg::Namespace, [name]) => {
                Some(schema_oid(&self.catalog, name)).filter(|oid| *oid != 0)
            }
            (Reg::Proc, [name]) => procedures::named(name).next().map(|found| found.oid),
            (Reg::Proc, [schema, name]) if schema == "pg_catalog" => {
                procedures::named(name).next().map(|found| found.oid)
            }
            _ => None,
        }
    }
}

impl Reader {
    fn class(&self, schema: Option<&str>, name: &str) -> Option<i64> {
        if let Some(entry) = self.catalog.resolve(schema, name, &self.search_path) {
            return Some(oid_of(entry.id()));
        }
        let is_there = |of: &str| schema.map_or_else(|| self.looks_in(of), |schema| schema == of);
        let all = classes(&self.catalog);
        all.iter().find(|one| one.name == name && is_there(&one.schema)).map(|one| one.oid)
    }
}

/// The parts of a name with dots, folded as PostgreSQL folds them.
fn dotted(name: &str) -> Vec<String> {
    let mut commas = String::new();
    let mut quoted = false;
    for letter in name.chars() {
        quoted ^= letter == '"';
        commas.push(if letter == '.' && !quoted { ',' } else { letter });
    }
    settings::names(&commas)
}
