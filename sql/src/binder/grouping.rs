//! GROUP BY: aggregates and keys are taken out of expressions and become columns.
//!
//! An expression over groups may hold keys, aggregates and constants. Grouping sets are
//! aggregates of the same input by each set's keys, side by side in a UNION ALL.
use std::sync::Arc;

use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::common::{Column, ScalarValue};
use datafusion::error::DataFusionError;
use datafusion::logical_expr::{
    Aggregate, Expr, Filter, GroupingSet, LogicalPlan, Projection, Subquery, Union, lit,
};
use sqlparser::ast::{self, Spanned};
use sqlparser::tokenizer::{Location, Span};

use super::below::Below;
use super::outer::rewrite_outer;
use super::select::{Clauses, contains};
use super::set_operation::check_equality;
use super::state::column;
use super::{Binder, Scope, Typed, library};
use crate::types::Type;
use crate::{Error, Result};

/// The most grouping sets of a select, as in PostgreSQL.
const SETS_MAX: usize = 4_096;

/// What GROUP BY says.
#[derive(Default)]
pub(super) struct Groups {
    keys: Vec<Typed>,
    /// The sets of keys, by their places; `None` without GROUP BY.
    sets: Option<Vec<Vec<usize>>>,
}

impl Groups {
    /// Adds an item of GROUP BY: a key, or grouping sets, which multiply those there are.
    pub(super) fn add(
        &mut self,
        binder: &mut Binder<'_>,
        written: &ast::Expr,
        outputs: &[(String, Typed)],
    ) -> Result<()> {
        let sets = self.sets_of(binder, written, outputs)?;
        let before = self.sets.take().unwrap_or_else(|| vec![Vec::new()]);
        if before.len().saturating_mul(sets.len()) > SETS_MAX {
            let message = format!("too many grouping sets present (maximum {SETS_MAX})");
            return Err(Error::new("54001", message).at(written.span()));
        }
        let product = before.iter().flat_map(|set| {
            sets.iter().map(move |other| {
                let mut both = set.clone();
                both.extend(other.iter().filter(|place| !set.contains(place)));
                both
            })
        });
        self.sets = Some(product.collect());
        Ok(())
    }

    fn sets_of(
        &mut self,
        binder: &mut Binder<'_>,
        written: &ast::Expr,
        outputs: &[(String, Typed)],
    ) -> Result<Vec<Vec<usize>>> {
        let mut composite = |groups: &mut Self, item: &[ast::Expr]| -> Result<Vec<usize>> {
            item.iter().map(|key| groups.key(binder, key, outputs)).collect()
        };
        match written {
            ast::Expr::Rollup(items) => {
                let items: Vec<Vec<usize>> =
                    items.iter().map(|item| composite(self, item)).collect::<Result<_>>()?;
                Ok((0..=items.len()).rev().map(|count| merged(items.iter().take(count))).collect())
            }
            ast::Expr::Cube(items) => {
                const ITEMS_MAX: usize = 12;
                if items.len() > ITEMS_MAX {
                    let message = format!("CUBE is limited to {ITEMS_MAX} elements");
                    return Err(Error::new("54011", message).at(written.span()));
                }
                let items: Vec<Vec<usize>> =
                    items.iter().map(|item| composite(self, item)).collect::<Result<_>>()?;
                let subsets = (0..1_usize << items.len()).rev();
                Ok(subsets
                    .map(|mask| {
                        let places = items.iter().enumerate();
                        let first = items.len().saturating_sub(1);
                        merged(
                            places
                                .filter(|(place, _)| mask >> (first - place) & 1 == 1)
                                .map(|(_, item)| item),
                        )
                    })
                    .collect())
            }
            ast::Expr::GroupingSets(sets) => sets.iter().map(|set| composite(self, set)).collect(),
            ast::Expr::Tuple(keys) => Ok(vec![composite(self, keys)?]),
            key => Ok(vec![vec![self.key(binder, key, outputs)?]]),
        }
    }

    /// The place of a key among all keys.
    fn key(
        &mut self,
        binder: &mut Binder<'_>,
        written: &ast::Expr,
        outputs: &[(String, Typed)],
    ) -> Result<usize> {
        let mut key = binder.group_key(written, outputs)?;
        if key.ty == Type::Unknown {
            key = binder.implicit(key, &Type::Text)?;
        }
        check_equality(&key.ty).map_err(|error| error.at(written.span()))?;
        if let Some(place) = self.keys.iter().position(|own| own.expr == key.expr) {
            return Ok(place);
        }
        self.keys.push(key);
        Ok(self.keys.len() - 1)
    }
}

fn merged<'a>(items: impl Iterator<Item = &'a Vec<usize>>) -> Vec<usize> {
    let mut all: Vec<usize> = Vec::new();
    for place in items.flatten() {
        if !all.contains(place) {
            all.push(*place);
        }
    }
    all
}

impl Binder<'_> {
    /// The plan aggregated as GROUP BY, HAVING and the aggregates in the clauses ask, which
    /// then are expressions over it; the plan as it is if nothing asks.
    pub(super) fn grouped(
        &mut self,
        plan: LogicalPlan,
        groups: Groups,
        clauses: &mut Clauses,
    ) -> Result<LogicalPlan> {
        let is_aggregate =
            |part: &Expr| matches!(part, Expr::AggregateFunction(_) | Expr::GroupingSet(_));
        let asked = groups.sets.is_some()
            || clauses.having.is_some()
            || clauses.expressions().any(|expr| contains(expr, is_aggregate));
        if !asked {
            return Ok(plan);
        }
        let sets = groups.sets.unwrap_or_else(|| vec![Vec::new()]);
        let scope = self.frame()?.scope.clone();
        let mut taken = Taken::new(groups.keys, &sets, scope);
        if sets.len() > 1 {
            if taken.keys.iter().any(|key| key.input.ty == Type::Interval) {
                return Err(Error::unsupported("GROUPING SETS over an interval"));
            }
            taken.rename(self);
        }
        for (place, (_, value)) in clauses.outputs.iter_mut().enumerate() {
            let span = clauses.spans.get(place).copied().unwrap_or_else(Span::empty);
            value.expr = taken.rewrite(self, value.expr.clone()).map_err(|error| error.at(span))?;
        }
        let others = clauses.order.iter_mut().map(|key| &mut key.expr);
        for expr in others.chain(&mut clauses.on).chain(&mut clauses.having) {
            *expr = taken.rewrite(self, expr.clone())?;
        }
        let plan = taken.aggregate(self, plan, &sets)?;
        match clauses.having.take() {
            Some(having) => Ok(LogicalPlan::Filter(Filter::try_new(having, Arc::new(plan))?)),
            None => Ok(plan),
        }
    }
}

/// Keys and aggregates on the way from expressions to columns.
struct Taken {
    keys: Vec<Key>,
    /// Aggregates over the input, each with the name of its column.
    aggregates: Vec<(Expr, String)>,
    /// `GROUPING(…)` by places of keys, each with the name of its column.
    groupings: Vec<(Vec<usize>, String)>,
    /// Whether there is more than one set, so that keys can be absent.
    many: bool,
    scope: Scope,
}

/// A key over the input, and what stands for it above the aggregate.
struct Key {
    input: Typed,
    /// The name of its column, where it is no column of the input.
    name: Option<String>,
}

impl Key {
    fn output(&self) -> Expr {
        match &self.name {
            Some(name) => column(name),
            None => self.input.expr.clone(),
        }
    }
}

impl Taken {
    fn new(keys: Vec<Typed>, sets: &[Vec<usize>], scope: Scope) -> Self {
        let keys = keys.into_iter().map(|input| Key { input, name: None }).collect();
        Self { keys, aggregates: vec![], groupings: vec![], many: sets.len() > 1, scope }
    }

    /// Gives every key a name of its own, as in a union.
    fn rename(&mut self, binder: &mut Binder<'_>) {
        for key in &mut self.keys {
            key.name = Some(binder.fresh('g'));
        }
    }

    /// The expression over groups. Fails with 42803 where it names a column that is no key.
    fn rewrite(&mut self, binder: &mut Binder<'_>, expr: Expr) -> Result<Expr> {
        let mut failed = None;
        let rewritten = expr.transform_down(|part| match self.part(binder, &part) {
            Ok(Some(replaced)) => Ok(Transformed::new(replaced, true, TreeNodeRecursion::Jump)),
            Ok(None) => Ok(Transformed::no(part)),
            Err(error) => {
                failed = Some(error);
                Err(DataFusionError::Plan("a column that is no key".to_owned()))
            }
        });
        match failed {
            Some(error) => Err(error),
            None => Ok(rewritten?.data),
        }
    }

    /// What stands for a part of an expression; `None` if its own parts decide.
    fn part(&mut self, binder: &mut Binder<'_>, part: &Expr) -> Result<Option<Expr>> {
        if let Some(place) = self.keys.iter().position(|key| key.input.expr == *part) {
            return self.key_output(binder, place).map(Some);
        }
        match part {
            Expr::AggregateFunction(_) => {
                let found = self.aggregates.iter().find(|(own, _)| own == part);
                if let Some((_, name)) = found {
                    return Ok(Some(column(name)));
                }
                let name = binder.fresh('a');
                self.aggregates.push((part.clone(), name.clone()));
                Ok(Some(column(&name)))
            }
            Expr::GroupingSet(GroupingSet::Cube(arguments)) => {
                self.grouping(binder, arguments).map(Some)
            }
            Expr::Column(named) => self.dependent(binder, named, "column").map(Some),
            Expr::ScalarSubquery(query) => {
                Ok(Some(Expr::ScalarSubquery(self.subquery(binder, query)?)))
            }
            Expr::Exists(test) => {
                let mut test = test.clone();
                test.subquery = self.subquery(binder, &test.subquery)?;
                Ok(Some(Expr::Exists(test)))
            }
            Expr::InSubquery(test) => {
                let mut test = test.clone();
                test.subquery = self.subquery(binder, &test.subquery)?;
                test.expr = Box::new(self.rewrite(binder, *test.expr)?);
                Ok(Some(Expr::InSubquery(test)))
            }
            Expr::SetComparison(test) => {
                let mut test = test.clone();
                test.subquery = self.subquery(binder, &test.subquery)?;
                test.expr = Box::new(self.rewrite(binder, *test.expr)?);
                Ok(Some(Expr::SetComparison(test)))
            }
            _ => Ok(None),
        }
    }

    /// What stands for a key: its column, which has a name of its own if it is computed.
    fn key_output(&mut self, binder: &mut Binder<'_>, place: usize) -> Result<Expr> {
        let Some(key) = self.keys.get_mut(place) else {
            return Err(Error::internal("a group key is not there"));
        };
        if key.input.ty == Type::Interval {
            // Equal intervals need not look alike: the group shows one of them.
            if let Some(name) = &key.name {
                return Ok(column(name));
            }
            let name = binder.fresh('g');
            key.name = Some(name.clone());
            let one = binder.one_of(key.input.clone())?;
            self.aggregates.push((one, name.clone()));
            return Ok(column(&name));
        }
        let computed = !matches!(key.input.expr, Expr::Column(_))
            || library::order_key(key.input.expr.clone(), &key.input.ty) != key.input.expr;
        if computed && key.name.is_none() {
            key.name = Some(binder.fresh('g'));
        }
        Ok(key.output())
    }

    /// A column that is no key: allowed where the keys determine its row.
    fn dependent(&mut self, binder: &mut Binder<'_>, named: &Column, what: &str) -> Result<Expr> {
        let is_key = |column: &Column| {
            self.keys.iter().any(|key| key.input.expr == Expr::Column(column.clone()))
        };
        let table = self.scope.table_of(named).filter(|_| !self.many);
        let determined =
            table.is_some_and(|table| !table.key.is_empty() && table.key.iter().all(is_key));
        let ty = self.scope.type_of(named);
        if let (true, Some(ty)) = (determined, ty) {
            let mut plain = named.clone();
            plain.spans = datafusion::common::Spans::new();
            let input = Typed::new(Expr::Column(plain), ty);
            self.keys.push(Key { input, name: None });
            return self.key_output(binder, self.keys.len() - 1);
        }
        let name = self.scope.name_of(named).unwrap_or_else(|| named.name.clone());
        let message = match what {
            "subquery" => {
                format!("subquery uses ungrouped column \"{name}\" from outer query")
            }
            _ => format!(
                "column \"{name}\" must appear in the GROUP BY clause or be used in an aggregate \
                 function"
            ),
        };
        Err(Error::new("42803", message).at(span_of(named)))
    }

    fn grouping(&mut self, binder: &mut Binder<'_>, arguments: &[Expr]) -> Result<Expr> {
        let places: Option<Vec<usize>> = arguments
            .iter()
            .map(|argument| self.keys.iter().position(|key| key.input.expr == *argument))
            .collect();
        let Some(places) = places else {
            let message =
                "arguments to GROUPING must be grouping expressions of the associated query level";
            return Err(Error::new("42803", message));
        };
        if !self.many {
            return Ok(lit(0_i32));
        }
        if let Some((_, name)) = self.groupings.iter().find(|(own, _)| *own == places) {
            return Ok(column(name));
        }
        let name = binder.fresh('g');
        self.groupings.push((places, name.clone()));
        Ok(column(&name))
    }

    /// A sub-select whose references to this select's columns become references to its groups.
    fn subquery(&mut self, binder: &mut Binder<'_>, query: &Subquery) -> Result<Subquery> {
        let mut failed = None;
        let rewritten = rewrite_outer(query, &mut |column| {
            if !self.scope.has(column) {
                return None;
            }
            let place =
                self.keys.iter().position(|key| key.input.expr == Expr::Column(column.clone()));
            let output = match place {
                Some(place) => self.key_output(binder, place),
                None => self.dependent(binder, column, "subquery"),
            };
            match output {
                Ok(Expr::Column(output)) => Some(output),
                Ok(_) => None,
                Err(error) => {
                    failed.get_or_insert(error);
                    None
                }
            }
        })?;
        match failed {
            Some(error) => Err(error),
            None => Ok(rewritten),
        }
    }

    /// The aggregate over the plan: one of each set, side by side.
    fn aggregate(
        mut self,
        binder: &mut Binder<'_>,
        plan: LogicalPlan,
        sets: &[Vec<usize>],
    ) -> Result<LogicalPlan> {
        for place in 0..self.keys.len() {
            self.key_output(binder, place)?;
        }
        if self.aggregates.is_empty() && sets.iter().any(Vec::is_empty) {
            // DataFusion has no aggregate of nothing; one that is not read stands in.
            let count = binder.count_star()?;
            let name = binder.fresh('a');
            self.aggregates.push((count, name));
        }
        if let ([set], false) = (sets, self.many) {
            let all: Vec<usize> = (0..self.keys.len()).collect();
            let _ = set;
            return self.one_set(binder, plan, &all);
        }
        let mut inputs = Vec::with_capacity(sets.len());
        for set in sets {
            binder.count_relation()?;
            let grouped = self.one_set(binder, plan.clone(), set)?;
            inputs.push(Arc::new(self.padded(grouped, set)?));
        }
        Ok(LogicalPlan::Union(Union::try_new(inputs)?))
    }

    /// One aggregate, over a projection of just what it reads.
    fn one_set(
        &self,
        binder: &mut Binder<'_>,
        plan: LogicalPlan,
        set: &[usize],
    ) -> Result<LogicalPlan> {
        let mut below = Below::default();
        let mut group = Vec::new();
        for key in set.iter().filter_map(|place| self.keys.get(*place)) {
            let keyed = match key.input.ty {
                Type::Float4 | Type::Float8 | Type::Interval | Type::Jsonb => {
                    library::order_key(key.input.expr.clone(), &key.input.ty)
                }
                _ => key.input.expr.clone(),
            };
            match &key.name {
                _ if key.input.ty == Type::Interval => group.push(below.column(binder, keyed)),
                Some(name) if !self.many => {
                    below.expressions.push(keyed.alias(name));
                    group.push(column(name));
                }
                Some(_) => group.push(below.column(binder, keyed)),
                None => {
                    below.keep(&key.input.expr);
                    group.push(key.input.expr.clone());
                }
            }
        }
        let mut aggregates = Vec::new();
        for (aggregate, name) in &self.aggregates {
            let over_columns = below.over_columns(binder, aggregate.clone())?;
            aggregates.push(over_columns.alias(name));
        }
        let input = match below.expressions.is_empty() {
            true => plan,
            false => {
                LogicalPlan::Projection(Projection::try_new(below.expressions, Arc::new(plan))?)
            }
        };
        let plan = Aggregate::try_new(Arc::new(input), group.clone(), aggregates)?;
        if !self.many {
            return Ok(LogicalPlan::Aggregate(plan));
        }
        // Give the keys of this set their names in the union.
        let keys = set
            .iter()
            .zip(group)
            .filter_map(|(place, expr)| Some(expr.alias(self.keys.get(*place)?.name.as_deref()?)));
        let aggregates = self.aggregates.iter().map(|(_, name)| column(name));
        let named = keys.chain(aggregates).collect();
        let plan = LogicalPlan::Aggregate(plan);
        Ok(LogicalPlan::Projection(Projection::try_new(named, Arc::new(plan))?))
    }

    /// The columns of every set in one order: NULL for the keys that this set lacks.
    fn padded(&self, plan: LogicalPlan, set: &[usize]) -> Result<LogicalPlan> {
        let mut all = Vec::new();
        for (place, key) in self.keys.iter().enumerate() {
            let name = key.name.as_deref().unwrap_or_default();
            all.push(match set.contains(&place) {
                true => column(name),
                false => {
                    let null = ScalarValue::try_from(&key.input.ty.arrow())?;
                    Expr::Literal(null, None).alias(name)
                }
            });
        }
        all.extend(self.aggregates.iter().map(|(_, name)| column(name)));
        for (places, name) in &self.groupings {
            let bits = places
                .iter()
                .fold(0_i32, |bits, place| bits << 1 | i32::from(!set.contains(place)));
            all.push(lit(bits).alias(name));
        }
        Ok(LogicalPlan::Projection(Projection::try_new(all, Arc::new(plan))?))
    }
}

/// Where a column was written.
fn span_of(named: &Column) -> Span {
    let place =
        |location: datafusion::common::Location| Location::new(location.line, location.column);
    named
        .spans
        .first()
        .map_or_else(Span::empty, |span| Span::new(place(span.start), place(span.end)))
}
