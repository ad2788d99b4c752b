//! What stands in files becomes rows, or shows why not.
use super::world::{CSV, TAIL, World};

#[test]
fn a_file_is_read_whole_and_once() {
    let mut world = World::new();
    world.write("a.csv", "id,name\n1,Ada\n2,\"Blaise\nPascal\"\n3,");
    world.create("id int, name text", "a.csv", "format = 'csv', header = true");
    world.rows("1,Ada 2,Blaise\nPascal 3,");
    world.state("finished");
    let from = world.path("a.csv").display().to_string();
    world.wait("SELECT DISTINCT _source FROM s", &from);
    world.append("a.csv", "\n4,late\n");
    world.restart();
    world.state("finished");
    world.rows("1,Ada 2,Blaise\nPascal 3,");
    world.remove("a.csv");
    world.restart();
    world.rows("1,Ada 2,Blaise\nPascal 3,");
}

#[test]
fn columns_are_found_by_the_names_in_the_header() {
    let mut world = World::new();
    let with = "format = 'csv', header = true, follow = true";
    world.write("a1.csv", "\u{feff}Name, ID ,more\nAda,1,x\n\"Bla\nise\",2,\"y,z\"\n");
    world.write("a2.csv", "id,name\n3,Carl\n");
    world.create("id int NOT NULL, name text, \"more\" text", "a1.csv", with);
    world.rows("1,Ada,x 2,Bla\nise,y,z");
    // Where it goes on, the header is not what is read.
    world.append("a1.csv", "Dora,4,\n");
    world.rows("1,Ada,x 2,Bla\nise,y,z 4,Dora,");
    world.restart();
    world.append("a1.csv", "Emil,5\nx,Fanny,\nFanny,6,z\n");
    world.rows("1,Ada,x 2,Bla\nise,y,z 4,Dora, 6,Fanny,z");
    let expected = [
        "22P02 x,Fanny, a1.csv, line 7, byte 59, column id",
        "22P04 Emil,5 a1.csv, line 6, byte 52",
    ];
    assert_eq!(world.failures(), expected);
    // A file written anew may have another order.
    world.write_anew("a1.csv", b"more,extra,id,name\nm,e,7,Gauss\n");
    world.wait("SELECT id, name, more FROM s WHERE id = 7", "7,Gauss,m");
    world.run("DROP SOURCE s");
    world.create("id int, name text", "a*.csv", with);
    world.rows("7,Gauss 3,Carl");
}

#[test]
fn a_header_that_lacks_a_column_is_told_and_nothing_is_read() {
    let world = World::new();
    world.write("a.csv", "id,nam\n1,Ada\n");
    world.create("id int, name text", "a.csv", "format = 'csv', header = true");
    world.state("failing");
    let told = world.run("SHOW SOURCES");
    assert!(told.contains("names no column \"name\": it is id, nam"), "{told}");
    assert!(world.failures().is_empty());
    world.write("a.csv", "id,Name,name\n1,Ada,ada\n");
    world.rows("1,ada");
    world.run("DROP SOURCE s");
    world.write("b.csv", "id,NAME,Name\n1,Ada,ada\n");
    world.create("id int, name text", "b.csv", "format = 'csv', header = true");
    world.state("failing");
    assert!(world.run("SHOW SOURCES").contains("names more than one column \"name\""));
}

#[test]
fn values_are_read_as_their_types_say() {
    let world = World::new();
    world.write("a.csv", "1;2.50;t;2013-01-02 03:04:05;NA;'x;y'\n");
    world.create(
        "i bigint, n numeric(10,2), b boolean, t timestamp, f float8, s text",
        "a.csv",
        "format = 'csv', delimiter = ';', quote = '''', null = 'NA'",
    );
    let query = "SELECT i + 1, n * 2, NOT b, t - '2013-01-02', f IS NULL, s FROM s";
    world.wait(query, "2,5.00,false,3 hours 4 mins 5.000000000 secs,true,x;y");
}

#[test]
fn lines_of_json_are_read_by_name() {
    let world = World::new();
    let text = r#"{"id": 1, "Price": 12345678901234567890.12, "tags": ["a", null]}

{"other": {"id": 9}, "about": {"k": [1, 2]}, "id": 2}
{"id": null}
[1]
{"id": "x"}
{"id": 3"#;
    world.write("a.json", text);
    let columns = "id int NOT NULL, price numeric(38,2), tags text[], about jsonb";
    world.create(columns, "a.json", "format = 'json'");
    world.state("finished");
    world.wait(
        "SELECT id, price, array_length(tags, 1), about FROM s ORDER BY _position",
        r#"1,12345678901234567890.12,2, 2,,,{"k": [1, 2]}"#,
    );
    assert_eq!(
        world.failures(),
        [
            "22P02 [1] a.json, line 5, byte 133",
            r#"22P02 {"id": "x"} a.json, line 6, byte 137, column id"#,
            r#"22P02 {"id": 3 a.json, line 7, byte 149"#,
            r#"23502 {"id": null} a.json, line 4, byte 120, column id"#,
        ]
    );
}

#[test]
fn a_wrong_row_goes_to_the_error_relation_and_stays_there() {
    let mut world = World::new();
    world.write("a.csv", b"1,a\nx,b\n2\n3,c,d\n4,\xff\n,e\n5,f\n99999999999,g");
    world.create("id int NOT NULL, name text", "a.csv", CSV);
    let expected = [
        "22003 99999999999,g a.csv, line 8, byte 27, column id",
        "22021 4,\\xff a.csv, line 5, byte 16",
        "22P02 x,b a.csv, line 2, byte 4, column id",
        "22P04 2 a.csv, line 3, byte 8",
        "22P04 3,c,d a.csv, line 4, byte 10",
        "23502 ,e a.csv, line 6, byte 20, column id",
    ];
    world.state("finished");
    world.rows("1,a 5,f");
    assert_eq!(world.failures(), expected);
    assert!(world.run("SHOW SOURCES").contains(",2,6,"), "{}", world.run("SHOW SOURCES"));
    world.restart();
    assert_eq!(world.failures(), expected);
    world.database().engine().checkpoint().unwrap();
    world.restart();
    assert_eq!(world.failures(), expected);
    world.rows("1,a 5,f");
    assert_eq!(world.run("DROP SOURCE s"), "DROP SOURCE");
    assert_eq!(world.failures(), [""; 0]);
    world.restart();
    assert_eq!(world.failures(), [""; 0]);
}

#[test]
fn views_follow_a_source() {
    let mut world = World::new();
    let numbers = |from: u64, to: u64| -> String {
        (from..to).map(|n| format!("{n},{}\n", n % 10)).collect()
    };
    world.write("a.csv", numbers(0, 100_000));
    world.create("n int, d int", "a.csv", TAIL);
    let view = "CREATE CONTINUOUS VIEW v AS SELECT d, count(*) AS c, sum(n) AS t FROM s GROUP BY d";
    assert!(world.run(view).starts_with("CREATE"));
    world.append("a.csv", numbers(100_000, 150_000));
    let all = "SELECT sum(c), sum(t) FROM v";
    let total: u64 = (0..150_000).sum();
    world.wait(all, &format!("150000,{total}"));
    world.restart();
    world.append("a.csv", numbers(150_000, 150_001));
    world.wait(all, &format!("150001,{}", total + 150_000));
}

#[test]
fn wrong_options_are_refused_when_the_source_is_made() {
    let world = World::new();
    let create = |with: &str| world.run(&format!("CREATE SOURCE s (n int) WITH ({with})"));
    assert_eq!(create("connector = 'file', path = 'a.csv', format = 'csv'"), "22023");
    assert_eq!(create("connector = 'file', path = '/a.csv'"), "22023");
    assert_eq!(create("connector = 'file', path = '/a.csv', format = 'xml'"), "22023");
    assert_eq!(create("connector = 'file', path = '/a', format = 'json', quote = 'x'"), "22023");
    assert_eq!(create("connector = 'file', path = '/a', format = 'csv', quote = ','"), "22023");
    assert_eq!(create("connector = 'file', path = '/a', format = 'csv', header = match"), "22023");
    let default = "CREATE SOURCE s (n int DEFAULT 1) WITH (connector = 'file', path = '/a', \
                   format = 'csv')";
    assert_eq!(world.run(default), "0A000");
    world.create("n int", "none.csv", CSV);
    assert_eq!(world.run("INSERT INTO s VALUES (1)"), "42809");
}

#[test]
fn a_compressed_file_is_named_instead_of_read() {
    let world = World::new();
    world.write("a.csv.gz", b"\x1f\x8b\x08\x00\x00rubbish\n");
    world.create("id int, name text", "a.csv.gz", "format = 'csv'");
    world.state("failing");
    assert!(world.run("SHOW SOURCES").contains("is compressed by gzip"));
    assert!(world.failures().is_empty());
    // Written anew in plain text, it is read.
    world.write("a.csv.gz", "1,Ada\n");
    world.rows("1,Ada");
}
