//! Functions that ask the catalog: `pg_get_userbyid`, `format_type` and their like.
mod all;
mod definition;
mod describe;
mod privilege;
mod session;
mod size;

pub(super) use all::FUNCTIONS;
pub(crate) use definition::{functions, is_catalog_function, is_safe_catalog_function};
pub(crate) use session::CURRENT_SETTING;
