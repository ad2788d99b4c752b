//! Sub-selects in expressions: as a value, EXISTS, IN, ANY, ALL.
//!
//! They stay in the plan as DataFusion's own expressions over the sub-select's plan, in which
//! columns of enclosing selects are `OuterReferenceColumn`s; decorrelation takes them away.
use std::sync::Arc;

use datafusion::common::{ScalarValue, Spans};
use datafusion::logical_expr::expr::{Exists, InSubquery, SetComparison, SetQuantifier};
use datafusion::logical_expr::{
    Aggregate, Expr, LogicalPlan, Operator, Projection, ScalarUDF, SortExpr, Subquery,
};
use sqlparser::ast::{self, BinaryOperator, Spanned};

use super::array_test::ArrayTest;
use super::category::same_kind;
use super::coerce::common_type;
use super::expression::{plain, start_of};
use super::operator::{balanced, binary_overload, row, symbol};
use super::query::Rows;
use super::set_returning::as_array;
use super::{Binder, Clause, Typed};
use crate::types::Type;
use crate::{Error, Result};

impl Binder<'_> {
    /// Binds an expression that has a sub-select, or an array where one could be.
    pub(super) fn subquery_expression(
        &mut self,
        written: &ast::Expr,
        clause: Clause,
    ) -> Result<Typed> {
        let has_query = !matches!(written, ast::Expr::AnyOp { .. } | ast::Expr::AllOp { .. });
        if has_query && clause == Clause::Default {
            let message = "cannot use subquery in DEFAULT expression";
            return Err(Error::new("0A000", message).at(start_of(written)));
        }
        match written {
            ast::Expr::Subquery(query) => self.scalar_subquery(query),
            ast::Expr::Exists { subquery, negated } => {
                let (rows, outer) = self.nested(|binder| binder.query(subquery))?;
                let test = Exists::new(node(rows.plan, outer), *negated);
                Ok(Typed::new(Expr::Exists(test), Type::Bool))
            }
            ast::Expr::InSubquery { expr, subquery, negated } => {
                if let Some(columns) = row(expr) {
                    return self.row_in_subquery(&columns, subquery, *negated);
                }
                let value = self.expression(expr, clause)?;
                self.in_subquery(value, subquery, *negated)
            }
            ast::Expr::AnyOp { left, compare_op, right, .. } => {
                self.quantified((left, compare_op, right), SetQuantifier::Any, clause)
            }
            ast::Expr::AllOp { left, compare_op, right } => {
                self.quantified((left, compare_op, right), SetQuantifier::All, clause)
            }
            other => Err(Error::internal(format!("{other} has no sub-select"))),
        }
    }

    fn check_row(&self, written: &ast::Expr) -> Result<()> {
        match row(written) {
            Some(_) => Err(Error::unsupported("a row compared with a sub-select other than by IN")
                .with_hint("Write EXISTS (SELECT … WHERE a = … AND b = …).")
                .at(start_of(written))),
            None => Ok(()),
        }
    }

    fn scalar_subquery(&mut self, query: &ast::Query) -> Result<Typed> {
        let (rows, outer) = self.nested(|binder| binder.query(query))?;
        let ty = only_column(&rows, query)?;
        Ok(Typed::new(Expr::ScalarSubquery(node(rows.plan, outer)), ty))
    }

    /// `ARRAY(SELECT …)`: the values of the only column, in order; an empty array for no rows.
    pub(super) fn array_subquery(&mut self, query: &ast::Query) -> Result<Typed> {
        let (rows, outer) = self.nested(|binder| binder.query(query))?;
        let item = only_column(&rows, query)?;
        let Some(output) = rows.columns.first() else {
            return Err(Error::internal("a sub-select without columns"));
        };
        let value = Typed::new(Expr::Column(output.column.clone()), item.clone());
        let name = self.fresh('a');
        let mut all = self.named_aggregate("array_agg", vec![value])?;
        let (input, order) = with_order(rows.plan);
        if let Expr::AggregateFunction(call) = &mut all {
            call.params.order_by = order;
        }
        let plan = Aggregate::try_new(Arc::new(input), Vec::new(), vec![all.alias(name)])?;
        let plan = LogicalPlan::Aggregate(plan);
        let ty = Type::Array(Box::new(item.clone()));
        let all = Typed::new(Expr::ScalarSubquery(node(plan, outer)), ty.clone());
        let list = ScalarValue::new_list(&[], &item.arrow(), true);
        let none = Typed::new(Expr::Literal(ScalarValue::List(list), None), ty);
        self.coalesce(vec![all, none])
    }

    fn in_subquery(&mut self, value: Typed, query: &ast::Query, negated: bool) -> Result<Typed> {
        let (rows, outer) = self.nested(|binder| binder.query(query))?;
        check_width(&rows)?;
        let (value, plan) = self.compared("=", value, rows)?;
        let test = InSubquery::new(Box::new(value), node(plan, outer), negated);
        Ok(Typed::new(Expr::InSubquery(test), Type::Bool))
    }

    /// The value and the sub-select's only column, made comparable by `symbol`.
    fn compared(&mut self, symbol: &str, value: Typed, rows: Rows) -> Result<(Expr, LogicalPlan)> {
        let Some(output) = rows.columns.first() else {
            return Err(Error::internal("a sub-select without columns"));
        };
        let inner = Typed::new(Expr::Column(output.column.clone()), output.ty.clone());
        // The operator is resolved as between any two operands; its own operands, cast and
        // made keys, are what is compared.
        let comparison = self.binary(symbol, value, inner.clone())?;
        let Expr::BinaryExpr(comparison) = comparison.expr else {
            return Err(Error::unsupported(format!(
                "{symbol} of type {} with a sub-select",
                plain(&inner.ty)
            )));
        };
        if *comparison.right == inner.expr {
            return Ok((*comparison.left, rows.plan));
        }
        let name = self.fresh('o');
        let key = comparison.right.alias(name);
        let plan = Projection::try_new(vec![key], Arc::new(rows.plan))?;
        Ok((*comparison.left, LogicalPlan::Projection(plan)))
    }

    fn quantified(
        &mut self,
        (left, op, right): (&ast::Expr, &BinaryOperator, &ast::Expr),
        quantifier: SetQuantifier,
        clause: Clause,
    ) -> Result<Typed> {
        let symbol = symbol(op)?;
        let mut inner = right;
        while let ast::Expr::Nested(nested) = inner {
            inner = nested;
        }
        let ast::Expr::Subquery(query) = inner else {
            let value = self.expression(left, clause)?;
            let is_any = quantifier == SetQuantifier::Any;
            return self.quantified_array(&symbol, value, (inner, is_any), clause);
        };
        self.check_row(left)?;
        let value = self.expression(left, clause)?;
        match (symbol.as_str(), &quantifier) {
            ("=", SetQuantifier::Any) => return self.in_subquery(value, query, false),
            ("<>", SetQuantifier::All) => return self.in_subquery(value, query, true),
            _ => {}
        }
        let operator = match symbol.as_str() {
            "=" => Operator::Eq,
            "<>" => Operator::NotEq,
            "<" => Operator::Lt,
            "<=" => Operator::LtEq,
            ">" => Operator::Gt,
            ">=" => Operator::GtEq,
            _ => return Err(Error::unsupported(format!("{symbol} {quantifier} (SELECT …)"))),
        };
        let (rows, outer) = self.nested(|binder| binder.query(query))?;
        check_width(&rows)?;
        let (value, plan) = self.compared(&symbol, value, rows)?;
        let test = SetComparison::new(Box::new(value), node(plan, outer), operator, quantifier);
        Ok(Typed::new(Expr::SetComparison(test), Type::Bool))
    }

    /// `x = ANY (ARRAY[…])`: a comparison with each element of an array that is known.
    fn quantified_array(
        &mut self,
        symbol: &str,
        value: Typed,
        (written, is_any): (&ast::Expr, bool),
        clause: Clause,
    ) -> Result<Typed> {
        let items: Vec<Typed> = match written {
            ast::Expr::Array(array) => array
                .elem
                .iter()
                .map(|item| self.expression(item, clause))
                .collect::<Result<_>>()?,
            _ => {
                let array = as_array(self.expression(written, clause)?);
                let array = match array.ty {
                    // '{1,2}' is an array of what it is compared with.
                    Type::Unknown => {
                        let item = match &value.ty {
                            Type::Unknown => Type::Text,
                            known => known.clone(),
                        };
                        self.implicit(array, &Type::Array(Box::new(item)))?
                    }
                    _ => array,
                };
                let Type::Array(item) = &array.ty else {
                    return Err(Error::new(
                        "42809",
                        "op ANY/ALL (array) requires array on right side",
                    ));
                };
                match elements(&array.expr) {
                    Some(elements) => elements
                        .into_iter()
                        .map(|element| Typed::new(Expr::Literal(element, None), (**item).clone()))
                        .collect(),
                    None => return self.array_test(symbol, value, array, is_any),
                }
            }
        };
        let tests: Result<Vec<Expr>> = items
            .into_iter()
            .map(|item| Ok(self.binary(symbol, value.clone(), item)?.expr))
            .collect();
        Ok(Typed::new(balanced(tests?, !is_any), Type::Bool))
    }

    /// The same with an array that is not known before it runs.
    fn array_test(
        &mut self,
        symbol: &str,
        value: Typed,
        array: Typed,
        is_any: bool,
    ) -> Result<Typed> {
        let Type::Array(item) = &array.ty else {
            return Err(Error::internal("an array test needs an array"));
        };
        // Both are cast as two operands of the operator would be.
        let item = item.as_ref().clone();
        let overload = binary_overload(symbol, &value.ty, &item)?;
        let common = match overload.arguments.last() {
            Some(Type::BareNumeric | Type::Numeric(..)) | None => {
                common_type(&[value.ty.held(), item.held()], "ANY")?
            }
            Some(kind) if same_kind(kind, &item) => item,
            Some(kind) => kind.clone(),
        };
        let value = self.implicit(value, &common)?;
        let array = self.implicit(array, &Type::Array(Box::new(common.clone())))?;
        let test = ScalarUDF::new_from_impl(ArrayTest::try_new(symbol, is_any, &common)?);
        Ok(Typed::new(test.call(vec![value.expr, array.expr]), Type::Bool))
    }
}

/// A sorted plan with its sort keys, which its columns have; keys that were left out at its
/// top are columns again.
fn with_order(plan: LogicalPlan) -> (LogicalPlan, Vec<SortExpr>) {
    fn keys(plan: &LogicalPlan) -> Option<&Vec<SortExpr>> {
        match plan {
            LogicalPlan::Sort(sort) => Some(&sort.expr),
            LogicalPlan::Limit(limit) => keys(&limit.input),
            _ => None,
        }
    }
    if let LogicalPlan::Projection(projection) = &plan
        && let Some(order) = keys(&projection.input)
    {
        return (projection.input.as_ref().clone(), order.clone());
    }
    let order = keys(&plan).cloned().unwrap_or_default();
    (plan, order)
}

/// The elements of an array constant.
fn elements(expr: &Expr) -> Option<Vec<ScalarValue>> {
    let Expr::Literal(ScalarValue::List(list), _) = expr else { return None };
    let values = list.value(0);
    (0..values.len()).map(|row| ScalarValue::try_from_array(&values, row).ok()).collect()
}

/// The sub-select as part of an expression.
pub(super) fn node(plan: LogicalPlan, outer: Vec<Expr>) -> Subquery {
    Subquery { subquery: Arc::new(plan), outer_ref_columns: outer, spans: Spans::new() }
}

/// Refuses more columns, or none, where one is compared.
fn check_width(rows: &Rows) -> Result<()> {
    match rows.columns.len() {
        0 => Err(Error::new("42601", "subquery has too few columns")),
        1 => Ok(()),
        _ => Err(Error::new("42601", "subquery has too many columns")),
    }
}

/// The type of the only column; 42601 if there are more.
fn only_column(rows: &Rows, query: &ast::Query) -> Result<Type> {
    match rows.columns.as_slice() {
        [only] => Ok(only.ty.clone()),
        _ => Err(Error::new("42601", "subquery must return only one column").at(query.span())),
    }
}
