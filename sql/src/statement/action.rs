//! A statement after binding: what its run needs that does not change from run to run.
use std::sync::Arc;

use sqlparser::ast;

use super::copy::CopyQuery;
use super::create_table_as::CreateTableAs;
use super::delete::Delete;
use super::insert::Insert;
use super::names::SessionNames;
use super::query::Query;
use super::update::Update;
use super::{explain, show, subscribe};
use crate::binder::{self, Binder};
use crate::parser::{Copy, CopyEnd, Statement};
use crate::response::OutputColumn;
use crate::types::Type;
use crate::{Error, Result};

/// What a statement is to do.
pub(crate) enum Action {
    Query(Box<Query>),
    Insert(Box<Insert>),
    Update(Box<Update>),
    Delete(Box<Delete>),
    CreateTableAs(Box<CreateTableAs>),
    /// COPY … TO STDOUT
    CopyOut(Box<CopyQuery>),
    /// What is read from its text when it runs.
    Plain,
}

/// An action with what a client asks of it before it runs.
pub(crate) struct Bound {
    pub(crate) action: Action,
    pub(crate) parameters: Vec<Type>,
    pub(crate) columns: Option<Arc<[OutputColumn]>>,
}

impl Bound {
    fn plain(columns: Option<Arc<[OutputColumn]>>) -> Self {
        Self { action: Action::Plain, parameters: vec![], columns }
    }
}

/// Binds a statement; `given` has the types of its parameters as far as they are known.
pub(crate) fn bind(
    statement: &Statement,
    names: &SessionNames,
    environment: &binder::Environment,
    given: &[Type],
) -> Result<Bound> {
    let mut binder = Binder::new(names, environment).with_parameters(given.to_vec());
    let bound = match statement {
        Statement::Sql(statement) => bind_sql(&mut binder, names, statement),
        Statement::CreateTableAs(written) => {
            let create = CreateTableAs::bind(&mut binder, names, written)?;
            let parameters = create.query.parameters.clone();
            let action = Action::CreateTableAs(Box::new(create));
            Ok(Bound { action, parameters, columns: None })
        }
        Statement::Copy(copy) if copy.end != CopyEnd::Client => Err(not_the_client(copy)),
        Statement::Copy(copy) if !copy.from => {
            let copy = CopyQuery::bind(&mut binder, names, copy)?;
            let parameters = copy.query.parameters.clone();
            Ok(Bound { action: Action::CopyOut(Box::new(copy)), parameters, columns: None })
        }
        Statement::Subscribe(subscribe) => {
            Ok(Bound::plain(Some(subscribe::columns(names, subscribe)?)))
        }
        Statement::Explain(_) => Ok(Bound::plain(Some(explain::columns()))),
        Statement::Show(show) => Ok(Bound::plain(Some(show::listing_columns(show)))),
        _ => Ok(Bound::plain(None)),
    }?;
    Ok(Bound { parameters: settled(bound.parameters), ..bound })
}

/// The error of a COPY with a file or program of the server.
fn not_the_client(copy: &Copy) -> Error {
    let word = if copy.from { "FROM" } else { "TO" };
    let (what, client) = match copy.end {
        CopyEnd::Program => ("program", ""),
        _ => ("file", ", as psql's \\copy does with a file of yours"),
    };
    let stream = if copy.from { "STDIN" } else { "STDOUT" };
    let hint = format!("Write COPY … {word} {stream}{client}.");
    let hint = match copy.from && copy.end == CopyEnd::File {
        true => format!("{hint} A file that is to be followed is a source: CREATE SOURCE."),
        false => hint,
    };
    Error::unsupported(format_args!("COPY {word} a {what} of the server")).with_hint(hint)
}

fn bind_sql(
    binder: &mut Binder<'_>,
    names: &SessionNames,
    statement: &ast::Statement,
) -> Result<Bound> {
    if let ast::Statement::Query(query) = statement
        && let Some(body) = body(query)
    {
        return bind_write(binder, names, (body, query.with.as_ref()));
    }
    Ok(match statement {
        ast::Statement::Query(query) => {
            let query = Query::bind(binder, query, names.catalog())?;
            let parameters = query.parameters.clone();
            let columns = Some(Arc::clone(&query.columns));
            Bound { action: Action::Query(Box::new(query)), parameters, columns }
        }
        ast::Statement::Insert(_) | ast::Statement::Update(_) | ast::Statement::Delete(_) => {
            bind_write(binder, names, (statement, None))?
        }
        ast::Statement::Declare { stmts } => match stmts.as_slice() {
            [ast::Declare { for_query: Some(query), .. }] => {
                // Its query is bound again when it runs, in the block that it then is in.
                let parameters = Query::bind(binder, query, names.catalog())?.parameters;
                Bound { action: Action::Plain, parameters, columns: None }
            }
            _ => Bound::plain(None),
        },
        ast::Statement::ShowVariable { variable } => {
            Bound::plain(Some(show::setting_columns(variable)?))
        }
        _ => Bound::plain(None),
    })
}

/// To the parser a query's body can be a statement that writes: `WITH … INSERT`.
fn body(query: &ast::Query) -> Option<&ast::Statement> {
    match query.body.as_ref() {
        ast::SetExpr::Insert(body) | ast::SetExpr::Update(body) | ast::SetExpr::Delete(body) => {
            Some(body)
        }
        _ => None,
    }
}

/// Binds a statement that writes; the sub-selects of a WITH before it become those of its query.
fn bind_write(
    binder: &mut Binder<'_>,
    names: &SessionNames,
    (statement, with): (&ast::Statement, Option<&ast::With>),
) -> Result<Bound> {
    Ok(match statement {
        ast::Statement::Insert(insert) => {
            let mut insert = insert.clone();
            if let (Some(with), Some(source)) = (with.cloned(), &mut insert.source) {
                match &mut source.with {
                    Some(own) => own.cte_tables.splice(..0, with.cte_tables).for_each(drop),
                    None => source.with = Some(with),
                }
            }
            let insert = Insert::bind(binder, names, &insert)?;
            let parameters = insert.parameters.clone();
            let columns = returned(insert.returning.as_ref());
            Bound { action: Action::Insert(Box::new(insert)), parameters, columns }
        }
        ast::Statement::Update(update) => {
            let update = Update::bind(binder, names, (update, with))?;
            let parameters = update.parameters().to_vec();
            let columns = returned(update.returning.as_ref());
            Bound { action: Action::Update(Box::new(update)), parameters, columns }
        }
        ast::Statement::Delete(delete) => {
            let delete = Delete::bind(binder, names, (delete, with))?;
            let parameters = delete.parameters().to_vec();
            let columns = returned(delete.returning.as_ref());
            Bound { action: Action::Delete(Box::new(delete)), parameters, columns }
        }
        _ => Bound::plain(None),
    })
}

fn returned(query: Option<&Query>) -> Option<Arc<[OutputColumn]>> {
    query.map(|query| Arc::clone(&query.columns))
}

/// A parameter of which nothing says the type is text.
fn settled(parameters: Vec<Type>) -> Vec<Type> {
    let settle = |ty| if ty == Type::Unknown { Type::Text } else { ty };
    parameters.into_iter().map(settle).collect()
}
