//! Queries: WITH, the body, ORDER BY, LIMIT.
use std::sync::Arc;

use datafusion::common::ScalarValue;
use datafusion::logical_expr::{Expr, Limit, LogicalPlan, Projection};
use sqlparser::ast::{self, LimitClause, OrderByKind, SetExpr, Spanned};

use super::expression::plain;
use super::identifier::fold;
use super::state::With;
use super::{Binder, Bound, Clause, OutputColumn, Scope, Typed};
use crate::catalog::Column;
use crate::functions::CastContext;
use crate::types::Type;
use crate::{Error, Result};

/// A bound query's plan, whose schema is its output columns in order.
pub(super) struct Rows {
    pub(super) plan: LogicalPlan,
    pub(super) columns: Vec<OutputColumn>,
}

impl Binder<'_> {
    /// Binds a query that is a whole statement, or the query of a view.
    pub fn bind_query(&mut self, query: &ast::Query) -> Result<Bound> {
        let rows = self.query(query)?;
        Ok(Bound { plan: rows.plan, columns: rows.columns, parameters: self.parameters.clone() })
    }

    /// Binds a query whose columns are for these types (INSERT … SELECT): each is cast to its
    /// own, as an assignment. Fails with 42846 where there is no such cast.
    pub fn bind_query_as(&mut self, query: &ast::Query, types: &[Type]) -> Result<Bound> {
        self.assigned(query, types, |_| None)
    }

    /// The same for the columns of a relation, which the error names: 42804.
    pub fn bind_query_into(&mut self, query: &ast::Query, columns: &[&Column]) -> Result<Bound> {
        let types: Vec<Type> = columns.iter().map(|column| column.ty.clone()).collect();
        self.assigned(query, &types, |place| columns.get(place).map(|column| column.name.as_str()))
    }

    fn assigned<'c>(
        &mut self,
        query: &ast::Query,
        types: &[Type],
        name: impl Fn(usize) -> Option<&'c str>,
    ) -> Result<Bound> {
        let rows = self.query_as(query, Some(types))?;
        let mut keys = Vec::new();
        let mut columns = Vec::new();
        for (place, output) in rows.columns.into_iter().enumerate() {
            let value = Typed::new(Expr::Column(output.column), output.ty);
            let value = match types.get(place) {
                Some(ty) => self.assign(value, ty, name(place))?,
                None => value,
            };
            keys.push((output.name, value));
        }
        let plan = self.project(rows.plan, keys, &mut columns)?;
        Ok(Bound { plan, columns, parameters: self.parameters.clone() })
    }

    /// A value as one of a column's type; 42804 in PostgreSQL's words where it cannot be.
    pub fn assign(&mut self, value: Typed, ty: &Type, column: Option<&str>) -> Result<Typed> {
        let (given, span) = (value.ty.clone(), value.span);
        self.cast(value, ty, CastContext::Assignment).map_err(|error| match column {
            Some(column) if error.code() == "42846" => Error::new(
                "42804",
                format!(
                    "column \"{column}\" is of type {} but expression is of type {}",
                    plain(ty),
                    plain(&given)
                ),
            )
            .with_hint("You will need to rewrite or cast the expression.")
            .at(span),
            _ => error,
        })
    }

    /// The types of `$1`, `$2`, … after all is bound. Fails with 42P18 where nothing tells one.
    pub fn parameter_types(&self) -> Result<Vec<Type>> {
        match self.parameters.iter().position(|ty| *ty == Type::Unknown) {
            None => Ok(self.parameters.clone()),
            Some(place) => Err(Error::new(
                "42P18",
                format!("could not determine data type of parameter ${}", place + 1),
            )),
        }
    }

    /// Binds a query inside another or by itself.
    pub(super) fn query(&mut self, query: &ast::Query) -> Result<Rows> {
        self.query_as(query, None)
    }

    /// The same, its unknown literals becoming of `types` where they are given.
    pub(super) fn query_as(&mut self, query: &ast::Query, types: Option<&[Type]>) -> Result<Rows> {
        check_clauses(query)?;
        let with = self.with.len();
        let bound = self.deeper(1, |binder| {
            binder.push_with(query.with.as_ref())?;
            binder.body(query, types)
        });
        self.with.truncate(with);
        bound
    }

    fn body(&mut self, query: &ast::Query, types: Option<&[Type]>) -> Result<Rows> {
        let order: &[ast::OrderByExpr] = match &query.order_by {
            None => &[],
            Some(order) if order.interpolate.is_some() => {
                return Err(Error::unsupported("INTERPOLATE"));
            }
            Some(order) => match &order.kind {
                OrderByKind::Expressions(keys) => keys,
                OrderByKind::All(_) => return Err(Error::unsupported("ORDER BY ALL")),
            },
        };
        let limit = self.limit(query)?;
        if let SetExpr::Select(select) = query.body.as_ref() {
            let block = self.select(select, order)?;
            return self.finish(block, types, limit);
        }
        let rows = self.set_expression(&query.body, types)?;
        self.ordered(rows, order, limit)
    }

    /// Puts the queries of WITH in scope, each from the next one on.
    fn push_with(&mut self, with: Option<&ast::With>) -> Result<()> {
        let Some(with) = with else { return Ok(()) };
        if with.recursive {
            return Err(Error::unsupported("WITH RECURSIVE").at(with.with_token.0.span));
        }
        let mut names: Vec<String> = Vec::new();
        for table in &with.cte_tables {
            let name = fold(&table.alias.name);
            if names.contains(&name) {
                let message = format!("WITH query name \"{name}\" specified more than once");
                return Err(Error::new("42712", message).at(table.alias.name.span));
            }
            names.push(name.clone());
            self.with.push(With {
                name,
                columns: table.alias.columns.clone(),
                query: Arc::new((*table.query).clone()),
                frames: self.frames.len(),
                with: self.with.len(),
                search_path: self.search_path.clone(),
            });
        }
        Ok(())
    }

    /// LIMIT and OFFSET, each as a count.
    fn limit(&mut self, query: &ast::Query) -> Result<RowLimit> {
        let (limit, offset) = match &query.limit_clause {
            None => (None, None),
            Some(LimitClause::LimitOffset { limit, offset, limit_by }) => {
                if !limit_by.is_empty() {
                    return Err(Error::unsupported("LIMIT … BY"));
                }
                (limit.as_ref(), offset.as_ref().map(|offset| &offset.value))
            }
            Some(LimitClause::OffsetCommaLimit { .. }) => {
                return Err(Error::new("42601", "LIMIT #,# syntax is not supported")
                    .with_hint("Use separate LIMIT and OFFSET clauses."));
            }
        };
        let one = ast::Expr::Value(ast::Value::Number("1".to_owned(), false).into());
        let limit = match (&query.fetch, limit) {
            (None, limit) => limit,
            (Some(fetch), _) if fetch.with_ties || fetch.percent => {
                return Err(Error::unsupported("FETCH … WITH TIES or PERCENT"));
            }
            (Some(fetch), _) => Some(fetch.quantity.as_ref().unwrap_or(&one)),
        };
        Ok(RowLimit {
            fetch: limit.map(|written| self.count(written, Clause::Limit)).transpose()?.flatten(),
            skip: offset.map(|written| self.count(written, Clause::Offset)).transpose()?.flatten(),
        })
    }

    /// A number of rows: an int8 without columns; `None` if it is NULL.
    fn count(&mut self, written: &ast::Expr, clause: Clause) -> Result<Option<Expr>> {
        let (value, outer) = {
            self.frames.push(super::state::Frame::default());
            let bound = self.expression(written, clause);
            let frame = self.frames.pop().unwrap_or_default();
            match bound {
                Err(error) if error.code() == "42703" => {
                    let message =
                        format!("argument of {} must not contain variables", clause.name());
                    return Err(Error::new("42P10", message).at(written.span()));
                }
                bound => (bound?, frame.outer),
            }
        };
        if !outer.is_empty() {
            return Err(
                Error::unsupported(format!("a column in {}", clause.name())).at(written.span())
            );
        }
        let wrong = |ty: &Type| {
            let message =
                format!("argument of {} must be type bigint, not type {ty}", clause.name());
            Error::new("42804", message).at(written.span())
        };
        let ty = value.ty.clone();
        let value = self
            .cast(value, &Type::Int8, CastContext::Assignment)
            .map_err(|error| if error.code() == "42846" { wrong(&ty) } else { error })?;
        match &value.expr {
            Expr::Literal(literal, _) if literal.is_null() => Ok(None),
            Expr::Literal(ScalarValue::Int64(Some(count)), _) if *count < 0 => {
                let (code, name) = match clause {
                    Clause::Limit => ("2201W", "LIMIT"),
                    _ => ("2201X", "OFFSET"),
                };
                Err(Error::new(code, format!("{name} must not be negative")))
            }
            _ => Ok(Some(value.expr)),
        }
    }

    /// A projection to these columns under unique names.
    pub(super) fn project(
        &mut self,
        plan: LogicalPlan,
        outputs: Vec<(String, Typed)>,
        columns: &mut Vec<OutputColumn>,
    ) -> Result<LogicalPlan> {
        let mut expressions = Vec::with_capacity(outputs.len());
        let mut used = std::collections::HashSet::new();
        for (name, value) in outputs {
            let column = match &value.expr {
                Expr::Column(column) if used.insert(column.clone()) => {
                    expressions.push(value.expr.clone());
                    column.clone()
                }
                _ => {
                    let fresh = self.fresh('o');
                    expressions.push(value.expr.clone().alias(&fresh));
                    datafusion::common::Column::new_unqualified(fresh)
                }
            };
            columns.push(OutputColumn { name, ty: value.ty, column });
        }
        Ok(LogicalPlan::Projection(Projection::try_new(expressions, Arc::new(plan))?))
    }

    /// A set operation's or VALUES' rows, sorted by their own columns and cut.
    fn ordered(&mut self, rows: Rows, order: &[ast::OrderByExpr], limit: RowLimit) -> Result<Rows> {
        if order.is_empty() {
            return Ok(Rows { plan: limited(rows.plan, limit), columns: rows.columns });
        }
        let outputs: Vec<(String, Typed)> = rows
            .columns
            .iter()
            .map(|output| {
                let value = Typed::new(Expr::Column(output.column.clone()), output.ty.clone());
                (output.name.clone(), value)
            })
            .collect();
        let mut keys = Vec::new();
        for key in order {
            let Some(place) = self.output_place(&key.expr, &outputs)? else {
                let scope = Scope::of_columns(outputs.clone());
                self.bind_scalar(&key.expr, &scope, Clause::OrderBy)?;
                return Err(Error::new("0A000", "invalid UNION/INTERSECT/EXCEPT ORDER BY clause")
                    .with_detail(
                        "Only result column names can be used, not expressions or functions.",
                    )
                    .with_hint(
                        "Add the expression/function to every SELECT, or move the UNION into a \
                         FROM clause.",
                    )
                    .at(key.expr.span()));
            };
            let Some((_, value)) = outputs.get(place) else { continue };
            keys.push(self.sort_key(value.clone(), &key.options)?);
        }
        self.sorted(rows.plan, outputs, keys, limit)
    }
}

/// How many rows are skipped, and how many are returned at most.
#[derive(Default)]
pub(super) struct RowLimit {
    pub(super) fetch: Option<Expr>,
    pub(super) skip: Option<Expr>,
}

/// The plan cut to the limit.
pub(super) fn limited(plan: LogicalPlan, limit: RowLimit) -> LogicalPlan {
    if limit.fetch.is_none() && limit.skip.is_none() {
        return plan;
    }
    LogicalPlan::Limit(Limit {
        skip: limit.skip.map(Box::new),
        fetch: limit.fetch.map(Box::new),
        input: Arc::new(plan),
    })
}

/// Refuses clauses of other databases, and locks.
fn check_clauses(query: &ast::Query) -> Result<()> {
    if let Some(lock) = query.locks.first() {
        return Err(Error::unsupported(format!("FOR {}", lock.lock_type)));
    }
    let foreign = query.for_clause.is_some()
        || query.settings.is_some()
        || query.format_clause.is_some()
        || !query.pipe_operators.is_empty();
    if foreign {
        return Err(Error::unsupported("a clause after the query's body"));
    }
    Ok(())
}
