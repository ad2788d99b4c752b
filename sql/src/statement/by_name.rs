//! Statements that name something the session keeps: prepared statements, cursors.
use std::sync::Arc;

use datafusion::common::ScalarValue;
use sqlparser::ast;

use super::values;
use crate::binder::{Binder, Clause, Scope, data_type, fold, name_parts};
use crate::functions::CastContext;
use crate::parser::{Parsed, Statement};
use crate::prepared::Prepared;
use crate::response::{OutputColumn, Response};
use crate::session::Session;
use crate::statement::names::SessionNames;
use crate::{Error, Result};

impl Session {
    /// The columns of EXECUTE and FETCH: those of what they name.
    pub(crate) fn columns_by_name(
        &self,
        statement: &Statement,
    ) -> Result<Option<Arc<[OutputColumn]>>> {
        let Statement::Sql(statement) = statement else { return Ok(None) };
        Ok(match statement.as_ref() {
            ast::Statement::Execute { name, .. } => {
                self.statement(&statement_name(name.as_ref())?)?.columns().cloned()
            }
            ast::Statement::Fetch { name, .. } => {
                let cursor = self.cursors.get(&fold(name));
                cursor.map(|cursor| Arc::clone(cursor.rows.columns()))
            }
            _ => None,
        })
    }

    /// Runs the statement if it is one of these.
    pub(crate) async fn run_by_name(
        &mut self,
        prepared: &Prepared,
        parameters: &[ScalarValue],
    ) -> Result<Option<Response>> {
        let statement = match prepared.statement() {
            Statement::Sql(statement) => statement,
            Statement::Move(moved) => return self.move_cursor(moved).await.map(Some),
            _ => return Ok(None),
        };
        Ok(Some(match statement.as_ref() {
            ast::Statement::Prepare { name, data_types, statement } => {
                let types: Vec<_> = data_types.iter().map(data_type).collect::<Result<_>>()?;
                let text = statement.to_string();
                let inner = Statement::Sql(statement.clone());
                let bound = self.bind(&Parsed { statement: inner, text }, &types)?;
                self.store(&fold(name), bound)?;
                Response::Done("PREPARE".to_owned())
            }
            ast::Statement::Execute { name, parameters, .. } => {
                let named = self.statement(&statement_name(name.as_ref())?)?;
                let values = self.values_of(&named, parameters)?;
                Box::pin(self.execute_one(&named, values)).await?
            }
            ast::Statement::Deallocate { name, .. } => {
                let is_all = name.quote_style.is_none() && name.value.eq_ignore_ascii_case("all");
                if is_all {
                    self.statements.clear();
                    return Ok(Some(Response::Done("DEALLOCATE ALL".to_owned())));
                }
                let name = fold(name);
                self.statement(&name)?;
                self.forget(&name);
                Response::Done("DEALLOCATE".to_owned())
            }
            ast::Statement::Declare { stmts } => {
                let [declare] = stmts.as_slice() else {
                    return Err(Error::unsupported("DECLARE of several names"));
                };
                let Some(query) = &declare.for_query else {
                    return Err(Error::unsupported("DECLARE of a variable"));
                };
                let text = query.to_string();
                let inner = Statement::Sql(Box::new(ast::Statement::Query(query.clone())));
                let parsed = Parsed { statement: inner, text };
                let bound = self.bind(&parsed, prepared.parameters())?;
                match Box::pin(self.execute_one(&bound, parameters.to_vec())).await? {
                    Response::Rows(rows) => self.declare(declare, rows)?,
                    _ => return Err(Error::internal("a query without rows")),
                }
            }
            ast::Statement::Fetch { name, direction, .. } => self.fetch(name, direction).await?,
            ast::Statement::Close { cursor } => self.close(cursor)?,
            _ => return Ok(None),
        }))
    }

    /// The values that EXECUTE gives, each of its parameter's type.
    fn values_of(&self, named: &Prepared, written: &[ast::Expr]) -> Result<Vec<ScalarValue>> {
        if named.parameters().len() != written.len() {
            let message = "wrong number of parameters for prepared statement";
            return Err(Error::new("42601", message).with_detail(format!(
                "Expected {} parameters but got {}.",
                named.parameters().len(),
                written.len()
            )));
        }
        let reader = self.reader(self.catalog_now());
        let names = SessionNames::new(Arc::clone(&reader));
        let environment = self.environment(reader);
        let mut binder = Binder::new(&names, &environment);
        let values = written.iter().zip(named.parameters()).map(|(value, ty)| {
            let typed = binder.bind_scalar(value, &Scope::default(), Clause::Values)?;
            let typed = binder.cast(typed, ty, CastContext::Assignment)?;
            values::constant(&typed.expr)
        });
        values.collect()
    }
}

fn statement_name(name: Option<&ast::ObjectName>) -> Result<String> {
    let name = name.ok_or_else(|| Error::unsupported("EXECUTE without a name"))?;
    Ok(name_parts(name)?.join("."))
}
