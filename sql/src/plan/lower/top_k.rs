//! The first rows of an order: LIMIT, a condition on `row_number()`, DISTINCT ON.
use std::sync::Arc;

use arrow::compute::SortOptions;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::common::{Column, ScalarValue};
use datafusion::logical_expr::expr::WindowFunctionParams;
use datafusion::logical_expr::utils::{conjunction, split_conjunction};
use datafusion::logical_expr::{
    BinaryExpr, DistinctOn, Expr, Filter, Limit, LogicalPlan, Operator, Projection, Sort, SortExpr,
    Window,
};
use engine::plan::{Node, Plan, SortKey};

use super::expression::{bare, expression, named_uniquely, schema, with_columns};
use super::node::{filtered, picked, projected};
use crate::plan::ties::is_row_number;
use crate::{Error, Result};

/// LIMIT, with the ORDER BY that stands below it, if one does.
pub(super) fn limit(node: &Limit) -> Result<Arc<Plan>> {
    let skip = count(node.skip.as_deref())?.unwrap_or(0);
    let Some(limit) = count(node.fetch.as_deref())? else {
        return Err(Error::unsupported("OFFSET without LIMIT in a continuous view")
            .with_hint("Say in a SELECT over the view which rows to leave out."));
    };
    let (order, input): (&[SortExpr], &LogicalPlan) = match node.input.as_ref() {
        LogicalPlan::Sort(sort) if sort.fetch.is_none() => (&sort.expr, &sort.input),
        other => (&[], other),
    };
    // A projection of plain columns may stand between the two.
    if let LogicalPlan::Projection(projection) = input
        && order.is_empty()
        && let LogicalPlan::Sort(sort) = projection.input.as_ref()
    {
        let first = ordered(&sort.input, &sort.expr, skip, limit)?;
        return projected(first, projection);
    }
    ordered(input, order, skip, limit)
}

/// A sort that was told how many rows are wanted.
pub(super) fn sort(node: &Sort) -> Result<Arc<Plan>> {
    let limit = node.fetch.unwrap_or(usize::MAX);
    ordered(&node.input, &node.expr, 0, limit as u64)
}

fn ordered(input: &LogicalPlan, order: &[SortExpr], skip: u64, limit: u64) -> Result<Arc<Plan>> {
    let top = TopK { partition: &[], order, skip, limit };
    let (lowered, own) = top.lower(input, false)?;
    trimmed(lowered, own, input)
}

/// DISTINCT ON: the first row of each group in the order given.
pub(super) fn distinct_on(node: &DistinctOn) -> Result<Arc<Plan>> {
    let order = node.sort_expr.as_deref().unwrap_or_default();
    let top = TopK { partition: &node.on_expr, order, skip: 0, limit: 1 };
    let (input, _) = top.lower(&node.input, false)?;
    let of = node.input.schema();
    let expressions =
        node.select_expr.iter().map(|expr| expression(expr, of)).collect::<Result<Vec<_>>>()?;
    let node_schema = schema(&node.schema);
    Ok(Arc::new(Plan { node: Node::Project { input, expressions }, schema: node_schema }))
}

/// A condition such as `row_number() OVER (…) <= 3` on the window function below it.
pub(super) fn numbered(filter: &Filter) -> Result<Option<Arc<Plan>>> {
    let window = match filter.input.as_ref() {
        LogicalPlan::Window(window) => window,
        LogicalPlan::Projection(projection) => return numbered_below(filter, projection),
        _ => return Ok(None),
    };
    let Some(params) = row_number(window) else { return Ok(None) };
    let Some(number) = window.schema.columns().pop() else { return Ok(None) };
    let mut bounds = Bounds { first: 1, last: None };
    let rest: Vec<Expr> = split_conjunction(&filter.predicate)
        .into_iter()
        .filter(|conjunct| !bounds.narrow(conjunct, &number))
        .cloned()
        .collect();
    let Some(last) = bounds.last else { return Ok(None) };
    // The number itself stays true only if no row is left out before it is given.
    let limit = last;
    let top = TopK { partition: &params.partition_by, order: &params.order_by, skip: 0, limit };
    let (lowered, own) = top.lower(&window.input, true)?;
    let lowered = number_typed(lowered, own, window)?;
    let mut predicate = rest;
    if bounds.first > 1 {
        predicate.push(from(&number, bounds.first, window)?);
    }
    Ok(Some(match conjunction(predicate) {
        Some(predicate) => filtered(lowered, expression(&predicate, &window.schema)?),
        None => lowered,
    }))
}

/// The same with a projection of plain columns between the two.
fn numbered_below(filter: &Filter, projection: &Projection) -> Result<Option<Arc<Plan>>> {
    if !matches!(projection.input.as_ref(), LogicalPlan::Window(_)) {
        return Ok(None);
    }
    let outputs = projection.schema.columns();
    let below = |column: &Column| {
        let place = outputs.iter().position(|output| output == column)?;
        match projection.expr.get(place).map(bare) {
            Some(Expr::Column(below)) => Some(below.clone()),
            _ => None,
        }
    };
    let mut plain = true;
    let predicate = filter.predicate.clone().transform_up(|part| {
        let Expr::Column(column) = &part else { return Ok(Transformed::no(part)) };
        match below(column) {
            Some(column) => Ok(Transformed::yes(Expr::Column(column))),
            None => {
                plain = false;
                Ok(Transformed::no(part))
            }
        }
    })?;
    if !plain {
        return Ok(None);
    }
    let moved = Filter::try_new(predicate.data, Arc::clone(&projection.input))?;
    match numbered(&moved)? {
        Some(lowered) => projected(lowered, projection).map(Some),
        None => Ok(None),
    }
}

/// The OVER of a node that computes one `row_number()` and nothing else.
fn row_number(window: &Window) -> Option<&WindowFunctionParams> {
    let [one] = window.window_expr.as_slice() else { return None };
    let Expr::WindowFunction(function) = bare(one) else { return None };
    is_row_number(&function.fun).then_some(&function.params)
}

/// Which row numbers are wanted.
struct Bounds {
    first: u64,
    last: Option<u64>,
}

impl Bounds {
    /// Takes a conjunct in, if it bounds the column `number` by a constant.
    fn narrow(&mut self, conjunct: &Expr, number: &Column) -> bool {
        let Expr::BinaryExpr(BinaryExpr { left, op, right }) = conjunct else { return false };
        let (op, value) = match (is_number(left, number), is_number(right, number)) {
            (true, false) => (Some(*op), right),
            (false, true) => (op.swap(), left),
            _ => return false,
        };
        let (Some(op), Some(value)) = (op, whole(value)) else { return false };
        match op {
            Operator::LtEq => self.until(value),
            Operator::Lt => self.until(value.saturating_sub(1)),
            Operator::Eq => {
                self.from(value);
                self.until(value);
            }
            Operator::GtEq => self.from(value),
            Operator::Gt => self.from(value.saturating_add(1)),
            _ => return false,
        }
        true
    }

    fn from(&mut self, value: i64) {
        self.first = self.first.max(u64::try_from(value).unwrap_or(1));
    }

    fn until(&mut self, value: i64) {
        let value = u64::try_from(value).unwrap_or(0);
        self.last = Some(self.last.map_or(value, |last| last.min(value)));
    }
}

fn is_number(expr: &Expr, number: &Column) -> bool {
    match bare(expr) {
        Expr::Column(column) => column == number,
        Expr::Cast(cast) => is_number(&cast.expr, number),
        _ => false,
    }
}

/// A constant whole number.
fn whole(expr: &Expr) -> Option<i64> {
    let Expr::Literal(value, _) = bare(expr) else { return None };
    match value {
        ScalarValue::Int16(value) => value.map(i64::from),
        ScalarValue::Int32(value) => value.map(i64::from),
        ScalarValue::Int64(value) => *value,
        ScalarValue::UInt64(value) => value.and_then(|value| i64::try_from(value).ok()),
        _ => None,
    }
}

/// `number >= first`, in the type that `number` has in the window's schema.
fn from(number: &Column, first: u64, window: &Window) -> Result<Expr> {
    let (_, field) = window.schema.qualified_field_from_column(number)?;
    let data_type = field.data_type().clone();
    let first = ScalarValue::UInt64(Some(first)).cast_to(&data_type)?;
    Ok(Expr::Column(number.clone()).gt_eq(Expr::Literal(first, None)))
}

/// What an operator is told, in expressions over its input.
struct TopK<'a> {
    partition: &'a [Expr],
    order: &'a [SortExpr],
    skip: u64,
    limit: u64,
}

impl TopK<'_> {
    /// The operator over `input`, and how many of its columns are the input's own: computed
    /// keys stand behind them, and behind those the row's number, if it is wanted.
    fn lower(&self, input: &LogicalPlan, row_number: bool) -> Result<(Arc<Plan>, usize)> {
        let own = input.schema().fields().len();
        let order = self.order.iter().map(|key| &key.expr);
        let exprs: Vec<&Expr> = self.partition.iter().chain(order).collect();
        let (lowered, numbers) = with_columns(input, &exprs)?;
        let mut numbers = numbers.into_iter();
        let partition = numbers.by_ref().take(self.partition.len()).collect();
        let order = self
            .order
            .iter()
            .zip(numbers)
            .map(|(key, column)| SortKey {
                column,
                options: SortOptions { descending: !key.asc, nulls_first: key.nulls_first },
            })
            .collect();
        let mut fields: Vec<_> =
            lowered.schema.fields().iter().map(|field| field.as_ref().clone()).collect();
        if row_number {
            fields.push(crate::types::Type::Int8.field("row_number", true));
        }
        let (skip, limit) = (self.skip, self.limit);
        let node = Node::TopK { input: lowered, partition, order, skip, limit, row_number };
        let schema = named_uniquely(fields.into_iter());
        Ok((Arc::new(Plan { node, schema }), own))
    }
}

/// `plan` without the computed keys behind its first `own` columns.
fn trimmed(plan: Arc<Plan>, own: usize, of: &LogicalPlan) -> Result<Arc<Plan>> {
    if plan.schema.fields().len() == own {
        return Ok(plan);
    }
    let wide = datafusion::common::DFSchema::try_from(plan.schema.clone())?;
    let kept: Vec<usize> = (0..own).collect();
    picked(plan, &wide, &kept, of.schema())
}

/// The input's own columns, then the row's number in the type that the window's schema says.
fn number_typed(plan: Arc<Plan>, own: usize, window: &Window) -> Result<Arc<Plan>> {
    let wide = datafusion::common::DFSchema::try_from(plan.schema.clone())?;
    let last = plan.schema.fields().len().saturating_sub(1);
    let mut kept: Vec<usize> = (0..own).collect();
    kept.push(last);
    let mut expressions = super::expression::columns(&wide, &kept)?;
    let wanted = window.schema.fields().last().map(|field| field.data_type().clone());
    let given = plan.schema.fields().last().map(|field| field.data_type().clone());
    let schema = schema(&window.schema);
    if wanted == given && last == own {
        return Ok(Arc::new(Plan { node: plan.node.clone(), schema }));
    }
    if let (true, Some(wanted), Some(number)) = (wanted != given, wanted, wide.columns().pop()) {
        expressions.pop();
        let cast = datafusion::logical_expr::cast(Expr::Column(number), wanted);
        let cast = expression(&cast, &wide)?;
        expressions.push(engine::plan::Expression { fallible: false, ..cast });
    }
    Ok(Arc::new(Plan { node: Node::Project { input: plan, expressions }, schema }))
}

/// A constant number of rows.
fn count(expr: Option<&Expr>) -> Result<Option<u64>> {
    match expr.map(bare) {
        None => Ok(None),
        Some(Expr::Literal(value, _)) if value.is_null() => Ok(None),
        Some(expr) => match whole(expr).map(u64::try_from) {
            Some(Ok(count)) => Ok(Some(count)),
            _ => Err(Error::unsupported("a LIMIT or OFFSET that is not a constant here")
                .with_hint("Write the number of rows as a literal.")),
        },
    }
}
