//! What binds to what, as PostgreSQL 15 has it, written with every parenthesis.
use sqlparser::ast::Expr;

use super::{parse, parse_expression};

fn shape(expr: &Expr) -> String {
    match expr {
        Expr::BinaryOp { left, op, right } => format!("({} {op} {})", shape(left), shape(right)),
        Expr::UnaryOp { op, expr } => format!("({op} {})", shape(expr)),
        Expr::IsDistinctFrom(left, right) => {
            format!("({} IS DISTINCT FROM {})", shape(left), shape(right))
        }
        Expr::IsNotDistinctFrom(left, right) => {
            format!("({} IS NOT DISTINCT FROM {})", shape(left), shape(right))
        }
        Expr::IsNull(inner) => format!("({} IS NULL)", shape(inner)),
        Expr::IsNotNull(inner) => format!("({} IS NOT NULL)", shape(inner)),
        Expr::IsTrue(inner) => format!("({} IS TRUE)", shape(inner)),
        Expr::Nested(inner) => shape(inner),
        Expr::Between { expr, negated, low, high } => {
            let not = if *negated { "NOT " } else { "" };
            format!("({} {not}BETWEEN {} AND {})", shape(expr), shape(low), shape(high))
        }
        Expr::Like { expr, negated, pattern, .. } => {
            let not = if *negated { "NOT " } else { "" };
            format!("({} {not}LIKE {})", shape(expr), shape(pattern))
        }
        Expr::InList { expr, list, negated } => {
            let not = if *negated { "NOT " } else { "" };
            let list: Vec<String> = list.iter().map(shape).collect();
            format!("({} {not}IN ({}))", shape(expr), list.join(", "))
        }
        Expr::Cast { expr, data_type, .. } => format!("({}::{data_type})", shape(expr)),
        Expr::AtTimeZone { timestamp, time_zone } => {
            format!("({} AT TIME ZONE {})", shape(timestamp), shape(time_zone))
        }
        Expr::AnyOp { left, compare_op, right, .. } => {
            format!("({} {compare_op} ANY {})", shape(left), shape(right))
        }
        Expr::AllOp { left, compare_op, right } => {
            format!("({} {compare_op} ALL {})", shape(left), shape(right))
        }
        Expr::IsNormalized { expr, negated, .. } => {
            let not = if *negated { "NOT " } else { "" };
            format!("({} IS {not}NORMALIZED)", shape(expr))
        }
        other => other.to_string(),
    }
}

#[track_caller]
fn check(cases: &[(&str, &str)]) {
    for (text, expected) in cases {
        let expr = parse_expression(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(&shape(&expr), expected, "{text}");
    }
}

#[test]
fn is_distinct_from_takes_no_more_than_its_level() {
    check(&[
        ("a IS DISTINCT FROM b AND c", "((a IS DISTINCT FROM b) AND c)"),
        ("a IS NOT DISTINCT FROM b OR c", "((a IS NOT DISTINCT FROM b) OR c)"),
        ("a IS DISTINCT FROM b = c", "(a IS DISTINCT FROM (b = c))"),
        ("a = b IS DISTINCT FROM c", "((a = b) IS DISTINCT FROM c)"),
        ("a IS DISTINCT FROM b + 1 AND c", "((a IS DISTINCT FROM (b + 1)) AND c)"),
        ("NOT a IS DISTINCT FROM b", "(NOT (a IS DISTINCT FROM b))"),
        ("a IS DISTINCT FROM NOT b AND c", "((a IS DISTINCT FROM (NOT b)) AND c)"),
        ("a IS DISTINCT FROM b LIKE c", "(a IS DISTINCT FROM (b LIKE c))"),
        ("a IS NULL IS NULL", "((a IS NULL) IS NULL)"),
        ("a IS NULL = b", "((a IS NULL) = b)"),
        ("a = b IS NULL", "((a = b) IS NULL)"),
        ("a = b ISNULL AND c NOTNULL", "(((a = b) IS NULL) AND (c IS NOT NULL))"),
        ("a IS NORMALIZED AND b", "((a IS NORMALIZED) AND b)"),
        ("a || b IS NOT NORMALIZED = c", "(((a || b) IS NOT NORMALIZED) = c)"),
    ]);
}

#[test]
fn not_binds_looser_than_comparisons_and_tighter_than_and() {
    check(&[
        ("NOT a = b AND c", "((NOT (a = b)) AND c)"),
        ("NOT a AND b OR c", "(((NOT a) AND b) OR c)"),
        ("NOT a IS NULL", "(NOT (a IS NULL))"),
        ("NOT NOT a", "(NOT (NOT a))"),
        ("a = NOT b = c", "(a = (NOT (b = c)))"),
        ("NOT EXISTS (SELECT 1) = a", "(NOT (EXISTS (SELECT 1) = a))"),
        ("NOT EXISTS (SELECT 1) AND a", "(NOT EXISTS (SELECT 1) AND a)"),
        ("a OR b AND c OR d", "((a OR (b AND c)) OR d)"),
    ]);
}

#[test]
fn signs_bind_tighter_than_powers() {
    check(&[
        ("-a ^ b", "((- a) ^ b)"),
        ("a ^ -b ^ c", "((a ^ (- b)) ^ c)"),
        ("a ^ b ^ c", "((a ^ b) ^ c)"),
        ("-a::int", "(- (a::INT))"),
        ("- - a", "(- (- a))"),
        ("-a * b", "((- a) * b)"),
        ("a - -b", "(a - (- b))"),
        ("-a AT TIME ZONE b", "((- a) AT TIME ZONE b)"),
        ("a * b ^ c", "(a * (b ^ c))"),
        ("a % b * c", "((a % b) * c)"),
        ("a - b - c", "((a - b) - c)"),
        ("@ a + b", "(@ (a + b))"),
        ("~ a + b", "(~ (a + b))"),
        ("~ a & b", "((~ a) & b)"),
        ("|/ a + b", "(|/ (a + b))"),
        ("@ a = b", "((@ a) = b)"),
        ("a + @ b + c", "(a + (@ (b + c)))"),
    ]);
}

#[test]
fn other_operators_stand_between_plus_and_like() {
    check(&[
        ("a || b + c", "(a || (b + c))"),
        ("a ~ b || c", "((a ~ b) || c)"),
        ("a || b ~ c", "((a || b) ~ c)"),
        ("a = b ~ c", "(a = (b ~ c))"),
        ("a ~ b = c", "((a ~ b) = c)"),
        ("a LIKE b || c", "(a LIKE (b || c))"),
        ("a ~~ b || c", "((a ~~ b) || c)"),
        ("a -> b ->> c = d", "(((a -> b) ->> c) = d)"),
        ("a & b | c", "((a & b) | c)"),
        ("a << b + c", "(a << (b + c))"),
        ("a # b & c", "((a # b) & c)"),
        ("a OPERATOR(pg_catalog.+) b * c", "(a OPERATOR(pg_catalog.+) (b * c))"),
        ("a OPERATOR(pg_catalog.+) b = c", "((a OPERATOR(pg_catalog.+) b) = c)"),
        ("a OPERATOR(pg_catalog.*) b + c", "(a OPERATOR(pg_catalog.*) (b + c))"),
        ("a <@ b = c", "((a <@ b) = c)"),
    ]);
}

#[test]
fn between_like_and_in_stand_over_comparisons() {
    check(&[
        ("a BETWEEN b AND c AND d", "((a BETWEEN b AND c) AND d)"),
        ("a NOT BETWEEN b + 1 AND c OR d", "((a NOT BETWEEN (b + 1) AND c) OR d)"),
        ("a BETWEEN b AND c = d", "((a BETWEEN b AND c) = d)"),
        ("a = b BETWEEN c AND d", "(a = (b BETWEEN c AND d))"),
        ("a LIKE b = c", "((a LIKE b) = c)"),
        ("a = b LIKE c", "(a = (b LIKE c))"),
        ("a LIKE b ESCAPE 'x' AND c", "((a LIKE b) AND c)"),
        ("a NOT LIKE b AND c", "((a NOT LIKE b) AND c)"),
        ("a IN (b, c) = d", "((a IN (b, c)) = d)"),
        ("a = b IN (c)", "(a = (b IN (c)))"),
        ("a + b NOT IN (c) AND d", "(((a + b) NOT IN (c)) AND d)"),
        ("a IN (b) IN (c)", "((a IN (b)) IN (c))"),
        ("NOT a IN (b)", "(NOT (a IN (b)))"),
        (
            "a BETWEEN SYMMETRIC b AND c AND d",
            "(((a BETWEEN b AND c) OR (a BETWEEN c AND b)) AND d)",
        ),
        (
            "a NOT BETWEEN SYMMETRIC b AND c",
            "((a NOT BETWEEN b AND c) AND (a NOT BETWEEN c AND b))",
        ),
        ("a BETWEEN ASYMMETRIC b AND c", "(a BETWEEN b AND c)"),
    ]);
}

#[test]
fn any_and_all_end_with_their_parenthesis() {
    check(&[
        ("a = ANY (b) AND c", "((a = ANY b) AND c)"),
        ("a = ANY (b || c) = d", "((a = ANY (b || c)) = d)"),
        ("a ~ ANY (b || c)", "(a ~ ANY (b || c))"),
        ("a <> ALL (b) OR c", "((a <> ALL b) OR c)"),
        ("a = SOME (SELECT 1) AND c", "((a = ANY (SELECT 1)) AND c)"),
        ("a LIKE ANY (b)", "(a ~~ ANY b)"),
        ("a NOT ILIKE ALL (b)", "(a !~~* ALL b)"),
        ("x AT TIME ZONE a AT TIME ZONE b", "((x AT TIME ZONE a) AT TIME ZONE b)"),
        ("x AT TIME ZONE a + b", "((x AT TIME ZONE a) + b)"),
    ]);
}

#[test]
fn comparisons_do_not_associate() {
    for text in [
        "SELECT a < b < c",
        "SELECT a = b = c",
        "SELECT a = b <> c",
        "SELECT a LIKE b LIKE c",
        "SELECT a BETWEEN b AND c BETWEEN d AND e",
        "SELECT a LIKE b IN (c)",
        "SELECT a IS DISTINCT FROM b IS NULL",
        "SELECT a IS DISTINCT FROM b IS DISTINCT FROM c",
        "SELECT a XOR b",
        "SELECT 7 DIV 2",
        "SELECT a NOT NULL",
    ] {
        let error = parse(text).err().map(|error| error.code());
        assert_eq!(error, Some("42601"), "{text}");
    }
}
