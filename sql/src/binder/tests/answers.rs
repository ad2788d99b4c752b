//! Answers of queries, from text to rows, as PostgreSQL 15 gives them over the same rows.
use std::sync::Arc;

use arrow::array::RecordBatch;

use super::fixture::bind;
use crate::Result;
use crate::catalog::Relation;
use crate::plan::{Purpose, optimize};
use crate::read::{Batches, READERS_MEMORY_BYTES_MAX, ReadContext, Readers, Relations};
use crate::types::{ColumnBuilder, TextStyle, TextWriter};

/// The rows of the fixture's relations; `-` is NULL.
struct Filled;

const T: &[&[&str]] = &[
    &["1", "1", "x", "10", "1.50", "1.5", "t"],
    &["2", "1", "y", "20", "2.25", "-0", "f"],
    &["3", "2", "x", "30", "-", "NaN", "t"],
    &["4", "-", "-", "-", "3.00", "0", "-"],
    &["5", "2", "z", "10", "4.10", "2.5", "t"],
    &["6", "3", "", "50", "-1.00", "-", "f"],
];

const U: &[&[&str]] = &[
    &["1", "1", "p", "10"],
    &["2", "1", "q", "20"],
    &["3", "3", "r", "-"],
    &["4", "-", "s", "40"],
    &["5", "5", "p", "50"],
];

const EVENTS: &[&[&str]] = &[
    &["2024-01-01 00:00:10Z", "1", "a", "1.5", "1"],
    &["2024-01-01 00:00:50Z", "2", "b", "2", "2"],
    &["2024-01-01 00:01:10Z", "1", "a", "-", "3"],
    &["2024-01-01 00:03:00Z", "3", "c", "10.25", "4"],
    &["-", "4", "d", "1", "5"],
];

impl Relations for Filled {
    fn batches(&self, relation: &Relation, projection: Option<&[usize]>) -> Result<Batches> {
        let rows = match relation.name.as_str() {
            "t" => T,
            "u" => U,
            "events" => EVENTS,
            _ => &[],
        };
        let style = TextStyle::default();
        let columns = relation.columns.iter().enumerate().map(|(place, column)| {
            let mut builder = ColumnBuilder::new(&column.ty, &style);
            for row in rows {
                match row[place] {
                    "-" => builder.append_null(),
                    text => builder.append_text(text).unwrap(),
                }
            }
            builder.finish()
        });
        let batch = RecordBatch::try_new(relation.arrow_schema(), columns.collect()).unwrap();
        let batch = match projection {
            Some(projection) => batch.project(projection)?,
            None => batch,
        };
        Ok(Box::new(std::iter::once(Ok(batch))))
    }
}

/// The rows as psql writes them without alignment; sorted where the query does not sort.
fn answer(readers: &Readers, sql: &str) -> Result<Vec<String>> {
    let bound = bind(sql)?;
    let plan = optimize(bound.plan, Purpose::Read)?;
    let rows = readers.execute(Arc::new(plan), ReadContext::new(Arc::new(Filled)))?;
    let mut lines = Vec::new();
    for batch in futures::executor::block_on(rows.collect())? {
        let style = TextStyle::default();
        let columns = batch.columns().iter().zip(&bound.columns);
        let writers: Vec<TextWriter> = columns
            .map(|(array, column)| TextWriter::new(array, &column.ty, &style).unwrap())
            .collect();
        for row in 0..batch.num_rows() {
            let cell = |writer: &TextWriter| {
                let mut text = Vec::new();
                match writer.is_null(row) {
                    true => text.push(b'-'),
                    false => writer.write(row, &mut text),
                }
                String::from_utf8(text).unwrap()
            };
            lines.push(writers.iter().map(cell).collect::<Vec<_>>().join("|"));
        }
    }
    if !sql.contains(" ORDER BY ") {
        lines.sort();
    }
    Ok(lines)
}

#[test]
fn queries_have_the_answers_that_postgresql_gives() {
    let readers = Readers::with_threads(1, READERS_MEMORY_BYTES_MAX).unwrap();
    let mut wrong = String::new();
    for (sql, expected) in CASES {
        let found = match answer(&readers, sql) {
            Ok(lines) if lines == *expected => continue,
            Ok(lines) => format!("{lines:?}"),
            Err(error) => format!("{}: {}", error.code(), error.message()),
        };
        wrong.push_str(&format!("{sql}\n  expected {expected:?}\n  found    {found}\n"));
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

/// A mean that is below 1 has fewer digits than PostgreSQL's (`-1.0000000000000000`).
const CASES: &[(&str, &[&str])] = &[
    ("SELECT a, b, a + 1, n * 2, f FROM t WHERE a > 1 AND ok", &["2|x|3|-|NaN", "2|z|3|8.20|2.5"]),
    (
        "SELECT a, count(*), sum(big), avg(n), min(b), max(n) FROM t GROUP BY a ORDER BY a",
        &[
            "1|2|30|1.8750000000000000|x|2.25",
            "2|2|40|4.1000000000000000|x|4.10",
            "3|1|50|-1.00000000000000000000||-1.00",
            "-|1|-|3.0000000000000000|-|3.00",
        ],
    ),
    (
        "SELECT a, count(*) FROM t GROUP BY a HAVING count(*) > 1 ORDER BY 2 DESC, 1",
        &["1|2", "2|2"],
    ),
    (
        "SELECT count(*), count(a), count(DISTINCT a), sum(a) FILTER (WHERE ok), bool_or(ok) FROM t",
        &["6|5|3|5|t"],
    ),
    ("SELECT f, count(*) FROM t GROUP BY f ORDER BY f", &["0|2", "1.5|1", "2.5|1", "NaN|1", "-|1"]),
    (
        "SELECT DISTINCT a, ok FROM t ORDER BY a NULLS FIRST, ok",
        &["-|-", "1|f", "1|t", "2|t", "3|f"],
    ),
    (
        "SELECT DISTINCT ON (a) a, b, id FROM t ORDER BY a, id DESC",
        &["1|y|2", "2|z|5", "3||6", "-|-|4"],
    ),
    (
        "SELECT t.id, u.c FROM t JOIN u ON t.id = u.t_id ORDER BY 1, 2",
        &["1|p", "1|q", "3|r", "5|p"],
    ),
    (
        "SELECT t.id, u.c FROM t LEFT JOIN u ON t.id = u.t_id AND u.big > 10 ORDER BY 1, 2",
        &["1|q", "2|-", "3|-", "4|-", "5|p", "6|-"],
    ),
    (
        "SELECT id, t.b, u.c FROM t FULL JOIN u USING (id) ORDER BY id",
        &["1|x|p", "2|y|q", "3|x|r", "4|-|s", "5|z|p", "6||-"],
    ),
    (
        "SELECT t.id, u.id FROM t FULL JOIN u ON t.id = u.t_id ORDER BY 1, 2",
        &["1|1", "1|2", "2|-", "3|3", "4|-", "5|5", "6|-", "-|4"],
    ),
    (
        "SELECT x.id, y.id FROM t x JOIN t y ON x.a < y.a ORDER BY 1, 2",
        &["1|3", "1|5", "1|6", "2|3", "2|5", "2|6", "3|6", "5|6"],
    ),
    (
        "SELECT id FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.t_id = t.id) ORDER BY id",
        &["1", "3", "5"],
    ),
    (
        "SELECT id FROM t WHERE NOT EXISTS (SELECT 1 FROM u WHERE u.t_id = t.id) ORDER BY id",
        &["2", "4", "6"],
    ),
    ("SELECT id FROM t WHERE id IN (SELECT t_id FROM u) ORDER BY id", &["1", "3", "5"]),
    ("SELECT id FROM t WHERE id NOT IN (SELECT t_id FROM u) ORDER BY id", &[]),
    (
        "SELECT id FROM t WHERE id NOT IN (SELECT t_id FROM u WHERE t_id IS NOT NULL) ORDER BY id",
        &["2", "4", "6"],
    ),
    (
        "SELECT id, id IN (SELECT t_id FROM u), a NOT IN (SELECT t_id FROM u) FROM t ORDER BY id",
        &["1|t|f", "2|-|f", "3|t|-", "4|-|-", "5|t|-", "6|-|f"],
    ),
    (
        "SELECT id, (SELECT max(c) FROM u WHERE u.t_id = t.id), (SELECT count(*) FROM u WHERE u.t_id = t.id) FROM t ORDER BY id",
        &["1|q|2", "2|-|0", "3|r|1", "4|-|0", "5|p|1", "6|-|0"],
    ),
    (
        "SELECT a, (SELECT count(*) FROM u WHERE u.t_id = k.a) FROM t k GROUP BY a ORDER BY a",
        &["1|2", "2|0", "3|1", "-|0"],
    ),
    ("SELECT id FROM t WHERE a > ANY (SELECT t_id FROM u) ORDER BY id", &["3", "5", "6"]),
    (
        "SELECT id FROM t WHERE a <= ALL (SELECT t_id FROM u WHERE t_id IS NOT NULL) ORDER BY id",
        &["1", "2"],
    ),
    ("SELECT id FROM t WHERE (id, big) IN (SELECT t_id, big FROM u) ORDER BY id", &["1"]),
    (
        "SELECT id FROM t WHERE (id, big) NOT IN (SELECT t_id, big FROM u) ORDER BY id",
        &["2", "5", "6"],
    ),
    (
        "SELECT id, (id, big) IN (SELECT t_id, big FROM u) FROM t ORDER BY id",
        &["1|t", "2|f", "3|-", "4|-", "5|f", "6|f"],
    ),
    (
        "SELECT t.id, s.c FROM t, LATERAL (SELECT c FROM u WHERE u.t_id = t.id ORDER BY c DESC LIMIT 1) s ORDER BY 1",
        &["1|q", "3|r", "5|p"],
    ),
    (
        "SELECT t.id, s.c FROM t LEFT JOIN LATERAL (SELECT c FROM u WHERE u.t_id = t.id ORDER BY c LIMIT 1) s ON true ORDER BY 1",
        &["1|p", "2|-", "3|r", "4|-", "5|p", "6|-"],
    ),
    (
        "SELECT t.id, s.x FROM t, LATERAL (SELECT t.a + 1 AS x) s ORDER BY 1",
        &["1|2", "2|2", "3|3", "4|-", "5|3", "6|4"],
    ),
    ("SELECT a FROM t UNION SELECT id FROM u ORDER BY a", &["1", "2", "3", "4", "5", "-"]),
    (
        "SELECT a FROM t UNION ALL SELECT big FROM u ORDER BY a",
        &["1", "1", "2", "2", "3", "10", "20", "40", "50", "-", "-"],
    ),
    ("SELECT a FROM t INTERSECT SELECT id FROM u ORDER BY a", &["1", "2", "3"]),
    ("SELECT a FROM t INTERSECT ALL SELECT t_id FROM u ORDER BY a", &["1", "1", "3", "-"]),
    ("SELECT a FROM t EXCEPT SELECT id FROM u ORDER BY a", &["-"]),
    ("SELECT a FROM t EXCEPT ALL SELECT t_id FROM u ORDER BY a", &["2", "2"]),
    (
        "SELECT a, b, count(*), grouping(a, b) FROM t GROUP BY ROLLUP (a, b) ORDER BY 4, 1, 2",
        &[
            "1|x|1|0", "1|y|1|0", "2|x|1|0", "2|z|1|0", "3||1|0", "-|-|1|0", "1|-|2|1", "2|-|2|1",
            "3|-|1|1", "-|-|1|1", "-|-|6|3",
        ],
    ),
    (
        "SELECT a, ok, sum(id) FROM t GROUP BY GROUPING SETS ((a), (ok), ()) ORDER BY 1, 2, 3",
        &["1|-|3", "2|-|8", "3|-|6", "-|f|8", "-|t|9", "-|-|4", "-|-|4", "-|-|21"],
    ),
    (
        "SELECT id, sum(id) OVER (PARTITION BY a ORDER BY id), row_number() OVER (ORDER BY id DESC), lag(b) OVER (ORDER BY id), count(*) OVER () FROM t ORDER BY id",
        &["1|1|6|-|6", "2|3|5|x|6", "3|3|4|y|6", "4|4|3|x|6", "5|8|2|-|6", "6|6|1|z|6"],
    ),
    (
        "SELECT id, sum(id) OVER (ORDER BY id ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING), rank() OVER (ORDER BY a), dense_rank() OVER (ORDER BY a), first_value(b) OVER (PARTITION BY a ORDER BY id) FROM t ORDER BY id",
        &["1|3|1|1|x", "2|6|1|1|x", "3|9|3|2|x", "4|12|6|4|-", "5|15|3|2|x", "6|11|5|3|"],
    ),
    (
        "SELECT a, sum(sum(id)) OVER (ORDER BY a) FROM t GROUP BY a ORDER BY a",
        &["1|3", "2|11", "3|17", "-|21"],
    ),
    (
        "WITH w AS (SELECT a, count(*) AS c FROM t GROUP BY a) SELECT x.a, y.c FROM w x JOIN w y ON x.a = y.a ORDER BY 1",
        &["1|2", "2|2", "3|1"],
    ),
    ("SELECT * FROM v ORDER BY k", &["1|1", "2|2"]),
    (
        "SELECT * FROM (VALUES (1, 'a'), (2, NULL), (3, 'c')) AS v(p, q) ORDER BY p DESC",
        &["3|c", "2|-", "1|a"],
    ),
    ("SELECT id FROM t ORDER BY a + 1 NULLS FIRST, id DESC LIMIT 3 OFFSET 1", &["2", "1", "5"]),
    (
        "SELECT CASE a WHEN 1 THEN 'one' WHEN 2 THEN 'two' ELSE coalesce(b, '?') END FROM t ORDER BY id",
        &["one", "one", "two", "?", "two", ""],
    ),
    (
        "SELECT coalesce(a, -1), nullif(a, 1), greatest(a, 2, id), least(a, 2) FROM t ORDER BY id",
        &["1|-|2|1", "1|-|2|1", "2|2|3|2", "-1|-|4|2", "2|2|5|2", "3|3|6|2"],
    ),
    (
        "SELECT id FROM t WHERE a BETWEEN 1 AND 2 AND b LIKE '_' AND b NOT IN ('q', 'y') ORDER BY id",
        &["1", "3", "5"],
    ),
    (
        "SELECT id, a IS DISTINCT FROM 1, ok IS NOT TRUE, ok IS UNKNOWN, a IS NULL FROM t ORDER BY id",
        &["1|f|f|f|f", "2|f|t|f|f", "3|t|f|f|f", "4|t|t|t|t", "5|t|f|f|f", "6|t|t|f|f"],
    ),
    ("SELECT id FROM t WHERE (a, id) > (1, 2) ORDER BY id", &["3", "5", "6"]),
    (
        "SELECT b || '-' || id, length(b), upper(b) FROM t ORDER BY id",
        &["x-1|1|X", "y-2|1|Y", "x-3|1|X", "-|-|-", "z-5|1|Z", "-6|0|"],
    ),
    ("SELECT id FROM t WHERE a = ANY (ARRAY[1, 3]) ORDER BY id", &["1", "2", "6"]),
    ("SELECT id FROM t WHERE a = ANY ('{1,3}') ORDER BY id", &["1", "2", "6"]),
    ("SELECT count(*) FROM t, u", &["30"]),
    ("SELECT 1 FROM t HAVING count(*) > 3", &["1"]),
    ("SELECT count(*) FROM t WHERE false", &["0"]),
    ("SELECT max(a) FROM t WHERE false GROUP BY b", &[]),
    (
        "SELECT date_trunc('minute', ts), count(*), sum(amount) FROM events GROUP BY 1 ORDER BY 1",
        &[
            "2024-01-01 00:00:00+00|2|3.5",
            "2024-01-01 00:01:00+00|1|-",
            "2024-01-01 00:03:00+00|1|10.25",
            "-|1|1",
        ],
    ),
    (
        "SELECT ts + INTERVAL '1 hour', extract(minute FROM ts) FROM events ORDER BY user_id",
        &[
            "2024-01-01 01:00:10+00|0",
            "2024-01-01 01:01:10+00|1",
            "2024-01-01 01:00:50+00|0",
            "2024-01-01 01:03:00+00|3",
            "-|-",
        ],
    ),
    (
        "SELECT 7 / 2, -7 / 2, 7 % 3, 7 / 2.0, 2 ^ 3, 1e3, 10::numeric / 3",
        &["3|-3|1|3.5000000000000000|8|1000|3.3333333333333333"],
    ),
    (
        "SELECT '5'::int + 1, '2024-02-29'::date + 1, INTERVAL '1 day 2 hours' * 2, 'abc' < 'abd'",
        &["6|2024-03-01|2 days 04:00:00|t"],
    ),
    ("SELECT a FROM t WHERE id = (SELECT max(id) FROM t)", &["3"]),
    (
        "SELECT id FROM t WHERE a = (SELECT min(a) FROM t x WHERE x.b = t.b) ORDER BY id",
        &["1", "2", "5", "6"],
    ),
    (
        "SELECT u.id FROM u WHERE u.big > (SELECT avg(big) FROM t WHERE t.id = u.t_id) ORDER BY 1",
        &["2", "5"],
    ),
    ("SELECT id FROM t WHERE id <> 0 AND 10 / (id - 3) > 4 AND id <> 3", &["4", "5"]),
    ("SELECT x FROM unnest(ARRAY[3, 1, 2]) AS x ORDER BY x", &["1", "2", "3"]),
    ("SELECT string_agg(b, ',' ORDER BY b) FROM t", &[",x,x,y,z"]),
    ("SELECT ARRAY(SELECT c FROM u WHERE t_id = 1 ORDER BY c DESC)", &["{q,p}"]),
    ("SELECT DISTINCT f FROM t ORDER BY f", &["0", "1.5", "2.5", "NaN", "-"]),
    ("SELECT f FROM t UNION SELECT 0.0 ORDER BY 1", &["0", "1.5", "2.5", "NaN", "-"]),
    (
        "SELECT a FROM t WHERE a IN (SELECT t_id FROM u UNION SELECT 2) ORDER BY id",
        &["1", "1", "2", "2", "3"],
    ),
    (
        "SELECT id FROM t WHERE (SELECT count(*) FROM u WHERE u.t_id = t.id) = 0 ORDER BY id",
        &["2", "4", "6"],
    ),
    (
        "SELECT t.id, (SELECT u.c FROM u WHERE u.id = t.id) AS c FROM t ORDER BY c NULLS FIRST, id",
        &["6|-", "1|p", "5|p", "2|q", "3|r", "4|s"],
    ),
    (
        "SELECT id FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.t_id IN (SELECT x.a FROM t x WHERE x.big = t.big)) ORDER BY id",
        &["1", "2", "5", "6"],
    ),
    (
        "SELECT a, b FROM t GROUP BY a, b HAVING max(id) > 3 ORDER BY max(id) DESC",
        &["3|", "2|z", "-|-"],
    ),
    (
        "SELECT sum(a + id), sum(DISTINCT a) FROM t GROUP BY ok ORDER BY ok",
        &["12|4", "14|3", "-|-"],
    ),
    (
        "SELECT t.*, u.c FROM t JOIN u ON u.t_id = t.id WHERE u.c = 'p' ORDER BY u.id",
        &["1|1|x|10|1.50|1.5|t|p", "5|2|z|10|4.10|2.5|t|p"],
    ),
    (
        "SELECT id, count(*) OVER (ORDER BY big RANGE BETWEEN 10 PRECEDING AND CURRENT ROW) FROM t ORDER BY id",
        &["1|2", "2|3", "3|2", "4|1", "5|2", "6|1"],
    ),
    ("SELECT id FROM t NATURAL JOIN u ORDER BY 1", &["1", "2"]),
    (
        "SELECT n, n::int, n::text, f::int FROM t WHERE id < 3 ORDER BY id",
        &["1.50|2|1.50|2", "2.25|2|2.25|0"],
    ),
    ("SELECT id FROM t WHERE a = ANY (ARRAY(SELECT t_id FROM u)) ORDER BY id", &["1", "2", "6"]),
    (
        "SELECT id, a = ANY (ARRAY(SELECT t_id FROM u)), big > ALL (ARRAY(SELECT t_id FROM u WHERE t_id IS NOT NULL)), a < ANY (ARRAY(SELECT id FROM u WHERE false)), a <> ALL (ARRAY(SELECT t_id FROM u)) FROM t ORDER BY id",
        &["1|t|t|f|f", "2|t|t|f|f", "3|-|t|f|-", "4|-|-|f|-", "5|-|t|f|-", "6|t|t|f|f"],
    ),
    (
        "SELECT id, id >= ALL (ARRAY(SELECT u.id FROM u WHERE u.t_id = t.id)), big = ANY (ARRAY(SELECT u.big FROM u WHERE u.t_id = t.id)) FROM t ORDER BY id",
        &["1|f|t", "2|t|f", "3|t|-", "4|t|f", "5|t|f", "6|t|f"],
    ),
    ("SELECT id FROM t WHERE (id + 0, -big) IN (SELECT t_id, -big FROM u) ORDER BY id", &["1"]),
    ("SELECT id FROM t WHERE id=-1+2 AND a>-1 AND big*-1<=-10 ORDER BY id", &["1"]),
];
