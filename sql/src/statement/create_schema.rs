//! CREATE SCHEMA.
use std::sync::Arc;

use sqlparser::ast::SchemaName;

use super::definer::{Defined, Definer, Definitions};
use crate::binder::{fold, name_parts};
use crate::catalog::{Change, Schema};
use crate::{Error, Result};

/// The schema.
pub(crate) fn define(
    definer: &Definer<'_>,
    written: &SchemaName,
    if_not_exists: bool,
) -> Result<Definitions> {
    let name = match written {
        SchemaName::Simple(name) | SchemaName::NamedAuthorization(name, _) => {
            match name_parts(name)?.as_slice() {
                [name] => name.clone(),
                _ => return Err(Error::unsupported("a schema of another database")),
            }
        }
        SchemaName::UnnamedAuthorization(user) => fold(user),
    };
    if name.starts_with("pg_") {
        return Err(Error::new("42939", format!("unacceptable schema name \"{name}\""))
            .with_detail("The prefix \"pg_\" is reserved for system schemas."));
    }
    if definer.catalog.has_schema(&name) {
        let message = format!("schema \"{name}\" already exists");
        if if_not_exists {
            return Ok(Definitions::skipped(format!("{message}, skipping"), "42P06"));
        }
        return Err(Error::new("42P06", message));
    }
    let schema = Arc::new(Schema { id: (definer.next_id)()?, name });
    let change = Change::CreateSchema(schema, definer.record_text(definer.text));
    Ok(vec![Defined { change, definition: None }].into())
}
