//! CREATE VIEW of both kinds: one that is a query, one that the engine keeps true.
use std::collections::HashSet;
use std::sync::Arc;

use engine::commit::Definition;
use engine::plan::{Plan, unique_key};

use super::columns::COLUMNS_MAX;
use super::definer::{Defined, Definer, Definitions, column_name};
use super::drop;
use crate::binder::{Binder, Bound};
use crate::catalog::{Change, Column, Entry, Relation, RelationKind};
use crate::parser::CreateView;
use crate::plan::{Purpose, lower, optimize};
use crate::types::Type;
use crate::{Error, Result};

/// The view.
pub(crate) fn define(definer: &Definer<'_>, statement: &CreateView) -> Result<Definitions> {
    refuse(statement)?;
    let (schema, name) = definer.place(&statement.name)?;
    let replaced = match statement.or_replace {
        true => drop::replaced(definer.catalog, (&schema, &name), kind_of(statement))?,
        false => None,
    };
    if replaced.is_none()
        && let Some(skipped) = definer.check_free(&schema, &name, statement.if_not_exists)?
    {
        return Ok(skipped);
    }
    let names = definer.names();
    let environment = match statement.continuous {
        true => definer.environment(),
        false => definer.environment_with_names(),
    };
    let bound = Binder::new(&names, &environment).bind_query(&statement.query)?;
    if !bound.parameters.is_empty() {
        return Err(Error::new("42P02", "there is no parameter $1")
            .with_detail("The query of a view is kept, and can have no parameters."));
    }
    let columns = view_columns(&bound, statement)?;
    if let (true, Some(Entry::Relation(old))) =
        (replaced.is_some(), definer.catalog.find(&schema, &name))
    {
        keep_columns(&old, &columns)?;
    }
    let plan = statement.continuous.then(|| engine_plan(bound)).transpose()?;
    let kind = kind_of(statement);
    let replaced = replaced.map(|replaced| replaced.unless_read_by(&names.seen())).transpose()?;
    let key_of = |id| {
        let relation = definer.catalog.relation(id)?;
        (!relation.key.is_empty()).then(|| relation.key.clone())
    };
    let key = plan.as_ref().and_then(|plan| unique_key(plan, &key_of)).unwrap_or_default();
    let relation = Arc::new(Relation {
        id: (definer.next_id)()?,
        schema,
        name,
        kind,
        columns,
        key,
        query: Some(statement.query_text.clone()),
        search_path: definer.search_path(),
        text: definer.text.to_owned(),
        options: statement.options.clone(),
        depends_on: names.seen(),
    });
    let definition = plan.map(|plan| Definition::View { id: relation.id, plan });
    let change = Change::CreateRelation(relation, definer.record_text(definer.text));
    let mut defined = replaced.unwrap_or_default();
    defined.push(Defined { change, definition });
    Ok(defined.into())
}

/// A plain view that takes the place of another has its columns, as in PostgreSQL, and may have
/// more behind them.
fn keep_columns(old: &Relation, columns: &[Column]) -> Result<()> {
    let cannot = |what: String| Err(Error::new("42P16", format!("cannot {what}")));
    if old.kind != RelationKind::View {
        return Ok(());
    }
    if columns.len() < old.columns.len() {
        return cannot("drop columns from view".to_owned());
    }
    for (was, is) in old.columns.iter().zip(columns) {
        if was.name != is.name {
            let (was, is) = (&was.name, &is.name);
            return cannot(format!("change name of view column \"{was}\" to \"{is}\""));
        }
        if was.ty != is.ty {
            let (name, was, is) = (&was.name, &was.ty, &is.ty);
            return cannot(format!(
                "change data type of view column \"{name}\" from {was} to {is}"
            ));
        }
    }
    Ok(())
}

fn kind_of(statement: &CreateView) -> RelationKind {
    if statement.continuous { RelationKind::ContinuousView } else { RelationKind::View }
}

/// What the engine is to keep.
pub(crate) fn engine_plan(bound: Bound) -> Result<Arc<Plan>> {
    lower(&optimize(bound.plan, Purpose::View)?)
}

fn view_columns(bound: &Bound, statement: &CreateView) -> Result<Vec<Column>> {
    if bound.columns.len() > COLUMNS_MAX {
        let message = format!("views can have at most {COLUMNS_MAX} columns");
        return Err(Error::new("54011", message));
    }
    if statement.columns.len() > bound.columns.len() {
        return Err(Error::new("42601", "CREATE VIEW specifies more column names than columns"));
    }
    let mut seen = HashSet::new();
    let mut columns = vec![];
    for (place, output) in bound.columns.iter().enumerate() {
        let name = match statement.columns.get(place) {
            Some(given) => column_name(given)?,
            None => output.name.clone(),
        };
        if !seen.insert(name.clone()) {
            return Err(Error::new("42701", format!("column \"{name}\" specified more than once"))
                .with_hint("Give the columns names of their own with AS."));
        }
        // An untyped literal is text, as everywhere.
        let ty = if output.ty == Type::Unknown { Type::Text } else { output.ty.clone() };
        columns.push(Column { name, ty, nullable: true, default: None, hidden: false });
    }
    Ok(columns)
}

fn refuse(statement: &CreateView) -> Result<()> {
    if statement.no_data {
        return Err(
            Error::unsupported("WITH NO DATA").with_hint("A continuous view always has its rows.")
        );
    }
    match statement.options.first() {
        None => Ok(()),
        Some((name, _)) => Err(Error::new("22023", format!("unrecognized parameter \"{name}\""))),
    }
}
