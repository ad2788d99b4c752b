//! The database itself: its roles, schemas, settings, access methods, collations, tablespace.
use crate::Result;
use crate::catalog::system::classes::{METHODS, schemas};
use crate::catalog::system::roles::{self, OWNER_OID};
use crate::catalog::system::table::Table;
use crate::catalog::system::{Cell, SystemView};
use crate::settings::Kind;
use crate::statement::names::DATABASE;

/// The oid of the one database.
const DATABASE_OID: i64 = 5;
const TABLESPACE_OID: i64 = 1663;
/// UTF8
const ENCODING: i64 = 6;
/// Any number of connections.
const UNLIMITED: i64 = -1;

/// pg_namespace
pub(super) fn namespace(view: &SystemView<'_>, table: &mut Table) -> Result<()> {
    for (name, oid) in schemas(view.catalog) {
        table.row([
            ("oid", oid.into()),
            ("nspname", name.into()),
            ("nspowner", OWNER_OID.into()),
        ])?;
    }
    Ok(())
}

/// pg_database
pub(super) fn database(_: &SystemView<'_>, table: &mut Table) -> Result<()> {
    table.row([
        ("oid", DATABASE_OID.into()),
        ("datname", DATABASE.into()),
        ("datdba", OWNER_OID.into()),
        ("encoding", ENCODING.into()),
        ("datlocprovider", 'c'.into()),
        ("datallowconn", true.into()),
        ("datconnlimit", UNLIMITED.into()),
        ("dattablespace", TABLESPACE_OID.into()),
        ("datcollate", "C".into()),
        ("datctype", "C.UTF-8".into()),
    ])
}

/// pg_tablespace
pub(super) fn tablespace(_: &SystemView<'_>, table: &mut Table) -> Result<()> {
    table.row([
        ("oid", TABLESPACE_OID.into()),
        ("spcname", "pg_default".into()),
        ("spcowner", OWNER_OID.into()),
    ])
}

/// pg_authid
pub(super) fn authid(view: &SystemView<'_>, table: &mut Table) -> Result<()> {
    for (oid, name) in roles::of(view) {
        table.row([
            ("oid", oid.into()),
            ("rolname", name.into()),
            ("rolsuper", true.into()),
            ("rolinherit", true.into()),
            ("rolcreaterole", true.into()),
            ("rolcreatedb", true.into()),
            ("rolcanlogin", true.into()),
            ("rolbypassrls", true.into()),
            ("rolconnlimit", UNLIMITED.into()),
        ])?;
    }
    Ok(())
}

/// pg_roles
pub(super) fn roles(view: &SystemView<'_>, table: &mut Table) -> Result<()> {
    for (oid, name) in roles::of(view) {
        table.row([
            ("rolname", name.into()),
            ("rolsuper", true.into()),
            ("rolinherit", true.into()),
            ("rolcreaterole", true.into()),
            ("rolcreatedb", true.into()),
            ("rolcanlogin", true.into()),
            ("rolreplication", false.into()),
            ("rolconnlimit", UNLIMITED.into()),
            ("rolpassword", "********".into()),
            ("rolbypassrls", true.into()),
            ("oid", oid.into()),
        ])?;
    }
    Ok(())
}

/// pg_user
pub(super) fn user(view: &SystemView<'_>, table: &mut Table) -> Result<()> {
    for (oid, name) in roles::of(view) {
        table.row([
            ("usename", name.into()),
            ("usesysid", oid.into()),
            ("usecreatedb", true.into()),
            ("usesuper", true.into()),
            ("userepl", false.into()),
            ("usebypassrls", true.into()),
            ("passwd", "********".into()),
        ])?;
    }
    Ok(())
}

/// pg_am
pub(super) fn access_method(_: &SystemView<'_>, table: &mut Table) -> Result<()> {
    for (oid, name, kind) in METHODS {
        table.row([("oid", oid.into()), ("amname", name.into()), ("amtype", kind.into())])?;
    }
    Ok(())
}

/// pg_collation
pub(super) fn collation(view: &SystemView<'_>, table: &mut Table) -> Result<()> {
    const COLLATIONS: [(i64, &str, char, Option<&str>); 3] = [
        (100, "default", 'd', None),
        (950, "C", 'c', Some("C")),
        (951, "POSIX", 'c', Some("POSIX")),
    ];
    let namespace = crate::catalog::system::classes::schema_oid(view.catalog, "pg_catalog");
    for (oid, name, provider, locale) in COLLATIONS {
        table.row([
            ("oid", oid.into()),
            ("collname", name.into()),
            ("collnamespace", namespace.into()),
            ("collowner", OWNER_OID.into()),
            ("collprovider", provider.into()),
            ("collisdeterministic", true.into()),
            ("collencoding", (-1_i64).into()),
            ("collcollate", locale.into()),
            ("collctype", locale.into()),
        ])?;
    }
    Ok(())
}

/// pg_settings
pub(super) fn settings(view: &SystemView<'_>, table: &mut Table) -> Result<()> {
    for (definition, value) in view.settings.all() {
        let (ty, choices) = match definition.kind {
            Kind::Bool => ("bool", None),
            Kind::Integer(..) | Kind::Duration => ("integer", None),
            Kind::Choice(choices) => ("enum", Some(choices)),
            _ => ("string", None),
        };
        let bounds = match definition.kind {
            Kind::Integer(least, most) => Some((least.to_string(), most.to_string())),
            _ => None,
        };
        let is_fixed = definition.kind == Kind::Fixed;
        let source = if value == definition.default { "default" } else { "session" };
        table.row([
            ("name", definition.name.into()),
            ("setting", value.into()),
            ("category", "Tidemill".into()),
            ("short_desc", definition.description.into()),
            ("context", if is_fixed { "internal" } else { "user" }.into()),
            ("vartype", ty.into()),
            ("source", source.into()),
            ("min_val", bounds.as_ref().map(|bounds| bounds.0.as_str()).into()),
            ("max_val", bounds.as_ref().map(|bounds| bounds.1.as_str()).into()),
            ("enumvals", choices.map_or(Cell::Null, |choices| choices.to_vec().into())),
            ("boot_val", definition.default.into()),
            ("reset_val", definition.default.into()),
            ("pending_restart", false.into()),
        ])?;
    }
    Ok(())
}
