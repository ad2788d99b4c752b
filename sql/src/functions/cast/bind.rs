//! A cast as the binder asks for it: refused, left out, computed at once, or planned.
use datafusion::common::ScalarValue;
use datafusion::logical_expr::{Expr, ScalarUDF};

use super::allowed::can_cast;
use super::conversion::Conversion;
use super::function::{CastFunction, depends_on_session};
use super::number::base_name;
use crate::functions::CastContext;
use crate::types::input::{Fit, needs_session};
use crate::types::{TextStyle, Type};
use crate::{Error, Result};

/// `expr`, of the type `from`, as an expression of the type `to`.
///
/// Literals are converted at once, so that a wrong one is an error of the binder; except what
/// depends on the session's zone or clock, which is converted when the plan runs (its zone is
/// the configuration's, see [`style_of`](super::style_of)). [`cast_in`] converts that too.
///
/// # Errors
/// 42846 if there is no such cast in this context; those of the type's input for a literal.
pub fn cast(expr: Expr, from: &Type, to: &Type, context: CastContext) -> Result<Expr> {
    convert(expr, from, to, context, None)
}

/// The same where the session's zone and clock are known: every literal is converted at once,
/// and the function keeps the zone, so that it asks no configuration when it runs.
///
/// # Errors
/// Those of [`cast`].
pub fn cast_in(
    expr: Expr,
    from: &Type,
    to: &Type,
    context: CastContext,
    style: &TextStyle,
) -> Result<Expr> {
    convert(expr, from, to, context, Some(style))
}

fn convert(
    expr: Expr,
    from: &Type,
    to: &Type,
    context: CastContext,
    style: Option<&TextStyle>,
) -> Result<Expr> {
    if from == to {
        return Ok(expr);
    }
    if !can_cast(from, to, context) {
        let message = format!("cannot cast type {} to {}", base_name(from), base_name(to));
        return Err(Error::new("42846", message));
    }
    let fit = if context == CastContext::Explicit { Fit::Cut } else { Fit::Refuse };
    let conversion = Conversion { from: from.clone(), to: to.clone(), fit };
    if let Expr::Literal(value, _) = &expr {
        if value.is_null() {
            return Ok(Expr::Literal(ScalarValue::try_from(&to.arrow())?, None));
        }
        if let Some(value) = fold(value, &conversion, style)? {
            return Ok(Expr::Literal(value, None));
        }
    }
    if keeps_bytes(from, to) {
        return Ok(expr);
    }
    Ok(ScalarUDF::new_from_impl(CastFunction::new(conversion, style)).call(vec![expr]))
}

/// The literal's value; none if it must wait for the session, or for the error's turn.
fn fold(
    value: &ScalarValue,
    conversion: &Conversion,
    style: Option<&TextStyle>,
) -> Result<Option<ScalarValue>> {
    let unknown = conversion.from == Type::Unknown;
    if style.is_none() && waits(value, conversion) {
        return Ok(None);
    }
    let default = TextStyle::default();
    let converted = value
        .to_array()
        .map_err(Error::from)
        .and_then(|column| conversion.apply(&column, style.unwrap_or(&default)))
        .and_then(|column| Ok(ScalarValue::try_from_array(&column, 0)?));
    match converted {
        Ok(value) => Ok(Some(value)),
        // The text of a literal is part of the statement; a value may never be asked for.
        Err(error) if unknown => Err(error),
        Err(_) => Ok(None),
    }
}

/// Whether the value depends on a session that is not known here.
fn waits(value: &ScalarValue, conversion: &Conversion) -> bool {
    let text = match value {
        ScalarValue::Utf8(Some(text)) if conversion.from != Type::ByteChar => Some(text),
        _ => None,
    };
    match text {
        Some(text) => needs_session(text, &conversion.to),
        None => depends_on_session(&conversion.from, &conversion.to),
    }
}

/// Whether a value is the same in both types, so that nothing need be done.
fn keeps_bytes(from: &Type, to: &Type) -> bool {
    use Type::{
        Array, ByteChar, Int8, Json, Jsonb, Name, Oid, Reg, Text, Unknown, Varchar, Vector,
    };
    // What was rounded is a value of the plain type, and of one with more digits.
    let rounding = match (from, to) {
        (Type::Rounded(moment, digits), Type::Rounded(wanted, most)) => {
            moment == wanted && digits <= most
        }
        (Type::Rounded(..), to) => from.plain() == to,
        _ => false,
    };
    rounding
        || matches!(
            (from, to),
            (Text | Varchar(_) | Name | ByteChar | Unknown, Text | Varchar(None))
                | (Oid | Reg(_), Oid | Reg(_) | Int8)
                | (Jsonb | Json, Text | Varchar(None))
                | (Jsonb, Json)
                | (Vector(_), Array(_))
        )
        || matches!((from, to), (Varchar(Some(length)), Varchar(Some(wanted))) if length <= wanted)
}
