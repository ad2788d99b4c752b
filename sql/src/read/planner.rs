//! Physical planning: DataFusion's planner, with our leaves and our named rules.
use std::sync::Arc;

use async_trait::async_trait;
use datafusion::catalog::Session;
use datafusion::common::Result as DataFusionResult;
use datafusion::execution::SessionStateBuilder;
use datafusion::execution::context::SessionState;
use datafusion::execution::runtime_env::RuntimeEnv;
use datafusion::logical_expr::physical_planning_context::PhysicalPlanningContext;
use datafusion::logical_expr::{Expr, LogicalPlan, TableScan, UserDefinedLogicalNode};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_planner::{DefaultPhysicalPlanner, ExtensionPlanner, PhysicalPlanner};
use datafusion::prelude::SessionConfig;

use super::execute::Running;
use super::table::{RelationScan, external};
use super::turns::in_turns;
use super::window::{WindowExec, Windows};
use crate::binder::WindowTable;
use crate::plan::rules;
use crate::plan::source::relation_of;
use crate::{Error, Result};

/// Rows in a batch between physical operators.
const BATCH_ROWS: usize = 8_192;

/// Makes physical plans; shared by all reads.
pub(super) struct Planner {
    state: SessionState,
    planner: DefaultPhysicalPlanner,
}

impl Planner {
    /// One whose plans run in `runtime`.
    pub(super) fn new(runtime: Arc<RuntimeEnv>) -> Self {
        let state = SessionStateBuilder::new()
            .with_config(config())
            .with_runtime_env(runtime)
            .with_analyzer_rules(vec![])
            .with_optimizer_rules(vec![])
            .with_physical_optimizer_rules(rules::physical())
            .build();
        let planner = DefaultPhysicalPlanner::with_extension_planners(vec![Arc::new(Leaves)]);
        Self { state, planner }
    }

    /// The settings that plans of `running` are made and run under.
    pub(super) fn config(&self, running: Arc<Running>) -> SessionConfig {
        self.state.config().clone().with_extension(running)
    }

    /// The physical plan of `plan`, which must be optimised and without placeholders.
    pub(super) async fn plan(
        &self,
        plan: &LogicalPlan,
        config: &SessionConfig,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let mut state = self.state.clone();
        *state.config_mut() = config.clone();
        let plan = self.planner.create_physical_plan(plan, &state).await?;
        match config.get_extension::<Running>() {
            Some(running) => in_turns(plan, &running),
            None => Ok(plan),
        }
    }
}

/// One partition, and nothing that moves filters while a plan runs.
fn config() -> SessionConfig {
    let mut config = SessionConfig::new()
        .with_target_partitions(1)
        .with_batch_size(BATCH_ROWS)
        .with_create_default_catalog_and_schema(false)
        .with_collect_statistics(false);
    // Rules change what can be NULL in a node and not in those above it.
    config.options_mut().execution.skip_physical_aggregate_schema_check = true;
    let optimizer = &mut config.options_mut().optimizer;
    optimizer.enable_dynamic_filter_pushdown = false;
    optimizer.enable_round_robin_repartition = false;
    config
}

/// Plans our own nodes.
struct Leaves;

#[async_trait]
impl ExtensionPlanner for Leaves {
    async fn plan_extension(
        &self,
        _planner: &dyn PhysicalPlanner,
        node: &dyn UserDefinedLogicalNode,
        _logical_inputs: &[&LogicalPlan],
        physical_inputs: &[Arc<dyn ExecutionPlan>],
        _session: &dyn Session,
        _context: &PhysicalPlanningContext,
    ) -> DataFusionResult<Option<Arc<dyn ExecutionPlan>>> {
        let (Some(table), [input]) = (node.as_any().downcast_ref::<WindowTable>(), physical_inputs)
        else {
            return Ok(None);
        };
        let Expr::Column(time) = &table.time else {
            return Err(external(Error::internal("a window's time is no column")));
        };
        let time = table.input.schema().index_of_column(time)?;
        let windows = Windows { size: table.size, slide: table.slide, offset: table.offset };
        let schema = node.schema().inner().clone();
        Ok(Some(Arc::new(WindowExec::new(input.clone(), time, windows, schema))))
    }

    async fn plan_table_scan(
        &self,
        _planner: &dyn PhysicalPlanner,
        scan: &TableScan,
        session: &dyn Session,
        _context: &PhysicalPlanningContext,
    ) -> DataFusionResult<Option<Arc<dyn ExecutionPlan>>> {
        let relation = relation_of(scan).map_err(external)?.clone();
        let schema = scan.projected_schema.inner().clone();
        let running = session.config().get_extension::<Running>();
        let rows = running.and_then(|running| running.context.relations.rows(&relation));
        let scan = RelationScan::new(relation, scan.projection.clone(), schema);
        Ok(Some(Arc::new(scan.with_rows(rows))))
    }
}
