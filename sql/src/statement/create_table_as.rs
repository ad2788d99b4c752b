//! CREATE TABLE … AS: a table with the columns of a query, filled with its rows.
//!
//! Table and rows are one transaction. What is recorded is a plain CREATE TABLE, so that the
//! table stays what it was made as, whatever becomes of the query. The query is bound before the
//! table is there: a name in it never means the new table.
use std::sync::Arc;

use arrow::array::{Array, RecordBatch, RecordBatchOptions};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Schema};
use datafusion::logical_expr::{Distinct, Expr, LogicalPlan};
use engine::plan::RelationId;
use sqlparser::ast;

use super::create_table;
use super::insert::{store, strict, to_rows};
use super::names::SessionNames;
use super::query::Query;
use super::work::Work;
use crate::binder::Binder;
use crate::catalog::{Change, Relation, quote_identifier};
use crate::parser::{self, CreateTable, Parsed, Statement, parse};
use crate::response::Response;
use crate::types::{BARE_NUMERIC_SCALE, NUMERIC_PRECISION_MAX, Type};
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
        let batches = batches.iter().map(|batch| widened(batch, &relation));
        let batches = batches.collect::<Result<Vec<_>>>()?;
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
        let declared = is_declared(&query.plan, place);
        format!("{name} {}", stored(&column.ty, declared))
    });
    let columns = columns.collect::<Vec<_>>().join(", ");
    let if_not_exists = if written.if_not_exists { "IF NOT EXISTS " } else { "" };
    Ok(format!("CREATE TABLE {if_not_exists}{} ({columns})", written.name))
}

/// The type of a column that holds all values of an expression's type, as they are held. The
/// digits of a numeric are those of its column if the expression is one; those of what is
/// computed or written out say nothing of what will be inserted later.
fn stored(ty: &Type, declared: bool) -> Type {
    match ty {
        Type::Unknown => Type::Text,
        Type::Numeric(precision, scale) if !declared => {
            let whole = |precision: u8, scale: i8| i32::from(precision) - i32::from(scale);
            let is_held = *scale <= BARE_NUMERIC_SCALE
                && whole(*precision, *scale) <= whole(NUMERIC_PRECISION_MAX, BARE_NUMERIC_SCALE);
            if is_held { Type::BareNumeric } else { Type::Numeric(NUMERIC_PRECISION_MAX, *scale) }
        }
        Type::Quotient(scale, _) => Type::Numeric(NUMERIC_PRECISION_MAX, *scale),
        Type::Array(item) => Type::Array(Box::new(stored(item, true))),
        other => other.clone(),
    }
}

/// Rows of the query with the wider numerics that the table has where it has them.
fn widened(batch: &RecordBatch, relation: &Relation) -> Result<RecordBatch> {
    let mut fields = vec![];
    let mut columns = vec![];
    let given = batch.schema();
    let pairs = given.fields().iter().zip(batch.columns()).zip(relation.visible());
    for ((field, array), (_, column)) in pairs {
        let target = column.ty.arrow();
        let is_wider =
            matches!(array.data_type(), DataType::Decimal128(..)) && *array.data_type() != target;
        let array = if is_wider { cast(array, &target)? } else { Arc::clone(array) };
        fields.push(field.as_ref().clone().with_data_type(array.data_type().clone()));
        columns.push(array);
    }
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    let schema = Arc::new(Schema::new(fields));
    Ok(RecordBatch::try_new_with_options(schema, columns, &options)?)
}

/// Whether a column of a plan is one of a relation's, handed on as it is.
fn is_declared(plan: &LogicalPlan, place: usize) -> bool {
    let of_input = |input: &LogicalPlan, expression: Option<&Expr>| match expression {
        Some(Expr::Column(column)) => {
            input.schema().maybe_index_of_column(column).is_some_and(|at| is_declared(input, at))
        }
        _ => false,
    };
    match plan {
        LogicalPlan::TableScan(_) => true,
        LogicalPlan::Projection(node) => {
            let expression = node.expr.get(place).map(|expression| match expression {
                Expr::Alias(alias) => &*alias.expr,
                other => other,
            });
            of_input(&node.input, expression)
        }
        LogicalPlan::Filter(node) => is_declared(&node.input, place),
        LogicalPlan::Sort(node) => is_declared(&node.input, place),
        LogicalPlan::Limit(node) => is_declared(&node.input, place),
        LogicalPlan::SubqueryAlias(node) => is_declared(&node.input, place),
        LogicalPlan::Distinct(Distinct::All(input)) => is_declared(input, place),
        LogicalPlan::Aggregate(node) => of_input(&node.input, node.group_expr.get(place)),
        LogicalPlan::Join(node) => {
            let left = node.left.schema().fields().len();
            match place.checked_sub(left) {
                None => is_declared(&node.left, place),
                Some(place) => is_declared(&node.right, place),
            }
        }
        _ => false,
    }
}
