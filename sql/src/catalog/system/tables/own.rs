//! The schema tidemill: what the engine knows of itself, and the rows that fail.
use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{Int32Type, Int64Type};
use engine::plan::RelationId;
use engine::{FAILURES, RelationStatus};

use crate::catalog::system::classes::oid_of;
use crate::catalog::system::reader::Reader;
use crate::catalog::system::table::Table;
use crate::catalog::system::{Cell, SystemView};
use crate::catalog::{Relation, RelationKind};
use crate::statement::names::SessionNames;
use crate::statement::{definer, explain};
use crate::{Error, Result};

/// A row that fails, as the engine keeps it.
struct Failure {
    relation: i64,
    operator: i64,
    /// Of a source: where in it. Of a view it is the operator's.
    place: Option<String>,
    sqlstate: String,
    message: String,
    row: String,
}

/// The columns of a batch of failures; those of the log have no view.
fn failures(batch: &RecordBatch) -> Result<Vec<Failure>> {
    let wrong = || Error::internal("the error relation has other columns");
    let texts = |name: &str| {
        let column = batch.column_by_name(name).and_then(|column| column.as_string_opt::<i32>());
        column.ok_or_else(wrong)
    };
    let operators = batch.column_by_name("operator");
    let operators = operators.and_then(|c| c.as_primitive_opt::<Int32Type>()).ok_or_else(wrong)?;
    let views = batch.column_by_name("view").and_then(|c| c.as_primitive_opt::<Int64Type>());
    let (codes, messages, rows) = (texts("sqlstate")?, texts("message")?, texts("row")?);
    let places = texts("place").ok();
    let place = |row: usize| {
        let places = places.filter(|places| places.is_valid(row))?;
        Some(places.value(row).to_owned())
    };
    let found = (0..batch.num_rows()).map(|row| Failure {
        relation: views.map_or(0, |views| views.value(row)),
        operator: i64::from(operators.value(row)),
        place: place(row),
        sqlstate: codes.value(row).to_owned(),
        message: messages.value(row).to_owned(),
        row: rows.value(row).to_owned(),
    });
    Ok(found.collect())
}

/// What fails at the reader's instant.
fn failing(view: &SystemView<'_>) -> Result<Vec<Failure>> {
    let Some(rows) = view.snapshot.rows(FAILURES) else { return Ok(vec![]) };
    let mut all = vec![];
    for batch in rows.batches(None) {
        all.extend(failures(&batch?)?);
    }
    Ok(all)
}

fn named(view: &SystemView<'_>, id: i64) -> Option<Arc<Relation>> {
    view.catalog.relation(RelationId(u64::try_from(id).ok()?))
}

/// Where failures happened: the operators of each view, as EXPLAIN shows them.
#[derive(Default)]
struct Places(HashMap<RelationId, Vec<String>>);

impl Places {
    /// Of a view its operator, with its number; of a source what it says itself.
    fn of(&mut self, view: &SystemView<'_>, of: &Relation, failure: &Failure) -> (Cell, Cell) {
        if of.kind != RelationKind::ContinuousView {
            return (Cell::Null, failure.place.clone().into());
        }
        let operators = self.0.entry(of.id).or_insert_with(|| operators(view, of));
        let place = usize::try_from(failure.operator).ok().and_then(|number| operators.get(number));
        (failure.operator.into(), place.into())
    }
}

/// A view's operators; none where its text means nothing to the reader.
fn operators(view: &SystemView<'_>, of: &Relation) -> Vec<String> {
    let reader = Reader {
        catalog: Arc::clone(view.catalog),
        user: view.user.to_owned(),
        search_path: view.settings.search_path(view.user),
        settings: view.settings.clone(),
        engine: None,
        asked: Arc::default(),
    };
    let environment = definer::environment(view.settings, view.user, None);
    explain::operators(&SessionNames::new(Arc::new(reader)), environment, of).unwrap_or_default()
}

/// tidemill.errors: the rows on which views fail now, and those that sources cannot read; a
/// row that is retracted takes its error away again.
pub(super) fn errors(view: &SystemView<'_>, table: &mut Table) -> Result<()> {
    let mut places = Places::default();
    for failure in failing(view)? {
        // A relation of a block that was taken back may still be on its way out.
        let Some(relation) = named(view, failure.relation) else { continue };
        let (operator, place) = places.of(view, &relation, &failure);
        table.row([
            ("schema", (&relation.schema).into()),
            ("relation", (&relation.name).into()),
            ("operator", operator),
            ("place", place),
            ("sqlstate", failure.sqlstate.into()),
            ("message", failure.message.into()),
            ("row", failure.row.into()),
        ])?;
    }
    Ok(())
}

/// tidemill.error_log: the last rows that began to fail; epochs keep it over restarts.
pub(super) fn error_log(view: &SystemView<'_>, table: &mut Table) -> Result<()> {
    let mut places = Places::default();
    for line in view.engine.failures() {
        let Some(relation) = view.catalog.relation(line.view) else { continue };
        for failure in failures(&line.rows)? {
            let (operator, place) = places.of(view, &relation, &failure);
            table.row([
                ("tick", line.tick.into()),
                ("at", Cell::Int(line.time)),
                ("schema", (&relation.schema).into()),
                ("relation", (&relation.name).into()),
                ("operator", operator),
                ("place", place),
                ("sqlstate", failure.sqlstate.into()),
                ("message", failure.message.into()),
                ("row", failure.row.into()),
            ])?;
        }
    }
    Ok(())
}

fn status(all: &[RelationStatus], id: RelationId) -> Option<&RelationStatus> {
    all.iter().find(|status| status.id == id)
}

/// tidemill.relations: all that was created, with its size where the engine keeps its rows.
pub(super) fn relations(view: &SystemView<'_>, table: &mut Table) -> Result<()> {
    let all = view.engine.status().relations;
    for relation in view.catalog.relations() {
        let status = status(&all, relation.id);
        table.row([
            ("oid", oid_of(relation.id).into()),
            ("schema", (&relation.schema).into()),
            ("name", (&relation.name).into()),
            ("kind", relation.kind.to_string().into()),
            ("rows", status.map(|status| status.rows).into()),
            ("bytes", status.map(|status| status.bytes).into()),
            ("changed_at", status.map(|status| status.changed_at).into()),
        ])?;
    }
    Ok(())
}

/// tidemill.streams: streams and sources.
pub(super) fn streams(view: &SystemView<'_>, table: &mut Table) -> Result<()> {
    let all = view.engine.status().relations;
    let is_stream =
        |one: &&Arc<Relation>| matches!(one.kind, RelationKind::Stream | RelationKind::Source);
    for relation in view.catalog.relations().filter(is_stream) {
        let Some(status) = status(&all, relation.id) else { continue };
        table.row([
            ("schema", (&relation.schema).into()),
            ("name", (&relation.name).into()),
            ("kind", relation.kind.to_string().into()),
            ("rows", status.rows.into()),
            ("bytes", status.bytes.into()),
            ("changed_at", status.changed_at.into()),
        ])?;
    }
    Ok(())
}

/// tidemill.views: continuous views, how far each is current, why one is not.
pub(super) fn views(view: &SystemView<'_>, table: &mut Table) -> Result<()> {
    let engine = view.engine.status();
    let failing = failing(view)?;
    for relation in view.catalog.relations().filter(|one| one.kind == RelationKind::ContinuousView)
    {
        let Some(status) = status(&engine.relations, relation.id) else { continue };
        let broken = status.broken.as_ref();
        let errors = failing.iter().filter(|one| one.relation == oid_of(relation.id)).count();
        table.row([
            ("schema", (&relation.schema).into()),
            ("name", (&relation.name).into()),
            ("rows", status.rows.into()),
            ("bytes", status.bytes.into()),
            ("tick", broken.map_or(engine.tick, |(tick, _)| *tick).into()),
            ("is_current", broken.is_none().into()),
            ("sqlstate", broken.map(|(_, error)| error.code()).into()),
            ("reason", broken.map(|(_, error)| error.message()).into()),
            ("errors", errors.into()),
            ("query", relation.query.clone().unwrap_or_default().into()),
        ])?;
    }
    Ok(())
}

/// tidemill.operators: the tables in which views' operators keep their state.
pub(super) fn state_tables(view: &SystemView<'_>, table: &mut Table) -> Result<()> {
    for state in view.engine.states()? {
        let Some(relation) = view.catalog.relation(state.view) else { continue };
        table.row([
            ("schema", (&relation.schema).into()),
            ("view", (&relation.name).into()),
            ("number", i64::from(state.number).into()),
            ("operator", state.operator.to_owned().into()),
            ("table", state.table.to_owned().into()),
            ("bytes", state.bytes.into()),
        ])?;
    }
    Ok(())
}

/// tidemill.status: the engine as a whole.
pub(super) fn engine(view: &SystemView<'_>, table: &mut Table) -> Result<()> {
    let status = view.engine.status();
    table.row([
        ("tick", status.tick.into()),
        ("at", Cell::Int(status.time)),
        ("bytes", status.bytes.into()),
        ("bytes_max", status.bytes_max.into()),
    ])
}
