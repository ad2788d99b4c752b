//! Aggregate calls; [`super::grouping`] then takes them out of the expressions they are in.
use std::sync::Arc;

use datafusion::common::ScalarValue;
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::logical_expr::expr::AggregateFunction;
use datafusion::logical_expr::{AggregateUDF, Case, Expr, SortExpr};
use sqlparser::ast::{
    self, DuplicateTreatment, FunctionArg, FunctionArgExpr, FunctionArgumentClause,
    FunctionArguments, Spanned,
};

use super::function::{no_function, signature, types_of};
use super::overload::{Choice, choose};
use super::{Binder, Clause, Typed, library};
use crate::types::Type;
use crate::{Error, Result};

/// An aggregate with its arguments, before it is known whether it stands over groups or a window.
pub(super) struct AggregateCall {
    pub(super) function: Arc<AggregateUDF>,
    pub(super) arguments: Vec<Expr>,
    pub(super) distinct: bool,
    pub(super) filter: Option<Box<Expr>>,
    pub(super) order: Vec<SortExpr>,
    /// The type of its last argument.
    last: Option<Type>,
    pub(super) ty: Type,
}

impl AggregateCall {
    /// Lets what can fail be evaluated only where FILTER lets the row through.
    fn guard(&mut self) {
        let Some(filter) = &self.filter else { return };
        if has_subquery(filter) {
            return;
        }
        let keys = self.order.iter_mut().map(|key| &mut key.expr);
        for part in self.arguments.iter_mut().chain(keys) {
            if library::fallible(part) && !has_subquery(part) {
                let guarded = vec![(filter.clone(), Box::new(part.clone()))];
                *part = Expr::Case(Case::new(None, guarded, None));
            }
        }
    }
}

impl Binder<'_> {
    /// Binds an aggregate over groups.
    pub(super) fn aggregate_call(
        &mut self,
        call: &ast::Function,
        name: &str,
        clause: Clause,
    ) -> Result<Typed> {
        let span = call.name.span();
        clause.check_aggregate(span)?;
        let bound = self
            .aggregate(call, name, Clause::AggregateArgument)
            .map_err(|error| error.at(span))?;
        let parts = bound.arguments.iter().chain(bound.filter.as_deref());
        if only_outer(parts) {
            return Err(
                Error::unsupported("an aggregate over columns of an enclosing query").at(span)
            );
        }
        let expr = Expr::AggregateFunction(AggregateFunction::new_udf(
            bound.function,
            bound.arguments,
            bound.distinct,
            bound.filter,
            bound.order,
            None,
        ));
        Ok(Typed::new(expr, bound.ty))
    }

    /// Binds an aggregate's arguments, in clause `inside`, and chooses its overload.
    pub(super) fn aggregate(
        &mut self,
        call: &ast::Function,
        name: &str,
        inside: Clause,
    ) -> Result<AggregateCall> {
        if call.null_treatment.is_some() {
            return Err(Error::unsupported("IGNORE NULLS"));
        }
        let star = is_star(call);
        let mut arguments = match star {
            true => Vec::new(),
            false => self.plain_arguments(call, inside)?,
        };
        for key in &call.within_group {
            arguments.push(self.expression(&key.expr, inside)?);
        }
        if library::is_ordered_set(name) == call.within_group.is_empty() {
            return Err(no_function(name, &types_of(&arguments)).with_hint(
                "WITHIN GROUP (ORDER BY …) goes with percentile_cont, percentile_disc and mode.",
            ));
        }
        if arguments.is_empty() && !star {
            let message =
                format!("{name}(*) must be used to call a parameterless aggregate function");
            if library::aggregates(name).iter().any(|one| one.arguments.is_empty()) {
                return Err(Error::new("42809", message));
            }
        }
        let (distinct, order) = self.inside(call, name, inside)?;
        let filter = match &call.filter {
            Some(filter) => {
                let inside = match inside {
                    Clause::AggregateArgument => Clause::Filter,
                    other => other,
                };
                Some(Box::new(self.condition(filter, inside)?))
            }
            None => None,
        };
        let chosen = self.choose_aggregate(name, arguments, distinct)?;
        let order = match (call.within_group.as_slice(), chosen.arguments.last(), &chosen.last) {
            ([key], Some(argument), Some(ty)) => {
                let value = Typed::new(argument.clone(), ty.clone());
                vec![self.sort_key(value, &key.options)?]
            }
            _ => order,
        };
        let is_argument = |key: &SortExpr| chosen.arguments.contains(&key.expr);
        if distinct && !order.iter().all(is_argument) {
            let message = "in an aggregate with DISTINCT, ORDER BY expressions must appear in \
                           argument list";
            return Err(Error::new("42P10", message));
        }
        let mut call = AggregateCall { filter, order, ..chosen };
        call.guard();
        Ok(call)
    }

    /// `count(*)`
    pub(super) fn count_star(&mut self) -> Result<Expr> {
        self.named_aggregate("count", Vec::new())
    }

    /// One of equal values, which need not look alike: `1 day` and `24:00:00`.
    pub(super) fn one_of(&mut self, value: Typed) -> Result<Expr> {
        self.named_aggregate("min", vec![value])
    }

    /// The aggregate of this name over these arguments.
    pub(super) fn named_aggregate(&mut self, name: &str, arguments: Vec<Typed>) -> Result<Expr> {
        let call = self.choose_aggregate(name, arguments, false)?;
        let call =
            AggregateFunction::new_udf(call.function, call.arguments, false, None, vec![], None);
        Ok(Expr::AggregateFunction(call))
    }

    fn choose_aggregate(
        &mut self,
        name: &str,
        arguments: Vec<Typed>,
        distinct: bool,
    ) -> Result<AggregateCall> {
        let overloads = library::aggregates(name);
        let given = types_of(&arguments);
        let candidates: Vec<Option<Vec<Type>>> = overloads
            .iter()
            .map(|overload| {
                (overload.arguments.len() == given.len()).then(|| overload.arguments.clone())
            })
            .collect();
        let overload = match choose(&candidates, &given) {
            Choice::One(place) => overloads.get(place),
            Choice::None => return Err(no_function(name, &given)),
            Choice::Ambiguous => {
                let message = format!("function {} is not unique", signature(name, &given));
                return Err(Error::new("42725", message));
            }
        };
        let overload =
            overload.ok_or_else(|| Error::internal("the chosen aggregate is not there"))?;
        let arguments = self.arguments(arguments, &overload.arguments)?;
        let types = types_of(&arguments);
        if distinct && types.contains(&Type::Interval) && !matches!(name, "min" | "max") {
            return Err(Error::unsupported("DISTINCT over intervals in an aggregate"));
        }
        let mut expressions: Vec<Expr> = arguments
            .into_iter()
            .map(|argument| match distinct {
                true => distinct_key(argument),
                false => argument.expr,
            })
            .collect();
        if expressions.is_empty() {
            expressions.push(Expr::Literal(ScalarValue::Int64(Some(1)), None));
        }
        Ok(AggregateCall {
            function: (overload.udaf)(&types),
            arguments: expressions,
            distinct,
            filter: None,
            order: Vec::new(),
            last: types.last().cloned(),
            ty: (overload.result)(&types)?,
        })
    }

    /// What stands inside the parentheses beside the arguments: DISTINCT, ORDER BY.
    fn inside(
        &mut self,
        call: &ast::Function,
        name: &str,
        clause: Clause,
    ) -> Result<(bool, Vec<SortExpr>)> {
        let FunctionArguments::List(list) = &call.args else { return Ok((false, Vec::new())) };
        let distinct = matches!(list.duplicate_treatment, Some(DuplicateTreatment::Distinct));
        let mut order = Vec::new();
        for one in &list.clauses {
            match one {
                FunctionArgumentClause::OrderBy(keys) => {
                    for key in keys {
                        let value = self.expression(&key.expr, clause)?;
                        order.push(self.sort_key(value, &key.options)?);
                    }
                }
                other => {
                    return Err(Error::unsupported(format!("{other} inside {name}(…)")));
                }
            }
        }
        if !order.is_empty() && is_star(call) {
            return Err(Error::new("42601", format!("ORDER BY in {name}(*) orders nothing")));
        }
        if !matches!(name, "array_agg" | "string_agg") {
            // The result is the same in any order.
            order.clear();
        }
        Ok((distinct, order))
    }
}

/// A value whose equality Arrow judges as PostgreSQL does.
pub(super) fn distinct_key(value: Typed) -> Expr {
    match value.ty {
        Type::Float4 | Type::Float8 | Type::Jsonb => library::order_key(value.expr, &value.ty),
        _ => value.expr,
    }
}

fn has_subquery(expr: &Expr) -> bool {
    let is_one = |part: &Expr| {
        Ok(matches!(
            part,
            Expr::ScalarSubquery(_)
                | Expr::Exists(_)
                | Expr::InSubquery(_)
                | Expr::SetComparison(_)
        ))
    };
    // A walk that fails, which it does not, leaves the expression as it is.
    expr.exists(is_one).unwrap_or(true)
}

fn is_star(call: &ast::Function) -> bool {
    let FunctionArguments::List(list) = &call.args else { return false };
    matches!(list.args.as_slice(), [FunctionArg::Unnamed(FunctionArgExpr::Wildcard)])
}

/// Whether columns are named, all of them an enclosing query's.
fn only_outer<'e>(parts: impl Iterator<Item = &'e Expr>) -> bool {
    let (mut outer, mut own) = (false, false);
    for part in parts {
        let _ = part.apply(|expr| {
            match expr {
                Expr::OuterReferenceColumn(..) => outer = true,
                Expr::Column(_) => own = true,
                _ => {}
            }
            Ok(TreeNodeRecursion::Continue)
        });
    }
    outer && !own
}
