//! Types of parameters.
use super::fixture::{bind_with, described};
use crate::types::Type;

fn check(cases: &[(&str, &[Type], &str)]) {
    let mut wrong = String::new();
    for (sql, given, expected) in cases {
        let found = match bind_with(sql, given.to_vec()) {
            Ok(bound) => {
                let types: Vec<String> = bound.parameters.iter().map(Type::to_string).collect();
                types.join(", ")
            }
            Err(error) => described(&error, sql),
        };
        if found != *expected {
            wrong.push_str(&format!("{sql}\n  expected {expected}\n  found    {found}\n"));
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn a_parameter_has_the_type_that_its_place_asks_for() {
    check(&[
        ("SELECT $1", &[], "text"),
        ("SELECT $1::int", &[], "integer"),
        ("SELECT a FROM t WHERE a = $1", &[], "integer"),
        ("SELECT a FROM t WHERE $1 = big AND b = $2", &[], "bigint, text"),
        ("SELECT a + $1 FROM t", &[], "integer"),
        ("SELECT n * $1 FROM t", &[], "numeric"),
        ("SELECT a FROM t WHERE a IN ($1, $2, 3)", &[], "integer, integer"),
        ("SELECT a FROM t WHERE a BETWEEN $1 AND $2", &[], "integer, integer"),
        ("SELECT a FROM t LIMIT $1 OFFSET $2", &[], "bigint, bigint"),
        ("SELECT coalesce($1, a) FROM t", &[], "integer"),
        ("SELECT CASE WHEN $1 THEN $2 ELSE a END FROM t", &[], "boolean, integer"),
        ("SELECT lower($1)", &[], "text"),
        ("SELECT a FROM t WHERE b LIKE $1", &[], "text"),
        (
            "SELECT a FROM t WHERE kind = $1",
            &[],
            "42703: column \"kind\" does not exist @23\nHINT: Perhaps you meant to reference the column \"t.id\".",
        ),
        ("SELECT user_id FROM events WHERE kind = $1", &[], "text"),
        (
            "SELECT user_id FROM events WHERE ts > $1 AND amount > $2",
            &[],
            "timestamp with time zone, numeric",
        ),
        ("VALUES ($1, 1), (2, $2)", &[], "integer, integer"),
        ("SELECT $1 UNION SELECT a FROM t", &[], "integer"),
        ("SELECT $2", &[], "unknown, text"),
        ("SELECT a FROM t WHERE a = $1 AND big = $1", &[], "integer"),
        ("SELECT a FROM t WHERE a = ANY($1)", &[], "integer[]"),
        ("SELECT a FROM t WHERE big <> ALL($1) AND b = ANY($2)", &[], "bigint[], text[]"),
        ("SELECT a FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.id = $1)", &[], "integer"),
    ]);
}

#[test]
fn a_given_type_stays() {
    check(&[
        ("SELECT $1", &[Type::Int4], "integer"),
        ("SELECT a FROM t WHERE a = $1", &[Type::Int8], "bigint"),
        (
            "SELECT a FROM t WHERE a = $1",
            &[Type::Text],
            "42883: operator does not exist: integer = text @25\nHINT: No operator matches the given \
          name and argument types. You might need to add explicit type casts.",
        ),
        ("SELECT a FROM t WHERE a = $1", &[Type::Unknown, Type::Date], "integer, date"),
    ]);
}

#[test]
fn a_parameter_has_one_type() {
    check(&[
        (
            "SELECT $1, a + $1 FROM t",
            &[],
            "42P08: inconsistent types deduced for parameter $1 @8\nDETAIL: integer versus text",
        ),
        ("SELECT $1::int, $1::text", &[], "integer"),
        ("SELECT $65536", &[], "42P02: there is no parameter $65536 @8"),
    ]);
}
