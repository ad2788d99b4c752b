//! A relation as a leaf of a physical plan.
//!
//! It holds no rows: it asks the [`ReadContext`](super::ReadContext) of its execution for them.
//! Between batches it looks whether the read is to stop, and lets other reads of its thread run.
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use arrow::array::{RecordBatch, RecordBatchOptions};
use arrow::datatypes::SchemaRef;
use datafusion::common::stats::Precision;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{Result as DataFusionResult, Statistics};
use datafusion::error::DataFusionError;
use datafusion::execution::{RecordBatchStream, SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::{EquivalenceProperties, PhysicalExpr};
use datafusion::physical_plan::execution_plan::{
    Boundedness, ChildrenPropertiesMode, EmissionType, ReplaceChildrenOptions,
};
use datafusion::physical_plan::statistics::StatisticsArgs;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, Partitioning, PlanProperties,
};
use futures::Stream;

use super::context::Batches;
use super::execute::Running;
use crate::Error;
use crate::catalog::Relation;

/// How many batches a scan gives before other reads of its thread have their turn.
const BATCHES_IN_TURN_MAX: usize = 8;

/// The rows of a relation.
#[derive(Debug)]
pub(super) struct RelationScan {
    relation: Arc<Relation>,
    projection: Option<Vec<usize>>,
    properties: Arc<PlanProperties>,
    /// How many rows there are, if that is known.
    rows: Option<usize>,
}

impl RelationScan {
    /// A scan of the columns in `projection`, which make `schema`.
    pub(super) fn new(
        relation: Arc<Relation>,
        projection: Option<Vec<usize>>,
        schema: SchemaRef,
    ) -> Self {
        let properties = PlanProperties::new(
            EquivalenceProperties::new(schema),
            Partitioning::UnknownPartitioning(1),
            EmissionType::Incremental,
            Boundedness::Bounded,
        );
        Self { relation, projection, properties: Arc::new(properties), rows: None }
    }

    /// The same, of as many rows.
    pub(super) fn with_rows(self, rows: Option<usize>) -> Self {
        Self { rows, ..self }
    }
}

impl DisplayAs for RelationScan {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RelationScan: {}", self.relation.name)
    }
}

impl ExecutionPlan for RelationScan {
    fn name(&self) -> &str {
        "RelationScan"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![]
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> DataFusionResult<TreeNodeRecursion>,
    ) -> DataFusionResult<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn replace_children(
        self: Arc<Self>,
        _: Vec<Arc<dyn ExecutionPlan>>,
        _: ReplaceChildrenOptions,
    ) -> DataFusionResult<Arc<dyn ExecutionPlan>> {
        Ok(self)
    }

    fn with_new_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
    ) -> DataFusionResult<Arc<dyn ExecutionPlan>> {
        let options = ReplaceChildrenOptions::new(ChildrenPropertiesMode::Recompute);
        self.replace_children(children, options)
    }

    fn statistics_from_inputs(
        &self,
        _: &[Arc<Statistics>],
        _: &StatisticsArgs,
    ) -> DataFusionResult<Arc<Statistics>> {
        let mut known = Statistics::new_unknown(&self.schema());
        known.num_rows = self.rows.map_or(Precision::Absent, Precision::Inexact);
        Ok(Arc::new(known))
    }

    fn execute(
        &self,
        _partition: usize,
        context: Arc<TaskContext>,
    ) -> DataFusionResult<SendableRecordBatchStream> {
        let running = context
            .session_config()
            .get_extension::<Running>()
            .ok_or_else(|| external(Error::internal("a scan outside a read")))?;
        let relations = &running.context.relations;
        let batches =
            relations.batches(&self.relation, self.projection.as_deref()).map_err(external)?;
        let schema = self.properties.eq_properties.schema().clone();
        Ok(Box::pin(Scanned { batches, schema, running, turn: BATCHES_IN_TURN_MAX }))
    }
}

/// The rows as they are asked for.
struct Scanned {
    batches: Batches,
    schema: SchemaRef,
    running: Arc<Running>,
    /// How many batches it may give before others have their turn.
    turn: usize,
}

impl Scanned {
    fn next(&mut self) -> crate::Result<Option<RecordBatch>> {
        self.running.check()?;
        let Some(batch) = self.batches.next().transpose()? else { return Ok(None) };
        let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
        let (_, columns, _) = batch.into_parts();
        Ok(Some(RecordBatch::try_new_with_options(self.schema.clone(), columns, &options)?))
    }
}

impl Stream for Scanned {
    type Item = DataFusionResult<RecordBatch>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.turn == 0 {
            self.turn = BATCHES_IN_TURN_MAX;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        self.turn -= 1;
        Poll::Ready(self.next().map_err(external).transpose())
    }
}

impl RecordBatchStream for Scanned {
    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }
}

/// An error of ours on its way through DataFusion, which the engine's conversion finds again.
pub(super) fn external(error: Error) -> DataFusionError {
    let kind = engine::ErrorKind::Invalid;
    let mut own = engine::Error::new(kind, error.code(), error.message());
    if let Some(detail) = error.detail() {
        own = own.with_detail(detail);
    }
    if let Some(hint) = error.hint() {
        own = own.with_hint(hint);
    }
    own.into()
}
