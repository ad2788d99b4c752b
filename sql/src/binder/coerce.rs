//! Making types equal: casts, and the common type of several expressions.
use datafusion::common::ScalarValue;
use datafusion::logical_expr::Expr;

use super::category::{category, is_implicit, is_preferred, same_kind};
use super::expression::plain;
use super::{Binder, Typed, library};
use crate::functions::CastContext;
use crate::types::{BARE_NUMERIC_SCALE, NUMERIC_PRECISION_MAX, Type};
use crate::{Error, Result};

impl Binder<'_> {
    /// `value` as one of type `to`, where the context allows that cast.
    pub fn cast(&mut self, value: Typed, to: &Type, context: CastContext) -> Result<Typed> {
        let stays = context == CastContext::Explicit
            && matches!((&value.ty, to), (Type::Quotient(..), Type::BareNumeric));
        if value.ty == *to || stays {
            // What has no digits of its own takes a quotient as it is.
            return Ok(value);
        }
        if value.ty == Type::Unknown {
            let span = value.span;
            return match self.cast_unknown(value, to, context) {
                Ok(typed) => Ok(typed.at(span)),
                Err(error) => Err(error.at(span)),
            };
        }
        let span = value.span;
        let is_text = |ty: &Type| matches!(ty, Type::Text | Type::Varchar(None));
        if is_text(&value.ty) && is_text(to) {
            return Ok(Typed { ty: to.clone(), ..value });
        }
        let expr = library::cast(value.expr, &value.ty, to, context, self.environment)?;
        Ok(Typed::new(expr, to.clone()).at(span))
    }

    fn cast_unknown(&mut self, value: Typed, to: &Type, context: CastContext) -> Result<Typed> {
        if let Expr::Placeholder(placeholder) = &value.expr {
            let known = self.settle(&placeholder.id.clone(), to)?;
            return self.cast(known, to, context);
        }
        if let Expr::Literal(literal, _) = &value.expr
            && literal.is_null()
        {
            let null = ScalarValue::try_from(&to.arrow())?;
            return Ok(Typed::new(Expr::Literal(null, None), to.clone()));
        }
        if matches!(to, Type::Text | Type::Unknown | Type::Varchar(None)) {
            return Ok(Typed::new(value.expr, to.clone()));
        }
        let expr = library::cast(value.expr, &Type::Unknown, to, context, self.environment)?;
        Ok(Typed::new(expr, to.clone()))
    }

    /// The same by an implicit cast.
    pub(super) fn implicit(&mut self, value: Typed, to: &Type) -> Result<Typed> {
        self.cast(value, to, CastContext::Implicit)
    }

    /// The argument of a function as one of this kind: digits and lengths stay its own.
    pub(super) fn argument(&mut self, value: Typed, kind: &Type) -> Result<Typed> {
        // Rounding is over: what a function makes of it has all digits.
        let value = Typed { ty: value.ty.plain().clone(), ..value };
        match (kind, &value.ty) {
            (Type::Unknown, Type::Unknown) => self.implicit(value, &Type::Text),
            (Type::Unknown, _) => Ok(value),
            (Type::Array(item), Type::Array(_)) if **item == Type::Unknown => Ok(value),
            (kind, own) if same_kind(kind, own) => Ok(value),
            (Type::BareNumeric | Type::Numeric(..), own) => {
                if let Some(digits) = exact(&value.expr) {
                    return Ok(digits);
                }
                let digits = digits_of(own);
                self.implicit(value, &digits)
            }
            (Type::Varchar(_), _) => self.implicit(value, &Type::Varchar(None)),
            (Type::Char(_), own) if own.is_text() || *own == Type::Unknown => {
                self.implicit(value, &Type::Text)
            }
            (kind, _) => self.implicit(value, kind),
        }
    }

    /// The expressions, all as their common type; `context` is how messages name the place.
    pub(super) fn unify(
        &mut self,
        values: Vec<Typed>,
        context: &str,
    ) -> Result<(Vec<Typed>, Type)> {
        let types: Vec<Type> = values.iter().map(|value| value.ty.clone()).collect();
        let common = common_type(&types, context).map_err(|error| {
            // The culprit is the first that does not go with those before it.
            let first = (1..=types.len()).find(|count| {
                types.get(..*count).is_some_and(|some| common_type(some, context).is_err())
            });
            match first.and_then(|count| values.get(count - 1)) {
                Some(value) => error.at(value.span),
                None => error,
            }
        })?;
        let values = values
            .into_iter()
            .map(|value| self.commonly(value, &common, context))
            .collect::<Result<_>>()?;
        Ok((values, common))
    }

    /// The expression as one of the common type; 42846 where there is no such cast.
    pub(super) fn commonly(&mut self, value: Typed, common: &Type, context: &str) -> Result<Typed> {
        if !is_implicit(&value.ty, common) {
            return Err(Error::new(
                "42846",
                format!(
                    "{context} could not convert type {} to {}",
                    plain(&value.ty),
                    plain(common)
                ),
            ));
        }
        self.implicit(value, common)
    }
}

/// An integer literal as a numeric of just its digits, so that results stay narrow.
fn exact(expr: &Expr) -> Option<Typed> {
    let value = match expr {
        Expr::Literal(ScalarValue::Int16(Some(value)), _) => i128::from(*value),
        Expr::Literal(ScalarValue::Int32(Some(value)), _) => i128::from(*value),
        Expr::Literal(ScalarValue::Int64(Some(value)), _) => i128::from(*value),
        _ => return None,
    };
    let digits = value.unsigned_abs().checked_ilog10().unwrap_or_default() + 1;
    let digits = u8::try_from(digits).ok()?;
    let literal = Expr::Literal(ScalarValue::Decimal128(Some(value), digits, 0), None);
    Some(Typed::new(literal, Type::Numeric(digits, 0)))
}

/// The numeric that holds every value of a number type.
fn digits_of(ty: &Type) -> Type {
    match ty {
        Type::Int2 => Type::Numeric(5, 0),
        Type::Int4 => Type::Numeric(10, 0),
        Type::Int8 | Type::Oid => Type::Numeric(19, 0),
        Type::Numeric(..) => ty.clone(),
        Type::Quotient(..) => ty.held(),
        _ => Type::BareNumeric,
    }
}

/// The type that all of these become, as PostgreSQL's UNION and CASE choose it; text where
/// none is known.
pub(super) fn common_type(types: &[Type], context: &str) -> Result<Type> {
    let mut known = types.iter().filter(|ty| **ty != Type::Unknown);
    let Some(first) = known.next() else {
        return Ok(Type::Text);
    };
    let mut best = first.clone();
    for ty in known {
        if same_kind(ty, &best) {
            best = wider(&best, ty);
            continue;
        }
        if category(ty) != category(&best) {
            return Err(Error::new(
                "42804",
                format!("{context} types {} and {} cannot be matched", plain(&best), plain(ty)),
            ));
        }
        if !is_preferred(&best) && is_implicit(&best, ty) && !is_implicit(ty, &best) {
            best = ty.clone();
        }
    }
    if let Some(quotient) = common_quotient(types) {
        return Ok(quotient);
    }
    if matches!(best, Type::Numeric(..) | Type::BareNumeric | Type::Quotient(..)) {
        let all: Vec<Type> =
            types.iter().filter(|ty| **ty != Type::Unknown).map(digits_of).collect();
        best = all
            .iter()
            .skip(1)
            .fold(all.first().cloned().unwrap_or(best), |best, ty| wider(&best, ty));
    }
    Ok(best)
}

/// The quotient that holds all of these, where one of them is a quotient and all are numbers
/// behind whose point it has room.
fn common_quotient(types: &[Type]) -> Option<Type> {
    let mut found: Option<(i8, i8)> = None;
    let mut most = 0;
    for ty in types {
        match ty {
            Type::Quotient(scale, least) => {
                let (held, shown) = found.unwrap_or((0, *least));
                found = Some((held.max(*scale), shown.min(*least)));
            }
            Type::Numeric(_, scale) => most = most.max(*scale),
            Type::BareNumeric => most = most.max(BARE_NUMERIC_SCALE),
            Type::Int2 | Type::Int4 | Type::Int8 | Type::Unknown => {}
            _ => return None,
        }
    }
    found.map(|(scale, least)| Type::Quotient(scale.max(most), least))
}

/// The type of one kind that holds the values of both; it has no digits or length where none has.
fn wider(left: &Type, right: &Type) -> Type {
    match (left, right) {
        (Type::Numeric(p, s), Type::Numeric(q, t)) => {
            let scale = (*s).max(*t);
            let whole = (i16::from(*p) - i16::from(*s)).max(i16::from(*q) - i16::from(*t));
            let precision = whole + i16::from(scale);
            match u8::try_from(precision).ok().filter(|digits| *digits <= NUMERIC_PRECISION_MAX) {
                Some(precision) => Type::Numeric(precision, scale),
                None => Type::BareNumeric,
            }
        }
        (Type::BareNumeric, Type::Numeric(_, scale))
        | (Type::Numeric(_, scale), Type::BareNumeric)
            if *scale > BARE_NUMERIC_SCALE =>
        {
            Type::Numeric(NUMERIC_PRECISION_MAX, *scale)
        }
        (Type::Numeric(..), Type::BareNumeric) | (Type::BareNumeric, _) => Type::BareNumeric,
        (Type::Varchar(left), Type::Varchar(right)) => {
            Type::Varchar(left.zip(*right).map(|(left, right)| left.max(right)))
        }
        (Type::Char(left), Type::Char(right)) => Type::Char(*left.max(right)),
        (Type::Array(left), Type::Array(right)) => Type::Array(Box::new(wider(left, right))),
        (left, right) if left == right => left.clone(),
        _ => left.plain().clone(),
    }
}
