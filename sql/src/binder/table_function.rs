//! A function in FROM: windows of a table, the elements of an array, the one row of a value.
use std::sync::Arc;

use datafusion::common::Column;
use datafusion::logical_expr::{LogicalPlan, Projection, Unnest, lit};
use sqlparser::ast::{self, FunctionArg, FunctionArgExpr, Spanned};
use sqlparser::tokenizer::Span;

use super::from::Item;
use super::identifier::{fold, qualified};
use super::query::Rows;
use super::select::one_row;
use super::set_returning::{SETS, as_array, options};
use super::subquery::node;
use super::{Binder, Clause, OutputColumn, Scope, Typed};
use crate::functions::CastContext;
use crate::types::Type;
use crate::{Error, Result};

/// How a function stands in FROM.
#[derive(Clone, Copy)]
pub(super) struct Called<'a> {
    pub(super) alias: Option<&'a ast::TableAlias>,
    /// Whether its rows are numbered.
    pub(super) with_ordinality: bool,
}

impl Binder<'_> {
    /// Binds a function in FROM.
    pub(super) fn table_function(
        &mut self,
        name: &ast::ObjectName,
        arguments: &[FunctionArg],
        called: Called<'_>,
        left: &Scope,
    ) -> Result<Item> {
        let (schema, plain) = qualified(name)?;
        if called.with_ordinality && !SETS.contains(&plain.as_str()) {
            let what = format!("WITH ORDINALITY of {plain}(…)");
            return Err(Error::unsupported(what).at(name.span()));
        }
        let is_ours = schema.as_deref().is_none_or(|schema| schema == "pg_catalog");
        match plain.as_str() {
            "tumble" | "hop" if schema.is_none() => {
                let mut item = self.window_table(name, &plain, arguments, left)?;
                if let Some(alias) = called.alias {
                    super::from::rename(&mut item.scope, alias)?;
                }
                Ok(item)
            }
            "session" | "cumulate" if schema.is_none() => {
                let what = format!("{}(…) in FROM", plain.to_uppercase());
                Err(Error::unsupported(what).at(name.span()))
            }
            _ if is_ours => {
                let written: Vec<&ast::Expr> = arguments
                    .iter()
                    .map(|argument| match argument {
                        FunctionArg::Unnamed(FunctionArgExpr::Expr(written)) => Ok(written),
                        other => Err(Error::unsupported(format!("the argument {other} in FROM"))
                            .at(name.span())),
                    })
                    .collect::<Result<_>>()?;
                self.value_rows(&plain, &written, called, left)
                    .map_err(|error| error.at(name.span()))
            }
            _ => Err(Error::unsupported(format!("the function {name} in FROM")).at(name.span())),
        }
    }

    /// The rows of a function of values: each element of an array, or one row.
    pub(super) fn value_rows(
        &mut self,
        name: &str,
        written: &[&ast::Expr],
        called: Called<'_>,
        left: &Scope,
    ) -> Result<Item> {
        self.count_relation()?;
        let alias = called.alias;
        let ((values, outer), _) = self.in_scope(left.clone(), |binder| {
            binder.nested(|binder| {
                let mut arguments = Vec::new();
                for argument in written {
                    arguments.push(binder.expression(argument, Clause::From)?);
                }
                if name == "unnest" && arguments.len() > 1 {
                    return binder.side_by_side(arguments, called.with_ordinality);
                }
                let value = binder.rows_value(name, arguments)?;
                let numbers = called.with_ordinality.then(|| binder.numbers(&value)).transpose()?;
                Ok(std::iter::once(value).chain(numbers).collect())
            })
        })?;
        let is_lateral = !outer.is_empty();
        let count = values.len() - usize::from(called.with_ordinality);
        let (plan, types) = self.element_rows(name, values)?;
        let plan = if is_lateral { LogicalPlan::Subquery(node(plan, outer)) } else { plan };
        let columns: Vec<OutputColumn> = plan
            .schema()
            .columns()
            .into_iter()
            .zip(types)
            .zip(std::iter::repeat_n(name, count).chain(["ordinality"]))
            .map(|((column, ty), name)| OutputColumn { name: name.to_owned(), ty, column })
            .collect();
        let table = alias.map_or_else(|| name.to_owned(), |alias| fold(&alias.name));
        let mut item = self.of_rows(Rows { plan, columns }, &table, &[], Span::empty())?;
        let Some(alias) = alias else { return Ok(item) };
        // The alias of a function of one column names the column too.
        let one = ast::TableAliasColumnDef { name: alias.name.clone(), data_type: None };
        let names = match alias.columns.is_empty() {
            true if count == 1 => vec![one],
            _ => alias.columns.clone(),
        };
        let alias = ast::TableAlias { columns: names, ..alias.clone() };
        super::from::rename(&mut item.scope, &alias)?;
        Ok(item)
    }

    pub(super) fn rows_value(&mut self, name: &str, mut arguments: Vec<Typed>) -> Result<Typed> {
        if name != "unnest" {
            return self.call_named(name, arguments);
        }
        match (arguments.pop().map(as_array), arguments.is_empty()) {
            (Some(array), true) if matches!(array.ty, Type::Array(_)) => Ok(array),
            (Some(other), true) => Err(super::function::no_function(name, &[other.ty])),
            _ => Err(Error::unsupported("unnest of several arrays in SELECT's list")
                .with_hint("Write FROM unnest(…, …) AS x.")),
        }
    }

    /// Several arrays, of which the shorter end with NULLs.
    fn side_by_side(&mut self, arrays: Vec<Typed>, numbered: bool) -> Result<Vec<Typed>> {
        if numbered {
            return Err(Error::unsupported("WITH ORDINALITY of several arrays"));
        }
        arrays.into_iter().map(|array| self.rows_value("unnest", vec![array])).collect()
    }

    /// The places of an array's elements, from 1, as bigints.
    fn numbers(&mut self, array: &Typed) -> Result<Typed> {
        let one = Typed::new(lit(1_i32), Type::Int4);
        let array = as_array(array.clone());
        let places = self.call_named("generate_subscripts", vec![array, one])?;
        self.cast(places, &Type::Array(Box::new(Type::Int8)), CastContext::Explicit)
    }

    /// Arrays unfold side by side; another value is one row.
    fn element_rows(&mut self, name: &str, values: Vec<Typed>) -> Result<(LogicalPlan, Vec<Type>)> {
        let (mut exprs, mut columns, mut types) = (vec![], vec![], vec![]);
        let is_set = SETS.contains(&name);
        for value in values {
            let column = self.fresh('s');
            exprs.push(value.expr.alias(&column));
            columns.push(Column::new_unqualified(column));
            types.push(match value.ty {
                Type::Array(item) if is_set => *item,
                other => other,
            });
        }
        let projection = Projection::try_new(exprs, Arc::new(one_row()))?;
        let mut plan = LogicalPlan::Projection(projection);
        if is_set {
            plan = LogicalPlan::Unnest(Unnest::try_new(Arc::new(plan), columns, options())?);
        }
        Ok((plan, types))
    }
}
