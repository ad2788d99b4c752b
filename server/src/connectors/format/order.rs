//! Which field of a file's records each column stands in.
//!
//! Without a header columns stand as they are declared, and a record has no other fields. A
//! header names the fields: each column is found by its name, to the letter or else in letters of
//! either case, and further fields are passed over. A header that lacks a column, or names it
//! twice, is an error, for then nothing in the file can be told apart.
use sql::Error;
use sql::statement::copy::Record;

/// The most characters of a header in an error.
const SHOWN_CHARACTERS_MAX: usize = 200;

/// The fields of a file's records.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Order {
    names: Vec<String>,
    /// For each column, the number of its field.
    fields: Vec<usize>,
}

impl Order {
    /// The columns themselves.
    pub(super) fn declared(columns: &[&str]) -> Self {
        let names = columns.iter().map(|name| (*name).to_owned()).collect();
        Self { names, fields: (0..columns.len()).collect() }
    }

    /// The columns as the header of a file names them.
    ///
    /// # Errors
    /// 22P04 if it names one of them not at all or twice.
    pub(super) fn named(header: &Record<'_>, columns: &[&str], file: &str) -> sql::Result<Self> {
        let names: Vec<String> =
            header.fields().map(|name| name.unwrap_or_default().trim().to_owned()).collect();
        let found = |column: &str, is: fn(&str, &str) -> bool| -> Vec<usize> {
            let fields = names.iter().enumerate().filter(|(_, name)| is(name, column));
            fields.map(|(field, _)| field).collect()
        };
        let mut fields = vec![];
        for column in columns {
            let mut places = found(column, |name, column| name == column);
            if places.is_empty() {
                places = found(column, str::eq_ignore_ascii_case);
            }
            let wrong = |what: &str| {
                let message = format!("the header of {file} names {what} column \"{column}\"");
                Error::new("22P04", format!("{message}: it is {}", shown(&names)))
            };
            match places.as_slice() {
                [field] => fields.push(*field),
                [] => return Err(wrong("no")),
                _ => return Err(wrong("more than one")),
            }
        }
        Ok(Self { names, fields })
    }

    /// How many fields a record has.
    pub(super) fn width(&self) -> usize {
        self.names.len()
    }

    /// The field that a column stands in.
    pub(super) fn field(&self, column: usize) -> usize {
        self.fields.get(column).copied().unwrap_or(column)
    }

    /// The name of a field.
    pub(super) fn name(&self, field: usize) -> &str {
        self.names.get(field).map_or("", String::as_str)
    }
}

fn shown(names: &[String]) -> String {
    let all = names.join(", ");
    match all.char_indices().nth(SHOWN_CHARACTERS_MAX) {
        Some((end, _)) => format!("{}…", all.get(..end).unwrap_or_default()),
        None => all,
    }
}
