//! Literals: a number's type is the narrowest that holds it, a string's is not known yet.
use datafusion::common::ScalarValue;
use datafusion::logical_expr::Expr;
use sqlparser::ast::{DateTimeField, Expr as Written, Interval, TypedString, Value};

use super::{Binder, Typed, data_type};
use crate::functions::CastContext;
use crate::types::{NUMERIC_PRECISION_MAX, Type};
use crate::{Error, Result};

impl Binder<'_> {
    /// Binds a literal or parameter.
    pub(super) fn literal(&mut self, value: &Value) -> Result<Typed> {
        match value {
            Value::Number(digits, _) => number(digits),
            Value::SingleQuotedString(text)
            | Value::EscapedStringLiteral(text)
            | Value::UnicodeStringLiteral(text)
            | Value::NationalStringLiteral(text) => Ok(unknown(text)),
            Value::DollarQuotedString(text) => Ok(unknown(&text.value)),
            Value::Boolean(value) => {
                Ok(Typed::new(Expr::Literal(ScalarValue::Boolean(Some(*value)), None), Type::Bool))
            }
            Value::Null => {
                Ok(Typed::new(Expr::Literal(ScalarValue::Utf8(None), None), Type::Unknown))
            }
            Value::Placeholder(name) => self.parameter(name),
            other => Err(Error::unsupported(format!("the literal {other}"))),
        }
    }

    /// Binds `DATE '2024-01-01'` and its like.
    pub(super) fn typed_string(&mut self, string: &TypedString) -> Result<Typed> {
        let ty = data_type(&string.data_type)?;
        let value = self.literal(&string.value.value)?;
        self.cast(value, &ty, CastContext::Explicit)
    }

    /// Binds `INTERVAL '1 minute'`, `INTERVAL '1' MINUTE`.
    pub(super) fn interval(&mut self, interval: &Interval) -> Result<Typed> {
        let Written::Value(value) = interval.value.as_ref() else {
            return Err(Error::unsupported("an interval that is not a literal")
                .with_hint("Multiply one: x * INTERVAL '1 day'."));
        };
        let mut value = self.literal(&value.value)?;
        let Expr::Literal(ScalarValue::Utf8(text), _) = &mut value.expr else {
            return Err(Error::new("42601", "an interval literal needs quotes"));
        };
        if interval.leading_precision.is_some() || interval.fractional_seconds_precision.is_some() {
            return Err(Error::unsupported("an interval with a precision"));
        }
        if let (Some(text), Some(field)) = (text, &interval.leading_field) {
            *text = with_unit(text, field, interval.last_field.as_ref())?;
        }
        self.cast(value, &Type::Interval, CastContext::Explicit)
    }
}

/// `1` with `MINUTE` is `1 minute`; a text that spans fields says its own units by its colons.
fn with_unit(text: &str, first: &DateTimeField, last: Option<&DateTimeField>) -> Result<String> {
    let trimmed = text.trim();
    let is_number = trimmed.parse::<f64>().is_ok();
    let unit = last.unwrap_or(first);
    let word = match unit {
        DateTimeField::Year | DateTimeField::Years => "year",
        DateTimeField::Month | DateTimeField::Months => "month",
        DateTimeField::Week(None) | DateTimeField::Weeks => "week",
        DateTimeField::Day | DateTimeField::Days => "day",
        DateTimeField::Hour | DateTimeField::Hours => "hour",
        DateTimeField::Minute | DateTimeField::Minutes => "minute",
        DateTimeField::Second | DateTimeField::Seconds => "second",
        other => return Err(Error::unsupported(format!("the interval unit {other}"))),
    };
    if is_number {
        return Ok(format!("{trimmed} {word}"));
    }
    // A text that spans fields reads the same without them, unless minutes come first.
    let colons = trimmed.matches(':').count();
    let reads_the_same = match first {
        DateTimeField::Minute | DateTimeField::Minutes => colons == 2,
        DateTimeField::Second | DateTimeField::Seconds => false,
        _ => last.is_some(),
    };
    if reads_the_same {
        return Ok(trimmed.to_owned());
    }
    Err(Error::unsupported(format!("an interval with fields written as '{text}'"))
        .with_hint("Write the units inside the quotes: INTERVAL '1 day 2 hours'."))
}

fn unknown(text: &str) -> Typed {
    let value = ScalarValue::Utf8(Some(text.to_owned()));
    Typed::new(Expr::Literal(value, None), Type::Unknown)
}

/// An integer where it fits, else a numeric with exactly the digits that were written.
fn number(digits: &str) -> Result<Typed> {
    let digits = digits.replace('_', "");
    if let Ok(value) = digits.parse::<i32>() {
        return Ok(Typed::new(Expr::Literal(ScalarValue::Int32(Some(value)), None), Type::Int4));
    }
    if let Ok(value) = digits.parse::<i64>() {
        return Ok(Typed::new(Expr::Literal(ScalarValue::Int64(Some(value)), None), Type::Int8));
    }
    let (value, precision, scale) = match decimal(&digits) {
        Ok(decimal) => decimal,
        Err(error) => return power_of_ten(&digits).ok_or(error),
    };
    let value = ScalarValue::Decimal128(Some(value), precision, scale);
    Ok(Typed::new(Expr::Literal(value, None), Type::Numeric(precision, scale)))
}

/// `1e308`, which no numeric of ours holds, as the double precision that it is meant to be.
fn power_of_ten(digits: &str) -> Option<Typed> {
    digits.contains(['e', 'E']).then_some(())?;
    let value: f64 =
        digits.parse().ok().filter(|value: &f64| value.is_finite() && *value != 0.0)?;
    Some(Typed::new(Expr::Literal(ScalarValue::Float64(Some(value)), None), Type::Float8))
}

/// A decimal's digits as an integer, their number, and how many are behind the point.
fn decimal(text: &str) -> Result<(i128, u8, i8)> {
    let too_long = || {
        Error::new("22003", "value overflows numeric format").with_detail(format!(
            "A numeric has at most {NUMERIC_PRECISION_MAX} digits, those behind the point included."
        ))
    };
    let bad = || Error::new("22P02", "invalid input syntax for type numeric");
    let (sign, text) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text),
    };
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let exponent: i32 = exponent.parse().map_err(|_| bad())?;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let behind = i32::try_from(fraction.len()).map_err(|_| too_long())?;
    let scale = behind.checked_sub(exponent).ok_or_else(too_long)?;
    let mut value: i128 = match format!("{whole}{fraction}").trim_start_matches('0') {
        "" => 0,
        digits => digits.parse().map_err(|_| {
            if digits.bytes().all(|digit| digit.is_ascii_digit()) { too_long() } else { bad() }
        })?,
    };
    if scale < 0 && value != 0 {
        let unit = 10_i128.checked_pow(scale.unsigned_abs()).ok_or_else(too_long)?;
        value = value.checked_mul(unit).ok_or_else(too_long)?;
    }
    let scale = u8::try_from(scale.max(0)).map_err(|_| too_long())?;
    let digits = value.to_string().len();
    let precision = u8::try_from(digits).map_err(|_| too_long())?.max(scale).max(1);
    if precision > NUMERIC_PRECISION_MAX {
        return Err(too_long());
    }
    Ok((sign * value, precision, i8::try_from(scale).map_err(|_| too_long())?))
}
