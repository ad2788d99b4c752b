//! A view in PostgreSQL: a table that is filled anew, without what fails.
//!
//! A query of which nothing can fail is run as it is. Of the others the pairs of rows are
//! listed first; then each is tried, alone where it must, and the rest is what the query
//! is run on. See `reference.sql`, which does it.
use crate::query::{Join, Query};
use crate::windows;

/// Makes what filling needs beside the view's own table.
pub fn prepare(name: &str, query: &str) -> Option<String> {
    let query = Query::parse(query)?;
    let left = &query.left;
    let right = query.join.as_ref().map_or(left, |join| &join.right);
    Some(format!("CREATE TABLE {name}_base (n int, l {left}, r {right}, lid tid, rid tid)"))
}

/// Drops it.
pub fn forget(name: &str) -> String {
    format!("DROP TABLE IF EXISTS {name}_base; DELETE FROM oracle.failures WHERE view = '{name}'")
}

/// The statements that fill the view.
pub fn fill(name: &str, text: &str) -> Vec<String> {
    let mut statements = vec![format!("DELETE FROM {name}")];
    let Some(query) = Query::parse(text) else {
        statements.push(format!("INSERT INTO {name} {}", windows::plain(text)));
        return statements;
    };
    statements.push(format!("DELETE FROM {name}_base"));
    statements.push(format!("DELETE FROM oracle.failures WHERE view = '{name}'"));
    let sides = sides(&query);
    match &query.join {
        None => statements.push(format!(
            "INSERT INTO {name}_base (n, l) SELECT row_number() OVER (), l FROM {} AS l",
            query.left
        )),
        Some(join) => pairs(name, &query, join, &sides, &mut statements),
    }
    let condition = chain(&query.filter);
    let good = format!(
        "oracle.good('{name}', '{name}_base', {}, {}, {})",
        quoted(&sides),
        quoted(&condition),
        quoted(&query.rows.join(", "))
    );
    let keys = match query.group {
        None => "NULL".to_owned(),
        Some(0) => "''".to_owned(),
        Some(keys) => {
            let keys: Vec<String> =
                query.rows[..keys].iter().map(|key| format!("({key})")).collect();
            quoted(&format!("GROUP BY {}", keys.join(", ")))
        }
    };
    let last = last(name, &query, &sides);
    statements.push(format!(
        "SELECT oracle.fill('{name}', '{name}_base', {}, {good}, {keys}, {})",
        quoted(&sides),
        quoted(&last)
    ));
    statements
}

/// Pairs that match, then rows of an outer side that no pair has.
fn pairs(name: &str, query: &Query, join: &Join, sides: &str, statements: &mut Vec<String>) {
    let Join { kind, right, keys, residual } = join;
    statements.push(format!(
        "INSERT INTO {name}_base SELECT row_number() OVER (), l, r, l.ctid, r.ctid \
         FROM {} AS l JOIN {right} AS r ON {keys}",
        query.left
    ));
    if let Some(residual) = residual {
        statements.push(format!(
            "DELETE FROM {name}_base WHERE n <> ALL (ARRAY (SELECT unnest(oracle.good('{name}', \
             '{name}_base', {}, {}, '1'))))",
            quoted(sides),
            quoted(residual)
        ));
    }
    let outer = [("l", &query.left, "LEFT"), ("r", right, "RIGHT")];
    for (side, relation, word) in outer {
        if kind.starts_with(word) || kind.starts_with("FULL") {
            statements.push(format!(
                "INSERT INTO {name}_base (n, {side}) \
                 SELECT (SELECT coalesce(max(n), 0) FROM {name}_base) + row_number() OVER (), {side} \
                 FROM {relation} AS {side} WHERE NOT EXISTS \
                 (SELECT FROM {name}_base b WHERE b.{side}id = {side}.ctid)"
            ));
        }
    }
}

/// What gives a pair's rows their names.
fn sides(query: &Query) -> String {
    let right = query.join.as_ref().map(|_| ", LATERAL (SELECT (b.r).*) AS r");
    format!(", LATERAL (SELECT (b.l).*) AS l{}", right.unwrap_or_default())
}

/// One after the other: PostgreSQL would begin with the cheapest.
fn chain(conjuncts: &[String]) -> String {
    conjuncts.iter().rev().fold("true".to_owned(), |rest, conjunct| {
        format!("CASE WHEN {conjunct} THEN {rest} ELSE false END")
    })
}

fn last(name: &str, query: &Query, sides: &str) -> String {
    let group = match query.group {
        None | Some(0) => String::new(),
        Some(keys) => {
            let keys: Vec<String> = (1..=keys).map(|key| key.to_string()).collect();
            format!(" GROUP BY {}", keys.join(", "))
        }
    };
    let having = query.having.as_ref().map(|having| format!(" HAVING {having}"));
    format!(
        "SELECT {} FROM (SELECT * FROM {name}_base WHERE n = ANY($1) OFFSET 0) AS b {sides}{group}{} {}",
        query.select,
        having.unwrap_or_default(),
        query.tail
    )
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
