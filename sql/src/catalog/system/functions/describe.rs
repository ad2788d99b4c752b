//! Functions that write an object as text: its type, its name, its definition.
use super::all::Line;
use crate::catalog::system::procedures::{Procedure, with_oid};
use crate::catalog::system::reader::Reader;
use crate::catalog::system::{Cell, definitions, roles, types};
use crate::types::{Names, Reg};

/// These functions.
pub(super) const LISTED: &[Line] = &[
    ("format_type", "oid int4", "text", format_type),
    ("pg_get_userbyid", "oid", "name", user),
    ("pg_get_expr", "text oid", "text", expression),
    ("pg_get_expr", "text oid bool", "text", expression),
    ("pg_get_indexdef", "oid", "text", index),
    ("pg_get_indexdef", "oid int4 bool", "text", index),
    ("pg_get_constraintdef", "oid", "text", constraint),
    ("pg_get_constraintdef", "oid bool", "text", constraint),
    ("pg_get_viewdef", "oid", "text", view),
    ("pg_get_viewdef", "oid bool", "text", view),
    ("pg_get_viewdef", "oid int4", "text", view),
    ("pg_get_viewdef", "text", "text", view_named),
    ("pg_get_viewdef", "text bool", "text", view_named),
    ("pg_get_ruledef", "oid", "text", nothing),
    ("pg_get_ruledef", "oid bool", "text", nothing),
    ("pg_get_triggerdef", "oid", "text", nothing),
    ("pg_get_triggerdef", "oid bool", "text", nothing),
    ("pg_get_partkeydef", "oid", "text", nothing),
    ("pg_get_statisticsobjdef_columns", "oid", "text", nothing),
    ("pg_get_serial_sequence", "text text", "text", nothing),
    ("pg_get_functiondef", "oid", "text", nothing),
    ("pg_get_function_result", "oid", "text", result),
    ("pg_get_function_arguments", "oid", "text", arguments),
    ("pg_get_function_identity_arguments", "oid", "text", arguments),
    ("pg_tablespace_location", "oid", "text", |_, _| Cell::from("")),
    ("obj_description", "oid", "text", nothing),
    ("obj_description", "oid name", "text", nothing),
    ("shobj_description", "oid name", "text", nothing),
    ("col_description", "oid int4", "text", nothing),
    ("to_regclass", "text", "regclass", |reader, of| oid_of(reader, Reg::Class, of)),
    ("to_regtype", "text", "regtype", |reader, of| oid_of(reader, Reg::Type, of)),
    ("to_regproc", "text", "regproc", |reader, of| oid_of(reader, Reg::Proc, of)),
    ("to_regnamespace", "text", "regnamespace", |reader, of| oid_of(reader, Reg::Namespace, of)),
];

/// There are no comments, rules, triggers and so on, so nothing is said of them.
fn nothing(_: &Reader, _: &[Cell]) -> Cell {
    Cell::Null
}

fn first(arguments: &[Cell]) -> i64 {
    arguments.first().and_then(Cell::int).unwrap_or_default()
}

fn format_type(_: &Reader, arguments: &[Cell]) -> Cell {
    match arguments {
        [Cell::Int(oid), modifier] => types::formatted(*oid, modifier.int()).into(),
        _ => Cell::Null,
    }
}

fn user(reader: &Reader, arguments: &[Cell]) -> Cell {
    let oid = first(arguments);
    let roles = roles::roles(&reader.user);
    let found = roles.iter().find(|role| role.0 == oid);
    found.map_or_else(|| format!("unknown (OID={oid})"), |role| role.1.to_owned()).into()
}

/// Expressions are kept as their text.
fn expression(_: &Reader, arguments: &[Cell]) -> Cell {
    arguments.first().cloned().unwrap_or(Cell::Null)
}

fn index(reader: &Reader, arguments: &[Cell]) -> Cell {
    let (oid, column) = (first(arguments), arguments.get(1).and_then(Cell::int).unwrap_or(0));
    match column {
        0 => definitions::index(&reader.catalog, oid).into(),
        column => definitions::index_column(&reader.catalog, oid, column).into(),
    }
}

fn constraint(reader: &Reader, arguments: &[Cell]) -> Cell {
    definitions::constraint(&reader.catalog, first(arguments)).into()
}

fn view(reader: &Reader, arguments: &[Cell]) -> Cell {
    definitions::view(&reader.catalog, first(arguments)).into()
}

fn view_named(reader: &Reader, arguments: &[Cell]) -> Cell {
    let oid = oid_of(reader, Reg::Class, arguments);
    oid.int().and_then(|oid| definitions::view(&reader.catalog, oid)).into()
}

fn oid_of(reader: &Reader, reg: Reg, arguments: &[Cell]) -> Cell {
    let name = arguments.first().and_then(Cell::text);
    match reg {
        Reg::Type => name.and_then(crate::types::type_oid).into(),
        reg => name.and_then(|name| reader.oid_of(reg, name)).into(),
    }
}

fn result(_: &Reader, arguments: &[Cell]) -> Cell {
    with_oid(first(arguments)).map(|found| types::formatted(found.result, None)).into()
}

fn arguments(_: &Reader, arguments: &[Cell]) -> Cell {
    with_oid(first(arguments)).map(argument_list).into()
}

fn argument_list(procedure: &Procedure) -> String {
    let mut written: Vec<String> =
        procedure.arguments.iter().map(|oid| types::formatted(*oid, None)).collect();
    if procedure.variadic
        && let Some(last) = written.last_mut()
    {
        last.insert_str(0, "VARIADIC ");
    }
    written.join(", ")
}
