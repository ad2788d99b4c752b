//! The names that an expression can use.
//!
//! A scope has tables, whose columns are reached as `t.a`, and the columns that `a` and `*`
//! reach: those of the tables, or those that USING merged of two.
use datafusion::common::Column;
use datafusion::logical_expr::Expr;
use sqlparser::tokenizer::Span;

use super::Typed;
use crate::types::Type;
use crate::{Error, Result};

/// What FROM makes visible.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    pub(super) tables: Vec<Table>,
    pub(super) visible: Vec<Visible>,
}

/// One table of FROM under its name there.
#[derive(Clone, Debug)]
pub(super) struct Table {
    pub(super) alias: String,
    /// The schema of a relation that has no alias.
    pub(super) schema: Option<String>,
    pub(super) columns: Vec<Visible>,
    /// The columns of the primary key, where it is a table that has one.
    pub(super) key: Vec<Column>,
    /// The name of the relation, if the alias hides it.
    pub(super) hidden_name: Option<String>,
}

/// A column with its name.
#[derive(Clone, Debug)]
pub(super) struct Visible {
    pub(super) name: String,
    pub(super) value: Typed,
    /// Whether `*` leaves it out.
    pub(super) hidden: bool,
}

/// What a name with a table before it was found to be.
pub(super) enum Found {
    /// A column.
    Column(Typed),
    /// No such column in a table that there is.
    NoColumn,
    /// No such table.
    NoTable,
}

impl Scope {
    /// A scope of one table.
    pub(super) fn of_table(table: Table) -> Self {
        let visible = table.columns.clone();
        Self { tables: vec![table], visible }
    }

    /// A scope without tables whose columns these are.
    pub(super) fn of_columns(columns: Vec<(String, Typed)>) -> Self {
        let visible = columns
            .into_iter()
            .map(|(name, value)| Visible { name, value, hidden: false })
            .collect();
        Self { tables: Vec::new(), visible }
    }

    /// Both scopes side by side. Fails with 42712 where a table's name would be there twice.
    pub(super) fn joined(mut self, other: Scope, span: Span) -> Result<Self> {
        for table in &other.tables {
            let twice = self.tables.iter().any(|own| {
                own.alias == table.alias
                    && (own.schema == table.schema
                        || own.schema.is_none()
                        || table.schema.is_none())
            });
            if twice {
                let message = format!("table name \"{}\" specified more than once", table.alias);
                return Err(Error::new("42712", message).at(span));
            }
        }
        self.tables.extend(other.tables);
        self.visible.extend(other.visible);
        Ok(self)
    }

    /// The column of a name without a table: `None` if there is none, 42702 if there are two.
    pub(super) fn column(&self, name: &str, span: Span) -> Result<Option<Typed>> {
        let mut found = self.visible.iter().filter(|column| column.name == name);
        let first = found.next();
        if found.next().is_some() {
            let message = format!("column reference \"{name}\" is ambiguous");
            return Err(Error::new("42702", message).at(span));
        }
        Ok(first.map(|column| column.value.clone()))
    }

    /// The column of a name with a table, and perhaps a schema, before it.
    pub(super) fn qualified(
        &self,
        schema: Option<&str>,
        table: &str,
        name: &str,
        span: Span,
    ) -> Result<Found> {
        let Some(table) = self.table(schema, table, span)? else {
            return Ok(Found::NoTable);
        };
        let mut found = table.columns.iter().filter(|column| column.name == name);
        let first = found.next();
        if found.next().is_some() {
            let message = format!("column reference \"{name}\" is ambiguous");
            return Err(Error::new("42702", message).at(span));
        }
        Ok(first.map_or(Found::NoColumn, |column| Found::Column(column.value.clone())))
    }

    /// The table of a name.
    pub(super) fn table(
        &self,
        schema: Option<&str>,
        name: &str,
        span: Span,
    ) -> Result<Option<&Table>> {
        let mut found = self.tables.iter().filter(|table| {
            table.alias == name && (schema.is_none() || table.schema.as_deref() == schema)
        });
        let first = found.next();
        if found.next().is_some() {
            let message = format!("table reference \"{name}\" is ambiguous");
            return Err(Error::new("42P09", message).at(span));
        }
        Ok(first)
    }

    /// The column that has this place in the plan, with the name an error gives it.
    pub(super) fn name_of(&self, column: &Column) -> Option<String> {
        let of_table = self.tables.iter().find_map(|table| {
            let found = table.columns.iter().find(|own| is_column(&own.value, column))?;
            Some(format!("{}.{}", table.alias, found.name))
        });
        of_table.or_else(|| {
            let found = self.visible.iter().find(|own| is_column(&own.value, column))?;
            Some(found.name.clone())
        })
    }

    /// Whether a column of the plan is one of this scope's.
    pub(super) fn has(&self, column: &Column) -> bool {
        let own = |visible: &Visible| {
            visible.value.expr.column_refs().contains(column) || is_column(&visible.value, column)
        };
        self.visible.iter().any(own)
            || self.tables.iter().any(|table| table.columns.iter().any(own))
    }

    /// The table whose key lets `column` stand for itself when one groups by that key.
    pub(super) fn table_of(&self, column: &Column) -> Option<&Table> {
        self.tables
            .iter()
            .find(|table| table.columns.iter().any(|own| is_column(&own.value, column)))
    }

    /// The type of a column of the plan.
    pub(super) fn type_of(&self, column: &Column) -> Option<Type> {
        let tables = self.tables.iter().flat_map(|table| &table.columns);
        tables
            .chain(&self.visible)
            .find(|own| is_column(&own.value, column))
            .map(|own| own.value.ty.clone())
    }
}

fn is_column(value: &Typed, column: &Column) -> bool {
    matches!(&value.expr, Expr::Column(own) if own == column)
}
