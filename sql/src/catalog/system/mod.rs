//! Relations made from the catalog when they are read: pg_catalog, information_schema, tidemill.
mod relations;

pub use relations::*;
