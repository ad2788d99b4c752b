//! Tables of cases: expressions as text, and what PostgreSQL 15 says of them.
//!
//! A small binder of its own reads them. Each call is made over constants and over
//! columns with a null among them; both must agree.
use std::sync::Arc;

use arrow::array::{Array, RecordBatch, RecordBatchOptions};
use arrow::datatypes::Schema;
use datafusion::common::{DFSchema, ScalarValue};
use datafusion::execution::context::ExecutionProps;
use datafusion::logical_expr::{Expr, col, lit};
use datafusion::physical_expr::create_physical_expr;
use engine::{Error, Result};
use sqlparser::ast::{self, Value as Literal};
use sqlparser::parser::Parser;

use super::value::{Typed, cast, kind, print, type_of};
use crate::functions::{Overload, overloads};
use crate::types::Type;

/// Each expression must give the text that PostgreSQL gives; `NULL` is null.
pub(crate) fn check(cases: &[(&str, &str)]) {
    for (text, expected) in cases {
        match evaluate(text) {
            Ok(typed) => assert_eq!(&print(&typed), expected, "{text} gave {typed:?}"),
            Err(error) => panic!("{text} failed: {} {error}", error.code()),
        }
    }
}

/// Each expression must fail with this SQLSTATE and message.
pub(crate) fn check_errors(cases: &[(&str, &str)]) {
    for (text, expected) in cases {
        match evaluate(text) {
            Ok(typed) => panic!("{text} gave {typed:?}"),
            Err(error) => assert_eq!(&format!("{} {error}", error.code()), expected, "{text}"),
        }
    }
}

/// Each expression must have this type.
pub(crate) fn check_types(cases: &[(&str, &str)]) {
    for (text, expected) in cases {
        let typed = evaluate(text).unwrap_or_else(|error| panic!("{text} failed: {error}"));
        assert_eq!(&typed.ty.to_string(), expected, "{text}");
    }
}

fn evaluate(text: &str) -> Result<Typed> {
    let mut parser = Parser::new(&crate::parser::Dialect).try_with_sql(text).unwrap();
    let expr = parser.parse_expr().unwrap_or_else(|error| panic!("{text}: {error}"));
    evaluate_expr(&expr)
}

fn evaluate_expr(expr: &ast::Expr) -> Result<Typed> {
    use ast::Expr as E;
    match expr {
        E::Nested(inner) => evaluate_expr(inner),
        E::Value(value) => Ok(literal(&value.value)),
        E::Cast { expr, data_type, .. } => {
            let inner = evaluate_expr(expr)?;
            cast(&inner, &type_of(&data_type.to_string()))
        }
        E::UnaryOp { op, expr } => call(&op.to_string(), vec![evaluate_expr(expr)?]),
        E::BinaryOp { left, op, right } => {
            call(&op.to_string(), vec![evaluate_expr(left)?, evaluate_expr(right)?])
        }
        E::IsDistinctFrom(left, right) => {
            call("is distinct from", vec![evaluate_expr(left)?, evaluate_expr(right)?])
        }
        E::IsNotDistinctFrom(left, right) => {
            call("is not distinct from", vec![evaluate_expr(left)?, evaluate_expr(right)?])
        }
        E::Function(function) => {
            let ast::FunctionArguments::List(list) = &function.args else {
                return call(&function.name.to_string().to_lowercase(), vec![]);
            };
            let arguments = list.args.iter().map(|argument| match argument {
                ast::FunctionArg::Unnamed(ast::FunctionArgExpr::Expr(expr)) => evaluate_expr(expr),
                other => panic!("argument {other}"),
            });
            let arguments = arguments.collect::<Result<_>>()?;
            call(&function.name.to_string().to_lowercase(), arguments)
        }
        E::Substring { expr, substring_from, substring_for, .. } => {
            let parts = [Some(expr), substring_from.as_ref(), substring_for.as_ref()];
            let parts = parts.into_iter().flatten().map(|part| evaluate_expr(part));
            call("substring", parts.collect::<Result<_>>()?)
        }
        E::Floor { expr, .. } => call("floor", vec![evaluate_expr(expr)?]),
        E::Ceil { expr, .. } => call("ceil", vec![evaluate_expr(expr)?]),
        other => panic!("the test's binder does not know {other:?}"),
    }
}

fn literal(value: &Literal) -> Typed {
    let (value, ty) = match value {
        Literal::Null => (ScalarValue::Utf8(None), Type::Unknown),
        Literal::Boolean(value) => (ScalarValue::from(*value), Type::Bool),
        Literal::SingleQuotedString(text) => (ScalarValue::from(text.as_str()), Type::Unknown),
        Literal::EscapedStringLiteral(text) => (ScalarValue::from(text.as_str()), Type::Unknown),
        Literal::Number(text, _) => {
            if let Ok(value) = text.parse::<i32>() {
                (ScalarValue::from(value), Type::Int4)
            } else if let Ok(value) = text.parse::<i64>() {
                (ScalarValue::from(value), Type::Int8)
            } else {
                let unknown = Typed { value: ScalarValue::from(text.as_str()), ty: Type::Unknown };
                return cast(&unknown, &numeric_type_of(text)).unwrap();
            }
        }
        other => panic!("literal {other}"),
    };
    Typed { value, ty }
}

/// The digits that a literal is written with.
fn numeric_type_of(text: &str) -> Type {
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let exponent: i32 = exponent.parse().unwrap();
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let whole = whole.trim_start_matches(['-', '0']).len() as i32 + exponent;
    let scale = (fraction.len() as i32 - exponent).max(0);
    Type::Numeric((whole.max(0) + scale).max(1) as u8, scale as i8)
}

fn rank(ty: &Type) -> Option<usize> {
    [Type::Int2, Type::Int4, Type::Int8, Type::BareNumeric, Type::Float4, Type::Float8]
        .iter()
        .position(|candidate| *candidate == kind(ty))
}

/// How well an argument fits: itself, a preferred type, by a cast, or "any".
fn fit(given: &Type, wanted: &Type) -> Option<usize> {
    const ITSELF: usize = 100;
    const PREFERRED: usize = 10;
    if kind(given) == kind(wanted) {
        return Some(ITSELF);
    }
    match (given, wanted) {
        (Type::Unknown, Type::Text) => Some(3 * PREFERRED),
        (Type::Unknown, Type::Float8 | Type::Interval) => Some(2 * PREFERRED),
        (Type::Unknown, Type::TimestampTz) => Some(PREFERRED),
        (Type::Unknown, _) => Some(1),
        (_, Type::Unknown) => Some(0),
        (given, Type::Text) if given.is_text() => Some(PREFERRED),
        (Type::Array(_), Type::Array(item)) if **item == Type::Unknown => Some(1),
        (Type::Date, Type::TimestampTz) | (Type::Timestamp, Type::TimestampTz) => Some(PREFERRED),
        (Type::Date, Type::Timestamp) | (Type::Time, Type::Interval) => Some(1),
        _ => match (rank(given)?, rank(wanted)?) {
            (given, wanted) if given < wanted => Some(if wanted == 5 { PREFERRED } else { 1 }),
            _ => None,
        },
    }
}

fn choose(name: &str, arguments: &[Typed]) -> (&'static Overload, Vec<Type>) {
    let mut best: Option<(usize, &'static Overload, Vec<Type>)> = None;
    for overload in overloads(name) {
        let count = overload.arguments.len();
        if count != arguments.len() && !(overload.variadic && arguments.len() >= count) {
            continue;
        }
        let wanted = |index: usize| overload.arguments[index.min(count.saturating_sub(1))].clone();
        let wanted: Vec<Type> = (0..arguments.len()).map(wanted).collect();
        let fits: Option<Vec<usize>> = arguments
            .iter()
            .zip(&wanted)
            .map(|(given, wanted)| {
                // Both sides of an operator are of one kind where one is unknown.
                let other = arguments.iter().find(|other| other.ty != Type::Unknown);
                match (&given.ty, other) {
                    (Type::Unknown, Some(other)) if kind(&other.ty) == kind(wanted) => Some(90),
                    _ => fit(&given.ty, wanted),
                }
            })
            .collect();
        let Some(score) = fits.map(|fits| fits.iter().sum()) else { continue };
        if best.as_ref().is_none_or(|(best, ..)| score > *best) {
            best = Some((score, overload, wanted));
        }
    }
    let types: Vec<_> = arguments.iter().map(|argument| argument.ty.to_string()).collect();
    let (_, overload, wanted) = best.unwrap_or_else(|| panic!("no {name}({})", types.join(", ")));
    (overload, wanted)
}

fn call(name: &str, arguments: Vec<Typed>) -> Result<Typed> {
    let (overload, wanted) = choose(name, &arguments);
    let arguments = arguments
        .iter()
        .zip(&wanted)
        .map(|(argument, wanted)| match wanted {
            Type::Unknown if argument.ty != Type::Unknown => Ok(argument.clone()),
            Type::Unknown => cast(argument, &Type::Text),
            _ if kind(&argument.ty) == kind(wanted) => Ok(argument.clone()),
            Type::BareNumeric => match argument.ty {
                Type::Int2 => cast(argument, &Type::Numeric(5, 0)),
                Type::Int4 => cast(argument, &Type::Numeric(10, 0)),
                Type::Int8 => cast(argument, &Type::Numeric(19, 0)),
                _ => cast(argument, wanted),
            },
            _ => cast(argument, wanted),
        })
        .collect::<Result<Vec<_>>>()?;
    let types: Vec<Type> = arguments.iter().map(|argument| argument.ty.clone()).collect();
    let own = |error: crate::Error| Error::data(error.code(), error.message());
    let constants = arguments.iter().map(|argument| lit(argument.value.clone())).collect();
    let (constants, ty) = overload.call(constants, &types).map_err(own)?;
    let harmless = !crate::functions::fallible(&constants);
    let one = run(constants, &[], &types, true).map(|value| Typed { value, ty });
    assert!(!harmless || one.is_ok(), "{name} failed, though it says that it cannot");
    let columns = (0..arguments.len()).map(|index| col(format!("c{index}"))).collect();
    let (columns, ty) = overload.call(columns, &types).map_err(own)?;
    // Some functions refuse nulls: then there are none beside the value.
    let mut other = run(columns.clone(), &arguments, &types, true);
    if other.is_err() {
        other = run(columns, &arguments, &types, false);
    }
    let other = other.map(|value| Typed { value, ty });
    match (&one, &other) {
        (Ok(one), Ok(other)) if one.ty == other.ty => {
            assert_eq!(one.value, other.value, "{name} over constants and columns");
        }
        // A literal may give a numeric other digits; its value is the same.
        (Ok(one), Ok(other)) => assert_eq!(number(one), number(other), "{name}"),
        (Err(one), Err(other)) => assert_eq!(one.to_string(), other.to_string()),
        (one, other) => panic!("{name} over constants {one:?}, over columns {other:?}"),
    }
    one
}

fn number(typed: &Typed) -> String {
    let text = print(typed);
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

/// The value of `expr`, in a row between two others, of nulls if so, if there are columns.
fn run(expr: Expr, columns: &[Typed], types: &[Type], nulls: bool) -> Result<ScalarValue> {
    let named = |(index, ty): (usize, &Type)| ty.field(&format!("c{index}"), true);
    let fields: Vec<_> = types.iter().take(columns.len()).enumerate().map(named).collect();
    let schema = Arc::new(Schema::new(fields));
    let arrays = columns.iter().zip(types).map(|(column, ty)| {
        let null = ScalarValue::try_from(&ty.arrow()).unwrap();
        let beside = if nulls { null } else { column.value.clone() };
        ScalarValue::iter_to_array([beside.clone(), column.value.clone(), beside]).unwrap()
    });
    let rows = if columns.is_empty() { 1 } else { 3 };
    let options = RecordBatchOptions::new().with_row_count(Some(rows));
    let batch =
        RecordBatch::try_new_with_options(schema.clone(), arrays.collect(), &options).unwrap();
    let schema = DFSchema::try_from(schema).unwrap();
    let physical =
        create_physical_expr(&expr, &schema, &ExecutionProps::new(), &Default::default())?;
    let array = physical.evaluate(&batch)?.into_array(rows)?;
    assert_eq!(array.len(), rows);
    Ok(ScalarValue::try_from_array(&array, rows / 2)?)
}
