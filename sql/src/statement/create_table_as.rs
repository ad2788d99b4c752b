//! CREATE TABLE … AS: a table with the columns of a query, filled with its rows.
//!
//! Table and rows are one transaction. What is recorded is a plain CREATE TABLE, so that the
//! table stays what it was made as, whatever becomes of the query. The query is bound before the
//! table is there: a name in it never means the new table.
use engine::plan::RelationId;
use sqlparser::ast;

use super::create_table;
use super::insert::{store, strict, to_rows};
use super::names::SessionNames;
use super::query::Query;
use super::work::Work;
use crate::binder::Binder;
use crate::catalog::{Change, quote_identifier};
use crate::parser::{self, CreateTable, Parsed, Statement, parse};
use crate::response::Response;
use crate::types::{NUMERIC_PRECISION_MAX, Type};
use crate::{Error, Result};

/// What is said where no rows were written.
const TAG: &str = "CREATE TABLE AS";

/// A bound CREATE TABLE … AS.
pub(crate) struct CreateTableAs {
    pub(crate) query: Query,
    /// The CREATE TABLE of its columns.
    text: String,
    table: CreateTable,
    with_data: bool,
}

impl CreateTableAs {
    /// Binds it.
    pub(crate) fn bind(
        binder: &mut Binder<'_>,
        names: &SessionNames,
        written: &parser::CreateTableAs,
    ) -> Result<Self> {
        let query = Query::bind(binder, &written.query, names.catalog())?;
        let text = definition(written, &query)?;
        let Some(Parsed { statement: Statement::CreateTable(table), .. }) = parse(&text)?.pop()
        else {
            return Err(Error::internal("a definition of columns is no CREATE TABLE"));
        };
        Ok(Self { query, text, table: *table, with_data: written.with_data })
    }

    /// Makes the table and hands its rows to the transaction.
    pub(crate) async fn run(&self, work: &mut Work<'_>) -> Result<Response> {
        work.must_write(TAG)?;
        let mut made: Option<RelationId> = None;
        work.define(&self.text, |definer| {
            let definitions = create_table::define(definer, &self.table)?;
            made = definitions.defined.iter().find_map(|defined| match &defined.change {
                Change::CreateRelation(relation, _) => Some(relation.id),
                _ => None,
            });
            Ok(definitions)
        })?;
        let Some(relation) = made.filter(|_| self.with_data) else {
            return Ok(Response::Done(TAG.to_owned()));
        };
        let relation = work.catalog().relation(relation);
        let relation = relation.ok_or_else(|| Error::internal("a table that was made is gone"))?;
        let batches = self.query.collect(work).await?;
        let rows = strict(&relation, to_rows(&relation, &batches)?)?;
        let count = rows.num_rows();
        if count > 0 {
            store(work, &relation, rows).await?;
        }
        Ok(Response::Done(format!("SELECT {count}")))
    }
}

/// The CREATE TABLE with a query's columns, under the names that were given.
fn definition(written: &parser::CreateTableAs, query: &Query) -> Result<String> {
    if written.columns.len() > query.columns.len() {
        return Err(Error::new("42601", "too many column names were specified"));
    }
    let given = |place: usize| written.columns.get(place).map(ast::Ident::to_string);
    let columns = query.columns.iter().enumerate().map(|(place, column)| {
        let name = given(place).unwrap_or_else(|| quote_identifier(&column.name));
        format!("{name} {}", stored(&column.ty))
    });
    let columns = columns.collect::<Vec<_>>().join(", ");
    let if_not_exists = if written.if_not_exists { "IF NOT EXISTS " } else { "" };
    Ok(format!("CREATE TABLE {if_not_exists}{} ({columns})", written.name))
}

/// The type of a column that holds all values of an expression's type, as they are held.
fn stored(ty: &Type) -> Type {
    match ty {
        Type::Unknown => Type::Text,
        Type::Quotient(scale, _) => Type::Numeric(NUMERIC_PRECISION_MAX, *scale),
        Type::Array(item) => Type::Array(Box::new(stored(item))),
        other => other.clone(),
    }
}
