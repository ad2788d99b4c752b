//! A function in FROM: windows of a table, the elements of an array, the one row of a value.
use std::sync::Arc;

use datafusion::common::{Column, NullHandling, UnnestOptions};
use datafusion::logical_expr::{LogicalPlan, Projection, Unnest};
use sqlparser::ast::{self, FunctionArg, FunctionArgExpr, Spanned};
use sqlparser::tokenizer::Span;

use super::from::Item;
use super::identifier::{fold, qualified};
use super::query::Rows;
use super::select::one_row;
use super::subquery::node;
use super::{Binder, Clause, OutputColumn, Scope, Typed};
use crate::types::Type;
use crate::{Error, Result};

impl Binder<'_> {
    /// Binds a function in FROM.
    pub(super) fn table_function(
        &mut self,
        name: &ast::ObjectName,
        arguments: &[FunctionArg],
        alias: Option<&ast::TableAlias>,
        left: &Scope,
    ) -> Result<Item> {
        let (schema, plain) = qualified(name)?;
        let is_ours = schema.as_deref().is_none_or(|schema| schema == "pg_catalog");
        match plain.as_str() {
            "tumble" | "hop" if schema.is_none() => {
                let mut item = self.window_table(name, &plain, arguments, left)?;
                if let Some(alias) = alias {
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
                self.value_rows(&plain, &written, alias, left)
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
        alias: Option<&ast::TableAlias>,
        left: &Scope,
    ) -> Result<Item> {
        self.count_relation()?;
        let ((value, outer), _) = self.in_scope(left.clone(), |binder| {
            binder.nested(|binder| {
                let mut arguments = Vec::new();
                for argument in written {
                    arguments.push(binder.expression(argument, Clause::From)?);
                }
                binder.rows_value(name, arguments)
            })
        })?;
        let is_lateral = !outer.is_empty();
        let (plan, ty) = self.element_rows(name, value)?;
        let plan = if is_lateral { LogicalPlan::Subquery(node(plan, outer)) } else { plan };
        let columns: Vec<OutputColumn> = plan
            .schema()
            .columns()
            .into_iter()
            .map(|column| OutputColumn { name: name.to_owned(), ty: ty.clone(), column })
            .collect();
        let table = alias.map_or_else(|| name.to_owned(), |alias| fold(&alias.name));
        let mut item = self.of_rows(Rows { plan, columns }, &table, &[], Span::empty())?;
        let Some(alias) = alias else { return Ok(item) };
        // The alias of a function of one column names the column too.
        let one = ast::TableAliasColumnDef { name: alias.name.clone(), data_type: None };
        let names = if alias.columns.is_empty() { vec![one] } else { alias.columns.clone() };
        let alias = ast::TableAlias { columns: names, ..alias.clone() };
        super::from::rename(&mut item.scope, &alias)?;
        Ok(item)
    }

    fn rows_value(&mut self, name: &str, mut arguments: Vec<Typed>) -> Result<Typed> {
        if name != "unnest" {
            return self.call_named(name, arguments);
        }
        match (arguments.pop(), arguments.is_empty()) {
            (Some(array), true) if matches!(array.ty, Type::Array(_)) => Ok(array),
            (Some(other), true) => Err(super::function::no_function(name, &[other.ty])),
            _ => Err(Error::unsupported("unnest of several arrays")),
        }
    }

    fn element_rows(&mut self, name: &str, value: Typed) -> Result<(LogicalPlan, Type)> {
        const SETS: [&str; 5] = [
            "unnest",
            "generate_series",
            "generate_subscripts",
            "regexp_split_to_table",
            "string_to_table",
        ];
        let column = self.fresh('s');
        let projection = Projection::try_new(vec![value.expr.alias(&column)], Arc::new(one_row()))?;
        let plan = LogicalPlan::Projection(projection);
        match value.ty {
            Type::Array(item) if SETS.contains(&name) => {
                let options =
                    UnnestOptions { null_handling: NullHandling::Drop, ..UnnestOptions::default() };
                let columns = vec![Column::new_unqualified(column)];
                let plan = Unnest::try_new(Arc::new(plan), columns, options)?;
                Ok((LogicalPlan::Unnest(plan), *item))
            }
            other => Ok((plan, other)),
        }
    }
}
