//! A key of a value: what Arrow compares as PostgreSQL compares the value.
//!
//! Arrow's order is PostgreSQL's for most types. Not for floats (-0 equals 0, NaN equals NaN),
//! not for intervals (a month is 30 days, a day 24 hours), not for `character(n)` (trailing blanks
//! mean nothing), not for numerics of unlike digits, not for the numbers in a `jsonb`.
use datafusion::common::ScalarValue;
use datafusion::logical_expr::Expr;

use super::numeric_value::{Digits, power_of_ten, rescaled, widened};
use crate::functions::kernel::{Arguments, Definition, Fallible, Interval, call_as, map1};
use crate::types::{NUMERIC_PRECISION_MAX, Type};

/// A day's length, as intervals are compared.
const DAY_MICROS: i128 = 86_400_000_000;
/// A month's length, as intervals are compared.
const MONTH_DAYS: i128 = 30;

/// An expression that Arrow orders and compares as PostgreSQL does `value` of type `kind`.
///
/// For `GROUP BY`, `DISTINCT`, join keys and `ORDER BY`; it is `value` itself for most types.
pub fn order_key(value: Expr, kind: &Type) -> Expr {
    match kind {
        Type::Float4 | Type::Float8 => float_key(value, kind),
        Type::Interval => {
            let digits = Type::Numeric(NUMERIC_PRECISION_MAX, 0);
            call_as(&INTERVAL_KEY, vec![value], &[Type::Interval], digits)
        }
        Type::Jsonb => call_as(&JSON_KEY, vec![value], &[Type::Jsonb], Type::Jsonb),
        Type::Char(_) => call_as(&CHAR_KEY, vec![value], std::slice::from_ref(kind), Type::Text),
        _ => value,
    }
}

/// Keys that compare two values of one kind with each other.
pub(super) fn common_keys(left: (Expr, &Type), right: (Expr, &Type)) -> (Expr, Expr) {
    let (own, other) = (left.1.held(), right.1.held());
    match (&own, &other) {
        (Type::Numeric(..) | Type::BareNumeric, Type::Numeric(..) | Type::BareNumeric) => {
            numeric_keys((left.0, &own), (right.0, &other))
        }
        _ => (order_key(left.0, left.1), order_key(right.0, right.1)),
    }
}

fn float_key(value: Expr, kind: &Type) -> Expr {
    match &value {
        Expr::Literal(ScalarValue::Float64(Some(float)), _) if *float != 0.0 && !float.is_nan() => {
            value
        }
        _ => call_as(&FLOAT_KEY, vec![value], std::slice::from_ref(kind), kind.clone()),
    }
}

fn numeric_keys(left: (Expr, &Type), right: (Expr, &Type)) -> (Expr, Expr) {
    if left.1.arrow() == right.1.arrow() {
        return (left.0, right.0);
    }
    if let Some(literal) = literal_as(&right.0, left.1) {
        return (left.0, literal);
    }
    if let Some(literal) = literal_as(&left.0, right.1) {
        return (literal, right.0);
    }
    let digits = Digits::of(left.1).union(Digits::of(right.1));
    let common = match digits.fit() {
        true => Digits { bare: false, ..digits }.to_type(),
        false => return wide_keys(left, right, digits.scale),
    };
    let widen = |value: Expr, kind: &Type| match kind.arrow() == common.arrow() {
        true => value,
        false => call_as(&WIDEN, vec![value], std::slice::from_ref(kind), common.clone()),
    };
    (widen(left.0, left.1), widen(right.0, right.1))
}

/// A numeric literal as one of type `to`, if that is exact.
fn literal_as(literal: &Expr, to: &Type) -> Option<Expr> {
    let Expr::Literal(ScalarValue::Decimal128(Some(value), _, scale), _) = literal else {
        return None;
    };
    let digits = Digits::of(to);
    let value = rescaled(*value, i32::from(*scale), digits.scale).ok()?;
    let within = power_of_ten(digits.whole + digits.scale)?;
    (value.abs() < within).then(|| {
        let arrow::datatypes::DataType::Decimal128(precision, scale) = to.arrow() else {
            return literal.clone();
        };
        Expr::Literal(ScalarValue::Decimal128(Some(value), precision, scale), None)
    })
}

fn wide_keys(left: (Expr, &Type), right: (Expr, &Type), scale: i32) -> (Expr, Expr) {
    let scale = Expr::Literal(ScalarValue::Int32(Some(scale)), None);
    let key = |value: Expr, kind: &Type| {
        call_as(
            &NUMERIC_BYTES,
            vec![value, scale.clone()],
            &[kind.clone(), Type::Int4],
            Type::Bytea,
        )
    };
    (key(left.0, left.1), key(right.0, right.1))
}

static FLOAT_KEY: Definition = Definition {
    fallible: Fallible::Never,
    ..Definition::new("float_key", first, |arguments| match arguments.result() {
        Type::Float4 => {
            map1(arguments, |value: f32| if value.is_nan() { f32::NAN } else { value + 0.0 })
        }
        _ => map1(arguments, |value: f64| if value.is_nan() { f64::NAN } else { value + 0.0 }),
    })
};

static INTERVAL_KEY: Definition = Definition {
    fallible: Fallible::Never,
    ..Definition::new("interval_key", first, |arguments| {
        map1(arguments, |value: Interval| value.span())
    })
};

static CHAR_KEY: Definition = Definition {
    fallible: Fallible::Never,
    ..Definition::new("char_key", first, |arguments| map1(arguments, trimmed))
};

static JSON_KEY: Definition = Definition {
    fallible: Fallible::Never,
    ..Definition::new("json_key", first, |arguments| map1(arguments, json_key))
};

/// The text of a `jsonb` whose numbers end in no zero behind the point.
fn json_key(text: &str) -> String {
    let mut key = String::with_capacity(text.len());
    let (mut inside, mut escaped, mut fraction) = (false, false, false);
    for c in text.chars() {
        if fraction && !c.is_ascii_digit() {
            end_fraction(&mut key);
            fraction = false;
        }
        match c {
            _ if escaped => escaped = false,
            '\\' if inside => escaped = true,
            '"' => inside = !inside,
            '.' if !inside => fraction = true,
            _ => {}
        }
        key.push(c);
    }
    if fraction {
        end_fraction(&mut key);
    }
    key
}

fn end_fraction(key: &mut String) {
    let zeros = key.trim_end_matches('0');
    let length = zeros.strip_suffix('.').unwrap_or(zeros).len();
    key.truncate(length);
}

fn trimmed(value: &str) -> &str {
    value.trim_end_matches(' ')
}

static WIDEN: Definition = Definition {
    fallible: Fallible::Never,
    ..Definition::new("widen", first, |arguments| {
        let places = arguments.result_scale() - arguments.scale(0);
        let unit = power_of_ten(places).unwrap_or(0);
        map1(arguments, |value: i128| value.wrapping_mul(unit))
    })
};

/// 256 bits, most significant first, the sign turned: bytes that order as the numbers do.
static NUMERIC_BYTES: Definition = Definition {
    fallible: Fallible::Never,
    ..Definition::new("numeric_bytes", first, numeric_bytes)
};

fn numeric_bytes(arguments: &Arguments<'_>) -> engine::Result<arrow::array::ArrayRef> {
    let own = arguments.scale(0);
    crate::functions::kernel::map2(arguments, |value: i128, scale: i32| {
        // 38 digits and 38 places fit 256 bits.
        let wide = widened(value, scale - own)?;
        let mut bytes = wide.to_be_bytes().to_vec();
        if let Some(first) = bytes.first_mut() {
            *first ^= 0x80;
        }
        Some(bytes)
    })
}

fn first(types: &[Type]) -> crate::Result<Type> {
    Ok(types.first().cloned().unwrap_or(Type::Unknown))
}

impl Interval {
    /// Its length in microseconds, by which intervals are compared.
    pub(crate) fn span(self) -> i128 {
        let days = i128::from(self.months) * MONTH_DAYS + i128::from(self.days);
        days * DAY_MICROS + i128::from(self.micros)
    }
}
