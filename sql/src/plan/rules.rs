//! The named lists of DataFusion's rules that touch a plan of ours.
//!
//! An upgrade can add no rule silently. Left out on purpose: whatever decorrelates (our own pass
//! does), rewrites DISTINCT aggregates, takes empty inputs away (a union loses its names), pushes
//! limits down or swaps join types by functional dependencies; of the physical rules, those that
//! merge or move filters and projections, since they undo guards.
use std::sync::{Arc, LazyLock};

use datafusion::config::ConfigOptions;
use datafusion::logical_expr::LogicalPlan;
use datafusion::optimizer::common_subexpr_eliminate::CommonSubexprEliminate;
use datafusion::optimizer::eliminate_duplicated_expr::EliminateDuplicatedExpr;
use datafusion::optimizer::eliminate_filter::EliminateFilter;
use datafusion::optimizer::eliminate_group_by_constant::EliminateGroupByConstant;
use datafusion::optimizer::eliminate_outer_join::EliminateOuterJoin;
use datafusion::optimizer::optimize_projections::OptimizeProjections;
use datafusion::optimizer::optimize_unions::OptimizeUnions;
use datafusion::optimizer::optimizer::{Optimizer, OptimizerContext, OptimizerRule};
use datafusion::optimizer::simplify_expressions::SimplifyExpressions;
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_optimizer::combine_partial_final_agg::CombinePartialFinalAggregate;
use datafusion::physical_optimizer::ensure_requirements::EnsureRequirements;
use datafusion::physical_optimizer::join_selection::JoinSelection;
use datafusion::physical_optimizer::limit_pushdown::LimitPushdown;
use datafusion::physical_optimizer::sanity_checker::SanityCheckPlan;

use super::Purpose;
use super::equal_keys::{EqualKeys, ReorderJoins};
use super::push_filters::PushFilters;
use crate::Result;

type LogicalRule = Arc<dyn OptimizerRule + Send + Sync>;
type PhysicalRule = Arc<dyn PhysicalOptimizerRule + Send + Sync>;

/// Logical rules for a SELECT that runs once.
fn for_reads() -> Vec<LogicalRule> {
    vec![
        Arc::new(OptimizeUnions::new()),
        Arc::new(SimplifyExpressions::new()),
        Arc::new(EqualKeys),
        Arc::new(EliminateDuplicatedExpr::new()),
        Arc::new(EliminateFilter::new()),
        ReorderJoins::new(),
        Arc::new(EliminateOuterJoin::new()),
        Arc::new(PushFilters::new()),
        Arc::new(EliminateGroupByConstant::new()),
        Arc::new(CommonSubexprEliminate::new()),
        Arc::new(OptimizeProjections::new()),
    ]
}

/// Logical rules for a plan whose operators keep state: fewer, and none that invents names.
fn for_views() -> Vec<LogicalRule> {
    vec![
        Arc::new(OptimizeUnions::new()),
        Arc::new(SimplifyExpressions::new()),
        Arc::new(EqualKeys),
        Arc::new(EliminateFilter::new()),
        ReorderJoins::new(),
        Arc::new(EliminateOuterJoin::new()),
        Arc::new(PushFilters::new()),
        Arc::new(OptimizeProjections::new()),
    ]
}

/// Physical rules for a SELECT that runs once.
pub(crate) fn physical() -> Vec<PhysicalRule> {
    vec![
        Arc::new(JoinSelection::new()),
        Arc::new(EnsureRequirements::new()),
        // The check stands here, since the rule behind it forgets which columns are constant, and
        // so an order that such a column has.
        Arc::new(SanityCheckPlan::new()),
        Arc::new(CombinePartialFinalAggregate::new()),
        Arc::new(LimitPushdown::new()),
    ]
}

static READS: LazyLock<Optimizer> = LazyLock::new(|| Optimizer::with_rules(for_reads()));
static VIEWS: LazyLock<Optimizer> = LazyLock::new(|| Optimizer::with_rules(for_views()));
static MERGE: LazyLock<Optimizer> =
    LazyLock::new(|| Optimizer::with_rules(vec![Arc::new(OptimizeProjections::new())]));
static OPTIONS: LazyLock<Arc<ConfigOptions>> = LazyLock::new(|| Arc::new(ConfigOptions::default()));

/// The plan after the logical rules for `purpose`.
pub(super) fn apply(plan: LogicalPlan, purpose: Purpose) -> Result<LogicalPlan> {
    let optimizer = match purpose {
        Purpose::Read => &READS,
        Purpose::View => &VIEWS,
    };
    Ok(optimizer.optimize(plan, &context(), |_, _| {})?)
}

/// The plan with projections that stand on one another made one.
pub(super) fn merge_projections(plan: LogicalPlan) -> Result<LogicalPlan> {
    Ok(MERGE.optimize(plan, &context(), |_, _| {})?)
}

/// Without a time of start: nothing that depends on the clock may be folded.
fn context() -> OptimizerContext {
    OptimizerContext::new_with_config_options(Arc::clone(&OPTIONS))
        .without_query_execution_start_time()
}
