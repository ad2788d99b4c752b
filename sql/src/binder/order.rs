//! ORDER BY: keys that are output columns, and keys that are computed beside them.
use std::sync::Arc;

use datafusion::common::Column;
use datafusion::logical_expr::{Expr, LogicalPlan, Projection, Sort, SortExpr};
use sqlparser::ast::{self, OrderByOptions, Spanned};

use super::identifier::fold;
use super::query::{RowLimit, Rows, limited};
use super::{Binder, OutputColumn, Typed, library};
use crate::types::Type;
use crate::{Error, Result};

impl Binder<'_> {
    /// The key of a value, with PostgreSQL's place for NULLs: last, or first with DESC.
    pub(super) fn sort_key(&mut self, value: Typed, options: &OrderByOptions) -> Result<SortExpr> {
        let value = match value.ty {
            Type::Unknown => self.implicit(value, &Type::Text)?,
            Type::Json => return Err(no_order(&value.ty, "42883")),
            Type::Jsonb => return Err(Error::unsupported("ORDER BY a jsonb value")),
            _ => value,
        };
        let ascending = options.asc.unwrap_or(true);
        Ok(SortExpr {
            expr: library::order_key(value.expr, &value.ty),
            asc: ascending,
            nulls_first: options.nulls_first.unwrap_or(!ascending),
        })
    }

    /// The output column that a key of ORDER BY or GROUP BY names by position or by name.
    pub(super) fn output_place(
        &self,
        written: &ast::Expr,
        outputs: &[(String, Typed)],
    ) -> Result<Option<usize>> {
        match written {
            ast::Expr::Value(value) => position(&value.value, outputs.len(), "ORDER BY")
                .map_err(|error| error.at(written.span())),
            ast::Expr::Identifier(name) => {
                named(&fold(name), outputs).map_err(|error| error.at(name.span))
            }
            _ => Ok(None),
        }
    }

    /// The plan with these outputs, sorted by `keys` and cut; keys that are no outputs are
    /// computed beside them and left out at the end.
    pub(super) fn sorted(
        &mut self,
        plan: LogicalPlan,
        outputs: Vec<(String, Typed)>,
        keys: Vec<SortExpr>,
        limit: RowLimit,
    ) -> Result<Rows> {
        let mut columns: Vec<OutputColumn> = Vec::new();
        if keys.is_empty() {
            let plan = self.project(plan, outputs, &mut columns)?;
            return Ok(Rows { plan: limited(plan, limit), columns });
        }
        let (mut beside, mut sort) = (Vec::new(), Vec::new());
        // Of each key: its place among the outputs, or among the columns beside them.
        for key in keys {
            let same = outputs.iter().position(|(_, value)| value.expr == key.expr);
            let place = same.unwrap_or_else(|| {
                beside.push((String::new(), Typed::new(key.expr.clone(), Type::Unknown)));
                outputs.len() + beside.len() - 1
            });
            sort.push((place, key.asc, key.nulls_first));
        }
        let width = outputs.len();
        let has_beside = !beside.is_empty();
        let all = outputs.into_iter().chain(beside).collect();
        let plan = self.project(plan, all, &mut columns)?;
        let keys = sort
            .into_iter()
            .filter_map(|(place, asc, nulls_first)| {
                let expr = Expr::Column(columns.get(place)?.column.clone());
                Some(SortExpr { expr, asc, nulls_first })
            })
            .collect();
        let sort = Sort { expr: keys, input: Arc::new(plan), fetch: None };
        let mut plan = limited(LogicalPlan::Sort(sort), limit);
        columns.truncate(width);
        if has_beside {
            let kept = columns.iter().map(|column| Expr::Column(column.column.clone())).collect();
            plan = LogicalPlan::Projection(Projection::try_new(kept, Arc::new(plan))?);
        }
        Ok(Rows { plan, columns })
    }
}

/// Refuses `ORDER BY -1`: PostgreSQL takes it for a position, which no column has.
pub(super) fn check_position(written: &ast::Expr, clause: &str) -> Result<()> {
    let ast::Expr::UnaryOp { op: ast::UnaryOperator::Minus, expr } = written else {
        return Ok(());
    };
    let ast::Expr::Value(value) = expr.as_ref() else { return Ok(()) };
    match &value.value {
        ast::Value::Number(digits, _) if digits.parse::<i32>().is_ok() => {
            let message = format!("{clause} position -{digits} is not in select list");
            Err(Error::new("42P10", message).at(written.span()))
        }
        ast::Value::Number(..) => {
            Err(Error::new("42601", format!("non-integer constant in {clause}")).at(written.span()))
        }
        _ => Ok(()),
    }
}

/// The output column at a position that was written; 42P10 if there is none.
pub(super) fn position(value: &ast::Value, count: usize, clause: &str) -> Result<Option<usize>> {
    match value {
        ast::Value::Number(digits, _) => match digits.parse::<usize>() {
            Ok(place) if (1..=count).contains(&place) => Ok(Some(place - 1)),
            Ok(place) => {
                Err(Error::new("42P10", format!("{clause} position {place} is not in select list")))
            }
            Err(_) => Err(Error::new("42601", format!("non-integer constant in {clause}"))),
        },
        ast::Value::Placeholder(_) => Ok(None),
        _ => Err(Error::new("42601", format!("non-integer constant in {clause}"))),
    }
}

/// The output column of a name; 42702 if two different ones have it.
pub(super) fn named(name: &str, outputs: &[(String, Typed)]) -> Result<Option<usize>> {
    let mut found = outputs.iter().enumerate().filter(|(_, (output, _))| output == name);
    let Some((place, (_, first))) = found.next() else { return Ok(None) };
    if found.any(|(_, (_, other))| other.expr != first.expr) {
        return Err(Error::new("42702", format!("ORDER BY \"{name}\" is ambiguous")));
    }
    Ok(Some(place))
}

/// The error of a type that cannot be sorted.
fn no_order(ty: &Type, code: &'static str) -> Error {
    Error::new(code, format!("could not identify an ordering operator for type {ty}"))
        .with_hint("Use an explicit ordering operator or modify the query.")
}

/// A plan's columns as expressions.
pub(super) fn all_columns(plan: &LogicalPlan) -> Vec<Expr> {
    plan.schema().columns().into_iter().map(|column: Column| Expr::Column(column)).collect()
}
