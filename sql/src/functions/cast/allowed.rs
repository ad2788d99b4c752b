//! Which casts exist in which context: PostgreSQL's pg_cast as a function.
use crate::functions::CastContext;
use crate::types::{Reg, Type};

use CastContext::{Assignment, Explicit, Implicit};

/// Whether a value of `from` may become one of `to` in this context.
pub fn can_cast(from: &Type, to: &Type, context: CastContext) -> bool {
    needed(from, to).is_some_and(|needed| context >= needed)
}

/// The weakest context in which a cast is allowed; none if there is no such cast.
fn needed(from: &Type, to: &Type) -> Option<CastContext> {
    let (from, to) = (from.plain(), to.plain());
    if *from == Type::Unknown || same_kind(from, to) {
        return Some(Implicit);
    }
    if let (Type::Array(from), Type::Array(to)) = (from, to) {
        return needed(from, to);
    }
    if let Type::Vector(vector) = from
        && same_kind(&vector.array(), to)
    {
        return Some(Implicit);
    }
    listed(from, to).or_else(|| through_text(from, to))
}

/// Whether two types differ in digits or lengths at most.
pub(in crate::functions) fn same_kind(left: &Type, right: &Type) -> bool {
    use Type::{Array, BareNumeric, Char, Numeric, Quotient, Varchar};
    match (left, right) {
        (Numeric(..) | BareNumeric | Quotient(..), Numeric(..) | BareNumeric | Quotient(..))
        | (Varchar(_), Varchar(_))
        | (Char(_), Char(_)) => true,
        (Array(left), Array(right)) => same_kind(left, right),
        (left, right) => left.plain() == right.plain(),
    }
}

/// The casts that have a conversion of their own.
fn listed(from: &Type, to: &Type) -> Option<CastContext> {
    use Type::{
        BareNumeric, Bool, ByteChar, Char, Date, Float4, Float8, Int2, Int4, Int8, Interval, Json,
        Jsonb, Name, Numeric, Oid, Text, Time, Timestamp, TimestampTz, Varchar,
    };
    Some(match (from, to) {
        (Int2 | Int4 | Int8, Oid | Type::Reg(_)) | (Oid, Type::Reg(_)) | (Type::Reg(_), Oid) => {
            Implicit
        }
        (Oid | Type::Reg(_), Int4 | Int8) => Assignment,
        (Bool, Int4) | (Int4, Bool) => Explicit,
        (ByteChar, Int4) | (Int4, ByteChar) => Explicit,
        (from, to) if from.is_numeric() && to.is_numeric() => {
            if width(from) < width(to) {
                Implicit
            } else {
                Assignment
            }
        }
        (Text | Char(_) | Varchar(_), Name) | (Name, Text) | (ByteChar, Text) => Implicit,
        (Name | ByteChar, Varchar(_) | Char(_)) => Assignment,
        (Text | Varchar(_) | Char(_), Text | Varchar(_) | Char(_)) => Implicit,
        (Text | Varchar(_) | Char(_), ByteChar) => Assignment,
        (Text | Varchar(_), Type::Reg(Reg::Class)) => Implicit,
        (Date, Timestamp | TimestampTz) | (Time, Interval) | (Timestamp, TimestampTz) => Implicit,
        (Timestamp | TimestampTz, Date | Time) | (TimestampTz, Timestamp) => Assignment,
        (Interval, Time) => Assignment,
        (Json, Jsonb) | (Jsonb, Json) => Assignment,
        (Jsonb, Bool | Int2 | Int4 | Int8 | Float4 | Float8 | Numeric(..) | BareNumeric) => {
            Explicit
        }
        _ => return None,
    })
}

/// What has no conversion of its own goes through its text, to and from the strings.
fn through_text(from: &Type, to: &Type) -> Option<CastContext> {
    if to.is_text() {
        Some(Assignment)
    } else if from.is_text() && *to != Type::Unknown {
        Some(Explicit)
    } else {
        None
    }
}

/// The order in which numbers become wider by themselves.
fn width(number: &Type) -> u8 {
    match number {
        Type::Int2 => 0,
        Type::Int4 => 1,
        Type::Int8 => 2,
        Type::Numeric(..) | Type::BareNumeric | Type::Quotient(..) => 3,
        Type::Float4 => 4,
        _ => 5,
    }
}
