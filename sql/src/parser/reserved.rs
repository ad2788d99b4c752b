//! Words that PostgreSQL reserves: without quotes they are no names.
//!
//! A name that is made is checked here, an alias where it is read; behind a dot, behind the
//! AS of a column and in quotes every word is a name.
use sqlparser::ast::{self, Ident, ObjectName, ObjectNamePart, SchemaName};
use sqlparser::keywords::Keyword;

use super::statement::Statement;
use crate::{Error, Result};

/// PostgreSQL 15's words that are no names of columns or relations, in order.
#[rustfmt::skip]
const RESERVED: &[&str] = &[
    "all", "analyse", "analyze", "and", "any", "array", "as", "asc", "asymmetric",
    "authorization", "binary", "both", "case", "cast", "check", "collate", "collation", "column",
    "concurrently", "constraint", "create", "cross", "current_catalog", "current_date",
    "current_role", "current_schema", "current_time", "current_timestamp", "current_user",
    "default", "deferrable", "desc", "distinct", "do", "else", "end", "except", "false", "fetch",
    "for", "foreign", "freeze", "from", "full", "grant", "group", "having", "ilike", "in",
    "initially", "inner", "intersect", "into", "is", "isnull", "join", "lateral", "leading",
    "left", "like", "limit", "localtime", "localtimestamp", "natural", "not", "notnull", "null",
    "offset", "on", "only", "or", "order", "outer", "overlaps", "placing", "primary",
    "references", "returning", "right", "select", "session_user", "similar", "some", "symmetric",
    "table", "tablesample", "then", "to", "trailing", "true", "union", "unique", "user", "using",
    "variadic", "verbose", "when", "where", "window", "with",
];

/// Words that are no alias of a column without AS, in order.
#[rustfmt::skip]
const AFTER_AS: &[&str] = &[
    "array", "as", "char", "character", "create", "day", "except", "fetch", "filter", "for",
    "from", "grant", "group", "having", "hour", "intersect", "into", "isnull", "limit", "minute",
    "month", "notnull", "offset", "on", "order", "over", "overlaps", "precision", "returning",
    "second", "to", "union", "varying", "where", "window", "with", "within", "without", "year",
];

fn lower(keyword: Keyword) -> String {
    format!("{keyword:?}").to_ascii_lowercase()
}

/// Whether a word can be the alias of a relation.
pub(super) fn is_alias(keyword: Keyword) -> bool {
    RESERVED.binary_search(&lower(keyword).as_str()).is_err()
}

/// Whether a word can be the alias of a column without AS.
pub(super) fn is_bare_alias(keyword: Keyword) -> bool {
    AFTER_AS.binary_search(&lower(keyword).as_str()).is_err()
}

/// Fails with 42601 where a statement makes something with a reserved word as its name.
pub(super) fn check(statement: &Statement) -> Result<()> {
    let all = |columns: &[ast::ColumnDef]| columns.iter().try_for_each(|one| word(&one.name));
    match statement {
        Statement::CreateTable(create) => {
            first(&create.table.name)?;
            all(&create.table.columns)
        }
        Statement::CreateStream(create) | Statement::CreateSource(create) => {
            first(&create.name)?;
            all(&create.columns)
        }
        Statement::CreateTableAs(create) => {
            first(&create.name)?;
            create.columns.iter().try_for_each(word)
        }
        Statement::CreateView(create) => {
            first(&create.name)?;
            create.columns.iter().try_for_each(word)
        }
        Statement::Sql(statement) => match statement.as_ref() {
            ast::Statement::CreateIndex(create) => create.name.as_ref().map_or(Ok(()), first),
            ast::Statement::CreateSchema {
                schema_name: SchemaName::Simple(name) | SchemaName::NamedAuthorization(name, _),
                ..
            } => first(name),
            _ => Ok(()),
        },
        _ => Ok(()),
    }
}

fn first(name: &ObjectName) -> Result<()> {
    match name.0.first() {
        Some(ObjectNamePart::Identifier(ident)) => word(ident),
        _ => Ok(()),
    }
}

fn word(ident: &Ident) -> Result<()> {
    let is_reserved = ident.quote_style.is_none()
        && RESERVED.binary_search(&ident.value.to_ascii_lowercase().as_str()).is_ok();
    match is_reserved {
        true => {
            let message = format!("syntax error at or near \"{}\"", ident.value);
            Err(Error::new("42601", message).at(ident.span))
        }
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parser::parse;

    fn check(text: &str, expected: &str) {
        let found = match parse(text) {
            Ok(_) => "a statement".to_owned(),
            Err(error) => format!("{} {}", error.code(), error.message()),
        };
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn the_words_are_in_order() {
        assert!(RESERVED.is_sorted() && AFTER_AS.is_sorted());
    }

    #[test]
    fn reserved_words_name_nothing() {
        for (text, word) in [
            ("CREATE TABLE user (a int)", "user"),
            ("CREATE TABLE t (a int, Order int)", "Order"),
            ("CREATE STREAM t (select int)", "select"),
            ("CREATE VIEW select AS SELECT 1", "select"),
            ("CREATE CONTINUOUS VIEW v (a, end) AS SELECT 1, 2", "end"),
            ("CREATE INDEX left ON t (a)", "left"),
            ("CREATE SCHEMA table", "table"),
            ("SELECT 1 FROM t AS user", "user"),
            ("SELECT 1 FROM t user", "user"),
            ("SELECT 1 year", "year"),
        ] {
            check(text, &format!("42601 syntax error at or near \"{word}\""));
        }
    }

    #[test]
    fn other_words_and_words_in_quotes_do() {
        for text in [
            "CREATE TABLE \"user\" (\"select\" int, year int, value int, time time, date date)",
            "CREATE TABLE s.user (a int)",
            "SELECT 1 AS select, 2 AS year, 3 value FROM t AS name",
            "SELECT interval '1' year",
        ] {
            check(text, "a statement");
        }
    }
}
