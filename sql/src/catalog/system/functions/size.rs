//! How much memory relations take: rows with their indexes, as the engine counts them.
use super::all::Line;
use crate::catalog::RelationKind;
use crate::catalog::system::Cell;
use crate::catalog::system::classes::{What, class_of};
use crate::catalog::system::reader::Reader;

/// These functions.
pub(super) const LISTED: &[Line] = &[
    ("pg_relation_size", "regclass", "int8", relation),
    ("pg_relation_size", "regclass text", "int8", relation),
    ("pg_table_size", "regclass", "int8", relation),
    ("pg_total_relation_size", "regclass", "int8", relation),
    ("pg_database_size", "name", "int8", database),
    ("pg_database_size", "oid", "int8", database),
    ("pg_size_pretty", "int8", "text", pretty),
];

/// Bytes of a relation with its indexes, which are not counted apart: of them NULL.
fn relation(reader: &Reader, arguments: &[Cell]) -> Cell {
    let oid = arguments.first().and_then(Cell::int).unwrap_or_default();
    let Some(class) = class_of(&reader.catalog, oid) else { return Cell::Null };
    let What::Relation(relation) = class.what else { return Cell::Null };
    if matches!(relation.kind, RelationKind::View | RelationKind::System) {
        return Cell::Int(0);
    }
    let status = reader.engine.as_ref().map(engine::Engine::status);
    let found = status.and_then(|status| {
        status.relations.iter().find(|one| one.id == relation.id).map(|one| one.bytes)
    });
    found.into()
}

fn database(reader: &Reader, _: &[Cell]) -> Cell {
    reader.engine.as_ref().map(|engine| engine.status().bytes).into()
}

/// As PostgreSQL 15 does it: halves are rounded away from zero at each step.
fn pretty(_: &Reader, arguments: &[Cell]) -> Cell {
    const UNITS: [&str; 5] = ["kB", "MB", "GB", "TB", "PB"];
    const SHOWN_MAX: i64 = 10 * 1024;
    let bytes = arguments.first().and_then(Cell::int).unwrap_or_default();
    if bytes.saturating_abs() < SHOWN_MAX {
        return format!("{bytes} bytes").into();
    }
    // Half units, so that the last division can round.
    let mut halves = bytes / 512;
    for (place, unit) in UNITS.iter().enumerate() {
        let is_last = place + 1 == UNITS.len();
        if is_last || halves.saturating_abs() < 2 * SHOWN_MAX - 1 {
            let rounded = (halves + halves.signum()) / 2;
            return format!("{rounded} {unit}").into();
        }
        halves /= 1024;
    }
    Cell::Null
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[test]
    fn sizes_are_written_as_postgresql_writes_them() {
        let reader = Reader {
            catalog: Arc::default(),
            user: String::new(),
            search_path: vec![],
            settings: crate::settings::Settings::default(),
            engine: None,
            asked: Arc::default(),
        };
        for (bytes, expected) in [
            (0, "0 bytes"),
            (10_239, "10239 bytes"),
            (10_240, "10 kB"),
            (10_751, "10 kB"),
            (10_752, "11 kB"),
            (10_485_247, "10239 kB"),
            (10_485_248, "10 MB"),
            (-10_752, "-11 kB"),
            (1_000_000_000_000, "931 GB"),
        ] {
            let text = pretty(&reader, &[Cell::Int(bytes)]);
            assert_eq!(text, Cell::from(expected), "{bytes}");
        }
    }
}
