//! The format of copied data: which of PostgreSQL's two, with its characters.
use crate::parser::{CopyOption, OptionValue};
use crate::{Error, Result};

/// How lines and fields are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Format {
    /// Whether it is CSV; else PostgreSQL's text format.
    pub csv: bool,
    /// Between fields.
    pub delimiter: u8,
    /// What stands for NULL.
    pub null: String,
    /// Whether the first line names the columns.
    pub header: Header,
    /// Around fields of CSV.
    pub quote: u8,
    /// Before a quote within quotes of CSV.
    pub escape: u8,
    /// CSV out: columns that are always quoted.
    pub force_quote: Columns,
    /// CSV in: columns in which the unquoted NULL text is no NULL.
    pub force_not_null: Columns,
    /// CSV in: columns in which the quoted NULL text is NULL too.
    pub force_null: Columns,
}

/// What the first line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Header {
    /// Data.
    None,
    /// Names, which are not looked at.
    Skip,
    /// Names, which must be the columns'.
    Match,
}

/// Columns of the statement's list, by number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Columns {
    /// All of them.
    All,
    /// These.
    Some(Vec<usize>),
}

impl Columns {
    /// Whether the column is among them.
    pub fn has(&self, column: usize) -> bool {
        match self {
            Columns::All => true,
            Columns::Some(columns) => columns.contains(&column),
        }
    }
}

impl Format {
    /// PostgreSQL's text format.
    pub fn text() -> Self {
        Self {
            csv: false,
            delimiter: b'\t',
            null: "\\N".to_owned(),
            header: Header::None,
            quote: b'"',
            escape: b'"',
            force_quote: Columns::Some(vec![]),
            force_not_null: Columns::Some(vec![]),
            force_null: Columns::Some(vec![]),
        }
    }

    /// CSV.
    pub fn csv() -> Self {
        Self { csv: true, delimiter: b',', null: String::new(), ..Self::text() }
    }

    /// The format that a statement's options ask for, over the columns it names.
    pub fn of(options: &[CopyOption], columns: &[String], reads: bool) -> Result<Self> {
        for (at, option) in options.iter().enumerate() {
            if options.iter().take(at).any(|other| other.name == option.name) {
                return Err(Error::new("42601", "conflicting or redundant options"));
            }
        }
        let named = |name: &str| options.iter().find(|option| option.name == name);
        let mut format = match named("format").map(CopyOption::text).transpose()?.as_deref() {
            None | Some("text") => Self::text(),
            Some("csv") => Self::csv(),
            Some("binary") => {
                return Err(Error::unsupported("COPY in binary format")
                    .with_hint("Use FORMAT text or FORMAT csv."));
            }
            Some(other) => {
                let message = format!("COPY format \"{other}\" not recognized");
                return Err(Error::new("22023", message));
            }
        };
        for option in options {
            format.take(option, columns)?;
        }
        if named("quote").is_some() && named("escape").is_none() {
            format.escape = format.quote;
        }
        format.check(options, reads)?;
        Ok(format)
    }

    /// The format of a source's files: `None` where it is none of COPY's. Options of other
    /// formats are refused (22023).
    pub fn of_source(options: &[(String, String)]) -> Result<Option<Self>> {
        const CHARACTERS: [&str; 5] = ["header", "delimiter", "quote", "escape", "null"];
        let named = |name: &str| options.iter().find(|option| option.0 == name);
        if named("format").is_none_or(|option| option.1 != "csv") {
            let foreign = options.iter().find(|(name, _)| CHARACTERS.contains(&name.as_str()));
            return match foreign {
                Some((name, _)) => {
                    let message = format!("option \"{name}\" is available only in CSV format");
                    Err(Error::new("22023", message))
                }
                None => Ok(None),
            };
        }
        let own = options
            .iter()
            .filter(|(name, _)| name == "format" || CHARACTERS.contains(&name.as_str()));
        let own: Vec<CopyOption> = own
            .map(|(name, value)| CopyOption {
                name: name.clone(),
                value: OptionValue::Text(value.clone()),
            })
            .collect();
        Self::of(&own, &[], true).map(Some)
    }

    fn take(&mut self, option: &CopyOption, columns: &[String]) -> Result<()> {
        match option.name.as_str() {
            "format" => {}
            "freeze" => {
                option.boolean()?;
            }
            "delimiter" => self.delimiter = option.byte()?,
            "quote" => self.quote = option.byte()?,
            "escape" => self.escape = option.byte()?,
            "null" => {
                self.null = option.text()?;
                if self.null.contains(['\n', '\r']) {
                    let message = "COPY null representation cannot use newline or carriage return";
                    return Err(Error::new("22023", message));
                }
            }
            "header" => {
                self.header = match &option.value {
                    OptionValue::Text(text) if text.eq_ignore_ascii_case("match") => Header::Match,
                    _ if option.boolean()? => Header::Skip,
                    _ => Header::None,
                }
            }
            "encoding" => {
                let name = option.text()?.to_ascii_lowercase().replace(['-', '_'], "");
                if name != "utf8" {
                    return Err(Error::unsupported("an ENCODING other than UTF8"));
                }
            }
            "force_quote" => self.force_quote = option.columns(columns)?,
            "force_not_null" => self.force_not_null = option.columns(columns)?,
            "force_null" => self.force_null = option.columns(columns)?,
            other => {
                return Err(Error::new("42601", format!("option \"{other}\" not recognized")));
            }
        }
        Ok(())
    }

    fn check(&self, options: &[CopyOption], reads: bool) -> Result<()> {
        let invalid = |message: &str| Err(Error::new("22023", message));
        let has = |name: &str| options.iter().any(|option| option.name == name);
        for name in ["quote", "escape", "force_quote", "force_not_null", "force_null"] {
            if has(name) && !self.csv {
                let words = name.replace('_', " ");
                let message = format!("COPY {words} available only in CSV mode");
                return Err(Error::new("0A000", message));
            }
        }
        if has("force_quote") && reads {
            return Err(Error::new("0A000", "COPY force quote only available using COPY TO"));
        }
        for name in ["force_not_null", "force_null"] {
            if has(name) && !reads {
                let words = name.replace('_', " ");
                let message = format!("COPY {words} only available using COPY FROM");
                return Err(Error::new("0A000", message));
            }
        }
        if !reads && self.header == Header::Match {
            return invalid("cannot use \"match\" with HEADER in COPY TO");
        }
        if matches!(self.delimiter, b'\n' | b'\r') {
            return invalid("COPY delimiter cannot be newline or carriage return");
        }
        if !self.csv && b"\\.abcdefghijklmnopqrstuvwxyz0123456789".contains(&self.delimiter) {
            let delimiter = char::from(self.delimiter);
            return invalid(&format!("COPY delimiter cannot be \"{delimiter}\""));
        }
        if self.csv && self.delimiter == self.quote {
            return invalid("COPY delimiter and quote must be different");
        }
        if self.null.as_bytes().contains(&self.delimiter) {
            return invalid("COPY delimiter must not appear in the NULL specification");
        }
        if self.csv && self.null.as_bytes().contains(&self.quote) {
            return invalid("CSV quote character must not appear in the NULL specification");
        }
        Ok(())
    }
}

impl CopyOption {
    fn text(&self) -> Result<String> {
        match &self.value {
            OptionValue::Text(text) => Ok(text.clone()),
            _ => Err(Error::new("42601", format!("{} requires a parameter", self.name))),
        }
    }

    fn boolean(&self) -> Result<bool> {
        let OptionValue::Text(text) = &self.value else { return Ok(true) };
        match text.to_ascii_lowercase().as_str() {
            "true" | "on" | "1" => Ok(true),
            "false" | "off" | "0" => Ok(false),
            _ => Err(Error::new("42601", format!("{} requires a Boolean value", self.name))),
        }
    }

    fn byte(&self) -> Result<u8> {
        match self.text()?.as_bytes() {
            [byte] => Ok(*byte),
            _ => Err(Error::new(
                "0A000",
                format!("COPY {} must be a single one-byte character", self.name),
            )),
        }
    }

    fn columns(&self, columns: &[String]) -> Result<Columns> {
        let names = match &self.value {
            OptionValue::All => return Ok(Columns::All),
            OptionValue::Names(names) => names,
            _ => {
                let message =
                    format!("argument to option \"{}\" must be a list of column names", self.name);
                return Err(Error::new("22023", message));
            }
        };
        let number = |name: &String| {
            columns.iter().position(|column| column == name).ok_or_else(|| {
                let message = format!("column \"{name}\" not referenced by COPY");
                Error::new("42P10", message)
            })
        };
        Ok(Columns::Some(names.iter().map(number).collect::<Result<_>>()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(options: &[(&str, &str)], expected: &str) {
        let options: Vec<CopyOption> = options
            .iter()
            .map(|(name, value)| CopyOption {
                name: (*name).to_owned(),
                value: OptionValue::Text((*value).to_owned()),
            })
            .collect();
        let got = Format::of(&options, &["a".to_owned()], true);
        let got = got.map_or_else(|error| error.code().to_owned(), |_| "ok".to_owned());
        assert_eq!(got, expected, "{options:?}");
    }

    #[test]
    fn options_that_stand_against_one_another_are_refused() {
        check(&[("format", "csv"), ("delimiter", ";")], "ok");
        check(&[("format", "csv"), ("format", "csv")], "42601");
        check(&[("format", "parquet")], "22023");
        check(&[("format", "binary")], "0A000");
        check(&[("quote", "'")], "0A000");
        check(&[("delimiter", "ab")], "0A000");
        check(&[("delimiter", "a")], "22023");
        check(&[("delimiter", "\n")], "22023");
        check(&[("format", "csv"), ("quote", ",")], "22023");
        check(&[("format", "csv"), ("null", "a,b")], "22023");
        check(&[("header", "match")], "ok");
        check(&[("header", "perhaps")], "42601");
        check(&[("encoding", "latin1")], "0A000");
        check(&[("sails", "5")], "42601");
    }
}
