//! COPY in either direction.
use futures::executor::block_on;

use super::harness::{World, check, compare};
use crate::{Response, Session};

/// Copies `data` in pieces of 7 bytes with the statement; gives the tag or the error.
fn copy(world: &mut World, statement: &str, data: &str) -> String {
    let session = world.session("a");
    let parsed = Session::parse(statement).unwrap().remove(0);
    let outcome = block_on(async {
        let Response::CopyIn(mut copy) = session.run(&parsed).await? else { panic!("no copy") };
        for piece in data.as_bytes().chunks(7) {
            if copy.push(piece).await.is_err() {
                break;
            }
        }
        session.finish_copy(*copy).await
    });
    outcome.unwrap_or_else(|error| {
        let detail = error.detail().map(|detail| format!(" [{detail}]")).unwrap_or_default();
        let context = error.context().map(|context| format!(" ({context})")).unwrap_or_default();
        format!("{} {}{detail}{context}", error.code(), error.message())
    })
}

#[test]
fn rows_are_copied_into_a_table_or_not_at_all() {
    let mut world = World::new();
    world.run("CREATE TABLE t (a int PRIMARY KEY, b text, c numeric(5,1) DEFAULT 2.5)");
    let into =
        |world: &mut World, what: &str, data: &str| copy(world, &format!("COPY t {what}"), data);
    assert_eq!(into(&mut world, "FROM STDIN", "1\tx\t1.5\n2\t\\N\t\\N\n"), "COPY 2");
    assert_eq!(
        into(&mut world, "(b, a) FROM STDIN WITH (FORMAT csv)", "\"p,q\",3\n,4\n"),
        "COPY 2"
    );
    assert_eq!(into(&mut world, "(a) FROM STDIN CSV HEADER", "a\n5"), "COPY 1");
    assert_eq!(
        into(&mut world, "FROM STDIN", "6\tx\t1\n7\tx\n"),
        "22P04 missing data for column \"c\" (COPY t, line 2)"
    );
    assert_eq!(
        into(&mut world, "FROM STDIN", "6\tx\t1\nseven\tx\t1\n"),
        "22P02 invalid input syntax for type integer: \"seven\" (COPY t, line 2, column a: \"seven\")"
    );
    assert_eq!(
        into(&mut world, "FROM STDIN", "6\tx\t1\n6\tx\t1\n"),
        "23505 duplicate key value violates unique constraint \"t_pkey\" [Key (a)=(6) already exists.]"
    );
    for (header, expected) in [
        ("a,c", "column name mismatch in header line field 2: got \"c\", expected \"b\""),
        (
            "a,",
            "column name mismatch in header line field 2: got null value (\"\"), expected \"b\"",
        ),
        ("a", "wrong number of fields in header line: got 1, expected 2"),
        ("b,a,c", "wrong number of fields in header line: got 3, expected 2"),
    ] {
        assert_eq!(
            into(
                &mut world,
                "(a, b) FROM STDIN (FORMAT csv, HEADER match)",
                &format!("{header}\n")
            ),
            format!("22P04 {expected} (COPY t, line 1)")
        );
    }
    let got = world.run("SELECT * FROM t ORDER BY a; COPY t TO STDOUT (FORMAT csv, HEADER)");
    compare(
        &got,
        "1|x|1.5
         2|~|~
         3|p,q|2.5
         4|~|2.5
         5|~|2.5
         SELECT 5
         a,b,c
         1,x,1.5
         2,,
         3,\"p,q\",2.5
         4,,2.5
         5,,2.5
         COPY 5",
    );
}

#[test]
fn rows_copied_into_a_stream_stay_up_to_the_error() {
    let mut world = World::new();
    world.run("CREATE STREAM s (a int, b text)");
    let mut data: String = (0..20_000).map(|n| format!("{n}\tx\n")).collect();
    data.push_str("oops\tx\n");
    assert_eq!(
        copy(&mut world, "COPY s FROM STDIN", &data),
        "22P02 invalid input syntax for type integer: \"oops\" \
         [The first 16384 rows were committed and stay.] (COPY s, line 20001, column a: \"oops\")"
    );
    compare(&world.run("SELECT count(*) FROM s"), "16384\nSELECT 1");
}

#[test]
fn a_copy_in_a_block_is_part_of_it() {
    let mut world = World::new();
    world.run("CREATE TABLE t (a int); CREATE STREAM s (a int); BEGIN");
    assert_eq!(copy(&mut world, "COPY t FROM STDIN", "1\n2\n"), "COPY 2");
    assert_eq!(copy(&mut world, "COPY s FROM STDIN", "1\n"), "COPY 1");
    compare(
        &world.run(
            "SELECT count(*) FROM t; ROLLBACK; SELECT count(*) FROM t; SELECT count(*) FROM s",
        ),
        "2\nSELECT 1\nROLLBACK\n0\nSELECT 1\n0\nSELECT 1",
    );
}

#[test]
fn a_query_is_copied_out() {
    check(
        "CREATE TABLE t (a int, b text);
         INSERT INTO t VALUES (1, E'tab\\there'), (2, NULL);
         COPY (SELECT b, a FROM t ORDER BY a) TO STDOUT;
         COPY t (a) TO STDOUT WITH (FORMAT csv, FORCE_QUOTE *);
         COPY t TO STDOUT (FORMAT parquet);
         COPY nowhere TO STDOUT;",
        "CREATE TABLE
         INSERT 0 2
         tab\\there\t1
         \\N\t2
         COPY 2
         \"1\"
         \"2\"
         COPY 2
         22023 COPY format \"parquet\" not recognized
         42P01 relation \"nowhere\" does not exist",
    );
}
