//! A statement that was bound once, to be run many times.
//!
//! It knows under which catalog and settings it was bound: running it under others binds
//! it again. It belongs to no session, and is shared by cloning.
use std::sync::Arc;

use sqlparser::ast::Statement;

use crate::response::OutputColumn;
use crate::types::Type;

/// One statement with the text it was read from.
#[derive(Clone, Debug)]
pub struct Parsed {
    /// What it says.
    pub statement: Statement,
    /// Its text, without the semicolon.
    pub text: String,
}

/// A bound statement.
#[derive(Clone)]
pub struct Prepared(Arc<Parts>);

struct Parts {
    parsed: Parsed,
    /// The types the client gave; [`Type::Unknown`] where it left one open.
    given: Vec<Type>,
    parameters: Vec<Type>,
    columns: Option<Arc<[OutputColumn]>>,
}

impl Prepared {
    /// The types of its parameters, `$1` first.
    pub fn parameters(&self) -> &[Type] {
        &self.0.parameters
    }

    /// The columns of its rows; `None` where it gives none.
    pub fn columns(&self) -> Option<&Arc<[OutputColumn]>> {
        self.0.columns.as_ref()
    }

    /// The statement's text.
    pub fn text(&self) -> &str {
        &self.0.parsed.text
    }

    /// What was written.
    pub fn statement(&self) -> &Statement {
        &self.0.parsed.statement
    }
}
