//! A table of casts with what PostgreSQL 15 makes of them.
//!
//! A line holds both types, the context, a time zone and a value; then the result, or `!` with
//! the SQLSTATE, and the message. `!no` is a cast that the context does not allow.
use std::collections::BTreeSet;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, RecordBatch};
use arrow::datatypes::Schema;
use datafusion::common::config::ConfigOptions;
use datafusion::common::{DFSchema, ScalarValue};
use datafusion::execution::context::ExecutionProps;
use datafusion::logical_expr::Expr;
use datafusion::logical_expr::physical_planning_context::PhysicalPlanningContext;
use datafusion::physical_expr::create_physical_expr;
use datafusion::prelude::{col, lit};

use super::{CastFunction, can_cast, cast, cast_in, cast_is_fallible};
use crate::functions::CastContext;
use crate::types::cases::type_of;
use crate::types::{ColumnBuilder, Names, Reg, TextStyle, TextWriter, Type, Zone};
use crate::{Error, Result};

/// Evaluates an expression over one column, as a plan would.
fn evaluate(expr: &Expr, column: ArrayRef, ty: &Type, zone: &str) -> Result<ArrayRef> {
    let schema = Arc::new(Schema::new(vec![ty.field("v", true)]));
    let plan_schema = DFSchema::try_from(schema.as_ref().clone())?;
    let mut options = ConfigOptions::new();
    options.execution.time_zone = Some(zone.to_owned());
    let mut properties = ExecutionProps::new();
    properties.config_options = Some(Arc::new(options));
    let context = PhysicalPlanningContext::default();
    let physical = create_physical_expr(expr, &plan_schema, &properties, &context)?;
    let rows = column.len();
    let batch = RecordBatch::try_new(schema, vec![column])?;
    Ok(physical.evaluate(&batch)?.into_array(rows)?)
}

fn shown(column: &ArrayRef, ty: &Type, style: &TextStyle, row: usize) -> Result<String> {
    if column.is_null(row) {
        return Ok("NULL".to_owned());
    }
    let mut out = Vec::new();
    TextWriter::new(column, ty, style)?.write(row, &mut out);
    Ok(String::from_utf8_lossy(&out).into_owned())
}

struct Line<'a> {
    from: Type,
    to: Type,
    context: CastContext,
    zone: &'a str,
    value: &'a str,
}

impl Line<'_> {
    /// The result over a column with a NULL before the value.
    fn run(&self) -> Result<String> {
        let style = TextStyle::in_zone(Zone::parse(self.zone).expect("a zone"));
        let mut builder = ColumnBuilder::new(&self.from, &style);
        builder.append_null();
        builder.append_text(self.value).expect("a value of the table");
        let expr = cast(col("v"), &self.from, &self.to, self.context)?;
        let result = evaluate(&expr, builder.finish(), &self.from, self.zone);
        let fallible = match &expr {
            Expr::ScalarFunction(call) => {
                call.func.inner().downcast_ref::<CastFunction>().expect("a cast").is_fallible()
            }
            _ => false,
        };
        assert!(fallible || result.is_ok(), "{} to {} failed", self.from, self.to);
        let result = result?;
        assert!(result.is_null(0));
        assert_eq!(result.data_type(), &self.to.arrow());
        shown(&result, &self.to, &style, 1)
    }

    fn outcome(&self) -> String {
        if !can_cast(&self.from, &self.to, self.context) && self.context != CastContext::Explicit {
            return "!no".to_owned();
        }
        match self.run() {
            Ok(text) => text,
            Err(error) => format!("!{}\t{}", error.code(), error.message()),
        }
    }
}

/// Checks every line; `known` says by types and value where ours is another result.
fn check(table: &str, known: &[(&str, &str, &str, &str)]) {
    let mut wrong = Vec::new();
    let mut unused: BTreeSet<usize> = (0..known.len()).collect();
    for line in table.lines() {
        let mut parts = line.splitn(6, '\t');
        let mut part = || parts.next().expect("six parts");
        let (from, to, context, zone, value, expected) =
            (part(), part(), part(), part(), part(), part());
        let line = Line {
            from: type_of(from),
            to: type_of(to),
            context: match context {
                "explicit" => CastContext::Explicit,
                _ => CastContext::Assignment,
            },
            zone,
            value,
        };
        let found = line.outcome();
        let differs = known.iter().position(|known| {
            known.0 == from && known.1 == to && known.2 == value && found.starts_with(known.3)
        });
        if let Some(place) = differs {
            unused.remove(&place);
        } else if found != expected {
            wrong.push(format!(
                "{from} to {to} [{context}] {value:?}\n   pg {expected}\n  own {found}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
    assert!(unused.is_empty(), "no longer differ: {unused:?}");
}

#[test]
fn casts_are_those_of_postgresql() {
    let nan = "!0A000";
    let known = [
        ("real", "numeric(5,2)", "NaN", nan),
        ("real", "numeric(10,0)", "NaN", nan),
        ("real", "numeric(38,10)", "NaN", nan),
        ("double precision", "numeric(5,2)", "NaN", nan),
        ("double precision", "numeric(10,0)", "NaN", nan),
        ("double precision", "numeric(38,10)", "NaN", nan),
        // More digits, or more time, than are held here.
        ("jsonb", "numeric", "1e400", "!22003"),
        ("text", "interval", "99999999999", "!22008"),
    ];
    check(include_str!("cases/casts.txt"), &known);
}

#[test]
fn casts_are_allowed_where_pg_cast_says() {
    use CastContext::{Assignment, Explicit, Implicit};
    let cases = [
        (Type::Int2, Type::Int8, Some(Implicit)),
        (Type::Int8, Type::Int4, Some(Assignment)),
        (Type::Int4, Type::BareNumeric, Some(Implicit)),
        (Type::BareNumeric, Type::Float8, Some(Implicit)),
        (Type::Float8, Type::BareNumeric, Some(Assignment)),
        (Type::Float8, Type::Int4, Some(Assignment)),
        (Type::Int4, Type::Bool, Some(Explicit)),
        (Type::Int8, Type::Bool, None),
        (Type::Text, Type::Int4, Some(Explicit)),
        (Type::Int4, Type::Text, Some(Assignment)),
        (Type::Text, Type::Varchar(Some(3)), Some(Implicit)),
        (Type::Date, Type::TimestampTz, Some(Implicit)),
        (Type::TimestampTz, Type::Timestamp, Some(Assignment)),
        (Type::Time, Type::Date, None),
        (Type::Date, Type::Int4, None),
        (Type::Unknown, Type::Uuid, Some(Implicit)),
        (Type::Numeric(5, 2), Type::BareNumeric, Some(Implicit)),
        (Type::Json, Type::Jsonb, Some(Assignment)),
        (Type::Jsonb, Type::Int4, Some(Explicit)),
        (Type::Array(Box::new(Type::Int4)), Type::Array(Box::new(Type::Int2)), Some(Assignment)),
    ];
    for (from, to, wanted) in cases {
        for context in [Implicit, Assignment, Explicit] {
            let allowed = wanted.is_some_and(|wanted| context >= wanted);
            assert_eq!(can_cast(&from, &to, context), allowed, "{from} to {to} {context:?}");
        }
    }
}

#[test]
fn a_literal_is_converted_at_once_unless_it_needs_the_session() {
    let cast_text =
        |text: &str, to: &Type| cast(lit(text), &Type::Unknown, to, CastContext::Implicit);
    let value = |expr: Result<Expr>| match expr.map_err(|error: Error| error.code()) {
        Ok(Expr::Literal(value, _)) => Ok(Some(value)),
        Ok(_) => Ok(None),
        Err(code) => Err(code),
    };
    let moment =
        |micros| Ok(Some(ScalarValue::TimestampMicrosecond(Some(micros), Some("UTC".into()))));
    assert_eq!(value(cast_text("12", &Type::Int4)), Ok(Some(ScalarValue::Int32(Some(12)))));
    assert_eq!(value(cast_text("abc", &Type::Int4)), Err("22P02"));
    assert_eq!(value(cast_text("1970-01-01 01:00+01", &Type::TimestampTz)), moment(0));
    assert_eq!(value(cast_text("1970-01-01 01:00", &Type::TimestampTz)), Ok(None));
    assert_eq!(value(cast_text("today", &Type::Date)), Ok(None));
    assert_eq!(value(cast_text("2013-02-30", &Type::TimestampTz)), Err("22008"));
    let style = TextStyle {
        zone: Zone::parse("Europe/Paris").expect("a zone"),
        now: Some(1_000_000),
        names: None,
    };
    let bound = |text: &str, to: &Type| {
        value(cast_in(lit(text), &Type::Unknown, to, CastContext::Implicit, &style))
    };
    assert_eq!(bound("1970-01-01 01:00", &Type::TimestampTz), moment(0));
    assert_eq!(bound("now", &Type::TimestampTz), moment(1_000_000));
    assert_eq!(bound("tomorrow", &Type::Date), Ok(Some(ScalarValue::Date32(Some(1)))));
}

#[test]
fn names_of_oids_are_those_of_the_session() {
    struct OneTable;
    impl Names for OneTable {
        fn name_of(&self, reg: Reg, oid: i64) -> Option<String> {
            (reg == Reg::Class && oid == 16_384).then(|| "orders".to_owned())
        }
        fn oid_of(&self, reg: Reg, name: &str) -> Option<i64> {
            (reg == Reg::Class && name == "orders").then_some(16_384)
        }
    }
    let class = Type::Reg(Reg::Class);
    let style = TextStyle { names: Some(Arc::new(OneTable)), ..TextStyle::default() };
    let bound = |text: &str| {
        cast_in(lit(text), &Type::Unknown, &class, CastContext::Explicit, &style)
            .map_err(|error| (error.code(), error.message().to_owned()))
    };
    assert_eq!(bound("orders"), Ok(lit(16_384_i64)));
    assert_eq!(bound("17"), Ok(lit(17_i64)));
    let missing = ("42P01", "relation \"nothing\" does not exist".to_owned());
    assert_eq!(bound("nothing"), Err(missing));
    let expr = cast_in(col("v"), &class, &Type::Text, CastContext::Explicit, &style);
    let oids: ArrayRef = Arc::new(arrow::array::Int64Array::from(vec![16_384, 17, 0]));
    let texts = evaluate(&expr.expect("a cast"), oids.clone(), &class, "UTC").expect("texts");
    let expected: ArrayRef = Arc::new(arrow::array::StringArray::from(vec!["orders", "17", "-"]));
    assert_eq!(&texts, &expected);
    // Without names it is refused rather than written as a number.
    let expr = cast(col("v"), &class, &Type::Text, CastContext::Explicit).expect("a cast");
    let refused = evaluate(&expr, oids, &class, "UTC");
    assert_eq!(refused.map_err(|error| error.code()), Err("0A000"));
    let types: ArrayRef = Arc::new(arrow::array::Int64Array::from(vec![23]));
    let kind = Type::Reg(Reg::Type);
    let expr = cast(col("v"), &kind, &Type::Text, CastContext::Explicit).expect("a cast");
    let texts = evaluate(&expr, types, &kind, "UTC").expect("texts");
    let expected: ArrayRef = Arc::new(arrow::array::StringArray::from(vec!["integer"]));
    assert_eq!(&texts, &expected);
}

#[test]
fn a_constant_that_fails_waits_for_its_turn() {
    let wide = lit(ScalarValue::Int64(Some(1 << 40)));
    let expr = cast(wide, &Type::Int8, &Type::Int4, CastContext::Explicit).expect("a cast");
    assert!(matches!(expr, Expr::ScalarFunction(_)));
    let null = lit(ScalarValue::Null);
    let expr = cast(null, &Type::Unknown, &Type::Int4, CastContext::Explicit).expect("a cast");
    assert_eq!(expr, lit(ScalarValue::Int32(None)));
}

#[test]
fn a_widening_cast_cannot_fail() {
    let safe = [
        (Type::Int2, Type::Int4),
        (Type::Int4, Type::BareNumeric),
        (Type::Int8, Type::Float4),
        (Type::Int4, Type::Numeric(10, 0)),
        (Type::Numeric(5, 2), Type::Numeric(7, 3)),
        (Type::Numeric(6, 2), Type::Int4),
        (Type::Int4, Type::Text),
        (Type::Char(3), Type::Varchar(Some(3))),
        (Type::TimestampTz, Type::Date),
    ];
    let unsafe_ones = [
        (Type::Int4, Type::Int2),
        (Type::Float4, Type::Int8),
        (Type::Int4, Type::Numeric(9, 0)),
        (Type::Numeric(5, 2), Type::Numeric(4, 1)),
        (Type::Numeric(12, 2), Type::Int4),
        (Type::Text, Type::Int4),
        (Type::Text, Type::Varchar(Some(3))),
        (Type::Json, Type::Jsonb),
        (Type::Date, Type::Timestamp),
    ];
    for (from, to) in safe {
        assert!(!cast_is_fallible(&from, &to), "{from} to {to}");
    }
    for (from, to) in unsafe_ones {
        assert!(cast_is_fallible(&from, &to), "{from} to {to}");
    }
}
