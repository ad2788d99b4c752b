//! A JSON value taken apart, to be compared or changed and written again.
use std::borrow::Cow;
use std::fmt;

use engine::{Error, Result};

use super::scan::{Kind, elements, members};

/// How deep values may lie within each other here.
const DEPTH_MAX: usize = 512;

/// A JSON value; scalars and keys as they are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value<'a> {
    Scalar(Cow<'a, str>),
    Array(Vec<Value<'a>>),
    /// Keys are quoted, and in the order of `jsonb`.
    Object(Vec<(Cow<'a, str>, Value<'a>)>),
}

/// The parts of a JSON text.
///
/// # Errors
/// 54001 if they lie too deep.
pub(super) fn parsed(text: &str) -> Result<Value<'_>> {
    at_depth(text, 0)
}

fn at_depth(text: &str, depth: usize) -> Result<Value<'_>> {
    if depth > DEPTH_MAX {
        return Err(Error::data("54001", "stack depth limit exceeded"));
    }
    match Kind::of(text) {
        Kind::Object => members(text)
            .into_iter()
            .flatten()
            .map(|(key, value)| Ok((Cow::Borrowed(key), at_depth(value, depth + 1)?)))
            .collect::<Result<_>>()
            .map(Value::Object),
        Kind::Array => elements(text)
            .into_iter()
            .flatten()
            .map(|element| at_depth(element, depth + 1))
            .collect::<Result<_>>()
            .map(Value::Array),
        _ => Ok(Value::Scalar(Cow::Borrowed(text.trim()))),
    }
}

/// As `jsonb` is written.
impl fmt::Display for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scalar(text) => f.write_str(text),
            Self::Array(elements) => {
                f.write_str("[")?;
                for (place, element) in elements.iter().enumerate() {
                    write!(f, "{}{element}", if place > 0 { ", " } else { "" })?;
                }
                f.write_str("]")
            }
            Self::Object(members) => {
                f.write_str("{")?;
                for (place, (key, value)) in members.iter().enumerate() {
                    write!(f, "{}{key}: {value}", if place > 0 { ", " } else { "" })?;
                }
                f.write_str("}")
            }
        }
    }
}
