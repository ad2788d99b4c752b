//! tokio-postgres: everything in binary, over the extended protocol.
use std::error::Error;

use bytes::{BufMut, Bytes, BytesMut};
use futures_util::{SinkExt, TryStreamExt, pin_mut};
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};
use tokio_postgres::{Client, NoTls, SimpleQueryMessage};

use crate::server;

/// A value of any type as its bytes on the wire.
#[derive(Debug, PartialEq)]
struct Raw(Vec<u8>);

impl<'a> FromSql<'a> for Raw {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Raw(raw.to_vec()))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

impl ToSql for Raw {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        out.put_slice(&self.0);
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// Types, a text of each, and its bytes in hexadecimal where they are short.
const VALUES: &[(&str, &str, &str)] = &[
    ("bool", "t", "01"),
    ("int2", "-2", "fffe"),
    ("int4", "1", "00000001"),
    ("int8", "-1", "ffffffffffffffff"),
    ("float4", "1", "3f800000"),
    ("float8", "-2", "c000000000000000"),
    ("numeric(10,2)", "1.50", "000200000000000200011388"),
    ("numeric", "-7", "000100004000000000 07"),
    ("text", "ü", "c3bc"),
    ("varchar(3)", "abc", "616263"),
    ("char(3)", "a", "612020"),
    ("bytea", "\\x00ff", "00ff"),
    ("date", "2000-01-02", "00000001"),
    ("time", "00:00:01", "00000000000f4240"),
    ("timestamp", "2000-01-01 00:00:01", "00000000000f4240"),
    ("timestamptz", "2000-01-01 00:00:01+00", "00000000000f4240"),
    ("interval", "1 month 2 days 1 second", "00000000000f42400000000200000001"),
    ("uuid", "00000000-0000-0000-0000-000000000007", "00000000000000000000000000000007"),
    ("json", "{\"a\": 1}", "7b2261223a20317d"),
    ("jsonb", "{\"a\": 1}", "017b2261223a20317d"),
    ("oid", "7", "00000007"),
    ("regclass", "pg_class", "000004eb"),
    ("name", "n", "6e"),
    ("int4[]", "{1,NULL}", ""),
    ("text[]", "{a,\"b c\"}", ""),
    ("timestamptz[]", "{2000-01-01 00:00:01+00}", ""),
];

#[tokio::test]
async fn values_of_every_type_travel_in_binary() {
    let server = server("native");
    let client = server.connect().await;
    for (number, (ty, text, hex)) in VALUES.iter().enumerate() {
        let read = client.query_one(&format!("SELECT $1::text::{ty}"), &[text]).await;
        let bytes: Raw = read.unwrap_or_else(|error| panic!("{ty}: {error:?}")).get(0);
        let expected: String = hex.split(' ').collect();
        if !expected.is_empty() {
            let found: String = bytes.0.iter().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!(found, expected, "{ty}");
        }
        let query = format!("SELECT $1::{ty}, $2::{ty}");
        let again = client.query_one(&query, &[&bytes, &None::<Raw>]).await;
        let again = again.unwrap_or_else(|error| panic!("{ty}: {error:?}"));
        assert_eq!(again.get::<_, Raw>(0), bytes, "{ty}");
        assert_eq!(again.get::<_, Option<Raw>>(1), None, "{ty}");
        let table = format!("t{number}");
        let make = format!("CREATE TABLE {table} (id int PRIMARY KEY, v {ty})");
        client.batch_execute(&make).await.unwrap_or_else(|error| panic!("{ty}: {error:?}"));
        let insert = format!("INSERT INTO {table} VALUES ($1, $2)");
        assert_eq!(client.execute(&insert, &[&1, &bytes]).await.unwrap(), 1);
        assert_eq!(client.execute(&insert, &[&2, &None::<Raw>]).await.unwrap(), 1);
        let rows = client.query(&format!("SELECT v FROM {table} ORDER BY id"), &[]).await.unwrap();
        let kept: Vec<Option<Raw>> = rows.iter().map(|row| row.get(0)).collect();
        assert_eq!(kept, [Some(bytes), None], "{ty}");
    }
}

#[tokio::test]
async fn the_clients_own_types_are_understood() {
    let server = server("native-types");
    let client = server.connect().await;
    let row = client
        .query_one(
            "SELECT $1::bool, $2::int8, $3::float8, $4::text, $5::bytea, $6::int4[], $7::text[]",
            &[
                &true,
                &i64::MIN,
                &f64::NAN,
                &"text",
                &vec![1_u8, 0, 255],
                &vec![Some(1), None],
                &vec!["a", "", "NULL"],
            ],
        )
        .await
        .unwrap();
    assert!(row.get::<_, bool>(0));
    assert_eq!(row.get::<_, i64>(1), i64::MIN);
    assert!(row.get::<_, f64>(2).is_nan());
    assert_eq!(row.get::<_, &str>(3), "text");
    assert_eq!(row.get::<_, &[u8]>(4), [1, 0, 255]);
    assert_eq!(row.get::<_, Vec<Option<i32>>>(5), [Some(1), None]);
    assert_eq!(row.get::<_, Vec<String>>(6), ["a", "", "NULL"]);
    let statement = client.prepare("SELECT relname, oid FROM pg_class WHERE relkind = $1").await;
    let statement = statement.unwrap();
    assert_eq!(statement.params(), [Type::CHAR]);
    let types: Vec<_> = statement.columns().iter().map(|column| column.type_().clone()).collect();
    assert_eq!(types, [Type::NAME, Type::OID]);
}

#[tokio::test]
async fn portals_give_rows_in_pieces() {
    let server = server("native-portals");
    let mut client = server.connect().await;
    client.batch_execute("CREATE TABLE n (a int PRIMARY KEY)").await.unwrap();
    let fill = "INSERT INTO n SELECT g FROM generate_series(1, 2000) g";
    assert_eq!(client.execute(fill, &[]).await.unwrap(), 2000);
    let block = client.transaction().await.unwrap();
    let portal = block.bind("SELECT a FROM n WHERE a > $1 ORDER BY a", &[&10]).await.unwrap();
    let mut all: Vec<i32> = vec![];
    for most in [1, 7, 600, 600, 600, 600] {
        let rows = block.query_portal(&portal, most).await.unwrap();
        assert!(rows.len() <= usize::try_from(most).unwrap());
        all.extend(rows.iter().map(|row| row.get::<_, i32>(0)));
    }
    assert_eq!(all, (11..=2000).collect::<Vec<_>>());
    block.rollback().await.unwrap();
}

#[tokio::test]
async fn blocks_hold_until_they_end() {
    let server = server("native-blocks");
    let (mut client, other) = (server.connect().await, server.connect().await);
    client.batch_execute("CREATE TABLE b (a int PRIMARY KEY)").await.unwrap();
    let count = async |client: &Client| -> i64 {
        client.query_one("SELECT count(*) FROM b", &[]).await.unwrap().get(0)
    };
    let mut block = client.transaction().await.unwrap();
    block.execute("INSERT INTO b VALUES ($1)", &[&1]).await.unwrap();
    let inner = block.savepoint("inner").await.unwrap();
    inner.execute("INSERT INTO b VALUES ($1)", &[&2]).await.unwrap();
    let twice = inner.execute("INSERT INTO b VALUES ($1)", &[&2]).await.unwrap_err();
    assert_eq!(twice.code().map(|code| code.code()), Some("23505"));
    let after = inner.execute("SELECT 1", &[]).await.unwrap_err();
    assert_eq!(after.code().map(|code| code.code()), Some("25P02"));
    inner.rollback().await.unwrap();
    block.execute("INSERT INTO b VALUES ($1)", &[&3]).await.unwrap();
    assert_eq!(count(&other).await, 0);
    block.commit().await.unwrap();
    assert_eq!(count(&other).await, 2);
}

#[tokio::test]
async fn a_running_statement_is_cancelled() {
    let server = server("native-cancel");
    let client = server.connect().await;
    let token = client.cancel_token();
    let long = "SELECT count(*) FROM generate_series(1, 3000) a, generate_series(1, 3000) b, \
                generate_series(1, 3000) c";
    let (ran, ()) = tokio::join!(client.query(long, &[]), async {
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        token.cancel_query(NoTls).await.unwrap();
    });
    assert_eq!(ran.unwrap_err().code().map(|code| code.code()), Some("57014"));
    assert_eq!(client.query_one("SELECT 1", &[]).await.unwrap().get::<_, i32>(0), 1);
}

#[tokio::test]
async fn copies_go_in_and_out() {
    let server = server("native-copy");
    let client = server.connect().await;
    client.batch_execute("CREATE TABLE c (a int, b text)").await.unwrap();
    let sink = client.copy_in("COPY c FROM STDIN").await.unwrap();
    pin_mut!(sink);
    // A row that is cut by a message's end is still a row.
    for piece in ["1\tone\n2\tt", "wo\n3\t\\N\n"] {
        sink.send(Bytes::from_static(piece.as_bytes())).await.unwrap();
    }
    assert_eq!(sink.finish().await.unwrap(), 3);
    let out = client.copy_out("COPY (SELECT * FROM c ORDER BY a) TO STDOUT (FORMAT csv)").await;
    let pieces: Vec<Bytes> = out.unwrap().try_collect().await.unwrap();
    assert_eq!(pieces, ["1,one\n", "2,two\n", "3,\n"]);
    let sink = client.copy_in("COPY c FROM STDIN").await.unwrap();
    pin_mut!(sink);
    sink.send(Bytes::from_static(b"x\ty\n")).await.unwrap();
    let refused = sink.finish().await.unwrap_err();
    assert_eq!(refused.code().map(|code| code.code()), Some("22P02"));
    assert_eq!(client.query_one("SELECT count(*) FROM c", &[]).await.unwrap().get::<_, i64>(0), 3);
}

#[tokio::test]
async fn errors_say_where_and_what_to_do() {
    let server = server("native-errors");
    let client = server.connect().await;
    for (query, code, position, has_hint) in [
        ("SELECT 1 +", "42601", Some(11), false),
        ("SELECT nothing FROM pg_class", "42703", Some(8), false),
        ("SELECT 1 FROM ünï, nowhere", "42P01", Some(15), false),
        ("SELECT lower(1, 2)", "42883", Some(8), true),
        ("SELECT 1 / 0", "22012", None, false),
        ("CREATE TABLE t (a int, a int)", "42701", None, false),
    ] {
        let error = client.query(query, &[]).await.unwrap_err();
        let error = error.as_db_error().expect("the server's error");
        assert_eq!(error.code().code(), code, "{query}");
        assert_eq!(error.hint().is_some(), has_hint, "{query}");
        if let Some(position) = position {
            let expected = tokio_postgres::error::ErrorPosition::Original(position);
            assert_eq!(error.position(), Some(&expected), "{query}");
        }
    }
}

#[tokio::test]
async fn errors_name_the_table_the_column_and_the_constraint() {
    let server = server("native-subjects");
    let client = server.connect().await;
    let made = "CREATE SCHEMA sales; CREATE TABLE sales.t (a int PRIMARY KEY, b text NOT NULL, \
                c int UNIQUE); INSERT INTO sales.t VALUES (1, 'x', 1), (2, 'x', 2)";
    client.batch_execute(made).await.unwrap();
    for (statement, expected) in [
        ("INSERT INTO sales.t VALUES (3, NULL, 3)", "23502 sales t b -"),
        ("UPDATE sales.t AS u SET b = NULL", "23502 sales t b -"),
        ("INSERT INTO sales.t (a) VALUES (1)", "23502 sales t b -"),
        ("INSERT INTO sales.t VALUES (1, 'x', 3)", "23505 sales t - t_pkey"),
        ("UPDATE sales.t SET c = 1", "23505 sales t - t_c_key"),
        ("BEGIN; INSERT INTO sales.t VALUES (3, 'x', 2)", "23505 sales t - t_c_key"),
        ("ROLLBACK; CREATE UNIQUE INDEX i ON sales.t (b)", "23505 sales t - i"),
        ("SELECT 1 / 0", "22012 - - - -"),
    ] {
        let error = client.batch_execute(statement).await.unwrap_err();
        let error = error.as_db_error().expect("the server's error");
        let names = [error.schema(), error.table(), error.column(), error.constraint()];
        let told = names.map(|name| name.unwrap_or("-")).join(" ");
        assert_eq!(format!("{} {told}", error.code().code()), expected, "{statement}");
    }
}

#[tokio::test]
async fn a_key_that_is_taken_is_written_as_its_type_is() {
    let server = server("native-keys");
    let client = server.connect().await;
    let made = "CREATE TABLE t (at timestamp PRIMARY KEY, n numeric UNIQUE, b bytea UNIQUE); \
                INSERT INTO t VALUES ('2020-01-01 10:00', 1.5, '\\x00ff')";
    client.batch_execute(made).await.unwrap();
    for (values, expected) in [
        ("'2020-01-01 10:00', 2, ''", "Key (at)=(2020-01-01 10:00:00) already exists."),
        ("'2020-01-02 10:00', 1.50, ''", "Key (n)=(1.5) already exists."),
        ("'2020-01-02 10:00', 2, '\\x00ff'", "Key (b)=(\\x00ff) already exists."),
    ] {
        for begin in ["", "BEGIN; "] {
            let statement = format!("{begin}INSERT INTO t VALUES ({values})");
            let error = client.batch_execute(&statement).await.unwrap_err();
            let error = error.as_db_error().expect("the server's error");
            assert_eq!(error.detail(), Some(expected), "{statement}");
            client.batch_execute("ROLLBACK").await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_text_of_many_statements_is_one_transaction() {
    let server = server("native-simple");
    let client = server.connect().await;
    let answers = client
        .simple_query(
            "CREATE TABLE s (a int PRIMARY KEY); INSERT INTO s VALUES (1), (2); \
             SELECT a, NULL AS n FROM s ORDER BY a",
        )
        .await
        .unwrap();
    let rows: Vec<_> = answers
        .iter()
        .filter_map(|answer| match answer {
            SimpleQueryMessage::Row(row) => Some((row.get("a"), row.get("n"))),
            _ => None,
        })
        .collect();
    assert_eq!(rows, [(Some("1"), None), (Some("2"), None)]);
    client.simple_query("INSERT INTO s VALUES (3); INSERT INTO s VALUES (1)").await.unwrap_err();
    let count = client.query_one("SELECT count(*) FROM s", &[]).await.unwrap();
    assert_eq!(count.get::<_, i64>(0), 2);
}
