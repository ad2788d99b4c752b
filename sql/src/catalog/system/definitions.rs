//! Objects written as the statements that would make them.
use super::classes::{Class, What, class_of, key_name, relation_of};
use crate::catalog::{Catalog, Relation, quote_identifier};

/// `CREATE UNIQUE INDEX name ON schema.table USING hash (a, b)`
pub(super) fn index(catalog: &Catalog, oid: i64) -> Option<String> {
    let class = class_of(catalog, oid)?;
    let (relation, unique) = match &class.what {
        What::Relation(_) => return None,
        What::Key(relation) => (relation, true),
        What::Index(index, relation) => (relation, index.unique),
    };
    Some(format!(
        "CREATE {}INDEX {} ON {} USING hash ({})",
        if unique { "UNIQUE " } else { "" },
        quote_identifier(&class.name),
        qualified(relation),
        column_list(&class)
    ))
}

/// The name of an index's column, counted from 1.
pub(super) fn index_column(catalog: &Catalog, oid: i64, number: i64) -> Option<String> {
    let class = class_of(catalog, oid)?;
    if matches!(class.what, What::Relation(_)) {
        return None;
    }
    let columns = class.columns();
    let (_, column) = columns.iter().find(|(place, _)| *place == number)?;
    Some(quote_identifier(&column.name))
}

/// `PRIMARY KEY (a, b)`
pub(super) fn constraint(catalog: &Catalog, oid: i64) -> Option<String> {
    let class = class_of(catalog, oid)?;
    match &class.what {
        What::Key(relation) if key_name(relation).ends_with("_pkey") => {
            Some(format!("PRIMARY KEY ({})", column_list(&class)))
        }
        _ => None,
    }
}

/// The query of a view of either kind, as it was written.
pub(super) fn view(catalog: &Catalog, oid: i64) -> Option<String> {
    let relation = relation_of(catalog, oid)?;
    let query = relation.query.as_deref()?.trim().trim_end_matches(';').trim_end();
    Some(format!(" {query};"))
}

/// `schema.name`, in quotes where needed.
pub(super) fn qualified(relation: &Relation) -> String {
    format!("{}.{}", quote_identifier(&relation.schema), quote_identifier(&relation.name))
}

fn column_list(class: &Class) -> String {
    let columns = class.columns();
    let names = columns.iter().map(|(_, column)| quote_identifier(&column.name));
    names.collect::<Vec<_>>().join(", ")
}
