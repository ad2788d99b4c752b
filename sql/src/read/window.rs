//! `TUMBLE`, `HOP` when run once: each row once for each window that holds its time.
//!
//! What it puts out equals the engine's operator for the same node: rows without a time, or with
//! an infinite one, are in no window.
use std::fmt;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, AsArray, PrimitiveArray, RecordBatch, TimestampMicrosecondArray, UInt32Array,
};
use arrow::compute::take_record_batch;
use arrow::datatypes::{DataType, SchemaRef, TimestampMicrosecondType};
use datafusion::common::Result as DataFusionResult;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::{EquivalenceProperties, PhysicalExpr};
use datafusion::physical_plan::execution_plan::{ChildrenPropertiesMode, ReplaceChildrenOptions};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, ExecutionPlanProperties, Partitioning,
    PlanProperties,
};
use futures::{StreamExt, stream};

use super::table::external;
use crate::{Error, Result};

/// Rows that a batch with windows has at most, so that long windows do not fill the memory.
const ROWS_OUT_MAX: usize = 8_192;

/// Windows of one length, from one start to the next.
#[derive(Clone, Copy, Debug)]
pub(super) struct Windows {
    /// Length in microseconds.
    pub(super) size: i64,
    /// From one window's start to the next.
    pub(super) slide: i64,
    /// A start of one of them, since 1970.
    pub(super) offset: i64,
}

impl Windows {
    /// The starts of the windows that hold `time`, earliest first.
    pub(super) fn starts(self, time: i64) -> impl Iterator<Item = i64> {
        let behind = i128::from(time) - i128::from(self.offset);
        let slide = i128::from(self.slide).max(1);
        let last = behind.div_euclid(slide);
        // The earliest window whose end is after the time.
        let first = (behind - i128::from(self.size)).div_euclid(slide) + 1;
        let infinite = time == i64::MAX || time == i64::MIN;
        let windows = if infinite { 0..0 } else { 0..(last - first + 1).max(0) };
        windows.filter_map(move |step| {
            i64::try_from((first + step) * slide + i128::from(self.offset)).ok()
        })
    }
}

/// The operator.
#[derive(Debug)]
pub(super) struct WindowExec {
    input: Arc<dyn ExecutionPlan>,
    time: usize,
    windows: Windows,
    properties: Arc<PlanProperties>,
}

impl WindowExec {
    /// Windows over the column `time` of `input`; `schema` is the input's with two columns more.
    pub(super) fn new(
        input: Arc<dyn ExecutionPlan>,
        time: usize,
        windows: Windows,
        schema: SchemaRef,
    ) -> Self {
        let properties = PlanProperties::new(
            EquivalenceProperties::new(schema),
            Partitioning::UnknownPartitioning(1),
            input.pipeline_behavior(),
            input.boundedness(),
        );
        Self { input, time, windows, properties: Arc::new(properties) }
    }
}

impl DisplayAs for WindowExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Windows { size, slide, offset } = self.windows;
        write!(f, "WindowExec: size={size}us, slide={slide}us, offset={offset}us")
    }
}

impl ExecutionPlan for WindowExec {
    fn name(&self) -> &str {
        "WindowExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
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
        let Some(input) = children.into_iter().next() else {
            return Err(external(Error::internal("a window has one input")));
        };
        let schema = self.properties.eq_properties.schema().clone();
        Ok(Arc::new(Self::new(input, self.time, self.windows, schema)))
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
        let schema = self.properties.eq_properties.schema().clone();
        let (time, windows, of) = (self.time, self.windows, schema.clone());
        let batches = self.input.execute(partition, context)?.flat_map(move |batch| {
            let parts =
                batch.and_then(|batch| with_windows(&batch, time, windows, &of).map_err(external));
            stream::iter(match parts {
                Ok(parts) => parts.into_iter().map(Ok).collect(),
                Err(error) => vec![Err(error)],
            })
        });
        Ok(Box::pin(RecordBatchStreamAdapter::new(schema, batches)))
    }
}

/// The rows of `batch`, each for each of its windows, with the windows' bounds.
fn with_windows(
    batch: &RecordBatch,
    time: usize,
    windows: Windows,
    schema: &SchemaRef,
) -> Result<Vec<RecordBatch>> {
    let times = batch
        .columns()
        .get(time)
        .and_then(|column| column.as_primitive_opt::<TimestampMicrosecondType>());
    let Some(times) = times else {
        return Err(Error::internal("a window's time is no timestamp"));
    };
    let mut parts = vec![];
    let (mut rows, mut starts) = (vec![], vec![]);
    for (row, time) in times.iter().enumerate() {
        let row = u32::try_from(row).map_err(|_| Error::internal("a batch of too many rows"))?;
        for start in time.into_iter().flat_map(|time| windows.starts(time)) {
            rows.push(row);
            starts.push(start);
        }
        if rows.len() >= ROWS_OUT_MAX {
            let bounds = std::mem::take(&mut starts);
            parts.push(extended(batch, std::mem::take(&mut rows), bounds, windows, schema)?);
        }
    }
    if !rows.is_empty() {
        parts.push(extended(batch, rows, starts, windows, schema)?);
    }
    Ok(parts)
}

fn extended(
    batch: &RecordBatch,
    rows: Vec<u32>,
    starts: Vec<i64>,
    windows: Windows,
    schema: &SchemaRef,
) -> Result<RecordBatch> {
    let zone = match schema.fields().last().map(|field| field.data_type()) {
        Some(DataType::Timestamp(_, zone)) => zone.clone(),
        _ => None,
    };
    let bound = |values: PrimitiveArray<TimestampMicrosecondType>| -> ArrayRef {
        Arc::new(values.with_timezone_opt(zone.clone()))
    };
    let ends = starts.iter().map(|start| start.saturating_add(windows.size)).collect::<Vec<_>>();
    let taken = take_record_batch(batch, &UInt32Array::from(rows))?;
    let mut columns = taken.columns().to_vec();
    columns.push(bound(TimestampMicrosecondArray::from(starts)));
    columns.push(bound(TimestampMicrosecondArray::from(ends)));
    Ok(RecordBatch::try_new(schema.clone(), columns)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(size: i64, slide: i64, offset: i64, time: i64, expected: &[i64]) {
        let windows = Windows { size, slide, offset };
        assert_eq!(windows.starts(time).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_time_is_in_every_window_from_its_start_until_before_its_end() {
        check(10, 10, 0, 0, &[0]);
        check(10, 10, 0, 9, &[0]);
        check(10, 10, 0, 10, &[10]);
        check(10, 10, 0, -1, &[-10]);
        check(10, 10, 3, 2, &[-7]);
        check(10, 5, 0, 12, &[5, 10]);
        check(10, 4, 0, 12, &[4, 8, 12]);
        check(4, 10, 0, 3, &[0]);
        check(4, 10, 0, 4, &[]);
        check(10, 10, 0, i64::MAX, &[]);
        check(10, 10, 0, i64::MIN, &[]);
    }
}
