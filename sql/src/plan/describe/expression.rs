//! A logical expression as SQL writes it.
//!
//! Columns are called as the plan's operators below call them. Guards are not shown: a CASE
//! that only keeps the order of conditions is written as the AND or OR that it was.
use std::collections::HashMap;

use datafusion::common::{Column, ScalarValue};
use datafusion::logical_expr::expr::{
    AggregateFunctionParams, InList, Like, WindowFunction, WindowFunctionParams,
};
use datafusion::logical_expr::{
    BinaryExpr, Case, Expr, Operator, ScalarUDF, WindowFunctionDefinition,
};

use crate::functions::cast::CastFunction;
use crate::types::{TextStyle, TextWriter, Type};

/// What the columns of a plan are called.
pub(super) type Names = HashMap<Column, String>;

/// The expression, its columns being called as in `names`.
pub(super) fn shown(expr: &Expr, names: &Names) -> String {
    let all = |parts: &[Expr]| list(parts, names);
    let test = |part: &Expr, test: &str| format!("{} {test}", inner(part, names));
    match expr {
        Expr::Alias(alias) => shown(&alias.expr, names),
        Expr::Column(column) => names.get(column).cloned().unwrap_or_else(|| column.name.clone()),
        Expr::Literal(value, _) => literal(value),
        Expr::BinaryExpr(BinaryExpr { left, op, right }) => {
            operation(&op.to_string(), left, right, names)
        }
        Expr::ScalarFunction(call) => function(&call.func, &call.args, names),
        Expr::Case(case) => choice(case, names),
        Expr::Cast(cast) => shown(&cast.expr, names),
        Expr::Not(part) => format!("NOT {}", inner(part, names)),
        Expr::Negative(part) => format!("-{}", inner(part, names)),
        Expr::IsNull(part) => test(part, "IS NULL"),
        Expr::IsNotNull(part) => test(part, "IS NOT NULL"),
        Expr::IsTrue(part) => test(part, "IS TRUE"),
        Expr::IsNotTrue(part) => test(part, "IS NOT TRUE"),
        Expr::IsFalse(part) => test(part, "IS FALSE"),
        Expr::IsNotFalse(part) => test(part, "IS NOT FALSE"),
        Expr::IsUnknown(part) => test(part, "IS UNKNOWN"),
        Expr::IsNotUnknown(part) => test(part, "IS NOT UNKNOWN"),
        Expr::InList(InList { expr, list, negated }) => {
            let not = if *negated { "NOT " } else { "" };
            format!("{} {not}IN ({})", inner(expr, names), all(list))
        }
        Expr::Like(Like { negated, expr, pattern, case_insensitive, .. }) => {
            let not = if *negated { "NOT " } else { "" };
            let word = if *case_insensitive { "ILIKE" } else { "LIKE" };
            format!("{} {not}{word} {}", inner(expr, names), inner(pattern, names))
        }
        Expr::AggregateFunction(call) => aggregate(call.func.name(), &call.params, names),
        Expr::WindowFunction(call) => window(call, names),
        Expr::Placeholder(placeholder) if placeholder.id == "$now" => "now()".to_owned(),
        Expr::Placeholder(placeholder) => placeholder.id.clone(),
        Expr::Unnest(set) => format!("unnest({})", shown(&set.expr, names)),
        other => other.to_string(),
    }
}

/// Several, with commas between them.
pub(super) fn list(parts: &[Expr], names: &Names) -> String {
    parts.iter().map(|part| shown(part, names)).collect::<Vec<_>>().join(", ")
}

/// A sort key with its direction, where it is not the usual one.
pub(super) fn key(key: &datafusion::logical_expr::SortExpr, names: &Names) -> String {
    let direction = if key.asc { "" } else { " DESC" };
    let nulls = match (key.asc, key.nulls_first) {
        (true, true) => " NULLS FIRST",
        (false, false) => " NULLS LAST",
        _ => "",
    };
    format!("{}{direction}{nulls}", shown(&key.expr, names))
}

/// A part of a larger expression, in parentheses where it needs them.
fn inner(expr: &Expr, names: &Names) -> String {
    let text = shown(expr, names);
    let stands_alone = match expr {
        Expr::Alias(alias) => return inner(&alias.expr, names),
        Expr::Cast(cast) => return inner(&cast.expr, names),
        Expr::ScalarFunction(call) => !is_symbol(call.func.name()),
        Expr::Case(case) => unguarded(case).is_none(),
        Expr::Column(_) => !text.contains(' '),
        Expr::Literal(..) | Expr::Placeholder(_) | Expr::AggregateFunction(_) => true,
        _ => false,
    };
    if stands_alone { text } else { format!("({text})") }
}

/// AND and OR of their own kind need no parentheses inside.
fn operation(symbol: &str, left: &Expr, right: &Expr, names: &Names) -> String {
    let is_same = |part: &Expr| match part {
        Expr::BinaryExpr(part) => {
            part.op.to_string() == symbol && matches!(part.op, Operator::And | Operator::Or)
        }
        Expr::Case(case) => unguarded(case).is_some_and(|(_, op, _)| op.to_string() == symbol),
        _ => false,
    };
    let side = |part: &Expr| if is_same(part) { shown(part, names) } else { inner(part, names) };
    format!("{} {symbol} {}", side(left), side(right))
}

fn function(function: &ScalarUDF, arguments: &[Expr], names: &Names) -> String {
    let name = function.name();
    let inside: &dyn std::any::Any = function.inner().as_ref();
    match (arguments, inside.downcast_ref::<CastFunction>()) {
        ([value], Some(cast)) => format!("{}::{}", inner(value, names), cast.to()),
        ([left, right], _) if is_symbol(name) => operation(name, left, right, names),
        ([operand], _) if is_symbol(name) => format!("{name}{}", inner(operand, names)),
        ([left, right], _) if name.starts_with("is ") => {
            operation(&name.to_uppercase(), left, right, names)
        }
        _ => format!("{name}({})", list(arguments, names)),
    }
}

fn is_symbol(name: &str) -> bool {
    !name.is_empty() && !name.contains(|letter: char| letter.is_alphanumeric() || letter == '_')
}

/// The AND or OR that a guard's CASE stands for.
fn unguarded(case: &Case) -> Option<(&Expr, Operator, &Expr)> {
    let ([(when, then)], Some(otherwise), None) =
        (case.when_then_expr.as_slice(), &case.else_expr, &case.expr)
    else {
        return None;
    };
    match (when.as_ref(), then.as_ref(), otherwise.as_ref()) {
        (left, right, Expr::Literal(ScalarValue::Boolean(Some(false)), _)) => {
            Some((left, Operator::And, right))
        }
        (Expr::IsFalse(decided), _, Expr::BinaryExpr(BinaryExpr { left, op, right }))
            if *op == Operator::And && decided == left =>
        {
            Some((left, *op, right))
        }
        (Expr::IsTrue(decided), _, Expr::BinaryExpr(BinaryExpr { left, op, right }))
            if *op == Operator::Or && decided == left =>
        {
            Some((left, *op, right))
        }
        _ => None,
    }
}

fn choice(case: &Case, names: &Names) -> String {
    if let Some((left, op, right)) = unguarded(case) {
        return operation(&op.to_string(), left, right, names);
    }
    let mut text = "CASE".to_owned();
    text.extend(case.expr.as_ref().map(|part| format!(" {}", shown(part, names))));
    for (when, then) in &case.when_then_expr {
        text.push_str(&format!(" WHEN {} THEN {}", shown(when, names), shown(then, names)));
    }
    text.extend(case.else_expr.as_ref().map(|part| format!(" ELSE {}", shown(part, names))));
    text + " END"
}

fn aggregate(name: &str, call: &AggregateFunctionParams, names: &Names) -> String {
    let distinct = if call.distinct { "DISTINCT " } else { "" };
    let order = match call.order_by.as_slice() {
        [] => String::new(),
        keys => format!(" ORDER BY {}", self::keys(keys, names)),
    };
    let filter = filter_text(call.filter.as_deref(), names);
    format!("{name}({distinct}{}{order}){filter}", arguments(name, &call.args, names))
}

/// `count(*)` counts a literal.
fn arguments(name: &str, arguments: &[Expr], names: &Names) -> String {
    match arguments {
        [Expr::Literal(..)] if name == "count" => "*".to_owned(),
        arguments => list(arguments, names),
    }
}

fn filter_text(filter: Option<&Expr>, names: &Names) -> String {
    filter.map_or_else(String::new, |filter| format!(" FILTER (WHERE {})", shown(filter, names)))
}

fn keys(keys: &[datafusion::logical_expr::SortExpr], names: &Names) -> String {
    keys.iter().map(|one| key(one, names)).collect::<Vec<_>>().join(", ")
}

fn window(call: &WindowFunction, names: &Names) -> String {
    let WindowFunctionParams { args, partition_by, order_by, filter, .. } = &call.params;
    let name = match &call.fun {
        WindowFunctionDefinition::AggregateUDF(function) => function.name(),
        WindowFunctionDefinition::WindowUDF(function) => function.name(),
    };
    let mut over = vec![];
    if !partition_by.is_empty() {
        over.push(format!("PARTITION BY {}", list(partition_by, names)));
    }
    if !order_by.is_empty() {
        over.push(format!("ORDER BY {}", keys(order_by, names)));
    }
    let filter = filter_text(filter.as_deref(), names);
    format!("{name}({}){filter} OVER ({})", arguments(name, args, names), over.join(" "))
}

/// Numbers, booleans and NULL as they are, all else in quotes.
fn literal(value: &ScalarValue) -> String {
    if value.is_null() {
        return "NULL".to_owned();
    }
    let ty = Type::of_arrow(&value.data_type());
    let written = value.to_array().map_err(crate::Error::from).and_then(|array| {
        let mut text = vec![];
        TextWriter::new(&array, &ty, &TextStyle::default())?.write(0, &mut text);
        Ok(String::from_utf8_lossy(&text).into_owned())
    });
    let text = written.unwrap_or_else(|_| value.to_string());
    match ty {
        Type::Bool => (if text == "t" { "true" } else { "false" }).to_owned(),
        ty if ty.is_numeric() => text,
        _ => format!("'{}'", text.replace('\'', "''")),
    }
}
