//! A type as a field's metadata: written by [`Type::tag`], read by [`Type::of_field`].
use arrow::datatypes::{DataType, Field, IntervalUnit, TimeUnit};

use super::{Moment, Reg, TYPE_METADATA, Type, Vector};

impl Type {
    /// A short text that [`Type::of_field`] reads back.
    pub fn tag(&self) -> String {
        match self {
            Type::Numeric(precision, scale) => format!("numeric:{precision}:{scale}"),
            Type::Quotient(scale, least) => format!("quotient:{scale}:{least}"),
            Type::Varchar(Some(length)) => format!("varchar:{length}"),
            Type::Char(length) => format!("char:{length}"),
            Type::Array(item) => format!("[]{}", item.tag()),
            Type::Rounded(_, digits) => format!("rounded:{digits}:{}", self.plain()),
            other => other.to_string(),
        }
    }

    /// The type of a field: its tag, or else the plainest type its Arrow type can be.
    pub fn of_field(field: &Field) -> Type {
        field
            .metadata()
            .get(TYPE_METADATA)
            .and_then(|tag| Type::of_tag(tag))
            .unwrap_or_else(|| Type::of_arrow(field.data_type()))
    }

    /// The plainest type that an Arrow type holds.
    pub fn of_arrow(data_type: &DataType) -> Type {
        match data_type {
            DataType::Boolean => Type::Bool,
            DataType::Int8 | DataType::Int16 | DataType::UInt8 => Type::Int2,
            DataType::Int32 | DataType::UInt16 => Type::Int4,
            DataType::Int64 | DataType::UInt32 | DataType::UInt64 => Type::Int8,
            DataType::Float32 => Type::Float4,
            DataType::Float64 => Type::Float8,
            DataType::Decimal128(precision, scale) => Type::Numeric(*precision, *scale),
            DataType::Binary => Type::Bytea,
            DataType::Date32 => Type::Date,
            DataType::Time64(TimeUnit::Microsecond) => Type::Time,
            DataType::Timestamp(_, None) => Type::Timestamp,
            DataType::Timestamp(_, Some(_)) => Type::TimestampTz,
            DataType::Interval(IntervalUnit::MonthDayNano) => Type::Interval,
            DataType::FixedSizeBinary(16) => Type::Uuid,
            DataType::List(item) => Type::Array(Box::new(Type::of_field(item))),
            DataType::Null => Type::Unknown,
            _ => Type::Text,
        }
    }

    /// The type with this oid, without digits or length; `None` where there is no such type here.
    pub fn of_oid(oid: u32) -> Option<Type> {
        let plain = || PLAIN.iter().chain([&Type::BareNumeric]);
        if let Some(found) = plain().find(|candidate| candidate.oid() == oid) {
            return Some(found.clone());
        }
        // `character` without a length holds text of any.
        if oid == Type::Char(1).oid() {
            return Some(Type::Text);
        }
        plain().map(|item| Type::Array(Box::new(item.clone()))).find(|array| array.oid() == oid)
    }

    fn of_tag(tag: &str) -> Option<Type> {
        if let Some(item) = tag.strip_prefix("[]") {
            return Some(Type::Array(Box::new(Type::of_tag(item)?)));
        }
        let mut parts = tag.split(':');
        let name = parts.next()?;
        let mut number = || parts.next();
        Some(match name {
            "numeric" => match (number(), number()) {
                (Some(precision), Some(scale)) => {
                    Type::Numeric(precision.parse().ok()?, scale.parse().ok()?)
                }
                _ => Type::BareNumeric,
            },
            "quotient" => Type::Quotient(number()?.parse().ok()?, number()?.parse().ok()?),
            "varchar" => Type::Varchar(Some(number()?.parse().ok()?)),
            "char" => Type::Char(number()?.parse().ok()?),
            "rounded" => {
                let (digits, plain) = (number()?.parse().ok()?, number()?);
                let moments = [Moment::Time, Moment::Timestamp, Moment::TimestampTz];
                let mut all = moments.into_iter().map(|moment| Type::Rounded(moment, digits));
                all.find(|rounded| rounded.plain().to_string() == plain)?
            }
            plain => return PLAIN.iter().find(|candidate| candidate.to_string() == plain).cloned(),
        })
    }
}

/// Every type whose name says all.
const PLAIN: &[Type] = &[
    Type::Bool,
    Type::Int2,
    Type::Int4,
    Type::Int8,
    Type::Float4,
    Type::Float8,
    Type::Text,
    Type::Varchar(None),
    Type::ByteChar,
    Type::Name,
    Type::Bytea,
    Type::Date,
    Type::Time,
    Type::Timestamp,
    Type::TimestampTz,
    Type::Interval,
    Type::Uuid,
    Type::Jsonb,
    Type::Json,
    Type::Oid,
    Type::Reg(Reg::Class),
    Type::Reg(Reg::Type),
    Type::Reg(Reg::Proc),
    Type::Reg(Reg::Namespace),
    Type::Vector(Vector::Int2),
    Type::Vector(Vector::Oid),
    Type::Void,
    Type::Unknown,
];
