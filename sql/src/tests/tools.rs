//! Queries of real tools over the catalog: none of them may fail.
use super::harness::World;

const MADE: &str = "CREATE STREAM events (k int, v numeric(10,2) DEFAULT 0.5);
    CREATE TABLE t (a int PRIMARY KEY, b text NOT NULL, UNIQUE (b));
    CREATE CONTINUOUS VIEW sums AS SELECT k, sum(v) AS s FROM events GROUP BY k;
    CREATE VIEW plain AS SELECT a FROM t;";

#[test]
fn what_tools_ask_is_answered() {
    let mut world = World::new();
    world.run(MADE);
    let mut failed = vec![];
    let mut asked = 0;
    for query in include_str!("tools.sql").trim_end().trim_end_matches(';').split(";\n") {
        let got = world.run(query);
        let last = got.lines().last().unwrap_or_default();
        if !last.starts_with("SELECT ") {
            failed.push(format!("{last}\n{query}"));
        }
        asked += 1;
    }
    assert!(failed.is_empty(), "{}", failed.join("\n\n"));
    assert!(asked > 20);
}

#[test]
fn a_key_is_found_by_its_columns() {
    let mut world = World::new();
    world.run(MADE);
    let query = include_str!("tools.sql").split("-- Rails: columns, primary keys").nth(1);
    let query = query.and_then(|rest| rest.split(";\n").nth(1)).expect("the second query");
    assert_eq!(world.run(query), "a\nSELECT 1\n");
}
