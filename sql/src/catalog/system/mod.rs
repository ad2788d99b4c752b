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
#[expect(clippy::module_inception, reason = "a file is the noun it defines")]
mod system;
mod table;
mod tables;
mod types;

pub(crate) use cell::Cell;
pub(crate) use functions::{
    CURRENT_SETTING, functions, is_catalog_function, is_safe_catalog_function,
};
pub(crate) use reader::Reader;
pub use relations::*;
pub use system::System;
