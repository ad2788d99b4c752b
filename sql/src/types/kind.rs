//! A type of PostgreSQL: its name, its oid, the Arrow type that holds it.
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use arrow::datatypes::{DataType, Field, IntervalUnit, TimeUnit};

use super::moment::Moment;

/// The key under which a field's metadata holds its PostgreSQL type, as [`Type::tag`] writes it.
pub const TYPE_METADATA: &str = "pg";

/// Digits after the point of a `numeric` without precision.
pub const BARE_NUMERIC_SCALE: i8 = 16;

/// The widest numeric, in digits.
pub const NUMERIC_PRECISION_MAX: u8 = 38;

/// A type that a column, parameter or expression can have.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Type {
    /// `boolean`
    Bool,
    /// `smallint`
    Int2,
    /// `integer`
    Int4,
    /// `bigint`
    Int8,
    /// `real`
    Float4,
    /// `double precision`
    Float8,
    /// `numeric(p, s)`: Decimal128(p, s). Expressions have one with the digits they need.
    Numeric(u8, i8),
    /// `numeric` as declared without digits: Decimal128(38, [`BARE_NUMERIC_SCALE`]),
    /// written without trailing zeros. More digits than it holds are refused.
    BareNumeric,
    /// A `numeric` that came of a division: Decimal128(38, first). It is written with sixteen
    /// digits that mean something, in steps of four as PostgreSQL counts them, and at least
    /// `second` behind the point. To functions it is a [`Type::Numeric`]
    Quotient(i8, i8),
    /// `text`
    Text,
    /// `character varying(n)`; without `n` it is as good as text
    Varchar(Option<u32>),
    /// `character(n)`, stored blank-padded
    Char(u32),
    /// `"char"`, one byte, as in pg_catalog
    ByteChar,
    /// `name`, as in pg_catalog
    Name,
    /// `bytea`
    Bytea,
    /// `date`; i32::MAX and MIN are the infinities
    Date,
    /// `time`
    Time,
    /// `timestamp`; i64::MAX and MIN are the infinities
    Timestamp,
    /// `timestamp with time zone`; the same, in UTC
    TimestampTz,
    /// `time(p)`, `timestamp(p)`, `timestamp with time zone(p)`: rounded to so many digits
    /// behind the second when it is stored or cast; to all else it is the [`Type::plain`] one
    Rounded(Moment, u8),
    /// `interval`: months, days, nanoseconds (a multiple of 1000)
    Interval,
    /// `uuid`
    Uuid,
    /// `jsonb`: its canonical text
    Jsonb,
    /// `json`: its text as given
    Json,
    /// `oid`
    Oid,
    /// `regclass`, `regtype`, `regproc`, `regnamespace`: an oid that is written as a name
    Reg(Reg),
    /// `T[]`
    Array(Box<Type>),
    /// `int2vector`, `oidvector`: an array of pg_catalog that counts from 0
    Vector(Vector),
    /// `void`: what a function returns that is called for what it does. Held as empty text.
    Void,
    /// A literal or parameter whose type is not known yet: PostgreSQL's `unknown`.
    Unknown,
}

/// What a vector has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Vector {
    /// Numbers of columns, and the like.
    Int2,
    /// Oids.
    Oid,
}

impl Vector {
    /// The type of its elements.
    pub fn item(self) -> Type {
        match self {
            Vector::Int2 => Type::Int2,
            Vector::Oid => Type::Oid,
        }
    }

    /// The array that has the same elements.
    pub fn array(self) -> Type {
        Type::Array(Box::new(self.item()))
    }
}

/// Which catalog an oid that is written as a name points into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reg {
    /// pg_class
    Class,
    /// pg_type
    Type,
    /// pg_proc
    Proc,
    /// pg_namespace
    Namespace,
}

impl Type {
    /// The type without digits behind the second.
    pub fn plain(&self) -> &Type {
        match self {
            Type::Rounded(Moment::Time, _) => &Type::Time,
            Type::Rounded(Moment::Timestamp, _) => &Type::Timestamp,
            Type::Rounded(Moment::TimestampTz, _) => &Type::TimestampTz,
            other => other,
        }
    }

    /// A quotient as the numeric that holds the same; any other type as it is.
    pub(crate) fn held(&self) -> Type {
        match self {
            Type::Quotient(scale, _) => Type::Numeric(NUMERIC_PRECISION_MAX, *scale),
            other => other.clone(),
        }
    }

    /// The Arrow type that holds it. `Unknown` is held as text, oids as int64.
    pub fn arrow(&self) -> DataType {
        match self {
            Type::Bool => DataType::Boolean,
            Type::Int2 => DataType::Int16,
            Type::Int4 => DataType::Int32,
            Type::Int8 | Type::Oid | Type::Reg(_) => DataType::Int64,
            Type::Float4 => DataType::Float32,
            Type::Float8 => DataType::Float64,
            Type::Numeric(precision, scale) => DataType::Decimal128(*precision, *scale),
            Type::BareNumeric => DataType::Decimal128(NUMERIC_PRECISION_MAX, BARE_NUMERIC_SCALE),
            Type::Quotient(scale, _) => DataType::Decimal128(NUMERIC_PRECISION_MAX, *scale),
            Type::Text
            | Type::Varchar(_)
            | Type::Char(_)
            | Type::ByteChar
            | Type::Name
            | Type::Jsonb
            | Type::Json
            | Type::Void
            | Type::Unknown => DataType::Utf8,
            Type::Bytea => DataType::Binary,
            Type::Date => DataType::Date32,
            Type::Time => DataType::Time64(TimeUnit::Microsecond),
            Type::Timestamp => DataType::Timestamp(TimeUnit::Microsecond, None),
            Type::TimestampTz => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
            Type::Rounded(..) => self.plain().arrow(),
            Type::Interval => DataType::Interval(IntervalUnit::MonthDayNano),
            Type::Uuid => DataType::FixedSizeBinary(16),
            Type::Array(item) => DataType::List(Arc::new(Field::new("item", item.arrow(), true))),
            Type::Vector(vector) => vector.array().arrow(),
        }
    }

    /// A field of this type, which carries the type as metadata.
    pub fn field(&self, name: &str, nullable: bool) -> Field {
        let metadata = HashMap::from([(TYPE_METADATA.to_owned(), self.tag())]);
        Field::new(name, self.arrow(), nullable).with_metadata(metadata)
    }

    /// The oid in pg_type.
    pub fn oid(&self) -> u32 {
        match self {
            Type::Bool => 16,
            Type::Bytea => 17,
            Type::ByteChar => 18,
            Type::Name => 19,
            Type::Int8 => 20,
            Type::Int2 => 21,
            Type::Int4 => 23,
            Type::Text => 25,
            Type::Oid => 26,
            Type::Json => 114,
            Type::Float4 => 700,
            Type::Float8 => 701,
            Type::Unknown => 705,
            Type::Char(_) => 1042,
            Type::Varchar(_) => 1043,
            Type::Date => 1082,
            Type::Time => 1083,
            Type::Timestamp => 1114,
            Type::TimestampTz => 1184,
            Type::Rounded(..) => self.plain().oid(),
            Type::Interval => 1186,
            Type::Numeric(..) | Type::BareNumeric | Type::Quotient(..) => 1700,
            Type::Reg(Reg::Proc) => 24,
            Type::Reg(Reg::Class) => 2205,
            Type::Reg(Reg::Type) => 2206,
            Type::Reg(Reg::Namespace) => 4089,
            Type::Void => 2278,
            Type::Uuid => 2950,
            Type::Jsonb => 3802,
            Type::Vector(Vector::Int2) => 22,
            Type::Vector(Vector::Oid) => 30,
            Type::Array(item) => item.array_oid(),
        }
    }

    fn array_oid(&self) -> u32 {
        match self {
            Type::Bool => 1000,
            Type::Bytea => 1001,
            Type::ByteChar => 1002,
            Type::Name => 1003,
            Type::Int2 => 1005,
            Type::Int4 => 1007,
            Type::Text | Type::Unknown | Type::Void => 1009,
            Type::Char(_) => 1014,
            Type::Varchar(_) => 1015,
            Type::Int8 => 1016,
            Type::Float4 => 1021,
            Type::Float8 => 1022,
            Type::Oid => 1028,
            Type::Timestamp => 1115,
            Type::Date => 1182,
            Type::Time => 1183,
            Type::TimestampTz => 1185,
            Type::Rounded(..) => self.plain().array_oid(),
            Type::Interval => 1187,
            Type::Numeric(..) | Type::BareNumeric | Type::Quotient(..) => 1231,
            Type::Json => 199,
            Type::Jsonb => 3807,
            Type::Uuid => 2951,
            Type::Reg(_) => 2210,
            Type::Vector(Vector::Int2) => 1006,
            Type::Vector(Vector::Oid) => 1013,
            Type::Array(item) => item.array_oid(),
        }
    }

    /// The type modifier of the wire and of pg_attribute; -1 where there is none.
    pub fn modifier(&self) -> i32 {
        match self {
            Type::Numeric(precision, scale) => {
                ((i32::from(*precision) << 16) | (i32::from(*scale) & 0x7ff)) + 4
            }
            Type::Varchar(Some(length)) | Type::Char(length) => {
                i32::try_from(*length).map_or(-1, |length| length.saturating_add(4))
            }
            Type::Rounded(_, digits) => i32::from(*digits),
            Type::Array(item) => item.modifier(),
            _ => -1,
        }
    }

    /// Bytes of a value on the wire's RowDescription; -1 where they vary.
    pub fn size(&self) -> i16 {
        match self {
            Type::Bool | Type::ByteChar => 1,
            Type::Int2 => 2,
            Type::Int4 | Type::Float4 | Type::Date | Type::Oid | Type::Reg(_) | Type::Void => 4,
            Type::Int8 | Type::Float8 | Type::Time | Type::Timestamp | Type::TimestampTz => 8,
            Type::Rounded(..) => 8,
            Type::Interval | Type::Uuid => 16,
            Type::Name => 64,
            Type::Unknown => -2,
            _ => -1,
        }
    }

    /// Whether it is one of the numbers.
    pub fn is_numeric(&self) -> bool {
        matches!(
            self,
            Type::Int2
                | Type::Int4
                | Type::Int8
                | Type::Float4
                | Type::Float8
                | Type::Numeric(..)
                | Type::BareNumeric
                | Type::Quotient(..)
        )
    }

    /// Whether its values are oids that are written as names, or arrays of them.
    pub fn is_name_of_oid(&self) -> bool {
        match self {
            Type::Reg(_) => true,
            Type::Array(item) => item.is_name_of_oid(),
            _ => false,
        }
    }

    /// Whether its text may be a word that the clock gives a value, such as `now`.
    pub fn reads_clock(&self) -> bool {
        match self.plain() {
            Type::Date | Type::Time | Type::Timestamp | Type::TimestampTz => true,
            Type::Array(item) => item.reads_clock(),
            _ => false,
        }
    }

    /// Whether it is one of the strings.
    pub fn is_text(&self) -> bool {
        matches!(self, Type::Text | Type::Varchar(_) | Type::Char(_) | Type::Name)
    }
}

/// As PostgreSQL's `format_type` writes it, such as `character varying(10)`.
impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self {
            Type::Numeric(precision, scale) => return write!(f, "numeric({precision},{scale})"),
            Type::Varchar(Some(length)) => return write!(f, "character varying({length})"),
            Type::Char(length) => return write!(f, "character({length})"),
            Type::Array(item) => return write!(f, "{item}[]"),
            Type::Rounded(Moment::Time, digits) => {
                return write!(f, "time({digits}) without time zone");
            }
            Type::Rounded(Moment::Timestamp, digits) => {
                return write!(f, "timestamp({digits}) without time zone");
            }
            Type::Rounded(Moment::TimestampTz, digits) => {
                return write!(f, "timestamp({digits}) with time zone");
            }
            Type::Bool => "boolean",
            Type::Int2 => "smallint",
            Type::Int4 => "integer",
            Type::Int8 => "bigint",
            Type::Float4 => "real",
            Type::Float8 => "double precision",
            Type::BareNumeric | Type::Quotient(..) => "numeric",
            Type::Text => "text",
            Type::Varchar(None) => "character varying",
            Type::ByteChar => "\"char\"",
            Type::Name => "name",
            Type::Bytea => "bytea",
            Type::Date => "date",
            Type::Time => "time without time zone",
            Type::Timestamp => "timestamp without time zone",
            Type::TimestampTz => "timestamp with time zone",
            Type::Interval => "interval",
            Type::Uuid => "uuid",
            Type::Jsonb => "jsonb",
            Type::Json => "json",
            Type::Oid => "oid",
            Type::Reg(Reg::Class) => "regclass",
            Type::Reg(Reg::Type) => "regtype",
            Type::Reg(Reg::Proc) => "regproc",
            Type::Reg(Reg::Namespace) => "regnamespace",
            Type::Vector(Vector::Int2) => "int2vector",
            Type::Vector(Vector::Oid) => "oidvector",
            Type::Void => "void",
            Type::Unknown => "unknown",
        };
        f.write_str(name)
    }
}
