//! EXPLAIN: how a query would run, or what keeps a continuous view true.
use std::sync::Arc;

use engine::plan::{Plan, RelationId, describe_named};
use sqlparser::ast::{self, ObjectName};

use super::answer::{text_columns, text_rows};
use super::create_view::engine_plan;
use super::names::SessionNames;
use super::query::Query;
use super::work::Work;
use crate::binder::{self, Binder, Names, StatementTime, name_parts};
use crate::catalog::{Relation, RelationKind};
use crate::parser::{CreateView, Explain, Explained, Statement, parse_query};
use crate::plan::describe;
use crate::response::{OutputColumn, Response, Tag};
use crate::{Error, Result};

/// The one column of the answer.
pub(crate) fn columns() -> Arc<[OutputColumn]> {
    text_columns(&["QUERY PLAN"])
}

/// EXPLAIN.
pub(crate) fn run(work: &mut Work<'_>, statement: &Explain) -> Result<Response> {
    let verbose = verbose(&statement.options)?;
    match &statement.explained {
        Explained::Relation(name) => relation(work, name),
        Explained::Statement(statement) => match statement.as_ref() {
            Statement::CreateView(view) if view.continuous => answer(&planned(work, view)?),
            Statement::Sql(statement) => match statement.as_ref() {
                ast::Statement::Query(query) => answer(&queried(work, query, verbose)?),
                _ => Err(unexplained()),
            },
            _ => Err(unexplained()),
        },
    }
}

fn unexplained() -> Error {
    Error::unsupported("EXPLAIN of this statement").with_hint(
        "Explain a query or CREATE CONTINUOUS VIEW, or name a continuous view: EXPLAIN v.",
    )
}

/// Whether VERBOSE is asked for. Refuses what EXPLAIN would have to measure or estimate.
fn verbose(options: &[(String, Option<String>)]) -> Result<bool> {
    let mut verbose = false;
    for (name, value) in options {
        let wrong = || {
            let value = value.as_deref().unwrap_or_default();
            let message = format!("unrecognized value for EXPLAIN option \"{name}\": \"{value}\"");
            Error::new("22023", message)
        };
        if name == "format" {
            match value.as_deref() {
                Some("text") => continue,
                Some("xml" | "json" | "yaml") => {
                    return Err(Error::unsupported("EXPLAIN in another format than TEXT"));
                }
                _ => return Err(wrong()),
            }
        }
        let is_on = match value.as_deref() {
            None | Some("true" | "on" | "1") => true,
            Some("false" | "off" | "0") => false,
            Some(_) => return Err(Error::new("42601", format!("{name} requires a Boolean value"))),
        };
        match name.as_str() {
            "verbose" => verbose = is_on,
            _ if !is_on => {}
            "analyze" | "analyse" => {
                return Err(Error::unsupported("EXPLAIN ANALYZE")
                    .with_hint("EXPLAIN shows the plan; run the statement to measure it."));
            }
            other => {
                return Err(Error::unsupported(format!("EXPLAIN ({})", other.to_uppercase()))
                    .with_hint("EXPLAIN shows the plan and no estimates."));
            }
        }
    }
    Ok(verbose)
}

/// How a query would run now.
fn queried(work: &mut Work<'_>, query: &ast::Query, verbose: bool) -> Result<String> {
    let names = work.names();
    let environment = work.environment_with_names();
    let mut binder = Binder::new(&names, &environment);
    let query = Query::bind(&mut binder, query, names.catalog())?;
    let outputs: Vec<String> = query.columns.iter().map(|column| column.name.clone()).collect();
    let mut lines = describe(&query.plan, &outputs, verbose)?;
    if let Some(name) = query.point_name() {
        lines.insert(0, format!("Point Read on {name}"));
    }
    Ok(lines.join("\n"))
}

/// What would keep a continuous view true, which is not made.
fn planned(work: &mut Work<'_>, view: &CreateView) -> Result<String> {
    let names = work.names();
    let environment = binder::Environment { now: StatementTime::Tick, ..work.environment() };
    let bound = Binder::new(&names, &environment).bind_query(&view.query)?;
    Ok(lines(work, &*engine_plan(bound)?))
}

/// EXPLAIN of a relation: a continuous view's operators with their keys, and its state's size.
fn relation(work: &mut Work<'_>, name: &ObjectName) -> Result<Response> {
    let names = work.names();
    let parts = name_parts(name)?;
    let (schema, plain) = match parts.as_slice() {
        [name] => (None, name),
        [schema, name] | [_, schema, name] => (Some(schema.as_str()), name),
        _ => return Err(Error::new("42601", "improper qualified name (too many dotted names)")),
    };
    let relation = names.relation(schema, plain, names.search_path())?;
    if relation.kind != RelationKind::ContinuousView {
        let message = format!("\"{}\" is not a continuous view", relation.name);
        return Err(Error::new("42809", message).with_hint("Explain a SELECT from it."));
    }
    let plan = plan_of(work, &relation)?;
    let mut text = lines(work, &plan);
    if !relation.key.is_empty() {
        let columns = relation.key.iter().filter_map(|place| relation.columns.get(*place));
        let columns: Vec<&str> = columns.map(|column| column.name.as_str()).collect();
        text.push_str(&format!("\nkey: {}", columns.join(", ")));
    }
    let status = work.database.engine().status();
    if let Some(found) = status.relations.iter().find(|found| found.id == relation.id) {
        text.push_str(&format!("\nrows: {}, memory: {} bytes", found.rows, found.bytes));
        if let Some((tick, error)) = &found.broken {
            text.push_str(&format!("\nnot kept up since tick {tick}: {}", error.message()));
        }
    }
    answer(&text)
}

/// The plan of a continuous view, made again from its text.
pub(crate) fn plan_of(work: &mut Work<'_>, view: &Relation) -> Result<Arc<Plan>> {
    plan_under(&work.names(), work.environment(), view)
}

fn plan_under(
    names: &SessionNames,
    environment: binder::Environment,
    view: &Relation,
) -> Result<Arc<Plan>> {
    let text = view.query.as_deref().ok_or_else(|| Error::internal("a view without a query"))?;
    let search_path = view.search_path.clone();
    let environment = binder::Environment { search_path, now: StatementTime::Tick, ..environment };
    engine_plan(Binder::new(names, &environment).bind_query(parse_query(text)?.as_ref())?)
}

/// The operators of a continuous view by their numbers, each on a line as EXPLAIN shows it.
pub(crate) fn operators(
    names: &SessionNames,
    environment: binder::Environment,
    view: &Relation,
) -> Result<Vec<String>> {
    let plan = plan_under(names, environment, view)?;
    let catalog = names.catalog();
    let name = |id| catalog.relation(id).map_or_else(String::new, |found| found.name.clone());
    let (mut lines, mut seen) = (vec![], vec![]);
    number(&plan, &name, &mut lines, &mut seen);
    Ok(lines)
}

/// As the engine counts them: inputs behind what reads them, shared ones once.
fn number(
    plan: &Arc<Plan>,
    name: &dyn Fn(RelationId) -> String,
    lines: &mut Vec<String>,
    seen: &mut Vec<*const Plan>,
) {
    let address = Arc::as_ptr(plan);
    if seen.contains(&address) {
        return;
    }
    seen.push(address);
    lines.extend(describe_named(plan, name).into_iter().next());
    for input in plan.inputs() {
        number(input, name, lines, seen);
    }
}

fn lines(work: &mut Work<'_>, plan: &Plan) -> String {
    let catalog = work.catalog();
    let name = |id| catalog.relation(id).map_or_else(String::new, |found| found.name.clone());
    describe_named(plan, &name).join("\n")
}

fn answer(text: &str) -> Result<Response> {
    let rows: Vec<_> = text.lines().map(|line| vec![Some(line.to_owned())]).collect();
    Ok(Response::Rows(text_rows(columns(), &rows, Tag::Word("EXPLAIN"))?))
}
