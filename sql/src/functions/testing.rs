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
use sqlparser::dialect::PostgreSqlDialect;
use sqlparser::parser::Parser;

use super::{Overload, overloads};
use crate::types::{TextStyle, TextWriter, Type, parse_text};

/// A value with its type.
#[derive(Clone, Debug)]
struct Typed {
    value: ScalarValue,
    ty: Type,
}

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
    let mut parser = Parser::new(&PostgreSqlDialect {}).try_with_sql(text).unwrap();
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

fn type_of(text: &str) -> Type {
    let text = text.to_lowercase();
    if let Some(item) = text.strip_suffix("[]") {
        return Type::Array(Box::new(type_of(item)));
    }
    let (name, digits) = match text.split_once('(') {
        Some((name, digits)) => (name, digits.trim_end_matches(')')),
        None => (text.as_str(), ""),
    };
    let digits: Vec<i32> =
        digits.split(',').filter_map(|digit| digit.trim().parse().ok()).collect();
    match name {
        "bool" | "boolean" => Type::Bool,
        "int2" | "smallint" => Type::Int2,
        "int4" | "integer" | "int" => Type::Int4,
        "int8" | "bigint" => Type::Int8,
        "float4" | "real" => Type::Float4,
        "float8" | "double precision" => Type::Float8,
        "numeric" => match digits[..] {
            [] => Type::BareNumeric,
            [precision] => Type::Numeric(precision as u8, 0),
            [precision, scale, ..] => Type::Numeric(precision as u8, scale as i8),
        },
        "text" => Type::Text,
        "varchar" => Type::Varchar(digits.first().map(|length| *length as u32)),
        "char" => Type::Char(digits.first().map_or(1, |length| *length as u32)),
        "name" => Type::Name,
        "bytea" => Type::Bytea,
        "date" => Type::Date,
        "time" => Type::Time,
        "timestamp" => Type::Timestamp,
        "timestamptz" => Type::TimestampTz,
        "interval" => Type::Interval,
        "uuid" => Type::Uuid,
        "json" => Type::Json,
        "jsonb" => Type::Jsonb,
        "oid" => Type::Oid,
        other => panic!("type {other}"),
    }
}

fn kind(ty: &Type) -> Type {
    match ty {
        Type::Numeric(..) => Type::BareNumeric,
        Type::Varchar(_) => Type::Text,
        Type::Char(_) => Type::Char(1),
        other => other.clone(),
    }
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
    let one = run(constants, &[], &types).map(|value| Typed { value, ty });
    let columns = (0..arguments.len()).map(|index| col(format!("c{index}"))).collect();
    let (columns, ty) = overload.call(columns, &types).map_err(own)?;
    let other = run(columns, &arguments, &types).map(|value| Typed { value, ty });
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

/// The value of `expr`, in a row between two of nulls if there are columns.
fn run(expr: Expr, columns: &[Typed], types: &[Type]) -> Result<ScalarValue> {
    let named = |(index, ty): (usize, &Type)| ty.field(&format!("c{index}"), true);
    let fields: Vec<_> = types.iter().take(columns.len()).enumerate().map(named).collect();
    let schema = Arc::new(Schema::new(fields));
    let arrays = columns.iter().zip(types).map(|(column, ty)| {
        let null = ScalarValue::try_from(&ty.arrow()).unwrap();
        ScalarValue::iter_to_array([null.clone(), column.value.clone(), null]).unwrap()
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

fn cast(from: &Typed, to: &Type) -> Result<Typed> {
    let value = match from.value.is_null() {
        true => ScalarValue::try_from(&to.arrow()).unwrap(),
        false => parse(&print(from), to)?,
    };
    Ok(Typed { value, ty: to.clone() })
}

fn parse(text: &str, ty: &Type) -> Result<ScalarValue> {
    parse_text(text, ty, &TextStyle::default())
        .map_err(|error| Error::data(error.code(), error.message()))
}

fn print(typed: &Typed) -> String {
    if typed.value.is_null() {
        return "NULL".to_owned();
    }
    let array = typed.value.to_array_of_size(1).unwrap();
    let writer = TextWriter::new(&array, &typed.ty, &TextStyle::default()).unwrap();
    let mut text = vec![];
    writer.write(0, &mut text);
    String::from_utf8(text).unwrap()
}

/// Rows of an argument, and what the aggregate gives for them.
type Rows<'a> = (&'a [&'a str], &'a str);

/// The aggregate over values of type `kind` must give this text: at once, merged of parts,
/// by group, and as the frame of a window.
pub(crate) fn check_aggregate(name: &str, kind: &str, cases: &[Rows<'_>]) {
    for (rows, expected) in cases {
        for way in Way::ALL {
            match aggregated(name, kind, rows, way) {
                Ok(typed) => assert_eq!(&print(&typed), expected, "{name}({rows:?}) {way:?}"),
                Err(error) => panic!("{name}({rows:?}) {way:?} failed: {error}"),
            }
        }
    }
}

/// The aggregate over values of type `kind` must fail with this SQLSTATE and message.
pub(crate) fn check_aggregate_errors(name: &str, kind: &str, cases: &[Rows<'_>]) {
    for (rows, expected) in cases {
        for way in Way::ALL {
            let error = aggregated(name, kind, rows, way).unwrap_err();
            assert_eq!(&format!("{} {error}", error.code()), expected, "{name}({rows:?}) {way:?}");
        }
    }
}

#[derive(Clone, Copy, Debug)]
enum Way {
    Single,
    Merged,
    Sliding,
    Groups,
    Distinct,
}

impl Way {
    const ALL: [Way; 4] = [Way::Single, Way::Merged, Way::Sliding, Way::Groups];
}

fn aggregated(name: &str, kind: &str, rows: &[&str], way: Way) -> Result<Typed> {
    let ty = type_of(kind);
    let same = |overload: &&super::AggregateOverload| {
        overload.arguments.first().is_some_and(|first| self::kind(first) == self::kind(&ty))
    };
    let overload = super::aggregates(name).iter().find(same).expect("an overload");
    let types = [ty.clone()];
    let udaf = (overload.udaf)(&types);
    let result = (overload.result)(&types).unwrap();
    let null = ScalarValue::try_from(&ty.arrow()).unwrap();
    let array = |rows: &[&str]| {
        let value =
            |row: &&str| if *row == "NULL" { null.clone() } else { parse(row, &ty).unwrap() };
        match rows {
            [] => arrow::array::new_empty_array(&ty.arrow()),
            _ => ScalarValue::iter_to_array(rows.iter().map(value)).unwrap(),
        }
    };
    let field = Arc::new(ty.field("a", true));
    let schema = Schema::new(vec![field.clone()]);
    let exprs: [Arc<dyn datafusion::physical_expr::PhysicalExpr>; 1] =
        [datafusion::physical_expr::expressions::col("a", &schema).unwrap()];
    let call = || datafusion::logical_expr::function::AccumulatorArgs {
        return_field: Arc::new(result.field("r", true)),
        schema: &schema,
        ignore_nulls: false,
        order_bys: &[],
        is_reversed: false,
        name,
        is_distinct: matches!(way, Way::Distinct),
        exprs: &exprs,
        expr_fields: std::slice::from_ref(&field),
    };
    let value = match way {
        Way::Single | Way::Distinct => {
            let mut single = udaf.accumulator(call())?;
            single.update_batch(&[array(rows)])?;
            single.evaluate()?
        }
        Way::Merged => {
            let (left, right) = rows.split_at(rows.len() / 2);
            let mut whole = udaf.accumulator(call())?;
            for part in [right, left] {
                let mut single = udaf.accumulator(call())?;
                single.update_batch(&[array(part)])?;
                let states = single.state()?;
                let states = states.iter().map(|state| state.to_array_of_size(1));
                whole.merge_batch(&states.collect::<std::result::Result<Vec<_>, _>>()?)?;
            }
            whole.evaluate()?
        }
        Way::Sliding => {
            let mut sliding = udaf.create_sliding_accumulator(call())?;
            sliding.update_batch(&[array(rows)])?;
            sliding.update_batch(&[array(rows)])?;
            sliding.retract_batch(&[array(rows)])?;
            sliding.evaluate()?
        }
        Way::Groups => {
            if !udaf.groups_accumulator_supported(call()) {
                return aggregated(name, kind, rows, Way::Single);
            }
            let twice = array(&[rows, rows].concat());
            let groups: Vec<usize> =
                (0..twice.len()).map(|row| usize::from(row >= rows.len())).collect();
            let mut accumulator = udaf.create_groups_accumulator(call())?;
            accumulator.update_batch(&[twice], &groups, None, 3)?;
            let states = accumulator.state(datafusion::logical_expr::EmitTo::First(1))?;
            accumulator.merge_batch(&states, &[1], 2)?;
            let array = accumulator.evaluate(datafusion::logical_expr::EmitTo::All)?;
            assert_eq!(
                ScalarValue::try_from_array(&array, 0)?,
                ScalarValue::try_from_array(&array, 1)?
            );
            let mut accumulator = udaf.create_groups_accumulator(call())?;
            accumulator.merge_batch(&states, &[0], 1)?;
            ScalarValue::try_from_array(
                &accumulator.evaluate(datafusion::logical_expr::EmitTo::All)?,
                0,
            )?
        }
    };
    Ok(Typed { value, ty: result })
}
