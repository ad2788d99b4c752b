//! A node whose expressions the optimiser must not move.
//!
//! It stands for the node it holds, in its place, from before the logical rules run until after.
//! Rules may still prune columns through it and pass harmless filters below it.
use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

use datafusion::common::{Column, DFSchema, DFSchemaRef, Result};
use datafusion::logical_expr::{Expr, Extension, LogicalPlan, UserDefinedLogicalNodeCore};

use super::fallible::fallible;

/// One node of a plan, closed to rules.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd)]
pub(crate) struct Opaque(LogicalPlan);

impl Opaque {
    /// `plan`'s topmost node, closed.
    pub(crate) fn close(plan: LogicalPlan) -> LogicalPlan {
        LogicalPlan::Extension(Extension { node: Arc::new(Opaque(plan)) })
    }

    /// The node that `plan` closes, if it is one of these.
    pub(crate) fn opened(plan: &LogicalPlan) -> Option<&LogicalPlan> {
        let LogicalPlan::Extension(extension) = plan else { return None };
        extension.node.as_any().downcast_ref::<Opaque>().map(|opaque| &opaque.0)
    }

    /// Output columns that are an input's column of the same name and cannot fail.
    fn passes(expr: &Expr, name: &str) -> bool {
        matches!(expr, Expr::Column(column) if column.name == name)
    }
}

impl UserDefinedLogicalNodeCore for Opaque {
    fn name(&self) -> &str {
        "Opaque"
    }

    fn inputs(&self) -> Vec<&LogicalPlan> {
        self.0.inputs()
    }

    fn schema(&self) -> &DFSchemaRef {
        self.0.schema()
    }

    fn expressions(&self) -> Vec<Expr> {
        self.0.expressions()
    }

    /// Filters go unchanged to every input: so only through a filter, or on columns that a
    /// projection leaves as they are.
    fn prevent_predicate_push_down_columns(&self) -> HashSet<String> {
        match &self.0 {
            LogicalPlan::Filter(_) => HashSet::new(),
            LogicalPlan::Projection(projection) => projection
                .expr
                .iter()
                .zip(projection.schema.fields())
                .filter(|(expr, field)| !Self::passes(expr, field.name()))
                .map(|(_, field)| field.name().clone())
                .collect(),
            other => other.schema().fields().iter().map(|field| field.name().clone()).collect(),
        }
    }

    fn fmt_for_explain(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Opaque {}", self.0.display())
    }

    fn with_exprs_and_inputs(&self, exprs: Vec<Expr>, inputs: Vec<LogicalPlan>) -> Result<Self> {
        // Rules wrap what they rewrite in an alias of the old name. Conditions do not want it.
        let exprs = match &self.0 {
            LogicalPlan::Filter(_) | LogicalPlan::Join(_) => {
                exprs.into_iter().map(Expr::unalias).collect()
            }
            _ => exprs,
        };
        self.0.with_new_exprs(exprs, inputs).map(Opaque)
    }

    fn necessary_children_exprs(&self, outputs: &[usize]) -> Option<Vec<Vec<usize>>> {
        let inputs = self.0.inputs();
        let mut needed: Vec<Vec<usize>> =
            inputs.iter().map(|input| columns_of(&self.0.expressions(), input.schema())).collect();
        match &self.0 {
            LogicalPlan::Projection(_) => {}
            LogicalPlan::Filter(_) | LogicalPlan::Join(_) => {
                let schema = self.0.schema();
                for (input, needed) in inputs.iter().zip(&mut needed) {
                    let passed = outputs.iter().filter_map(|output| {
                        let (qualifier, field) = schema.iter().nth(*output)?;
                        input.schema().index_of_column_by_name(qualifier, field.name())
                    });
                    needed.extend(passed);
                    needed.sort_unstable();
                    needed.dedup();
                }
            }
            _ => return None,
        }
        Some(needed)
    }
}

/// Numbers of the columns of `schema` that `exprs` read.
fn columns_of(exprs: &[Expr], schema: &DFSchema) -> Vec<usize> {
    let mut found: Vec<usize> = exprs
        .iter()
        .flat_map(Expr::column_refs)
        .filter_map(|column: &Column| schema.maybe_index_of_column(column))
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// Whether a node evaluates something fallible over its inputs.
pub(crate) fn computes_fallible(plan: &LogicalPlan) -> bool {
    let Some(schema) = input_schema(plan) else { return false };
    plan.expressions().iter().any(|expr| fallible(expr, &schema))
}

/// The columns that a node's expressions read: those of all its inputs.
pub(crate) fn input_schema(plan: &LogicalPlan) -> Option<DFSchema> {
    let mut inputs = plan.inputs().into_iter();
    let first = inputs.next()?.schema().as_ref().clone();
    inputs.try_fold(first, |schema, input| schema.join(input.schema()).ok())
}
