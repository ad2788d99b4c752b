//! DataFusion's push-down of filters, kept from aggregates without groups.
//!
//! Its rule moves a condition without columns, such as `$1` or `7 <> 7`, below an aggregate of
//! the whole input, which then still has its one row.
use datafusion::common::Result;
use datafusion::common::tree_node::Transformed;
use datafusion::logical_expr::LogicalPlan;
use datafusion::optimizer::optimizer::{ApplyOrder, OptimizerConfig, OptimizerRule};
use datafusion::optimizer::push_down_filter::PushDownFilter;

/// The rule.
#[derive(Debug)]
pub(super) struct PushFilters(PushDownFilter);

impl PushFilters {
    pub(super) fn new() -> Self {
        Self(PushDownFilter::new())
    }
}

impl OptimizerRule for PushFilters {
    fn name(&self) -> &str {
        "push_filters"
    }

    fn apply_order(&self) -> Option<ApplyOrder> {
        self.0.apply_order()
    }

    fn supports_rewrite(&self) -> bool {
        true
    }

    fn rewrite(
        &self,
        plan: LogicalPlan,
        config: &dyn OptimizerConfig,
    ) -> Result<Transformed<LogicalPlan>> {
        let whole = |input: &LogicalPlan| matches!(input, LogicalPlan::Aggregate(node) if node.group_expr.is_empty());
        match &plan {
            LogicalPlan::Filter(filter) if whole(&filter.input) => Ok(Transformed::no(plan)),
            _ => self.0.rewrite(plan, config),
        }
    }
}
