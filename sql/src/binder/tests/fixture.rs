//! A small catalog, and `check`: a statement's plan, its columns, or its error.
use std::sync::Arc;

use datafusion::logical_expr::lit;
use engine::plan::RelationId;
use expect_test::Expect;

use crate::binder::expression::plain;
use crate::binder::{Binder, Bound, Environment, Names, StatementTime, Typed};
use crate::catalog::{Column, Relation, RelationKind};
use crate::parser::{Statement, parse, parse_query};
use crate::types::{Reg, Type};
use crate::{Error, Result};

/// The relations of `SCHEMA`.
pub(super) struct Fixture(Vec<Arc<Relation>>);

fn relation(id: u64, kind: RelationKind, name: &str, columns: &[(&str, Type)]) -> Relation {
    let columns = columns
        .iter()
        .map(|(name, ty)| Column {
            name: name.trim_start_matches('-').to_owned(),
            ty: ty.clone(),
            nullable: *name != "id",
            default: None,
            hidden: name.starts_with('-'),
        })
        .collect();
    let (schema, name) = name.split_once('.').unwrap_or(("public", name));
    Relation {
        id: RelationId(id),
        schema: schema.to_owned(),
        name: name.to_owned(),
        kind,
        columns,
        key: Vec::new(),
        query: None,
        search_path: Vec::new(),
        text: String::new(),
        options: Vec::new(),
        depends_on: Vec::new(),
    }
}

impl Fixture {
    /// The catalog of all tests here.
    pub(super) fn new() -> Self {
        use RelationKind::{Stream, System, Table, View};
        let mut t = relation(
            1,
            Table,
            "t",
            &[
                ("id", Type::Int4),
                ("a", Type::Int4),
                ("b", Type::Text),
                ("big", Type::Int8),
                ("n", Type::Numeric(10, 2)),
                ("f", Type::Float8),
                ("ok", Type::Bool),
            ],
        );
        t.key = vec![0];
        let mut other = relation(
            2,
            Table,
            "u",
            &[("id", Type::Int4), ("t_id", Type::Int4), ("c", Type::Text), ("big", Type::Int8)],
        );
        other.key = vec![0];
        let events = relation(
            3,
            Stream,
            "events",
            &[
                ("ts", Type::TimestampTz),
                ("user_id", Type::Int8),
                ("kind", Type::Varchar(Some(10))),
                ("amount", Type::BareNumeric),
                ("-_position", Type::Int8),
            ],
        );
        let every = relation(
            4,
            Table,
            "every",
            &[
                ("bo", Type::Bool),
                ("i2", Type::Int2),
                ("i4", Type::Int4),
                ("i8", Type::Int8),
                ("f4", Type::Float4),
                ("f8", Type::Float8),
                ("nu", Type::BareNumeric),
                ("te", Type::Text),
                ("vc", Type::Varchar(Some(10))),
                ("ch", Type::Char(3)),
                ("na", Type::Name),
                ("by", Type::Bytea),
                ("da", Type::Date),
                ("ti", Type::Time),
                ("ts", Type::Timestamp),
                ("tz", Type::TimestampTz),
                ("iv", Type::Interval),
                ("uu", Type::Uuid),
                ("jb", Type::Jsonb),
                ("js", Type::Json),
                ("oi", Type::Oid),
                ("rc", Type::Reg(Reg::Class)),
                ("ai", Type::Array(Box::new(Type::Int4))),
                ("at", Type::Array(Box::new(Type::Text))),
            ],
        );
        let mut view = relation(5, View, "v", &[("k", Type::Int4), ("total", Type::Int8)]);
        view.query = Some("SELECT a, count(*) FROM t WHERE ok GROUP BY a".to_owned());
        view.search_path = vec!["public".to_owned()];
        let class = relation(
            1259,
            System,
            "pg_catalog.pg_class",
            &[("oid", Type::Oid), ("relname", Type::Name), ("relkind", Type::ByteChar)],
        );
        let all = [t, other, events, every, view, class];
        Self(all.into_iter().map(Arc::new).collect())
    }
}

impl Names for Fixture {
    fn relation(
        &self,
        schema: Option<&str>,
        name: &str,
        search_path: &[String],
    ) -> Result<Arc<Relation>> {
        let path = std::iter::once("pg_catalog").chain(search_path.iter().map(String::as_str));
        let schemas: Vec<&str> = schema.map_or_else(|| path.collect(), |schema| vec![schema]);
        let found = schemas
            .iter()
            .find_map(|schema| self.0.iter().find(|one| one.schema == *schema && one.name == name));
        found
            .cloned()
            .ok_or_else(|| Error::new("42P01", format!("relation \"{name}\" does not exist")))
    }

    fn value(&self, name: &str) -> Option<Typed> {
        match name {
            "current_user" | "current_database" | "current_schema" => {
                Some(Typed::new(lit(name), Type::Name))
            }
            _ => None,
        }
    }
}

/// The bound query of a text.
pub(super) fn bind_with(sql: &str, parameters: Vec<Type>) -> Result<Bound> {
    let fixture = Fixture::new();
    let environment = Environment { now: StatementTime::At(0), ..Environment::default() };
    let statement = parse(sql)?.remove(0).statement;
    let Statement::Sql(statement) = statement else { panic!("{sql} is no query") };
    let sqlparser::ast::Statement::Query(query) = *statement else { panic!("{sql} is no query") };
    Binder::new(&fixture, &environment).with_parameters(parameters).bind_query(&query)
}

/// The same without types of parameters.
pub(super) fn bind(sql: &str) -> Result<Bound> {
    bind_with(sql, Vec::new())
}

/// The plan of a query whose columns are cast to these types; or its error.
pub(super) fn bind_as(sql: &str, types: &[Type]) -> String {
    let fixture = Fixture::new();
    let environment = Environment::default();
    let query = parse_query(sql).unwrap();
    match Binder::new(&fixture, &environment).bind_query_as(&query, types) {
        Ok(bound) => format!("{}\n", bound.plan.display_indent()),
        Err(error) => described(&error, sql),
    }
}

/// An error as a client is told it.
pub(super) fn described(error: &Error, sql: &str) -> String {
    let mut text = format!("{}: {}", error.code(), error.message());
    if let Some(place) = error.position(sql) {
        text.push_str(&format!(" @{place}"));
    }
    if let Some(detail) = error.detail() {
        text.push_str(&format!("\nDETAIL: {detail}"));
    }
    if let Some(hint) = error.hint() {
        text.push_str(&format!("\nHINT: {hint}"));
    }
    text
}

/// The columns of a query, then its plan; or its error.
pub(super) fn check(sql: &str, expected: Expect) {
    let text = match bind(sql) {
        Ok(bound) => {
            let schema = bound.plan.schema();
            assert_eq!(schema.columns().len(), bound.columns.len(), "{sql}");
            for (own, column) in schema.columns().iter().zip(&bound.columns) {
                assert_eq!(*own, column.column, "{sql}");
                let field = schema.qualified_field_from_column(own).unwrap().1;
                assert_eq!(*field.data_type(), column.ty.arrow(), "{sql}: {}", column.name);
            }
            let columns: Vec<String> =
                bound.columns.iter().map(|one| format!("{} {}", one.name, one.ty)).collect();
            format!("{}\n{}\n", columns.join(", "), bound.plan.display_indent())
        }
        Err(error) => described(&error, sql),
    };
    expected.assert_eq(&text);
}

/// Each query's columns, their names and types without digits and lengths; or its error.
pub(super) fn check_columns(cases: &[(&str, &str)]) {
    let mut wrong = String::new();
    for (sql, expected) in cases {
        let found = match bind(sql) {
            Ok(bound) => {
                let schema = bound.plan.schema();
                for (own, column) in schema.columns().iter().zip(&bound.columns) {
                    let field = schema.qualified_field_from_column(own).unwrap().1;
                    assert_eq!(*field.data_type(), column.ty.arrow(), "{sql}: {}", column.name);
                }
                let columns: Vec<String> = bound
                    .columns
                    .iter()
                    .map(|one| format!("{} {}", one.name, plain(&one.ty)))
                    .collect();
                columns.join(", ")
            }
            Err(error) => format!("{}: {}", error.code(), error.message()),
        };
        if found != *expected {
            wrong.push_str(&format!("{sql}\n  expected {expected}\n  found    {found}\n"));
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}
