//! A query that runs once: SELECT, VALUES, TABLE.
//!
//! One that equality over an index answers passes no planner when it runs, and no other
//! thread: the index is probed where the statement runs.
use std::sync::Arc;

use arrow::array::RecordBatch;
use datafusion::common::ScalarValue;
use datafusion::logical_expr::LogicalPlan;
use engine::Engine;
use engine::plan::RelationId;
use futures::StreamExt;
use futures::stream::BoxStream;
use sqlparser::ast;

use super::work::{Given, Work};
use crate::binder::{Binder, Bound};
use crate::catalog::{Catalog, Index, Relation, RelationKind};
use crate::plan::source::relations;
use crate::plan::{Purpose, optimize};
use crate::read::{PointPlan, ValueOf};
use crate::response::{OutputColumn, Response, Rows, Tag};
use crate::transaction::Origin;
use crate::types::Type;
use crate::{Result, binder};

/// A bound query, ready to run again and again.
pub(crate) struct Query {
    pub(crate) plan: LogicalPlan,
    pub(crate) columns: Arc<[OutputColumn]>,
    pub(crate) relations: Vec<Arc<Relation>>,
    /// The types of the parameters that the statement has so far.
    pub(crate) parameters: Vec<Type>,
    point: Option<Point>,
}

/// A point plan, and whether the key it probes is unique.
struct Point {
    plan: PointPlan,
    /// The columns of the key.
    key: Vec<usize>,
    unique: bool,
}

impl Query {
    /// Binds a query and chooses its plan.
    pub(crate) fn bind(
        binder: &mut Binder<'_>,
        query: &ast::Query,
        catalog: &Catalog,
    ) -> Result<Self> {
        Self::of(binder.bind_query(query)?, catalog)
    }

    /// Chooses the plan of a bound query.
    pub(crate) fn of(bound: Bound, catalog: &Catalog) -> Result<Self> {
        let columns = bound.columns.iter().map(output_column).collect();
        let plan = optimize(bound.plan, Purpose::Read)?;
        let relations = relations(&plan)?;
        let point = match relations.as_slice() {
            [one] if one.kind.is_stored() => Point::find(&plan, one, catalog)?,
            _ => None,
        };
        Ok(Self { plan, columns, relations, parameters: bound.parameters, point })
    }

    /// Starts it.
    pub(crate) fn run(&self, work: &mut Work<'_>, tag: Tag) -> Result<Rows> {
        let batches = self.batches(work)?;
        Ok(Rows::new(Arc::clone(&self.columns), batches, tag))
    }

    /// Its rows.
    pub(crate) fn batches(
        &self,
        work: &mut Work<'_>,
    ) -> Result<BoxStream<'static, Result<RecordBatch>>> {
        if let Some(point) = &self.point
            && let Some(found) = point.answer(work)?
        {
            return Ok(futures::stream::iter([Ok(found)]).boxed());
        }
        let plan = work.fill(&self.plan)?;
        work.read(plan, &self.relations, Given::new())
    }

    /// The answer as of now, if a point plan gives it: for a statement that stands alone.
    pub(crate) fn answer_now(
        &self,
        engine: &Engine,
        value_of: ValueOf<'_>,
    ) -> Result<Option<Response>> {
        let Some(point) = &self.point else { return Ok(None) };
        let Some(rows) = point.answer_now(engine, value_of)? else { return Ok(None) };
        let columns = Arc::clone(&self.columns);
        let rows = Rows::ready(columns, vec![rows], Tag::Counted("SELECT"));
        Ok(Some(Response::Rows(rows)))
    }

    /// All its rows.
    pub(crate) async fn collect(&self, work: &mut Work<'_>) -> Result<Vec<RecordBatch>> {
        let mut rows = self.batches(work)?;
        let mut batches = vec![];
        while let Some(batch) = rows.next().await.transpose()? {
            batches.push(batch);
        }
        Ok(batches)
    }

    /// The relation whose index answers it, if one does.
    pub(crate) fn point_name(&self) -> Option<&str> {
        self.point.as_ref().map(|point| point.plan.relation.name.as_str())
    }

    /// Starts it as a statement.
    pub(crate) fn respond(&self, work: &mut Work<'_>) -> Result<Response> {
        Ok(Response::Rows(self.run(work, Tag::Counted("SELECT"))?))
    }
}

impl Point {
    fn find(plan: &LogicalPlan, relation: &Relation, catalog: &Catalog) -> Result<Option<Self>> {
        let indexes = catalog.indexes_of(relation.id).map(|index| Index::clone(index));
        let indexes: Vec<Index> = indexes.collect();
        let Some(plan) = PointPlan::find(plan, &indexes)? else { return Ok(None) };
        let index = plan.index.and_then(|id| catalog.index(id));
        let key = index.as_ref().map_or_else(|| relation.key.clone(), |i| i.columns.clone());
        let unique = index.is_none_or(|index| index.unique);
        Ok(Some(Self { plan, key, unique }))
    }

    /// The answer as the engine has it now, unless the index was dropped meanwhile.
    fn answer_now(&self, engine: &Engine, value_of: ValueOf<'_>) -> Result<Option<RecordBatch>> {
        let Some(key) = self.plan.key(value_of)? else { return self.nothing(value_of).map(Some) };
        let key = key.into_iter().map(|value| value.to_array_of_size(1));
        let key = key.collect::<std::result::Result<Vec<_>, _>>()?;
        let (relation, index) = (self.plan.relation.id, self.plan.index);
        let columns = (self.plan.columns.as_slice(), &self.plan.wanted);
        let rows = engine.read_point(relation, index, &key, columns)?;
        rows.map(|rows| self.plan.answer(rows, value_of)).transpose()
    }

    /// The answer where no row is found.
    fn nothing(&self, value_of: ValueOf<'_>) -> Result<RecordBatch> {
        let nothing = RecordBatch::new_empty(self.plan.relation.arrow_schema());
        self.plan.answer(self.plan.project(&nothing)?, value_of)
    }

    /// The answer, unless only a scan of the transaction's instant gives it.
    fn answer(&self, work: &mut Work<'_>) -> Result<Option<RecordBatch>> {
        let value_of = |id: &str| work.value_of(id);
        let Some(key) = self.plan.key(&value_of)? else {
            return Ok(Some(self.nothing(&value_of)?));
        };
        let keys = self.keys(key)?;
        let Some(rows) = self.rows(work, &keys)? else { return Ok(None) };
        let rows = self.plan.project(&rows)?;
        let value_of = |id: &str| work.value_of(id);
        Ok(Some(self.plan.answer(rows, &value_of)?))
    }

    /// The key as a batch of one row.
    fn keys(&self, key: Vec<ScalarValue>) -> Result<RecordBatch> {
        let schema = self.plan.relation.arrow_schema().project(&self.key)?;
        let columns = key.into_iter().map(|value| value.to_array_of_size(1));
        let columns = columns.collect::<std::result::Result<Vec<_>, _>>()?;
        Ok(RecordBatch::try_new(Arc::new(schema), columns)?)
    }

    /// Whole rows with the key, as the transaction sees them; `None` if that cannot be told
    /// from the index, which has what was committed last.
    fn rows(&self, work: &mut Work<'_>, keys: &RecordBatch) -> Result<Option<RecordBatch>> {
        let id: RelationId = self.plan.relation.id;
        let engine = work.database.engine();
        if work.transaction.origin == Origin::Statement {
            return Ok(engine.probe(id, self.plan.index, keys)?.map(|(_, rows)| rows));
        }
        let is_new = work.transaction.is_own(id)
            || self.plan.index.is_some_and(|index| work.transaction.is_own(index));
        if is_new {
            return Ok(None);
        }
        work.transaction.note_reads(std::iter::once(id));
        let tick = work.transaction.snapshot(engine)?.tick();
        // An index that was dropped after the block began is missed by nobody: it is a scan then.
        let Some((now, rows)) = engine.probe(id, self.plan.index, keys)? else { return Ok(None) };
        if now != tick {
            return Ok(None);
        }
        let Some(overlay) = work.transaction.overlay_mut(id)? else { return Ok(Some(rows)) };
        if !self.unique || self.plan.relation.kind != RelationKind::Table {
            return Ok(None);
        }
        match overlay.find(&self.key, keys)?.into_iter().next().flatten() {
            Some(own) => Ok(Some(own)),
            None => Ok(Some(overlay.sieve().pass(&rows)?)),
        }
    }
}

/// A column as the doors know it.
pub(crate) fn output_column(column: &binder::OutputColumn) -> OutputColumn {
    let ty = if column.ty == Type::Unknown { Type::Text } else { column.ty.clone() };
    OutputColumn { name: column.name.clone(), ty, origin: None }
}
