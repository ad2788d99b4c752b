//! The values of all settings in one session.
//!
//! SET LOCAL lies over SET, which lies over the session's start. What ROLLBACK takes
//! back is the caller's affair: clones share their values until one of them changes.
use std::collections::BTreeMap;
use std::sync::Arc;

use super::{DEFINITIONS, Definition, Kind};
use crate::{Error, Result};

/// Values of settings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings(Arc<Values>);

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Values {
    /// What the session began with, where it is not the default.
    start: BTreeMap<&'static str, String>,
    /// By SET.
    set: BTreeMap<&'static str, String>,
    /// By SET LOCAL, until the transaction ends.
    local: BTreeMap<&'static str, String>,
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

impl Settings {
    /// The value of a setting; 42704 where there is none of this name.
    pub fn get(&self, name: &str) -> Result<&str> {
        let definition = Definition::find(name).ok_or_else(|| unknown(name))?;
        Ok(self.value(definition))
    }

    /// Whether nothing has changed since one of the two was cloned from the other.
    pub fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// The value of a setting that is known to exist.
    fn value<'a>(&'a self, definition: &'static Definition) -> &'a str {
        let name = definition.name;
        let given = self.0.local.get(name).or(self.0.set.get(name)).or(self.0.start.get(name));
        given.map_or(definition.default, String::as_str)
    }

    /// Sets a value; 42704, 22023 or 55P02 where that cannot be.
    pub fn set(&mut self, name: &str, value: &str, span: Span) -> Result<()> {
        let definition = Definition::find(name).ok_or_else(|| unknown(name))?;
        let value = definition.check(value)?;
        let values = Arc::make_mut(&mut self.0);
        match span {
            Span::Start => values.start.insert(definition.name, value),
            Span::Local => values.local.insert(definition.name, value),
            Span::Session => {
                values.local.remove(definition.name);
                values.set.insert(definition.name, value)
            }
        };
        Ok(())
    }

    /// Returns a setting to what the session began with.
    pub fn reset(&mut self, name: &str) -> Result<()> {
        let definition = Definition::find(name).ok_or_else(|| unknown(name))?;
        if definition.kind == Kind::Fixed {
            let message = format!("parameter \"{}\" cannot be changed", definition.name);
            return Err(Error::new("55P02", message));
        }
        let values = Arc::make_mut(&mut self.0);
        values.set.remove(definition.name);
        values.local.remove(definition.name);
        Ok(())
    }

    /// Returns all settings to what the session began with.
    pub fn reset_all(&mut self) {
        let values = Arc::make_mut(&mut self.0);
        values.set.clear();
        values.local.clear();
    }

    /// Forgets what SET LOCAL set: the transaction has ended.
    pub fn end_transaction(&mut self) {
        let own = ["transaction_isolation", "transaction_read_only"];
        if self.0.local.is_empty() && !own.iter().any(|name| self.0.set.contains_key(name)) {
            return;
        }
        let values = Arc::make_mut(&mut self.0);
        values.local.clear();
        for name in own {
            values.set.remove(name);
        }
    }

    /// All settings with their values, by name.
    pub fn all(&self) -> impl Iterator<Item = (&'static Definition, &str)> {
        DEFINITIONS.iter().map(|definition| (definition, self.value(definition)))
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
        self.duration_ms("statement_timeout")
    }

    /// How long a block may be left idle, in milliseconds.
    pub fn idle_in_transaction_timeout_ms(&self) -> Option<u64> {
        self.duration_ms("idle_in_transaction_session_timeout")
    }

    fn duration_ms(&self, name: &str) -> Option<u64> {
        let millis = super::definition::duration(self.get(name).ok()?)?;
        (millis > 0).then_some(millis)
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
