//! ON CONFLICT: what becomes of rows whose key is taken.
//!
//! Conflicts are resolved here against what the transaction sees; that it still holds is
//! checked when it commits. A table's own rule, given when it was created, is left to
//! the engine where the statement is its own transaction.
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use arrow::array::{Array, AsArray, Int64Array, RecordBatch, UInt32Array};
use arrow::compute::{concat_batches, take_record_batch};
use arrow::datatypes::{Int64Type, SchemaRef};
use engine::commit::OnConflict;
use sqlparser::ast::{self, ConflictTarget, OnConflictAction, OnInsert, SelectItem};

use super::assignment::{assignments, bind_into};
use super::constraint::{UniqueKey, check_not_null, check_unique, holders, unique_keys};
use super::create_table::ON_CONFLICT;
use super::names::SessionNames;
use super::query::Query;
use super::target::{
    EXCLUDED, PAIR, TARGET, column_of, own_columns, own_schema, quoted, select, stand_in,
    stand_in_name,
};
use super::work::Work;
use crate::binder::{Binder, fold, name_parts};
use crate::catalog::{Relation, RelationKind};
use crate::transaction::{Origin, keys_of, with_schema};
use crate::types::Type;
use crate::{Error, Result};

/// What the statement, or else the table, says.
pub(crate) enum Conflict {
    /// 23505
    Error,
    /// By the table's own rule.
    Table(OnConflict),
    /// DO NOTHING, for these keys.
    Nothing(Vec<UniqueKey>),
    /// DO UPDATE, for this key.
    Update(UniqueKey, Box<Query>),
}

/// What a statement makes of its rows.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) inserted: Option<RecordBatch>,
    pub(crate) on_conflict: OnConflict,
    /// Old rows with new ones.
    pub(crate) updated: Option<(RecordBatch, RecordBatch)>,
}

impl Outcome {
    /// How many rows were inserted or updated.
    pub(crate) fn count(&self) -> u64 {
        let inserted = self.inserted.as_ref().map_or(0, RecordBatch::num_rows);
        let updated = self.updated.as_ref().map_or(0, |(_, new)| new.num_rows());
        (inserted as u64).saturating_add(updated as u64)
    }

    /// All new rows, for RETURNING.
    pub(crate) fn all(&self, schema: &SchemaRef) -> Result<RecordBatch> {
        let updated = self.updated.as_ref().map(|(_, new)| new);
        Ok(concat_batches(schema, self.inserted.iter().chain(updated))?)
    }
}

/// Binds ON CONFLICT; `alias` is the name that the statement gives its target.
pub(crate) fn bind(
    binder: &mut Binder<'_>,
    names: &SessionNames,
    relation: &Relation,
    (alias, written): (&str, Option<&OnInsert>),
) -> Result<Conflict> {
    let Some(OnInsert::OnConflict(written)) = written else {
        return Ok(of_table(relation));
    };
    let keys = unique_keys(names.catalog(), relation);
    let key = match &written.conflict_target {
        None => None,
        Some(ConflictTarget::Columns(columns)) => Some(by_columns(relation, &keys, columns)?),
        Some(ConflictTarget::OnConstraint(name)) => {
            let name = name_parts(name)?.pop().unwrap_or_default();
            let found = keys.iter().find(|key| key.name == name).cloned();
            Some(found.ok_or_else(|| {
                let table = &relation.name;
                let message = format!("constraint \"{name}\" for table \"{table}\" does not exist");
                Error::new("42704", message)
            })?)
        }
    };
    match (&written.action, key) {
        (OnConflictAction::DoNothing, None) => Ok(Conflict::Nothing(keys)),
        (OnConflictAction::DoNothing, Some(key)) => Ok(Conflict::Nothing(vec![key])),
        (OnConflictAction::DoUpdate(_), None) => Err(Error::new(
            "42601",
            "ON CONFLICT DO UPDATE requires inference specification or constraint name",
        )
        .with_hint("For example, ON CONFLICT (column_name).")),
        (OnConflictAction::DoUpdate(update), Some(key)) => {
            let query = bind_update(binder, names, relation, (alias, update))?;
            Ok(Conflict::Update(key, Box::new(query)))
        }
    }
}

/// What the table says itself.
pub(crate) fn of_table(relation: &Relation) -> Conflict {
    let rule = relation.options.iter().find(|(name, _)| name == ON_CONFLICT);
    match rule.map(|(_, word)| word.as_str()) {
        Some("overwrite") if relation.kind == RelationKind::Table => {
            Conflict::Table(OnConflict::Overwrite)
        }
        Some("ignore") if relation.kind == RelationKind::Table => {
            Conflict::Table(OnConflict::Ignore)
        }
        _ => Conflict::Error,
    }
}

fn by_columns(
    relation: &Relation,
    keys: &[UniqueKey],
    written: &[ast::Ident],
) -> Result<UniqueKey> {
    let mut columns = HashSet::new();
    for ident in written {
        let name = fold(ident);
        let found = relation.visible().find(|(_, column)| column.name == name);
        let (place, _) = found.ok_or_else(|| {
            Error::new("42703", format!("column \"{name}\" does not exist")).at(ident.span)
        })?;
        columns.insert(place);
    }
    let same = |key: &&UniqueKey| key.columns.iter().copied().collect::<HashSet<_>>() == columns;
    keys.iter().find(same).cloned().ok_or_else(|| {
        let message = "there is no unique or exclusion constraint matching the ON CONFLICT \
                       specification";
        Error::new("42P10", message)
    })
}

/// A query over pairs of a stored row and the one proposed: the pair's number, then the new row.
fn bind_update(
    binder: &mut Binder<'_>,
    names: &SessionNames,
    relation: &Relation,
    (alias, update): (&str, &ast::DoUpdate),
) -> Result<Query> {
    names.stand_in(stand_in_name(TARGET), stand_in(relation, TARGET, true));
    names.stand_in(stand_in_name(EXCLUDED), stand_in(relation, EXCLUDED, true));
    let set = assignments(relation, &update.assignments)?;
    let mut items = vec![SelectItem::UnnamedExpr(column_of(alias, PAIR))];
    let columns = own_columns(relation);
    let stand_in = stand_in(relation, TARGET, true);
    let pair = stand_in.columns.last().ok_or_else(|| Error::internal("no pair"))?;
    let mut targets = vec![(pair, Type::Int8)];
    for (place, column) in columns.iter().enumerate() {
        let given = set.iter().find(|(other, _)| *other == place);
        let value = given.map_or_else(|| column_of(alias, &column.name), |(_, e)| e.clone());
        items.push(SelectItem::UnnamedExpr(value));
        targets.push((column, column.ty.clone()));
    }
    let (target, excluded) = (stand_in_name(TARGET), stand_in_name(EXCLUDED));
    let from = format!(
        "{} AS {} JOIN {} AS excluded ON {}.{pair} = excluded.{pair}",
        quoted(target),
        quoted(alias),
        quoted(excluded),
        quoted(alias),
        pair = quoted(PAIR),
    );
    let mut query = select(items, &from)?;
    if let ast::SetExpr::Select(select) = query.body.as_mut() {
        select.selection.clone_from(&update.selection);
    }
    Query::of(bind_into(binder, &query, &targets)?, names.catalog())
}

impl Conflict {
    /// The query of DO UPDATE.
    pub(crate) fn query(&self) -> Option<&Query> {
        match self {
            Conflict::Update(_, query) => Some(query),
            _ => None,
        }
    }

    /// What becomes of `rows`, which are whole and checked.
    pub(crate) async fn resolve(
        &self,
        work: &mut Work<'_>,
        table: &Relation,
        rows: RecordBatch,
    ) -> Result<Outcome> {
        let alone = work.transaction.origin == Origin::Statement;
        let catalog = work.catalog();
        match self {
            Conflict::Error => Ok(inserted(rows, OnConflict::Error)),
            Conflict::Table(rule) if alone => Ok(inserted(rows, *rule)),
            Conflict::Table(OnConflict::Overwrite) => {
                let keys = unique_keys(&catalog, table);
                let Some(key) = keys.iter().find(|key| key.index.is_none()) else {
                    return Ok(inserted(rows, OnConflict::Error));
                };
                overwrite(work, table, key, rows)
            }
            Conflict::Table(_) => {
                let keys: Vec<_> = unique_keys(&catalog, table);
                leave_out(work, table, &keys, rows)
            }
            Conflict::Nothing(keys) => leave_out(work, table, keys, rows),
            Conflict::Update(key, query) => update(work, table, (key, query), rows).await,
        }
    }
}

fn inserted(rows: RecordBatch, on_conflict: OnConflict) -> Outcome {
    Outcome { inserted: Some(rows), on_conflict, updated: None }
}

/// The key of each row; `None` where it has a NULL and is equal to no other.
fn row_keys(rows: &RecordBatch, key: &UniqueKey) -> Result<Vec<Option<Box<[u8]>>>> {
    let keys = rows.project(&key.columns)?;
    let known = |row: usize| keys.columns().iter().all(|column| column.is_valid(row));
    let bytes = keys_of(keys.columns())?.into_iter().enumerate();
    Ok(bytes.map(|(row, bytes)| known(row).then_some(bytes)).collect())
}

/// Notes whose conflicts are resolved.
fn note(work: &mut Work<'_>, table: &Relation, keys: &[UniqueKey]) {
    work.transaction.resolved.extend(keys.iter().map(|key| key.index.unwrap_or(table.id)));
}

fn leave_out(
    work: &mut Work<'_>,
    table: &Relation,
    keys: &[UniqueKey],
    rows: RecordBatch,
) -> Result<Outcome> {
    let mut keep = vec![true; rows.num_rows()];
    for key in keys {
        let holders = holders(work, table, key, &rows)?;
        let mut seen = HashSet::new();
        for ((row, holder), keep) in row_keys(&rows, key)?.into_iter().zip(holders).zip(&mut keep) {
            let twice = *keep && row.is_some_and(|row| !seen.insert(row));
            *keep &= holder.is_none() && !twice;
        }
    }
    note(work, table, keys);
    Ok(inserted(pick(&rows, |row| keep.get(row) == Some(&true))?, OnConflict::Error))
}

fn overwrite(
    work: &mut Work<'_>,
    table: &Relation,
    key: &UniqueKey,
    rows: RecordBatch,
) -> Result<Outcome> {
    // Of rows with one key the last one stays.
    let last: HashMap<_, _> =
        row_keys(&rows, key)?.into_iter().enumerate().map(|(row, key)| (key, row)).collect();
    let last: HashSet<usize> = last.into_values().collect();
    let rows = pick(&rows, |row| last.contains(&row))?;
    let holders = holders(work, table, key, &rows)?;
    let fresh = pick(&rows, |row| matches!(holders.get(row), Some(None)))?;
    let new = pick(&rows, |row| matches!(holders.get(row), Some(Some(_))))?;
    let old = concat_batches(&own_schema(table), holders.iter().flatten())?;
    note(work, table, std::slice::from_ref(key));
    let updated = (new.num_rows() > 0).then_some((old, new));
    Ok(Outcome { inserted: Some(fresh), on_conflict: OnConflict::Error, updated })
}

async fn update(
    work: &mut Work<'_>,
    table: &Relation,
    (key, query): (&UniqueKey, &Query),
    rows: RecordBatch,
) -> Result<Outcome> {
    let mut seen = HashSet::new();
    if row_keys(&rows, key)?.into_iter().flatten().any(|key| !seen.insert(key)) {
        return Err(Error::new(
            "21000",
            "ON CONFLICT DO UPDATE command cannot affect row a second time",
        )
        .with_hint(
            "Ensure that no rows proposed for insertion within the same command have duplicate \
             constrained values.",
        ));
    }
    let holders = holders(work, table, key, &rows)?;
    note(work, table, std::slice::from_ref(key));
    let fresh = pick(&rows, |row| matches!(holders.get(row), Some(None)))?;
    let excluded = pick(&rows, |row| matches!(holders.get(row), Some(Some(_))))?;
    if excluded.num_rows() == 0 {
        return Ok(inserted(fresh, OnConflict::Error));
    }
    let schema = own_schema(table);
    let stored: Vec<RecordBatch> = holders.into_iter().flatten().collect();
    let stored: Vec<RecordBatch> =
        stored.into_iter().map(|row| with_schema(row, &schema)).collect::<Result<_>>()?;
    let old = concat_batches(&schema, stored.iter())?;
    let plan = work.fill(&query.plan)?;
    let given = HashMap::from([
        (TARGET, vec![paired(table, &old, TARGET)?]),
        (EXCLUDED, vec![paired(table, &excluded, EXCLUDED)?]),
    ]);
    let batches = work.collect(plan, &query.relations, given).await?;
    let (old, new) = pairs(work, table, &old, batches)?;
    check_moved(work, table, (&old, &new), &fresh)?;
    let updated = (new.num_rows() > 0).then_some((old, new));
    Ok(Outcome { inserted: Some(fresh), on_conflict: OnConflict::Error, updated })
}

/// Fails with 23505 where an update gives a row a key that is taken: what the commit would
/// find to be taken is else a race that was lost.
fn check_moved(
    work: &mut Work<'_>,
    table: &Relation,
    (old, new): (&RecordBatch, &RecordBatch),
    fresh: &RecordBatch,
) -> Result<()> {
    for key in unique_keys(&work.catalog(), table) {
        if row_keys(old, &key)? != row_keys(new, &key)? {
            let all = concat_batches(&new.schema(), [new, fresh])?;
            return check_unique(work, table, &all, Some(old));
        }
    }
    Ok(())
}

/// The rows with their numbers behind them, as a stand-in has them.
fn paired(
    table: &Relation,
    rows: &RecordBatch,
    id: engine::plan::RelationId,
) -> Result<RecordBatch> {
    let schema = stand_in(table, id, true).arrow_schema();
    let mut columns = rows.columns().to_vec();
    let count = i64::try_from(rows.num_rows()).unwrap_or(i64::MAX);
    columns.push(Arc::new(Int64Array::from_iter_values(0..count)));
    Ok(RecordBatch::try_new(schema, columns)?)
}

/// The old and the new rows of those pairs that the query gave, in the pairs' order.
fn pairs(
    work: &mut Work<'_>,
    table: &Relation,
    old: &RecordBatch,
    batches: Vec<RecordBatch>,
) -> Result<(RecordBatch, RecordBatch)> {
    let schema = own_schema(table);
    let mut numbered: Vec<(i64, RecordBatch)> = vec![];
    let style = work.style();
    for batch in batches {
        let numbers = batch.column(0).as_primitive::<Int64Type>().values().to_vec();
        let columns: Vec<usize> = (1..batch.num_columns()).collect();
        let rows = batch.project(&columns)?;
        check_not_null(table, &own_columns(table), rows.columns(), &style)?;
        let rows = with_schema(rows, &schema)?;
        let row = |(place, number)| (number, rows.slice(place, 1));
        numbered.extend(numbers.into_iter().enumerate().map(row));
    }
    numbered.sort_by_key(|(number, _)| *number);
    let new = concat_batches(&schema, numbered.iter().map(|(_, row)| row))?;
    let places = numbered.iter().filter_map(|(number, _)| u32::try_from(*number).ok());
    let old = take_record_batch(old, &UInt32Array::from_iter_values(places))?;
    Ok((old, new))
}

fn pick(rows: &RecordBatch, keep: impl Fn(usize) -> bool) -> Result<RecordBatch> {
    let kept = (0..rows.num_rows()).filter(|row| keep(*row));
    let places: Vec<u32> = kept.filter_map(|row| u32::try_from(row).ok()).collect();
    if places.len() == rows.num_rows() {
        return Ok(rows.clone());
    }
    Ok(take_record_batch(rows, &UInt32Array::from(places))?)
}
