//! Functions about what a name means to the session, and about the server it talks to.
use super::all::Line;
use crate::catalog::system::Cell;
use crate::catalog::system::procedures::with_oid;
use crate::catalog::system::reader::Reader;
use crate::catalog::system::types::FORMS;
use crate::settings::{Settings, Span};
use crate::{Error, Result};

/// The function that reads a setting: what is bound with it holds for these settings only.
pub(crate) const CURRENT_SETTING: &str = "current_setting";

/// The function that makes a setting.
pub(super) const SET_CONFIG: &str = "set_config";

/// Functions that give or do another thing each time.
pub(super) const VOLATILE: [&str; 3] = [SET_CONFIG, "clock_timestamp", "pg_sleep"];

/// These functions.
pub(super) const LISTED: &[Line] = &[
    ("pg_table_is_visible", "oid", "bool", table_is_visible),
    ("pg_type_is_visible", "oid", "bool", type_is_visible),
    ("pg_function_is_visible", "oid", "bool", function_is_visible),
    ("pg_operator_is_visible", "oid", "bool", function_is_visible),
    ("pg_collation_is_visible", "oid", "bool", always),
    ("pg_conversion_is_visible", "oid", "bool", never),
    ("pg_opclass_is_visible", "oid", "bool", never),
    ("pg_opfamily_is_visible", "oid", "bool", never),
    ("pg_statistics_obj_is_visible", "oid", "bool", never),
    ("pg_ts_config_is_visible", "oid", "bool", never),
    ("pg_is_other_temp_schema", "oid", "bool", never),
    ("pg_relation_is_publishable", "regclass", "bool", never),
    ("pg_is_in_recovery", "", "bool", never),
    ("pg_my_temp_schema", "", "oid", |_, _| Cell::Int(0)),
    (CURRENT_SETTING, "text", "text", setting),
    (CURRENT_SETTING, "text bool", "text", setting),
    ("current_schemas", "bool", "name[]", current_schemas),
    ("pg_encoding_to_char", "int4", "name", encoding_name),
    ("pg_char_to_encoding", "name", "int4", encoding_number),
    (SET_CONFIG, "text text bool", "text", set_config),
    ("pg_backend_pid", "", "int4", |reader, _| Cell::Int(reader.asked.process().into())),
    ("clock_timestamp", "", "timestamptz", |reader, _| Cell::Int(reader.asked.clock.now())),
    ("pg_sleep", "float8", "void", sleep),
    ("getdatabaseencoding", "", "name", |_, _| Cell::from(ENCODING.1)),
];

/// The one encoding: its number in PostgreSQL, its name.
const ENCODING: (i64, &str) = (6, "UTF8");

fn always(_: &Reader, _: &[Cell]) -> Cell {
    Cell::Bool(true)
}

fn never(_: &Reader, _: &[Cell]) -> Cell {
    Cell::Bool(false)
}

fn first(arguments: &[Cell]) -> i64 {
    arguments.first().and_then(Cell::int).unwrap_or_default()
}

fn table_is_visible(reader: &Reader, arguments: &[Cell]) -> Cell {
    reader.sees(first(arguments)).into()
}

fn type_is_visible(_: &Reader, arguments: &[Cell]) -> Cell {
    let oid = first(arguments);
    FORMS.iter().any(|form| form.oid == oid).into()
}

fn function_is_visible(_: &Reader, arguments: &[Cell]) -> Cell {
    with_oid(first(arguments)).is_some().into()
}

fn setting(reader: &Reader, arguments: &[Cell]) -> Cell {
    let name = arguments.first().and_then(Cell::text).unwrap_or_default();
    reader.settings.get(name).ok().into()
}

/// Fails with 42704 where a setting is asked for that does not exist, and must.
pub(super) fn check_setting(arguments: &[Cell]) -> Result<()> {
    match arguments {
        [Cell::Text(name)] | [Cell::Text(name), Cell::Bool(false)] => {
            Settings::default().get(name).map(|_| ())
        }
        _ => Ok(()),
    }
}

/// Settings that are more than a value.
const BY_STATEMENT: [&str; 3] =
    ["transaction_isolation", "transaction_read_only", "session_authorization"];

/// The name, the value as it is written, and until when it holds.
fn config(arguments: &[Cell]) -> Result<(String, String, Span)> {
    let [Cell::Text(name), Cell::Text(value), Cell::Bool(is_local)] = arguments else {
        return Err(Error::unsupported("set_config with NULL")
            .with_hint("RESET returns a setting to its default."));
    };
    if BY_STATEMENT.contains(&name.to_ascii_lowercase().as_str()) {
        return Err(
            Error::unsupported(format!("set_config of {name}")).with_hint("Write SET instead.")
        );
    }
    let mut settings = Settings::default();
    settings.set(name, value, Span::Session)?;
    let span = if *is_local { Span::Local } else { Span::Session };
    Ok((name.clone(), settings.get(name)?.to_owned(), span))
}

/// Fails with 42704 or 22023 where there is no such setting or value.
pub(super) fn check_config(arguments: &[Cell]) -> Result<()> {
    config(arguments).map(|_| ())
}

fn set_config(reader: &Reader, arguments: &[Cell]) -> Cell {
    let Ok((name, value, span)) = config(arguments) else { return Cell::Null };
    match reader.asked.set((name, value.clone(), span)) {
        true => value.into(),
        false => Cell::Null,
    }
}

/// Asks that rows wait; those of one batch wait together for all of its calls.
fn sleep(reader: &Reader, arguments: &[Cell]) -> Cell {
    if let Some(Cell::Float(seconds)) = arguments.first() {
        #[expect(clippy::cast_possible_truncation, reason = "more than there is time for")]
        #[expect(clippy::cast_sign_loss, reason = "no less than 0")]
        reader.asked.sleep((seconds.max(0.0) * 1e6) as u64);
    }
    Cell::Text(String::new())
}

fn current_schemas(reader: &Reader, arguments: &[Cell]) -> Cell {
    let implicit = arguments.first() == Some(&Cell::Bool(true));
    reader.schemas(implicit).into()
}

fn encoding_name(_: &Reader, arguments: &[Cell]) -> Cell {
    if first(arguments) == ENCODING.0 { ENCODING.1 } else { "" }.into()
}

fn encoding_number(_: &Reader, arguments: &[Cell]) -> Cell {
    let name = arguments.first().and_then(Cell::text).unwrap_or_default();
    let plain = name.replace(['-', '_'], "");
    Cell::Int(if plain.eq_ignore_ascii_case(ENCODING.1) { ENCODING.0 } else { -1 })
}
