//! Families of types, as PostgreSQL's choice of an overload knows them.
use crate::types::{Reg, Type};

/// A family of types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Category {
    Array,
    Bool,
    DateTime,
    Internal,
    Interval,
    Number,
    Text,
    Unknown,
    Other,
}

/// The family of a type.
pub(super) fn category(ty: &Type) -> Category {
    match ty.plain() {
        Type::Bool => Category::Bool,
        Type::Int2
        | Type::Int4
        | Type::Int8
        | Type::Float4
        | Type::Float8
        | Type::Numeric(..)
        | Type::BareNumeric
        | Type::Quotient(..)
        | Type::Oid
        | Type::Reg(_) => Category::Number,
        Type::Text | Type::Varchar(_) | Type::Char(_) | Type::Name => Category::Text,
        Type::ByteChar => Category::Internal,
        Type::Date | Type::Time | Type::Timestamp | Type::TimestampTz => Category::DateTime,
        Type::Interval => Category::Interval,
        Type::Bytea | Type::Uuid | Type::Json | Type::Jsonb => Category::Other,
        Type::Array(_) | Type::Vector(_) => Category::Array,
        Type::Void | Type::Rounded(..) => Category::Other,
        Type::Unknown => Category::Unknown,
    }
}

/// Whether it is the one that its family prefers.
pub(super) fn is_preferred(ty: &Type) -> bool {
    matches!(
        ty.plain(),
        Type::Bool | Type::Float8 | Type::Oid | Type::Text | Type::TimestampTz | Type::Interval
    )
}

/// Whether two types are the same, digits and lengths aside.
pub(super) fn same_kind(left: &Type, right: &Type) -> bool {
    match (left, right) {
        (
            Type::Numeric(..) | Type::BareNumeric | Type::Quotient(..),
            Type::Numeric(..) | Type::BareNumeric | Type::Quotient(..),
        )
        | (Type::Varchar(_), Type::Varchar(_))
        | (Type::Char(_), Type::Char(_)) => true,
        (Type::Array(left), Type::Array(right)) => same_kind(left, right),
        _ => left.plain() == right.plain(),
    }
}

/// Whether a value of type `from` becomes one of type `to` by itself.
pub(super) fn is_implicit(from: &Type, to: &Type) -> bool {
    if same_kind(from, to) || *from == Type::Unknown {
        return true;
    }
    let to = to.plain();
    match from.plain() {
        Type::Int2 => matches!(to, Type::Int4 | Type::Int8) || takes_integers(to),
        Type::Int4 => *to == Type::Int8 || takes_integers(to),
        Type::Int8 => takes_integers(to),
        Type::Numeric(..) | Type::BareNumeric | Type::Quotient(..) => {
            matches!(to, Type::Float4 | Type::Float8)
        }
        Type::Float4 => *to == Type::Float8,
        Type::Text | Type::Varchar(_) => matches!(
            to,
            Type::Text | Type::Varchar(_) | Type::Char(_) | Type::Name | Type::Reg(Reg::Class)
        ),
        Type::Char(_) => matches!(to, Type::Text | Type::Varchar(_) | Type::Name),
        Type::Name | Type::ByteChar => *to == Type::Text,
        Type::Date => matches!(to, Type::Timestamp | Type::TimestampTz),
        Type::Timestamp => *to == Type::TimestampTz,
        Type::Time => *to == Type::Interval,
        Type::Oid => matches!(to, Type::Reg(_)),
        Type::Reg(_) => *to == Type::Oid,
        Type::Array(from) => matches!(to, Type::Array(to) if is_implicit(from, to)),
        Type::Vector(vector) => is_implicit(&vector.array(), to),
        _ => false,
    }
}

fn takes_integers(to: &Type) -> bool {
    matches!(
        to,
        Type::Float4
            | Type::Float8
            | Type::Numeric(..)
            | Type::BareNumeric
            | Type::Quotient(..)
            | Type::Oid
            | Type::Reg(_)
    )
}
