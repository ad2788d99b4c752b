//! State of operators by key, counted in bytes, captured by epoch.
pub(crate) mod changed;
pub(crate) mod hash;
pub(crate) mod key;
pub(crate) mod normal;
pub(crate) mod ordered;
pub(crate) mod record;
pub(crate) mod row_bytes;
pub(crate) mod table;
pub(crate) mod unwritten;
