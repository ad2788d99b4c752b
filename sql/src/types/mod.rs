//! PostgreSQL's types as values travel here: in Arrow, as text, as bytes of the wire.
mod abbreviation;
mod binary;
pub(crate) mod calendar;
#[cfg(test)]
pub(crate) mod cases;
pub(crate) mod column;
pub(crate) mod decimal;
pub(crate) mod input;
mod kind;
mod moment;
pub(crate) mod output;
mod regtype;
mod style;
mod tag;
mod zone;

pub use binary::{BinaryWriter, read_binary};
pub use input::{
    ColumnBuilder, IntervalField, JsonValue, json_members, parse_interval, parse_text,
};
pub use kind::*;
pub use moment::Moment;
pub use output::TextWriter;
pub(crate) use regtype::oid_of as type_oid;
pub use style::{Names, TextStyle};
pub use zone::Zone;
