//! The values of all settings in one session.
//!
//! SET LOCAL lies over SET, which lies over the session's start. What ROLLBACK takes
//! back is the caller's affair: clones share their values until one of them changes. What
//! nearly every statement asks is read when they change.
use std::collections::BTreeMap;
use std::sync::Arc;

use super::definition::duration;
use super::{DEFINITIONS, Definition, Kind};
use crate::types::Zone;
use crate::{Error, Result};

/// Values of settings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings(Arc<Held>);

/// The values, and what was read of them.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Held {
    values: Values,
    often: Often,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Values {
    /// What the session began with, where it is not the default.
    start: BTreeMap<&'static str, String>,
    /// By SET.
    set: BTreeMap<&'static str, String>,
    /// By SET LOCAL, until the transaction ends.
    local: BTreeMap<&'static str, String>,
}

/// What nearly every statement asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Often {
    zone: Zone,
    statement_timeout_ms: Option<u64>,
    idle_in_transaction_timeout_ms: Option<u64>,
    begins_read_committed: bool,
}

/// Until when a setting holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Span {
    /// RESET returns to it.
    Start,
    /// The end of the session.
    Session,
    /// The end of the transaction.
    Local,
}

/// Settings that decide what a statement means: they are kept beside a definition's text.
pub const MEANING: [&str; 4] = ["search_path", "TimeZone", "DateStyle", "IntervalStyle"];

impl Default for Held {
    fn default() -> Self {
        let values = Values::default();
        Self { often: Often::of(&values), values }
    }
}

impl Values {
    /// The value of a setting that is known to exist.
    fn of(&self, definition: &'static Definition) -> &str {
        let name = definition.name;
        let given = self.local.get(name).or(self.set.get(name)).or(self.start.get(name));
        given.map_or(definition.default, String::as_str)
    }
}

impl Often {
    fn of(values: &Values) -> Self {
        let text = |name| Definition::find(name).map_or("", |found| values.of(found));
        let limit = |name| duration(text(name)).filter(|millis| *millis > 0);
        Self {
            zone: Zone::parse(text("TimeZone")).unwrap_or_default(),
            statement_timeout_ms: limit("statement_timeout"),
            idle_in_transaction_timeout_ms: limit("idle_in_transaction_session_timeout"),
            begins_read_committed: text("default_transaction_isolation") == "read committed",
        }
    }
}

impl Settings {
    /// The value of a setting; 42704 where there is none of this name.
    pub fn get(&self, name: &str) -> Result<&str> {
        let definition = Definition::find(name).ok_or_else(|| unknown(name))?;
        Ok(self.0.values.of(definition))
    }

    /// Whether nothing has changed since one of the two was cloned from the other.
    pub fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    fn change(&mut self, make: impl FnOnce(&mut Values)) {
        let held = Arc::make_mut(&mut self.0);
        make(&mut held.values);
        held.often = Often::of(&held.values);
    }

    /// Sets a value; 42704, 22023 or 55P02 where that cannot be.
    pub fn set(&mut self, name: &str, value: &str, span: Span) -> Result<()> {
        let definition = Definition::find(name).ok_or_else(|| unknown(name))?;
        let value = definition.check(value)?;
        self.change(|values| {
            let there = match span {
                Span::Start => &mut values.start,
                Span::Local => &mut values.local,
                Span::Session => {
                    values.local.remove(definition.name);
                    &mut values.set
                }
            };
            there.insert(definition.name, value);
        });
        Ok(())
    }

    /// Returns a setting to what the session began with.
    pub fn reset(&mut self, name: &str) -> Result<()> {
        let definition = Definition::find(name).ok_or_else(|| unknown(name))?;
        if definition.kind == Kind::Fixed {
            let message = format!("parameter \"{}\" cannot be changed", definition.name);
            return Err(Error::new("55P02", message));
        }
        self.change(|values| {
            values.set.remove(definition.name);
            values.local.remove(definition.name);
        });
        Ok(())
    }

    /// Returns all settings to what the session began with.
    pub fn reset_all(&mut self) {
        self.change(|values| {
            values.set.clear();
            values.local.clear();
        });
    }

    /// Forgets what SET LOCAL set: the transaction has ended.
    pub fn end_transaction(&mut self) {
        let own = ["transaction_isolation", "transaction_read_only"];
        let Values { set, local, .. } = &self.0.values;
        if local.is_empty() && !own.iter().any(|name| set.contains_key(name)) {
            return;
        }
        self.change(|values| {
            values.local.clear();
            for name in own {
                values.set.remove(name);
            }
        });
    }

    /// All settings with their values, by name.
    pub fn all(&self) -> impl Iterator<Item = (&'static Definition, &str)> {
        DEFINITIONS.iter().map(|definition| (definition, self.0.values.of(definition)))
    }

    /// The settings of which a client is told.
    pub fn reported(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.all().filter(|(definition, _)| definition.reported).map(|(d, value)| (d.name, value))
    }

    /// Schemas in which names are looked for, `"$user"` replaced.
    pub fn search_path(&self, user: &str) -> Vec<String> {
        let path = self.get("search_path").unwrap_or_default();
        let names = names(path);
        names.into_iter().map(|name| if name == "$user" { user.to_owned() } else { name }).collect()
    }

    /// The statement's time limit in milliseconds.
    pub fn statement_timeout_ms(&self) -> Option<u64> {
        self.0.often.statement_timeout_ms
    }

    /// How long a block may be left idle, in milliseconds.
    pub fn idle_in_transaction_timeout_ms(&self) -> Option<u64> {
        self.0.often.idle_in_transaction_timeout_ms
    }

    /// The zone in which times are written and read.
    pub fn zone(&self) -> Zone {
        self.0.often.zone
    }

    /// Whether new transactions are READ COMMITTED.
    pub fn begins_read_committed(&self) -> bool {
        self.0.often.begins_read_committed
    }
}

/// The names in a list such as `"$user", public`, folded as PostgreSQL folds them.
pub fn names(list: &str) -> Vec<String> {
    let mut found = vec![];
    let mut characters = list.chars().peekable();
    let mut name = String::new();
    let mut quoted = false;
    while let Some(c) = characters.next() {
        match c {
            '"' if quoted && characters.peek() == Some(&'"') => {
                characters.next();
                name.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => found.push(std::mem::take(&mut name)),
            c if !quoted && c.is_whitespace() => {}
            c if quoted => name.push(c),
            c => name.push(c.to_ascii_lowercase()),
        }
    }
    found.push(name);
    found.retain(|name| !name.is_empty());
    found
}

fn unknown(name: &str) -> Error {
    Error::new("42704", format!("unrecognized configuration parameter \"{name}\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_local_value_ends_with_its_transaction() {
        let mut settings = Settings::default();
        settings.set("timezone", "Europe/Berlin", Span::Session).unwrap();
        settings.set("timezone", "Asia/Tokyo", Span::Local).unwrap();
        assert_eq!(settings.get("TIMEZONE").unwrap(), "Asia/Tokyo");
        settings.end_transaction();
        assert_eq!(settings.get("TimeZone").unwrap(), "Europe/Berlin");
        settings.reset("timezone").unwrap();
        assert_eq!(settings.get("TimeZone").unwrap(), "UTC");
    }

    #[test]
    fn what_is_asked_often_follows_each_change() {
        let mut settings = Settings::default();
        let often = |settings: &Settings| {
            let zone = settings.zone().to_string();
            (zone, settings.statement_timeout_ms(), settings.begins_read_committed())
        };
        assert_eq!(often(&settings), ("UTC".to_owned(), None, true));
        settings.set("timezone", "Asia/Tokyo", Span::Start).unwrap();
        settings.set("statement_timeout", "2s", Span::Local).unwrap();
        settings.set("default_transaction_isolation", "serializable", Span::Session).unwrap();
        assert_eq!(often(&settings), ("Asia/Tokyo".to_owned(), Some(2_000), false));
        settings.end_transaction();
        assert_eq!(often(&settings), ("Asia/Tokyo".to_owned(), None, false));
        settings.reset_all();
        assert_eq!(often(&settings), ("Asia/Tokyo".to_owned(), None, true));
    }

    #[test]
    fn a_clone_is_the_same_until_one_changes() {
        let mut settings = Settings::default();
        let kept = settings.clone();
        settings.end_transaction();
        assert!(settings.is(&kept));
        settings.set("timezone", "Asia/Tokyo", Span::Local).unwrap();
        assert!(!settings.is(&kept));
        assert_eq!(kept.get("TimeZone").unwrap(), "UTC");
    }

    #[test]
    fn the_user_stands_for_itself_in_the_search_path() {
        let mut settings = Settings::default();
        assert_eq!(settings.search_path("ada"), ["ada", "public"]);
        settings.set("search_path", "Sales, \"My, \"\"own\"", Span::Session).unwrap();
        assert_eq!(settings.search_path("ada"), ["sales", "My, \"own"]);
    }

    #[test]
    fn an_unknown_setting_is_42704() {
        assert_eq!(Settings::default().get("sails").unwrap_err().code(), "42704");
    }
}
