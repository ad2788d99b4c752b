//! What a statement that makes an object works with.
//!
//! A definition is a function of the catalog, the settings and the statement's text, so
//! that it is made the same way when it is first run and when the database opens again.
use std::sync::Arc;

use engine::commit::Definition;
use engine::plan::RelationId;
use sqlparser::ast::{Ident, ObjectName};

use super::names::SessionNames;
use crate::binder::{self, StatementTime, name_parts};
use crate::catalog::system::Reader;
use crate::catalog::{Catalog, Change, Entry, SYSTEM_SCHEMAS, quote_identifier, quote_literal};
use crate::connectors::Connectors;
use crate::response::Notice;
use crate::settings::{MEANING, Settings};
use crate::types::TextStyle;
use crate::{Error, Result};

/// The longest name, in bytes.
const NAME_BYTES_MAX: usize = 63;

/// What a definition is made under.
pub(crate) struct Definer<'a> {
    pub(crate) catalog: &'a Arc<Catalog>,
    pub(crate) settings: &'a Settings,
    pub(crate) user: &'a str,
    pub(crate) connectors: &'a Connectors,
    /// The statement's text.
    pub(crate) text: &'a str,
    /// Where ids come from.
    pub(crate) next_id: &'a dyn Fn() -> Result<RelationId>,
    /// The name that a record gives the object, when it is made again.
    pub(crate) recorded_name: Option<&'a str>,
}

/// An object that was defined, for the catalog and for the engine.
#[derive(Debug)]
pub(crate) struct Defined {
    pub(crate) change: Change,
    /// Absent where the engine has no part in it.
    pub(crate) definition: Option<Definition>,
}

/// Objects that were defined, with what is to be said of them.
#[derive(Debug, Default)]
pub(crate) struct Definitions {
    pub(crate) defined: Vec<Defined>,
    pub(crate) notices: Vec<Notice>,
}

impl From<Vec<Defined>> for Definitions {
    fn from(defined: Vec<Defined>) -> Self {
        Self { defined, notices: vec![] }
    }
}

impl Definitions {
    /// Nothing was done, because of `IF [NOT] EXISTS`.
    pub(crate) fn skipped(message: String, code: &'static str) -> Self {
        let content = Error::new(code, message);
        let notice = Notice { severity: crate::response::Severity::Notice, content };
        Self { defined: vec![], notices: vec![notice] }
    }
}

impl Definer<'_> {
    /// The schemas in which names are looked for.
    pub(crate) fn search_path(&self) -> Vec<String> {
        self.settings.search_path(self.user)
    }

    /// Where a new object of this name goes: its schema, its name.
    pub(crate) fn place(&self, name: &ObjectName) -> Result<(String, String)> {
        let (schema, name) = match name_parts(name)?.as_slice() {
            [name] => (self.first_schema()?, name.clone()),
            [schema, name] => (schema.clone(), name.clone()),
            [_, schema, name] => (schema.clone(), name.clone()),
            _ => {
                return Err(Error::new("42601", "improper qualified name (too many dotted names)"));
            }
        };
        if SYSTEM_SCHEMAS.contains(&schema.as_str()) {
            return Err(Error::new(
                "42501",
                format!("permission denied to create \"{schema}.{name}\""),
            )
            .with_detail("System catalog modifications are currently disallowed."));
        }
        if !self.catalog.has_schema(&schema) {
            return Err(Error::new("3F000", format!("schema \"{schema}\" does not exist")));
        }
        Ok((schema, name))
    }

    fn first_schema(&self) -> Result<String> {
        let path = self.search_path();
        path.into_iter()
            .find(|schema| self.catalog.schema(schema).is_some())
            .ok_or_else(|| Error::new("3F000", "no schema has been selected to create in"))
    }

    /// Fails with 42P07 if the name is taken; with `if_not_exists` says so instead.
    pub(crate) fn check_free(
        &self,
        schema: &str,
        name: &str,
        if_not_exists: bool,
    ) -> Result<Option<Definitions>> {
        if self.catalog.find(schema, name).is_none() {
            return Ok(None);
        }
        let message = format!("relation \"{name}\" already exists");
        if if_not_exists {
            return Ok(Some(Definitions::skipped(format!("{message}, skipping"), "42P07")));
        }
        Err(Error::new("42P07", message))
    }

    /// A name that is free in `schema`, made of `parts`, `_` between, and the ending.
    pub(crate) fn free_name(&self, schema: &str, parts: &[&str], ending: &str) -> String {
        let taken = |name: &str| self.catalog.find(schema, name).is_some();
        let base = shortened(&parts.join("_"), ending.len().saturating_add(1));
        let first = format!("{base}_{ending}");
        if !taken(&first) {
            return first;
        }
        let numbered = |number: u64| format!("{base}_{ending}{number}");
        (1..).map(numbered).find(|name| !taken(name)).unwrap_or(first)
    }

    /// What a record of this statement says: the settings that matter, then the text.
    pub(crate) fn record_text(&self, statement: &str) -> String {
        let mut text = String::new();
        for name in MEANING {
            let value = if name == "search_path" {
                let path = self.search_path();
                path.iter().map(|schema| quote_identifier(schema)).collect::<Vec<_>>().join(", ")
            } else {
                quote_literal(self.settings.get(name).unwrap_or_default())
            };
            if !value.is_empty() {
                text.push_str(&format!("SET {name} TO {value};\n"));
            }
        }
        text.push_str(statement);
        text
    }

    /// What names mean in the statement.
    pub(crate) fn names(&self) -> SessionNames {
        SessionNames::new(self.reader())
    }

    fn reader(&self) -> Arc<Reader> {
        Arc::new(Reader {
            catalog: Arc::clone(self.catalog),
            user: self.user.to_owned(),
            search_path: self.search_path(),
            settings: self.settings.clone(),
            engine: None,
            asked: Arc::default(),
        })
    }

    /// What the binder must know of the settings; `now()` is the tick's.
    pub(crate) fn environment(&self) -> binder::Environment {
        environment(self.settings, self.user, None)
    }

    /// The same for what is bound anew at each use, where names of oids may change.
    pub(crate) fn environment_with_names(&self) -> binder::Environment {
        with_names(self.environment(), self.reader())
    }
}

/// What the binder must know of a session's settings; `now()` is a placeholder. Without
/// `now`, as in the query of a view, words such as `'today'` are refused.
pub(crate) fn environment(
    settings: &Settings,
    user: &str,
    now: Option<i64>,
) -> binder::Environment {
    binder::Environment {
        search_path: settings.search_path(user),
        style: TextStyle { now, ..TextStyle::in_zone(settings.zone()) },
        now: StatementTime::Tick,
    }
}

/// The same, knowing the names of oids.
pub(crate) fn with_names(
    environment: binder::Environment,
    reader: Arc<Reader>,
) -> binder::Environment {
    let style = TextStyle { names: Some(reader), ..environment.style };
    binder::Environment { style, ..environment }
}

/// The name of a column as it is written in a definition.
pub(crate) fn column_name(ident: &Ident) -> Result<String> {
    let name = binder::fold(ident);
    if name.is_empty() {
        return Err(Error::new("42601", "zero-length delimited identifier").at(ident.span));
    }
    Ok(name)
}

/// The relation or index that a name means, for a statement that is about it.
pub(crate) fn find_entry(
    catalog: &Catalog,
    search_path: &[String],
    name: &ObjectName,
) -> Result<(String, Option<Entry>)> {
    let parts = name_parts(name)?;
    let (schema, plain) = match parts.as_slice() {
        [name] => (None, name),
        [schema, name] | [_, schema, name] => (Some(schema.as_str()), name),
        _ => return Err(Error::new("42601", "improper qualified name (too many dotted names)")),
    };
    if let Some(schema) = schema.filter(|schema| !catalog.has_schema(schema)) {
        return Err(Error::new("3F000", format!("schema \"{schema}\" does not exist")));
    }
    Ok((parts.join("."), catalog.resolve(schema, plain, search_path)))
}

/// The start of a name that leaves room for `ending` bytes.
fn shortened(name: &str, ending: usize) -> String {
    let room = NAME_BYTES_MAX.saturating_sub(ending);
    let fits = |end: &usize| name.is_char_boundary(*end);
    let end = (0..=name.len().min(room)).rev().find(fits).unwrap_or(0);
    name.get(..end).unwrap_or_default().to_owned()
}
