//! The columns of a definition, with the constraints written at them.
use sqlparser::ast::{
    ColumnDef, ColumnOption, DataType, Expr, Ident, IndexColumn, NullsDistinctOption,
    TableConstraint,
};

use super::definer::{Definer, column_name};
use crate::binder::{self, Binder, Clause, Scope};
use crate::catalog::Column;
use crate::functions::CastContext;
use crate::{Error, Result};

/// The most columns of a relation.
pub(crate) const COLUMNS_MAX: usize = 1600;

/// Columns, and what must hold of them.
#[derive(Default)]
pub(crate) struct Columns {
    pub(crate) columns: Vec<Column>,
    /// Columns of the primary key; empty without one.
    pub(crate) key: Vec<usize>,
    /// Each UNIQUE: its name if it was given one, its columns.
    pub(crate) unique: Vec<(Option<String>, Vec<usize>)>,
}

/// Reads column definitions and table constraints.
pub(crate) fn columns(
    definer: &Definer<'_>,
    written: &[ColumnDef],
    constraints: &[TableConstraint],
) -> Result<Columns> {
    if written.len() > COLUMNS_MAX {
        let message = format!("tables can have at most {COLUMNS_MAX} columns");
        return Err(Error::new("54011", message));
    }
    let mut found = Columns::default();
    for column in written {
        found.add(definer, column)?;
    }
    for constraint in constraints {
        found.constrain(constraint)?;
    }
    for place in &found.key {
        if let Some(column) = found.columns.get_mut(*place) {
            column.nullable = false;
        }
    }
    Ok(found)
}

impl Columns {
    fn add(&mut self, definer: &Definer<'_>, written: &ColumnDef) -> Result<()> {
        let name = column_name(&written.name)?;
        if self.columns.iter().any(|column| column.name == name) {
            let message = format!("column \"{name}\" specified more than once");
            return Err(Error::new("42701", message).at(written.name.span));
        }
        let place = self.columns.len();
        refuse_serial(&written.data_type).map_err(|error| error.at(written.name.span))?;
        let ty =
            binder::data_type(&written.data_type).map_err(|error| error.at(written.name.span))?;
        let mut column = Column { name, ty, nullable: true, default: None, hidden: false };
        for option in &written.options {
            let given = option.name.as_ref().map(binder::fold);
            match &option.option {
                ColumnOption::Null => {}
                ColumnOption::NotNull => column.nullable = false,
                ColumnOption::Default(default) => {
                    check_default(definer, default, &column)?;
                    column.default = Some(default.to_string());
                }
                ColumnOption::PrimaryKey(_) => self.set_key(vec![place])?,
                ColumnOption::Unique(_) => self.unique.push((given, vec![place])),
                ColumnOption::Collation(collation) => refuse_collation(&collation.to_string())?,
                ColumnOption::Check(_) => return Err(no_check()),
                ColumnOption::ForeignKey(_) => return Err(no_foreign_key()),
                ColumnOption::Generated { .. } | ColumnOption::Identity(_) => {
                    return Err(Error::unsupported("a generated column")
                        .with_hint("Compute the value where rows are inserted, or in a view.")
                        .at(written.name.span));
                }
                other => {
                    return Err(Error::unsupported(format_args!("\"{other}\" at a column"))
                        .at(written.name.span));
                }
            }
        }
        self.columns.push(column);
        Ok(())
    }

    fn constrain(&mut self, constraint: &TableConstraint) -> Result<()> {
        match constraint {
            TableConstraint::PrimaryKey(key) => {
                let columns = self.places(&key.columns)?;
                self.set_key(columns)
            }
            TableConstraint::Unique(unique) => {
                if unique.nulls_distinct == NullsDistinctOption::NotDistinct {
                    return Err(Error::unsupported("NULLS NOT DISTINCT"));
                }
                let columns = self.places(&unique.columns)?;
                let name = unique.name.as_ref().map(binder::fold);
                self.unique.push((name, columns));
                Ok(())
            }
            TableConstraint::Check(_) => Err(no_check()),
            TableConstraint::ForeignKey(_) => Err(no_foreign_key()),
            other => Err(Error::unsupported(format_args!("constraint \"{other}\""))),
        }
    }

    fn set_key(&mut self, columns: Vec<usize>) -> Result<()> {
        if !self.key.is_empty() {
            return Err(Error::new("42P16", "multiple primary keys for a table are not allowed"));
        }
        self.key = columns;
        Ok(())
    }

    fn places(&self, written: &[IndexColumn]) -> Result<Vec<usize>> {
        let mut places = vec![];
        for column in written {
            let ident = plain_column(column)?;
            let name = column_name(ident)?;
            let place = self.columns.iter().position(|column| column.name == name);
            let place = place.ok_or_else(|| {
                let message = format!("column \"{name}\" named in key does not exist");
                Error::new("42703", message).at(ident.span)
            })?;
            if places.contains(&place) {
                let message = format!("column \"{name}\" appears twice in a key");
                return Err(Error::new("42701", message).at(ident.span));
            }
            places.push(place);
        }
        Ok(places)
    }
}

/// The name of an indexed column; expressions are refused.
pub(crate) fn plain_column(column: &IndexColumn) -> Result<&Ident> {
    match &column.column.expr {
        Expr::Identifier(ident) => Ok(ident),
        _ => Err(Error::unsupported("an index over an expression")
            .with_hint("Index a column, or create a continuous view that computes the value.")),
    }
}

fn check_default(definer: &Definer<'_>, default: &Expr, column: &Column) -> Result<()> {
    let names = definer.names();
    let environment = definer.environment();
    let mut binder = Binder::new(&names, &environment);
    let bound = binder.bind_scalar(default, &Scope::default(), Clause::Default)?;
    let given = bound.ty.clone();
    binder.cast(bound, &column.ty, CastContext::Assignment).map_err(|error| {
        if error.code() != "42846" && error.code() != "42804" {
            return error;
        }
        let message = format!(
            "column \"{}\" is of type {} but default expression is of type {given}",
            column.name, column.ty
        );
        Error::new("42804", message).with_hint("You will need to rewrite or cast the expression.")
    })?;
    Ok(())
}

fn refuse_serial(ty: &DataType) -> Result<()> {
    let name = ty.to_string().to_ascii_lowercase();
    let serial = ["serial", "bigserial", "smallserial", "serial2", "serial4", "serial8"];
    if serial.contains(&name.as_str()) {
        return Err(Error::unsupported(format_args!("type {name}"))
            .with_hint("Let the application give the key: a bigint, a text or a uuid."));
    }
    Ok(())
}

fn refuse_collation(name: &str) -> Result<()> {
    let plain = name.trim_matches('"').to_ascii_lowercase();
    if ["c", "posix", "default", "ucs_basic"].contains(&plain.as_str()) {
        return Ok(());
    }
    Err(Error::unsupported(format_args!("collation {name}"))
        .with_hint("Text is compared by its bytes: COLLATE \"C\"."))
}

fn no_check() -> Error {
    Error::unsupported("a CHECK constraint")
        .with_hint("Filter rows in the INSERT, or create a view of the rows that break the rule.")
}

fn no_foreign_key() -> Error {
    Error::unsupported("a FOREIGN KEY constraint")
        .with_hint("Create a continuous view of the rows that have no match.")
}
