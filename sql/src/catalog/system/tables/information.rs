//! information_schema: the standard's names for what pg_catalog says.
//!
//! Where PostgreSQL leaves materialized views out, continuous views are listed as views, for
//! tools that look nowhere else.
use std::sync::Arc;

use crate::Result;
use crate::catalog::system::classes::{key_name, relations, schemas};
use crate::catalog::system::roles::{self, OWNER};
use crate::catalog::system::shapes::with_id;
use crate::catalog::system::table::Table;
use crate::catalog::system::{Cell, SystemView, types};
use crate::catalog::{Column, Relation, RelationKind};
use crate::statement::names::DATABASE;
use crate::types::Type;

fn yes_or_no(value: bool) -> Cell {
    if value { "YES" } else { "NO" }.into()
}

fn is_view(relation: &Relation) -> bool {
    match relation.kind {
        RelationKind::View | RelationKind::ContinuousView => true,
        RelationKind::System => with_id(relation.id).is_none_or(|shape| shape.kind == 'v'),
        RelationKind::Table | RelationKind::Stream | RelationKind::Source => false,
    }
}

fn takes_rows(relation: &Relation) -> bool {
    matches!(relation.kind, RelationKind::Table | RelationKind::Stream)
}

/// information_schema_catalog_name
pub(super) fn catalog_name(_: &SystemView<'_>, table: &mut Table) -> Result<()> {
    table.row([("catalog_name", DATABASE.into())])
}

/// enabled_roles
pub(super) fn enabled_roles(view: &SystemView<'_>, table: &mut Table) -> Result<()> {
    for (_, name) in roles::of(view) {
        table.row([("role_name", name.into())])?;
    }
    Ok(())
}

/// schemata
pub(super) fn schemata(view: &SystemView<'_>, table: &mut Table) -> Result<()> {
    for (name, _) in schemas(view.catalog) {
        table.row([
            ("catalog_name", DATABASE.into()),
            ("schema_name", name.into()),
            ("schema_owner", OWNER.into()),
        ])?;
    }
    Ok(())
}

/// tables
pub(super) fn tables(view: &SystemView<'_>, table: &mut Table) -> Result<()> {
    for relation in relations(view.catalog) {
        let kind = if is_view(relation) { "VIEW" } else { "BASE TABLE" };
        table.row([
            ("table_catalog", DATABASE.into()),
            ("table_schema", (&relation.schema).into()),
            ("table_name", (&relation.name).into()),
            ("table_type", kind.into()),
            ("is_insertable_into", yes_or_no(takes_rows(relation))),
            ("is_typed", "NO".into()),
        ])?;
    }
    Ok(())
}

/// views
pub(super) fn views(view: &SystemView<'_>, table: &mut Table) -> Result<()> {
    for relation in relations(view.catalog).filter(|relation| is_view(relation)) {
        table.row([
            ("table_catalog", DATABASE.into()),
            ("table_schema", (&relation.schema).into()),
            ("table_name", (&relation.name).into()),
            ("view_definition", relation.query.clone().into()),
            ("check_option", "NONE".into()),
            ("is_updatable", "NO".into()),
            ("is_insertable_into", "NO".into()),
            ("is_trigger_updatable", "NO".into()),
            ("is_trigger_deletable", "NO".into()),
            ("is_trigger_insertable_into", "NO".into()),
        ])?;
    }
    Ok(())
}

/// columns
pub(super) fn columns(view: &SystemView<'_>, table: &mut Table) -> Result<()> {
    for relation in relations(view.catalog) {
        for (number, (place, column)) in relation.visible().enumerate() {
            let in_key = relation.kind == RelationKind::Table && relation.key.contains(&place);
            let nullable = column.nullable && !in_key;
            column_row(table, relation, column, (number + 1, nullable))?;
        }
    }
    Ok(())
}

fn column_row(
    table: &mut Table,
    relation: &Arc<Relation>,
    column: &Column,
    (number, nullable): (usize, bool),
) -> Result<()> {
    let ty = &column.ty;
    let form = types::form(ty);
    let length = match ty {
        Type::Varchar(length) => length.map(i64::from),
        Type::Char(length) => Some(i64::from(*length)),
        _ => None,
    };
    let (precision, radix, scale) = numeric_parts(ty);
    let is_text = ty.is_text() && *ty != Type::Name;
    let octets = length.map(|length| length.saturating_mul(4)).or(is_text.then_some(1 << 30));
    let time = match ty {
        Type::Date => Some(0),
        Type::Rounded(_, digits) => Some(i64::from(*digits)),
        Type::Time | Type::Timestamp | Type::TimestampTz | Type::Interval => Some(6_i64),
        _ => None,
    };
    let data_type = match ty {
        Type::Array(_) => "ARRAY".to_owned(),
        ty => types::formatted(i64::from(ty.oid()), None),
    };
    table.row([
        ("table_catalog", DATABASE.into()),
        ("table_schema", (&relation.schema).into()),
        ("table_name", (&relation.name).into()),
        ("column_name", (&column.name).into()),
        ("ordinal_position", number.into()),
        ("column_default", column.default.clone().into()),
        ("is_nullable", yes_or_no(nullable)),
        ("data_type", data_type.into()),
        ("character_maximum_length", length.into()),
        ("character_octet_length", octets.into()),
        ("numeric_precision", precision.into()),
        ("numeric_precision_radix", radix.into()),
        ("numeric_scale", scale.into()),
        ("datetime_precision", time.into()),
        ("udt_catalog", DATABASE.into()),
        ("udt_schema", "pg_catalog".into()),
        ("udt_name", form.map(|form| form.name).into()),
        ("dtd_identifier", number.to_string().into()),
        ("is_self_referencing", "NO".into()),
        ("is_identity", "NO".into()),
        ("identity_cycle", "NO".into()),
        ("is_generated", "NEVER".into()),
        ("is_updatable", yes_or_no(relation.kind == RelationKind::Table)),
    ])
}

/// Digits of a number, the base they are in, those behind the point.
fn numeric_parts(ty: &Type) -> (Option<i64>, Option<i64>, Option<i64>) {
    match ty {
        Type::Int2 => (Some(16), Some(2), Some(0)),
        Type::Int4 => (Some(32), Some(2), Some(0)),
        Type::Int8 => (Some(64), Some(2), Some(0)),
        Type::Float4 => (Some(24), Some(2), None),
        Type::Float8 => (Some(53), Some(2), None),
        Type::Numeric(precision, scale) => {
            (Some(i64::from(*precision)), Some(10), Some(i64::from(*scale)))
        }
        Type::BareNumeric => (None, Some(10), None),
        _ => (None, None, None),
    }
}

/// Relations with a primary key.
fn keyed<'a>(view: &SystemView<'a>) -> impl Iterator<Item = &'a Arc<Relation>> {
    let is_keyed = |one: &&Arc<Relation>| one.kind == RelationKind::Table && !one.key.is_empty();
    view.catalog.relations().filter(is_keyed)
}

/// table_constraints
pub(super) fn table_constraints(view: &SystemView<'_>, table: &mut Table) -> Result<()> {
    for relation in keyed(view) {
        table.row([
            ("constraint_catalog", DATABASE.into()),
            ("constraint_schema", (&relation.schema).into()),
            ("constraint_name", key_name(relation).into()),
            ("table_catalog", DATABASE.into()),
            ("table_schema", (&relation.schema).into()),
            ("table_name", (&relation.name).into()),
            ("constraint_type", "PRIMARY KEY".into()),
            ("is_deferrable", "NO".into()),
            ("initially_deferred", "NO".into()),
            ("enforced", "YES".into()),
        ])?;
    }
    Ok(())
}

/// key_column_usage
pub(super) fn key_column_usage(view: &SystemView<'_>, table: &mut Table) -> Result<()> {
    for relation in keyed(view) {
        let columns = relation.key.iter().filter_map(|place| relation.columns.get(*place));
        for (number, column) in columns.enumerate() {
            table.row([
                ("constraint_catalog", DATABASE.into()),
                ("constraint_schema", (&relation.schema).into()),
                ("constraint_name", key_name(relation).into()),
                ("table_catalog", DATABASE.into()),
                ("table_schema", (&relation.schema).into()),
                ("table_name", (&relation.name).into()),
                ("column_name", (&column.name).into()),
                ("ordinal_position", (number + 1).into()),
            ])?;
        }
    }
    Ok(())
}

/// constraint_column_usage
pub(super) fn constraint_column_usage(view: &SystemView<'_>, table: &mut Table) -> Result<()> {
    for relation in keyed(view) {
        for column in relation.key.iter().filter_map(|place| relation.columns.get(*place)) {
            table.row([
                ("table_catalog", DATABASE.into()),
                ("table_schema", (&relation.schema).into()),
                ("table_name", (&relation.name).into()),
                ("column_name", (&column.name).into()),
                ("constraint_catalog", DATABASE.into()),
                ("constraint_schema", (&relation.schema).into()),
                ("constraint_name", key_name(relation).into()),
            ])?;
        }
    }
    Ok(())
}
