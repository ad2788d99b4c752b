//! EXPLAIN: how a query would run, or what keeps a continuous view true.
use std::sync::Arc;

use engine::plan::{Plan, RelationId, describe_named};
use sqlparser::ast::{self, ObjectName};

use super::answer::{text_columns, text_rows};
use super::create_view::engine_plan;
use super::names::SessionNames;
use super::query::Query;
use super::work::Work;
use crate::binder::{self, Binder, Bound, Names, StatementTime, name_parts};
use crate::catalog::{Relation, RelationKind};
use crate::parser::parse_query;
use crate::response::{OutputColumn, Response, Tag};
use crate::{Error, Result};

/// The one column of the answer.
pub(crate) fn columns() -> Arc<[OutputColumn]> {
    text_columns(&["QUERY PLAN"])
}

/// EXPLAIN of a statement.
pub(crate) fn statement(
    work: &mut Work<'_>,
    explained: &ast::Statement,
    analyze: bool,
) -> Result<Response> {
    if analyze {
        return Err(Error::unsupported("EXPLAIN ANALYZE")
            .with_hint("EXPLAIN shows the plan; run the statement to measure it."));
    }
    let names = work.names();
    let environment = work.environment_with_names();
    let mut binder = Binder::new(&names, &environment);
    match explained {
        ast::Statement::Query(query) => {
            let query = Query::bind(&mut binder, query, names.catalog())?;
            let plan = query.plan.display_indent().to_string();
            match query.point_name() {
                Some(name) => answer(&format!("Point Read on {name}\n{plan}")),
                None => answer(&plan),
            }
        }
        ast::Statement::CreateView(view) => {
            let bound = binder.bind_query(&view.query)?;
            let text = described(work, bound)?;
            answer(&text)
        }
        _ => Err(Error::unsupported("EXPLAIN of this statement")
            .with_hint("Explain a query, or name a continuous view: EXPLAIN v.")),
    }
}

/// EXPLAIN of a relation: a continuous view's operators with their keys, and its state's size.
pub(crate) fn relation(work: &mut Work<'_>, name: &ObjectName) -> Result<Response> {
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

fn described(work: &mut Work<'_>, bound: Bound) -> Result<String> {
    Ok(lines(work, &*engine_plan(bound)?))
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
