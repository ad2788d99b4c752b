//! psql's backslash commands, each with the output that a person is to see.
//!
//! `psql.txt` holds them: `=== command`, then what psql prints. `UPDATE_EXPECT=1` writes it
//! anew. Commands that show sizes are unaligned, their sizes `#`. Another psql than the one
//! that the file was written with may print otherwise; then only errors count.
use std::fmt::Write;
use std::process::Command;

use tidemill_tests::{Server, root};

use crate::{is_installed, server};

/// The major version of the psql that wrote the expected texts.
const PSQL: &str = "15.";

const SETUP: &str = "
CREATE STREAM orders (customer int, item text, price numeric(10,2) DEFAULT 1.5, at timestamptz);
CREATE TABLE customers (
  id int PRIMARY KEY, name text NOT NULL, city varchar(20) DEFAULT 'x', UNIQUE (name, city));
CREATE INDEX customers_city ON customers (city);
CREATE VIEW cheap AS SELECT * FROM orders WHERE price < 5;
CREATE CONTINUOUS VIEW revenue AS
  SELECT c.city, count(*) AS orders, sum(o.price) AS revenue
  FROM orders o JOIN customers c ON c.id = o.customer GROUP BY c.city;
CREATE CONTINUOUS VIEW shares AS SELECT item, 10 / customer AS share FROM orders;
CREATE SCHEMA sales;
CREATE TABLE sales.\"Big deals\" (a int, b bigint[], c jsonb);
INSERT INTO customers VALUES (1, 'Ada', 'London'), (2, 'Blaise', 'Paris');
INSERT INTO orders VALUES (1, 'lamp', 30, NULL), (0, 'ink', 4.5, NULL);
";

#[test]
fn backslash_commands_show_what_there_is() {
    if !is_installed("psql", "--version") {
        return;
    }
    let server = server("psql");
    let setup = psql(&server, &["-q", "-v", "ON_ERROR_STOP=1", "-c", SETUP]);
    assert_eq!(setup, "", "the set-up");
    let path = root().join("tests/clients/psql.txt");
    let expected = std::fs::read_to_string(&path).expect("tests/clients/psql.txt");
    let mut got = String::new();
    let mut failed = vec![];
    for command in expected.lines().filter_map(|line| line.strip_prefix("=== ")) {
        let printed = run(&server, command);
        if printed.contains("ERROR") || printed.contains("FATAL") {
            failed.push(format!("{command}\n{printed}"));
        }
        writeln!(got, "=== {command}\n{}", printed.trim_end()).expect("a string takes it");
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(&path, got).expect("tests/clients/psql.txt can be written");
        return;
    }
    if !version().contains(PSQL) {
        eprintln!("psql is not {PSQL}x: its commands ran, their output was not compared");
        return;
    }
    for (got, expected) in sections(&got).zip(sections(&expected)) {
        assert_eq!(got.trim_end(), expected.trim_end(), "UPDATE_EXPECT=1 takes it over");
    }
}

fn sections(text: &str) -> impl Iterator<Item = &str> {
    text.split("=== ").skip(1)
}

/// What a command prints; those with sizes unaligned, sizes as `#`.
fn run(server: &Server, command: &str) -> String {
    if let Some(command) = command.strip_prefix("unaligned ") {
        return without_sizes(&psql(server, &["-A", "-c", command]));
    }
    let printed = psql(server, &["-c", command]);
    printed.replace(&format!("\"{}\"", server.port), "\"PORT\"")
}

fn without_sizes(text: &str) -> String {
    let is_size = |cell: &str| {
        let mut words = cell.split(' ');
        let number = words.next().is_some_and(|word| word.parse::<u64>().is_ok());
        number && matches!(words.next(), Some("bytes" | "kB" | "MB"))
    };
    let line = |line: &str| {
        let cells = line.split('|').map(|cell| if is_size(cell) { "#" } else { cell });
        cells.collect::<Vec<_>>().join("|")
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

fn psql(server: &Server, arguments: &[&str]) -> String {
    let output = Command::new("psql")
        .args(["-X", "-h", "127.0.0.1", "-U", "ada", "-d", "tidemill", "-p"])
        .arg(server.port.to_string())
        .args(arguments)
        .env("PGCLIENTENCODING", "UTF8")
        .env("LC_ALL", "C.UTF-8")
        .env_remove("PAGER")
        .output()
        .expect("psql runs");
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    let said = String::from_utf8_lossy(&output.stderr);
    let trimmed: Vec<&str> = printed.lines().map(str::trim_end).collect();
    format!("{}{said}", trimmed.iter().map(|line| format!("{line}\n")).collect::<String>())
}

fn version() -> String {
    let output = Command::new("psql").arg("--version").output().expect("psql runs");
    String::from_utf8_lossy(&output.stdout).into_owned()
}
