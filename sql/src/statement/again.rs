//! A definition made again from its record, when the database opens.
use engine::plan::RelationId;
use storage::Record;

use super::create_index::recorded_name;
use super::definer::{Defined, Definer};
use super::{create_index, create_schema, create_source, create_stream, create_table, create_view};
use crate::binder;
use crate::catalog::Catalog;
use crate::connectors::Connectors;
use crate::parser::{Parsed, Statement, parse};
use crate::settings::{Settings, Span};
use crate::{Error, Result};
use sqlparser::ast;
use std::sync::Arc;

/// The object of a record, over the catalog of all that was recorded before it.
pub(crate) fn define(
    catalog: &Arc<Catalog>,
    connectors: &Connectors,
    record: &Record,
) -> Result<Defined> {
    let wrong = |error: Error| {
        let message = format!("the definition of {} cannot be read", record.name);
        Error::new("XX001", message).with_detail(format!("{}: {}", error.code(), error.message()))
    };
    define_record(catalog, connectors, record).map_err(wrong)
}

fn define_record(
    catalog: &Arc<Catalog>,
    connectors: &Connectors,
    record: &Record,
) -> Result<Defined> {
    let mut settings = Settings::default();
    let mut statements = parse(&record.text)?;
    let parsed = statements.pop().ok_or_else(|| Error::internal("the record has no text"))?;
    for setting in statements {
        set(&mut settings, &setting)?;
    }
    let name = recorded_name(&record.name);
    let definer = Definer {
        catalog,
        settings: &settings,
        user: "",
        connectors,
        text: &parsed.text,
        next_id: &|| Ok(RelationId(record.id)),
        recorded_name: Some(name.as_deref().unwrap_or_default()),
    };
    let definitions = match &parsed.statement {
        Statement::CreateTable(table) => create_table::define(&definer, table)?,
        Statement::CreateStream(stream) => create_stream::define(&definer, stream)?,
        Statement::CreateSource(source) => create_source::define(&definer, source)?,
        Statement::CreateView(view) => create_view::define(&definer, view)?,
        Statement::Sql(statement) => match statement.as_ref() {
            ast::Statement::CreateIndex(index) => create_index::define(&definer, index)?,
            ast::Statement::CreateSchema { schema_name, if_not_exists, .. } => {
                create_schema::define(&definer, schema_name, *if_not_exists)?
            }
            _ => return Err(Error::internal("the record is no definition")),
        },
        _ => return Err(Error::internal("the record is no definition")),
    };
    definitions.defined.into_iter().next().ok_or_else(|| Error::internal("its name is taken"))
}

fn set(settings: &mut Settings, parsed: &Parsed) -> Result<()> {
    let Statement::Sql(statement) = &parsed.statement else {
        return Err(Error::internal("the record has two statements"));
    };
    let ast::Statement::Set(ast::Set::SingleAssignment { variable, values, .. }) =
        statement.as_ref()
    else {
        return Err(Error::internal("the record has two statements"));
    };
    let name = binder::name_parts(variable)?.join(".");
    let value = super::set::value_text(&name, values)?;
    settings.set(&name, &value, Span::Session)
}
