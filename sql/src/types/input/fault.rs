//! The errors of texts that are no value of their type.
use std::fmt;

use crate::Error;

/// 22P02: `text` is not written as a `type_name`.
pub(crate) fn invalid(type_name: impl fmt::Display, text: &str) -> Error {
    Error::new("22P02", format!("invalid input syntax for type {type_name}: \"{text}\""))
}

/// 22003: a number that `type_name` does not hold.
pub(crate) fn out_of_range(type_name: impl fmt::Display, text: &str) -> Error {
    Error::new("22003", format!("value \"{text}\" is out of range for type {type_name}"))
}

/// What a value may be surrounded by.
pub(crate) fn is_space(letter: char) -> bool {
    matches!(letter, ' ' | '\t'..='\r')
}

/// `text` without the white space around it.
pub(crate) fn trimmed(text: &str) -> &str {
    text.trim_matches(is_space)
}
