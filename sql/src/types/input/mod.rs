//! Values as PostgreSQL reads them from text.
mod array;
mod boolean;
mod builder;
mod bytes;
mod character;
pub(crate) mod date_time;
mod decimal;
mod fault;
mod float;
mod integer;
mod interval;
pub(crate) mod json;
mod parse;
mod texts;
mod uuid;

pub use builder::ColumnBuilder;
pub(crate) use character::{Fit, byte_char, fit_char, fit_varchar, name};
pub(crate) use decimal::{numeric as numeric_text, numeric_digits, rounded_bare};
pub use interval::{IntervalField, parse_interval};
pub use json::{JsonValue, json_members};
pub(crate) use parse::needs_session;
pub use parse::parse_text;
