//! An expression as SQL writes it, for people.
use datafusion_physical_expr::expressions::{
    BinaryExpr, CaseExpr, CastExpr, Column, InListExpr, IsNotNullExpr, IsNullExpr, LikeExpr,
    Literal, NegativeExpr, NotExpr,
};
use datafusion_physical_expr::{PhysicalExpr, ScalarFunctionExpr};

/// The expression, its columns being called `columns`.
pub(super) fn shown(expression: &dyn PhysicalExpr, columns: &[String]) -> String {
    let show = |part: &dyn PhysicalExpr| shown(part, columns);
    let all = |parts: &[std::sync::Arc<dyn PhysicalExpr>]| -> Vec<String> {
        parts.iter().map(|part| shown(&**part, columns)).collect()
    };
    if let Some(column) = expression.downcast_ref::<Column>() {
        let known = columns.get(column.index());
        return known.map_or_else(|| column.name().to_owned(), String::clone);
    }
    if let Some(literal) = expression.downcast_ref::<Literal>() {
        return value(literal);
    }
    if let Some(binary) = expression.downcast_ref::<BinaryExpr>() {
        let (left, right) = (inner(&**binary.left(), columns), inner(&**binary.right(), columns));
        return format!("{left} {} {right}", binary.op());
    }
    if let Some(call) = expression.downcast_ref::<ScalarFunctionExpr>() {
        return function(call, columns);
    }
    if let Some(case) = expression.downcast_ref::<CaseExpr>() {
        let mut text = "CASE".to_owned();
        text.extend(case.expr().map(|part| format!(" {}", show(&**part))));
        for (when, then) in case.when_then_expr() {
            text.push_str(&format!(" WHEN {} THEN {}", show(&**when), show(&**then)));
        }
        text.extend(case.else_expr().map(|part| format!(" ELSE {}", show(&**part))));
        return text + " END";
    }
    if let Some(cast) = expression.downcast_ref::<CastExpr>() {
        return show(&**cast.expr());
    }
    if let Some(test) = expression.downcast_ref::<IsNullExpr>() {
        return format!("{} IS NULL", inner(&**test.arg(), columns));
    }
    if let Some(test) = expression.downcast_ref::<IsNotNullExpr>() {
        return format!("{} IS NOT NULL", inner(&**test.arg(), columns));
    }
    if let Some(not) = expression.downcast_ref::<NotExpr>() {
        return format!("NOT {}", inner(&**not.arg(), columns));
    }
    if let Some(negative) = expression.downcast_ref::<NegativeExpr>() {
        return format!("-{}", inner(&**negative.arg(), columns));
    }
    if let Some(list) = expression.downcast_ref::<InListExpr>() {
        let not = if list.negated() { "NOT " } else { "" };
        let items = all(list.list()).join(", ");
        return format!("{} {not}IN ({items})", inner(&**list.expr(), columns));
    }
    if let Some(like) = expression.downcast_ref::<LikeExpr>() {
        let not = if like.negated() { "NOT " } else { "" };
        let word = if like.case_insensitive() { "ILIKE" } else { "LIKE" };
        let (text, pattern) = (inner(&**like.expr(), columns), inner(&**like.pattern(), columns));
        return format!("{text} {not}{word} {pattern}");
    }
    expression.to_string()
}

/// A part of a larger expression, in parentheses where it needs them.
fn inner(expression: &dyn PhysicalExpr, columns: &[String]) -> String {
    let text = shown(expression, columns);
    let is_operation = match expression.downcast_ref::<ScalarFunctionExpr>() {
        Some(call) => is_symbol(call.name()),
        None => {
            expression.downcast_ref::<Column>().is_none()
                && expression.downcast_ref::<Literal>().is_none()
                && expression.downcast_ref::<CaseExpr>().is_none()
        }
    };
    if is_operation { format!("({text})") } else { text }
}

fn function(call: &ScalarFunctionExpr, columns: &[String]) -> String {
    let name = call.name();
    match call.args() {
        [left, right] if is_symbol(name) => {
            format!("{} {name} {}", inner(&**left, columns), inner(&**right, columns))
        }
        [operand] if is_symbol(name) => format!("{name}{}", inner(&**operand, columns)),
        parts => {
            let parts: Vec<String> = parts.iter().map(|part| shown(&**part, columns)).collect();
            format!("{name}({})", parts.join(", "))
        }
    }
}

fn is_symbol(name: &str) -> bool {
    !name.is_empty() && !name.contains(|letter: char| letter.is_alphanumeric() || letter == '_')
}

/// A literal: texts in quotes, numbers and NULL as they are.
fn value(literal: &Literal) -> String {
    let value = literal.value();
    if value.is_null() {
        return "NULL".to_owned();
    }
    let text = value.to_string();
    let is_plain = text.chars().all(|letter| letter.is_ascii_digit() || "+-.e".contains(letter));
    if is_plain || ["true", "false"].contains(&text.as_str()) {
        return text;
    }
    format!("'{}'", text.replace('\'', "''"))
}
