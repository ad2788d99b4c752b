//! A statement that was bound once, to be run many times.
//!
//! It knows under which catalog and settings it was bound: running it under others binds
//! it again. It belongs to no session, and is shared by cloning.
use std::sync::Arc;

use crate::catalog::Catalog;
use crate::parser::{Parsed, Statement};
use crate::response::OutputColumn;
use crate::settings::{MEANING, Settings};
use crate::statement::action::{Action, Bound};
use crate::types::Type;

/// A bound statement.
#[derive(Clone)]
pub struct Prepared(Arc<Parts>);

struct Parts {
    parsed: Parsed,
    bound: Bound,
    under: Under,
}

/// What a statement was bound under.
#[derive(Clone)]
pub(crate) struct Under {
    pub(crate) catalog: Arc<Catalog>,
    /// The settings as they were: unless one has changed since, nothing has.
    then: Settings,
    /// The settings that decide what a statement means.
    pub(crate) meaning: Vec<String>,
    /// All settings, where the statement asks for one.
    pub(crate) settings: Option<Settings>,
}

impl Under {
    pub(crate) fn new(catalog: Arc<Catalog>, settings: &Settings) -> Self {
        let value = |name: &&str| settings.get(name).unwrap_or_default().to_owned();
        let meaning = MEANING.iter().map(value).collect();
        Self { catalog, then: settings.clone(), meaning, settings: None }
    }

    /// Whether a statement would mean the same now.
    pub(crate) fn is(&self, catalog: &Arc<Catalog>, settings: &Settings) -> bool {
        let value = |name: &&str| settings.get(name).unwrap_or_default();
        let same = || {
            MEANING.iter().map(value).eq(self.meaning.iter())
                && self.settings.as_ref().is_none_or(|then| then == settings)
        };
        Arc::ptr_eq(&self.catalog, catalog) && (self.then.is(settings) || same())
    }
}

impl Prepared {
    pub(crate) fn new(parsed: Parsed, bound: Bound, under: Under) -> Self {
        Self(Arc::new(Parts { parsed, bound, under }))
    }

    /// The types of its parameters, `$1` first.
    pub fn parameters(&self) -> &[Type] {
        &self.0.bound.parameters
    }

    /// The columns of its rows; `None` where it gives none.
    pub fn columns(&self) -> Option<&Arc<[OutputColumn]>> {
        self.0.bound.columns.as_ref()
    }

    /// The statement's text.
    pub fn text(&self) -> &str {
        &self.0.parsed.text
    }

    /// What was written.
    pub fn statement(&self) -> &Statement {
        &self.0.parsed.statement
    }

    pub(crate) fn parsed(&self) -> &Parsed {
        &self.0.parsed
    }

    pub(crate) fn action(&self) -> &Action {
        &self.0.bound.action
    }

    pub(crate) fn under(&self) -> &Under {
        &self.0.under
    }
}
