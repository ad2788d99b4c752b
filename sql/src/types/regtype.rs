//! The oids of the built-in types by name.
use super::{Reg, Type, Vector};

/// The types that have an oid and no digits or length.
const TYPES: &[Type] = &[
    Type::Bool,
    Type::Bytea,
    Type::ByteChar,
    Type::Name,
    Type::Int8,
    Type::Int2,
    Type::Int4,
    Type::Text,
    Type::Oid,
    Type::Json,
    Type::Float4,
    Type::Float8,
    Type::Unknown,
    Type::Void,
    Type::Varchar(None),
    Type::Date,
    Type::Time,
    Type::Timestamp,
    Type::TimestampTz,
    Type::Interval,
    Type::BareNumeric,
    Type::Uuid,
    Type::Jsonb,
    Type::Reg(Reg::Class),
    Type::Reg(Reg::Type),
    Type::Reg(Reg::Proc),
    Type::Reg(Reg::Namespace),
    Type::Vector(Vector::Int2),
    Type::Vector(Vector::Oid),
];

/// Other names than the first.
const ALIASES: &[(&str, &str)] = &[
    ("bool", "boolean"),
    ("bpchar", "character"),
    ("char", "character"),
    ("dec", "numeric"),
    ("decimal", "numeric"),
    ("float", "double precision"),
    ("float4", "real"),
    ("float8", "double precision"),
    ("int", "integer"),
    ("int2", "smallint"),
    ("int4", "integer"),
    ("int8", "bigint"),
    ("time", "time without time zone"),
    ("timestamp", "timestamp without time zone"),
    ("timestamptz", "timestamp with time zone"),
    ("varchar", "character varying"),
];

/// The name of `character`, which as a type here has a length.
const CHARACTER: (&str, Type) = ("character", Type::Char(1));

/// The name of a built-in type, as `format_type` writes it.
pub(crate) fn name_of(oid: i64) -> Option<String> {
    let has = |ty: &Type| i64::from(ty.oid()) == oid;
    if has(&CHARACTER.1) {
        return Some(CHARACTER.0.to_owned());
    }
    if let Some(ty) = TYPES.iter().find(|ty| has(ty)) {
        return Some(ty.to_string());
    }
    let array = |ty: &Type| Type::Array(Box::new(ty.clone()));
    if has(&array(&CHARACTER.1)) {
        return Some(format!("{}[]", CHARACTER.0));
    }
    // No type is an array of unknown ones, though such a literal travels as text[].
    let items = TYPES.iter().filter(|ty| !matches!(ty, Type::Unknown | Type::Void));
    items.map(array).find(has).map(|ty| ty.to_string())
}

/// The oid of a built-in type's name, in any case, with `pg_catalog.` before it or not.
pub(crate) fn oid_of(name: &str) -> Option<i64> {
    let lower = name.trim().to_ascii_lowercase();
    let plain = lower.strip_prefix("pg_catalog.").unwrap_or(&lower);
    let (plain, is_array) = match plain.strip_suffix("[]") {
        Some(item) => (item.trim_end(), true),
        None => (plain, false),
    };
    let is_quoted = plain.len() > 2 && plain != "\"char\"";
    let unquoted = plain.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    let plain = unquoted.filter(|_| is_quoted).unwrap_or(plain);
    let alias = ALIASES.iter().find(|(alias, _)| *alias == plain);
    let first = alias.map_or(plain, |(_, name)| *name);
    let ty = if first == CHARACTER.0 {
        CHARACTER.1
    } else {
        TYPES.iter().find(|ty| ty.to_string() == first)?.clone()
    };
    let ty = if is_array { Type::Array(Box::new(ty)) } else { ty };
    Some(i64::from(ty.oid()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn built_in_types_have_the_oids_of_postgresql() {
        let cases = [
            ("integer", 23),
            ("character", 1042),
            ("character varying[]", 1015),
            ("timestamp with time zone", 1184),
            ("numeric", 1700),
            ("text[]", 1009),
            ("\"char\"", 18),
        ];
        for (name, oid) in cases {
            assert_eq!(oid_of(name), Some(oid), "{name}");
            assert_eq!(name_of(oid).as_deref(), Some(name));
        }
        assert_eq!(oid_of("pg_catalog.INT4"), Some(23));
        assert_eq!(oid_of("varchar"), Some(1043));
        assert_eq!(oid_of("\"int8\""), Some(20));
        assert_eq!(oid_of("nothing"), None);
        assert_eq!(name_of(99_999), None);
    }
}
