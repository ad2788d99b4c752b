//! Who may do what: everybody everything, until there is authentication.
use crate::catalog::system::Cell;
use crate::catalog::system::reader::Reader;

/// The answer.
pub(super) fn always(_: &Reader, _: &[Cell]) -> Cell {
    Cell::Bool(true)
}

/// Functions about an object of one kind: `has_table_privilege([user,] table, privilege)`.
const OBJECTS: [&str; 10] = [
    "has_any_column_privilege",
    "has_database_privilege",
    "has_foreign_data_wrapper_privilege",
    "has_function_privilege",
    "has_language_privilege",
    "has_schema_privilege",
    "has_sequence_privilege",
    "has_server_privilege",
    "has_table_privilege",
    "has_tablespace_privilege",
];

/// Names with the types of arguments.
pub(super) fn signatures() -> Vec<(&'static str, String)> {
    let mut all = vec![];
    for who in ["", "name ", "oid "] {
        for object in ["text", "oid"] {
            for name in OBJECTS.into_iter().chain(["has_type_privilege"]) {
                all.push((name, format!("{who}{object} text")));
            }
            for column in ["text", "int2"] {
                all.push(("has_column_privilege", format!("{who}{object} {column} text")));
            }
        }
        for role in ["name", "oid"] {
            all.push(("pg_has_role", format!("{who}{role} text")));
        }
    }
    all
}
