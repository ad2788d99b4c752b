//! `REFRESH MATERIALIZED VIEW`, which asks for what a continuous view always is: up to date.
use sqlparser::ast::{ObjectName, Spanned};

use super::work::Work;
use crate::binder::{Names, name_parts};
use crate::catalog::RelationKind;
use crate::{Error, Result};

/// Fails with 42P01 where there is no such relation, with 0A000 where it is another kind.
pub(crate) fn check(work: &mut Work<'_>, written: &ObjectName) -> Result<()> {
    let parts = name_parts(written)?;
    let (schema, name) = match parts.as_slice() {
        [name] => (None, name),
        [schema, name] | [_, schema, name] => (Some(schema.as_str()), name),
        _ => return Err(Error::new("42601", "improper qualified name (too many dotted names)")),
    };
    let names = work.names();
    let relation = names
        .relation(schema, name, names.search_path())
        .map_err(|error| error.at(written.span()))?;
    match relation.kind {
        RelationKind::ContinuousView => Ok(()),
        _ => Err(Error::new("0A000", format!("\"{name}\" is not a materialized view"))),
    }
}
