//! Turns for operators that make many rows of few, such as joins.
//!
//! A scan looks whether its read is to stop, and lets others run, between its batches. A join
//! may work for hours on two of them: so what it puts out passes here, and the condition that
//! it tries on pairs of rows is asked through a [`Stoppable`].
use std::fmt;
use std::hash::{Hash, Hasher};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, FieldRef, Schema, SchemaRef};
use datafusion::common::Result as DataFusionResult;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode, TreeNodeRecursion};
use datafusion::execution::{RecordBatchStream, SendableRecordBatchStream, TaskContext};
use datafusion::logical_expr::ColumnarValue;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_plan::execution_plan::{ChildrenPropertiesMode, ReplaceChildrenOptions};
use datafusion::physical_plan::joins::utils::JoinFilter;
use datafusion::physical_plan::joins::{
    HashJoinExec, HashJoinExecBuilder, NestedLoopJoinExec, NestedLoopJoinExecBuilder,
};
use datafusion::physical_plan::unnest::UnnestExec;
use datafusion::physical_plan::{DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties};
use futures::Stream;

use super::execute::Running;
use super::table::external;
use crate::{Error, Result};

/// How many batches an operator gives before other reads of its thread have their turn.
const BATCHES_IN_TURN_MAX: usize = 8;

/// The plan with its joins and the like made to stop, and to take turns.
pub(super) fn in_turns(
    plan: Arc<dyn ExecutionPlan>,
    running: &Arc<Running>,
) -> Result<Arc<dyn ExecutionPlan>> {
    let turned = plan.transform_up(|node| {
        let grows = node.children().len() > 1 || node.downcast_ref::<UnnestExec>().is_some();
        if !grows {
            return Ok(Transformed::no(node));
        }
        let input = stoppable(&node, running)?.unwrap_or(node);
        Ok(Transformed::yes(Arc::new(Turns { input }) as Arc<dyn ExecutionPlan>))
    });
    Ok(turned.data()?)
}

/// A join whose condition can be stopped, if the node is a join with one.
fn stoppable(
    node: &Arc<dyn ExecutionPlan>,
    running: &Arc<Running>,
) -> DataFusionResult<Option<Arc<dyn ExecutionPlan>>> {
    let asked = |filter: &JoinFilter| {
        let (inner, running) = (filter.expression().clone(), running.clone());
        let expression = Arc::new(Stoppable { inner, running });
        JoinFilter::new(expression, filter.column_indices().to_vec(), filter.schema().clone())
    };
    if let Some((join, filter)) =
        node.downcast_ref::<HashJoinExec>().and_then(|join| Some((join, join.filter()?)))
    {
        let filter = Some(asked(filter));
        return Ok(Some(Arc::new(HashJoinExecBuilder::from(join).with_filter(filter).build()?)));
    }
    if let Some((join, filter)) =
        node.downcast_ref::<NestedLoopJoinExec>().and_then(|join| Some((join, join.filter()?)))
    {
        let join = NestedLoopJoinExecBuilder::from(join).with_filter(Some(asked(filter)));
        return Ok(Some(Arc::new(join.build()?)));
    }
    Ok(None)
}

/// An expression that fails once its read is to stop.
struct Stoppable {
    inner: Arc<dyn PhysicalExpr>,
    running: Arc<Running>,
}

impl fmt::Debug for Stoppable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl fmt::Display for Stoppable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl PartialEq for Stoppable {
    fn eq(&self, other: &Self) -> bool {
        self.inner.eq(&other.inner)
    }
}

impl Eq for Stoppable {}

impl Hash for Stoppable {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.inner.hash(state);
    }
}

impl PhysicalExpr for Stoppable {
    fn data_type(&self, schema: &Schema) -> DataFusionResult<DataType> {
        self.inner.data_type(schema)
    }

    fn nullable(&self, schema: &Schema) -> DataFusionResult<bool> {
        self.inner.nullable(schema)
    }

    fn evaluate(&self, batch: &RecordBatch) -> DataFusionResult<ColumnarValue> {
        self.running.check().map_err(external)?;
        self.inner.evaluate(batch)
    }

    fn return_field(&self, schema: &Schema) -> DataFusionResult<FieldRef> {
        self.inner.return_field(schema)
    }

    fn children(&self) -> Vec<&Arc<dyn PhysicalExpr>> {
        vec![&self.inner]
    }

    fn with_new_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn PhysicalExpr>>,
    ) -> DataFusionResult<Arc<dyn PhysicalExpr>> {
        let inner = children.into_iter().next();
        let inner = inner.ok_or_else(|| external(Error::internal("a condition without a part")))?;
        Ok(Arc::new(Self { inner, running: self.running.clone() }))
    }

    fn fmt_sql(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt_sql(f)
    }
}

/// The rows of its input, in turns.
#[derive(Debug)]
struct Turns {
    input: Arc<dyn ExecutionPlan>,
}

impl DisplayAs for Turns {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Turns")
    }
}

impl ExecutionPlan for Turns {
    fn name(&self) -> &str {
        "Turns"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        self.input.properties()
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.input]
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> DataFusionResult<TreeNodeRecursion>,
    ) -> DataFusionResult<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn replace_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
        _: ReplaceChildrenOptions,
    ) -> DataFusionResult<Arc<dyn ExecutionPlan>> {
        let input = children.into_iter().next();
        let input = input.ok_or_else(|| external(Error::internal("turns of nothing")))?;
        Ok(Arc::new(Self { input }))
    }

    fn with_new_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
    ) -> DataFusionResult<Arc<dyn ExecutionPlan>> {
        let options = ReplaceChildrenOptions::new(ChildrenPropertiesMode::Recompute);
        self.replace_children(children, options)
    }

    fn execute(
        &self,
        partition: usize,
        context: Arc<TaskContext>,
    ) -> DataFusionResult<SendableRecordBatchStream> {
        let running = context.session_config().get_extension::<Running>();
        let running =
            running.ok_or_else(|| external(Error::internal("an operator outside a read")))?;
        let rows = self.input.execute(partition, context)?;
        Ok(Box::pin(Turned { rows, running, turn: BATCHES_IN_TURN_MAX }))
    }
}

struct Turned {
    rows: SendableRecordBatchStream,
    running: Arc<Running>,
    /// How many batches it may give before others have their turn.
    turn: usize,
}

impl Stream for Turned {
    type Item = DataFusionResult<RecordBatch>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Err(error) = self.running.check() {
            return Poll::Ready(Some(Err(external(error))));
        }
        if self.turn == 0 {
            self.turn = BATCHES_IN_TURN_MAX;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        self.turn -= 1;
        Pin::new(&mut self.rows).poll_next(context)
    }
}

impl RecordBatchStream for Turned {
    fn schema(&self) -> SchemaRef {
        self.rows.schema()
    }
}
