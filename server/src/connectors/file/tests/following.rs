//! Files grow, are renamed, replaced, cut; each row comes once.
use std::fs;

use super::world::{CSV, TAIL, World};

#[test]
fn a_partial_last_line_waits_wherever_it_is_cut() {
    let text = "1,é\r\n2,\"x\n\"\"y\"\n3,z\n";
    for cut in 0..text.len() {
        let mut world = World::new();
        let (first, rest) = text.as_bytes().split_at(cut);
        world.write("a.csv", first);
        world.create("id int, name text", "a.csv", TAIL);
        world.state("waiting");
        if cut % 2 == 0 {
            world.restart();
        }
        world.append("a.csv", rest);
        world.rows("1,é 2,x\n\"y 3,z");
        assert_eq!(world.failures(), [""; 0], "cut at {cut}");
    }
}

#[test]
fn a_rotated_file_is_finished_before_its_successor() {
    let mut world = World::new();
    world.write("log", "1\n2\n");
    world.create("n int", "log", TAIL);
    world.rows("1 2");
    // Renamed, and written to once more by who has it open.
    world.rename("log", "log.1");
    world.append("log.1", "3\n");
    world.write("log", "4\n");
    world.append("log.1", "5");
    world.rows("1 2 3 5 4");
    // While nobody watches.
    world.append("log", "6\n");
    world.rows("1 2 3 5 4 6");
    world.stop();
    world.append("log", "7\n");
    world.rename("log", "log.2");
    world.write("log", "8\n");
    world.start();
    world.rows("1 2 3 5 4 6 7 8");
    world.append("log", "9\n");
    world.rows("1 2 3 5 4 6 7 8 9");
    world.restart();
    world.append("log", "10\n");
    world.rows("1 2 3 5 4 6 7 8 9 10");
}

#[test]
fn a_deleted_file_is_read_to_its_end_and_its_successor_from_its_start() {
    let world = World::new();
    world.write("log", "1\n");
    world.create("n int", "log", TAIL);
    world.rows("1");
    world.append("log", "2\n");
    world.remove("log");
    world.state("failing");
    world.rows("1 2");
    world.write("log", "1\n");
    world.rows("1 2 1");
    world.state("waiting");
}

#[test]
fn a_file_that_is_cut_or_written_anew_is_read_from_its_start() {
    let mut world = World::new();
    world.write("log", "1\n2\n3\n");
    world.create("n int", "log", TAIL);
    world.rows("1 2 3");
    // As by copytruncate: the same file, shorter.
    world.write_anew("log", b"4\n");
    world.rows("1 2 3 4");
    // And longer than it was, with other content.
    world.stop();
    world.write_anew("log", b"5\n6\n7\n8\n9\n");
    world.start();
    world.rows("1 2 3 4 5 6 7 8 9");
}

#[test]
fn a_copied_file_goes_on_where_it_was() {
    let mut world = World::new();
    world.write("log", "1\n2\n");
    world.create("n int", "log", TAIL);
    world.rows("1 2");
    world.stop();
    fs::copy(world.path("log"), world.path("copy")).unwrap();
    world.remove("log");
    world.rename("copy", "log");
    world.append("log", "3\n");
    world.start();
    world.rows("1 2 3");
    world.restart();
    world.append("log", "4\n");
    world.rows("1 2 3 4");
}

#[test]
fn files_of_a_pattern_come_in_the_order_of_their_names() {
    let mut world = World::new();
    world.write("b.csv", "3\n");
    world.write("a.csv", "1\n2\n");
    world.write(".hidden.csv", "0\n");
    world.write("c.txt", "0\n");
    world.create("n int", "*.csv", CSV);
    world.rows("1 2 3");
    world.write("aa.part", "4");
    world.rename("aa.part", "aa.csv");
    world.rows("1 2 3 4");
    world.restart();
    world.write("d.part", "5\n");
    world.rename("d.part", "d.csv");
    world.rows("1 2 3 4 5");
    world.rename("a.csv", "z.csv");
    world.restart();
    world.write("e.part", "6\n");
    world.rename("e.part", "e.csv");
    world.rows("1 2 3 4 5 6");
}

#[test]
fn a_pattern_follows_files_under_new_names() {
    let world = World::new();
    world.write("log", "1\n");
    world.create("n int", "log*", TAIL);
    world.rows("1");
    world.rename("log", "log.1");
    world.append("log.1", "2\n");
    world.write("log", "3\n");
    world.wait("SELECT n FROM s ORDER BY n", "1 2 3");
    world.append("log.1", "4\n");
    world.append("log", "5\n");
    world.wait("SELECT n FROM s ORDER BY n", "1 2 3 4 5");
}

#[test]
fn what_cannot_be_read_is_shown_and_tried_again() {
    let world = World::new();
    world.create("n int", "later.csv", CSV);
    world.state("could not open file");
    fs::create_dir(world.path("later.csv")).unwrap();
    world.state("is not a regular file");
    fs::remove_dir(world.path("later.csv")).unwrap();
    world.write("part", "1\n2\n");
    world.rename("part", "later.csv");
    world.rows("1 2");
    world.state("finished");
}

#[test]
fn a_dropped_source_reads_no_more() {
    let world = World::new();
    world.write("log", "1\n");
    world.create("n int", "log", TAIL);
    world.rows("1");
    assert_eq!(world.run("DROP SOURCE s"), "DROP SOURCE");
    assert_eq!(world.run("SHOW SOURCES"), "");
    world.append("log", "2\n");
    world.create("n int", "log", TAIL);
    world.rows("1 2");
}
