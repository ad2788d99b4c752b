//! DELETE, with TRUNCATE, which deletes all rows.
use std::sync::Arc;

use arrow::compute::take_record_batch;
use engine::commit::Change;
use sqlparser::ast::{self, FromTable, ObjectName, SelectItem};

use super::names::SessionNames;
use super::query::Query;
use super::returning;
use super::target::{TARGET, Verb, column_of, own_columns, stand_in, stand_in_name, target};
use super::update::{changed, first_places, read_of, whole};
use super::work::{Given, Work};
use super::write::Written;
use crate::binder::Binder;
use crate::catalog::Relation;
use crate::read::Relations;
use crate::response::Tag;
use crate::types::Type;
use crate::{Error, Result};

/// A bound DELETE.
pub(crate) struct Delete {
    relation: Arc<Relation>,
    /// The row's columns.
    query: Query,
    joined: bool,
    pub(crate) returning: Option<Query>,
}

impl Delete {
    /// Binds it.
    pub(crate) fn bind(
        binder: &mut Binder<'_>,
        names: &SessionNames,
        (written, with): (&ast::Delete, Option<&ast::With>),
    ) -> Result<Self> {
        let (FromTable::WithFromKeyword(tables) | FromTable::WithoutKeyword(tables)) =
            &written.from;
        let [table] = tables.as_slice() else {
            return Err(Error::new("42601", "DELETE of several tables"));
        };
        if !written.tables.is_empty() || written.limit.is_some() || !written.order_by.is_empty() {
            return Err(Error::unsupported("this form of DELETE"));
        }
        let (relation, alias) = changed(names, table, Verb::Delete)?;
        let columns = own_columns(&relation);
        let items =
            columns.iter().map(|c| SelectItem::UnnamedExpr(column_of(&alias, &c.name))).collect();
        let types: Vec<Type> = columns.iter().map(|column| column.ty.clone()).collect();
        let others = written.using.as_deref().unwrap_or_default();
        let from = std::iter::once(table).chain(others).cloned().collect();
        let mut query = read_of(items, from, written.selection.as_ref())?;
        query.with = with.cloned();
        let query = Query::of(binder.bind_query_as(&query, &types)?, names.catalog())?;
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

    /// Finds its rows and hands them to the transaction.
    pub(crate) async fn run(&self, work: &mut Work<'_>) -> Result<Written> {
        work.must_write("DELETE")?;
        let batches = self.query.collect(work).await?;
        let columns: Vec<usize> = (0..own_columns(&self.relation).len()).collect();
        let mut old = whole(&self.relation, &batches, &columns)?;
        if self.joined {
            old = take_record_batch(&old, &first_places(&self.relation, &old)?)?;
        }
        let mut written = Written::new(Tag::Delete(old.num_rows() as u64));
        if old.num_rows() > 0 {
            let relation = self.relation.id;
            work.transaction.change(Change::Delete { relation, old: old.clone() })?;
        }
        if let Some(query) = &self.returning {
            let rows = returning::evaluate(work, query, old).await?;
            written.returning = Some((Arc::clone(&query.columns), rows));
        }
        Ok(written)
    }
}

/// TRUNCATE: all rows of these tables are deleted.
pub(crate) fn truncate(work: &mut Work<'_>, tables: &[&ObjectName]) -> Result<()> {
    work.must_write("TRUNCATE TABLE")?;
    let names = work.names();
    for name in tables {
        let table = target(&names, name, Verb::Truncate)?;
        let instant = work.instant(std::slice::from_ref(&table), Given::new())?;
        for batch in instant.batches(&table, None)? {
            work.running.check()?;
            let columns: Vec<usize> = (0..own_columns(&table).len()).collect();
            let old = whole(&table, &[batch?], &columns)?;
            if old.num_rows() > 0 {
                work.transaction.change(Change::Delete { relation: table.id, old })?;
            }
        }
    }
    Ok(())
}
