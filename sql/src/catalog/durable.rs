//! The catalog as records: the text that makes each object, under its id.
//!
//! A record's text is what can be read and run again: the settings that decide what the
//! statement means, one `SET` a line, then the statement as it was written. Plans are
//! never stored, so that they may change with every release.
use storage::{Record, RecordChange};

use super::{Change, Relation, RelationKind};

impl Change {
    /// What the store of records is told. `public` is no record.
    pub fn record(&self) -> Option<RecordChange> {
        let (kind, schema, name, text) = match self {
            Change::CreateSchema(schema, text) => ("schema", None, &schema.name, text),
            Change::CreateRelation(relation, text) => {
                (kind_word(relation), Some(&relation.schema), &relation.name, text)
            }
            Change::CreateIndex(index, text) => ("index", Some(&index.schema), &index.name, text),
            Change::DropSchema(_) | Change::DropRelation(_) | Change::DropIndex(_) => {
                return (self.id().0 != 0).then(|| RecordChange::Remove(self.id().0));
            }
        };
        let schema = schema.map(|schema| format!("{}.", quote_identifier(schema)));
        Some(RecordChange::Put(Record {
            id: self.id().0,
            kind: kind.to_owned(),
            name: format!("{}{}", schema.unwrap_or_default(), quote_identifier(name)),
            text: text.clone(),
        }))
    }
}

fn kind_word(relation: &Relation) -> &'static str {
    match relation.kind {
        RelationKind::Table => "table",
        RelationKind::Stream => "stream",
        RelationKind::Source => "source",
        RelationKind::View => "view",
        RelationKind::ContinuousView => "continuous view",
        RelationKind::System => "system",
    }
}

/// A name as it must be written in a statement: in quotes where it would be folded,
/// is a word of the grammar's, or has other characters.
pub fn quote_identifier(name: &str) -> String {
    let mut characters = name.chars();
    let plain = characters.next().is_some_and(|c| c.is_ascii_lowercase() || c == '_')
        && characters.all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        && !is_reserved(name);
    if plain { name.to_owned() } else { format!("\"{}\"", name.replace('"', "\"\"")) }
}

/// A text as it must be written in a statement.
pub fn quote_literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

fn is_reserved(name: &str) -> bool {
    POSTGRESQL_RESERVED.binary_search(&name).is_ok()
}

/// Words that cannot stand as names everywhere, in order.
const POSTGRESQL_RESERVED: &[&str] = &[
    "all",
    "analyse",
    "analyze",
    "and",
    "any",
    "array",
    "as",
    "asc",
    "asymmetric",
    "authorization",
    "between",
    "binary",
    "both",
    "case",
    "cast",
    "check",
    "collate",
    "collation",
    "column",
    "concurrently",
    "constraint",
    "create",
    "cross",
    "current_catalog",
    "current_date",
    "current_role",
    "current_schema",
    "current_time",
    "current_timestamp",
    "current_user",
    "default",
    "deferrable",
    "desc",
    "distinct",
    "do",
    "else",
    "end",
    "except",
    "exists",
    "extract",
    "false",
    "fetch",
    "for",
    "foreign",
    "freeze",
    "from",
    "full",
    "grant",
    "group",
    "having",
    "ilike",
    "in",
    "initially",
    "inner",
    "intersect",
    "interval",
    "into",
    "is",
    "isnull",
    "join",
    "lateral",
    "leading",
    "left",
    "like",
    "limit",
    "localtime",
    "localtimestamp",
    "natural",
    "not",
    "notnull",
    "null",
    "offset",
    "on",
    "only",
    "or",
    "order",
    "outer",
    "overlaps",
    "placing",
    "primary",
    "references",
    "returning",
    "right",
    "row",
    "select",
    "session_user",
    "similar",
    "some",
    "symmetric",
    "table",
    "tablesample",
    "then",
    "to",
    "trailing",
    "true",
    "union",
    "unique",
    "user",
    "using",
    "values",
    "variadic",
    "verbose",
    "when",
    "where",
    "window",
    "with",
];

#[cfg(test)]
mod tests {
    use super::quote_identifier;

    #[test]
    fn names_are_quoted_only_where_they_must_be() {
        for (name, written) in [
            ("flights", "flights"),
            ("Flights", "\"Flights\""),
            ("select", "\"select\""),
            ("user", "\"user\""),
            ("a\"b", "\"a\"\"b\""),
            ("2nd", "\"2nd\""),
            ("_x9", "_x9"),
            ("", "\"\""),
        ] {
            assert_eq!(quote_identifier(name), written);
        }
    }
}
