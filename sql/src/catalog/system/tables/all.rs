//! Which function makes the rows of which system relation.
//!
//! A relation without one is empty, since nothing of its kind can be made here: foreign
//! servers, policies, publications, rules, sequences and so on.
use super::{class, database, index, information, listing, own, routine};
use crate::Result;
use crate::catalog::Relation;
use crate::catalog::system::SystemView;
use crate::catalog::system::table::Table;

type Filler = fn(&SystemView<'_>, &mut Table) -> Result<()>;

/// By schema, name.
const FILLERS: &[(&str, &str, Filler)] = &[
    ("information_schema", "columns", information::columns),
    ("information_schema", "constraint_column_usage", information::constraint_column_usage),
    ("information_schema", "enabled_roles", information::enabled_roles),
    ("information_schema", "information_schema_catalog_name", information::catalog_name),
    ("information_schema", "key_column_usage", information::key_column_usage),
    ("information_schema", "schemata", information::schemata),
    ("information_schema", "table_constraints", information::table_constraints),
    ("information_schema", "tables", information::tables),
    ("information_schema", "views", information::views),
    ("pg_catalog", "pg_am", database::access_method),
    ("pg_catalog", "pg_attrdef", class::attrdef),
    ("pg_catalog", "pg_attribute", class::attribute),
    ("pg_catalog", "pg_authid", database::authid),
    ("pg_catalog", "pg_cast", routine::casts),
    ("pg_catalog", "pg_class", class::class),
    ("pg_catalog", "pg_collation", database::collation),
    ("pg_catalog", "pg_constraint", index::constraint),
    ("pg_catalog", "pg_database", database::database),
    ("pg_catalog", "pg_depend", index::depend),
    ("pg_catalog", "pg_index", index::index),
    ("pg_catalog", "pg_indexes", listing::indexes),
    ("pg_catalog", "pg_language", routine::language),
    ("pg_catalog", "pg_matviews", listing::continuous_views),
    ("pg_catalog", "pg_namespace", database::namespace),
    ("pg_catalog", "pg_operator", routine::operators),
    ("pg_catalog", "pg_proc", routine::procedures),
    ("pg_catalog", "pg_roles", database::roles),
    ("pg_catalog", "pg_settings", database::settings),
    ("pg_catalog", "pg_tables", listing::tables),
    ("pg_catalog", "pg_tablespace", database::tablespace),
    ("pg_catalog", "pg_type", routine::types),
    ("pg_catalog", "pg_user", database::user),
    ("pg_catalog", "pg_views", listing::views),
    ("tidemill", "error_log", own::error_log),
    ("tidemill", "errors", own::errors),
    ("tidemill", "operators", own::state_tables),
    ("tidemill", "relations", own::relations),
    ("tidemill", "status", own::engine),
    ("tidemill", "streams", own::streams),
    ("tidemill", "views", own::views),
];

/// Adds the rows of `relation` to `table`.
pub(in crate::catalog::system) fn fill(
    relation: &Relation,
    view: &SystemView<'_>,
    table: &mut Table,
) -> Result<()> {
    let (schema, name) = (relation.schema.as_str(), relation.name.as_str());
    match FILLERS.iter().find(|filler| (filler.0, filler.1) == (schema, name)) {
        Some((_, _, filler)) => filler(view, table),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::FILLERS;
    use crate::catalog::system::shapes::named;

    #[test]
    fn every_filler_has_its_relation() {
        for (schema, name, _) in FILLERS {
            assert!(named(schema, name).is_some(), "{schema}.{name}");
        }
    }
}
