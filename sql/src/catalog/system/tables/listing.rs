//! pg_tables, pg_views, pg_matviews, pg_indexes: relations by their names.
use crate::Result;
use crate::catalog::RelationKind;
use crate::catalog::system::classes::{What, classes, oid_of};
use crate::catalog::system::roles::OWNER;
use crate::catalog::system::table::Table;
use crate::catalog::system::{SystemView, definitions};

/// pg_tables
pub(super) fn tables(view: &SystemView<'_>, table: &mut Table) -> Result<()> {
    for class in classes(view.catalog).iter().filter(|class| class.kind() == 'r') {
        let What::Relation(relation) = &class.what else { continue };
        let indexed = view.catalog.indexes_of(relation.id).next().is_some();
        table.row([
            ("schemaname", (&class.schema).into()),
            ("tablename", (&class.name).into()),
            ("tableowner", OWNER.into()),
            ("hasindexes", (indexed || !relation.key.is_empty()).into()),
            ("hasrules", false.into()),
            ("hastriggers", false.into()),
            ("rowsecurity", false.into()),
        ])?;
    }
    Ok(())
}

/// pg_views
pub(super) fn views(view: &SystemView<'_>, table: &mut Table) -> Result<()> {
    for relation in view.catalog.relations().filter(|one| one.kind == RelationKind::View) {
        table.row([
            ("schemaname", (&relation.schema).into()),
            ("viewname", (&relation.name).into()),
            ("viewowner", OWNER.into()),
            ("definition", definitions::view(view.catalog, oid_of(relation.id)).into()),
        ])?;
    }
    Ok(())
}

/// pg_matviews
pub(super) fn continuous_views(view: &SystemView<'_>, table: &mut Table) -> Result<()> {
    for relation in view.catalog.relations().filter(|one| one.kind == RelationKind::ContinuousView)
    {
        let indexed = view.catalog.indexes_of(relation.id).next().is_some();
        table.row([
            ("schemaname", (&relation.schema).into()),
            ("matviewname", (&relation.name).into()),
            ("matviewowner", OWNER.into()),
            ("hasindexes", (indexed || !relation.key.is_empty()).into()),
            ("ispopulated", true.into()),
            ("definition", definitions::view(view.catalog, oid_of(relation.id)).into()),
        ])?;
    }
    Ok(())
}

/// pg_indexes
pub(super) fn indexes(view: &SystemView<'_>, table: &mut Table) -> Result<()> {
    for class in classes(view.catalog) {
        let relation = match &class.what {
            What::Relation(_) => continue,
            What::Key(relation) | What::Index(_, relation) => relation,
        };
        table.row([
            ("schemaname", (&class.schema).into()),
            ("tablename", (&relation.name).into()),
            ("indexname", (&class.name).into()),
            ("indexdef", definitions::index(view.catalog, class.oid).into()),
        ])?;
    }
    Ok(())
}
