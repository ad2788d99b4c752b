//! A new file of records from plain SQL: what PostgreSQL answers is what is expected.
//!
//! Paragraphs are statements; lines that begin with `#` stay. A paragraph behind a line
//! `skipif postgres` is ours alone, and expects what we answer: read it before you keep it.
use std::fmt::Write;

use crate::answer::{Answer, Failure};
use crate::in_process::{Local, World};
use crate::wire::{Remote, Site};

/// The records of `text`, as PostgreSQL at `site` answers them.
pub fn draft(text: &str, site: &Site) -> Result<String, Failure> {
    let world = World::new();
    let mut stage = Stage { ours: world.session(), postgres: site.connect()? };
    let mut out = String::new();
    for paragraph in text.split("\n\n") {
        let (notes, sql): (Vec<&str>, Vec<&str>) =
            paragraph.lines().filter(|line| !line.is_empty()).partition(|line| is_note(line));
        notes.iter().for_each(|note| writeln!(out, "{note}").unwrap());
        let sql = sql.join("\n");
        let sql = sql.trim_end().trim_end_matches(';');
        if sql.is_empty() {
            out.push('\n');
            continue;
        }
        let ours_alone = notes.contains(&"skipif postgres");
        let theirs_alone = notes.contains(&"onlyif postgres");
        out.push_str(&stage.record(sql, ours_alone, theirs_alone));
        out.push('\n');
    }
    Ok(out)
}

fn is_note(line: &str) -> bool {
    line.starts_with('#') || line.starts_with("skipif ") || line.starts_with("onlyif ")
}

struct Stage {
    ours: Local,
    postgres: Remote,
}

impl Stage {
    fn record(&mut self, sql: &str, ours_alone: bool, theirs_alone: bool) -> String {
        if ours_alone {
            let ours = self.ours.answer(sql);
            return written(sql, &ours, None);
        }
        let theirs = self.postgres.answer(sql).map(|answer| match answer {
            Answer::Rows(letters, rows) => {
                Answer::Rows(self.postgres.describe(sql).unwrap_or(letters), rows)
            }
            answer => answer,
        });
        if theirs_alone {
            return written(sql, &theirs, None);
        }
        match (self.ours.answer(sql), &theirs) {
            (Err(ours), Ok(_)) if ours.code == "0A000" => format!(
                "onlyif postgres\n{}\nskipif postgres\nstatement error (0A000)\n{sql}\n",
                written(sql, &theirs, None),
            ),
            (ours, theirs) => written(sql, theirs, ours.as_ref().err()),
        }
    }
}

/// One record; an error whose words are ours is expected by its SQLSTATE.
fn written(sql: &str, answer: &Result<Answer, Failure>, ours: Option<&Failure>) -> String {
    match answer {
        Err(failure) => match ours {
            Some(ours) if ours.code == failure.code && ours.message != failure.message => {
                format!("# ours: {}\nstatement error ({})\n{sql}\n", ours.message, failure.code)
            }
            _ => format!("statement error ^{}$\n{sql}\n", escaped(&failure.to_string())),
        },
        Ok(Answer::Count(0)) => format!("statement ok\n{sql}\n"),
        Ok(Answer::Count(count)) => format!("statement count {count}\n{sql}\n"),
        // A `query` line has one letter at least.
        Ok(Answer::Rows(types, rows)) if types.is_empty() => {
            format!("statement count {}\n{sql}\n", rows.len())
        }
        Ok(Answer::Rows(types, rows)) => {
            let letters: String = types.iter().map(|letter| letter.0).collect();
            let is_ordered = is_ordered(sql) || rows.len() < 2;
            let (sort, mut rows) = (if is_ordered { "" } else { " rowsort" }, rows.clone());
            if !is_ordered {
                rows.sort_unstable();
            }
            let lines: String = rows.iter().map(|row| format!("{row}\n")).collect();
            format!("query {letters}{sort}\n{sql}\n----\n{lines}")
        }
    }
}

/// Whether the whole of a query has an order, not only what is in its parentheses.
fn is_ordered(sql: &str) -> bool {
    let mut depth = 0;
    let outside: String = sql
        .to_lowercase()
        .chars()
        .filter(|letter| {
            depth += i32::from(*letter == '(') - i32::from(*letter == ')');
            depth == 0
        })
        .collect();
    outside.contains("order by")
}

/// A text as a regular expression.
fn escaped(text: &str) -> String {
    let first = text.lines().next().unwrap_or_default();
    let mut out = String::new();
    for letter in first.chars() {
        if r"\.+*?()|[]{}^$".contains(letter) {
            out.push('\\');
        }
        out.push(letter);
    }
    out
}
