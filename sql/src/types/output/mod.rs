//! Values as PostgreSQL writes them in text.
pub(crate) mod array;
pub(crate) mod bytes;
pub(crate) mod date_time;
pub(crate) mod decimal;
pub(crate) mod float;
pub(crate) mod integer;
pub(crate) mod interval;
mod writer;

pub use writer::TextWriter;
pub(crate) use writer::primitive;
