//! What the binder asks of a session: what its names mean, and its settings.
use std::sync::Arc;

use datafusion::logical_expr::ScalarUDF;

use super::Typed;
use crate::Result;
use crate::catalog::Relation;
use crate::types::{TextStyle, Type};

/// What names mean.
pub trait Names {
    /// The relation of a name: in `schema` if given, else found on `search_path`, where
    /// `pg_catalog` comes first unless named. Fails with 42P01 or 42809.
    fn relation(
        &self,
        schema: Option<&str>,
        name: &str,
        search_path: &[String],
    ) -> Result<Arc<Relation>>;

    /// Functions that only this session can compute, such as `current_schemas(boolean)`;
    /// they take part in the choice of an overload beside those of the registry.
    fn functions(&self, _name: &str) -> Vec<SessionFunction> {
        Vec::new()
    }

    /// What `current_user`, `current_schema`, `session_user`, `current_catalog` and other
    /// functions without arguments are for the length of a statement.
    fn value(&self, _name: &str) -> Option<Typed> {
        None
    }
}

/// A function that a session provides.
#[derive(Clone, Debug)]
pub struct SessionFunction {
    /// The types of its arguments.
    pub arguments: Vec<Type>,
    /// The type of its result.
    pub result: Type,
    /// What computes it.
    pub function: Arc<ScalarUDF>,
}

/// When a statement runs, as `now()` tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatementTime {
    /// Microseconds since 1970, UTC: the start of the transaction.
    At(i64),
    /// Of a view: the tick's time, a placeholder named `$now`.
    Tick,
}

/// What a session has set that changes the meaning of a statement.
#[derive(Clone, Debug)]
pub struct Environment {
    /// Where names without a schema are looked up.
    pub search_path: Vec<String>,
    /// How text is read: the session's time zone, clock and names of oids.
    pub style: TextStyle,
    /// What `now()` is.
    pub now: StatementTime,
}

impl Default for Environment {
    fn default() -> Self {
        Self {
            search_path: vec!["public".to_owned()],
            style: TextStyle::default(),
            now: StatementTime::Tick,
        }
    }
}
