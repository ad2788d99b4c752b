//! What is refused, with SQLSTATE, words and place as PostgreSQL 15 has them.
use super::fixture::{bind, described};

fn check(cases: &[(&str, &str)]) {
    let mut wrong = String::new();
    for (sql, expected) in cases {
        let found = match bind(sql) {
            Ok(bound) => format!("bound: {}", bound.plan.display_indent()),
            Err(error) => described(&error, sql),
        };
        if found != *expected {
            wrong.push_str(&format!("{sql}\n  expected {expected}\n  found    {found}\n"));
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn errors_are_told_as_postgresql_tells_them() {
    check(CASES);
}

const CASES: &[(&str, &str)] = &[
    ("SELECT nosuch FROM t", "42703: column \"nosuch\" does not exist @8"),
    (
        "SELECT aa FROM t",
        "42703: column \"aa\" does not exist @8\nHINT: Perhaps you meant to reference the column \"t.a\".",
    ),
    ("SELECT t.nosuch FROM t", "42703: column t.nosuch does not exist @8"),
    (
        "SELECT t.bigg FROM t",
        "42703: column t.bigg does not exist @8\nHINT: Perhaps you meant to reference the column \"t.big\".",
    ),
    ("SELECT x.a FROM t", "42P01: missing FROM-clause entry for table \"x\" @8"),
    (
        "SELECT t.a FROM t AS x",
        "42P01: invalid reference to FROM-clause entry for table \"t\" @8\nHINT: Perhaps you meant to reference the table alias \"x\".",
    ),
    ("SELECT a FROM nosuch", "42P01: relation \"nosuch\" does not exist @15"),
    ("SELECT a FROM nosuch.t", "42P01: relation \"t\" does not exist @15"),
    ("SELECT id FROM t, u", "42702: column reference \"id\" is ambiguous @8"),
    ("SELECT big FROM t JOIN u USING (id)", "42702: column reference \"big\" is ambiguous @8"),
    ("SELECT * FROM t, t", "42712: table name \"t\" specified more than once @18"),
    ("SELECT * FROM t x, u x", "42712: table name \"x\" specified more than once @20"),
    (
        "SELECT a FROM t WHERE a",
        "42804: argument of WHERE must be type boolean, not type integer @23",
    ),
    ("SELECT a FROM t WHERE a = 'x'", "22P02: invalid input syntax for type integer: \"x\" @27"),
    (
        "SELECT a FROM t WHERE count(*) > 1",
        "42803: aggregate functions are not allowed in WHERE @23",
    ),
    (
        "SELECT a FROM t WHERE sum(a) OVER () > 1",
        "42P20: window functions are not allowed in WHERE @23",
    ),
    (
        "SELECT a, count(*) FROM t",
        "42803: column \"t.a\" must appear in the GROUP BY clause or be used in an aggregate function @8",
    ),
    (
        "SELECT b FROM t GROUP BY a",
        "42803: column \"t.b\" must appear in the GROUP BY clause or be used in an aggregate function @8",
    ),
    (
        "SELECT t.b, count(*) FROM t GROUP BY a",
        "42803: column \"t.b\" must appear in the GROUP BY clause or be used in an aggregate function @8",
    ),
    (
        "SELECT a FROM t GROUP BY a HAVING b = 'x'",
        "42803: column \"t.b\" must appear in the GROUP BY clause or be used in an aggregate function @35",
    ),
    (
        "SELECT a FROM t GROUP BY a ORDER BY b",
        "42803: column \"t.b\" must appear in the GROUP BY clause or be used in an aggregate function @37",
    ),
    ("SELECT sum(sum(a)) FROM t", "42803: aggregate function calls cannot be nested @12"),
    (
        "SELECT count(*) FROM t GROUP BY count(*)",
        "42803: aggregate functions are not allowed in GROUP BY @33",
    ),
    (
        "SELECT count(*) AS c FROM t GROUP BY c",
        "42803: aggregate functions are not allowed in GROUP BY @38",
    ),
    ("SELECT a FROM t GROUP BY 2", "42P10: GROUP BY position 2 is not in select list @26"),
    ("SELECT a FROM t ORDER BY 2", "42P10: ORDER BY position 2 is not in select list @26"),
    ("SELECT a FROM t ORDER BY 0", "42P10: ORDER BY position 0 is not in select list @26"),
    ("SELECT a FROM t GROUP BY 'x'", "42601: non-integer constant in GROUP BY @26"),
    (
        "SELECT DISTINCT a FROM t ORDER BY b",
        "42P10: for SELECT DISTINCT, ORDER BY expressions must appear in select list @35",
    ),
    (
        "SELECT DISTINCT ON (a) a FROM t ORDER BY b",
        "42P10: SELECT DISTINCT ON expressions must match initial ORDER BY expressions @42",
    ),
    ("SELECT a FROM t LIMIT -1", "2201W: LIMIT must not be negative"),
    ("SELECT a FROM t LIMIT a", "42P10: argument of LIMIT must not contain variables @23"),
    ("SELECT a FROM t LIMIT 'x'", "22P02: invalid input syntax for type bigint: \"x\" @23"),
    (
        "SELECT a FROM t LIMIT true",
        "42804: argument of LIMIT must be type bigint, not type boolean @23",
    ),
    ("SELECT a FROM t OFFSET -1", "2201X: OFFSET must not be negative"),
    (
        "SELECT a FROM t UNION SELECT b FROM t",
        "42804: UNION types integer and text cannot be matched @30",
    ),
    (
        "SELECT a FROM t UNION SELECT a, b FROM t",
        "42601: each UNION query must have the same number of columns @30",
    ),
    (
        "SELECT a FROM t UNION SELECT id FROM u ORDER BY a + 1",
        "0A000: invalid UNION/INTERSECT/EXCEPT ORDER BY clause @49\nDETAIL: Only result column names can be used, not expressions or functions.\nHINT: Add the expression/function to every SELECT, or move the UNION into a FROM clause.",
    ),
    ("SELECT a FROM t UNION SELECT id FROM u ORDER BY b", "42703: column \"b\" does not exist @49"),
    ("VALUES (1, 2), (3)", "42601: VALUES lists must all be the same length @17"),
    ("VALUES (1), ('x')", "22P02: invalid input syntax for type integer: \"x\" @14"),
    ("VALUES (1), (true)", "42804: VALUES types integer and boolean cannot be matched @14"),
    (
        "SELECT * FROM (SELECT 1)",
        "42601: subquery in FROM must have an alias @16\nHINT: For example, FROM (SELECT ...) [AS] foo.",
    ),
    ("SELECT *", "42601: SELECT * with no tables specified is not valid @8"),
    ("SELECT x.* FROM t", "42P01: missing FROM-clause entry for table \"x\" @8"),
    ("SELECT (SELECT a, b FROM t)", "42601: subquery must return only one column @9"),
    ("SELECT a IN (SELECT a, b FROM t) FROM t", "42601: subquery has too many columns @8"),
    ("SELECT (1, 2) = (1, 2, 3)", "42601: unequal number of entries in row expressions @9"),
    (
        "SELECT * FROM t JOIN u USING (nosuch)",
        "42703: column \"nosuch\" specified in USING clause does not exist in left table @31",
    ),
    (
        "SELECT * FROM t JOIN u USING (a)",
        "42703: column \"a\" specified in USING clause does not exist in right table @31",
    ),
    (
        "SELECT * FROM t JOIN u ON t.a",
        "42804: argument of JOIN/ON must be type boolean, not type integer @27",
    ),
    (
        "SELECT * FROM t JOIN u ON nosuch.a = 1",
        "42P01: missing FROM-clause entry for table \"nosuch\" @27",
    ),
    (
        "SELECT * FROM t, (SELECT t.a) s",
        "42P01: invalid reference to FROM-clause entry for table \"t\" @26\nHINT: There is an entry for table \"t\", but it cannot be referenced from this part of the query.",
    ),
    (
        "SELECT * FROM (SELECT 1) AS s(a, b)",
        "42P10: table \"s\" has 1 columns available but 2 columns specified @29",
    ),
    (
        "SELECT nosuch(a) FROM t",
        "42883: function nosuch(integer) does not exist @8\nHINT: No function matches the given name and argument types. You might need to add explicit type casts.",
    ),
    (
        "SELECT lower(a) FROM t",
        "42883: function lower(integer) does not exist @8\nHINT: No function matches the given name and argument types. You might need to add explicit type casts.",
    ),
    (
        "SELECT sum(b) FROM t",
        "42883: function sum(text) does not exist @8\nHINT: No function matches the given name and argument types. You might need to add explicit type casts.",
    ),
    (
        "SELECT lower(DISTINCT b) FROM t",
        "42809: DISTINCT specified, but lower is not an aggregate function @8",
    ),
    (
        "SELECT lower(b) FILTER (WHERE ok) FROM t",
        "42809: FILTER specified, but lower is not an aggregate function @8",
    ),
    (
        "SELECT lower(b) OVER () FROM t",
        "42809: OVER specified, but lower is not a window function nor an aggregate function @8",
    ),
    (
        "SELECT a + b FROM t",
        "42883: operator does not exist: integer + text @10\nHINT: No operator matches the given name and argument types. You might need to add explicit type casts.",
    ),
    (
        "SELECT b > 1 FROM t",
        "42883: operator does not exist: text > integer @10\nHINT: No operator matches the given name and argument types. You might need to add explicit type casts.",
    ),
    (
        "SELECT - b FROM t",
        "42883: operator does not exist: - text @10\nHINT: No operator matches the given name and argument type. You might need to add an explicit type cast.",
    ),
    ("SELECT NOT a FROM t", "42804: argument of NOT must be type boolean, not type integer @12"),
    ("SELECT a AND ok FROM t", "42804: argument of AND must be type boolean, not type integer @8"),
    (
        "SELECT coalesce(a, b) FROM t",
        "42804: COALESCE types integer and text cannot be matched @20",
    ),
    (
        "SELECT CASE WHEN ok THEN a ELSE b END FROM t",
        "42804: CASE types text and integer cannot be matched @26",
    ),
    (
        "SELECT CASE WHEN a THEN 1 END FROM t",
        "42804: argument of CASE/WHEN must be type boolean, not type integer @18",
    ),
    ("SELECT a::nosuch FROM t", "42704: type \"nosuch\" does not exist @11"),
    ("SELECT ok::date FROM t", "42846: cannot cast type boolean to date @8"),
    ("SELECT 'x'::int", "22P02: invalid input syntax for type integer: \"x\" @8"),
    ("SELECT DATE 'x'", "22007: invalid input syntax for type date: \"x\" @13"),
    ("SELECT 1::numeric(50)", "22023: NUMERIC precision 50 must be between 1 and 38 @8"),
    ("SELECT 1::numeric(5,7)", "22023: NUMERIC scale 7 must be between 0 and precision 5 @8"),
    ("SELECT 'x'::varchar(0)", "22023: length for type varchar must be at least 1 @8"),
    ("SELECT 1.5::nosuch.t", "42704: type \"nosuch.t\" does not exist @13"),
    ("SELECT $0", "42P02: there is no parameter $0 @8"),
    ("SELECT a FROM t WINDOW w AS (), w AS ()", "42P20: window \"w\" is already defined @33"),
    ("SELECT sum(a) OVER nosuch FROM t", "42704: window \"nosuch\" does not exist @20"),
    (
        "SELECT sum(a) OVER (ORDER BY sum(a) OVER ()) FROM t",
        "42P20: window functions are not allowed in window definitions @30",
    ),
    (
        "SELECT sum(a) OVER (ROWS BETWEEN CURRENT ROW AND 1 PRECEDING) FROM t",
        "42P20: frame starting from current row cannot have preceding rows @8",
    ),
    (
        "SELECT sum(a) OVER (ROWS BETWEEN UNBOUNDED FOLLOWING AND CURRENT ROW) FROM t",
        "42P20: frame start cannot be UNBOUNDED FOLLOWING @8",
    ),
    ("SELECT row_number() FROM t", "42809: window function row_number requires an OVER clause @8"),
    (
        "SELECT sum(a) OVER (ORDER BY b RANGE 1 PRECEDING) FROM t",
        "0A000: RANGE with offset PRECEDING/FOLLOWING is not supported for column type text @38",
    ),
    (
        "WITH w AS (SELECT 1), w AS (SELECT 2) SELECT * FROM w",
        "42712: WITH query name \"w\" specified more than once @23",
    ),
    (
        "WITH w(a, b) AS (SELECT 1) SELECT * FROM w",
        "42P10: WITH query \"w\" has 1 columns available but 2 columns specified",
    ),
    (
        "SELECT grouping(b) FROM t GROUP BY a",
        "42803: arguments to GROUPING must be grouping expressions of the associated query level @8",
    ),
    (
        "SELECT a, (SELECT count(*) FROM u WHERE t_id = t.big) FROM t GROUP BY a",
        "42803: subquery uses ungrouped column \"t.big\" from outer query @48",
    ),
    (
        "SELECT a FROM t WHERE b LIKE 1",
        "42883: operator does not exist: text ~~ integer @23\nHINT: No operator matches the given name and argument types. You might need to add explicit type casts.",
    ),
    (
        "SELECT 99999999999999999999999999999999999999999",
        "22003: value overflows numeric format @8\nDETAIL: A numeric has at most 38 digits, those behind the point included.",
    ),
    ("SELECT a.b.c.d FROM t", "0A000: cross-database references are not implemented: a.b.c.d @8"),
    ("SELECT nullif(1)", "42601: NULLIF takes two arguments @8"),
    ("SELECT a = ALL (1) FROM t", "42809: op ANY/ALL (array) requires array on right side @8"),
    ("SELECT a FROM t ORDER BY -1", "42P10: ORDER BY position -1 is not in select list @27"),
    ("SELECT a FROM t GROUP BY 1.5", "42601: non-integer constant in GROUP BY @26"),
    ("SELECT count(* ORDER BY a) FROM t", "42601: ORDER BY in count(*) orders nothing @8"),
    (
        "SELECT a FROM t WHERE id == 1",
        "42883: operator does not exist: integer == integer @26\nHINT: No operator matches the given name and argument types. You might need to add explicit type casts.",
    ),
    (
        "SELECT grouping(a) FROM t GROUP BY grouping(a)",
        "42803: grouping operations are not allowed in GROUP BY @36",
    ),
];
