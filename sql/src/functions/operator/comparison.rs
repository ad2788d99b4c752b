//! Comparisons: `= <> < <= > >=` and `IS [NOT] DISTINCT FROM`, between values of one kind.
//!
//! They are DataFusion's own, so that it can move them and find join keys in them, over
//! [keys](super::order_key) of the values. They never fail. jsonb has `=` and `<>` only.
use arrow::datatypes::DataType;
use datafusion::logical_expr::{BinaryExpr, Expr, Operator, Volatility, cast};

use super::key::common_keys;
use crate::Result;
use crate::functions::Overload;
use crate::types::Type;

/// The comparison that the operator `symbol` builds of values that have these types.
type Build = fn(Vec<Expr>, &[Type]) -> Result<Expr>;

/// `left operator right`, compared as PostgreSQL compares values of these types, which are of one
/// kind.
pub fn comparison(operator: Operator, left: (Expr, &Type), right: (Expr, &Type)) -> Expr {
    let (left, right) = common_keys(left, right);
    Expr::BinaryExpr(BinaryExpr { left: Box::new(left), op: operator, right: Box::new(right) })
}

fn build(operator: Operator, arguments: Vec<Expr>, types: &[Type]) -> Result<Expr> {
    let (Ok([left, right]), [left_type, right_type]) = (<[Expr; 2]>::try_from(arguments), types)
    else {
        return Err(crate::Error::internal("a comparison takes two operands"));
    };
    let (left, left_kind) = widened(left, left_type, right_type);
    let (right, right_kind) = widened(right, right_type, left_type);
    Ok(comparison(operator, (left, &left_kind), (right, &right_kind)))
}

const EQUALITY: [(&str, Build); 4] = [
    ("=", |arguments, types| build(Operator::Eq, arguments, types)),
    ("<>", |arguments, types| build(Operator::NotEq, arguments, types)),
    ("is distinct from", |arguments, types| build(Operator::IsDistinctFrom, arguments, types)),
    ("is not distinct from", |arguments, types| {
        build(Operator::IsNotDistinctFrom, arguments, types)
    }),
];

const ORDER: [(&str, Build); 4] = [
    ("<", |arguments, types| build(Operator::Lt, arguments, types)),
    ("<=", |arguments, types| build(Operator::LtEq, arguments, types)),
    (">", |arguments, types| build(Operator::Gt, arguments, types)),
    (">=", |arguments, types| build(Operator::GtEq, arguments, types)),
];

/// The kinds that have an order.
pub(crate) fn ordered_kinds() -> Vec<Type> {
    vec![
        Type::Bool,
        Type::Int2,
        Type::Int4,
        Type::Int8,
        Type::Float4,
        Type::Float8,
        Type::BareNumeric,
        Type::Text,
        Type::Char(1),
        Type::ByteChar,
        Type::Name,
        Type::Bytea,
        Type::Date,
        Type::Time,
        Type::Timestamp,
        Type::TimestampTz,
        Type::Interval,
        Type::Uuid,
        Type::Oid,
    ]
}

/// Pairs of unlike kinds that have comparisons of their own.
fn mixed_kinds() -> Vec<(Type, Type)> {
    vec![
        (Type::Name, Type::Text),
        (Type::Text, Type::Name),
        (Type::Float4, Type::Float8),
        (Type::Float8, Type::Float4),
    ]
}

/// A real beside a double precision, as one: what a real is not exactly, it is not.
fn widened(expr: Expr, own: &Type, other: &Type) -> (Expr, Type) {
    match (own, other) {
        (Type::Float4, Type::Float8) => (cast(expr, DataType::Float64), Type::Float8),
        _ => (expr, own.clone()),
    }
}

/// Overloads of all comparisons.
pub(super) fn overloads() -> Vec<Overload> {
    let mut overloads = vec![];
    let mut add = |operators: &[(&'static str, Build)], left: &Type, right: &Type| {
        overloads.extend(operators.iter().map(|(name, build)| Overload {
            name,
            arguments: vec![left.clone(), right.clone()],
            variadic: false,
            result: |_| Ok(Type::Bool),
            fallible: false,
            volatility: Volatility::Immutable,
            build: *build,
        }));
    };
    let same = ordered_kinds().into_iter().map(|kind| (kind.clone(), kind));
    for (left, right) in same.chain(mixed_kinds()) {
        add(&EQUALITY, &left, &right);
        add(&ORDER, &left, &right);
    }
    add(&EQUALITY, &Type::Jsonb, &Type::Jsonb);
    overloads
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::check;

    #[test]
    fn floats_compare_by_value() {
        check(&[
            ("'NaN'::float8 = 'NaN'::float8", "t"),
            ("'NaN'::float8 > 'Infinity'::float8", "t"),
            ("'-0'::float8 = 0::float8", "t"),
            ("'-0'::float8 < 0::float8", "f"),
            ("'NaN'::float4 = 'NaN'::float4", "t"),
            ("1::float8 < 'NaN'::float8", "t"),
            ("1.5::float4 = 1.5::float8", "t"),
            ("1.1::float4 = 1.1::float8", "f"),
            ("1.1::float8 < 1.1::float4", "t"),
            ("1.5::float8 <> 1.5::float8", "f"),
            ("NULL::float8 = 1::float8", "NULL"),
        ]);
    }

    #[test]
    fn numerics_compare_whatever_their_digits() {
        check(&[
            ("1.0 = 1.00", "t"),
            ("1 = 1.0", "t"),
            ("0.1 < 0.11", "t"),
            ("99999999999999999999999999999999999999 > 0.00000000000000000001", "t"),
            ("-99999999999999999999999999999999999999 < 0.00000000000000000001", "t"),
            ("0.5::numeric(38,38) > 0.25::numeric(38,2)", "t"),
            ("NULL::numeric < 1.5", "NULL"),
        ]);
    }

    #[test]
    fn text_compares_by_bytes() {
        check(&[
            ("'a' < 'b'::text", "t"),
            ("'B'::text < 'a'", "t"),
            ("'a'::text < 'ab'", "t"),
            ("'é'::text > 'z'", "t"),
            ("'ab '::text = 'ab'", "f"),
            ("'ab '::char(4) = 'ab'::char(2)", "t"),
            ("'a'::char(3) < 'a '::char(5)", "f"),
        ]);
    }

    #[test]
    fn intervals_compare_by_normal_form() {
        check(&[
            ("'1 mon'::interval = '30 days'::interval", "t"),
            ("'1 day'::interval = '24:00:00'::interval", "t"),
            ("'1 mon'::interval > '29 days 23:00:00'::interval", "t"),
            ("'1 year'::interval < '366 days'::interval", "t"),
        ]);
    }

    #[test]
    fn other_kinds_compare() {
        check(&[
            ("true > false", "t"),
            ("'2024-01-01'::date < '2024-01-02'::date", "t"),
            ("'infinity'::date > '9999-12-31'::date", "t"),
            ("1 IS DISTINCT FROM NULL", "t"),
            ("NULL::int4 IS NOT DISTINCT FROM NULL::int4", "t"),
            ("1.0::float8 IS DISTINCT FROM 1.0::float8", "f"),
            ("1::int2 = 1::int8", "t"),
            ("2 <= 1", "f"),
            ("2 >= 2", "t"),
        ]);
    }

    #[test]
    fn the_numbers_in_a_jsonb_compare_by_value() {
        check(&[
            ("'1.0'::jsonb = '1'::jsonb", "t"),
            ("'{\"a\": [1.50, \"1.0\", 10]}'::jsonb = '{\"a\": [1.5, \"1.0\", 10]}'::jsonb", "t"),
            ("'{\"a\": \"1.0\"}'::jsonb = '{\"a\": \"1\"}'::jsonb", "f"),
            ("'[\"\\\"1.0\"]'::jsonb = '[\"\\\"1\"]'::jsonb", "f"),
            ("'1.5e2'::jsonb <> '150'::jsonb", "f"),
            ("'0.0'::jsonb = '-0'::jsonb", "t"),
            ("'100'::jsonb = '1'::jsonb", "f"),
        ]);
    }
}
