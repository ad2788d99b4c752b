//! The definition of a setting: its name, its default, which values it takes.
//!
//! Values are kept as the text that SHOW writes. Settings of PostgreSQL that have no
//! meaning here are not defined, save those that drivers and tools set when they connect.
use std::collections::HashMap;
use std::str::FromStr;
use std::sync::LazyLock;

use crate::{Error, Result};

/// A setting.
#[derive(Debug)]
pub struct Definition {
    /// Its name, in the case in which it is reported.
    pub name: &'static str,
    /// Its value in a new session.
    pub default: &'static str,
    /// Which values it takes.
    pub kind: Kind,
    /// Whether clients are told of each change.
    pub reported: bool,
    /// One line about it.
    pub description: &'static str,
}

/// Which values a setting takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Its default and nothing else.
    Fixed,
    /// on or off
    Bool,
    /// A whole number within bounds.
    Integer(i64, i64),
    /// Milliseconds from 0, written with units.
    Duration,
    /// Any text.
    Text,
    /// One of these.
    Choice(&'static [&'static str]),
    /// UTF8 under any of its names.
    Encoding,
    /// A zone's name, or an offset.
    TimeZone,
    /// An output style, an order of the parts of a date, or both.
    DateStyle,
    /// Names, with commas between.
    Names,
}

/// The isolation levels; all but the last give a snapshot.
pub const ISOLATION_LEVELS: &[&str] =
    &["serializable", "repeatable read", "read committed", "read uncommitted"];

const LEVELS: &[&str] = &[
    "debug5", "debug4", "debug3", "debug2", "debug1", "debug", "log", "notice", "warning", "error",
    "info", "fatal", "panic",
];

const fn fixed(name: &'static str, default: &'static str, description: &'static str) -> Definition {
    Definition { name, default, kind: Kind::Fixed, reported: false, description }
}

const fn reported(name: &'static str, default: &'static str, kind: Kind) -> Definition {
    Definition { name, default, kind, reported: true, description: "" }
}

const fn plain(name: &'static str, default: &'static str, kind: Kind) -> Definition {
    Definition { name, default, kind, reported: false, description: "" }
}

/// What `server_version` says: the PostgreSQL whose dialect is spoken.
pub const SERVER_VERSION: &str = "15.0";

/// All settings, by name without regard to case.
pub const DEFINITIONS: &[Definition] = &[
    reported("application_name", "", Kind::Text)
        .described("The name that the client gives itself."),
    plain("bytea_output", "hex", Kind::Choice(&["hex"])).described("How bytea is written."),
    reported("client_encoding", "UTF8", Kind::Encoding)
        .described("The client's character set; UTF8 only."),
    plain("client_min_messages", "notice", Kind::Choice(LEVELS))
        .described("Which messages are sent to the client."),
    reported("DateStyle", "ISO, MDY", Kind::DateStyle)
        .described("How dates are written, and how ambiguous ones are read."),
    plain("default_transaction_isolation", "read committed", Kind::Choice(ISOLATION_LEVELS))
        .described("The isolation level of new transactions."),
    reported("default_transaction_read_only", "off", Kind::Bool)
        .described("Whether new transactions refuse writes."),
    plain("extra_float_digits", "1", Kind::Integer(-15, 3))
        .described("Digits of floating-point numbers; above 0: as many as needed."),
    plain("idle_in_transaction_session_timeout", "0", Kind::Duration)
        .described("Time after which an idle block is ended; 0 is never."),
    fixed("in_hot_standby", "off", "Whether the server is a standby.").reporting(),
    fixed("integer_datetimes", "on", "Whether times are whole numbers.").reporting(),
    reported(
        "IntervalStyle",
        "postgres",
        Kind::Choice(&["postgres", "postgres_verbose", "sql_standard", "iso_8601"]),
    )
    .described("How intervals are written."),
    fixed("is_superuser", "on", "Whether the user may do everything.").reporting(),
    fixed("lc_collate", "C", "The order of text."),
    fixed("lc_ctype", "C", "The classes of characters."),
    plain("lock_timeout", "0", Kind::Duration).described("No statement waits for a lock here."),
    fixed("max_identifier_length", "63", "The longest name, in bytes."),
    plain("search_path", "\"$user\", public", Kind::Names)
        .described("Where names without a schema are looked for."),
    fixed("server_encoding", "UTF8", "The server's character set.").reporting(),
    fixed("server_version", SERVER_VERSION, "The PostgreSQL whose dialect is spoken.").reporting(),
    fixed("server_version_num", "150000", "The same as a number."),
    plain("session_authorization", "", Kind::Text).described("The session's user.").reporting(),
    reported("standard_conforming_strings", "on", Kind::Choice(&["on"]))
        .described("Whether backslashes in '…' are plain characters."),
    plain("statement_timeout", "0", Kind::Duration)
        .described("Time after which a statement is cancelled; 0 is never."),
    reported("TimeZone", "UTC", Kind::TimeZone)
        .described("The zone in which timestamptz is written and read."),
    plain("transaction_isolation", "read committed", Kind::Choice(ISOLATION_LEVELS))
        .described("The isolation level of the current transaction."),
    plain("transaction_read_only", "off", Kind::Bool)
        .described("Whether the current transaction refuses writes."),
    plain("row_security", "on", Kind::Bool).described("No relation has row policies."),
    plain("synchronous_commit", "on", Kind::Choice(&["on"]))
        .described("Acknowledged is durable: a relaxed mode does not exist."),
    plain("check_function_bodies", "on", Kind::Bool).described("There are no function bodies."),
    plain("default_table_access_method", "heap", Kind::Choice(&["heap"]))
        .described("Known to PostgreSQL's tools only."),
    plain("default_tablespace", "", Kind::Choice(&[""]))
        .described("Known to PostgreSQL's tools only."),
    plain("xmloption", "content", Kind::Choice(&["content", "document"]))
        .described("Known to PostgreSQL's tools only."),
    plain("jit", "off", Kind::Bool).described("Known to PostgreSQL's tools only."),
    plain("geqo", "on", Kind::Bool).described("Known to PostgreSQL's tools only."),
    plain("work_mem", "4MB", Kind::Text).described("Known to PostgreSQL's tools only."),
];

/// By the name as it is reported, which is how the program itself asks.
static BY_NAME: LazyLock<HashMap<&'static str, &'static Definition>> =
    LazyLock::new(|| DEFINITIONS.iter().map(|known| (known.name, known)).collect());

impl Definition {
    const fn described(self, description: &'static str) -> Self {
        Self { description, ..self }
    }

    const fn reporting(self) -> Self {
        Self { reported: true, ..self }
    }

    /// The setting of this name, in whatever case.
    pub fn find(name: &str) -> Option<&'static Definition> {
        let exact = BY_NAME.get(name).copied();
        exact.or_else(|| DEFINITIONS.iter().find(|known| known.name.eq_ignore_ascii_case(name)))
    }

    /// The value as SHOW writes it, or 22023 where the setting does not take it and 55P02
    /// where it cannot be changed.
    pub fn check(&self, value: &str) -> Result<String> {
        let refused = || {
            let message = format!("invalid value for parameter \"{}\": \"{value}\"", self.name);
            Error::new("22023", message)
        };
        let lower = value.trim().to_ascii_lowercase();
        match self.kind {
            Kind::Fixed if value == self.default => Ok(value.to_owned()),
            Kind::Fixed => {
                let message = format!("parameter \"{}\" cannot be changed", self.name);
                Err(Error::new("55P02", message))
            }
            Kind::Bool => match boolean(&lower) {
                Some(true) => Ok("on".to_owned()),
                Some(false) => Ok("off".to_owned()),
                None => Err(Error::new(
                    "22023",
                    format!("parameter \"{}\" requires a Boolean value", self.name),
                )),
            },
            Kind::Integer(least, most) => {
                let number = i64::from_str(lower.as_str()).map_err(|_| refused())?;
                if number < least || number > most {
                    let name = self.name;
                    let message = format!(
                        "{number} is outside the valid range for parameter \"{name}\" \
                         ({least} .. {most})"
                    );
                    return Err(Error::new("22023", message));
                }
                Ok(number.to_string())
            }
            Kind::Duration => duration(&lower).map(written).ok_or_else(refused),
            Kind::Text | Kind::Names => Ok(value.to_owned()),
            Kind::Choice(choices) => choice(&lower, choices).ok_or_else(|| {
                refused().with_hint(format!("Available values: {}.", choices.join(", ")))
            }),
            Kind::Encoding => match lower.replace(['-', '_'], "").as_str() {
                "utf8" | "unicode" => Ok("UTF8".to_owned()),
                "sqlascii" => Ok("SQL_ASCII".to_owned()),
                _ => Err(refused().with_hint("The only client encoding is UTF8.")),
            },
            Kind::TimeZone => zone(value.trim()).ok_or_else(refused),
            Kind::DateStyle => date_style(&lower).ok_or_else(refused),
        }
    }
}

fn boolean(lower: &str) -> Option<bool> {
    match lower {
        "on" | "true" | "yes" | "1" | "t" | "y" => Some(true),
        "off" | "false" | "no" | "0" | "f" | "n" => Some(false),
        _ => None,
    }
}

fn choice(lower: &str, choices: &[&str]) -> Option<String> {
    let same = |choice: &&&str| {
        choice.eq_ignore_ascii_case(lower) || (**choice == "on" && boolean(lower) == Some(true))
    };
    choices.iter().find(same).map(|choice| (*choice).to_owned())
}

/// Milliseconds of `250`, `5s`, `2 min`.
pub(crate) fn duration(lower: &str) -> Option<u64> {
    let end = lower.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(lower.len());
    let (number, unit) = lower.split_at_checked(end)?;
    let number = f64::from_str(number).ok()?;
    let scale = match unit.trim() {
        "us" => 0.001,
        "" | "ms" => 1.0,
        "s" => 1e3,
        "min" => 6e4,
        "h" => 3.6e6,
        "d" => 8.64e7,
        _ => return None,
    };
    let millis = (number * scale).round();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded before")]
    let whole = (0.0..=f64::from(i32::MAX)).contains(&millis).then_some(millis as u64);
    whole
}

fn written(millis: u64) -> String {
    let units = [("d", 86_400_000), ("h", 3_600_000), ("min", 60_000), ("s", 1_000)];
    if millis == 0 {
        return "0".to_owned();
    }
    match units.iter().find(|(_, scale)| millis.is_multiple_of(*scale)) {
        Some((unit, scale)) => format!("{}{unit}", millis / scale),
        None => format!("{millis}ms"),
    }
}

fn zone(name: &str) -> Option<String> {
    if let Some(zone) = named_zone(name) {
        return Some(zone);
    }
    let hours = f64::from_str(name).ok()?;
    if hours.abs() > 15.0 {
        return None;
    }
    let minutes = (hours * 60.0).round().abs();
    let (sign, reverse) = if hours < 0.0 { ('-', '+') } else { ('+', '-') };
    let (whole, rest) = ((minutes / 60.0).floor(), minutes % 60.0);
    let size = if rest == 0.0 { format!("{whole:02}") } else { format!("{whole:02}:{rest:02}") };
    Some(format!("<{sign}{size}>{reverse}{size}"))
}

fn named_zone(name: &str) -> Option<String> {
    if name.eq_ignore_ascii_case("local") || name.eq_ignore_ascii_case("default") {
        return Some("UTC".to_owned());
    }
    let same = |zone: &&chrono_tz::Tz| zone.name().eq_ignore_ascii_case(name);
    chrono_tz::TZ_VARIANTS.iter().find(same).map(|zone| zone.name().to_owned())
}

fn date_style(lower: &str) -> Option<String> {
    let mut order = "MDY";
    for part in lower.split(',').map(str::trim) {
        match part {
            "iso" | "default" => {}
            "mdy" | "us" | "noneuro" | "noneuropean" => order = "MDY",
            "dmy" | "euro" | "european" => order = "DMY",
            "ymd" => order = "YMD",
            _ => return None,
        }
    }
    Some(format!("ISO, {order}"))
}

#[cfg(test)]
mod tests {
    use super::Definition;

    fn check(name: &str, value: &str, expected: &str) {
        let definition = Definition::find(name).expect("a setting");
        let got = definition.check(value).unwrap_or_else(|error| error.code().to_owned());
        assert_eq!(got, expected, "SET {name} = {value}");
    }

    #[test]
    fn values_are_written_as_postgresql_writes_them() {
        check("statement_timeout", "5000", "5s");
        check("statement_timeout", "1500", "1500ms");
        check("statement_timeout", "2 min", "2min");
        check("STATEMENT_TIMEOUT", "-1", "22023");
        check("datestyle", "ISO", "ISO, MDY");
        check("DateStyle", "iso, dmy", "ISO, DMY");
        check("DateStyle", "SQL", "22023");
        check("timezone", "europe/berlin", "Europe/Berlin");
        check("timezone", "utc", "UTC");
        check("timezone", "-3.5", "<-03:30>+03:30");
        check("timezone", "Mars/Olympus", "22023");
        check("client_encoding", "utf-8", "UTF8");
        check("client_encoding", "latin1", "22023");
        check("standard_conforming_strings", "true", "on");
        check("standard_conforming_strings", "off", "22023");
        check("extra_float_digits", "3", "3");
        check("extra_float_digits", "4", "22023");
        check("default_transaction_read_only", "1", "on");
        check("server_version", "16", "55P02");
    }
}
