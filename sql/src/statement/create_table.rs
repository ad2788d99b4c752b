//! CREATE TABLE.
use std::sync::Arc;

use engine::commit::Definition;
use sqlparser::ast::CreateTableOptions;

use super::columns::{Columns, columns};
use super::create_index::{check_indexable, unique_index};
use super::create_stream;
use super::definer::{Defined, Definer, Definitions};
use crate::catalog::{Change, Relation, RelationKind};
use crate::parser::{CreateStream, CreateTable, KeyConflict};
use crate::{Error, Result};

/// The option under which a table keeps what `ON CONFLICT` after its columns said.
pub(crate) const ON_CONFLICT: &str = "on_conflict";

/// The table, then its unique indexes.
pub(crate) fn define(definer: &Definer<'_>, statement: &CreateTable) -> Result<Definitions> {
    refuse(statement)?;
    let table = &statement.table;
    if statement.append_only {
        return create_stream::define(definer, &as_stream(statement)?);
    }
    let (schema, name) = definer.place(&table.name)?;
    if let Some(skipped) = definer.check_free(&schema, &name, table.if_not_exists)? {
        return Ok(skipped);
    }
    let Columns { columns, key, unique } = columns(definer, &table.columns, &table.constraints)?;
    if columns.is_empty() {
        return Err(Error::unsupported("a table without columns"));
    }
    check_indexable(&columns, &key)?;
    unique.iter().try_for_each(|(_, places)| check_indexable(&columns, places))?;
    let options = conflict_option(statement, &key)?;
    let relation = Arc::new(Relation {
        id: (definer.next_id)()?,
        schema,
        name,
        kind: RelationKind::Table,
        columns,
        key,
        query: None,
        search_path: definer.search_path(),
        text: definer.text.to_owned(),
        options,
        depends_on: vec![],
    });
    let definition = Definition::Table {
        id: relation.id,
        schema: relation.arrow_schema(),
        key: relation.key.clone(),
    };
    let change = Change::CreateRelation(Arc::clone(&relation), definer.record_text(definer.text));
    let mut defined = vec![Defined { change, definition: Some(definition) }];
    if definer.recorded_name.is_some() {
        // Made again: its indexes have records of their own.
        return Ok(defined.into());
    }
    for (name, columns) in unique {
        let taken: Vec<String> = defined.iter().filter_map(index_name).collect();
        defined.push(unique_index(definer, &relation, (name, columns), &taken)?);
    }
    Ok(defined.into())
}

fn index_name(defined: &Defined) -> Option<String> {
    match &defined.change {
        Change::CreateIndex(index, _) => Some(index.name.clone()),
        _ => None,
    }
}

fn conflict_option(statement: &CreateTable, key: &[usize]) -> Result<Vec<(String, String)>> {
    let Some(conflict) = statement.on_conflict else { return Ok(vec![]) };
    if key.is_empty() {
        return Err(Error::new("42P16", "ON CONFLICT needs a primary key"));
    }
    let word = match conflict {
        KeyConflict::Overwrite => "overwrite",
        KeyConflict::Ignore => "ignore",
    };
    Ok(vec![(ON_CONFLICT.to_owned(), word.to_owned())])
}

fn refuse(statement: &CreateTable) -> Result<()> {
    let table = &statement.table;
    let unsupported = [
        (table.temporary, "a temporary table"),
        (statement.unlogged, "an unlogged table"),
        (table.query.is_some(), "this form of CREATE TABLE AS"),
        (table.like.is_some(), "CREATE TABLE LIKE"),
        (table.inherits.is_some(), "INHERITS"),
        (table.partition_by.is_some() || table.partition_of.is_some(), "a partitioned table"),
        (table.or_replace, "CREATE OR REPLACE TABLE"),
        (table.on_commit.is_some(), "ON COMMIT"),
        (table.external, "an external table"),
    ];
    if let Some((_, what)) = unsupported.iter().find(|(is, _)| *is) {
        let hint = match *what {
            "this form of CREATE TABLE AS" => {
                "Write CREATE TABLE name [(column, …)] AS query [WITH [NO] DATA]."
            }
            _ => "Create a plain table.",
        };
        return Err(Error::unsupported(what).with_hint(hint));
    }
    let others = !matches!(table.table_options, CreateTableOptions::None);
    if let Some((name, _)) = statement.options.first() {
        return Err(Error::new("22023", format!("unrecognized parameter \"{name}\"")));
    }
    if others {
        let options = &table.table_options;
        return Err(Error::new("22023", format!("unrecognized parameters: {options}")));
    }
    Ok(())
}

/// `CREATE TABLE … APPEND ONLY` is a stream.
fn as_stream(statement: &CreateTable) -> Result<CreateStream> {
    if statement.on_conflict.is_some() {
        return Err(Error::new("42P16", "a table that is append only has no key to conflict"));
    }
    Ok(CreateStream {
        name: statement.table.name.clone(),
        or_replace: false,
        if_not_exists: statement.table.if_not_exists,
        columns: statement.table.columns.clone(),
        constraints: statement.table.constraints.clone(),
        watermark: None,
        options: vec![],
    })
}
