//! What connectors there are: their options, as plain data that the server registers.
//!
//! Options are checked here, so that a wrong CREATE SOURCE fails at once; what an option
//! does is the connector's affair, which this crate never sees.
use crate::{Error, Result};

/// A connector that CREATE SOURCE can name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connector {
    /// What `connector = '…'` says.
    pub name: String,
    /// The options it takes, those of its formats included.
    pub options: Vec<ConnectorOption>,
}

/// An option of a connector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectorOption {
    /// Its name in lower case.
    pub name: String,
    /// Which values it takes.
    pub kind: OptionKind,
    /// Whether it must be given.
    pub required: bool,
    /// One line about it, for the hint of an error.
    pub description: String,
}

/// Which values an option takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OptionKind {
    /// Any text.
    Text,
    /// true or false.
    Bool,
    /// The path of a file, from the root.
    Path,
    /// One character of one byte.
    Byte,
    /// A whole number within bounds.
    Integer(i64, i64),
    /// One of these words.
    Choice(Vec<String>),
}

/// All connectors.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Connectors(pub Vec<Connector>);

impl Connectors {
    /// Checks the options of a CREATE SOURCE: 42601 where `connector` is missing, 42704
    /// where there is none of this name, 22023 for an option that is unknown, missing or wrong.
    pub fn check(&self, options: &[(String, String)]) -> Result<()> {
        let names = || self.0.iter().map(|known| known.name.as_str()).collect::<Vec<_>>();
        let hint = || format!("Connectors are: {}.", names().join(", "));
        let Some((_, name)) = options.iter().find(|(name, _)| name == "connector") else {
            return Err(
                Error::new("42601", "a source needs the option \"connector\"").with_hint(hint())
            );
        };
        let Some(connector) = self.0.iter().find(|known| known.name == *name) else {
            return Err(Error::new("42704", format!("connector \"{name}\" does not exist"))
                .with_hint(hint()));
        };
        for (at, (name, value)) in options.iter().enumerate() {
            if options.iter().take(at).any(|(other, _)| other == name) {
                let message = format!("option \"{name}\" specified more than once");
                return Err(Error::new("42601", message));
            }
            if name != "connector" {
                connector.check(name, value)?;
            }
        }
        connector.check_required(options)
    }
}

impl Connector {
    fn check(&self, name: &str, value: &str) -> Result<()> {
        let Some(option) = self.options.iter().find(|option| option.name == name) else {
            let known: Vec<&str> = self.options.iter().map(|option| option.name.as_str()).collect();
            let message = format!("connector \"{}\" has no option \"{name}\"", self.name);
            return Err(Error::new("22023", message)
                .with_hint(format!("Its options are: {}.", known.join(", "))));
        };
        let wrong = |wanted: String| {
            Err(Error::new("22023", format!("invalid value for option \"{name}\": \"{value}\""))
                .with_hint(wanted))
        };
        match &option.kind {
            OptionKind::Text => Ok(()),
            OptionKind::Path if value.starts_with('/') && !value.contains('\0') => Ok(()),
            OptionKind::Path => {
                wrong("It is a path from the root, such as /data/x.csv.".to_owned())
            }
            OptionKind::Byte if value.len() == 1 => Ok(()),
            OptionKind::Byte => wrong("It is one character of one byte.".to_owned()),
            OptionKind::Bool if matches!(value, "true" | "false") => Ok(()),
            OptionKind::Bool => wrong("It is true or false.".to_owned()),
            OptionKind::Integer(least, most) => match value.parse::<i64>() {
                Ok(number) if (*least..=*most).contains(&number) => Ok(()),
                _ => wrong(format!("It is a whole number from {least} to {most}.")),
            },
            OptionKind::Choice(words) if words.iter().any(|word| word == value) => Ok(()),
            OptionKind::Choice(words) => wrong(format!("It is one of: {}.", words.join(", "))),
        }
    }

    fn check_required(&self, options: &[(String, String)]) -> Result<()> {
        let given = |option: &&ConnectorOption| {
            !option.required || options.iter().any(|(name, _)| *name == option.name)
        };
        match self.options.iter().find(|option| !given(option)) {
            None => Ok(()),
            Some(missing) => {
                let message =
                    format!("connector \"{}\" needs the option \"{}\"", self.name, missing.name);
                Err(Error::new("22023", message).with_hint(missing.description.clone()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(options: &[(&str, &str)], expected: &str) {
        let option = |name: &str, kind, required| ConnectorOption {
            name: name.to_owned(),
            kind,
            required,
            description: String::new(),
        };
        let connectors = Connectors(vec![Connector {
            name: "file".to_owned(),
            options: vec![
                option("path", OptionKind::Text, true),
                option("follow", OptionKind::Bool, false),
                option("quote", OptionKind::Byte, false),
                option("log", OptionKind::Path, false),
                option("skip", OptionKind::Integer(0, 9), false),
                option("format", OptionKind::Choice(vec!["csv".to_owned()]), false),
            ],
        }]);
        let options: Vec<(String, String)> =
            options.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        let got = connectors.check(&options);
        assert_eq!(got.map_or_else(|error| error.code(), |()| "ok"), expected, "{options:?}");
    }

    #[test]
    fn options_are_checked_against_the_connector() {
        check(&[("connector", "file"), ("path", "/x")], "ok");
        check(&[("path", "/x")], "42601");
        check(&[("connector", "pigeon")], "42704");
        check(&[("connector", "file")], "22023");
        check(&[("connector", "file"), ("path", "/x"), ("colour", "red")], "22023");
        check(&[("connector", "file"), ("path", "/x"), ("follow", "perhaps")], "22023");
        check(&[("connector", "file"), ("path", "/x"), ("skip", "10")], "22023");
        check(&[("connector", "file"), ("path", "/x"), ("quote", "'"), ("log", "/y")], "ok");
        check(&[("connector", "file"), ("path", "/x"), ("quote", "''")], "22023");
        check(&[("connector", "file"), ("path", "/x"), ("quote", "é")], "22023");
        check(&[("connector", "file"), ("path", "/x"), ("log", "y")], "22023");
        check(&[("connector", "file"), ("path", "/x"), ("format", "xml")], "22023");
        check(&[("connector", "file"), ("path", "/x"), ("path", "/y")], "42601");
    }
}
