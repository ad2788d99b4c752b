//! The domain pushed down a plan, operator by operator.
use std::sync::Arc;

use datafusion::common::{Column, ScalarValue};
use datafusion::functions_window::row_number::row_number_udwf;
use datafusion::logical_expr::expr::{WindowFunction, WindowFunctionParams};
use datafusion::logical_expr::utils::conjunction;
use datafusion::logical_expr::{
    Aggregate, Distinct, Expr, JoinType, Limit, LogicalPlan, Operator, SortExpr, Union, Unnest,
    Window, WindowFrame, WindowFunctionDefinition, binary_expr,
};

use super::decorrelation::{Decorrelation, rows, whole};
use super::domain::{Domain, Renamed, bound};
use super::plans::{
    On, case, column, columns_of, cross, filter, group, int8, is_null, join, project,
};
use crate::{Error, Result};

/// A plan once for each row of the domain: beside its own columns it has the domain's.
///
/// Sub-selects may still be in it; they read what they need of their own input.
pub(crate) struct Unnested {
    /// The rows.
    pub(super) plan: LogicalPlan,
    /// What the domain's columns are called in it.
    pub(super) keys: Vec<Column>,
}

impl Unnested {
    /// The domain's columns as expressions.
    pub(super) fn key_exprs(&self) -> Vec<Expr> {
        self.keys.iter().cloned().map(Expr::Column).collect()
    }
}

impl Decorrelation {
    /// `plan` for each row of `domain`.
    pub(super) fn unnest(&mut self, plan: &LogicalPlan, domain: &Domain) -> Result<Unnested> {
        if !domain.is_read_by(plan)? {
            let (copy, keys) = domain.copy(self)?;
            return Ok(Unnested { plan: cross(copy, plan.clone())?, keys });
        }
        match plan {
            LogicalPlan::Projection(node) => {
                let input = self.unnest(&node.input, domain)?;
                let own = all_bound(&node.expr, &domain.renamed(&input.keys))?;
                let exprs = input.key_exprs().into_iter().chain(own).collect();
                Ok(Unnested { plan: project(input.plan, exprs)?, keys: input.keys })
            }
            LogicalPlan::Filter(node) => {
                let input = self.unnest(&node.input, domain)?;
                let predicate = bound(node.predicate.clone(), &domain.renamed(&input.keys))?;
                Ok(Unnested { plan: filter(input.plan, Some(predicate))?, keys: input.keys })
            }
            LogicalPlan::Aggregate(node) => self.unnest_aggregate(node, domain),
            LogicalPlan::Distinct(Distinct::All(input)) => {
                let input = self.unnest(input, domain)?;
                let keys = columns_of(&input.plan);
                Ok(Unnested { plan: group(input.plan, keys, vec![])?, keys: input.keys })
            }
            // Nothing above a sort that no LIMIT stands on depends on its order.
            LogicalPlan::Sort(node) if node.fetch.is_none() => self.unnest(&node.input, domain),
            LogicalPlan::Limit(node) => self.unnest_limit(node, domain),
            LogicalPlan::Window(node) => self.unnest_window(node, domain),
            LogicalPlan::Join(node) => self.unnest_join(node, domain),
            LogicalPlan::Union(node) => self.unnest_union(node, domain),
            LogicalPlan::Subquery(node) => self.unnest(&node.subquery, domain),
            LogicalPlan::Values(node) => self.unnest(&rows(node)?, domain),
            LogicalPlan::Unnest(node) => {
                let input = self.unnest(&node.input, domain)?;
                let (lists, options) = (node.exec_columns.clone(), node.options.clone());
                let plan = Unnest::try_new(Arc::new(input.plan), lists, options)?;
                Ok(Unnested { plan: LogicalPlan::Unnest(plan), keys: input.keys })
            }
            LogicalPlan::Extension(node) if node.node.inputs().len() == 1 => {
                let inputs = plan.inputs();
                let Some(input) = inputs.first() else {
                    return Err(Error::internal("a node without its input"));
                };
                let input = self.unnest(input, domain)?;
                let exprs = all_bound(&plan.expressions(), &domain.renamed(&input.keys))?;
                let plan = plan.with_new_exprs(exprs, vec![input.plan])?;
                Ok(Unnested { plan, keys: input.keys })
            }
            other => Err(refused(&other.display().to_string())),
        }
    }

    /// One row for each row of the domain, also where the sub-select has no rows to aggregate.
    fn unnest_aggregate(&mut self, node: &Aggregate, domain: &Domain) -> Result<Unnested> {
        if node.group_expr.iter().any(|expr| matches!(expr, Expr::GroupingSet(_))) {
            return Err(refused("grouping sets"));
        }
        let input = self.unnest(&node.input, domain)?;
        let renamed = domain.renamed(&input.keys);
        let own = all_bound(&node.group_expr, &renamed)?;
        let calls = all_bound(&node.aggr_expr, &renamed)?;
        let keys = input.key_exprs().into_iter().chain(own).collect();
        let grouped = Unnested { plan: group(input.plan, keys, calls)?, keys: input.keys };
        match node.group_expr.is_empty() {
            true => self.with_empty_groups(grouped, node, domain),
            false => Ok(grouped),
        }
    }

    fn with_empty_groups(
        &mut self,
        grouped: Unnested,
        node: &Aggregate,
        domain: &Domain,
    ) -> Result<Unnested> {
        let (copy, keys) = domain.copy(self)?;
        let all = keys.iter().cloned().map(Expr::Column);
        let same = all.clone().zip(grouped.key_exprs()).collect();
        let on = On { same, ..On::default() };
        let plan = join(copy, grouped.plan, JoinType::Left, on)?;
        let mut exprs: Vec<Expr> = all.collect();
        for (call, output) in node.aggr_expr.iter().zip(node.schema.columns()) {
            exprs.push(or_empty(call, output)?);
        }
        Ok(Unnested { plan: project(plan, exprs)?, keys })
    }

    /// LIMIT counts for each row of the domain: it becomes a condition on the row's number.
    fn unnest_limit(&mut self, node: &Limit, domain: &Domain) -> Result<Unnested> {
        let (order, input): (&[SortExpr], &LogicalPlan) = match node.input.as_ref() {
            LogicalPlan::Sort(sort) if sort.fetch.is_none() => (&sort.expr, &sort.input),
            other => (&[], other),
        };
        let input = self.unnest(input, domain)?;
        let kept: Vec<Expr> = columns_of(&input.plan);
        let renamed = domain.renamed(&input.keys);
        let order = order
            .iter()
            .map(|key| Ok(SortExpr { expr: bound(key.expr.clone(), &renamed)?, ..key.clone() }))
            .collect::<Result<Vec<_>>>()?;
        let number = self.fresh();
        let call = numbered(input.key_exprs(), order).alias(&number);
        let plan = LogicalPlan::Window(Window::try_new(vec![call], Arc::new(input.plan))?);
        let wanted = within(&column(&number), node.skip.as_deref(), node.fetch.as_deref());
        let plan = project(filter(plan, wanted)?, kept)?;
        Ok(Unnested { plan, keys: input.keys })
    }

    /// Window functions see the rows of one row of the domain at a time.
    fn unnest_window(&mut self, node: &Window, domain: &Domain) -> Result<Unnested> {
        let input = self.unnest(&node.input, domain)?;
        let keys = input.key_exprs();
        let calls = all_bound(&node.window_expr, &domain.renamed(&input.keys))?
            .into_iter()
            .zip(node.schema.columns().into_iter().skip(node.input.schema().fields().len()))
            .map(|(call, output)| {
                let mut call = call.unalias();
                if let Expr::WindowFunction(function) = &mut call {
                    function.params.partition_by.extend(keys.iter().cloned());
                }
                call.alias_qualified(output.relation, output.name)
            })
            .collect();
        let plan = LogicalPlan::Window(Window::try_new(calls, Arc::new(input.plan))?);
        Ok(Unnested { plan, keys: input.keys })
    }

    fn unnest_union(&mut self, node: &Union, domain: &Domain) -> Result<Unnested> {
        let names: Vec<String> = domain.outer.iter().map(|_| self.fresh()).collect();
        let outputs = node.schema.columns();
        let mut inputs = vec![];
        for input in &node.inputs {
            let own = input.schema().columns();
            let unnested = self.unnest(input, domain)?;
            let keys =
                unnested.key_exprs().into_iter().zip(&names).map(|(key, name)| key.alias(name));
            let own = own
                .into_iter()
                .zip(&outputs)
                .map(|(column, output)| Expr::Column(column).alias(&output.name));
            inputs.push(Arc::new(project(unnested.plan, keys.chain(own).collect())?));
        }
        let plan = LogicalPlan::Union(Union::try_new(inputs)?);
        let keys: Vec<Column> = names.iter().map(Column::new_unqualified).collect();
        // The union's columns may have been called otherwise.
        let given = plan.schema().columns();
        let exprs = given
            .into_iter()
            .zip(keys.iter().chain(&outputs))
            .map(|(column, wanted)| match column == *wanted {
                true => Expr::Column(column),
                false => {
                    Expr::Column(column).alias_qualified(wanted.relation.clone(), &wanted.name)
                }
            })
            .collect();
        Ok(Unnested { plan: project(plan, exprs)?, keys })
    }
}

fn all_bound(exprs: &[Expr], renamed: &Renamed) -> Result<Vec<Expr>> {
    exprs.iter().map(|expr| bound(expr.clone(), renamed)).collect()
}

/// `row_number()` in an order, for each row of the domain.
pub(super) fn numbered(partition_by: Vec<Expr>, order_by: Vec<SortExpr>) -> Expr {
    let params = WindowFunctionParams {
        args: vec![],
        partition_by,
        window_frame: WindowFrame::new((!order_by.is_empty()).then_some(false)),
        order_by,
        filter: None,
        null_treatment: None,
        distinct: false,
    };
    let fun = WindowFunctionDefinition::WindowUDF(row_number_udwf());
    Expr::WindowFunction(Box::new(WindowFunction { fun, params }))
}

/// The rows that OFFSET and LIMIT leave.
fn within(number: &Expr, skip: Option<&Expr>, fetch: Option<&Expr>) -> Option<Expr> {
    let unsigned = |value: i64| {
        Expr::Literal(ScalarValue::UInt64(Some(u64::try_from(value).unwrap_or(0))), None)
    };
    let signed =
        || datafusion::logical_expr::cast(number.clone(), arrow::datatypes::DataType::Int64);
    let skipped = whole(skip).or(skip.is_none().then_some(0));
    let from = match (skip, skipped) {
        (None, _) => None,
        (_, Some(skipped)) => Some(number.clone().gt(unsigned(skipped))),
        (Some(skip), None) => Some(signed().gt(skip.clone())),
    };
    let until = match (fetch, whole(fetch), skipped) {
        (None, ..) => None,
        (_, Some(fetch), Some(skipped)) => {
            Some(number.clone().lt_eq(unsigned(fetch.saturating_add(skipped))))
        }
        // Row numbers are small: taking the offset from one cannot overflow.
        (Some(fetch), ..) => {
            let skip = skip.cloned().unwrap_or_else(|| int8(0));
            Some(binary_expr(signed(), Operator::Minus, skip).lt_eq(fetch.clone()))
        }
    };
    conjunction(from.into_iter().chain(until))
}

/// What an aggregate gives where it has a group, or else what it gives over no rows.
pub(super) fn or_empty(call: &Expr, output: Column) -> Result<Expr> {
    let value = Expr::Column(output.clone());
    let mut bare = call;
    while let Expr::Alias(alias) = bare {
        bare = &alias.expr;
    }
    let Expr::AggregateFunction(function) = bare else {
        return Err(Error::internal("an aggregate that is not one"));
    };
    match function.func.name() {
        "count" => {
            let counted = case([(is_null(value.clone()), int8(0))], value);
            Ok(counted.alias_qualified(output.relation, output.name))
        }
        "sum" | "avg" | "min" | "max" | "bool_and" | "bool_or" | "every" | "first_value"
        | "string_agg" | "array_agg" | "stddev" | "stddev_pop" | "stddev_samp" | "variance"
        | "var_pop" | "var_samp" | "bit_and" | "bit_or" | "corr" | "json_agg" | "jsonb_agg" => {
            Ok(value)
        }
        other => Err(refused(&format!("aggregate {other}"))),
    }
}

/// What the pass cannot take a sub-select through.
pub(super) fn refused(what: &str) -> Error {
    Error::unsupported(format_args!("{what} in a sub-select that reads columns from outside it"))
        .with_hint("Write it as a join with a grouped sub-select.")
}
