//! A type as it is written.
use sqlparser::ast::{
    ArrayElemTypeDef, CharacterLength, DataType, ExactNumberInfo, ObjectName, Spanned, TimezoneInfo,
};

use super::identifier::name_parts;
use crate::types::{Moment, NUMERIC_PRECISION_MAX, Reg, Type};
use crate::{Error, Result};

/// The longest `varchar(n)` or `char(n)`, in characters.
pub const LENGTH_MAX: u64 = 10_485_760;

/// The type that a name means. Fails with 42704 if there is none, with 0A000 where we hold
/// no such values.
pub fn data_type(written: &DataType) -> Result<Type> {
    Ok(match written {
        DataType::Bool | DataType::Boolean => Type::Bool,
        DataType::SmallInt(None) | DataType::Int2(None) => Type::Int2,
        DataType::Int(None) | DataType::Integer(None) | DataType::Int4(None) => Type::Int4,
        DataType::BigInt(None) | DataType::Int8(None) => Type::Int8,
        DataType::Real | DataType::Float4 => Type::Float4,
        DataType::DoublePrecision | DataType::Float8 | DataType::Float64 => Type::Float8,
        DataType::Double(ExactNumberInfo::None) => Type::Float8,
        DataType::Float(info) => float(info)?,
        DataType::Numeric(info) | DataType::Decimal(info) | DataType::Dec(info) => numeric(info)?,
        DataType::Text => Type::Text,
        DataType::Varchar(length)
        | DataType::CharacterVarying(length)
        | DataType::CharVarying(length) => Type::Varchar(characters(length.as_ref(), "varchar")?),
        DataType::Char(length) | DataType::Character(length) => {
            Type::Char(characters(length.as_ref(), "char")?.unwrap_or(1))
        }
        DataType::Bytea => Type::Bytea,
        DataType::Date => Type::Date,
        DataType::Time(precision, TimezoneInfo::None | TimezoneInfo::WithoutTimeZone) => {
            rounded(*precision, Moment::Time)
        }
        DataType::Timestamp(precision, TimezoneInfo::None | TimezoneInfo::WithoutTimeZone) => {
            rounded(*precision, Moment::Timestamp)
        }
        DataType::Timestamp(precision, TimezoneInfo::WithTimeZone | TimezoneInfo::Tz) => {
            rounded(*precision, Moment::TimestampTz)
        }
        DataType::Interval { fields: None, precision } => match precision {
            None | Some(SECOND_DIGITS_MAX) => Type::Interval,
            Some(digits) => {
                return Err(Error::unsupported(format!("interval({digits})"))
                    .with_hint("Leave the precision out: intervals have microseconds."));
            }
        },
        DataType::Uuid => Type::Uuid,
        DataType::JSON => Type::Json,
        DataType::JSONB => Type::Jsonb,
        DataType::Regclass => Type::Reg(Reg::Class),
        DataType::Array(
            ArrayElemTypeDef::SquareBracket(item, _)
            | ArrayElemTypeDef::AngleBracket(item)
            | ArrayElemTypeDef::Parenthesis(item),
        ) => match data_type(item)? {
            // PostgreSQL has one array type for any number of dimensions.
            array @ Type::Array(_) => array,
            item => Type::Array(Box::new(item)),
        },
        DataType::Custom(name, modifiers) => custom(name, modifiers)?,
        other => return Err(no_such_type(&other.to_string().to_lowercase())),
    })
}

fn no_such_type(name: &str) -> Error {
    const KNOWN: &[&str] = &[
        "time with time zone",
        "timetz",
        "bit",
        "varbit",
        "bit varying",
        "tsvector",
        "tsquery",
        "xml",
        "money",
        "inet",
        "cidr",
        "macaddr",
        "point",
        "box",
        "path",
        "polygon",
        "circle",
        "line",
        "lseg",
    ];
    let plain = name.split('(').next().unwrap_or_default().trim();
    if KNOWN.contains(&plain) || plain.starts_with("interval") {
        return Error::unsupported(format!("type {name}"));
    }
    Error::new("42704", format!("type \"{name}\" does not exist"))
}

fn custom(name: &ObjectName, modifiers: &[String]) -> Result<Type> {
    let parts = name_parts(name)?;
    let plain = match parts.as_slice() {
        [plain] => plain.as_str(),
        [schema, plain] if schema == "pg_catalog" => plain.as_str(),
        _ => return Err(no_such_type(&parts.join(".")).at(name.span())),
    };
    let quoted = name.to_string().contains('"');
    let length = |kind: &str| -> Result<Option<u32>> {
        match modifiers {
            [] => Ok(None),
            [length] => match length.parse() {
                Ok(length) => check_length(length, kind).map(Some),
                Err(_) => Err(Error::new("22023", "invalid type modifier").at(name.span())),
            },
            _ => Err(Error::new("22023", "invalid type modifier").at(name.span())),
        }
    };
    let digits = || -> Result<Option<u64>> {
        match modifiers {
            [] => Ok(None),
            [digits] => digits
                .parse()
                .map(Some)
                .map_err(|_| Error::new("22023", "invalid type modifier").at(name.span())),
            _ => Err(Error::new("22023", "invalid type modifier").at(name.span())),
        }
    };
    Ok(match plain {
        "char" if quoted => Type::ByteChar,
        "bool" => Type::Bool,
        "int2" => Type::Int2,
        "int4" => Type::Int4,
        "int8" => Type::Int8,
        "float4" => Type::Float4,
        "float8" => Type::Float8,
        "numeric" => Type::BareNumeric,
        "text" => Type::Text,
        "varchar" => Type::Varchar(length("varchar")?),
        "bpchar" => match length("char")? {
            Some(length) => Type::Char(length),
            None => Type::Text,
        },
        "name" => Type::Name,
        "bytea" => Type::Bytea,
        "date" => Type::Date,
        "time" => rounded(digits()?, Moment::Time),
        "timestamp" => rounded(digits()?, Moment::Timestamp),
        "timestamptz" => rounded(digits()?, Moment::TimestampTz),
        "interval" => Type::Interval,
        "uuid" => Type::Uuid,
        "json" => Type::Json,
        "jsonb" => Type::Jsonb,
        "oid" => Type::Oid,
        "regclass" => Type::Reg(Reg::Class),
        "regtype" => Type::Reg(Reg::Type),
        "regproc" | "regprocedure" => Type::Reg(Reg::Proc),
        "regnamespace" => Type::Reg(Reg::Namespace),
        // The names of array types in pg_type.
        array if array.starts_with('_') => {
            let item =
                ObjectName::from(vec![sqlparser::ast::Ident::new(array.trim_start_matches('_'))]);
            Type::Array(Box::new(custom(&item, &[])?))
        }
        _ => return Err(no_such_type(&parts.join(".")).at(name.span())),
    })
}

fn numeric(info: &ExactNumberInfo) -> Result<Type> {
    let (precision, scale) = match info {
        ExactNumberInfo::None => return Ok(Type::BareNumeric),
        ExactNumberInfo::Precision(precision) => (*precision, 0),
        ExactNumberInfo::PrecisionAndScale(precision, scale) => (*precision, *scale),
    };
    let most = NUMERIC_PRECISION_MAX;
    let Some(digits) = u8::try_from(precision).ok().filter(|digits| (1..=most).contains(digits))
    else {
        return Err(Error::new(
            "22023",
            format!("NUMERIC precision {precision} must be between 1 and {most}"),
        ));
    };
    match i8::try_from(scale).ok().filter(|scale| (0..=digits.cast_signed()).contains(scale)) {
        Some(scale) => Ok(Type::Numeric(digits, scale)),
        None => Err(Error::new(
            "22023",
            format!("NUMERIC scale {scale} must be between 0 and precision {precision}"),
        )),
    }
}

fn float(info: &ExactNumberInfo) -> Result<Type> {
    match info {
        ExactNumberInfo::None => Ok(Type::Float8),
        ExactNumberInfo::Precision(1..=24) => Ok(Type::Float4),
        ExactNumberInfo::Precision(25..=53) => Ok(Type::Float8),
        _ => Err(Error::new("22023", "precision for type float must be between 1 and 53 bits")),
    }
}

fn characters(length: Option<&CharacterLength>, kind: &str) -> Result<Option<u32>> {
    match length {
        None => Ok(None),
        Some(CharacterLength::IntegerLength { length, .. }) => {
            check_length(*length, kind).map(Some)
        }
        Some(CharacterLength::Max) => Err(Error::unsupported("a length of MAX")),
    }
}

fn check_length(length: u64, kind: &str) -> Result<u32> {
    if length < 1 {
        return Err(Error::new("22023", format!("length for type {kind} must be at least 1")));
    }
    match u32::try_from(length).ok().filter(|_| length <= LENGTH_MAX) {
        Some(length) => Ok(length),
        None => {
            Err(Error::new("22023", format!("length for type {kind} cannot exceed {LENGTH_MAX}")))
        }
    }
}

/// The most digits behind a second; more are taken as so many.
const SECOND_DIGITS_MAX: u64 = 6;

fn rounded(precision: Option<u64>, moment: Moment) -> Type {
    match precision {
        None => Type::Rounded(moment, 0).plain().clone(),
        Some(digits) => {
            let digits = u8::try_from(digits.min(SECOND_DIGITS_MAX)).unwrap_or_default();
            Type::Rounded(moment, digits)
        }
    }
}
