//! Which casts can fail for some values.
use super::allowed::same_kind;
use crate::types::input::Fit;
use crate::types::{BARE_NUMERIC_SCALE, NUMERIC_PRECISION_MAX, Reg, Type};

/// Whether some value of `from` cannot become one of `to` by assignment.
///
/// An explicit cast to a string type never fails; its function knows, see
/// [`CastFunction::is_fallible`](super::CastFunction::is_fallible).
pub fn cast_is_fallible(from: &Type, to: &Type) -> bool {
    fallible(from, to, Fit::Refuse)
}

/// The same, where `fit` says what happens to strings that are too long.
pub(super) fn fallible(from: &Type, to: &Type, fit: Fit) -> bool {
    let (from, to) = (&from.plain().held(), &to.plain().held());
    use Type::{
        Array, Bool, ByteChar, Char, Date, Float4, Float8, Int2, Int4, Int8, Interval, Json, Jsonb,
        Name, Oid, Text, Time, Timestamp, TimestampTz, Varchar,
    };
    match (from, to) {
        (from, to) if from == to => false,
        (Type::Reg(reg), to) if to.is_text() => *reg != Reg::Type,
        (_, Text | Varchar(None) | Name) => false,
        (Varchar(Some(length)), Varchar(Some(wanted)))
        | (Char(length), Char(wanted) | Varchar(Some(wanted)))
            if length <= wanted =>
        {
            false
        }
        (_, Varchar(Some(_)) | Char(_)) => fit == Fit::Refuse,
        (from, ByteChar) if from.is_text() => false,
        (from, to) if is_digits(from) && is_digits(to) => loses_digits(from, to),
        (from, Float4 | Float8) if is_digits(from) => false,
        (Float4, Float8) | (Bool, Int4) | (Int4, Bool) | (ByteChar, Int4) => false,
        (Int2 | Int4, Oid | Type::Reg(_)) | (Oid | Type::Reg(_), Int4 | Int8) => false,
        (Oid | Type::Reg(_), Oid | Type::Reg(_)) => false,
        (Timestamp | TimestampTz, Date | Time) | (Time, Interval) | (Interval, Time) => false,
        (Jsonb, Json) | (Type::Vector(_), Array(_)) => false,
        (Array(from), Array(to)) => fallible(from, to, fit),
        (from, to) => !same_kind(from, to) || matches!(from, Int8),
    }
}

fn is_digits(ty: &Type) -> bool {
    ty.is_numeric() && !matches!(ty, Type::Float4 | Type::Float8)
}

/// Digits before and after the point that every value of an exact number fits in, and those
/// that the type always holds.
fn digits(ty: &Type, held: bool) -> (i32, i32) {
    let spare = i32::from(held);
    match ty {
        Type::Int2 => (5 - spare, 0),
        Type::Int4 => (10 - spare, 0),
        Type::Int8 => (19 - spare, 0),
        Type::Numeric(precision, scale) => {
            (i32::from(*precision) - i32::from(*scale), i32::from(*scale))
        }
        _ => {
            let scale = i32::from(BARE_NUMERIC_SCALE);
            (i32::from(NUMERIC_PRECISION_MAX) - scale, scale)
        }
    }
}

fn loses_digits(from: &Type, to: &Type) -> bool {
    if let (Type::Int2, Type::Int4 | Type::Int8) | (Type::Int4, Type::Int8) = (from, to) {
        return false;
    }
    let (whole, fraction) = digits(from, false);
    let (whole_held, fraction_held) = digits(to, true);
    // Rounding can carry into one digit more; a bare numeric refuses to round.
    let rounds = fraction > fraction_held;
    let carry = i32::from(rounds);
    whole + carry > whole_held || (rounds && *to == Type::BareNumeric)
}
