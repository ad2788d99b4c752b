//! What casts to numbers share: their errors, their names, their digits.
use crate::types::Type;
use crate::types::decimal::{to_bare, to_numeric};
use crate::{Error, Result};

/// 22003: `integer out of range`.
pub(super) fn out_of_range(ty: &Type) -> Error {
    Error::new("22003", format!("{} out of range", base_name(ty)))
}

/// The name of a type without its digits or length, as errors of casts write it.
pub(super) fn base_name(ty: &Type) -> String {
    match ty {
        Type::Numeric(..) | Type::Quotient(..) => Type::BareNumeric.to_string(),
        Type::Varchar(_) => Type::Varchar(None).to_string(),
        Type::Char(_) => "character".to_owned(),
        Type::Array(item) => format!("{}[]", base_name(item)),
        other => other.to_string(),
    }
}

/// `value` · 10^-`scale` as a value of a numeric type.
pub(super) fn numeric_of(value: i128, scale: i8, to: &Type) -> Result<i128> {
    match to {
        Type::Numeric(precision, wanted) => to_numeric(value, scale, *precision, *wanted),
        _ => to_bare(value, scale),
    }
}
