//! INSERT.
use std::sync::Arc;

use arrow::array::{RecordBatch, RecordBatchOptions, UInt32Array};
use arrow::compute::{concat_batches, take_record_batch};
use datafusion::logical_expr::LogicalPlan;
use engine::commit::{Change, Committed, OnConflict};
use sqlparser::ast::{self, Expr, OnInsert, SetExpr, Spanned, TableObject};

use super::assignment::{bind_into, default_of, or_default, target_column};
use super::conflict::{self, Conflict, Outcome};
use super::constraint::{check_not_null, check_unique};
use super::names::SessionNames;
use super::query::Query;
use super::returning;
use super::target::{TARGET, Verb, own_columns, own_schema, stand_in, stand_in_name, target};
use super::values;
use super::work::{Given, Work};
use super::write::Written;
use sqlparser::parser::Parser;

use crate::binder::{Binder, Bound, Clause, Scope, fold};
use crate::catalog::{Column, Relation, RelationKind};
use crate::functions::CastContext;
use crate::plan::source::relations;
use crate::plan::{Purpose, optimize};
use crate::response::Tag;
use crate::transaction::Origin;
use crate::types::Type;
use crate::{Error, Result};

/// A bound INSERT.
pub(crate) struct Insert {
    pub(crate) relation: Arc<Relation>,
    /// Rows in the order of the relation's own columns.
    plan: LogicalPlan,
    /// Whether the plan is evaluated in place.
    in_place: bool,
    reads: Vec<Arc<Relation>>,
    conflict: Conflict,
    pub(crate) returning: Option<Query>,
    /// The types of its parameters.
    pub(crate) parameters: Vec<Type>,
}

impl Insert {
    /// Binds it.
    pub(crate) fn bind(
        binder: &mut Binder<'_>,
        names: &SessionNames,
        written: &ast::Insert,
    ) -> Result<Self> {
        refuse(written)?;
        let TableObject::TableName(name) = &written.table else {
            return Err(Error::unsupported("INSERT into anything but a relation"));
        };
        let relation = target(names, name, Verb::Insert)?;
        let columns = own_columns(&relation);
        let set = set_columns(&relation, &written.columns)?;
        let bound = bind_source(binder, written, &columns, &set)?;
        let parameters = bound.parameters.clone();
        let given: Vec<usize> = set.iter().copied().take(bound.columns.len()).collect();
        let plan = whole_rows(binder, &relation, (bound, &given))?;
        let in_place = values::is_plain(&plan);
        let plan = if in_place { plan } else { optimize(plan, Purpose::Read)? };
        let reads = if in_place { vec![] } else { relations(&plan)? };
        let alias = written.table_alias.as_ref().map(|alias| fold(&alias.alias));
        let alias = alias.unwrap_or_else(|| relation.name.clone());
        let conflict = conflict::bind(binder, names, &relation, (&alias, written.on.as_ref()))?;
        names.stand_in(stand_in_name(TARGET), stand_in(&relation, TARGET, false));
        let returning = match &written.returning {
            Some(items) => Some(returning::bind(binder, names, (items, &alias), false)?),
            None => None,
        };
        let last = returning.as_ref().or(conflict.query());
        let parameters = last.map_or(parameters, |query| query.parameters.clone());
        Ok(Self { relation, plan, in_place, reads, conflict, returning, parameters })
    }

    /// Makes its rows and hands them to the transaction.
    pub(crate) async fn run(&self, work: &mut Work<'_>) -> Result<Written> {
        work.must_write("INSERT")?;
        let plan = work.fill(&self.plan)?;
        let batches = if self.in_place {
            vec![values::evaluate(&plan)?]
        } else {
            work.collect(plan, &self.reads, Given::new()).await?
        };
        let rows = to_rows(&self.relation, &batches)?;
        let style = work.style();
        let columns = own_columns(&self.relation);
        check_not_null(&self.relation, &columns, rows.columns(), &style)?;
        let rows = strict(&self.relation, rows)?;
        let outcome = self.conflict.resolve(work, &self.relation, rows).await?;
        let mut written = Written::new(Tag::Insert(outcome.count()));
        written.undecided = hand_over(work, &self.relation, &outcome)?;
        if let Some(query) = &self.returning {
            let rows = outcome.all(&own_schema(&self.relation))?;
            written.returning =
                Some((Arc::clone(&query.columns), returning::evaluate(work, query, rows).await?));
        }
        Ok(written)
    }
}

/// Stores rows that are checked, by the table's own rule; for COPY.
pub(crate) async fn store(
    work: &mut Work<'_>,
    relation: &Relation,
    rows: RecordBatch,
) -> Result<()> {
    let outcome = conflict::of_table(relation).resolve(work, relation, rows).await?;
    hand_over(work, relation, &outcome)?;
    Ok(())
}

/// Puts changes into the transaction; whether the engine has to decide what stays of them.
fn hand_over(work: &mut Work<'_>, table: &Relation, outcome: &Outcome) -> Result<bool> {
    let relation = table.id;
    if let Some((old, new)) = outcome.updated.clone() {
        work.transaction.change(Change::Update { relation, old, new })?;
    }
    let Some(rows) = outcome.inserted.clone().filter(|rows| rows.num_rows() > 0) else {
        return Ok(false);
    };
    let in_block = work.transaction.origin != Origin::Statement;
    if in_block && table.kind == RelationKind::Table {
        // In a block a key that is taken is told now; a commit is checked by the engine.
        check_unique(work, table, &rows, None)?;
    }
    let conflict = outcome.on_conflict;
    work.transaction.change(Change::Insert { relation, rows, conflict })?;
    Ok(conflict == OnConflict::Ignore)
}

/// What an insertion under IGNORE has left, once the engine has decided.
pub(crate) fn decide(written: &mut Written, committed: &Committed) -> Result<()> {
    let Some(applied) = committed.applied.last() else { return Ok(()) };
    written.tag = Tag::Insert(applied.rows);
    let (Some(kept), Some((_, batches))) = (&applied.kept, &mut written.returning) else {
        return Ok(());
    };
    let Some(first) = batches.first() else { return Ok(()) };
    let all = concat_batches(&first.schema(), batches.iter())?;
    *batches = vec![take_record_batch(&all, &UInt32Array::from(kept.clone()))?];
    Ok(())
}

/// The columns that are set, in the order of the source's.
fn set_columns(relation: &Relation, written: &[ast::ObjectName]) -> Result<Vec<usize>> {
    if written.is_empty() {
        return Ok(relation.visible().map(|(place, _)| place).collect());
    }
    let mut places = vec![];
    for name in written {
        let parts = crate::binder::name_parts(name)?;
        let [column] = parts.as_slice() else {
            return Err(Error::unsupported("INSERT into a part of a column").at(name.span()));
        };
        let (place, _) = target_column(relation, column).map_err(|error| error.at(name.span()))?;
        if places.contains(&place) {
            let message = format!("column \"{column}\" specified more than once");
            return Err(Error::new("42701", message).at(name.span()));
        }
        places.push(place);
    }
    Ok(places)
}

fn bind_source(
    binder: &mut Binder<'_>,
    written: &ast::Insert,
    columns: &[Column],
    set: &[usize],
) -> Result<Bound> {
    let target = |place: &usize| columns.get(*place);
    let targets: Vec<(&Column, Type)> =
        set.iter().filter_map(target).map(|column| (column, column.ty.clone())).collect();
    let Some(source) = &written.source else {
        // DEFAULT VALUES: one row of the first column's default.
        let first = columns.first().ok_or_else(|| Error::internal("no columns"))?;
        let query = one_value(default_of(first)?)?;
        return bind_into(binder, &query, &[(first, first.ty.clone())]);
    };
    let mut query = source.clone();
    if let SetExpr::Values(values) = query.body.as_mut() {
        for row in &mut values.rows {
            for (value, place) in row.content.iter_mut().zip(set) {
                let Some(column) = target(place) else { continue };
                *value = or_default(value, column)?;
            }
        }
        if let Some(row) = values.rows.iter().find(|row| row.content.len() > set.len()) {
            let extra = row.content.get(set.len());
            return Err(too_many().at(extra.map_or_else(|| source.span(), Spanned::span)));
        }
    }
    let bound = bind_into(binder, &query, &targets)?;
    if bound.columns.len() > set.len() {
        return Err(too_many());
    }
    if bound.columns.len() < set.len() && !written.columns.is_empty() {
        let column = written.columns.get(bound.columns.len());
        return Err(Error::new("42601", "INSERT has more target columns than expressions")
            .at(column.map_or_else(|| source.span(), Spanned::span)));
    }
    Ok(bound)
}

fn too_many() -> Error {
    Error::new("42601", "INSERT has more expressions than target columns")
}

/// `VALUES (value)`
fn one_value(value: Expr) -> Result<Box<ast::Query>> {
    let parsed = Parser::new(&crate::parser::Dialect).try_with_sql("VALUES (1)");
    let parsed = parsed.and_then(|mut parser| parser.parse_query());
    let mut query = parsed.map_err(|error| Error::internal(error.to_string()))?;
    if let SetExpr::Values(values) = query.body.as_mut() {
        for row in &mut values.rows {
            row.content = vec![value.clone()];
        }
    }
    Ok(query)
}

/// The source's rows with all columns of the relation: those not given have their defaults.
fn whole_rows(
    binder: &mut Binder<'_>,
    relation: &Relation,
    (bound, given): (Bound, &[usize]),
) -> Result<LogicalPlan> {
    let mut expressions = vec![];
    for (place, column) in own_columns(relation).iter().enumerate() {
        let source = given.iter().position(|other| *other == place);
        let source = source.and_then(|source| bound.columns.get(source));
        let value = match source {
            Some(output) => datafusion::logical_expr::Expr::Column(output.column.clone()),
            None => {
                let default = default_of(column)?;
                let value = binder.bind_scalar(&default, &Scope::default(), Clause::Default)?;
                binder.cast(value, &column.ty, CastContext::Assignment)?.expr
            }
        };
        expressions.push(value.alias(format!("?{place}?")));
    }
    let projection =
        datafusion::logical_expr::Projection::try_new(expressions, Arc::new(bound.plan))?;
    Ok(LogicalPlan::Projection(projection))
}

/// The rows as one batch with the relation's types, still with NULLs anywhere.
pub(crate) fn to_rows(relation: &Relation, batches: &[RecordBatch]) -> Result<RecordBatch> {
    let fields = relation.visible().map(|(_, c)| c.ty.field(&c.name, true));
    let schema = Arc::new(arrow::datatypes::Schema::new(fields.collect::<Vec<_>>()));
    let typed = batches.iter().map(|batch| {
        let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
        let columns = batch.columns().to_vec();
        RecordBatch::try_new_with_options(Arc::clone(&schema), columns, &options)
    });
    let typed: Vec<RecordBatch> = typed.collect::<std::result::Result<_, _>>()?;
    Ok(concat_batches(&schema, typed.iter())?)
}

/// The rows under the relation's own schema, after they were checked.
pub(crate) fn strict(relation: &Relation, rows: RecordBatch) -> Result<RecordBatch> {
    crate::transaction::with_schema(rows, &own_schema(relation))
}

fn refuse(written: &ast::Insert) -> Result<()> {
    let foreign = written.or.is_some()
        || written.ignore
        || written.overwrite
        || written.replace_into
        || written.partitioned.is_some()
        || !written.assignments.is_empty()
        || written.output.is_some()
        || written.insert_alias.is_some();
    if foreign {
        return Err(Error::unsupported("this form of INSERT"));
    }
    match &written.on {
        Some(OnInsert::DuplicateKeyUpdate(_)) => Err(Error::unsupported("ON DUPLICATE KEY UPDATE")
            .with_hint("Write ON CONFLICT (…) DO UPDATE SET ….")),
        _ => Ok(()),
    }
}
