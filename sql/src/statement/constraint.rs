//! What must hold of a row: columns that are not null, keys that are not taken.
use std::collections::HashSet;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, RecordBatch};
use engine::plan::RelationId;

use super::work::Work;
use crate::catalog::{Catalog, Column, Index, Relation};
use crate::transaction::{Sieve, keys_of};
use crate::types::{TextStyle, TextWriter};
use crate::{Error, Result, Subject};

/// The most characters of a value in an error's detail.
const DETAIL_CHARACTERS_MAX: usize = 64;

/// A key of a table that no two rows share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct UniqueKey {
    /// The index; `None` for the primary key.
    pub(crate) index: Option<RelationId>,
    /// The constraint's name.
    pub(crate) name: String,
    pub(crate) columns: Vec<usize>,
}

/// The unique keys of a table, the primary key first.
pub(crate) fn unique_keys(catalog: &Catalog, table: &Relation) -> Vec<UniqueKey> {
    let mut keys = vec![];
    if !table.key.is_empty() {
        let name = primary_key_name(table);
        keys.push(UniqueKey { index: None, name, columns: table.key.clone() });
    }
    keys.extend(catalog.indexes_of(table.id).filter(|index| index.unique).map(|index| {
        let (name, columns) = (index.name.clone(), index.columns.clone());
        UniqueKey { index: Some(index.id), name, columns }
    }));
    keys
}

fn primary_key_name(table: &Relation) -> String {
    format!("{}_pkey", table.name)
}

/// Fails with 23502 at the first row that has a NULL where its column allows none.
pub(crate) fn check_not_null(
    table: &Relation,
    columns: &[Column],
    rows: &[ArrayRef],
    style: &TextStyle,
) -> Result<()> {
    for (column, values) in columns.iter().zip(rows) {
        if column.nullable || values.null_count() == 0 {
            continue;
        }
        let row = (0..values.len()).find(|row| values.is_null(*row)).unwrap_or_default();
        let message = format!(
            "null value in column \"{}\" of relation \"{}\" violates not-null constraint",
            column.name, table.name
        );
        let written = write_row(columns, rows, row, style)?;
        return Err(Error::new("23502", message)
            .with_detail(format!("Failing row contains ({written})."))
            .with_subject(Subject { column: Some(column.name.clone()), ..subject(table) }));
    }
    Ok(())
}

fn write_row(
    columns: &[Column],
    rows: &[ArrayRef],
    row: usize,
    style: &TextStyle,
) -> Result<String> {
    let mut parts = vec![];
    for (column, values) in columns.iter().zip(rows) {
        parts.push(write_value(column, values, row, style)?);
    }
    Ok(parts.join(", "))
}

fn write_value(
    column: &Column,
    values: &ArrayRef,
    row: usize,
    style: &TextStyle,
) -> Result<String> {
    let writer = TextWriter::new(values, &column.ty, style)?;
    if writer.is_null(row) {
        return Ok("null".to_owned());
    }
    let mut bytes = vec![];
    writer.write(row, &mut bytes);
    let text = String::from_utf8_lossy(&bytes);
    Ok(match text.char_indices().nth(DETAIL_CHARACTERS_MAX) {
        Some((end, _)) => format!("{}...", text.get(..end).unwrap_or_default()),
        None => text.into_owned(),
    })
}

fn subject(table: &Relation) -> Subject {
    Subject {
        schema: Some(table.schema.clone()),
        table: Some(table.name.clone()),
        ..Subject::default()
    }
}

/// 23505, in PostgreSQL's words, about the constraint `name` of the table.
fn taken(table: &Relation, name: &str) -> Error {
    let message = format!("duplicate key value violates unique constraint \"{name}\"");
    let constraint = Some(name.to_owned());
    Error::new("23505", message).with_subject(Subject { constraint, ..subject(table) })
}

/// The same about the key of one row.
pub(crate) fn duplicate(
    table: &Relation,
    key: &UniqueKey,
    row: &RecordBatch,
    style: &TextStyle,
) -> Error {
    let error = taken(table, &key.name);
    match row.project(&key.columns) {
        Ok(values) => error.with_detail(already_there(table, &key.columns, &values, style)),
        Err(_) => error,
    }
}

/// The detail about a key that is taken, given as a row of its columns.
fn already_there(table: &Relation, key: &[usize], row: &RecordBatch, style: &TextStyle) -> String {
    let columns = || key.iter().filter_map(|place| table.columns.get(*place));
    let names: Vec<&str> = columns().map(|column| column.name.as_str()).collect();
    let values = columns().zip(row.columns());
    let values: Vec<String> = values
        .map(|(column, value)| write_value(column, value, 0, style).unwrap_or_default())
        .collect();
    format!("Key ({})=({}) already exists.", names.join(", "), values.join(", "))
}

/// The rows that hold the keys of `rows` already, for each row at most one: the block's own
/// or committed ones.
pub(crate) fn holders(
    work: &mut Work<'_>,
    table: &Relation,
    key: &UniqueKey,
    rows: &RecordBatch,
) -> Result<Vec<Option<RecordBatch>>> {
    let keys = rows.project(&key.columns)?;
    let mut found = vec![None; rows.num_rows()];
    let mut sieve: Option<Sieve> = None;
    if let Some(overlay) = work.transaction.overlay_mut(table.id)? {
        found = overlay.find(&key.columns, &keys)?;
        sieve = Some(overlay.sieve());
    }
    let is_new = work.transaction.is_own(table.id)
        || key.index.is_some_and(|index| work.transaction.is_own(index));
    if is_new {
        return Ok(found);
    }
    // A unique index that was dropped after the block began holds nothing any more.
    let Some((_, there)) = work.database.engine().probe(table.id, key.index, &keys)? else {
        return Ok(found);
    };
    let there = match &mut sieve {
        Some(sieve) => sieve.pass(&there)?,
        None => there,
    };
    if there.num_rows() == 0 {
        return Ok(found);
    }
    let there_keys = keys_of(there.project(&key.columns)?.columns())?;
    let by_key: std::collections::HashMap<_, _> =
        there_keys.into_iter().enumerate().map(|(place, key)| (key, place)).collect();
    let known = |row: usize| keys.columns().iter().all(|column| column.is_valid(row));
    for (row, wanted) in keys_of(keys.columns())?.into_iter().enumerate() {
        let place = by_key.get(&wanted).filter(|_| known(row));
        if let (Some(place), Some(slot)) = (place, found.get_mut(row)) {
            slot.get_or_insert_with(|| there.slice(*place, 1));
        }
    }
    Ok(found)
}

/// Fails with 23505 at the first of `rows` whose key is taken, by another of them too, but
/// for the keys of rows that are `leaving`. For blocks, whose statements must fail at once;
/// a commit is checked by the engine.
pub(crate) fn check_unique(
    work: &mut Work<'_>,
    table: &Relation,
    rows: &RecordBatch,
    leaving: Option<&RecordBatch>,
) -> Result<()> {
    let catalog = work.catalog();
    let style = work.style();
    for key in unique_keys(&catalog, table) {
        let keys = rows.project(&key.columns)?;
        let known = |row: usize| keys.columns().iter().all(|column| column.is_valid(row));
        let bytes = keys_of(keys.columns())?;
        let mut seen = HashSet::new();
        for (row, bytes) in bytes.iter().enumerate() {
            if known(row) && !seen.insert(bytes) {
                return Err(duplicate(table, &key, &rows.slice(row, 1), &style));
            }
        }
        let free: HashSet<_> = match leaving {
            Some(old) => keys_of(old.project(&key.columns)?.columns())?.into_iter().collect(),
            None => HashSet::new(),
        };
        let holders = holders(work, table, &key, rows)?;
        let mut taken = holders.iter().zip(&bytes);
        let taken = taken.position(|(holder, bytes)| holder.is_some() && !free.contains(bytes));
        if let Some(row) = taken {
            return Err(duplicate(table, &key, &rows.slice(row, 1), &style));
        }
    }
    Ok(())
}

/// 23505 in PostgreSQL's words, where the rows that are there do not allow a unique index.
pub(crate) fn not_unique(table: &Relation, index: &Index) -> Error {
    let message = format!("could not create unique index \"{}\"", index.name);
    Error::new("23505", message).with_subject(taken(table, &index.name).subject().clone())
}

/// An engine's error with the name of the constraint that it is about.
pub(crate) fn named(error: engine::Error, catalog: &Arc<Catalog>) -> Error {
    let (object, key) = (error.object(), error.key().cloned());
    let own = Error::from(error);
    if own.code() != "23505" {
        return own;
    }
    let Some(id) = object else { return own };
    let index = catalog.index(id);
    let Some(table) = catalog.relation(index.as_ref().map_or(id, |index| index.relation)) else {
        return own;
    };
    let (name, columns) = match &index {
        Some(index) => (index.name.clone(), &index.columns),
        None => (primary_key_name(&table), &table.key),
    };
    let named = taken(&table, &name);
    match (key, own.detail()) {
        (Some(key), _) => {
            named.with_detail(already_there(&table, columns, &key, &TextStyle::default()))
        }
        (None, Some(detail)) => named.with_detail(detail),
        (None, None) => named,
    }
}
