//! UPDATE.
use std::collections::HashSet;
use std::sync::Arc;

use arrow::array::{RecordBatch, UInt32Array};
use arrow::compute::{concat_batches, take_record_batch};
use engine::commit::Change;
use sqlparser::ast::{self, SelectItem, TableFactor, TableWithJoins, UpdateTableFromKind};

use super::assignment::{assignments, bind_into};
use super::constraint::{check_not_null, check_unique};
use super::insert::strict;
use super::names::SessionNames;
use super::query::Query;
use super::returning;
use super::target::{
    TARGET, Verb, column_of, own_columns, select, stand_in, stand_in_name, target,
};
use super::work::Work;
use super::write::Written;
use crate::binder::{Binder, fold};
use crate::catalog::Relation;
use crate::response::Tag;
use crate::transaction::{Origin, keys_of, with_schema};
use crate::types::Type;
use crate::{Error, Result};

/// A bound UPDATE.
pub(crate) struct Update {
    relation: Arc<Relation>,
    /// The old row's columns, then the new one's.
    query: Query,
    /// Whether a row can be found more than once: there is FROM.
    joined: bool,
    pub(crate) returning: Option<Query>,
}

impl Update {
    /// Binds it.
    pub(crate) fn bind(
        binder: &mut Binder<'_>,
        names: &SessionNames,
        (written, with): (&ast::Update, Option<&ast::With>),
    ) -> Result<Self> {
        if written.or.is_some() || written.limit.is_some() || !written.order_by.is_empty() {
            return Err(Error::unsupported("this form of UPDATE"));
        }
        let (relation, alias) = changed(names, &written.table, Verb::Update)?;
        let set = assignments(&relation, &written.assignments)?;
        let columns = own_columns(&relation);
        let mut items = vec![];
        let mut targets = vec![];
        for column in &columns {
            items.push(SelectItem::UnnamedExpr(column_of(&alias, &column.name)));
            targets.push((column, column.ty.clone()));
        }
        for (place, column) in columns.iter().enumerate() {
            let given = set.iter().find(|(other, _)| *other == place);
            let value = given.map_or_else(|| column_of(&alias, &column.name), |(_, e)| e.clone());
            items.push(SelectItem::UnnamedExpr(value));
            targets.push((column, column.ty.clone()));
        }
        let others = match &written.from {
            None => &[][..],
            Some(UpdateTableFromKind::BeforeSet(from) | UpdateTableFromKind::AfterSet(from)) => {
                from.as_slice()
            }
        };
        let from = std::iter::once(&written.table).chain(others).cloned().collect();
        let mut query = read_of(items, from, written.selection.as_ref())?;
        query.with = with.cloned();
        let query = Query::of(bind_into(binder, &query, &targets)?, names.catalog())?;
        names.stand_in(stand_in_name(TARGET), stand_in(&relation, TARGET, false));
        let joined = !others.is_empty();
        let returning = match &written.returning {
            Some(items) => Some(returning::bind(binder, names, (items, &alias), joined)?),
            None => None,
        };
        Ok(Self { relation, query, joined, returning })
    }

    /// The types of its parameters.
    pub(crate) fn parameters(&self) -> &[Type] {
        &self.returning.as_ref().unwrap_or(&self.query).parameters
    }

    /// Finds its rows and hands old and new ones to the transaction.
    pub(crate) async fn run(&self, work: &mut Work<'_>) -> Result<Written> {
        work.must_write("UPDATE")?;
        let batches = self.query.collect(work).await?;
        let width = own_columns(&self.relation).len();
        let (old, new) = (0..width, width..width.saturating_mul(2));
        let old = whole(&self.relation, &batches, &old.collect::<Vec<_>>())?;
        let new = part(&batches, &new.collect::<Vec<_>>())?;
        let style = work.style();
        let columns = own_columns(&self.relation);
        for batch in &new {
            check_not_null(&self.relation, &columns, batch.columns(), &style)?;
        }
        let new = whole(&self.relation, &new, &(0..width).collect::<Vec<_>>())?;
        let (old, new) = if self.joined { once(&self.relation, old, new)? } else { (old, new) };
        let count = old.num_rows() as u64;
        let mut written = Written::new(Tag::Update(count));
        if count > 0 {
            if work.transaction.origin != Origin::Statement {
                check_unique(work, &self.relation, &new, Some(&old))?;
            }
            let relation = self.relation.id;
            work.transaction.change(Change::Update { relation, old, new: new.clone() })?;
        }
        if let Some(query) = &self.returning {
            let rows = returning::evaluate(work, query, new).await?;
            written.returning = Some((Arc::clone(&query.columns), rows));
        }
        Ok(written)
    }
}

/// The relation that a table factor names, with the name it has in the statement.
pub(crate) fn changed(
    names: &SessionNames,
    table: &TableWithJoins,
    verb: Verb,
) -> Result<(Arc<Relation>, String)> {
    let TableFactor::Table { name, alias, .. } = &table.relation else {
        return Err(Error::unsupported(format_args!("{} of anything but a table", verb.word())));
    };
    if !table.joins.is_empty() {
        return Err(Error::new("42601", format!("syntax error: {} of a join", verb.word())));
    }
    let relation = target(names, name, verb)?;
    let alias = alias.as_ref().map_or_else(|| relation.name.clone(), |alias| fold(&alias.name));
    Ok((relation, alias))
}

/// `SELECT items FROM from WHERE condition`
pub(crate) fn read_of(
    items: Vec<SelectItem>,
    from: Vec<TableWithJoins>,
    condition: Option<&ast::Expr>,
) -> Result<Box<ast::Query>> {
    let mut query = select(items, "x")?;
    if let ast::SetExpr::Select(select) = query.body.as_mut() {
        select.from = from;
        select.selection = condition.cloned();
    }
    Ok(query)
}

fn part(batches: &[RecordBatch], columns: &[usize]) -> Result<Vec<RecordBatch>> {
    batches.iter().map(|batch| Ok(batch.project(columns)?)).collect()
}

/// These columns of the batches as rows of the relation.
pub(crate) fn whole(
    relation: &Relation,
    batches: &[RecordBatch],
    columns: &[usize],
) -> Result<RecordBatch> {
    let empty = RecordBatch::new_empty(super::target::own_schema(relation));
    let schema = empty.schema();
    let parts: Vec<RecordBatch> = part(batches, columns)?
        .into_iter()
        .map(|batch| with_schema(batch, &schema))
        .collect::<Result<_>>()?;
    strict(relation, concat_batches(&schema, parts.iter())?)
}

/// Each old row with the first of its new ones: a join may find a row more than once.
fn once(
    relation: &Relation,
    old: RecordBatch,
    new: RecordBatch,
) -> Result<(RecordBatch, RecordBatch)> {
    let places = first_places(relation, &old)?;
    Ok((take_record_batch(&old, &places)?, take_record_batch(&new, &places)?))
}

/// The place of each row where it comes first. Without a primary key equal rows cannot be
/// told apart, nor then how often each was found.
pub(crate) fn first_places(relation: &Relation, rows: &RecordBatch) -> Result<UInt32Array> {
    if relation.key.is_empty() {
        return Err(Error::unsupported("a join in a change of a table without a primary key")
            .with_hint("Write the condition with EXISTS, or give the table a primary key."));
    }
    let keys = keys_of(rows.project(&relation.key)?.columns())?;
    let mut seen = HashSet::new();
    let first = keys.into_iter().enumerate().filter(|(_, key)| seen.insert(key.clone()));
    Ok(UInt32Array::from_iter_values(first.filter_map(|(place, _)| u32::try_from(place).ok())))
}
