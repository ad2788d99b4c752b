//! Window functions: OVER, named windows, frames.
//!
//! They are taken out of the expressions they are in and become columns of `Window` nodes, one
//! for each partitioning and order, over a projection that computes what they read.
use std::sync::Arc;

use datafusion::common::ScalarValue;
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::logical_expr::expr::{WindowFunction, WindowFunctionParams};
use datafusion::logical_expr::{
    Expr, LogicalPlan, Projection, SortExpr, Window, WindowFrame, WindowFrameBound,
    WindowFrameUnits, WindowFunctionDefinition, WindowUDF,
};
use sqlparser::ast::{self, NamedWindowExpr, Spanned, WindowSpec, WindowType};

use super::below::Below;
use super::expression::plain;
use super::function::{no_function, signature, types_of};
use super::identifier::fold;
use super::order::all_columns;
use super::overload::{Choice, choose, kinds};
use super::select::{Clauses, contains};
use super::state::column;
use super::{Binder, Clause, Typed, library};
use crate::functions::CastContext;
use crate::types::Type;
use crate::{Error, Result};

/// A window: its partitions, their order, the frame.
struct Over {
    partition: Vec<Expr>,
    order: Vec<SortExpr>,
    frame: WindowFrame,
}

impl Binder<'_> {
    /// Takes note of WINDOW w AS (…).
    pub(super) fn named_windows(&mut self, windows: &[ast::NamedWindowDefinition]) -> Result<()> {
        for ast::NamedWindowDefinition(name, definition) in windows {
            let folded = fold(name);
            let spec = match definition {
                NamedWindowExpr::WindowSpec(spec) => self.inherited(spec)?,
                NamedWindowExpr::NamedWindow(other) => self.named_window(other)?,
            };
            if self.frame()?.windows.iter().any(|(own, _)| *own == folded) {
                let message = format!("window \"{folded}\" is already defined");
                return Err(Error::new("42P20", message).at(name.span));
            }
            self.frame()?.windows.push((folded, spec));
        }
        Ok(())
    }

    fn named_window(&mut self, name: &ast::Ident) -> Result<WindowSpec> {
        let folded = fold(name);
        let found = self.frame()?.windows.iter().find(|(own, _)| *own == folded);
        found.map(|(_, spec)| spec.clone()).ok_or_else(|| {
            Error::new("42704", format!("window \"{folded}\" does not exist")).at(name.span)
        })
    }

    /// A specification with what it takes from the window that it names.
    fn inherited(&mut self, spec: &WindowSpec) -> Result<WindowSpec> {
        let Some(name) = &spec.window_name else { return Ok(spec.clone()) };
        let base = self.named_window(name)?;
        let refused = |what: &str| {
            let message = format!("cannot override {what} of window \"{}\"", fold(name));
            Err(Error::new("42P20", message).at(name.span))
        };
        if !spec.partition_by.is_empty() {
            return refused("PARTITION BY clause");
        }
        if !spec.order_by.is_empty() && !base.order_by.is_empty() {
            return refused("ORDER BY clause");
        }
        if base.window_frame.is_some() {
            let message =
                format!("cannot copy window \"{}\" because it has a frame clause", fold(name));
            return Err(Error::new("42P20", message).at(name.span));
        }
        let order_by = match spec.order_by.is_empty() {
            true => base.order_by,
            false => spec.order_by.clone(),
        };
        Ok(WindowSpec {
            window_name: None,
            partition_by: base.partition_by,
            order_by,
            window_frame: spec.window_frame.clone(),
        })
    }

    /// Binds a call with OVER.
    pub(super) fn window_call(
        &mut self,
        call: &ast::Function,
        name: &str,
        clause: Clause,
    ) -> Result<Typed> {
        let span = call.name.span();
        clause.check_window(span)?;
        let spec = match &call.over {
            Some(WindowType::WindowSpec(spec)) => self.inherited(spec)?,
            Some(WindowType::NamedWindow(name)) => self.named_window(name)?,
            None => return Err(Error::internal("a window call without OVER")),
        };
        let over = self.over(&spec)?;
        let inside = Clause::WindowArgument;
        if !library::aggregates(name).is_empty() {
            let bound = self.aggregate(call, name, inside).map_err(|error| error.at(span))?;
            if bound.distinct {
                return Err(Error::unsupported("DISTINCT for window functions").at(span));
            }
            if !bound.order.is_empty() {
                return Err(Error::unsupported("aggregate ORDER BY for window functions").at(span));
            }
            let function = WindowFunctionDefinition::AggregateUDF(bound.function);
            let expr = build(function, bound.arguments, bound.filter, over);
            return Ok(Typed::new(expr, bound.ty));
        }
        if library::windows(name).is_empty() {
            let arguments = self.plain_arguments(call, inside)?;
            let given = super::function::types_of(&arguments);
            if library::overloads(name).is_empty() {
                return Err(super::function::no_function(name, &given).at(span));
            }
            let message = format!(
                "OVER specified, but {name} is not a window function nor an aggregate function"
            );
            return Err(Error::new("42809", message).at(span));
        }
        if call.filter.is_some() {
            let message = "FILTER is not implemented for non-aggregate window functions";
            return Err(Error::new("0A000", message).at(span));
        }
        if call.null_treatment.is_some() {
            return Err(Error::unsupported("IGNORE NULLS").at(span));
        }
        let arguments = self.plain_arguments(call, inside)?;
        let (function, arguments, ty) =
            self.choose_window(name, arguments).map_err(|error| error.at(span))?;
        let function = WindowFunctionDefinition::WindowUDF(function);
        Ok(Typed::new(build(function, arguments, None, over), ty))
    }

    /// The window function of a name that takes these arguments.
    fn choose_window(
        &mut self,
        name: &str,
        arguments: Vec<Typed>,
    ) -> Result<(Arc<WindowUDF>, Vec<Expr>, Type)> {
        let overloads = library::windows(name);
        let given = types_of(&arguments);
        let candidates: Vec<Option<Vec<Type>>> = overloads
            .iter()
            .map(|overload| kinds(&overload.arguments, false, given.len()))
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
            overload.ok_or_else(|| Error::internal("the chosen window function is not there"))?;
        let arguments = self.compatible(arguments, &overload.arguments)?;
        let types = types_of(&arguments);
        let expressions = arguments.into_iter().map(|argument| argument.expr).collect();
        Ok(((overload.udwf)(&types), expressions, (overload.result)(&types)?))
    }

    /// Arguments as these kinds; those that may be of any type are of one (`anycompatible`).
    fn compatible(&mut self, arguments: Vec<Typed>, kinds: &[Type]) -> Result<Vec<Typed>> {
        let (mut any, mut places) = (Vec::new(), Vec::new());
        for (place, (argument, kind)) in arguments.iter().zip(kinds).enumerate() {
            if *kind == Type::Unknown {
                any.push(argument.clone());
                places.push(place);
            }
        }
        let mut arguments = self.arguments(arguments, kinds)?;
        for (place, value) in places.into_iter().zip(self.unify(any, "arguments")?.0) {
            if let Some(argument) = arguments.get_mut(place) {
                *argument = value;
            }
        }
        Ok(arguments)
    }

    fn over(&mut self, spec: &WindowSpec) -> Result<Over> {
        let clause = Clause::WindowDefinition;
        let mut partition = Vec::new();
        for written in &spec.partition_by {
            let mut value = self.expression(written, clause)?;
            if value.ty == Type::Unknown {
                value = self.implicit(value, &Type::Text)?;
            }
            partition.push(library::order_key(value.expr, &value.ty));
        }
        let mut order = Vec::new();
        let mut first = None;
        for key in &spec.order_by {
            let value = self.expression(&key.expr, clause)?;
            first.get_or_insert(value.ty.clone());
            order.push(self.sort_key(value, &key.options)?);
        }
        let frame = match &spec.window_frame {
            None => WindowFrame::new((!order.is_empty()).then_some(false)),
            Some(frame) => self.frame_of(frame, order.len(), first.as_ref())?,
        };
        Ok(Over { partition, order, frame })
    }

    fn frame_of(
        &mut self,
        frame: &ast::WindowFrame,
        keys: usize,
        key: Option<&Type>,
    ) -> Result<WindowFrame> {
        let units = match frame.units {
            ast::WindowFrameUnits::Rows => WindowFrameUnits::Rows,
            ast::WindowFrameUnits::Range => WindowFrameUnits::Range,
            ast::WindowFrameUnits::Groups => WindowFrameUnits::Groups,
        };
        if units == WindowFrameUnits::Groups && keys == 0 {
            return Err(Error::new("42P20", "GROUPS mode requires an ORDER BY clause"));
        }
        let start = self.bound(&frame.start_bound, units, keys, key)?;
        let end = match &frame.end_bound {
            None => WindowFrameBound::CurrentRow,
            Some(end) => self.bound(end, units, keys, key)?,
        };
        let wrong = |message: &str| Err(Error::new("42P20", message));
        use WindowFrameBound::{CurrentRow, Following, Preceding};
        match (&start, &end) {
            (Following(value), _) if value.is_null() => {
                return wrong("frame start cannot be UNBOUNDED FOLLOWING");
            }
            (_, Preceding(value)) if value.is_null() => {
                return wrong("frame end cannot be UNBOUNDED PRECEDING");
            }
            (CurrentRow, Preceding(_)) => {
                return wrong("frame starting from current row cannot have preceding rows");
            }
            (Following(_), Preceding(_) | CurrentRow) => {
                return wrong("frame starting from following row cannot have preceding rows");
            }
            _ => {}
        }
        let unordered_range = units == WindowFrameUnits::Range && keys == 0;
        Ok(match unordered_range {
            // Without an order all rows are peers.
            true => WindowFrame::new(None),
            false => WindowFrame::new_bounds(units, start, end),
        })
    }

    fn bound(
        &mut self,
        bound: &ast::WindowFrameBound,
        units: WindowFrameUnits,
        keys: usize,
        key: Option<&Type>,
    ) -> Result<WindowFrameBound> {
        use ast::WindowFrameBound as Written;
        let unbounded = ScalarValue::UInt64(None);
        Ok(match bound {
            Written::CurrentRow => WindowFrameBound::CurrentRow,
            Written::Preceding(None) => WindowFrameBound::Preceding(unbounded),
            Written::Following(None) => WindowFrameBound::Following(unbounded),
            Written::Preceding(Some(written)) => {
                WindowFrameBound::Preceding(self.distance(written, units, keys, key)?)
            }
            Written::Following(Some(written)) => {
                WindowFrameBound::Following(self.distance(written, units, keys, key)?)
            }
        })
    }

    /// How far a bound lies from the row: a number of rows, or a difference of sort keys.
    fn distance(
        &mut self,
        written: &ast::Expr,
        units: WindowFrameUnits,
        keys: usize,
        key: Option<&Type>,
    ) -> Result<ScalarValue> {
        let span = written.span();
        let value = self.expression(written, Clause::WindowDefinition)?;
        let ty = match (units, key) {
            (WindowFrameUnits::Range, Some(key)) if keys == 1 => match key.plain() {
                Type::Date | Type::Timestamp | Type::TimestampTz => Type::Interval,
                number if number.is_numeric() => number.clone(),
                other => {
                    let message = format!(
                        "RANGE with offset PRECEDING/FOLLOWING is not supported for column type {}",
                        plain(other)
                    );
                    return Err(Error::new("0A000", message).at(span));
                }
            },
            (WindowFrameUnits::Range, _) => {
                let message = "RANGE with offset PRECEDING/FOLLOWING requires exactly one ORDER \
                               BY column";
                return Err(Error::new("42P20", message).at(span));
            }
            _ => Type::Int8,
        };
        let value = self.cast(value, &ty, CastContext::Assignment)?;
        let Expr::Literal(value, _) = value.expr else {
            return Err(Error::unsupported("a frame whose bounds are no constants").at(span));
        };
        if value.is_null() {
            return Err(Error::new("22004", "frame offset must not be null").at(span));
        }
        match (units, &value) {
            (WindowFrameUnits::Range, _) => Ok(value),
            (_, ScalarValue::Int64(Some(count))) => match u64::try_from(*count) {
                Ok(count) => Ok(ScalarValue::UInt64(Some(count))),
                Err(_) => Err(Error::new("22013", "frame offset must not be negative").at(span)),
            },
            _ => Err(Error::internal("a number of rows that is no number")),
        }
    }

    /// The plan with the windows that the clauses ask for, which then read its columns.
    pub(super) fn windowed(
        &mut self,
        plan: LogicalPlan,
        clauses: &mut Clauses,
    ) -> Result<LogicalPlan> {
        let is_window = |part: &Expr| matches!(part, Expr::WindowFunction(_));
        if !clauses.expressions().any(|expr| contains(expr, is_window)) {
            return Ok(plan);
        }
        let mut found: Vec<(Expr, String)> = Vec::new();
        for expr in clauses.expressions() {
            let rewritten = expr.clone().transform_down(|part| {
                if !is_window(&part) {
                    return Ok(Transformed::no(part));
                }
                let name = match found.iter().find(|(own, _)| *own == part) {
                    Some((_, name)) => name.clone(),
                    None => {
                        let name = self.fresh('w');
                        found.push((part, name.clone()));
                        name
                    }
                };
                Ok(Transformed::new(column(&name), true, TreeNodeRecursion::Jump))
            })?;
            *expr = rewritten.data;
        }
        self.windows_over(plan, found)
    }

    /// The plan with these window functions as columns of these names.
    fn windows_over(
        &mut self,
        plan: LogicalPlan,
        functions: Vec<(Expr, String)>,
    ) -> Result<LogicalPlan> {
        let mut below = Below::default();
        for own in all_columns(&plan) {
            below.keep(&own);
        }
        let width = below.expressions.len();
        // Functions over equal windows share a node; row numbers have their own, as the planner
        // lets the whole row break their ties.
        type Same = (Vec<Expr>, Vec<SortExpr>, bool);
        let mut nodes: Vec<(Same, Vec<Expr>)> = Vec::new();
        for (function, name) in functions {
            let function = below.over_columns(self, function)?;
            let Expr::WindowFunction(call) = &function else {
                return Err(Error::internal("a window function is none"));
            };
            let params = &call.params;
            let is_number = call.fun.name() == "row_number";
            let same = (params.partition_by.clone(), params.order_by.clone(), is_number);
            let aliased = function.alias(name);
            match nodes.iter_mut().find(|(own, _)| *own == same) {
                Some((_, functions)) => functions.push(aliased),
                None => nodes.push((same, vec![aliased])),
            }
        }
        let mut plan = plan;
        if below.expressions.len() > width {
            let projection = Projection::try_new(below.expressions, Arc::new(plan))?;
            plan = LogicalPlan::Projection(projection);
        }
        for (_, functions) in nodes {
            plan = LogicalPlan::Window(Window::try_new(functions, Arc::new(plan))?);
        }
        Ok(plan)
    }

    /// The plan with a column that numbers rows within partitions, from 1.
    pub(super) fn numbered(
        &mut self,
        plan: LogicalPlan,
        partition: Vec<Expr>,
        order: Vec<SortExpr>,
    ) -> Result<(LogicalPlan, Expr)> {
        let frame = WindowFrame::new((!order.is_empty()).then_some(false));
        let function = WindowFunctionDefinition::WindowUDF(library::row_number()?);
        let call = build(function, Vec::new(), None, Over { partition, order, frame });
        let name = self.fresh('w');
        let plan = self.windows_over(plan, vec![(call, name.clone())])?;
        Ok((plan, column(&name)))
    }
}

fn build(
    fun: WindowFunctionDefinition,
    args: Vec<Expr>,
    filter: Option<Box<Expr>>,
    over: Over,
) -> Expr {
    let params = WindowFunctionParams {
        args,
        partition_by: over.partition,
        order_by: over.order,
        window_frame: over.frame,
        filter,
        null_treatment: None,
        distinct: false,
    };
    Expr::WindowFunction(Box::new(WindowFunction { fun, params }))
}
