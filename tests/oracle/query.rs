//! A query whose clauses are known apart, so that rows on which it fails can be found.
//!
//! It is written as SQL with comments between its clauses, and read from there again.
use std::fmt;

/// A select over one relation or a join of two.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// The select list; it may begin with DISTINCT.
    pub select: String,
    /// The relation that is `l`.
    pub left: String,
    /// The relation that is `r`.
    pub join: Option<Join>,
    /// The conjuncts of WHERE, in the order in which they count.
    pub filter: Vec<String>,
    /// How many keys it is grouped by: the first of `rows`, and of the select list.
    pub group: Option<usize>,
    pub having: Option<String>,
    /// ORDER BY and LIMIT.
    pub tail: String,
    /// What is evaluated for each row that passes: group keys, then arguments or outputs.
    pub rows: Vec<String>,
}

/// A join with a second relation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Join {
    /// Such as `LEFT JOIN`.
    pub kind: String,
    pub right: String,
    /// Cannot fail.
    pub keys: String,
    /// What else must hold of a pair; may fail.
    pub residual: Option<String>,
}

impl Query {
    /// Reads what [`fmt::Display`] writes; `None` if it is a query of another kind.
    pub fn parse(text: &str) -> Option<Self> {
        let mut query = Query::default();
        let (text, rows) = cut(text, " /*rows ");
        query.rows = rows?.trim_end_matches(" */").split(" ;; ").map(str::to_owned).collect();
        let (text, tail) = cut(text, " /*tail*/ ");
        query.tail = tail.unwrap_or_default().to_owned();
        let (text, having) = cut(text, " /*having*/ HAVING ");
        query.having = having.map(str::to_owned);
        let (text, group) = cut(text, " /*group*/");
        query.group = group.map(|keys| keys.matches(|c: char| c.is_ascii_digit()).count());
        let (text, filter) = cut(text, " /*where*/ WHERE ");
        let conjuncts = filter.map(|filter| filter.split(" /*and*/ AND ").map(str::to_owned));
        query.filter = conjuncts.map(Iterator::collect).unwrap_or_default();
        let (text, residual) = cut(text, " /*on*/ AND ");
        let (select, from) = cut(text, " /*from*/ FROM ");
        query.select = select.strip_prefix("SELECT ")?.to_owned();
        let (left, right) = cut(from?, " AS l ");
        query.left = left.trim_end_matches(" AS l").to_owned();
        if let Some(right) = right {
            let (right, keys) = right.split_once(" AS r ON ")?;
            let (kind, right) = right.rsplit_once(' ')?;
            let (kind, right, keys) = (kind.to_owned(), right.to_owned(), keys.to_owned());
            let residual = residual.map(str::to_owned);
            query.join = Some(Join { kind, right, keys, residual });
        }
        Some(query)
    }
}

fn cut<'a>(text: &'a str, at: &str) -> (&'a str, Option<&'a str>) {
    match text.split_once(at) {
        Some((before, after)) => (before, Some(after)),
        None => (text, None),
    }
}

impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SELECT {} /*from*/ FROM {} AS l", self.select, self.left)?;
        if let Some(Join { kind, right, keys, residual }) = &self.join {
            write!(f, " {kind} {right} AS r ON {keys}")?;
            if let Some(residual) = residual {
                write!(f, " /*on*/ AND {residual}")?;
            }
        }
        if !self.filter.is_empty() {
            write!(f, " /*where*/ WHERE {}", self.filter.join(" /*and*/ AND "))?;
        }
        match self.group {
            None => {}
            Some(0) => write!(f, " /*group*/")?,
            Some(keys) => {
                let keys: Vec<String> = (1..=keys).map(|key| key.to_string()).collect();
                write!(f, " /*group*/ GROUP BY {}", keys.join(", "))?;
            }
        }
        if let Some(having) = &self.having {
            write!(f, " /*having*/ HAVING {having}")?;
        }
        if !self.tail.is_empty() {
            write!(f, " /*tail*/ {}", self.tail)?;
        }
        write!(f, " /*rows {} */", self.rows.join(" ;; "))
    }
}

#[test]
fn a_query_is_read_as_it_was_written() {
    let join = Join {
        kind: "LEFT JOIN".into(),
        right: "t1".into(),
        keys: "l.c0 = r.c0".into(),
        residual: Some("1 / r.c0 > 0".into()),
    };
    let query = Query {
        select: "l.c0 AS c0, sum(1 / r.c1) AS c1".into(),
        left: "t0".into(),
        join: Some(join),
        filter: vec!["l.c0 IS NOT NULL".into(), "(1 / l.c0 > 1)".into()],
        group: Some(1),
        having: Some("count(*) > 1".into()),
        tail: "ORDER BY 1 LIMIT 2".into(),
        rows: vec!["l.c0".into(), "1 / r.c1".into()],
    };
    assert_eq!(Query::parse(&query.to_string()), Some(query.clone()));
    let short = Query { join: None, having: None, tail: String::new(), filter: vec![], ..query };
    assert_eq!(Query::parse(&short.to_string()), Some(short));
    assert_eq!(Query::parse("SELECT 1"), None);
}
