//! From a bound plan to the plan that is run or lowered.
use datafusion::logical_expr::LogicalPlan;

use super::{check, guard, limits, rules, ties};
use crate::Result;
use crate::decorrelate::decorrelate;

/// What a plan is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A continuous view: its operators keep state.
    View,
    /// A SELECT that runs once.
    Read,
}

/// The bound `plan` without sub-selects, with filters and columns where they cost least.
///
/// The result has the output columns of `plan`. Placeholders may be in it. It is final: no rule
/// of DataFusion's may run on it afterwards, since its guards are open.
pub fn optimize(plan: LogicalPlan, purpose: Purpose) -> Result<LogicalPlan> {
    stacker::maybe_grow(STACK_RED_ZONE_BYTES, STACK_BYTES, || {
        if purpose == Purpose::View {
            check::check(&plan)?;
        }
        let plan = decorrelate(plan)?;
        let plan = ties::break_ties(plan)?;
        let plan = guard::close(plan)?;
        let plan = rules::apply(plan, purpose)?;
        let (plan, closed) = guard::open(plan)?;
        let plan = if closed { rules::merge_projections(plan)? } else { plan };
        let plan = match purpose {
            Purpose::View => plan,
            Purpose::Read => limits::onto_sorts(plan)?,
        };
        guard::order(plan)
    })
}

/// With less stack than this left, planning moves to a stack of its own.
pub(crate) const STACK_RED_ZONE_BYTES: usize = 8 * 1024 * 1024;

/// The stack that planning gets: DataFusion recurses over plans and expressions.
pub(crate) const STACK_BYTES: usize = 32 * 1024 * 1024;
