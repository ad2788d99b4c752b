//! Relations made from the catalog when they are read: pg_catalog, information_schema, tidemill.
mod cell;
mod classes;
mod definitions;
mod functions;
mod procedures;
mod reader;
mod relations;
mod roles;
mod shapes;
mod system;
mod table;
mod tables;
mod types;

pub(crate) use cell::Cell;
pub(crate) use functions::{functions, is_catalog_function};
pub(crate) use reader::Reader;
pub use relations::*;
pub use system::System;
