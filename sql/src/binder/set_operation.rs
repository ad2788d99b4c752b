//! UNION, INTERSECT, EXCEPT, with ALL or without.
//!
//! Columns are matched by position and made of one type. UNION without ALL is an aggregate of
//! all columns over UNION ALL. INTERSECT and EXCEPT are semi and anti joins in which NULL equals
//! NULL; with ALL over rows that are numbered among their equals.
use std::sync::Arc;

use datafusion::common::{Column, JoinType, NullEquality};
use datafusion::logical_expr::{
    Aggregate, Expr, Join, JoinConstraint, LogicalPlan, Projection, Union,
};
use sqlparser::ast::{SetExpr, SetOperator, SetQuantifier, Spanned};
use sqlparser::tokenizer::Span;

use super::coerce::common_type;
use super::order::all_columns;
use super::query::{RowLimit, Rows};
use super::select::Block;
use super::state::column;
use super::{Binder, OutputColumn, Typed, library};
use crate::types::Type;
use crate::{Error, Result};

/// One side of a set operation: a select whose literals can still become of any type, or
/// rows whose types are settled.
enum Side {
    Open(Box<Block>),
    Settled(Rows),
}

impl Side {
    /// Where the column at this place was written.
    fn place(&self, place: usize) -> Span {
        match self {
            Side::Open(block) => {
                block.outputs.get(place).map_or_else(Span::empty, |(_, value)| value.span)
            }
            Side::Settled(_) => Span::empty(),
        }
    }

    fn types(&self) -> Vec<Type> {
        match self {
            Side::Open(block) => block.outputs.iter().map(|(_, value)| value.ty.clone()).collect(),
            Side::Settled(rows) => rows.columns.iter().map(|column| column.ty.clone()).collect(),
        }
    }
}

impl Binder<'_> {
    /// Binds a body that is no select.
    pub(super) fn set_expression(
        &mut self,
        body: &SetExpr,
        types: Option<&[Type]>,
    ) -> Result<Rows> {
        match body {
            SetExpr::Values(values) => {
                self.count_relation()?;
                self.values(values, types)
            }
            SetExpr::Query(query) => self.query_as(query, types),
            SetExpr::SetOperation { .. } => {
                let side = self.side(body)?;
                self.settled(side, types)
            }
            SetExpr::Select(select) => {
                let block = self.select(select, &[])?;
                self.finish(block, types, RowLimit::default())
            }
            SetExpr::Table(_) => {
                Err(Error::unsupported("TABLE inside a query").with_hint("Write SELECT * FROM …"))
            }
            SetExpr::Insert(_) | SetExpr::Update(_) | SetExpr::Delete(_) | SetExpr::Merge(_) => {
                Err(Error::unsupported("a statement that writes inside a query"))
            }
        }
    }

    /// A chain of operations, whose left sides may be many levels deep.
    fn side(&mut self, body: &SetExpr) -> Result<Side> {
        let mut rest = Vec::new();
        let mut first = body;
        while let SetExpr::SetOperation { left, op, set_quantifier, right } = first {
            rest.push((*op, *set_quantifier, right.as_ref()));
            first = left;
        }
        let mut side = self.leaf(first)?;
        for (op, quantifier, right) in rest.into_iter().rev() {
            let other = self.deeper(1, |binder| match right {
                SetExpr::SetOperation { .. } => binder.side(right),
                _ => binder.leaf(right),
            })?;
            let rows = self
                .combine(op, quantifier, side, other)
                .map_err(|error| error.at(right.span()))?;
            side = Side::Settled(rows);
        }
        Ok(side)
    }

    fn leaf(&mut self, body: &SetExpr) -> Result<Side> {
        match body {
            SetExpr::Select(select) => Ok(Side::Open(Box::new(self.select(select, &[])?))),
            other => Ok(Side::Settled(self.set_expression(other, None)?)),
        }
    }

    /// A side's rows, its columns of these types where given.
    fn settled(&mut self, side: Side, types: Option<&[Type]>) -> Result<Rows> {
        match side {
            Side::Open(block) => self.finish(*block, types, RowLimit::default()),
            Side::Settled(rows) => Ok(rows),
        }
    }

    fn combine(
        &mut self,
        op: SetOperator,
        quantifier: SetQuantifier,
        left: Side,
        right: Side,
    ) -> Result<Rows> {
        let name = match op {
            SetOperator::Union => "UNION",
            SetOperator::Intersect => "INTERSECT",
            SetOperator::Except | SetOperator::Minus => "EXCEPT",
        };
        let all = match quantifier {
            SetQuantifier::All => true,
            SetQuantifier::None | SetQuantifier::Distinct => false,
            _ => return Err(Error::unsupported(format!("{name} BY NAME"))),
        };
        let (ours, theirs) = (left.types(), right.types());
        if ours.len() != theirs.len() {
            return Err(Error::new(
                "42601",
                format!("each {name} query must have the same number of columns"),
            )
            .at(right.place(0)));
        }
        let common: Vec<Type> = ours
            .into_iter()
            .zip(theirs)
            .enumerate()
            .map(|(place, (ours, theirs))| {
                common_type(&[ours, theirs], name).map_err(|error| error.at(right.place(place)))
            })
            .collect::<Result<_>>()?;
        let left = self.settled(left, Some(&common))?;
        let left = self.of_types(left, &common, name)?;
        let right = self.settled(right, Some(&common))?;
        let right = self.of_types(right, &common, name)?;
        match (op, all) {
            (SetOperator::Union, true) => self.union(left, right),
            (SetOperator::Union, false) => {
                let rows = self.union(left, right)?;
                self.distinct(rows)
            }
            (SetOperator::Intersect, all) => self.filtered(left, right, JoinType::LeftSemi, all),
            (_, all) => self.filtered(left, right, JoinType::LeftAnti, all),
        }
    }

    /// The rows with columns of exactly these types.
    fn of_types(&mut self, rows: Rows, types: &[Type], name: &str) -> Result<Rows> {
        let same = rows.columns.iter().zip(types).all(|(column, ty)| column.ty == *ty);
        if same {
            return Ok(rows);
        }
        let mut outputs = Vec::new();
        for (column, ty) in rows.columns.into_iter().zip(types) {
            let value = Typed::new(Expr::Column(column.column), column.ty);
            outputs.push((column.name, self.commonly(value, ty, name)?));
        }
        let mut columns = Vec::new();
        let plan = self.project(rows.plan, outputs, &mut columns)?;
        Ok(Rows { plan, columns })
    }

    fn union(&mut self, left: Rows, right: Rows) -> Result<Rows> {
        // The columns of a union are named after those of its first input, unqualified.
        let mut inputs = match left.plan {
            LogicalPlan::Union(union) => union.inputs,
            plan => {
                let named = left
                    .columns
                    .iter()
                    .map(|column| Expr::Column(column.column.clone()).alias(self.fresh('u')))
                    .collect();
                let plan = Projection::try_new(named, Arc::new(plan))?;
                vec![Arc::new(LogicalPlan::Projection(plan))]
            }
        };
        inputs.push(Arc::new(right.plan));
        let plan = LogicalPlan::Union(Union::try_new(inputs)?);
        let columns = left
            .columns
            .into_iter()
            .zip(plan.schema().columns())
            .map(|(output, column)| OutputColumn { column, ..output })
            .collect();
        Ok(Rows { plan, columns })
    }

    /// The rows without repetitions.
    pub(super) fn distinct(&mut self, rows: Rows) -> Result<Rows> {
        if rows.columns.is_empty() {
            return Ok(rows);
        }
        if rows.columns.iter().any(|column| column.ty == Type::Interval) {
            return self.distinct_intervals(rows);
        }
        let rows = self.comparable(rows)?;
        let all = all_columns(&rows.plan);
        let plan = Aggregate::try_new(Arc::new(rows.plan), all, Vec::new())?;
        Ok(Rows { plan: LogicalPlan::Aggregate(plan), columns: rows.columns })
    }

    /// The same where some columns are intervals, equal ones of which need not look alike.
    fn distinct_intervals(&mut self, rows: Rows) -> Result<Rows> {
        let rows = self.comparable(rows)?;
        let (mut keys, mut ones, mut below) = (Vec::new(), Vec::new(), Vec::new());
        let mut columns = Vec::new();
        for output in rows.columns {
            let expr = Expr::Column(output.column.clone());
            below.push(expr.clone());
            if output.ty != Type::Interval {
                keys.push(expr);
                columns.push(output);
                continue;
            }
            let (key, name) = (self.fresh('x'), self.fresh('o'));
            below.push(library::order_key(expr.clone(), &output.ty).alias(&key));
            keys.push(column(&key));
            ones.push(self.one_of(Typed::new(expr, Type::Interval))?.alias(&name));
            columns.push(OutputColumn { column: Column::new_unqualified(name), ..output });
        }
        let plan = Projection::try_new(below, Arc::new(rows.plan))?;
        let plan = Aggregate::try_new(Arc::new(LogicalPlan::Projection(plan)), keys, ones)?;
        let kept = columns.iter().map(|one| Expr::Column(one.column.clone())).collect();
        let plan = Projection::try_new(kept, Arc::new(LogicalPlan::Aggregate(plan)))?;
        Ok(Rows { plan: LogicalPlan::Projection(plan), columns })
    }

    /// The rows with columns that Arrow compares as PostgreSQL does.
    fn comparable(&mut self, rows: Rows) -> Result<Rows> {
        for column in &rows.columns {
            check_equality(&column.ty)?;
        }
        let has_key = |ty: &Type| matches!(ty, Type::Float4 | Type::Float8 | Type::Jsonb);
        if !rows.columns.iter().any(|column| has_key(&column.ty)) {
            return Ok(rows);
        }
        let mut outputs = Vec::new();
        for output in rows.columns {
            let expr = Expr::Column(output.column);
            let expr = match has_key(&output.ty) {
                true => library::order_key(expr, &output.ty),
                false => expr,
            };
            outputs.push((output.name, Typed::new(expr, output.ty)));
        }
        let mut columns = Vec::new();
        let plan = self.project(rows.plan, outputs, &mut columns)?;
        Ok(Rows { plan, columns })
    }

    /// The rows of `left` that are, or are not, among those of `right`.
    fn filtered(&mut self, left: Rows, right: Rows, join: JoinType, all: bool) -> Result<Rows> {
        let (left, right) = match all {
            true => (self.comparable(left)?, self.comparable(right)?),
            false => (self.distinct(left)?, self.comparable(right)?),
        };
        let mut keys: Vec<(Expr, Expr)> = left
            .columns
            .iter()
            .zip(&right.columns)
            .map(|(left, right)| {
                let key = |column: &OutputColumn| match column.ty {
                    Type::Interval => {
                        library::order_key(Expr::Column(column.column.clone()), &column.ty)
                    }
                    _ => Expr::Column(column.column.clone()),
                };
                (key(left), key(right))
            })
            .collect();
        let (mut plan, mut other) = (left.plan, right.plan);
        if all {
            let columns = |sides: &[(Expr, Expr)], first: bool| -> Vec<Expr> {
                let side = sides.iter().map(|(left, right)| if first { left } else { right });
                side.cloned().collect()
            };
            let (numbered, number) = self.numbered(plan, columns(&keys, true), Vec::new())?;
            let (others, other_number) = self.numbered(other, columns(&keys, false), Vec::new())?;
            (plan, other) = (numbered, others);
            keys.push((number, other_number));
        }
        let join = Join::try_new(
            Arc::new(plan),
            Arc::new(other),
            keys,
            None,
            join,
            JoinConstraint::On,
            NullEquality::NullEqualsNull,
            false,
        )?;
        let mut plan = LogicalPlan::Join(join);
        if all {
            let kept = left.columns.iter().map(|one| Expr::Column(one.column.clone())).collect();
            plan = LogicalPlan::Projection(Projection::try_new(kept, Arc::new(plan))?);
        }
        Ok(Rows { plan, columns: left.columns })
    }
}

/// Refuses a type that has no equality.
pub(super) fn check_equality(ty: &Type) -> Result<()> {
    match ty {
        Type::Json => Err(Error::new(
            "42883",
            format!("could not identify an equality operator for type {ty}"),
        )),
        _ => Ok(()),
    }
}
