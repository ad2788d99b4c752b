//! pg_index, pg_constraint, pg_depend: keys, and what stands on what.
use super::class::numbers;
use crate::Result;
use crate::catalog::RelationKind;
use crate::catalog::system::classes::{
    Class, KEY_OIDS_FROM, What, classes, key_name, oid_of, relations, schema_oid,
};
use crate::catalog::system::shapes::named;
use crate::catalog::system::table::Table;
use crate::catalog::system::{Cell, SystemView, types};

/// pg_index
pub(super) fn index(view: &SystemView<'_>, table: &mut Table) -> Result<()> {
    for class in classes(view.catalog) {
        let (relation, places, unique, primary) = match &class.what {
            What::Relation(_) => continue,
            What::Key(relation) => {
                (relation, &relation.key, true, relation.kind == RelationKind::Table)
            }
            What::Index(index, relation) => (relation, &index.columns, index.unique, false),
        };
        let collations = places.iter().map(|place| {
            let form = relation.columns.get(*place).and_then(|column| types::form(&column.ty));
            form.map_or(0, |form| form.collation)
        });
        let zeros = || places.iter().map(|_| 0_i64).collect::<Vec<_>>();
        table.row([
            ("indexrelid", class.oid.into()),
            ("indrelid", oid_of(relation.id).into()),
            ("indnatts", places.len().into()),
            ("indnkeyatts", places.len().into()),
            ("indisunique", unique.into()),
            ("indisprimary", primary.into()),
            ("indimmediate", true.into()),
            ("indisvalid", true.into()),
            ("indisready", true.into()),
            ("indislive", true.into()),
            ("indkey", numbers(&class, places).into()),
            ("indcollation", collations.collect::<Vec<_>>().into()),
            ("indclass", zeros().into()),
            ("indoption", zeros().into()),
        ])?;
    }
    Ok(())
}

/// pg_constraint: primary keys. A UNIQUE constraint is kept as its unique index.
pub(super) fn constraint(view: &SystemView<'_>, table: &mut Table) -> Result<()> {
    for relation in view.catalog.relations() {
        if relation.kind != RelationKind::Table || relation.key.is_empty() {
            continue;
        }
        let oid = oid_of(relation.id);
        let key = oid + KEY_OIDS_FROM;
        let class = Class {
            oid,
            schema: relation.schema.clone(),
            name: relation.name.clone(),
            what: What::Relation(relation.clone()),
        };
        table.row([
            ("oid", key.into()),
            ("conname", key_name(relation).into()),
            ("connamespace", schema_oid(view.catalog, &relation.schema).into()),
            ("contype", 'p'.into()),
            ("convalidated", true.into()),
            ("conrelid", oid.into()),
            ("conindid", key.into()),
            ("confupdtype", ' '.into()),
            ("confdeltype", ' '.into()),
            ("confmatchtype", ' '.into()),
            ("conislocal", true.into()),
            ("connoinherit", true.into()),
            ("conkey", numbers(&class, &relation.key).into()),
        ])?;
    }
    Ok(())
}

/// pg_depend: each view after what it reads, each index after its relation.
pub(super) fn depend(view: &SystemView<'_>, table: &mut Table) -> Result<()> {
    let class = named("pg_catalog", "pg_class").map_or(0, |shape| oid_of(shape.relation.id));
    let mut add = |what: i64, on: i64, kind: char| {
        table.row([
            ("classid", class.into()),
            ("objid", what.into()),
            ("refclassid", class.into()),
            ("refobjid", on.into()),
            ("deptype", Cell::from(kind)),
        ])
    };
    for relation in relations(view.catalog) {
        for on in &relation.depends_on {
            add(oid_of(relation.id), oid_of(*on), 'n')?;
        }
    }
    for index in view.catalog.indexes() {
        add(oid_of(index.id), oid_of(index.relation), 'a')?;
    }
    Ok(())
}
