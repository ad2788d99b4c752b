//! SHOW of settings or of objects.
use std::sync::Arc;

use sqlparser::ast::Ident;

use super::answer::{text_columns, text_rows};
use super::definer::find_entry;
use super::names::DATABASE;
use super::work::Work;
use crate::binder::{fold, name_parts};
use crate::catalog::{Catalog, Entry, Relation, RelationKind};
use crate::parser::{Listing, Show};
use crate::response::{OutputColumn, Response, Tag};
use crate::settings::{Definition, Settings};
use crate::sources::Sources;
use crate::{Error, Result};

/// What `SHOW` of these words names: a setting, or `all`.
fn setting_name(variable: &[Ident]) -> String {
    let words: Vec<String> = variable.iter().map(fold).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["time", "zone"] => "TimeZone".to_owned(),
        ["transaction", "isolation", "level"] => "transaction_isolation".to_owned(),
        ["session", "authorization"] => "session_authorization".to_owned(),
        words => words.join("."),
    }
}

/// The columns of SHOW for a setting.
pub(crate) fn setting_columns(variable: &[Ident]) -> Result<Arc<[OutputColumn]>> {
    let name = setting_name(variable);
    if name == "all" {
        return Ok(text_columns(&["name", "setting", "description"]));
    }
    let known = Definition::find(&name).map_or(name.as_str(), |found| found.name);
    Ok(text_columns(&[known]))
}

/// SHOW of a setting.
pub(crate) fn setting(settings: &Settings, variable: &[Ident]) -> Result<Response> {
    let columns = setting_columns(variable)?;
    let name = setting_name(variable);
    let rows: Vec<Vec<Option<String>>> = if name == "all" {
        let all = settings.all();
        all.map(|(definition, value)| {
            vec![
                Some(definition.name.to_owned()),
                Some(value.to_owned()),
                Some(definition.description.to_owned()),
            ]
        })
        .collect()
    } else {
        vec![vec![Some(settings.get(&name)?.to_owned())]]
    };
    Ok(Response::Rows(text_rows(columns, &rows, Tag::Word("SHOW"))?))
}

/// The columns of a list of objects.
pub(crate) fn listing_columns(show: &Show) -> Arc<[OutputColumn]> {
    text_columns(match show.listing {
        Listing::Indexes => &["schema", "name", "relation", "columns", "unique"][..],
        Listing::Schemas => &["name"],
        Listing::Databases => &["name"],
        Listing::Functions => &["name"],
        Listing::Columns => &["name", "type", "nullable", "default"],
        Listing::Create => &["name", "definition"],
        Listing::Sources => &["schema", "name", "state", "rows", "rejected", "place", "error"],
        _ => &["schema", "name", "kind"],
    })
}

/// A list of objects.
pub(crate) fn listing(work: &mut Work<'_>, show: &Show) -> Result<Response> {
    let catalog = work.catalog();
    let path = work.settings.search_path(work.user);
    let rows = match show.listing {
        Listing::Databases => vec![vec![Some(DATABASE.to_owned())]],
        Listing::Schemas => catalog.schemas().map(|s| vec![Some(s.name.clone())]).collect(),
        Listing::Functions => return Err(Error::unsupported("SHOW FUNCTIONS")),
        Listing::Indexes => indexes(&catalog),
        Listing::Columns => columns_of(&*relation(&catalog, &path, show)?),
        Listing::Create => {
            let relation = relation(&catalog, &path, show)?;
            vec![vec![Some(relation.name.clone()), Some(relation.text.clone())]]
        }
        kind => {
            let found = relations(&catalog, kind, show)?;
            let row = |relation: &Arc<Relation>| relation_row(relation, work.database.sources());
            found.iter().map(row).collect()
        }
    };
    let name = usize::from(!matches!(
        show.listing,
        Listing::Databases | Listing::Schemas | Listing::Columns | Listing::Create
    ));
    let matches = |row: &Vec<Option<String>>| match (&show.like, row.get(name)) {
        (Some(pattern), Some(Some(name))) => is_like(name, pattern),
        _ => true,
    };
    let mut rows: Vec<_> = rows.into_iter().filter(matches).collect();
    if show.listing != Listing::Columns {
        rows.sort();
    }
    Ok(Response::Rows(text_rows(listing_columns(show), &rows, Tag::Word("SHOW"))?))
}

fn relation(catalog: &Catalog, path: &[String], show: &Show) -> Result<Arc<Relation>> {
    let Some(name) = &show.of else {
        return Err(Error::new("42601", "the statement needs the name of a relation"));
    };
    match find_entry(catalog, path, name)? {
        (_, Some(Entry::Relation(relation))) => Ok(relation),
        (written, _) => Err(Error::new("42P01", format!("relation \"{written}\" does not exist"))),
    }
}

fn relations(catalog: &Catalog, listing: Listing, show: &Show) -> Result<Vec<Arc<Relation>>> {
    let schema = match &show.of {
        Some(name) => {
            let schema = name_parts(name)?.join(".");
            if !catalog.has_schema(&schema) {
                return Err(Error::new("3F000", format!("schema \"{schema}\" does not exist")));
            }
            Some(schema)
        }
        None => None,
    };
    let is_listed = |kind: RelationKind| match listing {
        Listing::Tables => kind == RelationKind::Table,
        Listing::Streams => kind == RelationKind::Stream,
        Listing::Sources => kind == RelationKind::Source,
        Listing::Views => kind == RelationKind::View,
        Listing::ContinuousViews => kind == RelationKind::ContinuousView,
        _ => false,
    };
    let found = catalog
        .relations()
        .filter(|relation| is_listed(relation.kind))
        .filter(|relation| schema.as_ref().is_none_or(|schema| *schema == relation.schema));
    Ok(found.cloned().collect())
}

/// A relation as it is listed; of a source also how it fares.
fn relation_row(relation: &Relation, sources: &Sources) -> Vec<Option<String>> {
    let mut row = vec![Some(relation.schema.clone()), Some(relation.name.clone())];
    if relation.kind == RelationKind::Source {
        let status = sources.status(relation.id);
        row.push(Some(status.state.to_string()));
        row.push(Some(status.rows.to_string()));
        row.push(Some(status.rejected.to_string()));
        row.push(status.place);
        row.push(status.error.map(|error| error.to_string()));
    } else {
        row.push(Some(relation.kind.to_string()));
    }
    row
}

fn indexes(catalog: &Catalog) -> Vec<Vec<Option<String>>> {
    let row = |index: &Arc<crate::catalog::Index>| {
        let relation = catalog.relation(index.relation);
        let names = index.columns.iter().filter_map(|place| {
            relation.as_ref().and_then(|r| r.columns.get(*place)).map(|c| c.name.clone())
        });
        vec![
            Some(index.schema.clone()),
            Some(index.name.clone()),
            relation.as_ref().map(|relation| relation.name.clone()),
            Some(names.collect::<Vec<_>>().join(", ")),
            Some(if index.unique { "yes" } else { "no" }.to_owned()),
        ]
    };
    catalog.indexes().map(row).collect()
}

fn columns_of(relation: &Relation) -> Vec<Vec<Option<String>>> {
    let row = |(_, column): (usize, &crate::catalog::Column)| {
        vec![
            Some(column.name.clone()),
            Some(column.ty.to_string()),
            Some(if column.nullable { "yes" } else { "no" }.to_owned()),
            column.default.clone(),
        ]
    };
    relation.visible().map(row).collect()
}

/// LIKE: `%` is any text, `_` any character.
fn is_like(text: &str, pattern: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    let mut reached = vec![false; text.len() + 1];
    if let Some(first) = reached.first_mut() {
        *first = true;
    }
    for wanted in pattern.chars() {
        let mut next = vec![false; text.len() + 1];
        let mut any = false;
        for (place, slot) in next.iter_mut().enumerate() {
            let here = reached.get(place) == Some(&true);
            any |= here;
            let before = place.checked_sub(1);
            let from = before.and_then(|before| reached.get(before)) == Some(&true);
            let letter = before.and_then(|before| text.get(before));
            *slot = match wanted {
                '%' => any,
                '_' => from,
                other => from && letter == Some(&other),
            };
        }
        reached = next;
    }
    reached.last() == Some(&true)
}

#[cfg(test)]
mod tests {
    use super::is_like;

    #[test]
    fn a_pattern_matches_whole_names() {
        for (text, pattern, expected) in [
            ("flights", "fl%", true),
            ("flights", "%ht_", true),
            ("flights", "flight", false),
            ("", "%", true),
            ("a", "", false),
        ] {
            assert_eq!(is_like(text, pattern), expected, "{text} LIKE {pattern}");
        }
    }
}
