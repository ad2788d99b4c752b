//! `TUMBLE(t, ts, size)`, `HOP(t, ts, slide, size)`: rows with the windows that they are in.
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use datafusion::common::{Column, DFSchema, DFSchemaRef, ExprSchema, ScalarValue};
use datafusion::error::{DataFusionError, Result as PlanResult};
use datafusion::logical_expr::{Expr, Extension, LogicalPlan, UserDefinedLogicalNodeCore};
use sqlparser::ast::{self, FunctionArg, FunctionArgExpr, Spanned, TableFactor};

use super::from::Item;
use super::scope::Visible;
use super::{Binder, Clause, Scope, Typed};
use crate::functions::CastContext;
use crate::types::Type;
use crate::{Error, Result};

/// The most windows that a row may be in.
pub const WINDOWS_PER_ROW_MAX: i64 = 10_000;

/// Each row of `input`, once for every window it is in, with the start and end of the window
/// as two more columns of the time column's type.
///
/// Windows are `size` long; one starts at `offset` and one every `slide` before and after it;
/// a row is in a window if start ≤ time < end. A row whose time is NULL or infinite is in none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WindowTable {
    /// The rows.
    pub input: LogicalPlan,
    /// The column of event time: a timestamp, with time zone or without.
    pub time: Expr,
    /// The length of a window, in microseconds; a multiple of nothing in particular, above 0.
    pub size: i64,
    /// From one window's start to the next's, in microseconds; equal to `size` for TUMBLE.
    pub slide: i64,
    /// Where one of the windows starts, in microseconds since 1970.
    pub offset: i64,
    /// The unqualified names of the two columns: start, end.
    pub bounds: [String; 2],
    schema: DFSchemaRef,
}

impl WindowTable {
    /// The node, whose `time` is a column of `input`.
    pub fn try_new(
        input: LogicalPlan,
        time: Expr,
        lengths: Lengths,
        bounds: [String; 2],
    ) -> PlanResult<Self> {
        let Expr::Column(column) = &time else {
            return Err(DataFusionError::Plan("a window's time is no column".to_owned()));
        };
        let field = input.schema().field_from_column(column)?;
        let added = bounds.iter().map(|name| {
            (None, Arc::new(field.as_ref().clone().with_name(name).with_nullable(false)))
        });
        let own = input.schema().iter().map(|(table, field)| (table.cloned(), Arc::clone(field)));
        let fields = own.chain(added).collect();
        let metadata = input.schema().as_ref().metadata().clone();
        let schema = Arc::new(DFSchema::new_with_metadata(fields, metadata)?);
        let Lengths { size, slide, offset } = lengths;
        Ok(Self { input, time, size, slide, offset, bounds, schema })
    }

    fn lengths(&self) -> Lengths {
        Lengths { size: self.size, slide: self.slide, offset: self.offset }
    }
}

/// How long windows are and where they start, in microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lengths {
    /// From a window's start to its end.
    pub size: i64,
    /// From a window's start to the next one's.
    pub slide: i64,
    /// The start of one of them, since 1970.
    pub offset: i64,
}

impl PartialOrd for WindowTable {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        match self.input.partial_cmp(&other.input) {
            Some(Ordering::Equal) => {
                let key = |node: &Self| (node.size, node.slide, node.offset);
                key(self).partial_cmp(&key(other)).filter(|found| found.is_ne() || self == other)
            }
            found => found,
        }
    }
}

impl Hash for WindowTable {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.input.hash(state);
        self.time.hash(state);
        (self.size, self.slide, self.offset).hash(state);
        self.bounds.hash(state);
    }
}

impl UserDefinedLogicalNodeCore for WindowTable {
    fn name(&self) -> &str {
        "WindowTable"
    }

    fn inputs(&self) -> Vec<&LogicalPlan> {
        vec![&self.input]
    }

    fn schema(&self) -> &DFSchemaRef {
        &self.schema
    }

    fn expressions(&self) -> Vec<Expr> {
        vec![self.time.clone()]
    }

    fn fmt_for_explain(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "WindowTable: time={}, size={}us, slide={}us", self.time, self.size, self.slide)?;
        if self.offset != 0 {
            write!(f, ", offset={}us", self.offset)?;
        }
        write!(f, ", bounds=[{}]", self.bounds.join(", "))
    }

    fn with_exprs_and_inputs(
        &self,
        exprs: Vec<Expr>,
        inputs: Vec<LogicalPlan>,
    ) -> PlanResult<Self> {
        let (Ok([time]), Ok([input])) =
            (<[Expr; 1]>::try_from(exprs), <[LogicalPlan; 1]>::try_from(inputs))
        else {
            return Err(DataFusionError::Internal("a window has one input".to_owned()));
        };
        // The optimiser wraps what it rewrites in an alias.
        Self::try_new(input, time.unalias(), self.lengths(), self.bounds.clone())
    }

    fn necessary_children_exprs(&self, output_columns: &[usize]) -> Option<Vec<Vec<usize>>> {
        let width = self.input.schema().fields().len();
        let Expr::Column(time) = &self.time else { return None };
        let time = self.input.schema().maybe_index_of_column(time)?;
        let mut needed: Vec<usize> =
            output_columns.iter().copied().filter(|place| *place < width).collect();
        if !needed.contains(&time) {
            needed.push(time);
        }
        needed.sort_unstable();
        Some(vec![needed])
    }
}

impl Binder<'_> {
    /// Binds TUMBLE or HOP.
    pub(super) fn window_table(
        &mut self,
        name: &ast::ObjectName,
        plain: &str,
        arguments: &[FunctionArg],
        left: &Scope,
    ) -> Result<Item> {
        let written: Vec<&ast::Expr> = arguments
            .iter()
            .map(|argument| match argument {
                FunctionArg::Unnamed(FunctionArgExpr::Expr(written))
                | FunctionArg::Named { arg: FunctionArgExpr::Expr(written), .. }
                | FunctionArg::ExprNamed { arg: FunctionArgExpr::Expr(written), .. } => Ok(written),
                FunctionArg::Unnamed(other)
                | FunctionArg::Named { arg: other, .. }
                | FunctionArg::ExprNamed { arg: other, .. } => {
                    Err(Error::unsupported(format!("{other} in {plain}(…)")).at(name.span()))
                }
            })
            .collect::<Result<_>>()?;
        let shape = |name: &str| match name {
            "hop" => "HOP(table, time column, slide, size [, offset])",
            _ => "TUMBLE(table, time column, size [, offset])",
        };
        let (table, time, lengths) = match (plain, written.as_slice()) {
            ("tumble", [table, time, size]) => (table, time, [Some(size), None, None]),
            ("tumble", [table, time, size, offset]) => {
                (table, time, [Some(size), None, Some(offset)])
            }
            ("hop", [table, time, slide, size]) => (table, time, [Some(size), Some(slide), None]),
            ("hop", [table, time, slide, size, offset]) => {
                (table, time, [Some(size), Some(slide), Some(offset)])
            }
            _ => {
                return Err(Error::new(
                    "42883",
                    format!("{} takes other arguments", plain.to_uppercase()),
                )
                .with_hint(format!("Write {}.", shape(plain)))
                .at(name.span()));
            }
        };
        let item = self.factor(&table_of(table)?, left)?;
        let (time, item) = self.window_time(time, item)?;
        let lengths = self.lengths(lengths)?;
        self.with_windows(item, time, lengths)
    }

    fn window_time(&mut self, written: &ast::Expr, item: Item) -> Result<(Typed, Item)> {
        let (time, scope) =
            self.in_scope(item.scope, |binder| binder.expression(written, Clause::From))?;
        let item = Item { plan: item.plan, scope };
        let time = Typed { ty: time.ty.plain().clone(), ..time };
        match (&time.expr, &time.ty) {
            (Expr::Column(_), Type::Timestamp | Type::TimestampTz) => Ok((time, item)),
            (Expr::Column(_), other) => Err(Error::new(
                "42804",
                format!("the time column of a window must be a timestamp, not type {other}"),
            )
            .at(written.span())),
            _ => Err(Error::unsupported("a window over an expression")
                .with_hint("Compute it in a sub-select: TUMBLE((SELECT …), column, size).")
                .at(written.span())),
        }
    }

    /// Size, slide and offset in microseconds.
    fn lengths(&mut self, [size, slide, offset]: [Option<&&ast::Expr>; 3]) -> Result<Lengths> {
        let mut micros = |written: Option<&&ast::Expr>| -> Result<Option<i64>> {
            written.map(|written| self.micros(written)).transpose()
        };
        let size_micros = micros(size)?.unwrap_or_default();
        let slide_micros = micros(slide)?.unwrap_or(size_micros);
        let offset_micros = micros(offset)?.unwrap_or_default();
        let wrong = |message: &str, written: Option<&&ast::Expr>| {
            let error = Error::new("22023", message);
            Err(match written {
                Some(written) => error.at(written.span()),
                None => error,
            })
        };
        if size_micros <= 0 {
            return wrong("the size of a window must be above zero", size);
        }
        if slide_micros <= 0 {
            return wrong("the slide of a window must be above zero", slide);
        }
        if size_micros / slide_micros > WINDOWS_PER_ROW_MAX {
            return Err(Error::new("54000", "a row would be in too many windows")
                .with_detail(format!("Size divided by slide is at most {WINDOWS_PER_ROW_MAX}.")));
        }
        Ok(Lengths { size: size_micros, slide: slide_micros, offset: offset_micros })
    }

    /// An interval constant in microseconds. Months have no length: 0A000.
    fn micros(&mut self, written: &ast::Expr) -> Result<i64> {
        const DAY_MICROS: i64 = 86_400_000_000;
        let value = self.expression(written, Clause::From)?;
        let value = match value.ty {
            Type::Unknown => self.cast(value, &Type::Interval, CastContext::Explicit)?,
            _ => value,
        };
        let constant = match (&value.expr, &value.ty) {
            (Expr::Literal(ScalarValue::IntervalMonthDayNano(Some(value)), _), Type::Interval) => {
                *value
            }
            _ => {
                let message = "the size of a window must be an interval constant";
                return Err(Error::new("42804", message).at(written.span()));
            }
        };
        if constant.months != 0 {
            return Err(Error::unsupported("a window of months or years")
                .with_hint("Months differ in length: group by date_trunc('month', …).")
                .at(written.span()));
        }
        i64::from(constant.days)
            .checked_mul(DAY_MICROS)
            .and_then(|days| days.checked_add(constant.nanoseconds / 1_000))
            .ok_or_else(|| Error::new("22008", "interval out of range").at(written.span()))
    }

    fn with_windows(&mut self, item: Item, time: Typed, lengths: Lengths) -> Result<Item> {
        let bounds = [self.fresh('b'), self.fresh('b')];
        let Expr::Column(mut column) = time.expr else {
            return Err(Error::internal("a window's time is no column"));
        };
        column.spans = datafusion::common::Spans::new();
        let node = WindowTable::try_new(item.plan, Expr::Column(column), lengths, bounds.clone())?;
        let mut scope = item.scope;
        let added = bounds.into_iter().zip(["window_start", "window_end"]);
        for (bound, name) in added {
            let column = Visible {
                name: name.to_owned(),
                value: Typed::new(Expr::Column(Column::new_unqualified(bound)), time.ty.clone()),
                hidden: false,
            };
            scope.visible.push(column.clone());
            if let Some(table) = scope.tables.first_mut() {
                table.columns.push(column);
                // A row may be in several windows: its key determines it no longer.
                table.key.clear();
            }
        }
        let plan = LogicalPlan::Extension(Extension { node: Arc::new(node) });
        Ok(Item { plan, scope })
    }
}

/// The table that is a window's first argument.
fn table_of(written: &ast::Expr) -> Result<TableFactor> {
    let name = match written {
        ast::Expr::Identifier(name) => ast::ObjectName::from(vec![name.clone()]),
        ast::Expr::CompoundIdentifier(names) => ast::ObjectName::from(names.clone()),
        ast::Expr::Subquery(query) => {
            return Ok(TableFactor::Derived {
                lateral: false,
                subquery: query.clone(),
                alias: Some(ast::TableAlias {
                    explicit: false,
                    name: ast::Ident::new("subquery"),
                    columns: Vec::new(),
                    at: None,
                }),
                sample: None,
            });
        }
        other => {
            let message = "the first argument of a window must be a table";
            return Err(Error::new("42804", message).at(other.span()));
        }
    };
    Ok(TableFactor::Table {
        name,
        alias: None,
        args: None,
        with_hints: Vec::new(),
        version: None,
        with_ordinality: false,
        partitions: Vec::new(),
        json_path: None,
        sample: None,
        index_hints: Vec::new(),
    })
}
