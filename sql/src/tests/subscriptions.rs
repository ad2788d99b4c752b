//! SUBSCRIBE through what becomes of a relation.
use futures::executor::block_on;

use super::harness::{World, write_rows};
use crate::statement::subscribe::Changes;
use crate::{Response, Result, Session};

fn subscribe(world: &mut World, text: &str) -> Result<Changes> {
    let parsed = Session::parse(text).unwrap().remove(0);
    match block_on(world.session("b").run(&parsed))? {
        Response::Subscribe(changes) => Ok(changes),
        _ => panic!("no subscription"),
    }
}

/// The next changes, and the tick they are of.
fn next(changes: &mut Changes) -> Result<(i64, String)> {
    let columns = changes.columns().clone();
    let batch = block_on(changes.next())?.expect("changes have no end");
    let mut out = String::new();
    write_rows(&columns, &batch, &mut out);
    let tick = out.split('|').next().and_then(|tick| tick.parse().ok()).unwrap();
    Ok((tick, out.replace(&format!("{tick}|"), "")))
}

#[test]
fn a_subscriber_goes_on_after_the_tick_it_has_seen() {
    let mut world = World::new();
    world.run("CREATE TABLE t (a int PRIMARY KEY, b int); INSERT INTO t VALUES (1, 1);");
    let mut changes = subscribe(&mut world, "SUBSCRIBE TO t").unwrap();
    let (tick, rows) = next(&mut changes).unwrap();
    assert_eq!(rows, "1|1|1\n");
    drop(changes);
    world.run("INSERT INTO t VALUES (2, 2); DELETE FROM t WHERE a = 1;");
    let mut changes = subscribe(&mut world, &format!("SUBSCRIBE TO t AS OF {tick}")).unwrap();
    let (later, rows) = next(&mut changes).unwrap();
    assert_eq!((later, rows.as_str()), (tick + 1, "1|2|2\n"));
    assert_eq!(next(&mut changes).unwrap().1, "-1|1|1\n");
    let ahead = subscribe(&mut world, "SUBSCRIBE TO t AS OF 1000").map(drop).unwrap_err();
    assert_eq!(ahead.message(), "that tick has not been reached");
}

#[test]
fn who_saw_the_relation_before_it_was_made_anew_begins_again() {
    let views = "CREATE OR REPLACE CONTINUOUS VIEW v AS SELECT a + 100 AS a FROM t;";
    let dropped = "DROP CONTINUOUS VIEW v; CREATE CONTINUOUS VIEW v AS SELECT a + 1 AS a FROM t;";
    for anew in [views, dropped] {
        let mut world = World::new();
        world.run("CREATE TABLE t (a int PRIMARY KEY); INSERT INTO t VALUES (1);");
        world.run("CREATE CONTINUOUS VIEW v AS SELECT a FROM t;");
        let mut changes = subscribe(&mut world, "SUBSCRIBE TO v").unwrap();
        let (tick, _) = next(&mut changes).unwrap();
        world.run(anew);
        let ended = next(&mut changes).unwrap_err();
        assert_eq!((ended.code(), ended.message()), ("55000", "the relation was dropped"));
        let early = format!("SUBSCRIBE TO v AS OF {tick}");
        let early = subscribe(&mut world, &early).map(drop).unwrap_err();
        assert_eq!(early.code(), "22023");
        assert_eq!(early.message(), "the relation is younger than that tick");
        let mut fresh = subscribe(&mut world, "SUBSCRIBE TO v").unwrap();
        let (tick, _) = next(&mut fresh).unwrap();
        let mut again = subscribe(&mut world, &format!("SUBSCRIBE TO v AS OF {tick}")).unwrap();
        world.run("INSERT INTO t VALUES (7);");
        assert_eq!(next(&mut fresh).unwrap(), next(&mut again).unwrap());
    }
}
