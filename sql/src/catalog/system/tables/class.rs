//! pg_class, pg_attribute, pg_attrdef: relations and indexes with their columns.
use std::collections::HashMap;

use engine::plan::RelationId;

use crate::Result;
use crate::catalog::system::classes::{Class, What, classes, oid_of, schema_oid};
use crate::catalog::system::roles::OWNER_OID;
use crate::catalog::system::table::Table;
use crate::catalog::system::{Cell, SystemView, types};

/// pg_class
pub(super) fn class(view: &SystemView<'_>, table: &mut Table) -> Result<()> {
    let status = view.engine.status();
    let rows: HashMap<RelationId, usize> =
        status.relations.iter().map(|one| (one.id, one.rows)).collect();
    for class in classes(view.catalog) {
        let of = class.relation();
        let is_relation = matches!(class.what, What::Relation(_));
        let has_index = !of.key.is_empty() || view.catalog.indexes_of(of.id).next().is_some();
        let visible = class.columns().iter().filter(|(number, _)| *number > 0).count();
        #[expect(clippy::cast_precision_loss, reason = "an estimate, of type real")]
        let tuples = rows.get(&of.id).map_or(-1.0, |rows| *rows as f64);
        table.row([
            ("oid", class.oid.into()),
            ("relname", class.name.as_str().into()),
            ("relnamespace", schema_oid(view.catalog, &class.schema).into()),
            ("relowner", OWNER_OID.into()),
            ("relam", class.method().into()),
            ("relfilenode", if class.method() == 0 { 0 } else { class.oid }.into()),
            ("reltuples", Cell::Float(tuples)),
            ("relhasindex", (is_relation && has_index).into()),
            ("relpersistence", 'p'.into()),
            ("relkind", class.kind().into()),
            ("relnatts", visible.into()),
            ("relhasrules", (class.kind() == 'v').into()),
            ("relispopulated", true.into()),
            ("relreplident", 'd'.into()),
        ])?;
    }
    Ok(())
}

/// pg_attribute
pub(super) fn attribute(view: &SystemView<'_>, table: &mut Table) -> Result<()> {
    for class in classes(view.catalog) {
        let is_key = |place: usize| match &class.what {
            What::Relation(relation) => {
                relation.kind == crate::catalog::RelationKind::Table
                    && relation.key.contains(&place)
            }
            _ => false,
        };
        for (place, (number, column)) in class.columns().into_iter().enumerate() {
            let form = types::form(&column.ty);
            let is_relation = matches!(class.what, What::Relation(_));
            let not_null = is_relation && (!column.nullable || is_key(place));
            table.row([
                ("attrelid", class.oid.into()),
                ("attname", (&column.name).into()),
                ("atttypid", i64::from(column.ty.oid()).into()),
                ("attstattarget", (-1_i64).into()),
                ("attlen", i64::from(column.ty.size()).into()),
                ("attnum", number.into()),
                ("attndims", i64::from(matches!(column.ty, crate::types::Type::Array(_))).into()),
                ("attcacheoff", (-1_i64).into()),
                ("atttypmod", i64::from(column.ty.modifier()).into()),
                ("attbyval", form.is_some_and(|form| form.by_value).into()),
                ("attalign", form.map_or("i", |form| form.align).into()),
                ("attstorage", form.map_or("x", |form| form.storage).into()),
                ("attnotnull", not_null.into()),
                ("atthasdef", (is_relation && column.default.is_some()).into()),
                ("attislocal", true.into()),
                ("attcollation", form.map_or(0, |form| form.collation).into()),
            ])?;
        }
    }
    Ok(())
}

/// pg_attrdef: the text of each DEFAULT. Its oid is of the relation and the column's number.
pub(super) fn attrdef(view: &SystemView<'_>, table: &mut Table) -> Result<()> {
    const COLUMNS: i64 = 1 << 12;
    for class in classes(view.catalog) {
        let What::Relation(relation) = &class.what else { continue };
        for (number, column) in class.columns() {
            let Some(default) = &column.default else { continue };
            table.row([
                ("oid", (oid_of(relation.id) * COLUMNS + number).into()),
                ("adrelid", class.oid.into()),
                ("adnum", number.into()),
                ("adbin", default.into()),
            ])?;
        }
    }
    Ok(())
}

/// The numbers of a relation's columns at these places.
pub(super) fn numbers(class: &Class, places: &[usize]) -> Vec<i64> {
    let relation = class.relation();
    places
        .iter()
        .filter_map(|place| {
            let hidden_before =
                relation.columns.iter().take(*place).filter(|column| column.hidden).count();
            let column = relation.columns.get(*place)?;
            let number = i64::try_from(place + 1).ok()?;
            let hidden = i64::try_from(hidden_before).ok()?;
            Some(if column.hidden { -hidden - 1 } else { number - hidden })
        })
        .collect()
}
