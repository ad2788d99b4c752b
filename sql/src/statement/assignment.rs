//! `SET column = expression, …`.
use sqlparser::ast::{self, Assignment, AssignmentTarget, Expr, ObjectName, Spanned};

use crate::binder::{Binder, Bound, name_parts};
use crate::catalog::{Column, Relation};
use crate::functions::CastContext;
use crate::functions::cast::can_cast;
use crate::parser::parse_expression;
use crate::types::Type;
use crate::{Error, Result};

/// The expression for each column that is set, by the column's number.
pub(crate) fn assignments(
    relation: &Relation,
    written: &[Assignment],
) -> Result<Vec<(usize, Expr)>> {
    let mut found: Vec<(usize, Expr)> = vec![];
    for assignment in written {
        match &assignment.target {
            AssignmentTarget::ColumnName(name) => {
                set(relation, &mut found, name, &assignment.value)?;
            }
            AssignmentTarget::Tuple(names) => {
                let values = tuple(&assignment.value, names.len())?;
                for (name, value) in names.iter().zip(values) {
                    set(relation, &mut found, name, value)?;
                }
            }
        }
    }
    Ok(found)
}

fn set(
    relation: &Relation,
    found: &mut Vec<(usize, Expr)>,
    name: &ObjectName,
    value: &Expr,
) -> Result<()> {
    let parts = name_parts(name)?;
    let (place, column) = match parts.as_slice() {
        [column] => target_column(relation, column).map_err(|error| error.at(name.span()))?,
        [table, ..] => {
            let message =
                format!("column \"{table}\" of relation \"{}\" does not exist", relation.name);
            return Err(Error::new("42703", message)
                .with_hint("SET target columns cannot be qualified with the relation name.")
                .at(name.span()));
        }
        [] => return Err(Error::internal("an assignment without a column")),
    };
    if found.iter().any(|(other, _)| *other == place) {
        let message = format!("multiple assignments to same column \"{}\"", column.name);
        return Err(Error::new("42601", message).at(name.span()));
    }
    found.push((place, or_default(value, column)?));
    Ok(())
}

fn tuple(value: &Expr, count: usize) -> Result<Vec<&Expr>> {
    let values: Vec<&Expr> = match value {
        Expr::Tuple(values) => values.iter().collect(),
        Expr::Nested(one) if count == 1 => vec![one.as_ref()],
        _ => {
            return Err(Error::unsupported("SET (…) = of anything but a row of expressions")
                .with_hint("Set each column by itself.")
                .at(value.span()));
        }
    };
    if values.len() != count {
        return Err(Error::new("42601", "number of columns does not match number of values")
            .at(value.span()));
    }
    Ok(values)
}

/// The column of this name that a statement can set; 42703 where there is none.
pub(crate) fn target_column<'a>(relation: &'a Relation, name: &str) -> Result<(usize, &'a Column)> {
    let found = relation.visible().find(|(_, column)| column.name == name);
    found.ok_or_else(|| {
        let message = format!("column \"{name}\" of relation \"{}\" does not exist", relation.name);
        Error::new("42703", message)
    })
}

/// Binds a query into columns; a value that cannot be assigned is told with its column's name.
pub(crate) fn bind_into(
    binder: &mut Binder<'_>,
    query: &ast::Query,
    targets: &[(&Column, Type)],
) -> Result<Bound> {
    let types: Vec<Type> = targets.iter().map(|(_, ty)| ty.clone()).collect();
    binder.bind_query_as(query, &types).map_err(|error| {
        if !matches!(error.code(), "42846" | "42804") {
            return error;
        }
        let Ok(bound) = binder.bind_query(query) else { return error };
        let wrong = bound.columns.iter().zip(targets).find(|(output, (_, ty))| {
            output.ty != Type::Unknown && !can_cast(&output.ty, ty, CastContext::Assignment)
        });
        let Some((output, (column, ty))) = wrong else { return error };
        let message = format!(
            "column \"{}\" is of type {ty} but expression is of type {}",
            column.name, output.ty
        );
        Error::new("42804", message)
            .with_hint("You will need to rewrite or cast the expression.")
            .at_place_of(&error)
    })
}

/// The expression, or the column's default where it is the word DEFAULT.
pub(crate) fn or_default(value: &Expr, column: &Column) -> Result<Expr> {
    match value {
        Expr::Identifier(ident)
            if ident.quote_style.is_none() && ident.value.eq_ignore_ascii_case("default") =>
        {
            default_of(column)
        }
        other => Ok(other.clone()),
    }
}

/// The default of a column as it was written; NULL without one.
pub(crate) fn default_of(column: &Column) -> Result<Expr> {
    match &column.default {
        Some(text) => parse_expression(text),
        None => Ok(Expr::Value(ast::Value::Null.into())),
    }
}
