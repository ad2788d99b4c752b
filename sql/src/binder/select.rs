//! SELECT: from FROM to a list of outputs over a plan, and from there to rows.
use std::sync::Arc;

use datafusion::logical_expr::{EmptyRelation, Expr, Filter, LogicalPlan, SortExpr, lit};
use sqlparser::ast::{self, Distinct, SelectItem, SelectItemQualifiedWildcardKind, Spanned};
use sqlparser::tokenizer::Span;

use super::grouping::Groups;
use super::identifier::{fold, qualified};
use super::order::{check_position, position};
use super::output_name::output_name;
use super::query::{RowLimit, Rows};
use super::scope::Visible;
use super::set_returning::returns_set;
use super::state::Frame;
use super::{Binder, Clause, Scope, Typed};
use crate::types::Type;
use crate::{Error, Result};

/// A select up to its list, which is not projected yet.
pub(super) struct Block {
    pub(super) plan: LogicalPlan,
    /// Names with expressions over `plan`.
    pub(super) outputs: Vec<(String, Typed)>,
    pub(super) order: Vec<SortExpr>,
    pub(super) distinct: Distinctness,
}

/// Which of equal rows stay.
pub(super) enum Distinctness {
    /// All.
    None,
    /// One of those that are equal.
    All,
    /// The first of those that are equal in these keys.
    On(Vec<Expr>),
}

/// What a select's clauses were bound to, before aggregates and windows are taken out.
pub(super) struct Clauses {
    pub(super) outputs: Vec<(String, Typed)>,
    pub(super) spans: Vec<Span>,
    pub(super) order: Vec<SortExpr>,
    pub(super) on: Vec<Expr>,
    pub(super) having: Option<Expr>,
}

impl Clauses {
    /// Every expression, to be rewritten in place.
    pub(super) fn expressions(&mut self) -> impl Iterator<Item = &mut Expr> {
        let outputs = self.outputs.iter_mut().map(|(_, value)| &mut value.expr);
        outputs
            .chain(self.order.iter_mut().map(|key| &mut key.expr))
            .chain(&mut self.on)
            .chain(&mut self.having)
    }
}

impl Binder<'_> {
    /// Binds a select, with the ORDER BY that follows it.
    pub(super) fn select(
        &mut self,
        select: &ast::Select,
        order: &[ast::OrderByExpr],
    ) -> Result<Block> {
        check_clauses(select)?;
        self.count_relation()?;
        self.frames.push(Frame::default());
        let bound = self.deeper(1, |binder| binder.select_in_frame(select, order));
        let _ = self.frames.pop();
        bound
    }

    fn select_in_frame(
        &mut self,
        select: &ast::Select,
        order: &[ast::OrderByExpr],
    ) -> Result<Block> {
        self.named_windows(&select.named_window)?;
        let (mut plan, scope) = self.from(&select.from)?;
        self.frame()?.scope = scope;
        if let Some(condition) = &select.selection {
            let predicate = self.condition(condition, Clause::Where)?;
            plan = LogicalPlan::Filter(Filter::try_new(predicate, Arc::new(plan))?);
        }
        let mut clauses = Clauses {
            outputs: Vec::new(),
            spans: Vec::new(),
            order: Vec::new(),
            on: Vec::new(),
            having: None,
        };
        for item in &select.projection {
            self.select_item(item, &mut clauses)?;
        }
        if let Some(Distinct::On(keys)) = &select.distinct {
            for key in keys {
                let value = self.order_value(key, &clauses.outputs, Clause::DistinctOn)?;
                let key = super::library::order_key(value.expr, &value.ty);
                if !clauses.on.contains(&key) {
                    clauses.on.push(key);
                }
            }
        }
        for key in order {
            let value = self.order_value(&key.expr, &clauses.outputs, Clause::OrderBy)?;
            clauses.order.push(self.sort_key(value, &key.options)?);
        }
        let groups = self.group_by(&select.group_by, &clauses.outputs)?;
        if let Some(condition) = &select.having {
            clauses.having = Some(self.condition(condition, Clause::Having)?);
        }
        let plan = self.grouped(plan, groups, &mut clauses)?;
        let plan = self.windowed(plan, &mut clauses)?;
        let plan = self.unfolded(plan, &mut clauses)?;
        let distinct = match &select.distinct {
            None | Some(Distinct::All) => Distinctness::None,
            Some(Distinct::Distinct) => Distinctness::All,
            Some(Distinct::On(_)) => Distinctness::On(std::mem::take(&mut clauses.on)),
        };
        check_order(&distinct, &clauses, order)?;
        Ok(Block { plan, outputs: clauses.outputs, order: clauses.order, distinct })
    }

    /// Projects a select's list; unknown literals become text, or of `types` where given.
    pub(super) fn finish(
        &mut self,
        block: Block,
        types: Option<&[Type]>,
        limit: RowLimit,
    ) -> Result<Rows> {
        let Block { mut plan, mut outputs, mut order, distinct } = block;
        for (place, (_, value)) in outputs.iter_mut().enumerate() {
            if value.ty == Type::Unknown {
                let ty = types.and_then(|types| types.get(place)).unwrap_or(&Type::Text);
                *value = self.implicit(value.clone(), ty)?;
            }
        }
        match distinct {
            Distinctness::None => self.sorted(plan, outputs, order, limit),
            Distinctness::All => {
                let values: Vec<Expr> =
                    outputs.iter().map(|(_, value)| value.expr.clone()).collect();
                let mut columns = Vec::new();
                let plan = self.project(plan, outputs, &mut columns)?;
                let rows = self.distinct(Rows { plan, columns })?;
                // Sort keys are among the values: they become the columns of those.
                for key in &mut order {
                    key.expr = distinct_column(&key.expr, &values, &rows)?;
                }
                let outputs = rows
                    .columns
                    .into_iter()
                    .map(|one| (one.name, Typed::new(Expr::Column(one.column), one.ty)))
                    .collect();
                self.sorted(rows.plan, outputs, order, limit)
            }
            Distinctness::On(keys) => {
                let (numbered, number) = self.numbered(plan, keys, order.clone())?;
                let first = number.eq(lit(1_i64));
                plan = LogicalPlan::Filter(Filter::try_new(first, Arc::new(numbered))?);
                self.sorted(plan, outputs, order, limit)
            }
        }
    }

    fn select_item(&mut self, item: &SelectItem, clauses: &mut Clauses) -> Result<()> {
        let mut push = |name: String, value: Typed, span: Span| {
            clauses.outputs.push((name, value));
            clauses.spans.push(span);
        };
        match item {
            SelectItem::UnnamedExpr(written) => {
                let value = self.expression(written, Clause::Select)?;
                push(output_name(written), value, written.span());
            }
            SelectItem::ExprWithAlias { alias, .. } if alias.quote_style == Some('\'') => {
                // Two texts without a comma between them, most likely.
                let message = format!("syntax error at or near \"'{}'\"", alias.value);
                return Err(Error::new("42601", message).at(alias.span));
            }
            SelectItem::ExprWithAlias { expr, alias } => {
                let value = self.expression(expr, Clause::Select)?;
                push(fold(alias), value, expr.span());
            }
            SelectItem::ExprWithAliases { .. } => {
                return Err(Error::unsupported("more than one alias for an expression"));
            }
            SelectItem::Wildcard(options) => {
                let span = options.wildcard_token.0.span;
                check_wildcard(options)?;
                let scope = &self.frame()?.scope;
                if scope.visible.is_empty() && scope.tables.is_empty() {
                    let message = "SELECT * with no tables specified is not valid";
                    return Err(Error::new("42601", message).at(span));
                }
                for column in scope.visible.iter().filter(|column| !column.hidden) {
                    push(column.name.clone(), column.value.clone(), span);
                }
            }
            SelectItem::QualifiedWildcard(kind, options) => {
                check_wildcard(options)?;
                let SelectItemQualifiedWildcardKind::ObjectName(name) = kind else {
                    return Err(Error::unsupported("(expression).*"));
                };
                for column in self.whole_table(name)? {
                    push(column.name, column.value, name.span());
                }
            }
        }
        Ok(())
    }

    /// The columns of `t.*`, here or in an enclosing select.
    fn whole_table(&mut self, name: &ast::ObjectName) -> Result<Vec<Visible>> {
        let span = name.span();
        let (schema, table) = qualified(name)?;
        for level in (0..self.frames.len()).rev() {
            let Some(frame) = self.frames.get(level) else { continue };
            let Some(found) = frame.scope.table(schema.as_deref(), &table, span)? else { continue };
            let columns: Vec<Visible> =
                found.columns.iter().filter(|column| !column.hidden).cloned().collect();
            return columns
                .into_iter()
                .map(|column| {
                    let value = self.reference(column.value, level)?;
                    Ok(Visible { value, ..column })
                })
                .collect();
        }
        Err(self.no_such_table(&table).at(span))
    }

    /// A key of ORDER BY or DISTINCT ON: an output by name or position, or else an expression.
    fn order_value(
        &mut self,
        written: &ast::Expr,
        outputs: &[(String, Typed)],
        clause: Clause,
    ) -> Result<Typed> {
        check_position(written, clause.name())?;
        if let ast::Expr::Value(value) = written {
            let place = position(&value.value, outputs.len(), clause.name())
                .map_err(|error| error.at(written.span()))?;
            if let Some((_, value)) = place.and_then(|place| outputs.get(place)) {
                return Ok(value.clone());
            }
        }
        if let Some((_, value)) =
            self.output_place(written, outputs)?.and_then(|place| outputs.get(place))
        {
            return Ok(value.clone());
        }
        self.expression(written, clause)
    }

    /// The keys of GROUP BY; none without the clause.
    fn group_by(
        &mut self,
        written: &ast::GroupByExpr,
        outputs: &[(String, Typed)],
    ) -> Result<Groups> {
        let ast::GroupByExpr::Expressions(keys, modifiers) = written else {
            return Err(Error::unsupported("GROUP BY ALL"));
        };
        if !modifiers.is_empty() {
            return Err(Error::unsupported("WITH ROLLUP").with_hint("Write GROUP BY ROLLUP (…)."));
        }
        let mut groups = Groups::default();
        for key in keys {
            groups.add(self, key, outputs)?;
        }
        Ok(groups)
    }

    /// A key of GROUP BY: a column of FROM, an output by name or position, or an expression.
    pub(super) fn group_key(
        &mut self,
        written: &ast::Expr,
        outputs: &[(String, Typed)],
    ) -> Result<Typed> {
        let span = written.span();
        check_position(written, "GROUP BY")?;
        let output = match written {
            ast::Expr::Value(value) => {
                position(&value.value, outputs.len(), "GROUP BY").map_err(|error| error.at(span))?
            }
            ast::Expr::Identifier(name) => {
                let name = fold(name);
                match self.frame()?.scope.column(&name, span)? {
                    Some(_) => None,
                    None => super::order::named(&name, outputs).map_err(|error| error.at(span))?,
                }
            }
            _ => None,
        };
        let Some((_, value)) = output.and_then(|place| outputs.get(place)) else {
            return self.expression(written, Clause::GroupBy);
        };
        if contains(&value.expr, |part| matches!(part, Expr::AggregateFunction(_))) {
            return Err(
                Error::new("42803", "aggregate functions are not allowed in GROUP BY").at(span)
            );
        }
        if returns_set(&value.expr) {
            return Err(Error::unsupported("GROUP BY a set-returning function").at(span));
        }
        if contains(&value.expr, |part| matches!(part, Expr::GroupingSet(_))) {
            let message = "grouping operations are not allowed in GROUP BY";
            return Err(Error::new("42803", message).at(span));
        }
        if contains(&value.expr, |part| matches!(part, Expr::WindowFunction(_))) {
            return Err(
                Error::new("42P20", "window functions are not allowed in GROUP BY").at(span)
            );
        }
        Ok(value.clone())
    }
}

/// The column that stands for a sort key after DISTINCT.
fn distinct_column(key: &Expr, values: &[Expr], rows: &Rows) -> Result<Expr> {
    for (value, column) in values.iter().zip(&rows.columns) {
        let keyed = super::library::order_key(value.clone(), &column.ty);
        if *key == keyed || key == value {
            let column_expr = Expr::Column(column.column.clone());
            return Ok(super::library::order_key(column_expr, &column.ty));
        }
    }
    Err(Error::new("42P10", "for SELECT DISTINCT, ORDER BY expressions must appear in select list"))
}

/// DISTINCT asks of ORDER BY that its keys are outputs; DISTINCT ON that they start with its own.
fn check_order(
    distinct: &Distinctness,
    clauses: &Clauses,
    written: &[ast::OrderByExpr],
) -> Result<()> {
    match distinct {
        Distinctness::None => Ok(()),
        Distinctness::All => {
            for (key, written) in clauses.order.iter().zip(written) {
                let found = clauses.outputs.iter().any(|(_, value)| {
                    value.expr == key.expr
                        || super::library::order_key(value.expr.clone(), &value.ty) == key.expr
                });
                if !found {
                    let message =
                        "for SELECT DISTINCT, ORDER BY expressions must appear in select list";
                    return Err(Error::new("42P10", message).at(written.expr.span()));
                }
            }
            Ok(())
        }
        Distinctness::On(keys) => {
            for (key, written) in clauses.order.iter().zip(written).take(keys.len()) {
                if !keys.contains(&key.expr) {
                    let message =
                        "SELECT DISTINCT ON expressions must match initial ORDER BY expressions";
                    return Err(Error::new("42P10", message).at(written.expr.span()));
                }
            }
            Ok(())
        }
    }
}

/// Whether some part of an expression is such a one.
pub(super) fn contains(expr: &Expr, test: impl Fn(&Expr) -> bool) -> bool {
    use datafusion::common::tree_node::TreeNode;
    expr.exists(|part| Ok(test(part))).unwrap_or(false)
}

/// A plan of one row without columns.
pub(super) fn one_row() -> LogicalPlan {
    LogicalPlan::EmptyRelation(EmptyRelation {
        produce_one_row: true,
        schema: Arc::new(datafusion::common::DFSchema::empty()),
    })
}

/// A scope without anything in it, for a select without FROM.
pub(super) fn no_scope() -> Scope {
    Scope::default()
}

fn check_wildcard(options: &ast::WildcardAdditionalOptions) -> Result<()> {
    let plain = options.opt_ilike.is_none()
        && options.opt_exclude.is_none()
        && options.opt_except.is_none()
        && options.opt_replace.is_none()
        && options.opt_rename.is_none()
        && options.opt_alias.is_none();
    match plain {
        true => Ok(()),
        false => Err(Error::unsupported("* with EXCEPT, REPLACE or RENAME")
            .at(options.wildcard_token.0.span)),
    }
}

/// Refuses clauses of other databases.
fn check_clauses(select: &ast::Select) -> Result<()> {
    let foreign: [(bool, &str); 11] = [
        (select.top.is_some(), "TOP"),
        (select.exclude.is_some(), "EXCLUDE"),
        (select.into.is_some(), "SELECT … INTO"),
        (!select.lateral_views.is_empty(), "LATERAL VIEW"),
        (select.prewhere.is_some(), "PREWHERE"),
        (!select.connect_by.is_empty(), "CONNECT BY"),
        (!select.cluster_by.is_empty(), "CLUSTER BY"),
        (!select.distribute_by.is_empty(), "DISTRIBUTE BY"),
        (!select.sort_by.is_empty(), "SORT BY"),
        (select.qualify.is_some(), "QUALIFY"),
        (select.value_table_mode.is_some(), "SELECT AS VALUE"),
    ];
    match foreign.iter().find(|(there, _)| *there) {
        Some((_, name)) => {
            let refused = Error::unsupported(name).at(select.select_token.0.span);
            Err(match select.into.is_some() {
                true => refused.with_hint("Write CREATE TABLE … AS SELECT …."),
                false => refused,
            })
        }
        None => Ok(()),
    }
}
