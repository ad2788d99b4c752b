//! VALUES: rows of expressions, each column of the common type of its rows.
use std::sync::Arc;

use datafusion::common::{Column, DFSchema};
use datafusion::logical_expr::{Expr, LogicalPlan, Values};
use sqlparser::ast::{self, Spanned};

use super::query::Rows;
use super::{Binder, Clause, OutputColumn, Typed};
use crate::functions::CastContext;
use crate::types::Type;
use crate::{Error, Result};

impl Binder<'_> {
    /// Binds VALUES; where `types` are given, each value is cast to its column's as an assignment.
    pub(super) fn values(&mut self, values: &ast::Values, types: Option<&[Type]>) -> Result<Rows> {
        let width = values.rows.first().map_or(0, |row| row.content.len());
        let mut columns: Vec<Vec<Typed>> = Vec::new();
        columns.resize_with(width, Vec::new);
        for row in &values.rows {
            let row = &row.content;
            if row.len() != width {
                let place = row.first().map_or_else(|| values.span(), |first| first.span());
                let message = "VALUES lists must all be the same length";
                return Err(Error::new("42601", message).at(place));
            }
            for (place, (written, column)) in row.iter().zip(&mut columns).enumerate() {
                let value = self.expression(written, Clause::Values)?;
                let value = match types.and_then(|types| types.get(place)) {
                    Some(ty) => self
                        .cast(value, ty, CastContext::Assignment)
                        .map_err(|error| error.at(written.span()))?,
                    None => value,
                };
                column.push(value);
            }
        }
        let mut unified = Vec::with_capacity(width);
        for column in columns {
            unified.push(self.unify(column, "VALUES")?);
        }
        self.values_of(unified, values.rows.len())
    }

    fn values_of(&mut self, columns: Vec<(Vec<Typed>, Type)>, height: usize) -> Result<Rows> {
        let mut fields = Vec::new();
        let mut outputs = Vec::new();
        let mut rows: Vec<Vec<Expr>> = vec![Vec::with_capacity(columns.len()); height];
        for (place, (values, ty)) in columns.into_iter().enumerate() {
            let name = self.fresh('v');
            fields.push(ty.field(&name, true));
            outputs.push(OutputColumn {
                name: format!("column{}", place + 1),
                ty,
                column: Column::new_unqualified(name),
            });
            for (row, value) in rows.iter_mut().zip(values) {
                row.push(value.expr);
            }
        }
        let schema = DFSchema::from_unqualified_fields(fields.into(), Default::default())?;
        let plan = LogicalPlan::Values(Values { schema: Arc::new(schema), values: rows });
        Ok(Rows { plan, columns: outputs })
    }
}
