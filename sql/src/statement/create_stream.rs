//! CREATE STREAM.
use std::sync::Arc;

use engine::commit::{Definition, hidden_fields};

use super::columns::{Columns, columns};
use super::definer::{Defined, Definer, Definitions};
use crate::catalog::{Change, Column, Relation, RelationKind};
use crate::parser::CreateStream;
use crate::types::Type;
use crate::{Error, Result};

/// The stream.
pub(crate) fn define(definer: &Definer<'_>, statement: &CreateStream) -> Result<Definitions> {
    if let Some((name, _)) = statement.options.first() {
        return Err(Error::new("22023", format!("unrecognized parameter \"{name}\""))
            .with_hint("A stream takes no options; CREATE SOURCE does."));
    }
    define_kind(definer, statement, RelationKind::Stream)
}

/// The rows that a stream has cannot be made anew by its definition, as a view's can.
pub(crate) fn refuse_replacing(statement: &CreateStream, kind: RelationKind) -> Result<()> {
    if !statement.or_replace {
        return Ok(());
    }
    let word = kind.to_string().to_uppercase();
    Err(Error::unsupported(format_args!("CREATE OR REPLACE {word}")).with_hint(format!(
        "Write DROP {word} IF EXISTS {name}, then CREATE {word}, between BEGIN and COMMIT.",
        name = statement.name
    )))
}

/// A stream, or a source, which is one that a connector fills.
pub(crate) fn define_kind(
    definer: &Definer<'_>,
    statement: &CreateStream,
    kind: RelationKind,
) -> Result<Definitions> {
    refuse_replacing(statement, kind)?;
    let (schema, name) = definer.place(&statement.name)?;
    if let Some(skipped) = definer.check_free(&schema, &name, statement.if_not_exists)? {
        return Ok(skipped);
    }
    if statement.watermark.is_some() {
        return Err(Error::unsupported("WATERMARK")
            .with_hint("Leave it out: windows over the stream stay open for late rows."));
    }
    let found = columns(definer, &statement.columns, &statement.constraints)?;
    let Columns { mut columns, key, unique } = found;
    if !key.is_empty() || !unique.is_empty() {
        return Err(Error::unsupported(format_args!("a key of a {kind}"))
            .with_hint("Rows of a stream are only appended. For rows with a key use a table."));
    }
    if columns.is_empty() {
        return Err(Error::unsupported(format_args!("a {kind} without columns")));
    }
    for field in hidden_fields() {
        if columns.iter().any(|column| column.name == *field.name()) {
            let message = format!("column name \"{}\" is reserved", field.name());
            return Err(Error::new("42701", message));
        }
        columns.push(Column {
            name: field.name().clone(),
            ty: Type::of_field(&field),
            nullable: field.is_nullable(),
            default: None,
            hidden: true,
        });
    }
    let relation = Arc::new(Relation {
        id: (definer.next_id)()?,
        schema,
        name,
        kind,
        columns,
        key: vec![],
        query: None,
        search_path: definer.search_path(),
        text: definer.text.to_owned(),
        options: statement.options.clone(),
        depends_on: vec![],
    });
    let definition = Definition::Stream { id: relation.id, schema: relation.arrow_schema() };
    let change = Change::CreateRelation(relation, definer.record_text(definer.text));
    Ok(vec![Defined { change, definition: Some(definition) }].into())
}
