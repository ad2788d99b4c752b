//! `quote_ident`, `quote_literal` and `quote_nullable`: text as a part of SQL.
use std::borrow::Cow;

use arrow::array::ArrayRef;
use engine::Result;

use crate::functions::Overload;
use crate::functions::kernel::{Arguments, Fallible, Write, map1, overload};

/// `name` as SQL reads it back, quoted if it must be.
pub(super) fn quote_ident(name: &str) -> Cow<'_, str> {
    let plain = name.starts_with(|first: char| first.is_ascii_lowercase() || first == '_')
        && name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    match plain && !is_reserved(name) {
        true => Cow::Borrowed(name),
        false => Cow::Owned(format!("\"{}\"", name.replace('"', "\"\""))),
    }
}

/// Whether PostgreSQL's grammar has `name` as a word that is no plain name.
fn is_reserved(name: &str) -> bool {
    NOT_PLAIN.binary_search(&name).is_ok()
}

/// `text` as a literal of SQL.
pub(super) fn quote_literal(text: &str) -> String {
    let doubled = text.replace('\'', "''");
    match text.contains('\\') {
        true => format!("E'{}'", doubled.replace('\\', "\\\\")),
        false => format!("'{doubled}'"),
    }
}

fn quote_nullable(arguments: &Arguments<'_>) -> Result<ArrayRef> {
    let texts = arguments.reader::<&str>(0)?;
    let target = arguments.result().arrow();
    String::collect(arguments.rows(), &target, |row| {
        Ok(Some(texts.get(row).map_or_else(|| "NULL".to_owned(), quote_literal)))
    })
}

/// The words of PostgreSQL 15 that `quote_ident` quotes, in order.
#[rustfmt::skip]
const NOT_PLAIN: &[&str] = &[
    "all", "analyse", "analyze", "and", "any", "array", "as", "asc", "asymmetric",
    "authorization", "between", "bigint", "binary", "bit", "boolean", "both", "case",
    "cast", "char", "character", "check", "coalesce", "collate", "collation", "column",
    "concurrently", "constraint", "create", "cross", "current_catalog", "current_date",
    "current_role", "current_schema", "current_time", "current_timestamp", "current_user",
    "dec", "decimal", "default", "deferrable", "desc", "distinct", "do", "else", "end",
    "except", "exists", "extract", "false", "fetch", "float", "for", "foreign", "freeze",
    "from", "full", "grant", "greatest", "group", "grouping", "having", "ilike", "in",
    "initially", "inner", "inout", "int", "integer", "intersect", "interval", "into", "is",
    "isnull", "join", "lateral", "leading", "least", "left", "like", "limit", "localtime",
    "localtimestamp", "national", "natural", "nchar", "none", "normalize", "not", "notnull",
    "null", "nullif", "numeric", "offset", "on", "only", "or", "order", "out", "outer",
    "overlaps", "overlay", "placing", "position", "precision", "primary", "real",
    "references", "returning", "right", "row", "select", "session_user", "setof", "similar",
    "smallint", "some", "substring", "symmetric", "table", "tablesample", "then", "time",
    "timestamp", "to", "trailing", "treat", "trim", "true", "union", "unique", "user",
    "using", "values", "varchar", "variadic", "verbose", "when", "where", "window", "with",
    "xmlattributes", "xmlconcat", "xmlelement", "xmlexists", "xmlforest", "xmlnamespaces",
    "xmlparse", "xmlpi", "xmlroot", "xmlserialize", "xmltable",
];

/// The overloads of these functions.
pub(super) fn overloads() -> Vec<Overload> {
    vec![
        overload!("quote_ident", [Text] -> Text,
            |arguments| map1(arguments, |name: &str| quote_ident(name).into_owned()),
            fallible: Fallible::Never),
        overload!("quote_literal", [Text] -> Text, |arguments| map1(arguments, quote_literal),
            fallible: Fallible::Never),
        overload!("quote_nullable", [Text] -> Text, quote_nullable,
            fallible: Fallible::Never, strict: false),
    ]
}

#[cfg(test)]
mod tests {
    use super::NOT_PLAIN;
    use crate::functions::testing::check;

    #[test]
    fn reserved_words_are_in_order() {
        assert!(NOT_PLAIN.is_sorted());
    }

    #[test]
    fn cases() {
        check(&[
            ("quote_ident('foo')", "foo"),
            ("quote_ident('Foo bar')", "\"Foo bar\""),
            ("quote_ident('a\"b')", "\"a\"\"b\""),
            ("quote_ident('select')", "\"select\""),
            ("quote_ident('_1')", "_1"),
            ("quote_ident('1a')", "\"1a\""),
            ("quote_ident('')", "\"\""),
            ("quote_ident('é')", "\"é\""),
            ("quote_ident('name')", "name"),
            ("quote_ident('int')", "\"int\""),
            ("quote_literal('O''Reilly')", "'O''Reilly'"),
            ("quote_literal(E'a\\\\b')", "E'a\\\\b'"),
            ("quote_literal(NULL)", "NULL"),
            ("quote_nullable('x')", "'x'"),
        ]);
    }
}
