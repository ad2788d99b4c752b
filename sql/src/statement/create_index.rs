//! CREATE INDEX.
use std::sync::Arc;

use engine::commit::Definition;
use sqlparser::ast::{CreateIndex, IndexType};

use super::columns::plain_column;
use super::definer::{Defined, Definer, Definitions, column_name};
use crate::binder::{self, name_parts};
use crate::catalog::{Change, Column, Index, Relation, RelationKind, quote_identifier};
use crate::types::Type;
use crate::{Error, Result};

/// The index.
pub(crate) fn define(definer: &Definer<'_>, statement: &CreateIndex) -> Result<Definitions> {
    refuse(statement)?;
    let parts = name_parts(&statement.table_name)?;
    let (schema, table) = match parts.as_slice() {
        [name] => (None, name),
        [schema, name] | [_, schema, name] => (Some(schema.as_str()), name),
        _ => return Err(Error::new("42601", "improper qualified name (too many dotted names)")),
    };
    let relation = definer.catalog.resolve_relation(schema, table, &definer.search_path())?;
    check_kind(&relation, statement.unique)?;
    let mut columns = vec![];
    for written in &statement.columns {
        let ident = plain_column(written)?;
        let name = column_name(ident)?;
        let (place, _) = relation.column(&name).ok_or_else(|| {
            Error::new("42703", format!("column \"{name}\" does not exist")).at(ident.span)
        })?;
        if !columns.contains(&place) {
            columns.push(place);
        }
    }
    check_indexable(&relation.columns, &columns)?;
    let name = match (&statement.name, definer.recorded_name) {
        (_, Some(recorded)) => recorded.to_owned(),
        (Some(name), None) => match name_parts(name)?.as_slice() {
            [name] => name.clone(),
            _ => return Err(Error::new("42601", "an index is in the schema of its relation")),
        },
        (None, None) => {
            let names = column_names(&relation, &columns);
            let parts: Vec<&str> = std::iter::once(relation.name.as_str()).chain(names).collect();
            definer.free_name(&relation.schema, &parts, "idx")
        }
    };
    if let Some(skipped) = definer.check_free(&relation.schema, &name, statement.if_not_exists)? {
        return Ok(skipped);
    }
    let text = definer.text.to_owned();
    let index = Index {
        id: (definer.next_id)()?,
        schema: relation.schema.clone(),
        name,
        relation: relation.id,
        columns,
        unique: statement.unique,
        text,
    };
    Ok(vec![defined(definer, index)].into())
}

/// The index behind a UNIQUE of CREATE TABLE, under a name that is not among `taken`.
pub(crate) fn unique_index(
    definer: &Definer<'_>,
    table: &Relation,
    (name, columns): (Option<String>, Vec<usize>),
    taken: &[String],
) -> Result<Defined> {
    let name = name.unwrap_or_else(|| {
        let names = column_names(table, &columns);
        let parts: Vec<&str> = std::iter::once(table.name.as_str()).chain(names).collect();
        let first = definer.free_name(&table.schema, &parts, "key");
        let numbered = (1..).map(|number| format!("{first}{number}"));
        let mut free = std::iter::once(first.clone()).chain(numbered);
        free.find(|name| !taken.contains(name)).unwrap_or(first)
    });
    if taken.contains(&name) || name == table.name {
        return Err(Error::new("42P07", format!("relation \"{name}\" already exists")));
    }
    let list: Vec<String> = column_names(table, &columns).map(quote_identifier).collect();
    let text = format!(
        "CREATE UNIQUE INDEX {} ON {}.{} ({})",
        quote_identifier(&name),
        quote_identifier(&table.schema),
        quote_identifier(&table.name),
        list.join(", ")
    );
    let index = Index {
        id: (definer.next_id)()?,
        schema: table.schema.clone(),
        name,
        relation: table.id,
        columns,
        unique: true,
        text,
    };
    Ok(defined(definer, index))
}

/// Fails with 0A000 where equal values need not be stored alike, and are not known by one key.
pub(crate) fn check_indexable(columns: &[Column], places: &[usize]) -> Result<()> {
    let mut indexed = places.iter().filter_map(|place| columns.get(*place));
    match indexed.find(|column| column.ty == Type::Jsonb) {
        None => Ok(()),
        Some(column) => {
            let what = format!("an index or a key over \"{}\" of type jsonb", column.name);
            Err(Error::unsupported(what)
                .with_hint("Keep the part that is looked up in a column of its own."))
        }
    }
}

fn defined(definer: &Definer<'_>, index: Index) -> Defined {
    let definition = Definition::Index {
        id: index.id,
        relation: index.relation,
        columns: index.columns.clone(),
        unique: index.unique,
    };
    let text = definer.record_text(&index.text);
    Defined { change: Change::CreateIndex(Arc::new(index), text), definition: Some(definition) }
}

fn column_names<'a>(relation: &'a Relation, columns: &'a [usize]) -> impl Iterator<Item = &'a str> {
    columns.iter().filter_map(|place| relation.columns.get(*place)).map(|c| c.name.as_str())
}

fn check_kind(relation: &Relation, unique: bool) -> Result<()> {
    match relation.kind {
        RelationKind::View | RelationKind::System => {
            let message = format!("cannot create index on relation \"{}\"", relation.name);
            Err(Error::new("42809", message)
                .with_detail(format!("This operation is not supported for {}s.", relation.kind)))
        }
        RelationKind::Stream | RelationKind::Source | RelationKind::ContinuousView if unique => {
            Err(Error::unsupported(format_args!("a unique index on a {}", relation.kind))
                .with_hint("Only a table can refuse rows. Leave UNIQUE out."))
        }
        _ => Ok(()),
    }
}

fn refuse(statement: &CreateIndex) -> Result<()> {
    if statement.predicate.is_some() {
        return Err(Error::unsupported("a partial index")
            .with_hint("Create a continuous view with the condition, then index that."));
    }
    if !statement.include.is_empty() {
        return Err(Error::unsupported("INCLUDE of an index")
            .with_hint("Leave it out: an index leads to whole rows."));
    }
    if statement.nulls_distinct == Some(false) {
        return Err(Error::unsupported("NULLS NOT DISTINCT"));
    }
    if let Some(parameter) = statement.with.first() {
        return Err(Error::new("22023", format!("unrecognized parameter \"{parameter}\"")));
    }
    match &statement.using {
        None | Some(IndexType::BTree | IndexType::Hash) => Ok(()),
        Some(other) => Err(Error::unsupported(format_args!("index method {other}"))
            .with_hint("Leave USING out: an index finds rows by equality.")),
    }
}

/// The name in a record's name, which has its schema before it.
pub(crate) fn recorded_name(name: &str) -> Option<String> {
    use sqlparser::parser::Parser;
    let mut parser = Parser::new(&crate::parser::Dialect).try_with_sql(name).ok()?;
    let name = parser.parse_object_name(false).ok()?;
    let parts = binder::name_parts(&name).ok()?;
    parts.last().cloned()
}
