//! Names as PostgreSQL folds them.
use sqlparser::ast::{Ident, ObjectName, ObjectNamePart, Spanned};

use crate::{Error, Result};

/// The longest name, in bytes; longer ones are cut.
pub const NAME_BYTES_MAX: usize = 63;

/// A name: in lower case unless quoted, cut to [`NAME_BYTES_MAX`].
pub fn fold(ident: &Ident) -> String {
    let mut name = match ident.quote_style {
        Some(_) => ident.value.clone(),
        None => ident.value.to_ascii_lowercase(),
    };
    name.truncate(name.floor_char_boundary(NAME_BYTES_MAX));
    name
}

/// The parts of a name, folded: schema before name. A leading database name is not taken.
pub fn name_parts(name: &ObjectName) -> Result<Vec<String>> {
    let parts: Option<Vec<String>> = name
        .0
        .iter()
        .map(|part| match part {
            ObjectNamePart::Identifier(ident) => Some(fold(ident)),
            ObjectNamePart::Function(_) => None,
        })
        .collect();
    match parts {
        Some(parts) if (1..=2).contains(&parts.len()) => Ok(parts),
        Some(parts) => Err(Error::new(
            "0A000",
            format!("cross-database references are not implemented: \"{}\"", parts.join(".")),
        )
        .at(name.span())),
        None => Err(Error::unsupported("a name made by a function").at(name.span())),
    }
}

/// Schema, if given, before the name.
pub(super) fn qualified(name: &ObjectName) -> Result<(Option<String>, String)> {
    let mut parts = name_parts(name)?.into_iter();
    match (parts.next(), parts.next()) {
        (Some(schema), Some(name)) => Ok((Some(schema), name)),
        (Some(name), None) => Ok((None, name)),
        _ => Err(Error::internal("a name without parts")),
    }
}
