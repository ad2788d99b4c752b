//! What the parser makes of texts.
use expect_test::{Expect, expect};

use super::*;

fn described(sql: &str) -> String {
    match parse(sql) {
        Ok(statements) => statements
            .iter()
            .map(|parsed| format!("{} | {}\n", shown(&parsed.statement), parsed.text))
            .collect(),
        Err(error) => {
            let place = error.position(sql).map_or(String::new(), |place| format!(" @{place}"));
            format!("{}: {}{place}\n", error.code(), error.message())
        }
    }
}

fn shown(statement: &Statement) -> String {
    let stream = |what: &str, stream: &CreateStream| {
        let columns: Vec<String> = stream.columns.iter().map(ToString::to_string).collect();
        let watermark = stream.watermark.as_ref().map(|watermark| {
            format!(" watermark {} as {}", watermark.column, watermark.expression)
        });
        format!(
            "{what} {} ({}){} {:?}",
            stream.name,
            columns.join(", "),
            watermark.unwrap_or_default(),
            stream.options
        )
    };
    match statement {
        Statement::Sql(statement) => format!("sql {statement}"),
        Statement::CreateTable(table) => format!(
            "table {} append_only={} {:?} {:?}",
            table.table, table.append_only, table.on_conflict, table.options
        ),
        Statement::CreateStream(one) => stream("stream", one),
        Statement::CreateSource(one) => stream("source", one),
        Statement::CreateView(view) => format!(
            "view {} continuous={} replace={} if_not_exists={} {:?} {:?} <{}>",
            view.name,
            view.continuous,
            view.or_replace,
            view.if_not_exists,
            view.columns.iter().map(ToString::to_string).collect::<Vec<_>>(),
            view.options,
            view.query_text
        ),
        Statement::Drop(drop) => format!(
            "drop {:?} if_exists={} {} cascade={}",
            drop.kind,
            drop.if_exists,
            drop.names.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
            drop.cascade
        ),
        Statement::Copy(copy) => {
            let source = match &copy.source {
                CopySource::Query(query) => format!("({query})"),
                CopySource::Table { name, columns } => {
                    let names: Vec<String> = columns.iter().map(ToString::to_string).collect();
                    format!("{name}({})", names.join(", "))
                }
            };
            let options: Vec<String> =
                copy.options.iter().map(|o| format!("{} {:?}", o.name, o.value)).collect();
            format!("copy {source} from={} {}", copy.from, options.join(", "))
        }
        Statement::Subscribe(subscribe) => format!(
            "subscribe {} as of {:?} snapshot={}",
            subscribe.name, subscribe.as_of, subscribe.snapshot
        ),
        Statement::Explain(explain) => format!("explain {:?}", explain.options),
        Statement::Show(show) => format!(
            "show {:?} of {:?} like {:?}",
            show.listing,
            show.of.as_ref().map(ToString::to_string),
            show.like
        ),
        Statement::Flush => "flush".to_owned(),
        Statement::CreateTableAs(table) => {
            format!("table {} as {} data={}", table.name, table.query, table.with_data)
        }
        Statement::Refresh(name) => format!("refresh {name}"),
        Statement::Move(moved) => format!("move {} {}", moved.direction, moved.name),
    }
}

fn check(sql: &str, expected: Expect) {
    expected.assert_eq(&described(sql));
}

#[test]
fn statements_are_split_with_their_texts() {
    check(
        "SELECT 1;  select 'a;b' -- x\n ;; FLUSH ; ",
        expect![[r#"
        sql SELECT 1 | SELECT 1
        sql SELECT 'a;b' | select 'a;b'
        flush | FLUSH
    "#]],
    );
    check("", expect![[""]]);
    check(" ; -- nothing\n;", expect![[""]]);
    check(
        "SELECT 1; SELEC 2",
        expect![[r#"
        42601: syntax error at or near "SELEC" @11
    "#]],
    );
}

#[test]
fn syntax_errors_are_told_as_postgresql_tells_them() {
    check(
        "SELEC 1",
        expect![[r#"
        42601: syntax error at or near "SELEC" @1
    "#]],
    );
    check(
        "SELECT 1 FROM",
        expect![[r#"
        42601: syntax error at end of input @14
    "#]],
    );
    check(
        "SELECT (1",
        expect![[r#"
        42601: syntax error at end of input @10
    "#]],
    );
    check(
        "SELECT 1)",
        expect![[r#"
        42601: syntax error at or near ")" @9
    "#]],
    );
    check(
        "SELECT * FROM t WHERE",
        expect![[r#"
        42601: syntax error at end of input @22
    "#]],
    );
    check(
        "SELECT a b c FROM t",
        expect![[r#"
        42601: syntax error at or near "c" @12
    "#]],
    );
}

#[test]
fn what_is_left_open_or_is_ours_is_told_too() {
    check(
        "SELECT 'abc",
        expect![[r#"
        42601: unterminated quoted string at or near "'abc" @8
    "#]],
    );
    check(
        "SELECT \"abc",
        expect![[r#"
        42601: unterminated quoted identifier at or near ""abc" @8
    "#]],
    );
    check(
        "SELECT 1 /* x",
        expect![[r#"
        42601: unterminated /* comment @14
    "#]],
    );
    check(
        "SELECT\n  1 +\n  * 2",
        expect![[r#"
        42601: syntax error at or near "*" @16
    "#]],
    );
    check(
        "CREATE STREAM",
        expect![[r#"
        42601: syntax error at end of input @14
    "#]],
    );
    check(
        "CREATE VIEW v AS SELEC 1",
        expect![[r#"
        42601: syntax error at or near "SELEC" @18
    "#]],
    );
    check(
        "SUBSCRIBE TO v WITH (nosuch = 1)",
        expect![[r#"
        42601: unrecognized SUBSCRIBE option "nosuch"
    "#]],
    );
}

#[test]
fn streams_and_sources_are_read() {
    check(
        "CREATE STREAM IF NOT EXISTS s (a int NOT NULL, ts timestamptz DEFAULT now(), \
         WATERMARK FOR ts AS ts - INTERVAL '5 seconds') WITH (retention = '1 day')",
        expect![[r#"
            stream s (a INT NOT NULL, ts TIMESTAMPTZ DEFAULT now()) watermark ts as ts - INTERVAL '5 seconds' [("retention", "1 day")] | CREATE STREAM IF NOT EXISTS s (a int NOT NULL, ts timestamptz DEFAULT now(), WATERMARK FOR ts AS ts - INTERVAL '5 seconds') WITH (retention = '1 day')
        "#]],
    );
    check(
        "create source app.\"S\" (a int, b text, PRIMARY KEY (a)) \
         with (connector='file', path = '/x', format = csv, csv.header, batch.rows = -5)",
        expect![[r#"
            source app."S" (a INT, b TEXT) [("connector", "file"), ("path", "/x"), ("format", "csv"), ("csv.header", "true"), ("batch.rows", "-5")] | create source app."S" (a int, b text, PRIMARY KEY (a)) with (connector='file', path = '/x', format = csv, csv.header, batch.rows = -5)
        "#]],
    );
    check(
        "CREATE STREAM s",
        expect![[r#"
        stream s () [] | CREATE STREAM s
    "#]],
    );
}

#[test]
fn views_are_read_with_the_text_of_their_query() {
    check(
        "CREATE VIEW v AS SELECT 1 ;",
        expect![[r#"
        view v continuous=false replace=false if_not_exists=false [] [] <SELECT 1> | CREATE VIEW v AS SELECT 1
    "#]],
    );
    check(
        "CREATE OR REPLACE CONTINUOUS VIEW v (a, b) WITH (pipeline = 'heavy') AS\n  \
         SELECT  x, 'é'\n FROM t -- end",
        expect![[r#"
            view v continuous=true replace=true if_not_exists=false ["a", "b"] [("pipeline", "heavy")] <SELECT  x, 'é'
             FROM t> | CREATE OR REPLACE CONTINUOUS VIEW v (a, b) WITH (pipeline = 'heavy') AS
              SELECT  x, 'é'
             FROM t
        "#]],
    );
    check(
        "CREATE MATERIALIZED VIEW IF NOT EXISTS m AS (SELECT 1) WITH NO DATA",
        expect![[r#"
        view m continuous=true replace=false if_not_exists=true [] [] <(SELECT 1)> | CREATE MATERIALIZED VIEW IF NOT EXISTS m AS (SELECT 1) WITH NO DATA
    "#]],
    );
}

#[test]
fn tables_have_clauses_of_ours() {
    check(
        "CREATE TABLE t (a int PRIMARY KEY, b text)",
        expect![[r#"
        table CREATE TABLE t (a INT PRIMARY KEY, b TEXT) append_only=false None [] | CREATE TABLE t (a int PRIMARY KEY, b text)
    "#]],
    );
    check(
        "CREATE TABLE t (a int) APPEND ONLY",
        expect![[r#"
        table CREATE TABLE t (a INT) append_only=true None [] | CREATE TABLE t (a int) APPEND ONLY
    "#]],
    );
    check(
        "CREATE TABLE t (a int PRIMARY KEY) ON CONFLICT OVERWRITE",
        expect![[r#"
        table CREATE TABLE t (a INT PRIMARY KEY) append_only=false Some(Overwrite) [] | CREATE TABLE t (a int PRIMARY KEY) ON CONFLICT OVERWRITE
    "#]],
    );
    check(
        "CREATE TABLE IF NOT EXISTS t (a int PRIMARY KEY) ON CONFLICT IGNORE \
         WITH (ttl = '1 day')",
        expect![[r#"
            table CREATE TABLE IF NOT EXISTS t (a INT PRIMARY KEY) append_only=false Some(Ignore) [("ttl", "1 day")] | CREATE TABLE IF NOT EXISTS t (a int PRIMARY KEY) ON CONFLICT IGNORE WITH (ttl = '1 day')
        "#]],
    );
    check(
        "TABLE t",
        expect![[r#"
        sql SELECT * FROM t | TABLE t
    "#]],
    );
}

#[test]
fn drops_are_read() {
    check(
        "DROP STREAM s",
        expect![[r#"
        drop Stream if_exists=false s cascade=false | DROP STREAM s
    "#]],
    );
    check(
        "DROP SOURCE IF EXISTS a, b.c CASCADE",
        expect![[r#"
        drop Source if_exists=true a, b.c cascade=true | DROP SOURCE IF EXISTS a, b.c CASCADE
    "#]],
    );
    check(
        "DROP CONTINUOUS VIEW v RESTRICT",
        expect![[r#"
        drop ContinuousView if_exists=false v cascade=false | DROP CONTINUOUS VIEW v RESTRICT
    "#]],
    );
    check(
        "DROP MATERIALIZED VIEW v",
        expect![[r#"
        drop ContinuousView if_exists=false v cascade=false | DROP MATERIALIZED VIEW v
    "#]],
    );
    check(
        "DROP VIEW v",
        expect![[r#"
        drop View if_exists=false v cascade=false | DROP VIEW v
    "#]],
    );
    check(
        "DROP TABLE t",
        expect![[r#"
        sql DROP TABLE t | DROP TABLE t
    "#]],
    );
    check(
        "DROP INDEX i",
        expect![[r#"
        sql DROP INDEX i | DROP INDEX i
    "#]],
    );
    check(
        "DROP SCHEMA s CASCADE",
        expect![[r#"
        sql DROP SCHEMA s CASCADE | DROP SCHEMA s CASCADE
    "#]],
    );
}

#[test]
fn subscriptions_are_read() {
    check(
        "SUBSCRIBE v",
        expect![[r#"
        subscribe v as of None snapshot=true | SUBSCRIBE v
    "#]],
    );
    check(
        "SUBSCRIBE TO s.v AS OF 42 WITH (snapshot = false)",
        expect![[r#"
        subscribe s.v as of Some(42) snapshot=false | SUBSCRIBE TO s.v AS OF 42 WITH (snapshot = false)
    "#]],
    );
    check(
        "SUBSCRIBE TO v WITH (snapshot = 3)",
        expect![[r#"
        42601: syntax error at or near "WITH" @16
    "#]],
    );
}

#[test]
fn shows_are_read() {
    check(
        "SHOW TABLES; SHOW STREAMS FROM app LIKE 'a%'; SHOW CONTINUOUS VIEWS",
        expect![[r#"
        show Tables of None like None | SHOW TABLES
        show Streams of Some("app") like Some("a%") | SHOW STREAMS FROM app LIKE 'a%'
        show ContinuousViews of None like None | SHOW CONTINUOUS VIEWS
    "#]],
    );
    check(
        "SHOW CREATE CONTINUOUS VIEW app.v; SHOW INDEXES; SHOW COLUMNS FROM t",
        expect![[r#"
        show Create of Some("app.v") like None | SHOW CREATE CONTINUOUS VIEW app.v
        show Indexes of None like None | SHOW INDEXES
        show Columns of Some("t") like None | SHOW COLUMNS FROM t
    "#]],
    );
    check(
        "SHOW search_path; SHOW TIME ZONE; SHOW ALL",
        expect![[r#"
        sql SHOW search_path | SHOW search_path
        sql SHOW TIME ZONE | SHOW TIME ZONE
        sql SHOW ALL | SHOW ALL
    "#]],
    );
}

#[test]
fn both_spellings_of_windows_are_one() {
    check(
        "SELECT * FROM TUMBLE(t, ts, INTERVAL '1 minute')",
        expect![[r#"
        sql SELECT * FROM TUMBLE(t, ts, INTERVAL '1 minute') | SELECT * FROM TUMBLE(t, ts, INTERVAL '1 minute')
    "#]],
    );
    check(
        "SELECT * FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) AS w, x",
        expect![[r#"
            sql SELECT * FROM TUMBLE(t, ts, INTERVAL '1' MINUTE) AS w, x | SELECT * FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) AS w, x
        "#]],
    );
    check(
        "SELECT * FROM TABLE ( HOP ( TABLE s.t, DESCRIPTOR(ts), INTERVAL '1' MINUTE, \
         INTERVAL '5' MINUTE ) ) WHERE (a)",
        expect![[r#"
            sql SELECT * FROM HOP(s.t, ts, INTERVAL '1' MINUTE, INTERVAL '5' MINUTE) WHERE (a) | SELECT * FROM TABLE ( HOP ( TABLE s.t, DESCRIPTOR(ts), INTERVAL '1' MINUTE, INTERVAL '5' MINUTE ) ) WHERE (a)
        "#]],
    );
}

#[test]
fn signs_are_cut_as_postgresql_cuts_them() {
    check(
        "SELECT a=-1, a>-1, a<=-1, a*-1, a<>-1, a-+1, a+-+1 FROM t",
        expect![[r#"
        sql SELECT a = -1, a > -1, a <= -1, a * -1, a <> -1, a - +1, a + -(+1) FROM t | SELECT a=-1, a>-1, a<=-1, a*-1, a<>-1, a-+1, a+-+1 FROM t
    "#]],
    );
    check(
        "SELECT a|/2, a==1, a ->> 'x', a->'x' FROM t",
        expect![[r#"
        42601: syntax error at or near "|/" @9
    "#]],
    );
    check(
        "SELECT a=-(b FROM t",
        expect![[r#"
        42601: syntax error at or near "FROM" @14
    "#]],
    );
}

#[test]
fn what_drivers_send_is_read() {
    for sql in [
        "BEGIN",
        "START TRANSACTION ISOLATION LEVEL REPEATABLE READ",
        "COMMIT",
        "ROLLBACK",
        "SAVEPOINT a",
        "ROLLBACK TO SAVEPOINT a",
        "RELEASE SAVEPOINT a",
        "SET search_path TO a, b",
        "SET TIME ZONE 'UTC'",
        "SET LOCAL statement_timeout = 5",
        "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY",
        "RESET ALL",
        "DISCARD ALL",
        "DEALLOCATE ALL",
        "PREPARE p (int) AS SELECT $1",
        "EXECUTE p(1)",
        "EXPLAIN SELECT 1",
        "EXPLAIN (VERBOSE) SELECT 1",
        "INSERT INTO t VALUES (1, DEFAULT) ON CONFLICT (a) DO UPDATE SET b = EXCLUDED.b RETURNING *",
        "INSERT INTO t DEFAULT VALUES",
        "UPDATE t SET a = 1, b = DEFAULT FROM u WHERE t.id = u.id RETURNING t.*",
        "DELETE FROM t USING u WHERE t.id = u.id",
        "TRUNCATE t",
        "COPY t (a, b) FROM STDIN WITH (FORMAT csv, HEADER true)",
        "COPY (SELECT 1) TO STDOUT",
        "CREATE INDEX i ON t (a)",
        "CREATE UNIQUE INDEX IF NOT EXISTS i ON t (a, b)",
        "CREATE SCHEMA IF NOT EXISTS s",
        "DECLARE c CURSOR FOR SELECT 1",
        "FETCH 10 FROM c",
        "CLOSE c",
        "COMMENT ON TABLE t IS 'x'",
        "GRANT SELECT ON t TO u",
        "ALTER TABLE t ADD COLUMN c int",
        "LISTEN x",
        "SELECT set_config('a', 'b', false)",
    ] {
        let found = described(sql);
        assert!(!found.contains("42601"), "{sql}: {found}");
    }
}

/// Deep statements need the deep stack that a session parses on.
fn on_a_deep_stack(run: impl FnOnce() + Send + 'static) {
    const STACK_BYTES: usize = 64 << 20;
    std::thread::Builder::new().stack_size(STACK_BYTES).spawn(run).unwrap().join().unwrap();
}

#[test]
fn what_is_too_large_is_refused() {
    on_a_deep_stack(|| {
        let nested = format!("SELECT {}1{}", "(".repeat(500), ")".repeat(500));
        check(
            &nested,
            expect![[r#"
            54001: statement is too complex
        "#]],
        );
        let chain = format!("SELECT 1{}", " + 1".repeat(6_000));
        assert!(described(&chain).starts_with("54001: statement is too complex @"));
        let not = format!("SELECT {} true", "NOT ".repeat(3_000));
        check(
            &not,
            expect![[r#"
                54001: statement is too complex
            "#]],
        );
        let unions = format!("SELECT 1{}", " UNION ALL SELECT 1".repeat(6_000));
        assert!(described(&unions).starts_with("54001"));
        let list = format!("SELECT 1 IN (1{})", ", 1".repeat(50_000));
        assert!(parse(&list).is_ok());
        let rows = format!("VALUES (1, 2){}", ", (1, -2)".repeat(20_000));
        assert!(parse(&rows).is_ok());
        let or = format!("SELECT a = 1{}", " OR a = 1".repeat(2_000));
        assert!(parse(&or).is_ok());
        let long = format!("SELECT '{}'", "x".repeat(TEXT_BYTES_MAX));
        check(
            &long,
            expect![[r#"
            54001: statement is too complex
        "#]],
        );
    });
}
